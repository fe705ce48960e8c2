//! The whole application over its store against a naive model, by random sequences of commands.
//!
//! A sequence drives a real `Workspace` over the store in memory: dumps come in, plans and requests are made, the runner
//! works, jobs stop, writes fail, the process dies before or after any single write, another one takes over, everything
//! is handed over to another desk and back. The same
//! commands go to a model of plain lists. After every command the two agree (`agreement`), the invariants hold without
//! the model's help (`invariants`), and the journal read from its beginning tells the same (`replay`).
//!
//! Deliberately absent: what a real disk and a real browser do, which `tests/store_web` and `tests/e2e` see.
//!
//! Invariant: after a crash the store holds the state before the interrupted write or the one after it, nothing else.
//!
//! `DWED_SEQUENCES` is the number of sequences of each test. A million in all, with optimisation and with the checks of
//! debug builds, run by
//!
//! ```sh
//! DWED_SEQUENCES=200000 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
//!   CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true cargo test --release --locked --test desk_model
//! ```
//!
//! which takes some twenty minutes on two cores.
//!
//! What fails is shrunk, and its seed is kept in `tests/proptest-regressions` on this machine and run first the next time.
//! A seed means nothing once the commands change, so a sequence that is worth keeping is spelled out in `kept`.

mod agreement;
mod answers;
mod asking;
mod commands;
mod handing;
mod harness;
mod invariants;
mod kept;
mod model;
#[path = "../outside/mod.rs"]
mod outside;
mod planning;
mod replay;
mod rounds;
mod universe;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use commands::{Command, Mix, sequences};
use futures_executor::block_on;
use model::Answer;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use world::World;

/// Sequences of each test where nobody asks for another number.
const SEQUENCES: u32 = 2_500;

/// How often what was met: a generator that gets nowhere is noticed. Asked for is only what is met many times in so many
/// sequences.
type Met = RefCell<BTreeMap<String, usize>>;

fn run(commands: &[Command], met: &Met) {
    block_on(async {
        let mut world = World::new().await;
        for command in commands {
            let answer = world.step(command).await;
            count(met, command, answer);
        }
        world.finish().await;
    });
}

fn count(met: &Met, command: &Command, answer: Option<Answer>) {
    let word = |text: String| text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    let command = word(format!("{command:?}"));
    let answer = match answer {
        None => String::new(),
        Some(Ok(text)) => {
            let is_word = text.starts_with(char::is_uppercase);
            if is_word { format!(" {}", word(text)) } else { " done".to_owned() }
        }
        Some(Err((code, _))) => format!(" {code:?}"),
    };
    *met.borrow_mut().entry(command + &answer).or_default() += 1;
}

fn check(
    sequences: impl Strategy<Value = Vec<Command>>,
    regressions: &'static str,
    wanted: &[&str],
) {
    let asked = std::env::var("DWED_SEQUENCES").ok();
    let cases = asked.map_or(SEQUENCES, |text| text.parse().expect("a number of sequences"));
    let persistence = FileFailurePersistence::Direct(regressions);
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(persistence)),
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    // A desk of its own tells what things are, before another one is at work.
    universe::thing(0);
    let met = Met::default();
    TestRunner::new(config)
        .run(&sequences, |commands| {
            run(&commands, &met);
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
    let met = met.into_inner();
    for wanted in wanted.iter().filter(|_| cases >= SEQUENCES) {
        assert!(met.contains_key(*wanted), "'{wanted}' is not met: {met:#?}");
    }
}

#[test]
fn a_desk_that_nothing_happens_to_is_the_model() {
    let wanted = [
        "Import done",
        "Plan done",
        "Plan InvalidArgument",
        "SubmitPlan done",
        "SubmitPlan PlanExpired",
        "SubmitPlan AlreadyRequested",
        "SubmitPlan JobNotActive",
        "Submit done",
        "Submit UnknownJob",
        "Submit JobNotActive",
        "Submit QueueFull",
        "Submit AlreadyRequested",
        "Submit NotRetriable",
        "Submit NothingSelected",
        "Submit TooManyRecords",
        "Submit InvalidArgument",
        "Round Step",
        "Round Until",
        "Round Rest",
        "Withdraw done",
        "Withdraw UnknownRequest",
        "Withdraw InvalidArgument",
        "Release done",
        "Release UnknownRequest",
        "Release InvalidArgument",
        "SetJob UnknownJob",
        "Limits InvalidArgument",
        "Remove done",
        "Remove UnknownDataset",
        "Remove AlreadyRequested",
        "Export done",
    ];
    check(sequences(Mix::default()), "tests/proptest-regressions/desk_model_plain.txt", &wanted);
}

#[test]
fn a_desk_whose_writes_fail_is_the_model() {
    let wanted = [
        "Import StorageFull",
        "Import StorageUnavailable",
        "Submit StorageFull",
        "SetJob StorageFull",
        "Remove StorageFull",
    ];
    let mix = Mix { failures: 12, ..Mix::default() };
    check(sequences(mix), "tests/proptest-regressions/desk_model_failures.txt", &wanted);
}

#[test]
fn a_desk_that_dies_at_any_write_is_the_model() {
    let mix = Mix { crashes: 16, ..Mix::default() };
    let regressions = "tests/proptest-regressions/desk_model_crashes.txt";
    check(sequences(mix), regressions, &["TakeOver", "Ghost"]);
}

#[test]
fn commands_that_come_while_the_gateway_works_are_those_of_the_model() {
    let wanted = [
        "RoundDuring done",
        "RoundDuring QueueFull",
        "RoundDuring PlanExpired",
        "RoundDuring AlreadyRequested",
    ];
    let mix = Mix { overlaps: 30, failures: 4, crashes: 4 };
    check(sequences(mix), "tests/proptest-regressions/desk_model_overlaps.txt", &wanted);
}

#[test]
fn a_desk_that_is_handed_over_is_the_model() {
    let wanted = [
        "Hand Taken",
        "Hand Known",
        "Hand Continued",
        "Hand InvalidArgument",
        "Hand StorageFull",
        "Hand StorageUnavailable",
    ];
    let mix = Mix { failures: 6, crashes: 6, ..Mix::default() };
    let regressions = "tests/proptest-regressions/desk_model_handing.txt";
    check(handing::sequences(mix), regressions, &wanted);
}
