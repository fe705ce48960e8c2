//! What can be worked out about records: run sheets, dumps compared, what is different about a selection.
//!
//! Deliberately absent: any computation; the engine answers, `presentation::analysis_words` finds the words.
//!
//! Invariant: a number that opens rows opens exactly as many.

pub(super) mod compare_dialog;
pub(super) mod differences_dialog;
pub(super) mod regressions;
pub(super) mod run_sheet_dialog;
