//! Lines of the trail about what changes nothing: when a desk that runs writes them.

use std::pin::pin;

use error_desk::domain::{Filter, RequestKind, RequestState};
use error_desk::protocol::{Code, ConfigureParams, ExportFormat, PlanParams, SubmitParams};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::{Clock, StoreError};
use futures_executor::block_on;
use futures_util::future::select;

use crate::harness::{Desk, csv};
use crate::outside::turn_of_others;
use crate::{all_of, entity, one};

/// A desk that runs and has nothing left to do, while somebody asks. Its journal is whole afterwards.
fn running(asking: impl AsyncFnOnce(&MemoryStore, &Desk)) {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(40)).await.expect("a dump");
        let asking = async {
            while !desk.is_prepared() {
                turn_of_others().await;
            }
            turns().await;
            asking(&store, &desk).await;
        };
        select(pin!(desk.run()), pin!(asking)).await;
        let desk = Desk::open(&store.reopen()).await;
        let check = desk.verify_journal(None).await.expect("a journal");
        assert_eq!(check.broken, None);
    });
}

async fn turns() {
    for _ in 0..4 {
        turn_of_others().await;
    }
}

async fn plan(desk: &Desk) -> u64 {
    let plan = PlanParams::of(RequestKind::Retry, Filter::default());
    desk.plan(plan).await.expect("a plan").plan_id
}

async fn events(desk: &Desk) -> Vec<String> {
    let page = desk.journal(0, 100).await.expect("a journal");
    page.entries.into_iter().map(|entry| entry.event).collect()
}

#[test]
fn the_line_of_a_plan_goes_with_its_submission() {
    running(async |store, desk| {
        let before = store.writes();
        let plan_id = plan(desk).await;
        turn_of_others().await;
        assert_eq!(store.writes(), before, "the line waits");
        let submission = SubmitParams { plan_id: Some(plan_id), ..SubmitParams::default() };
        desk.submit(submission).await.expect("taken");
        assert_eq!(store.writes(), before + 1, "the line and the submission");
        let events = events(desk).await;
        let at = events.iter().position(|event| event == "planned").expect("a line");
        assert_eq!(events[at + 1], "submitted");
    });
}

#[test]
fn the_line_of_a_plan_that_nobody_submits_is_written_soon() {
    running(async |store, desk| {
        let (before, began) = (store.writes(), desk.clock.now());
        let waited = || desk.clock.now().millis() - began.millis();
        plan(desk).await;
        turns().await;
        assert_eq!(store.writes(), before + 1);
        assert!((250..260).contains(&waited()), "{} ms", waited());
        desk.export(all_of(Filter::default(), ExportFormat::Csv)).await.expect("a file");
        turn_of_others().await;
        assert_eq!(store.writes(), before + 2, "what is carried off is told at once");
        assert!(waited() < 260, "{} ms", waited());
    });
}

#[test]
fn the_line_of_a_plan_waits_for_no_request_that_is_held() {
    running(async |store, desk| {
        let held = ConfigureParams { dismiss_hold_seconds: Some(10), ..ConfigureParams::default() };
        desk.configure(held).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        plan(desk).await;
        desk.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        plan(desk).await;
        let before = store.writes();
        // The runner looks whether the request may go, and goes to sleep.
        turn_of_others().await;
        turn_of_others().await;
        assert_eq!(store.writes(), before + 1);
        assert_eq!(desk.requests(None).unwrap()[0].state, RequestState::Queued);
    });
}

#[test]
fn a_clock_that_is_put_back_lets_no_line_wait() {
    running(async |store, desk| {
        let before = store.writes();
        plan(desk).await;
        desk.clock.pass(-3_600_000);
        turn_of_others().await;
        assert_eq!(store.writes(), before + 1);
    });
}

#[test]
fn a_line_that_cannot_be_written_is_told_once_and_tried_when_somebody_acts() {
    running(async |store, desk| {
        store.fail_next(StoreError::Full);
        plan(desk).await;
        turns().await;
        let problems = desk.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].code, Code::StorageFull);
        // Nobody tries again and again meanwhile.
        let (before, rested) = (store.writes(), desk.clock.now());
        turns().await;
        assert_eq!((store.writes(), desk.clock.now()), (before, rested));
        plan(desk).await;
        turn_of_others().await;
        assert_eq!(store.writes(), before + 1, "both lines");
        assert_eq!(desk.problems().len(), 1);
        let planned = events(desk).await.into_iter().filter(|event| event == "planned");
        assert_eq!(planned.count(), 2);
    });
}
