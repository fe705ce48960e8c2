//! Answers out of their JSON text.

use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// An answer in its type.
pub fn read_answer<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(unreadable)
}

// Not made anew for each type.
fn unreadable(error: serde_json::Error) -> Problem {
    Problem::new(Code::Internal, format!("the engine's answer cannot be read: {error}"), "")
}
