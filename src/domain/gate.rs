//! Ramps: a retry begins with few records, and each further step waits until enough of the one before have cleared.
//!
//! Steps of 1, 10 and 100 records, then the rest. A step is a request of its own; it waits on the shelf behind its gate.
//! Deliberately absent: who tells what cleared. The rehearsal tells it by its model, a server by what it did.
//!
//! Invariant: a share is measured on records that were worked on, never guessed; without any there is no share.

use serde::{Deserialize, Serialize};

use super::{Request, RequestId, RequestState, Tally};

/// How a retry is ramped up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Percentage of a step that must have cleared before the next one may go, 1 to 100.
    pub threshold: u8,
}

impl Ramp {
    /// Records of the steps before the rest.
    pub const STEPS: [usize; 3] = [1, 10, 100];
}

impl Default for Ramp {
    fn default() -> Self {
        Self { threshold: 80 }
    }
}

/// What a step of a ramp waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The step before, a request of the same job.
    pub after: RequestId,
    /// Percentage of it that must have cleared.
    pub threshold: u8,
    /// Somebody opened the gate whatever the share.
    pub released: bool,
}

impl Gate {
    /// Whether the gate is open, by what is known of the step before.
    pub fn is_open(&self, before: Option<&Request>) -> bool {
        let is_reached = |before: &Request| {
            before.state == RequestState::Finished
                && Share::of(&before.tally()).is_some_and(|share| share.reaches(self.threshold))
        };
        self.released || before.is_some_and(is_reached)
    }
}

/// How many of the records that were retried have cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// Records that cleared.
    pub cleared: usize,
    /// Records that cleared or failed again; never 0.
    pub retried: usize,
}

impl Share {
    /// `None` where no record was retried: those that were skipped say nothing.
    pub fn of(tally: &Tally) -> Option<Self> {
        let retried = tally.cleared + tally.failed_again;
        (retried > 0).then_some(Self { cleared: tally.cleared, retried })
    }

    /// Whether it is that many percent or more.
    pub fn reaches(self, percent: u8) -> bool {
        self.cleared * 100 >= self.retried * usize::from(percent)
    }

    /// In percent, rounded down, so that a share just below a threshold never reads like it.
    pub fn percent(self) -> usize {
        self.cleared * 100 / self.retried.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_measured_on_what_was_retried() {
        let share = |cleared, failed_again, skipped| {
            Share::of(&Tally { cleared, failed_again, skipped, dismissed: 0 })
        };
        assert_eq!(share(0, 0, 10), None);
        let eight = share(8, 2, 90).expect("ten were retried");
        assert!(eight.reaches(80) && !eight.reaches(81));
        assert_eq!(eight.percent(), 80);
        let below = share(799, 201, 0).expect("a thousand");
        assert!(!below.reaches(80));
        assert_eq!(below.percent(), 79);
        assert!(!share(0, 1, 0).expect("one").reaches(1));
        assert!(share(1, 0, 0).expect("one").reaches(100));
    }
}
