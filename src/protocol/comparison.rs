//! Two dumps held against each other, and what they prove.

use serde::{Deserialize, Serialize};

use crate::domain::{DatasetId, Filter, JobId, RequestId, Timestamp};

/// Which two dumps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareParams {
    /// The earlier one.
    pub before: DatasetId,
    /// The later one.
    pub after: DatasetId,
    /// First record of each window.
    #[serde(default)]
    pub offset: usize,
    /// Records of each window, at most 10,000; 100 without.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

fn default_limit() -> usize {
    100
}

/// What became of the records from one dump to the other. Of several errors of a record the latest stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonView {
    /// The earlier dump.
    pub before: ComparedDump,
    /// The later dump.
    pub after: ComparedDump,
    /// In the first, and not in the second.
    pub cleared: FateView,
    /// In both, of the same cause.
    pub still_failing: FateView,
    /// In both, of another cause.
    pub message_changed: FateView,
    /// In the second, and in no dump before.
    pub new: FateView,
    /// In the second and not in the first, but in a dump before that.
    pub came_back: FateView,
    /// What makes the counts say less than they seem to.
    pub notes: Vec<String>,
}

/// A dump of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedDump {
    /// Its id.
    pub id: DatasetId,
    /// The file's name.
    pub name: String,
    /// When it was opened.
    pub imported_at: Timestamp,
    /// Records in it.
    pub records: usize,
}

/// The records of one fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FateView {
    /// Records.
    pub count: usize,
    /// Ids of the window, in the dump's order: of the later dump, but of the earlier one for what was cleared.
    pub ids: Vec<String>,
    /// What opens these records and no others.
    pub filter: Filter,
}

/// Whose ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerParams {
    /// These requests; every finished retry without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_ids: Option<Vec<RequestId>>,
    /// Proven by this dump; by the first one that was opened after the request finished without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DatasetId>,
}

/// What retries achieved, as later dumps prove it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerView {
    /// Request by request, in their order.
    pub requests: Vec<LedgerRequest>,
    /// Cause by cause, those with the most records first.
    pub causes: Vec<LedgerCause>,
}

/// One finished retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerRequest {
    /// The request.
    pub request_id: RequestId,
    /// Its job.
    pub job_id: JobId,
    /// When it finished.
    pub finished_at: Timestamp,
    /// The dump that proves it; `None` where none was opened since.
    pub proof: Option<DatasetId>,
    /// What came of its records.
    pub result: LedgerTally,
    /// What opens them.
    pub doors: LedgerDoors,
}

/// The records of one cause in all of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerCause {
    /// The cause.
    pub cause: String,
    /// What its errors say, values left out; missing where none of them is here any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What came of them; of a record that was sent several times, the last time.
    pub result: LedgerTally,
    /// What opens them.
    pub doors: LedgerDoors,
}

/// `sent = cleared + sameError + differentError + unproven + gone`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerTally {
    /// Records that were sent.
    pub sent: usize,
    /// Not in the later dump.
    pub cleared: usize,
    /// In it, of the same cause.
    pub same_error: usize,
    /// In it, of another cause.
    pub different_error: usize,
    /// No later dump was opened.
    pub unproven: usize,
    /// Dismissed since, or removed with their dump: nothing can be said of them.
    pub gone: usize,
}

/// What opens the records of a tally, as many as each count says. Those that are gone cannot be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerDoors {
    /// All that were sent; missing where some of them are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Filter>,
    /// Those cleared.
    pub cleared: Filter,
    /// Those of the same cause.
    pub same_error: Filter,
    /// Those of another cause.
    pub different_error: Filter,
    /// Those not proven.
    pub unproven: Filter,
}

/// A cause that was marked as fixed, and has errors again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Regression {
    /// The cause.
    pub cause: String,
    /// When it was marked as fixed.
    pub marked_at: Timestamp,
    /// The first error that is newer than all that were known then, in a dump that was opened since; where none of them
    /// has a time, when the first such dump was opened.
    pub first_new: Timestamp,
    /// How many there are.
    pub count: usize,
    /// What opens them.
    pub filter: Filter,
}
