//! Calls of this page that nobody has answered yet, and what is known of them when their leader ends.
//!
//! Deliberately absent: who answers them, which is the matter of `serve`.

use web_sys::Blob;

use crate::protocol::{Call, Code, Problem};

/// A call without an answer.
pub(super) struct OpenCall {
    pub(super) call: String,
    pub(super) file: Option<Blob>,
    /// A leader has it, and may have begun.
    pub(super) is_taken: bool,
}

impl OpenCall {
    /// Whether nobody knows, now that its leader has ended, what came of it. What was not taken was not begun, and a
    /// question can be asked twice.
    pub(super) fn is_lost(&self) -> bool {
        let call = || serde_json::from_str::<Call>(&self.call);
        self.is_taken && !call().is_ok_and(|call| call.is_question())
    }
}

/// The answer to a lost call.
pub(super) fn lost() -> Problem {
    Problem::new(
        Code::EngineStopped,
        "The tab that worked on the data was closed before it answered",
        "This tab goes on. Look whether it was done: what was confirmed is stored, the rest is not",
    )
}
