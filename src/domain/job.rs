//! An integration job: what requests belong to, and whether it takes any.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The job's name, which is its identity: dumps name jobs, they do not number them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Only "Active" is documented; every other word is kept as it is and means "takes nothing".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum JobStatus {
    /// Retry and dismiss are possible.
    Active,
    /// Anything else, for example "Stopped".
    Other(String),
}

impl JobStatus {
    /// The word that the desk itself writes when a job is stopped here.
    pub fn stopped() -> Self {
        Self::Other("Stopped".to_owned())
    }

    /// Whether requests may be submitted and started.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active)
    }
}

impl From<String> for JobStatus {
    fn from(word: String) -> Self {
        if word.trim().eq_ignore_ascii_case("active") { Self::Active } else { Self::Other(word) }
    }
}

impl From<JobStatus> for String {
    fn from(status: JobStatus) -> Self {
        status.to_string()
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("Active"),
            Self::Other(word) => f.write_str(word),
        }
    }
}

/// An integration job as the desk knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Its status. A dump does not tell it, so a job new to the desk is taken as Active until someone says otherwise.
    pub status: JobStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_active_is_active() {
        assert!(JobStatus::from(" ACTIVE ".to_owned()).is_active());
        for word in ["Stopped", "Activating", "", "Not active"] {
            assert!(!JobStatus::from(word.to_owned()).is_active(), "{word}");
        }
    }
}
