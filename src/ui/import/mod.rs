//! Dumps into the desk: opening and dropping files, progress, questions, the account afterwards.

pub(super) mod open;
pub(super) mod progress;
pub(super) mod questions;
pub(super) mod remembered;
pub(super) mod report;
