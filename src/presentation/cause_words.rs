//! Causes, verdicts and missing references in words.

use crate::domain::{CauseAction, CauseRule, Remedy, RetryVerdict, Timestamp};
use crate::protocol::{AxisWord, word};

use super::visible::visible;
use super::{labels, numbers};

/// The name of an axis.
pub const fn axis(by: AxisWord) -> &'static str {
    match by {
        AxisWord::Cause => "Cause",
        AxisWord::Entity => "Entity",
        AxisWord::Company => "Company",
        AxisWord::ErrorCode => "Error code",
        AxisWord::Day => "Day (UTC)",
        AxisWord::Missing => "Missing reference",
    }
}

/// The word of an axis in a choice.
pub fn axis_word(by: AxisWord) -> String {
    word(&by)
}

/// A verdict as a badge says it.
pub const fn verdict(verdict: RetryVerdict) -> &'static str {
    match verdict {
        RetryVerdict::Eligible => "Retry can help",
        RetryVerdict::PointlessUntilFixed => "Fix first",
        RetryVerdict::NotRetriable => "Not retriable",
        RetryVerdict::Superseded => "Superseded",
    }
}

/// The class that colours a verdict; the words say it, too.
pub const fn verdict_class(verdict: RetryVerdict) -> &'static str {
    match verdict {
        RetryVerdict::Eligible => "badge verdict good",
        RetryVerdict::PointlessUntilFixed => "badge verdict warn",
        RetryVerdict::NotRetriable => "badge verdict danger",
        RetryVerdict::Superseded => "badge verdict",
    }
}

/// Whether a plain retry works, as a card says it.
pub const fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::PlainRetry => "A plain retry can work",
        Remedy::FixFirst => "Retry after the fix",
        Remedy::Hopeless => "A retry is pointless",
        Remedy::Unknown => "Whether a retry works is not known",
    }
}

/// Why a piece of a message does not count.
pub fn mask(code: &str) -> &'static str {
    match code {
        "number" => "number, key, date or GUID",
        "quoted" => "in quotes",
        "braced" => "in braces",
        "address" => "address",
        "company" => "company",
        "announced" => "announced by the words before",
        "party" => "name of a party",
        "key" => "key in capitals",
        "field" => "field without quotes",
        _ => "cut or masked in the dump",
    }
}

/// What errors of a cause say, values left out.
pub fn template(template: &str) -> String {
    if template.is_empty() { "(no message)".to_owned() } else { visible(template).into_owned() }
}

/// The same with the entity before it, since many causes say the same of different entities.
pub fn of_entity(entity: &str, message: &str) -> String {
    match entity {
        "" => template(message),
        entity => format!("{}: {}", visible(entity), template(message)),
    }
}

/// A trend for whoever does not see it.
pub fn trend(counts: &[u32], span: Option<(Timestamp, Timestamp)>) -> String {
    let Some((from, to)) = span else { return "No times are known".to_owned() };
    let all: Vec<String> = counts.iter().map(|count| numbers::count(*count as usize)).collect();
    format!(
        "Errors from {} to {} in {} equal parts: {}",
        &from.to_string()[..10],
        &to.to_string()[..10],
        counts.len(),
        all.join(", ")
    )
}

/// The bars of a trend as a path on a field of so many units, each two wide and one apart.
pub fn bars(counts: &[u32], height: f64) -> String {
    let most = f64::from(counts.iter().copied().max().unwrap_or(0).max(1));
    let bar = |(at, count): (usize, &u32)| {
        // What is there at all is to be seen.
        let tall = if *count == 0 { 0.0 } else { (f64::from(*count) / most * height).max(1.0) };
        format!("M{} {height}v{:.1}h2v{:.1}z", at * 3, -tall, tall)
    };
    counts.iter().enumerate().map(bar).collect()
}

/// A rule as a sentence.
pub fn rule(rule: &CauseRule) -> String {
    match &rule.action {
        CauseAction::Merge { into, causes } => {
            format!("Rule {}: {} merged into {into}", rule.id, causes.join(", "))
        }
        CauseAction::SplitBy { cause, column } => {
            let column = labels::column(*column).to_lowercase();
            format!("Rule {}: {cause} split by {column}", rule.id)
        }
        CauseAction::SplitText { cause, text } => {
            format!("Rule {}: messages of {cause} with \u{201c}{text}\u{201d} split off", rule.id)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_apart_by_their_entity() {
        assert_eq!(of_entity("Vendors V2", ""), "Vendors V2: (no message)");
        assert_eq!(of_entity("", "Lookup {\u{2026}}"), "Lookup {\u{2026}}");
    }

    #[test]
    fn bars_are_as_tall_as_their_counts() {
        assert_eq!(
            bars(&[0, 1, 4, 1_000], 10.0),
            "M0 10v-0.0h2v0.0zM3 10v-1.0h2v1.0zM6 10v-1.0h2v1.0zM9 10v-10.0h2v10.0z"
        );
        assert_eq!(bars(&[], 10.0), "");
    }

    #[test]
    fn axes_are_named_as_the_scripting_api_does() {
        assert_eq!(
            AxisWord::ALL.map(axis_word),
            ["cause", "entity", "company", "errorCode", "day", "missing"]
        );
    }
}
