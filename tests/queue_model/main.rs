//! The queue against a naive model, and the documented limits exactly at their borders.
//!
//! Every answer is compared, the numbers in refusals included; after each step the invariants are checked on what the
//! queue shows, without the model's help.

mod borders;
mod commands;
mod invariants;
mod ledger;
mod model;
mod plan;
mod shelf;

use std::cell::RefCell;
use std::collections::BTreeMap;

use commands::{Command, JOBS, RECORDS, Step, Which, steps};
use error_desk::domain::{
    DraftGate, JobId, JobStatus, QueueChange, QueueLimits, RecordId, Refusal, RequestDraft,
    RequestId, RequestQueue, Timestamp,
};
use invariants::{Seen, look};
use model::{Model, ModelDraft, ModelGate, ModelRequest, step_before};
use proptest::test_runner::{Config, TestRunner};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("a small number is a time")
}

fn drafts(drafts: &[ModelDraft]) -> Vec<RequestDraft> {
    let draft = |(at, draft): (usize, &ModelDraft)| RequestDraft {
        job: JobId(draft.job.clone()),
        kind: draft.kind,
        records: draft.records.iter().map(|bits| RecordId::from_bits(*bits)).collect(),
        gate: gate_of(drafts, at),
        filter_text: format!("of {}", draft.job),
        reason: None,
        rehearsal: true,
    };
    drafts.iter().enumerate().map(draft).collect()
}

fn gate_of(drafts: &[ModelDraft], at: usize) -> Option<DraftGate> {
    let threshold = drafts[at].threshold?;
    Some(DraftGate { after: step_before(drafts, at)?, threshold })
}

/// A single request waits for nothing.
fn without_gates(asked: &[ModelDraft]) -> Vec<RequestDraft> {
    drafts(asked).into_iter().map(|draft| RequestDraft { gate: None, ..draft }).collect()
}

fn id_of(which: Which, model: &Model) -> u64 {
    match which {
        Which::Any(number) => (number % (model.requests.len() + 2)) as u64,
        // Without an open one the job's last: closed requests must be refused too.
        Which::First(job) => {
            let last = model.requests.iter().rfind(|request| request.job == job);
            model.open_of(job).first().copied().or(last.map(|request| request.id)).unwrap_or(0)
        }
        Which::Locked(job) => {
            let shelf = model.shelf_of(job);
            let locked = shelf.iter().find(|id| model.is_locked(**id));
            locked.or(shelf.first()).copied().unwrap_or(0)
        }
    }
}

/// The queue's answer to a command, and the model as it is if the answer is applied.
fn ask(
    queue: &RequestQueue,
    model: &Model,
    step: &Step,
) -> (Result<QueueChange, Refusal>, Result<(), Refusal>, Model) {
    let mut after = model.clone();
    let now = at(step.now);
    let (answer, expected) = match &step.command {
        Command::AddJob(job, status) => {
            after.add_job(job, status);
            let status = JobStatus::from((*status).to_owned());
            (Ok(queue.add_job(JobId((*job).to_owned()), status)), Ok(()))
        }
        Command::SetStatus(job, word) => {
            let status = JobStatus::from((*word).to_owned());
            let answer = queue.set_job_status(&JobId((*job).to_owned()), status);
            (answer, after.set_status(job, word))
        }
        Command::Submit(asked) => {
            (queue.submit(without_gates(asked), now), after.submit(asked, step.now, false))
        }
        Command::Shelve(asked) => {
            (queue.submit_or_shelve(drafts(asked), now), after.submit(asked, step.now, true))
        }
        Command::Release(which) => {
            let id = id_of(*which, model);
            (queue.release(RequestId(id)), after.release(id))
        }
        Command::Start(which) => {
            let id = id_of(*which, model);
            (queue.start(RequestId(id), now), after.start(id, step.now))
        }
        Command::Settle(which, outcomes) => {
            let id = id_of(*which, model);
            let answer = queue.settle(RequestId(id), outcomes, now);
            (answer, after.settle(id, outcomes, step.now))
        }
        Command::Withdraw(which) => {
            let id = id_of(*which, model);
            (queue.withdraw(RequestId(id), now), after.withdraw(id, step.now))
        }
        Command::Restart => {
            after.recover();
            (Ok(queue.recover()), Ok(()))
        }
        Command::Limits(places, batch) => {
            (after.places, after.batch) = (*places, *batch);
            after.move_up();
            let (requests_per_job, records_per_request) = (*places, *batch);
            (Ok(queue.fill(&QueueLimits { requests_per_job, records_per_request })), Ok(()))
        }
    };
    if expected.is_err() {
        after = model.clone();
    }
    (answer, expected, after)
}

/// The queue that a process finds which only has what was stored.
fn reopened(queue: &RequestQueue) -> RequestQueue {
    let mut fresh = RequestQueue::new(*queue.limits());
    fresh.apply(QueueChange {
        requests: queue.requests().cloned().collect(),
        jobs: queue.jobs().cloned().collect(),
    });
    fresh
}

fn plain(queue: &RequestQueue) -> Vec<ModelRequest> {
    let plain = |request: &error_desk::domain::Request| ModelRequest {
        id: request.id.0,
        job: request.job.0.clone(),
        kind: request.kind,
        records: request.batch.records().iter().map(|record| record.to_bits()).collect(),
        outcomes: request.outcomes.clone(),
        state: request.state,
        created: request.created_at.millis(),
        started: request.started_at.map(Timestamp::millis),
        ended: request.finished_at.map(Timestamp::millis),
        gate: request.gate.map(|gate| ModelGate {
            after: gate.after.0,
            threshold: gate.threshold,
            released: gate.released,
        }),
    };
    queue.requests().map(plain).collect()
}

fn agree(queue: &RequestQueue, model: &Model) {
    assert_eq!(plain(queue), model.requests);
    let mut jobs: Vec<_> =
        model.jobs.iter().map(|job| (job.name.clone(), job.status.clone())).collect();
    jobs.sort();
    let shown: Vec<_> = queue.jobs().map(|job| (job.id.0.clone(), job.status.clone())).collect();
    let jobs: Vec<_> = jobs.into_iter().map(|(name, word)| (name, JobStatus::from(word))).collect();
    assert_eq!(shown, jobs);
    for name in JOBS {
        let job = JobId(name.to_owned());
        let open = model.open_of(name);
        assert_eq!(queue.open(&job).map(|request| request.id.0).collect::<Vec<_>>(), open);
        let shelf = model.shelf_of(name);
        assert_eq!(queue.shelf(&job).map(|request| request.id.0).collect::<Vec<_>>(), shelf);
        for request in queue.requests() {
            assert_eq!(queue.is_locked(request), model.is_locked(request.id.0), "{}", request.id);
        }
        assert_eq!(queue.free_places(&job), model.places.saturating_sub(open.len()));
        assert_eq!(queue.next(&job).map(|id| id.0), model.next(name));
    }
    for record in 0..RECORDS {
        let holder = queue.holder(RecordId::from_bits(record)).map(|id| id.0);
        assert_eq!(holder, model.holder(record), "record {record}");
    }
}

fn run(steps: &[Step], met: &RefCell<BTreeMap<String, usize>>) {
    let mut queue = RequestQueue::new(QueueLimits { requests_per_job: 3, records_per_request: 5 });
    let mut model = Model::new(3, 5);
    let mut seen = Seen::default();
    for step in steps {
        let before = look(&queue);
        let (answer, expected, after) = ask(&queue, &model, step);
        assert_eq!(look(&queue), before, "a decision changed something: {step:?}");
        assert_eq!(answer.as_ref().map(|_| ()), expected.as_ref().map(|_| ()), "{step:?}");
        count(met, &step.command, &answer);
        if let Ok(change) = answer.as_ref()
            && step.applied
        {
            if matches!(step.command, Command::Restart) {
                queue = reopened(&queue);
                assert_eq!(look(&queue), before, "a restart lost something");
            }
            if let Command::Limits(requests_per_job, records_per_request) = step.command {
                queue.set_limits(QueueLimits { requests_per_job, records_per_request });
            }
            queue.apply(change.clone());
            let once = look(&queue);
            queue.apply(change.clone());
            assert_eq!(look(&queue), once, "applied twice differs from once: {step:?}");
            model = after;
        }
        agree(&queue, &model);
        seen.check(&queue);
    }
    assert_eq!(look(&reopened(&queue)), look(&queue));
}

/// What was met, so that a generator that gets nowhere is noticed.
fn count(
    met: &RefCell<BTreeMap<String, usize>>,
    command: &Command,
    answer: &Result<QueueChange, Refusal>,
) {
    let word = |text: String| text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    let what = match answer {
        Ok(change) => {
            let mut states = change.requests.iter().map(|request| format!("{:?}", request.state));
            format!("{} {}", word(format!("{command:?}")), states.next_back().unwrap_or_default())
        }
        Err(refusal) => {
            format!("{} {}", word(format!("{command:?}")), word(format!("{refusal:?}")))
        }
    };
    *met.borrow_mut().entry(what).or_default() += 1;
}

#[test]
fn every_answer_is_that_of_the_naive_model() {
    let met = RefCell::default();
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&steps(), |steps| {
            run(&steps, &met);
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
    let met = met.into_inner();
    for wanted in [
        "Submit Queued",
        "Submit NothingSelected",
        "Submit UnknownJob",
        "Submit JobNotActive",
        "Submit QueueFull",
        "Submit AlreadyRequested",
        "Submit TooManyRecords",
        "Shelve Queued",
        "Shelve Shelved",
        "Shelve JobNotActive",
        "Shelve AlreadyRequested",
        "Shelve TooManyRecords",
        "Release Queued",
        "Release Shelved",
        "Release NotLocked",
        "Release UnknownRequest",
        // What waited moves up when a place comes free.
        "Settle Queued",
        "Withdraw Queued",
        "Limits Queued",
        "Start Running",
        "Start UnknownRequest",
        "Start WrongState",
        "Start NotNext",
        "Start JobNotActive",
        "Settle Running",
        "Settle Finished",
        "Settle UnknownRequest",
        "Settle WrongState",
        "Settle TooManyOutcomes",
        "Withdraw Withdrawn",
        "Withdraw UnknownRequest",
        "Withdraw WrongState",
        "SetStatus UnknownJob",
        // A running request put back by a stopped job, and by a restart.
        "SetStatus Queued",
        "Restart Queued",
    ] {
        assert!(met.contains_key(wanted), "'{wanted}' is not met: {met:#?}");
    }
}
