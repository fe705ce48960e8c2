//! Random commands, and how often each kind comes in which test.

use error_desk::domain::{RecordState, RequestKind};
use error_desk::store::Fault;
use error_desk::workspace::ports::StoreError;
use proptest::prelude::*;

use crate::handing::Handing;
use crate::universe::{CATEGORIES, ENTITIES, JOBS, THINGS};

/// Which records are meant.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    All,
    Job(&'static str),
    Entity(&'static str),
    Category(&'static str),
    State(RecordState),
    /// One by one.
    Listed(Vec<usize>),
}

/// Something that is asked of the desk, or that happens to it. Numbers are counted round what is there.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Import(Vec<usize>),
    /// Perhaps ramped up, with the percentage that must clear.
    /// The last: what is pointless until its cause is fixed is left out.
    Plan(RequestKind, Selection, Option<u8>, bool),
    /// The plan made so many plans before the last.
    SubmitPlan(u64),
    Submit(RequestKind, &'static str, Selection),
    Round,
    /// A round, with a command that comes while the gateway works.
    RoundDuring(Box<Command>),
    /// The clock goes on by so many milliseconds.
    Turn(i64),
    Withdraw(u64),
    /// A locked step of a ramp goes whatever cleared: even numbers take one of the shelf, odd ones any request.
    Release(u64),
    SetJob(&'static str, bool),
    /// The cause of a thing.
    MarkFixed(usize, bool),
    Limits(Option<usize>, Option<usize>),
    Hold(u32),
    Pace(u32),
    Remove(u64),
    Erase,
    Export,
    Wipe,
    /// The line to the gateway is cut, or mended.
    Cut(bool),
    /// A write to come goes wrong: after so many others, and in the midst of its changes.
    Fault(usize, usize, Fault),
    /// A new start. What returns to its place then may meet a fault.
    Reload(Option<Fault>),
    /// Another tab takes over: the old desk lives on without a store.
    TakeOver,
    /// The desk that died last acts again.
    Ghost,
    /// Details are read in the background.
    LoadRest,
    /// Something between desks.
    Hand(Handing),
}

/// How often what goes wrong is among the commands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix {
    pub(crate) failures: u32,
    pub(crate) crashes: u32,
    pub(crate) overlaps: u32,
}

fn job() -> impl Strategy<Value = &'static str> {
    prop_oneof![12 => Just(JOBS[0]), 4 => Just(JOBS[1]), 2 => Just(JOBS[2]), 1 => Just(JOBS[3])]
}

fn kind() -> impl Strategy<Value = RequestKind> {
    prop_oneof![Just(RequestKind::Retry), Just(RequestKind::Dismiss)]
}

fn selection() -> impl Strategy<Value = Selection> {
    use prop::sample::select;
    prop_oneof![
        3 => Just(Selection::All),
        2 => job().prop_map(Selection::Job),
        2 => select(&ENTITIES[..]).prop_map(Selection::Entity),
        1 => select(&CATEGORIES[..]).prop_map(Selection::Category),
        1 => select(&RecordState::ALL[..]).prop_map(Selection::State),
        6 => prop::collection::vec(0..THINGS, 1..4).prop_map(Selection::Listed),
    ]
}

fn ramp() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![
        3 => Just(None),
        4 => prop::sample::select(vec![1_u8, 50, 100]).prop_map(Some),
        1 => Just(Some(101)),
    ]
}

fn failure() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Fail(StoreError::Full)),
        Just(Fault::Fail(StoreError::Failed("the disk is slow".to_owned()))),
    ]
}

fn crash() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::CrashBefore), Just(Fault::CrashAfter)]
}

/// What people and the runner do.
fn plain() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => prop::collection::vec(0..THINGS, 1..12).prop_map(Command::Import),
        4 => (kind(), selection(), ramp(), prop::bool::weighted(0.3))
            .prop_map(|(kind, which, ramp, heeds)| Command::Plan(kind, which, ramp, heeds)),
        4 => prop_oneof![5 => Just(0_u64), 1 => 0_u64..10].prop_map(Command::SubmitPlan),
        8 => (kind(), job(), selection()).prop_map(|(kind, job, which)| Command::Submit(kind, job, which)),
        2 => prop_oneof![Just(1_i64), Just(120), Just(2_000), Just(6_000)].prop_map(Command::Turn),
        2 => any::<u64>().prop_map(Command::Withdraw),
        3 => any::<u64>().prop_map(Command::Release),
        3 => (job(), prop::bool::weighted(0.6)).prop_map(|(job, active)| Command::SetJob(job, active)),
        1 => (0..THINGS, prop::bool::weighted(0.7)).prop_map(|(thing, fixed)| Command::MarkFixed(thing, fixed)),
        1 => (prop::option::of(0_usize..4), prop::option::of(0_usize..6))
            .prop_map(|(places, batch)| Command::Limits(places, batch)),
        1 => prop_oneof![2 => Just(0_u32), 1 => Just(2), 1 => Just(100_000)].prop_map(Command::Hold),
        1 => prop_oneof![1 => Just(0_u32), 2 => Just(100), 1 => Just(70_000)].prop_map(Command::Pace),
        2 => any::<u64>().prop_map(Command::Remove),
        1 => Just(Command::Erase),
        1 => Just(Command::Export),
    ]
    .boxed()
}

pub(crate) fn command(mix: Mix) -> impl Strategy<Value = Command> {
    let Mix { failures, crashes, overlaps } = mix;
    let during =
        prop_oneof![30 => plain(), 1 => Just(Command::Wipe), 1 => Just(Command::Cut(true))];
    let during = during.prop_map(|command| Command::RoundDuring(Box::new(command)));
    let fault = |fault| (0_usize..4, 0_usize..6, fault);
    let planned = |(writes, changes, fault)| Command::Fault(writes, changes, fault);
    prop_oneof![
        // A union takes no weight of nothing.
        1 => Just(Command::Round),
        40 => plain(),
        14 => Just(Command::Round),
        2 => Just(Command::Reload(None)),
        1 => Just(Command::LoadRest),
        1 + failures / 4 => any::<bool>().prop_map(Command::Cut),
        1 + overlaps => during,
        1 + failures => fault(failure().boxed()).prop_map(planned),
        1 + crashes => fault(crash().boxed()).prop_map(planned),
        1 + crashes / 3 => prop_oneof![failure(), crash()].prop_map(|fault| Command::Reload(Some(fault))),
        1 + crashes / 4 => Just(Command::TakeOver),
        1 + crashes / 4 => Just(Command::Ghost),
    ]
}

/// Records, so that a sequence gets somewhere.
pub(crate) fn first() -> impl Strategy<Value = Command> {
    prop::collection::vec(0..THINGS, 3..30).prop_map(Command::Import)
}

/// A sequence. It begins with records.
pub(crate) fn sequences(mix: Mix) -> impl Strategy<Value = Vec<Command>> {
    let rest = prop::collection::vec(command(mix), 0..24);
    (first(), rest).prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect())
}
