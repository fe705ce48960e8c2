//! What came of a hand-over bundle, in words.

use super::numbers;
use crate::protocol::{BundleOutcome, BundleReport};

/// A sentence for the message bar.
pub fn report_words(name: &str, report: &BundleReport) -> String {
    let holds = format!(
        "{}, {} and {}",
        numbers::counted(report.datasets, "dump"),
        numbers::counted(report.requests, "request"),
        numbers::counted(report.dismissed, "dismissed record")
    );
    match report.outcome {
        BundleOutcome::Taken => format!("Took over {name}: {holds}"),
        BundleOutcome::Continued => format!("{name} goes on where this desk was: {holds} now"),
        BundleOutcome::Known => {
            format!("Nothing changed: everything in {name} is here already")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_sentence() {
        let words = |outcome| {
            let report = BundleReport { outcome, datasets: 1, requests: 2, dismissed: 1_200 };
            report_words("b.jsonl", &report)
        };
        assert_eq!(
            words(BundleOutcome::Taken),
            "Took over b.jsonl: 1 dump, 2 requests and 1,200 dismissed records"
        );
        assert!(words(BundleOutcome::Continued).ends_with("1,200 dismissed records now"));
        assert!(words(BundleOutcome::Known).starts_with("Nothing changed"));
    }
}
