//! The application as a whole, over the store in memory: the main job, its limits, and what survives a crash.

#[path = "../stored/answers.rs"]
mod answers;
mod causes;
mod chunks;
mod damage;
mod differences;
mod doors;
mod faults;
mod handover;
mod harness;
mod in_parts;
mod late;
mod ledger;
mod notes;
mod old;
#[path = "../outside/mod.rs"]
mod outside;
mod overlaps;
mod planning;
mod prepared;
mod proof;
mod regressions;
mod run_sheets;
mod shelf;
mod trail;
mod unread;

use error_desk::domain::{
    Filter, JobId, JobStatus, RecordState, RequestId, RequestKind, RequestState,
};
use error_desk::protocol::{
    Code, ConfigureParams, ExportFormat, ExportParams, LimitsParams, PlanParams, Problem,
    SubmitParams,
};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use error_desk::workspace::Pause;
use futures_executor::block_on;
use harness::{Desk, csv, csv_of};

fn entity(name: &str) -> Filter {
    Filter { entities: vec![name.to_owned()], ..Filter::default() }
}

fn one(kind: RequestKind, job: &str, filter: Filter) -> SubmitParams {
    SubmitParams {
        kind: Some(kind),
        job_id: Some(JobId(job.to_owned())),
        filter: Some(filter),
        ..SubmitParams::default()
    }
}

fn all_of(filter: Filter, format: ExportFormat) -> ExportParams {
    ExportParams { filter, plan_id: None, format }
}

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> Code {
    result.expect_err("a refusal").code
}

#[test]
fn the_main_job_from_dump_to_outcome() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let report = desk.import("errors.csv", &csv(40)).await.unwrap();
        assert_eq!((report.rows_read, report.loaded, report.rejected), (40, 40, 0));
        assert_eq!(desk.jobs().len(), 1);

        let filter = entity("Customers V3");
        let matching = desk.count(filter.clone());
        assert_eq!(matching, 20, "every second row");
        let plan = desk.plan(PlanParams::of(RequestKind::Retry, filter)).await.unwrap();
        assert_eq!(plan.matched, matching);
        assert_eq!(plan.eligible + plan.excluded.iter().map(|e| e.count).sum::<usize>(), matching);
        assert_eq!(plan.parts.iter().map(|part| part.count).sum::<usize>(), plan.eligible);
        let submitted = desk
            .submit(SubmitParams { plan_id: Some(plan.plan_id), ..SubmitParams::default() })
            .await
            .unwrap();
        assert_eq!(submitted.request_ids, [RequestId(1)]);
        desk.finish().await;

        let request = &desk.requests(None).unwrap()[0];
        assert_eq!(request.state, RequestState::Finished);
        assert_eq!(request.done, plan.eligible);
        assert_eq!(request.cleared + request.failed_again + request.skipped, plan.eligible);
        assert!(
            request.cleared > 0 && request.failed_again > 0,
            "system failures clear, others do not: {request:?}"
        );
        assert!(request.rehearsal);
        let before = desk.picture().await;
        drop(desk);
        assert_eq!(
            Desk::open(&store.reopen()).await.picture().await,
            before,
            "a restart brings everything back"
        );
    });
}

#[test]
fn the_limits_hold_at_their_borders() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(10_001)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let kind = RequestKind::Dismiss;
        let all = one(kind, &job.0, Filter::default());
        let refused = desk.submit(all.clone()).await.unwrap_err();
        assert_eq!(refused.code, Code::TooManyRecords);
        assert_eq!(
            *refused.details.unwrap(),
            serde_json::json!({ "count": 10_001, "limit": 10_000 })
        );
        let ids: Vec<String> = desk
            .rows(Filter::default(), None, 0, 10_000)
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.id)
            .collect();
        let exact = SubmitParams { filter: None, ids: Some(ids), ..all.clone() };
        desk.submit(exact.clone()).await.unwrap();
        assert_eq!(code(desk.submit(exact).await), Code::AlreadyRequested);
        // What is left is one record: the filter form takes it, and only it.
        desk.submit(all.clone()).await.unwrap();
        assert_eq!(desk.requests(None).unwrap()[1].records, 1);
        assert_eq!(code(desk.submit(all).await), Code::AlreadyRequested);
    });
}

#[test]
fn a_job_takes_five_requests_and_only_while_it_is_active() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let ids: Vec<String> = desk
            .rows(Filter::default(), None, 0, 40)
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.id)
            .collect();
        let submit = |place: usize| SubmitParams {
            filter: None,
            ids: Some(vec![ids[place].clone()]),
            ..one(RequestKind::Dismiss, &job.0, Filter::default())
        };
        desk.set_job_status(job.clone(), JobStatus::stopped()).await.unwrap();
        assert_eq!(code(desk.submit(submit(0)).await), Code::JobNotActive);
        desk.set_job_status(job.clone(), JobStatus::Active).await.unwrap();
        for place in 0..5 {
            desk.submit(submit(place)).await.unwrap();
        }
        let full = desk.submit(submit(5)).await.unwrap_err();
        assert_eq!(full.code, Code::QueueFull);
        assert_eq!(full.details.as_ref().and_then(|d| d["limit"].as_u64()), Some(5));
        assert_eq!(full.details.as_ref().and_then(|d| d["count"].as_u64()), Some(5));
        // A withdrawn one gives its place and its record back.
        desk.withdraw(RequestId(2)).await.unwrap();
        desk.submit(submit(1)).await.unwrap();
        assert_eq!(code(desk.withdraw(RequestId(99)).await), Code::UnknownRequest);
        assert_eq!(
            code(desk.submit(one(RequestKind::Retry, "no such job", Filter::default())).await),
            Code::UnknownJob
        );
    });
}

#[test]
fn a_stopped_job_holds_its_requests_and_goes_on_in_order() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        for name in ["Customers V3", "Vendors V2"] {
            desk.submit(one(RequestKind::Retry, &job.0, entity(name))).await.unwrap();
        }
        desk.set_job_status(job.clone(), JobStatus::stopped()).await.unwrap();
        assert_eq!(desk.round().await, Pause::Rest);
        desk.idle(None).await.unwrap();
        assert!(
            desk.requests(None)
                .unwrap()
                .iter()
                .all(|request| request.state == RequestState::Queued)
        );
        desk.set_job_status(job, JobStatus::Active).await.unwrap();
        desk.finish().await;
        let started: Vec<_> = desk.events("started").await;
        assert_eq!(started, [1, 2]);
        let requests = desk.requests(None).unwrap();
        assert!(requests[0].finished_at <= requests[1].started_at, "one at a time");
    });
}

#[test]
fn stopping_in_the_middle_parks_the_request_and_repeats_nothing() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(3_000)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, Filter::default())).await.unwrap();
        assert_eq!(desk.round().await, Pause::Step);
        desk.set_job_status(job.clone(), JobStatus::stopped()).await.unwrap();
        let parked = &desk.requests(None).unwrap()[0];
        assert_eq!(parked.state, RequestState::Queued);
        assert!(parked.done > 0 && parked.done < parked.records);
        assert_eq!(desk.count(Filter::default()), 3_000 - parked.done);
        desk.set_job_status(job, JobStatus::Active).await.unwrap();
        desk.finish().await;
        let request = &desk.requests(None).unwrap()[0];
        assert_eq!((request.state, request.dismissed), (RequestState::Finished, 3_000));
        assert_eq!(desk.count(Filter::default()), 0);
    });
}

#[test]
fn dismissed_is_gone_for_ever() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let gone = desk.rows(entity("Vendors V2"), None, 0, 40).unwrap().rows;
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        let mut desk = Some(desk);
        for _ in 0..2 {
            let desk = match desk.take() {
                Some(desk) => desk,
                None => Desk::open(&store.reopen()).await,
            };
            assert_eq!(desk.count(all.clone()), 20);
            assert!(gone.iter().all(|row| desk.record(&row.id).is_none()));
            let again = desk.import("again.csv", &csv(40)).await.unwrap();
            assert_eq!((again.loaded, again.duplicates, again.dismissed_earlier), (0, 20, 20));
            assert_eq!(again.dataset_id, None);
            // Even where the dataset itself was removed before.
            for dataset in desk.datasets() {
                desk.remove_dataset(dataset.id).await.unwrap();
            }
            let later = desk.import("later.csv", &csv(40)).await.unwrap();
            assert_eq!((later.loaded, later.dismissed_earlier), (20, 20));
            let export = String::from_utf8(
                desk.export(all_of(all.clone(), ExportFormat::Csv)).await.unwrap(),
            )
            .unwrap();
            assert!(!export.contains("Vendors V2"));
            let facets =
                desk.facets(all.clone(), &[error_desk::domain::Column::Entity.into()]).unwrap();
            assert!(facets.values().flatten().all(|value| value.value != "Vendors V2"));
        }
    });
}

#[test]
fn a_dismissal_is_held_and_can_be_taken_back() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.configure(ConfigureParams {
            dismiss_hold_seconds: Some(10),
            ..ConfigureParams::default()
        })
        .await
        .unwrap();
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        let until = desk.requests(None).unwrap()[0].held_until.expect("held");
        assert_eq!(desk.round().await, Pause::Until(until));
        desk.withdraw(RequestId(1)).await.unwrap();
        assert_eq!(desk.round().await, Pause::Rest);
        assert_eq!(desk.count(Filter::default()), 40);
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.count(Filter::default()), 20);
    });
}

#[test]
fn marked_causes_clear_in_the_rehearsal() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import(
            "errors.csv",
            &csv_of(&[("Vendors V2", "Application", "Unable to lookup x with values {1}")]),
        )
        .await
        .unwrap();
        let job = desk.jobs()[0].id.clone();
        let row = desk.rows(Filter::default(), None, 0, 1).unwrap().rows.remove(0);
        desk.submit(one(RequestKind::Retry, &job.0, Filter::default())).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.record(&row.id).unwrap().state, RecordState::FailedAgain);
        desk.mark_fixed(row.cause, true).await.unwrap();
        desk.submit(one(RequestKind::Retry, &job.0, Filter::default())).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.record(&row.id).unwrap().state, RecordState::Cleared);
        assert_eq!(desk.count(Filter::default()), 0, "cleared is no longer open");
    });
}

#[test]
fn limits_are_settings() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let limits = LimitsParams { requests_per_job: Some(1), records_per_request: Some(7) };
        desk.configure(ConfigureParams { limits: Some(limits), ..ConfigureParams::default() })
            .await
            .unwrap();
        let plan =
            desk.plan(PlanParams::of(RequestKind::Dismiss, Filter::default())).await.unwrap();
        assert!(plan.parts.iter().all(|part| part.count <= 7));
        assert_eq!(plan.parts.len(), 40_usize.div_ceil(7));
        assert_eq!(plan.parts.iter().filter(|part| part.shelved).count(), plan.parts.len() - 1);
        let zero = LimitsParams { requests_per_job: Some(0), records_per_request: None };
        assert_eq!(
            code(
                desk.configure(ConfigureParams {
                    limits: Some(zero),
                    ..ConfigureParams::default()
                })
                .await
            ),
            Code::InvalidArgument
        );
    });
}

#[test]
fn a_plan_is_not_submitted_over_what_was_cleared_since() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let system = Filter { categories: vec!["System".to_owned()], ..Filter::default() };
        let plan = PlanParams::of(RequestKind::Retry, system);
        let plan_id = desk.plan(plan).await.unwrap().plan_id;
        let submit = SubmitParams { plan_id: Some(plan_id), ..SubmitParams::default() };
        desk.submit(submit.clone()).await.unwrap();
        desk.finish().await;
        assert_eq!(code(desk.submit(submit).await), Code::PlanExpired);
        assert_eq!(desk.requests(None).unwrap().len(), 1);
    });
}

/// What an admin does in an afternoon; the same each time.
async fn afternoon(desk: &Desk) -> Result<(), Problem> {
    if desk.datasets().is_empty() {
        desk.import("errors.csv", &csv(1_500)).await?;
    }
    let job = desk.jobs()[0].id.clone();
    if desk.requests(None)?.is_empty() {
        desk.submit(one(RequestKind::Retry, &job.0, entity("Customers V3"))).await?;
    }
    if desk.requests(None)?.len() == 1 {
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await?;
    }
    desk.finish().await;
    desk.erase().await;
    Ok(())
}

#[test]
fn a_crash_at_any_write_loses_nothing_and_repeats_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        afternoon(&desk).await.unwrap();
        let expected = desk.outcome();
        let writes = store.writes();
        assert!(writes > 8, "the afternoon has steps: {writes}");
        for place in 0..writes {
            for fault in [Fault::CrashBefore, Fault::CrashAfter] {
                let store = MemoryStore::new();
                store.plan_fault(FaultPlan::new(place, fault.clone()));
                if let Ok(desk) = Desk::try_open(&store).await {
                    let _crashed = afternoon(&desk).await;
                }
                let store = store.reopen();
                let desk = Desk::open(&store).await;
                let datasets = desk.datasets().len();
                assert!(datasets <= 1, "no half dataset");
                assert_eq!(
                    desk.count(Filter { states: RecordState::ALL.to_vec(), ..Filter::default() })
                        == 0,
                    datasets == 0
                );
                afternoon(&desk).await.unwrap();
                assert_eq!(desk.outcome(), expected, "{fault:?} at write {place}");
            }
        }
    });
}
