//! What the engine answers about plans: what would be done, exactly, and what that follows from.

use serde::{Deserialize, Serialize};

use super::answer::Facets;
use crate::domain::{
    Exclusion, JobId, OrderBasis, Reference, RequestId, RequestKind, RequestState, RetryVerdict,
    Share, Timestamp, VerdictReason,
};

/// Records left out of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Excluded {
    /// Why.
    pub reason: Exclusion,
    /// How many.
    pub count: usize,
}

/// One request of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartView {
    /// Its job.
    pub job: JobId,
    /// Its records.
    pub count: usize,
    /// Places that the job has free.
    pub places: usize,
    /// It would wait on the shelf, for a place or behind its gate.
    #[serde(default)]
    pub shelved: bool,
    /// What it would wait for, where it is a step of a ramp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<PartGate>,
}

/// A plan: what would be done, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// To submit it by.
    pub plan_id: u64,
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// Records that the selection matches.
    pub matched: usize,
    /// Records that would be worked on.
    pub eligible: usize,
    /// Records left out, by reason.
    pub excluded: Vec<Excluded>,
    /// The requests.
    pub parts: Vec<PartView>,
    /// Fingerprint of the eligible records.
    pub digest: String,
    /// The selection in words.
    pub filter_text: String,
    /// Eligible records by entity, category and data source, largest first.
    pub breakdown: Facets,
    /// First and last occurrence among the eligible records.
    pub span: Option<(Timestamp, Timestamp)>,
    /// What a retry of the matched records would come to: advice, unless such records were to be left out.
    #[serde(default)]
    pub verdicts: Vec<VerdictCount>,
    /// Requests that hold matched records. Together as many as are left out as already requested.
    #[serde(default)]
    pub overlap: Vec<OverlapView>,
    /// Which tables come first, by job; none for a dismissal.
    #[serde(default)]
    pub order: Vec<JobOrderView>,
    /// How long it takes, by job.
    #[serde(default)]
    pub estimates: Vec<EstimateView>,
    /// Percentage that must have cleared before the next step, where the plan is ramped up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u8>,
}

/// Records of which a retry would come to the same for the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictCount {
    /// What it would come to.
    pub verdict: RetryVerdict,
    /// Why.
    pub reason: VerdictReason,
    /// How many.
    pub count: usize,
}

/// A request that holds records of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverlapView {
    /// The request.
    pub request_id: RequestId,
    /// Where it stands.
    pub state: Option<RequestState>,
    /// How many of the selection it holds.
    pub records: usize,
}

/// What a part of a plan would wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartGate {
    /// The part before, by its place among the parts, from 0.
    pub after: usize,
    /// Percentage of it that must have cleared.
    pub threshold: u8,
}

/// What a request waits for that is a step of a ramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GateView {
    /// The step before.
    pub after: RequestId,
    /// Where that one stands; `None` where it cannot be read.
    pub after_state: Option<RequestState>,
    /// Percentage of it that must have cleared.
    pub threshold: u8,
    /// What of it has cleared so far; `None` where nothing was retried yet.
    pub share: Option<Share>,
    /// Somebody opened the gate whatever the share.
    pub released: bool,
    /// The request waits for it.
    pub locked: bool,
}

/// The order of the tables of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOrderView {
    /// The job.
    pub job: JobId,
    /// What the order follows from.
    pub basis: OrderBasis,
    /// The tables that have records in the plan, in their order.
    pub tables: Vec<TablePlace>,
    /// What of the references between them the order keeps, those of most records first.
    pub references: Vec<Reference>,
    /// Tables that refer to each other round a cycle.
    pub cycles: Vec<Vec<String>>,
}

/// A table in the order of its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TablePlace {
    /// The table.
    pub entity: String,
    /// Its place; tables of one place do not depend on each other.
    pub place: u32,
    /// Its records in the plan.
    pub records: usize,
}

/// How long the requests of a plan take in one job, as past runs tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EstimateView {
    /// The job.
    pub job: JobId,
    /// Its records.
    pub records: u64,
    /// Milliseconds; `None` without a measured run.
    pub millis: Option<u64>,
    /// Runs of the same job and kind that were measured.
    pub runs: usize,
    /// Records that wait before them.
    pub ahead: u64,
    /// Milliseconds that those take; `None` where not all of it was measured.
    pub ahead_millis: Option<u64>,
}
