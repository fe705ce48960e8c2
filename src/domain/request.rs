//! A request: a frozen set of records to retry or to dismiss, and what became of each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Gate, JobId, RecordBatch, RecordId, Timestamp};

/// A rising number given at submission. It *is* the order of creation, and with it that of execution but for steps of a
/// ramp that were locked meanwhile; no clock is involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The two actions the product has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestKind {
    /// Synchronise the records again.
    Retry,
    /// Remove them from reporting and retry, for ever.
    Dismiss,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retry => "Retry",
            Self::Dismiss => "Dismiss",
        })
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestState {
    /// Waits on the shelf until a place of its job comes free: not in the queue, but it holds its records.
    Shelved,
    /// Waits for its turn. It may have been started before and have part of its work done.
    Queued,
    /// Its records are being worked on.
    Running,
    /// Every record has an outcome.
    Finished,
    /// Taken back; records without an outcome are free again.
    Withdrawn,
}

impl RequestState {
    /// Queued or running: it takes a place of its job.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// In the queue or on the shelf: no other request may take its records.
    pub const fn holds_records(self) -> bool {
        matches!(self, Self::Shelved | Self::Queued | Self::Running)
    }
}

/// What became of one record of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecordOutcome {
    /// Retried and synchronised.
    Cleared,
    /// Retried and failed again.
    FailedAgain,
    /// Not worked on, for example because it is no longer there.
    Skipped,
    /// Gone for ever.
    Dismissed,
}

/// How many records of a request had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Retried and synchronised.
    pub cleared: usize,
    /// Retried and failed again.
    pub failed_again: usize,
    /// Not worked on.
    pub skipped: usize,
    /// Gone for ever.
    pub dismissed: usize,
}

/// One request of one integration job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number, which is its place in the order of creation.
    pub id: RequestId,
    /// The job it belongs to.
    pub job: JobId,
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// Its records, frozen at submission.
    pub batch: RecordBatch,
    /// Outcomes of the first `outcomes.len()` records of the batch, in its order.
    pub outcomes: Vec<RecordOutcome>,
    /// Where it stands.
    pub state: RequestState,
    /// Its turn in the queue: the least runs first. Its id, or more where it left the shelf after newer ones came.
    pub turn: u64,
    /// What keeps it on the shelf besides the lack of a place, where it is a step of a ramp.
    pub gate: Option<Gate>,
    /// The filter it was made from, in words.
    pub filter_text: String,
    /// Why, in the submitter's words.
    pub reason: Option<String>,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it was first started.
    pub started_at: Option<Timestamp>,
    /// When it was finished or withdrawn.
    pub finished_at: Option<Timestamp>,
    /// Carried out by the offline rehearsal, not by a server.
    pub rehearsal: bool,
}

impl Request {
    /// Records that have no outcome yet, in the batch's order.
    pub fn pending(&self) -> &[RecordId] {
        &self.batch.records()[self.outcomes.len()..]
    }

    /// Records with their outcomes.
    pub fn settled(&self) -> impl Iterator<Item = (RecordId, RecordOutcome)> {
        self.batch.records().iter().copied().zip(self.outcomes.iter().copied())
    }

    /// Whether the request keeps the record from being taken by another one.
    pub fn holds(&self, record: RecordId) -> bool {
        self.state.holds_records() && self.batch.contains(record)
    }

    /// Outcomes by kind.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for outcome in &self.outcomes {
            match outcome {
                RecordOutcome::Cleared => tally.cleared += 1,
                RecordOutcome::FailedAgain => tally.failed_again += 1,
                RecordOutcome::Skipped => tally.skipped += 1,
                RecordOutcome::Dismissed => tally.dismissed += 1,
            }
        }
        tally
    }
}
