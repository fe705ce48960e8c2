//! Whether the desk shows, and the store holds, what the model says.

use error_desk::dataset::Record;
use error_desk::domain::{
    Column, Filter, JobStatus, RecordOutcome, RecordState, RequestKind, RequestState, Timestamp,
};
use error_desk::workspace::ports::Stored;

use crate::asking::everything;
use crate::harness::BEGIN;
use crate::model::Asked;
use crate::universe::{JOBS, thing};
use crate::world::World;

fn since(moment: Timestamp) -> i64 {
    moment.millis() - BEGIN
}

/// Compares everything.
pub(crate) fn agree(world: &World, stored: &Stored, rows: Option<&[Record]>) {
    shown_requests(world);
    stored_requests(world, stored);
    jobs(world, stored);
    datasets(world, stored);
    settings(world);
    records(world, rows);
}

fn shown_requests(world: &World) {
    let hold = world.model.rules.hold_seconds;
    let told = |asked: &Asked| {
        let waits = asked.kind == RequestKind::Dismiss && asked.started.is_none();
        let until = asked.created + i64::from(hold) * 1_000;
        format!(
            "{:?}",
            (
                (
                    asked.id,
                    asked.job,
                    asked.kind,
                    asked.state,
                    asked.rows.len(),
                    asked.outcomes.len()
                ),
                [
                    asked.has(RecordOutcome::Cleared),
                    asked.has(RecordOutcome::FailedAgain),
                    asked.has(RecordOutcome::Skipped),
                    asked.has(RecordOutcome::Dismissed),
                ],
                (asked.created, asked.started, asked.ended),
                (waits && hold > 0 && asked.is_open()).then_some(until),
                asked.gate.map(|gate| (gate.after, gate.released, world.model.is_locked(asked))),
            )
        )
    };
    let expected: Vec<String> = world.model.requests.iter().map(told).collect();
    let shown = world.desk.requests(None).expect("requests");
    let shown: Vec<String> = shown
        .iter()
        .map(|view| {
            format!(
                "{:?}",
                (
                    (view.id.0, &view.job_id.0, view.kind, view.state, view.records, view.done),
                    [view.cleared, view.failed_again, view.skipped, view.dismissed],
                    (
                        since(view.created_at),
                        view.started_at.map(since),
                        view.finished_at.map(since)
                    ),
                    view.held_until.map(since),
                    view.gate.map(|gate| (gate.after.0, gate.released, gate.locked)),
                )
            )
        })
        .collect();
    assert_eq!(shown, expected, "requests as shown");
}

fn stored_requests(world: &World, stored: &Stored) {
    assert_eq!(stored.requests.len(), world.model.requests.len(), "requests in the store");
    for (request, asked) in stored.requests.iter().zip(&world.model.requests) {
        assert_eq!((request.id.0, request.state), (asked.id, asked.state));
        assert_eq!(request.outcomes, asked.outcomes, "outcomes of {}", asked.id);
        let records = request.batch.records().iter().map(|record| record.to_bits());
        assert!(records.eq(asked.rows.iter().map(|row| row.bits())), "records of {}", asked.id);
    }
    assert_eq!(stored.dismissals.len(), world.model.dismissed.len(), "the ledger");
}

fn jobs(world: &World, stored: &Stored) {
    let model = &world.model;
    let status = |active: bool| if active { JobStatus::Active } else { JobStatus::stopped() };
    let shown = world.desk.jobs();
    assert_eq!(shown.len(), model.jobs.len(), "jobs: {shown:?}");
    for (view, (job, active)) in shown.iter().zip(&model.jobs) {
        assert_eq!((view.id.0.as_str(), &view.status), (*job, &status(*active)));
        assert_eq!((view.open, view.limit), (model.open_of(job).count(), model.rules.places));
        let shelved = |asked: &&Asked| asked.job == *job && asked.state == RequestState::Shelved;
        assert_eq!(view.shelved, model.requests.iter().filter(shelved).count());
    }
    let held = stored.jobs.iter().map(|job| (job.id.0.as_str(), job.status.clone()));
    assert!(held.eq(model.jobs.iter().map(|(job, active)| (*job, status(*active)))), "stored jobs");
}

fn datasets(world: &World, stored: &Stored) {
    let model = &world.model;
    let shown: Vec<(u32, u64)> =
        world.desk.datasets().iter().map(|view| (view.id.0, view.rows)).collect();
    let rows = |dataset: &u32| model.rows.iter().filter(|row| row.dataset == *dataset).count();
    let expected: Vec<(u32, u64)> =
        model.datasets.iter().map(|dataset| (*dataset, rows(dataset) as u64)).collect();
    assert_eq!(shown, expected, "datasets");
    assert!(stored.manifests.iter().map(|manifest| &manifest.dataset.0).eq(&model.datasets));
    assert_eq!(stored.next_dataset, model.next_dataset);
}

fn settings(world: &World) {
    let (shown, rules) = (world.desk.settings(), &world.model.rules);
    assert_eq!(
        (shown.limits.requests_per_job, shown.limits.records_per_request),
        (rules.places, rules.batch)
    );
    assert_eq!(
        (shown.dismiss_hold_seconds, shown.rehearsal_step_ms),
        (rules.hold_seconds, rules.pace_ms)
    );
    assert!(shown.fixed_causes.iter().eq(rules.fixed.iter()), "{:?}", shown.fixed_causes);
}

/// Counts and facets always; rows one by one once their details are read.
fn records(world: &World, rows: Option<&[Record]>) {
    let (desk, model) = (&world.desk, &world.model);
    let live: Vec<_> = model.live().map(|row| (row, model.shown(row))).collect();
    for state in RecordState::ALL {
        let filter = Filter { states: vec![state], ..Filter::default() };
        let expected = live.iter().filter(|(_, shown)| *shown == state).count();
        assert_eq!(desk.count(filter), expected, "records that are {state:?}");
    }
    let facets = desk.facets(everything(), &[Column::Job.into()]).expect("facets");
    for job in JOBS {
        let found = facets["job"].iter().find(|value| value.value == job);
        let expected = live.iter().filter(|(row, _)| thing(row.thing).job == job).count();
        assert_eq!(found.map_or(0, |value| value.count), expected, "records of {job}");
    }
    let Some(rows) = rows else { return };
    let shown =
        rows.iter().map(|row| (row.id.as_str(), row.state, row.source.dataset.0, row.source.row));
    let expected = live
        .iter()
        .map(|(row, state)| (thing(row.thing).id.as_str(), *state, row.dataset, row.line));
    assert_eq!(shown.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "rows");
}
