//! Sequences that failed once, spelled out.

use error_desk::domain::RequestKind;
use error_desk::store::Fault;
use error_desk::workspace::ports::StoreError;

use crate::commands::{Command, Selection};
use crate::handing::Handing;
use crate::{Met, run, universe};

fn during(command: Command) -> Command {
    Command::RoundDuring(Box::new(command))
}

fn passes(commands: &[Command]) {
    universe::thing(0);
    run(commands, &Met::default());
}

/// The code of the round runs on behind a withdrawal that was durable when the process died; the next job's question is
/// that of a dead process, and nobody may hold it against the store.
#[test]
fn a_process_dies_of_a_withdrawal_while_two_jobs_wait_for_the_gateway() {
    passes(&[
        Command::Import(vec![8, 2, 10, 9]),
        during(Command::Plan(RequestKind::Retry, Selection::All, None)),
        Command::Cut(true),
        during(Command::SubmitPlan(0)),
        during(Command::Import(vec![0])),
        during(Command::Submit(RequestKind::Dismiss, "Alpha", Selection::Entity("Customers V3"))),
        Command::Fault(0, 0, Fault::CrashAfter),
        during(Command::Withdraw(2)),
    ]);
}

/// A bundle of a desk on which nothing was ever done, since not even the line about the bundle could be written, is no
/// reason to forget the lines that a desk has.
#[test]
fn a_bundle_of_nothing_takes_nothing_back() {
    passes(&[
        Command::Import(vec![0, 0, 0]),
        Command::Wipe,
        Command::Reload(Some(Fault::Fail(StoreError::Full))),
        Command::Hand(Handing::Over),
        Command::Hand(Handing::Over),
        Command::Hand(Handing::Back(1)),
    ]);
}

/// The process dies when a bundle has just become true.
#[test]
fn a_process_dies_behind_a_bundle_that_was_taken() {
    passes(&[
        Command::Import(vec![0, 0, 0]),
        Command::Hand(Handing::Over),
        Command::Wipe,
        Command::Fault(3, 0, Fault::CrashAfter),
        Command::Hand(Handing::Over),
        Command::Hand(Handing::Back(1)),
    ]);
}

/// Two lives of a desk whose journals agree in every number and time: what their imports brought was not the same.
#[test]
fn a_life_that_looks_like_another_is_told_from_it() {
    let full = |writes| Command::Fault(writes, 0, Fault::Fail(StoreError::Full));
    passes(&[
        Command::Import(vec![0, 0, 0]),
        Command::Wipe,
        Command::Hand(Handing::Over),
        Command::Import(vec![0, 12, 5, 12, 1, 6]),
        full(0),
        Command::Hand(Handing::Over),
        Command::Round,
        Command::Round,
        Command::Wipe,
        full(1),
        Command::Hand(Handing::Over),
        Command::Wipe,
        Command::Import(vec![0, 1, 2, 6, 6, 7]),
        Command::Hand(Handing::Over),
    ]);
}
