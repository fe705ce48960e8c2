//! Random command sequences: valid and invalid ids, jobs, states and sizes, with a clock that jumps.

use error_desk::domain::{RecordOutcome, RequestKind};
use proptest::prelude::*;

use crate::model::ModelDraft;

/// The jobs that commands name. The last is never added, so it stays unknown.
pub(crate) const JOBS: [&str; 4] = ["Customers", "Products", "Årsbokslut", "Never added"];

/// Records are few, so that requests compete for them.
pub(crate) const RECORDS: u64 = 40;

/// Which request a command means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    /// An id counted round the known ones, 0 and one beyond the last included.
    Any(usize),
    /// The first of the queue of a job.
    First(&'static str),
    /// The first on the shelf of a job that waits for a step before it, else the first on it.
    Locked(&'static str),
}

/// Something to ask of the queue.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    AddJob(&'static str, &'static str),
    SetStatus(&'static str, &'static str),
    Submit(Vec<ModelDraft>),
    /// The same, with a shelf for what finds no place.
    Shelve(Vec<ModelDraft>),
    Release(Which),
    Start(Which),
    Settle(Which, Vec<RecordOutcome>),
    Withdraw(Which),
    /// The process dies and comes back.
    Restart,
    Limits(usize, usize),
}

/// A command, when it is given, and whether its answer is applied.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) command: Command,
    pub(crate) now: i64,
    pub(crate) applied: bool,
}

fn job() -> impl Strategy<Value = &'static str> {
    prop_oneof![12 => Just(JOBS[0]), 6 => Just(JOBS[1]), 3 => Just(JOBS[2]), 1 => Just(JOBS[3])]
}

fn status() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("Active"), 1 => Just(" ACTIVE"), 1 => Just("Stopped"), 1 => Just("Activating")]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        2 => any::<usize>().prop_map(Which::Any),
        6 => job().prop_map(Which::First),
        1 => job().prop_map(Which::Locked),
    ]
}

fn records() -> impl Strategy<Value = Vec<u64>> {
    let several = |sizes| prop::collection::vec(0..RECORDS, sizes);
    prop_oneof![1 => Just(vec![]), 10 => several(1..4), 5 => several(4..8)]
}

fn draft() -> impl Strategy<Value = ModelDraft> {
    let kind = prop_oneof![Just(RequestKind::Retry), Just(RequestKind::Dismiss)];
    let threshold =
        prop::option::weighted(0.4, prop_oneof![Just(1_u8), Just(50), Just(80), Just(100)]);
    (job(), kind, records(), threshold).prop_map(|(job, kind, records, threshold)| ModelDraft {
        job: job.to_owned(),
        kind,
        records,
        threshold,
    })
}

fn outcomes() -> impl Strategy<Value = Vec<RecordOutcome>> {
    let outcome = prop::sample::select(vec![
        RecordOutcome::Cleared,
        RecordOutcome::FailedAgain,
        RecordOutcome::Skipped,
        RecordOutcome::Dismissed,
    ]);
    prop::collection::vec(outcome, 0..6)
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => (job(), status()).prop_map(|(job, status)| Command::AddJob(job, status)),
        2 => (job(), status()).prop_map(|(job, status)| Command::SetStatus(job, status)),
        1 => prop::collection::vec(draft(), 0..6).prop_map(Command::Submit),
        7 => prop::collection::vec(draft(), 1..3).prop_map(Command::Submit),
        9 => prop::collection::vec(draft(), 1..5).prop_map(Command::Shelve),
        3 => prop_oneof![5 => job().prop_map(Which::Locked), 1 => which()].prop_map(Command::Release),
        7 => which().prop_map(Command::Start),
        7 => (which(), outcomes()).prop_map(|(which, outcomes)| Command::Settle(which, outcomes)),
        2 => which().prop_map(Command::Withdraw),
        1 => Just(Command::Restart),
        1 => (1_usize..6, 1_usize..7).prop_map(|(places, batch)| Command::Limits(places, batch)),
    ]
}

/// A sequence that begins with known jobs, so that it gets somewhere.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let begin = JOBS[..3].iter().map(|job| Step {
        command: Command::AddJob(job, "Active"),
        now: 0,
        applied: true,
    });
    let begin: Vec<Step> = begin.collect();
    let step = (command(), -5_000_i64..5_000, prop::bool::weighted(0.9))
        .prop_map(|(command, now, applied)| Step { command, now, applied });
    prop::collection::vec(step, 0..80)
        .prop_map(move |rest| begin.iter().cloned().chain(rest).collect())
}
