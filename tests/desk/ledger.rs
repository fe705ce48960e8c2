//! The ledger of retries: each of its counts opens as many rows, whatever happened since.

use std::collections::BTreeMap;

use error_desk::domain::{
    DatasetId, Filter, RecordState, RequestId, RequestKind, Retried, RetryResult,
};
use error_desk::protocol::{Call, LedgerDoors, LedgerParams, LedgerTally, LedgerView};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::harness::Desk;
use crate::run_sheets::Dice;
use crate::{entity, one};

/// An error: id, key, day, message.
type Error = (u32, u32, u32, &'static str);

const TEXTS: [&str; 2] = ["The row was locked by another process", "The server was busy"];

fn dump(errors: &[Error]) -> String {
    let mut text = String::from("id,occurred_at,job,entity,company,category,record_key,message\n");
    for (id, key, day, message) in errors {
        let entity = if key.is_multiple_of(2) { "Customers V3" } else { "Vendors V2" };
        text.push_str(&format!(
            "{id:08x}-0000-4000-8000-000000000000,2026-01-{day:02}T08:00:00Z,Sales,{entity},usmf,System,K-{key},{message}\n"
        ));
    }
    text
}

fn check(desk: &Desk, tally: &LedgerTally, doors: &LedgerDoors) {
    let counted = [
        (tally.cleared, &doors.cleared),
        (tally.same_error, &doors.same_error),
        (tally.different_error, &doors.different_error),
        (tally.unproven, &doors.unproven),
    ];
    for (count, door) in counted {
        assert_eq!(desk.count(door.clone()), count, "{door}");
        assert_eq!(
            desk.rows(door.clone(), None, 0, 1_000).expect("rows").rows.len(),
            count,
            "{door}"
        );
    }
    assert_eq!(doors.sent.is_some(), tally.gone == 0);
    if let Some(door) = &doors.sent {
        assert_eq!(desk.count(door.clone()), tally.sent, "{door}");
    }
    let sum =
        tally.cleared + tally.same_error + tally.different_error + tally.unproven + tally.gone;
    assert_eq!(sum, tally.sent);
}

fn check_all(desk: &Desk, params: &LedgerParams) -> LedgerView {
    let view = desk.retry_ledger(params.clone()).expect("a ledger");
    for request in &view.requests {
        check(desk, &request.result, &request.doors);
    }
    for cause in &view.causes {
        check(desk, &cause.result, &cause.doors);
    }
    view
}

#[test]
fn every_count_of_the_ledger_opens_its_rows() {
    block_on(async {
        let mut dice = Dice(11);
        for _ in 0..8 {
            let store = MemoryStore::new();
            let desk = Desk::open(&store).await;
            let errors: Vec<Error> =
                (1..60).map(|key| (key, key, 2, TEXTS[key as usize % 3 / 2])).collect();
            desk.import("a.csv", &dump(&errors)).await.unwrap();
            desk.submit(one(RequestKind::Retry, "Sales", entity("Customers V3"))).await.unwrap();
            desk.finish().await;
            check_all(&desk, &LedgerParams::default());
            desk.clock.pass(1_000);
            let later: Vec<Error> = errors
                .iter()
                .filter_map(|(id, key, _, text)| match dice.below(4) {
                    0 => None,
                    1 => Some((*id, *key, 2, *text)),
                    2 => Some((id + 500, *key, 4, *text)),
                    _ => Some((id + 500, *key, 4, "Something else: no such currency")),
                })
                .collect();
            desk.import("b.csv", &dump(&later)).await.unwrap();
            // What is left is sent again, in part the same records, and is not proven yet.
            desk.clock.pass(1_000);
            let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
            let again = Filter { states: vec![RecordState::Open], ..all.clone() };
            desk.submit(one(RequestKind::Retry, "Sales", again)).await.unwrap();
            desk.finish().await;
            let view = check_all(&desk, &LedgerParams::default());
            let unproven: usize = view.causes.iter().map(|cause| cause.result.unproven).sum();
            assert_eq!(unproven, view.requests[1].result.sent);
            for request_ids in [Some(vec![RequestId(1)]), Some(vec![RequestId(2), RequestId(1)])] {
                check_all(&desk, &LedgerParams { request_ids, after: Some(DatasetId(2)) });
            }
            // Some are dismissed: they cannot be opened, and no other count says otherwise.
            let gone = Filter { text: Some("busy".into()), ..all };
            desk.submit(one(RequestKind::Dismiss, "Sales", gone)).await.unwrap();
            desk.finish().await;
            let view = check_all(&desk, &LedgerParams::default());
            assert!(view.requests.iter().any(|request| request.result.gone > 0));
            // After a start a door waits for what it needs.
            let door = view.requests[0].doors.same_error.clone();
            let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
            desk.prepare(&Call::Count(door.clone())).await;
            assert_eq!(desk.count(door), view.requests[0].result.same_error);
        }
    });
}

#[test]
fn a_record_that_was_sent_twice_is_what_its_last_retry_made_it() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        // Application failures stay, so that they can be sent again.
        let text = |ids: std::ops::Range<u32>| {
            let errors: Vec<Error> = ids.map(|id| (id, id, 2, TEXTS[0])).collect();
            dump(&errors).replace("System", "Application")
        };
        desk.import("a.csv", &text(1..9)).await.unwrap();
        for round in 0..2 {
            let again = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
            desk.submit(one(RequestKind::Retry, "Sales", again)).await.unwrap();
            desk.finish().await;
            desk.clock.pass(1_000);
            // Of eight four are left the first time; nothing was opened since the second.
            if round == 0 {
                desk.import("b.csv", &text(1..5)).await.unwrap();
                desk.clock.pass(1_000);
            }
        }
        let view = check_all(&desk, &LedgerParams::default());
        let tallies: Vec<_> = view
            .requests
            .iter()
            .map(|one| {
                (one.result.sent, one.result.cleared, one.result.same_error, one.result.unproven)
            })
            .collect();
        assert_eq!(tallies, [(8, 4, 4, 0), (8, 0, 0, 8)]);
        let of_causes: BTreeMap<&str, (usize, usize)> = view
            .causes
            .iter()
            .map(|one| (one.cause.as_str(), (one.result.sent, one.result.unproven)))
            .collect();
        assert_eq!(of_causes.values().copied().collect::<Vec<_>>(), [(4, 4), (4, 4)]);
        let first = Retried {
            requests: vec![RequestId(1)],
            after: None,
            result: Some(RetryResult::Cleared),
        };
        let door =
            Filter { states: RecordState::ALL.to_vec(), retried: Some(first), ..Filter::default() };
        assert_eq!(desk.count(door.clone()), 4);
        assert!(door.to_string().ends_with("retried by request 1: cleared"));
        let json = serde_json::to_value(&view.requests[0].doors.cleared).unwrap();
        assert_eq!(json["retried"], serde_json::json!({ "requests": [1], "result": "cleared" }));
        assert!(serde_json::from_value::<Filter>(serde_json::json!({ "among": [1] })).is_err());
    });
}
