//! What later dumps say of retries and of causes that were marked as fixed, as conditions of a filter.
//!
//! Deliberately absent: how it is found out (`dataset`, `workspace`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DatasetId, RequestId, Timestamp};

/// What a later dump says of a record that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryResult {
    /// It is not in the dump.
    Cleared,
    /// It is, of the same cause.
    SameError,
    /// It is, of another cause.
    DifferentError,
    /// No dump was opened since.
    Unproven,
}

impl RetryResult {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 4] =
        [Self::Cleared, Self::SameError, Self::DifferentError, Self::Unproven];

    /// As scripts and links read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::SameError => "sameError",
            Self::DifferentError => "differentError",
            Self::Unproven => "unproven",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::SameError => "same error",
            Self::DifferentError => "another error",
            Self::Unproven => "not proven yet",
        }
    }
}

/// Records that finished retries sent. One that was sent several times is what its last retry made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Retried {
    /// By these requests; by any without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestId>,
    /// Proven by this dump; without, by the first one that was opened after the request finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<DatasetId>,
    /// What came of them; anything without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<RetryResult>,
}

impl fmt::Display for Retried {
    /// Such as `retried by request 3: same error`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("retried")?;
        match self.requests.as_slice() {
            [] => {}
            [one] => write!(f, " by request {one}")?,
            many => {
                let many: Vec<String> = many.iter().map(ToString::to_string).collect();
                write!(f, " by requests {}", many.join(", "))?;
            }
        }
        if let Some(result) = self.result {
            write!(f, ": {}", result.name())?;
        }
        if let Some(after) = self.after {
            write!(f, " in dump {}", after.0)?;
        }
        Ok(())
    }
}

/// Records that nobody knew at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSince {
    /// First loaded with this dump or a later one.
    pub dataset: DatasetId,
    /// And later than this, or without a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
}

impl fmt::Display for NewSince {
    /// Such as `new since dump 2 and later than 2026-01-01T00:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "new since dump {}", self.dataset.0)?;
        match self.after {
            Some(after) => write!(f, " and later than {after}"),
            None => Ok(()),
        }
    }
}
