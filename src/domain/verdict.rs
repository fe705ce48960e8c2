//! Whether a plain retry of a record can help, and why.
//!
//! Sources: the product can retry everything but concurrency failures and documents that system failures may clear by
//! themselves (dual-write async FAQ); a retried record is synchronised in its current version only, so of several errors of
//! one record the newest alone is worth a retry. What is known of single messages comes in as a [`Remedy`].
//!
//! Deliberately absent: what a plan does with a verdict, and where the facts come from.
//!
//! Invariant: only [`RetryVerdict::NotRetriable`] forbids anything; the others are advice that a user may override.

use serde::{Deserialize, Serialize};

use super::{Category, Exclusion};

/// What a plain retry of a record would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryVerdict {
    /// It may clear.
    Eligible,
    /// It will fail again until somebody removes its cause.
    PointlessUntilFixed,
    /// The product cannot retry it.
    NotRetriable,
    /// A newer error of the same record exists, whose retry covers this one.
    Superseded,
}

/// What is known of an error besides its category: the catalogue of guidance tells.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Remedy {
    /// Nothing.
    #[default]
    Unknown,
    /// Waiting and retrying can be enough.
    PlainRetry,
    /// Something must be fixed first.
    FixFirst,
    /// Nothing that is done to the record's cause lets this error be retried with success.
    Hopeless,
}

/// What the verdict on a record depends on.
#[derive(Clone, Copy, Debug)]
pub struct VerdictFacts<'a> {
    /// Its category.
    pub category: &'a Category,
    /// What the catalogue says of its message and code.
    pub remedy: Remedy,
    /// Somebody marked its cause as fixed.
    pub cause_fixed: bool,
    /// A newer error with the same job, entity, record key and company exists.
    pub has_newer: bool,
}

/// Why a verdict is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VerdictReason {
    /// A concurrency failure: the record's version was not the latest.
    Concurrency,
    /// A newer error of the same record exists.
    NewerError,
    /// The cause is marked as fixed.
    CauseFixed,
    /// The message is known to clear by itself.
    KnownTransient,
    /// The message is known to need a fix first.
    KnownFix,
    /// The message is known to come back whatever is done.
    KnownHopeless,
    /// System failures may clear by themselves.
    System,
    /// The target refused the record for a reason of business or logic.
    Application,
    /// Map, schema or link: the whole map stands still.
    Configuration,
    /// The same record was changed on both sides, and the other side's change won.
    Conflict,
    /// Nothing speaks against a retry, and nothing for it.
    Unknown,
}

impl RetryVerdict {
    /// The verdict on a record, and its reason. What the product forbids comes first, then what makes a retry useless
    /// whatever the cause, then what is known of the message, then its category.
    pub fn of(facts: &VerdictFacts<'_>) -> (Self, VerdictReason) {
        if !facts.category.is_retriable() {
            return (Self::NotRetriable, VerdictReason::Concurrency);
        }
        if facts.has_newer {
            return (Self::Superseded, VerdictReason::NewerError);
        }
        if facts.cause_fixed {
            return (Self::Eligible, VerdictReason::CauseFixed);
        }
        match (facts.remedy, facts.category) {
            (Remedy::PlainRetry, _) => (Self::Eligible, VerdictReason::KnownTransient),
            (Remedy::FixFirst, _) => (Self::PointlessUntilFixed, VerdictReason::KnownFix),
            (Remedy::Hopeless, _) => (Self::PointlessUntilFixed, VerdictReason::KnownHopeless),
            (_, Category::System) => (Self::Eligible, VerdictReason::System),
            (_, Category::Application) => (Self::PointlessUntilFixed, VerdictReason::Application),
            (_, Category::Configuration) => {
                (Self::PointlessUntilFixed, VerdictReason::Configuration)
            }
            (_, Category::Conflict) => (Self::PointlessUntilFixed, VerdictReason::Conflict),
            (_, _) => (Self::Eligible, VerdictReason::Unknown),
        }
    }

    /// Why a plan that heeds this verdict leaves the record out; `None` where it takes it.
    pub const fn exclusion(self) -> Option<Exclusion> {
        match self {
            Self::Eligible => None,
            Self::PointlessUntilFixed => Some(Exclusion::PointlessUntilFixed),
            Self::NotRetriable => Some(Exclusion::NotRetriable),
            Self::Superseded => Some(Exclusion::Superseded),
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::PointlessUntilFixed => "pointless until fixed",
            Self::NotRetriable => "not retriable",
            Self::Superseded => "superseded",
        }
    }
}

impl VerdictReason {
    /// As a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Concurrency => {
                "A concurrency failure: a newer version of the record exists, and the product cannot retry this one."
            }
            Self::NewerError => {
                "A newer error of the same record exists; a retry sends the record as it is now, so one retry covers both."
            }
            Self::CauseFixed => "Its cause is marked as fixed.",
            Self::KnownTransient => "Errors of this kind are known to clear when they are retried.",
            Self::KnownFix => "Errors of this kind come back until what the guidance says is done.",
            Self::KnownHopeless => {
                "Errors of this kind come back whatever is done; the guidance says what to do instead."
            }
            Self::System => "A system failure, which may clear by itself.",
            Self::Application => {
                "The target refused the record for a reason of business; the same record will be refused again."
            }
            Self::Configuration => "A fault of map, schema or link, which stops the whole map.",
            Self::Conflict => {
                "The record was changed on both sides and the other change won; a retry is rejected by design."
            }
            Self::Unknown => "Nothing is known that speaks against a retry.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(category: Category, remedy: Remedy, fixed: bool, newer: bool) -> RetryVerdict {
        let facts =
            VerdictFacts { category: &category, remedy, cause_fixed: fixed, has_newer: newer };
        RetryVerdict::of(&facts).0
    }

    #[test]
    fn what_the_product_forbids_outweighs_everything() {
        for (remedy, fixed, newer) in
            [(Remedy::PlainRetry, true, true), (Remedy::Unknown, false, false)]
        {
            let found = verdict(Category::Concurrency, remedy, fixed, newer);
            assert_eq!(found, RetryVerdict::NotRetriable);
        }
    }

    #[test]
    fn of_several_errors_of_a_record_only_the_newest_is_worth_a_retry() {
        let older = verdict(Category::System, Remedy::PlainRetry, true, true);
        assert_eq!(older, RetryVerdict::Superseded);
        assert_eq!(
            verdict(Category::System, Remedy::Unknown, false, false),
            RetryVerdict::Eligible
        );
    }

    #[test]
    fn a_business_failure_waits_for_its_fix() {
        let application = |remedy, fixed| verdict(Category::Application, remedy, fixed, false);
        assert_eq!(application(Remedy::Unknown, false), RetryVerdict::PointlessUntilFixed);
        assert_eq!(application(Remedy::FixFirst, true), RetryVerdict::Eligible);
        assert_eq!(application(Remedy::PlainRetry, false), RetryVerdict::Eligible);
        let system = verdict(Category::System, Remedy::FixFirst, false, false);
        assert_eq!(system, RetryVerdict::PointlessUntilFixed);
        let other = verdict(Category::Other("Transient".into()), Remedy::Unknown, false, false);
        assert_eq!(other, RetryVerdict::Eligible);
    }

    #[test]
    fn every_verdict_but_eligible_has_an_exclusion_of_its_own() {
        let all = [
            RetryVerdict::PointlessUntilFixed,
            RetryVerdict::NotRetriable,
            RetryVerdict::Superseded,
        ];
        let exclusions: std::collections::BTreeSet<_> =
            all.iter().filter_map(|verdict| verdict.exclusion()).collect();
        assert_eq!((exclusions.len(), RetryVerdict::Eligible.exclusion()), (3, None));
    }
}
