//! Sequences that failed once, spelled out.

use error_desk::domain::RequestKind;
use error_desk::store::Fault;

use crate::commands::{Command, Selection};
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
        during(Command::Plan(RequestKind::Retry, Selection::All)),
        Command::Cut(true),
        during(Command::SubmitPlan(0)),
        during(Command::Import(vec![0])),
        during(Command::Submit(RequestKind::Dismiss, "Alpha", Selection::Entity("Customers V3"))),
        Command::Fault(0, 0, Fault::CrashAfter),
        during(Command::Withdraw(2)),
    ]);
}
