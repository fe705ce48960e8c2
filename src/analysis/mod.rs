//! What can be worked out about records beyond counting them: which filters of Microsoft's tab cover a set of them, and
//! what sets it apart from the rest.
//!
//! Deliberately absent: columns and how they are read (`dataset`), storage, and what the screen says about a result.
//! Everything here is a plain computation over numbers, so that it can be held against brute force.
//!
//! Invariant: what is called exact is optimal, and is called so only where that is certain.

mod cover;
mod differences;
mod markdown;
mod run_sheet;

pub use cover::Method;
pub use differences::{Difference, LEVEL, SMALLEST_DIFFERENCE, SMALLEST_RATIO, Share, differences};
pub use markdown::markdown;
pub use run_sheet::{GRAIN_MILLIS, Gap, Group, GroupRow, RunSheet, Step, run_sheet};
