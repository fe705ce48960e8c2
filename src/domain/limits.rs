//! The documented limits of the reconciliation queue. Settings with documented defaults, since the feature is in preview.

use serde::{Deserialize, Serialize};

use super::{Request, RequestKind, Timestamp};

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

impl QueueLimits {
    /// The same, as far as the product takes them.
    pub fn within_documented(&self) -> Self {
        let documented = Self::default();
        Self {
            requests_per_job: self.requests_per_job.min(documented.requests_per_job),
            records_per_request: self.records_per_request.min(documented.records_per_request),
        }
    }
}

/// How long a dismissal waits before it starts, so that it can be taken back. Ours, not the product's: there a
/// dismissal is at once and for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DismissHold {
    /// Seconds from submission to the earliest start.
    pub seconds: u32,
}

impl Default for DismissHold {
    fn default() -> Self {
        Self { seconds: 10 }
    }
}

impl DismissHold {
    /// The earliest start of a request; `None` where it need not wait.
    pub fn until(self, request: &Request) -> Option<Timestamp> {
        let waits = request.kind == RequestKind::Dismiss
            && request.started_at.is_none()
            && self.seconds > 0;
        let millis = request.created_at.millis() + i64::from(self.seconds) * 1000;
        Timestamp::from_millis(millis).filter(|_| waits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_here_does_not_widen_what_the_product_takes() {
        let wide = QueueLimits { requests_per_job: 50, records_per_request: 1_000_000 };
        assert_eq!(wide.within_documented(), QueueLimits::default());
        let narrow = QueueLimits { requests_per_job: 2, records_per_request: 300 };
        assert_eq!(narrow.within_documented(), narrow);
    }
}
