//! Faults on purpose: what a test needs to see a store fail, or the process die, at any write.
//!
//! Invariant: a fault never leaves half of a transaction, just as a real one does not.

use crate::workspace::ports::StoreError;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The transaction fails and takes no effect; the next one works again.
    Fail(StoreError),
    /// The process dies before the transaction is durable. Every later call of the same life fails.
    CrashBefore,
    /// The process dies after the transaction became durable and before anyone is told.
    CrashAfter,
}

/// Which write goes wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// Writing calls (`commit`, `replace`, `put_segments`, `discard`, `wipe`) that work before; 0 hits the next one.
    pub after_writes: usize,
    /// Single changes of that call that are made and must be taken back. More than it has means all of them.
    pub after_changes: usize,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultPlan {
    /// The `after_writes + 1`-th write from now goes wrong, before it changed anything.
    pub fn new(after_writes: usize, fault: Fault) -> Self {
        Self { after_writes, after_changes: 0, fault }
    }
}
