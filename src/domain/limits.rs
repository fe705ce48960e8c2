//! The documented limits of the reconciliation queue. Settings with documented defaults, since the feature is in preview.

use serde::{Deserialize, Serialize};

/// How much an integration job takes at once.
///
/// Source of the defaults: Microsoft, "Manage dual-write async errors" (2024-09-26). Whether a running request counts
/// towards the five is not documented; the safe reading, that it does, is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueLimits {
    /// Open (queued or running) requests of one integration job.
    pub requests_per_job: usize,
    /// Records of one request.
    pub records_per_request: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { requests_per_job: 5, records_per_request: 10_000 }
    }
}
