//! Run sheets, comparisons and differences in words.

use crate::domain::RequestKind;
use crate::protocol::{Finding, RunSheetMethod, RunSheetView, UnreachedReason, named};

use super::{labels, numbers};

/// What a sheet comes to: `3 steps hit 120 records: the 118 chosen and 2 bystanders`.
pub fn sheet_summary(sheet: &RunSheetView) -> String {
    let hits: usize = sheet.steps.iter().map(|step| step.expected).sum();
    let steps = numbers::counted(sheet.steps.len(), "step");
    let verb = if sheet.steps.len() == 1 { "hits" } else { "hit" };
    let chosen = numbers::count(hits - sheet.bystanders);
    let bystanders = match sheet.bystanders {
        0 => "no bystander".to_owned(),
        count => numbers::counted(count, "bystander"),
    };
    format!(
        "{steps} {verb} {}: the {chosen} chosen and {bystanders}",
        numbers::counted(hits, "record")
    )
}

/// What the tab would do to the bystanders of a sheet.
pub fn bystanders(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Retry => {
            "Bystanders are records of the same job that the filter hits although they were not chosen: the tab retries them too."
        }
        RequestKind::Dismiss => {
            "Bystanders are records of the same job that the filter hits although they were not chosen: the tab dismisses them too, for ever."
        }
    }
}

/// How good a sheet is known to be.
pub fn method(sheet: &RunSheetView, most_steps: Option<usize>) -> String {
    match (sheet.method, most_steps) {
        (RunSheetMethod::Exact, None) => {
            "Fewer bystanders are impossible, and as few with fewer steps.".to_owned()
        }
        (RunSheetMethod::Exact, Some(most)) if sheet.steps.len() > most => format!(
            "At least {} are needed; with so many, fewer bystanders are impossible.",
            numbers::counted(sheet.steps.len(), "step")
        ),
        (RunSheetMethod::Exact, Some(most)) => {
            format!("Fewer bystanders are impossible with {}.", numbers::counted(most, "step"))
        }
        (RunSheetMethod::Heuristic, _) => {
            "A good sheet; perhaps not the one with the fewest bystanders.".to_owned()
        }
    }
}

/// Why chosen records are out of reach.
pub fn unreached(reason: UnreachedReason) -> &'static str {
    match reason {
        UnreachedReason::CrowdedSecond => {
            "stand in a second with more records than one request may hold, and the tab cannot tell them apart"
        }
        UnreachedReason::NoTime => {
            "have no time in the dump, and all records of their entity and data source are more than one request may hold"
        }
    }
}

/// The field of a finding.
pub fn field(finding: &Finding) -> &str {
    match finding.field.as_str() {
        "hour" => "Hour (UTC)",
        "day" => "Day (UTC)",
        word => named(word).map_or(word, |column| labels::column(column)),
    }
}

/// The value of a finding.
pub fn value(finding: &Finding) -> String {
    match finding.field.as_str() {
        "hour" => format!("{0}:00 to {0}:59", finding.value),
        _ => match &finding.title {
            Some(title) => title.clone(),
            None => labels::value(&finding.value).into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RunSheetStep;

    fn sheet(steps: usize, bystanders: usize) -> RunSheetView {
        let step = RunSheetStep {
            job: "Sales".into(),
            action: RequestKind::Retry,
            entity: "Customers V3".into(),
            data_source: String::new(),
            from: None,
            to: None,
            expected: 1_200,
            bystanders,
            round: 1,
        };
        RunSheetView {
            steps: vec![step; steps],
            markdown: String::new(),
            kind: RequestKind::Retry,
            filter_text: String::new(),
            records: 1_200 * steps,
            gone: 0,
            bystanders: bystanders * steps,
            unreached: vec![],
            method: RunSheetMethod::Exact,
        }
    }

    #[test]
    fn a_sheet_is_summed_up() {
        assert_eq!(
            sheet_summary(&sheet(1, 0)),
            "1 step hits 1,200 records: the 1,200 chosen and no bystander"
        );
        assert_eq!(
            sheet_summary(&sheet(2, 1)),
            "2 steps hit 2,400 records: the 2,398 chosen and 2 bystanders"
        );
        assert_eq!(
            method(&sheet(3, 1), Some(2)),
            "At least 3 steps are needed; with so many, fewer bystanders are impossible."
        );
    }
}
