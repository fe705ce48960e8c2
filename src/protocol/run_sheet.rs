//! Run sheets: what to enter in Microsoft's tab.

use serde::{Deserialize, Serialize};

use crate::domain::{RequestId, RequestKind, Timestamp};

/// What a run sheet is made for: a plan, or requests of one kind. Exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunSheetParams {
    /// The records of this plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<u64>,
    /// The records of these requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_ids: Option<Vec<RequestId>>,
    /// At most so many steps where that is possible, and the fewest bystanders with them. Without it bystanders are
    /// fewest, whatever steps that takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<usize>,
}

/// One request to make in the tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSheetStep {
    /// The job whose tab is meant.
    pub job: String,
    /// What to press.
    pub action: RequestKind,
    /// The entity to filter by.
    pub entity: String,
    /// The data source to filter by; empty means records whose data source is empty.
    pub data_source: String,
    /// From this moment; null where the time is to be left open.
    pub from: Option<Timestamp>,
    /// Until before this moment.
    pub to: Option<Timestamp>,
    /// Records that the filter hits.
    pub expected: usize,
    /// Those of them that were not chosen.
    pub bystanders: usize,
    /// Which of the job's rounds it belongs to, from 1: the next one begins when the requests of this one are finished.
    pub round: usize,
}

/// The steps in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSheetView {
    /// The steps.
    pub steps: Vec<RunSheetStep>,
    /// The same as a text to print and to copy.
    pub markdown: String,
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// What was chosen, in words.
    pub filter_text: String,
    /// Chosen records.
    pub records: usize,
    /// Records of the plan that were dismissed or removed since.
    pub gone: usize,
    /// Bystanders of all steps.
    pub bystanders: usize,
    /// Chosen records that no filter can reach within the limits.
    pub unreached: Vec<Unreached>,
    /// Whether the steps are known to be the best ones.
    pub method: RunSheetMethod,
}

/// How steps were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunSheetMethod {
    /// Fewer bystanders are impossible, and as few with fewer steps.
    Exact,
    /// Good, and perhaps not the best.
    Heuristic,
}

/// Chosen records that no step reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreached {
    /// Why.
    pub reason: UnreachedReason,
    /// How many.
    pub count: usize,
}

/// Why no step reaches a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnreachedReason {
    /// More records than a request may hold stand in the same second.
    CrowdedSecond,
    /// It has no time, and its entity and data source hold more records than a request may.
    NoTime,
}
