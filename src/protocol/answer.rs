//! What the engine answers, where no type of the pure layers says it already.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    BrokenLine, Column, DatasetId, JobId, JobStatus, JournalEnd, JournalEntry, QueueLimits,
    RequestId, RequestKind, RequestState, Timestamp,
};

use super::plan_answer::GateView;

/// Counts by value, per dimension.
pub type Facets = BTreeMap<Column, Vec<FacetValue>>;

/// The same, by the words that were asked for.
pub type NamedFacets = BTreeMap<String, Vec<FacetValue>>;

/// A value and how many records have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FacetValue {
    /// Empty where the dump says nothing.
    pub value: String,
    /// Records.
    pub count: usize,
}

/// A bar of a histogram: records in `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "said above")]
pub struct Bucket {
    pub from: Timestamp,
    pub to: Timestamp,
    pub count: usize,
}

/// A loaded dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetView {
    /// Its id.
    pub id: DatasetId,
    /// The file's name.
    pub name: String,
    /// Rows that were loaded.
    pub rows: u64,
    /// When.
    pub imported_at: Timestamp,
    /// Made by the generator.
    pub sample: bool,
    /// Records of earlier dumps that it showed again, which were not loaded a second time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seen_again: usize,
    /// What of it cannot be read any more. Its rows are in no answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<DamagedChunk>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl DatasetView {
    /// Rows that are missing since they cannot be read.
    pub fn lost_rows(&self) -> usize {
        self.damaged.iter().map(|chunk| chunk.rows).sum()
    }

    /// Rows that were loaded and are not missing.
    pub fn readable_rows(&self) -> u64 {
        self.rows.saturating_sub(self.lost_rows() as u64)
    }
}

/// A part of a loaded dump that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DamagedChunk {
    /// Its number, from 0.
    pub chunk: u32,
    /// The part that was found damaged.
    pub part: ChunkPart,
    /// Rows that are missing on its account.
    pub rows: usize,
    /// The first of these rows in the dump, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_row: Option<u32>,
    /// The last of these rows in the dump, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_row: Option<u32>,
}

/// A stored part of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChunkPart {
    /// What filters, facets and times are answered from.
    Head,
    /// What rows say in their own words, and who they are.
    Details,
}

/// An integration job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: JobStatus,
    /// Open requests.
    pub open: usize,
    /// Places.
    pub limit: usize,
    /// Requests that wait on its shelf.
    #[serde(default)]
    pub shelved: usize,
    /// Records that wait for an outcome in its queue, and on its shelf but for locked steps.
    #[serde(default)]
    pub waiting: u64,
    /// How long they take in milliseconds, as past runs of the job tell; `None` where none does.
    #[serde(default)]
    pub waiting_millis: Option<u64>,
}

/// A window of the records of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanIds {
    /// Records of the part.
    pub total: usize,
    /// Ids of the window.
    pub ids: Vec<String>,
}

/// Requests made by a submission, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submitted {
    /// Their ids.
    pub request_ids: Vec<RequestId>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the scripting API")]
pub struct RequestView {
    pub id: RequestId,
    pub job_id: JobId,
    pub kind: RequestKind,
    pub state: RequestState,
    pub records: usize,
    pub done: usize,
    pub cleared: usize,
    pub failed_again: usize,
    pub skipped: usize,
    pub dismissed: usize,
    pub digest: String,
    pub filter_text: String,
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub rehearsal: bool,
    /// A dismissal that waits is not started before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// Its turn in the queue, the least first. Its id, or more where it was locked while newer requests came.
    pub turn: u64,
    /// What it waits for, where it is a step of a ramp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateView>,
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// Milliseconds that a step of the rehearsal takes.
    pub rehearsal_step_ms: u32,
    /// Seconds that a dismissal waits before it starts.
    pub dismiss_hold_seconds: u32,
    /// Limits of the queue.
    pub limits: QueueLimits,
    /// Causes that are marked as fixed, by id.
    pub fixed_causes: Vec<String>,
}

/// A window of the groups of messages, the largest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageGroups {
    /// Groups in all.
    pub total: usize,
    /// Groups of the window.
    pub groups: Vec<MessageGroup>,
}

/// Records whose messages differ in numbers and GUIDs only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageGroup {
    /// The message with `{guid}` and `#` in the place of GUIDs and numbers.
    pub template: String,
    /// Records that have it.
    pub count: usize,
}

/// A window of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalPage {
    /// Entries of the journal.
    pub total: usize,
    /// Entries of the window, oldest first.
    pub entries: Vec<JournalEntry>,
    /// The latest line. Noted elsewhere, it shows later whether anything before it was changed.
    pub end: JournalEnd,
}

/// What a walk along the whole journal found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalCheck {
    /// Lines that are as they were written, from the first on.
    pub lines: u64,
    /// The last of them.
    pub end: JournalEnd,
    /// Whether any of them carries a hash: without one nothing shows whether they were changed.
    pub chained: bool,
    /// The first line that is not; `None` where all are.
    pub broken: Option<BrokenLine>,
}

/// What came of a hand-over bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleReport {
    /// What was done with it.
    pub outcome: BundleOutcome,
    /// Dumps in it.
    pub datasets: usize,
    /// Requests in it.
    pub requests: usize,
    /// Records that were dismissed by then.
    pub dismissed: usize,
}

/// How a bundle stands to the desk that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BundleOutcome {
    /// The desk was empty, and holds now what the bundle holds.
    Taken,
    /// The bundle goes on where the desk ended, and was taken.
    Continued,
    /// Everything was here already; nothing changed.
    Known,
}

/// What is stored, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageView {
    /// The browser promised not to evict it. `None` where it cannot tell.
    pub persisted: Option<bool>,
    /// Bytes used by this origin, as the browser estimates.
    pub usage_bytes: Option<u64>,
    /// Bytes this origin may use.
    pub quota_bytes: Option<u64>,
    /// Datasets stored.
    pub datasets: usize,
    /// Segments stored.
    pub segments: usize,
    /// This tab's engine owns the store.
    pub leader: bool,
    /// `indexedDb`, or `memory` where the browser gives no durable storage.
    pub kind: String,
}
