//! The face of every failure to users and scripts: a stable code, what failed on what, and the way out.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Key among the details of what was said of stored data that cannot be used.
const BEYOND_USE: &str = "beyondUse";

/// Stable codes of the scripting API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the words are those of the scripting API and speak for themselves"
)]
pub enum Code {
    JobNotActive,
    QueueFull,
    TooManyRecords,
    NothingSelected,
    AlreadyRequested,
    NotRetriable,
    PlanExpired,
    UnknownRequest,
    UnknownJob,
    UnknownDataset,
    InvalidArgument,
    UnsupportedFormat,
    EmptyFile,
    MappingNeeded,
    TimeZoneNeeded,
    DateOrderNeeded,
    TooLarge,
    Cancelled,
    StorageFull,
    StorageUnavailable,
    NewerDatabase,
    NotLeader,
    GatewayUnreachable,
    GatewayRefused,
    AddressForbidden,
    AddressUnreachable,
    EngineStopped,
    Internal,
}

/// A failure, told so that the reader can act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Stable word.
    pub code: Code,
    /// What failed, on what.
    pub message: String,
    /// The way out; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Numbers and evidence. Boxed, since most problems have none and every result carries the room for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Value>>,
}

impl Problem {
    /// A problem without details.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into(), details: None }
    }

    /// The same with details.
    pub fn with_details(self, details: Value) -> Self {
        Self { details: Some(Box::new(details)), ..self }
    }

    /// The same, said of stored data that cannot be used at all.
    pub fn beyond_use(self) -> Self {
        self.with_details(json!({ BEYOND_USE: true }))
    }

    /// Whether the stored data cannot be used at all: then they can only be exported as they are, kept, or deleted.
    pub fn is_beyond_use(&self) -> bool {
        self.details.as_ref().is_some_and(|details| details[BEYOND_USE] == true)
    }

    /// Arguments that make no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message, "")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, ". {}", self.hint) }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_use_says_so_to_the_page() {
        let problem = Problem::new(Code::NewerDatabase, "newer", "reload");
        let told = |problem: &Problem| {
            let json = serde_json::to_string(problem).expect("JSON");
            serde_json::from_str::<Problem>(&json).expect("a problem").is_beyond_use()
        };
        assert!(!told(&problem) && !told(&problem.clone().with_details(json!([1]))));
        assert!(told(&problem.beyond_use()));
    }
}
