//! Plans larger than the free places: what waits on the shelf, and that nothing of it is lost on the way.

use std::collections::BTreeSet;

use error_desk::domain::{Filter, JobStatus, RequestId, RequestKind, RequestState};
use error_desk::protocol::{
    Code, ConfigureParams, LimitsParams, PlanParams, PlanView, RampParams, RequestView,
    SubmitParams, Submitted,
};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use error_desk::workspace::Pause;
use futures_executor::block_on;
use serde_json::json;

use crate::harness::{Desk, csv, csv_of};
use crate::{code, entity, one};

use RequestState::{Finished, Queued, Shelved, Withdrawn};

fn all() -> PlanParams {
    PlanParams::of(RequestKind::Retry, Filter::default())
}

async fn submit(desk: &Desk, plan: &PlanView) -> Submitted {
    let params = SubmitParams { plan_id: Some(plan.plan_id), ..SubmitParams::default() };
    desk.submit(params).await.expect("a plan is taken whole")
}

async fn limit(desk: &Desk, places: usize, records: usize) {
    let limits =
        LimitsParams { requests_per_job: Some(places), records_per_request: Some(records) };
    desk.configure(ConfigureParams { limits: Some(limits), ..ConfigureParams::default() })
        .await
        .expect("limits");
}

fn requests(desk: &Desk) -> Vec<RequestView> {
    desk.requests(None).expect("requests")
}

fn states(desk: &Desk) -> Vec<RequestState> {
    requests(desk).iter().map(|request| request.state).collect()
}

/// All ids of all parts of a plan, part by part.
fn ids(desk: &Desk, plan: &PlanView) -> Vec<Vec<String>> {
    (0..plan.parts.len())
        .map(|part| desk.plan_records(plan.plan_id, part, 0, 10_000).expect("a part").ids)
        .collect()
}

#[test]
fn sixty_three_thousand_records_are_seven_requests_of_which_two_wait() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let rows = vec![("Customers V3", "System", "The server was busy"); 63_204];
        desk.import("errors.csv", &csv_of(&rows)).await.unwrap();
        let plan = desk.plan(all()).await.unwrap();
        let sizes: Vec<usize> = plan.parts.iter().map(|part| part.count).collect();
        assert_eq!(sizes, [10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 3_204]);
        let shelved: Vec<bool> = plan.parts.iter().map(|part| part.shelved).collect();
        assert_eq!(shelved, [false, false, false, false, false, true, true]);
        let parts = ids(&desk, &plan);
        let union: BTreeSet<&String> = parts.iter().flatten().collect();
        assert_eq!(union.len(), 63_204, "parts are disjoint, and together they are everything");

        assert_eq!(submit(&desk, &plan).await.request_ids.len(), 7);
        assert_eq!(states(&desk), [Queued, Queued, Queued, Queued, Queued, Shelved, Shelved]);
        let job = desk.jobs().remove(0);
        assert_eq!((job.open, job.shelved, job.limit, job.waiting), (5, 2, 5, 63_204));
        let single = desk.submit(one(RequestKind::Retry, &job.id.0, Filter::default())).await;
        assert_eq!(code(single), Code::QueueFull, "a single request is queued or refused");

        // A new life in the midst of it finds the shelf as it was.
        assert_eq!(desk.round().await, Pause::Step);
        drop(desk);
        let desk = Desk::open(&store.reopen()).await;
        assert_eq!(states(&desk)[5..], [Shelved, Shelved]);
        desk.finish().await;
        let done = requests(&desk);
        assert!(done.iter().all(|request| request.state == Finished));
        assert_eq!(done.iter().map(|request| request.cleared).sum::<usize>(), 63_204);
        assert!(done.windows(2).all(|pair| pair[0].finished_at <= pair[1].started_at));
        assert_eq!(desk.events("movedUp").await, [6, 7]);
        assert_eq!(desk.events("finished").await, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(desk.count(Filter::default()), 0);
    });
}

#[test]
fn what_waits_can_be_withdrawn_and_its_records_are_free_again() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        limit(&desk, 2, 4).await;
        desk.import("errors.csv", &csv(16)).await.unwrap();
        let dismissal = PlanParams::of(RequestKind::Dismiss, Filter::default());
        let plan = desk.plan(dismissal.clone()).await.unwrap();
        submit(&desk, &plan).await;
        assert_eq!(states(&desk), [Queued, Queued, Shelved, Shelved]);
        let dataset = desk.datasets()[0].id;
        assert_eq!(code(desk.remove_dataset(dataset).await), Code::AlreadyRequested);

        // What is held is told request by request, and left out.
        let again = desk.plan(dismissal.clone()).await.unwrap();
        let held: Vec<_> =
            again.overlap.iter().map(|one| (one.request_id.0, one.state, one.records)).collect();
        let expected =
            [(1, Queued), (2, Queued), (3, Shelved), (4, Shelved)].map(|(id, s)| (id, Some(s), 4));
        assert_eq!((again.eligible, held), (0, expected.to_vec()));

        desk.withdraw(RequestId(3)).await.unwrap();
        desk.withdraw(RequestId(1)).await.unwrap();
        assert_eq!(states(&desk), [Withdrawn, Queued, Withdrawn, Queued]);
        assert_eq!(code(desk.withdraw(RequestId(3)).await), Code::InvalidArgument);
        let rest = desk.plan(dismissal).await.unwrap();
        assert_eq!((rest.matched, rest.eligible), (16, 8));
        assert_eq!(rest.overlap.iter().map(|one| one.records).sum::<usize>(), 8);
    });
}

#[test]
fn a_stopped_job_keeps_its_shelf_and_more_places_are_taken_at_once() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        limit(&desk, 2, 2).await;
        desk.import("errors.csv", &csv(20)).await.unwrap();
        let plan =
            desk.plan(PlanParams::of(RequestKind::Dismiss, Filter::default())).await.unwrap();
        submit(&desk, &plan).await;
        let job = desk.jobs()[0].id.clone();
        desk.set_job_status(job.clone(), JobStatus::stopped()).await.unwrap();
        desk.withdraw(RequestId(1)).await.unwrap();
        desk.idle(None).await.unwrap();
        let desk = Desk::open(&store.reopen()).await;
        assert_eq!(states(&desk)[..3], [Withdrawn, Queued, Shelved], "nothing moves up meanwhile");
        desk.set_job_status(job, JobStatus::Active).await.unwrap();
        assert_eq!(states(&desk)[..4], [Withdrawn, Queued, Queued, Shelved]);
        limit(&desk, 5, 2).await;
        assert_eq!(desk.jobs()[0].open, 5);
        desk.finish().await;
        assert_eq!(desk.events("movedUp").await, [3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(desk.count(Filter::default()), 2, "those of the request that was withdrawn");
    });
}

#[test]
fn a_crash_at_any_write_loses_nothing_of_the_shelf() {
    block_on(async {
        let mut outcomes = BTreeSet::new();
        let mut crashes = 0;
        for writes in 0..20 {
            for fault in [Fault::CrashBefore, Fault::CrashAfter] {
                let store = MemoryStore::new();
                let desk = Desk::open(&store).await;
                limit(&desk, 2, 3).await;
                desk.import("errors.csv", &csv(20)).await.unwrap();
                let plan = desk.plan(all()).await.unwrap();
                submit(&desk, &plan).await;
                store.plan_fault(FaultPlan::new(writes, fault));
                desk.finish().await;
                crashes += usize::from(store.is_crashed());
                let desk = Desk::open(&store.reopen()).await;
                desk.finish().await;
                assert!(states(&desk).iter().all(|state| *state == Finished));
                outcomes.insert(desk.outcome());
            }
        }
        assert!(crashes > 20, "it died {crashes} times");
        assert_eq!(outcomes.len(), 1, "what comes of it does not depend on where it died");
    });
}

#[test]
fn a_bundle_takes_the_shelf_along() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        limit(&desk, 1, 4).await;
        desk.import("errors.csv", &csv(20)).await.unwrap();
        let ramped = PlanParams { ramp: Some(RampParams { threshold: Some(100) }), ..all() };
        let plan = desk.plan(ramped).await.unwrap();
        submit(&desk, &plan).await;
        let mut bundle = Vec::new();
        desk.export_bundle(|bytes| {
            bundle.extend_from_slice(bytes);
            Ok(())
        })
        .await
        .unwrap();
        let other = Desk::open(&MemoryStore::new()).await;
        other.import_bundle(crate::harness::file(&bundle)).await.unwrap();
        let told = |desk: &Desk| format!("{:?}", requests(desk));
        assert_eq!(told(&other), told(&desk));
        other.finish().await;
        desk.finish().await;
        assert_eq!(other.outcome(), desk.outcome());
    });
}

#[test]
fn later_imports_never_alter_a_request() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        limit(&desk, 1, 6).await;
        desk.import("errors.csv", &csv(20)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let plan =
            desk.plan(PlanParams::of(RequestKind::Dismiss, entity("Vendors V2"))).await.unwrap();
        let frozen: Vec<String> = ids(&desk, &plan).concat();
        submit(&desk, &plan).await;
        desk.set_job_status(job.clone(), JobStatus::stopped()).await.unwrap();
        let before: Vec<_> =
            requests(&desk).into_iter().map(|one| (one.id, one.records, one.digest)).collect();
        // Thirty more that match the same filter, and come from another dump.
        desk.import("more.csv", &csv(60)).await.unwrap();
        assert_eq!(desk.count(entity("Vendors V2")), 30);
        let desk = Desk::open(&store.reopen()).await;
        let after: Vec<_> =
            requests(&desk).into_iter().map(|one| (one.id, one.records, one.digest)).collect();
        assert_eq!(after, before);
        desk.set_job_status(job, JobStatus::Active).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.count(entity("Vendors V2")), 20);
        assert!(frozen.iter().all(|id| desk.record(id).is_none()), "exactly those are gone");
    });
}

#[test]
fn a_ramp_goes_on_by_what_cleared_and_else_waits_for_a_word() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        // The first clears; of the next ten seven do.
        let categories = |at: usize| match at {
            1..=3 => "Application",
            _ => "System",
        };
        let rows: Vec<_> = (0..150).map(|at| ("Vendors V2", categories(at), "It failed")).collect();
        desk.import("errors.csv", &csv_of(&rows)).await.unwrap();
        let ramped = PlanParams { ramp: Some(RampParams::default()), ..all() };
        let plan = desk.plan(ramped).await.unwrap();
        assert_eq!(plan.threshold, Some(80));
        assert_eq!(plan.parts.iter().map(|part| part.count).collect::<Vec<_>>(), [1, 10, 100, 39]);
        let after: Vec<_> =
            plan.parts.iter().map(|part| part.gate.map(|gate| gate.after)).collect();
        assert_eq!(after, [None, Some(0), Some(1), Some(2)]);
        submit(&desk, &plan).await;
        desk.finish().await;
        drop(desk);
        let desk = Desk::open(&store.reopen()).await;
        assert_eq!(states(&desk), [Finished, Finished, Shelved, Shelved]);
        desk.idle(None).await.expect("nothing may run");
        let gate = requests(&desk)[2].gate.expect("a gate");
        let share = gate.share.expect("measured");
        assert_eq!((gate.locked, gate.threshold, gate.after), (true, 80, RequestId(2)));
        assert_eq!((share.cleared, share.retried, share.percent()), (7, 10, 70));
        assert_eq!(requests(&desk)[3].gate.expect("a gate").share, None, "nothing is measured yet");
        assert_eq!(code(desk.release(RequestId(1)).await), Code::InvalidArgument);
        assert_eq!(code(desk.release(RequestId(9)).await), Code::UnknownRequest);

        desk.release(RequestId(3)).await.unwrap();
        let journal = desk.journal(0, 1_000).await.unwrap();
        let line = journal.entries.iter().find(|line| line.event == "released").unwrap();
        assert_eq!(line.details["share"], json!({ "cleared": 7, "retried": 10 }));
        desk.finish().await;
        assert!(
            states(&desk).iter().all(|state| *state == Finished),
            "a hundred cleared, the rest goes"
        );
    });
}

#[test]
fn only_a_retry_is_ramped_up_and_only_by_a_percentage() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(20)).await.unwrap();
        for (kind, threshold) in [
            (RequestKind::Dismiss, None),
            (RequestKind::Retry, Some(0)),
            (RequestKind::Retry, Some(101)),
        ] {
            let ramp = Some(RampParams { threshold });
            let params = PlanParams { ramp, ..PlanParams::of(kind, Filter::default()) };
            assert_eq!(code(desk.plan(params).await), Code::InvalidArgument);
        }
    });
}
