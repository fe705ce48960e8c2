//! The account of an import in words, and what of it can be saved.

use crate::import::{ImportReport, Reject};

/// What a report comes to, where that is not plain from its numbers.
pub fn summary(report: &ImportReport) -> Option<&'static str> {
    let read = report.rows_read;
    if read == 0 {
        Some("The file holds no rows")
    } else if report.loaded == 0 && report.dataset_id.is_some() {
        Some("Every row was here already; kept as a dump that shows which of them are still there")
    } else if report.duplicates == read {
        Some("Every row was here already: nothing was added")
    } else if report.duplicates + report.dismissed_earlier == read {
        Some("Every row was here or dismissed already: nothing was added")
    } else if report.rejected == read {
        Some("No row could be read: nothing was added")
    } else {
        None
    }
}

/// Whether the report is one to look into: rows are missing, or something may be other than it seems.
pub fn is_to_be_read(report: &ImportReport) -> bool {
    const INFORMATION: [&str; 2] = ["DateOrderShown", "HarEntries"];
    let tells = |code: &str| !INFORMATION.contains(&code);
    report.dataset_id.is_none()
        || report.rejected > 0
        || report.warnings.iter().any(|warning| tells(&warning.code))
}

/// Why a column is taken for its field, by the engine's word.
pub fn reason(how: &str) -> &str {
    match how {
        "exact" => "the field's own name",
        "alias" => "a known name of this field",
        "fallback" => "a name that may stand for it",
        "content" => "a guess by its values",
        "option" => "as you said",
        "redacted" => "never stored: credentials or payload",
        "extra" => "",
        other => other,
    }
}

/// The name of a format.
pub fn format(word: &str) -> &str {
    match word {
        "csv" => "CSV",
        "xlsx" => "Excel workbook",
        "xls" => "Excel 97 workbook",
        "ods" => "OpenDocument spreadsheet",
        "json" => "JSON",
        "jsonl" => "JSON lines",
        "odata" => "OData",
        "zip" => "ZIP archive",
        "har" => "Network log (HAR)",
        "verboseErrors" => "Verbose errors",
        "initialSync" => "Initial synchronisation",
        "mapList" => "Table maps",
        "messages" => "List of messages",
        other => other,
    }
}

/// The rejected rows that the report holds, as CSV for spreadsheets. Formulas in them are text.
pub fn rejects_csv(report: &ImportReport) -> String {
    let mut csv = "\u{FEFF}row,line,column,reason\r\n".to_owned();
    for Reject { row, line, column, reason } in &report.rejects {
        let column = cell(column.as_deref().unwrap_or_default());
        csv += &format!("{row},{line},{column},{}\r\n", cell(reason));
    }
    csv
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Warning;

    fn report(numbers: [u64; 5]) -> ImportReport {
        let [rows_read, loaded, duplicates, dismissed_earlier, rejected] = numbers;
        ImportReport {
            dataset_id: None,
            name: "a.csv".into(),
            format: "csv".into(),
            dialect: String::new(),
            rows_read,
            loaded,
            duplicates,
            dismissed_earlier,
            rejected,
            rejects: vec![],
            warnings: vec![],
            columns: vec![],
            time_zone: None,
            elapsed_ms: 1,
        }
    }

    #[test]
    fn a_file_that_adds_nothing_says_why() {
        assert_eq!(summary(&report([3, 2, 1, 0, 0])), None);
        assert_eq!(summary(&report([0; 5])), Some("The file holds no rows"));
        assert!(summary(&report([3, 0, 3, 0, 0])).unwrap().contains("was here already"));
        assert!(summary(&report([3, 0, 1, 2, 0])).unwrap().contains("dismissed already"));
        assert!(summary(&report([3, 0, 0, 0, 3])).unwrap().contains("No row could be read"));
    }

    #[test]
    fn information_alone_alarms_nobody() {
        let warned = |code: &str| ImportReport {
            dataset_id: Some(crate::domain::DatasetId(1)),
            warnings: vec![Warning { code: code.into(), message: String::new() }],
            ..report([1, 1, 0, 0, 0])
        };
        assert!(!is_to_be_read(&warned("DateOrderShown")));
        assert!(is_to_be_read(&warned("PossiblyTruncated")));
        assert!(is_to_be_read(&report([1, 0, 1, 0, 0])), "nothing was added");
    }

    #[test]
    fn rejects_are_saved_as_text() {
        let reject = |column: Option<&str>, reason: &str| Reject {
            row: 2,
            line: 3,
            column: column.map(str::to_owned),
            reason: reason.to_owned(),
        };
        let report = ImportReport {
            rejects: vec![reject(None, "say \"yes\", now"), reject(Some("=cmd"), "-1")],
            ..report([2, 0, 0, 0, 2])
        };
        assert_eq!(
            rejects_csv(&report),
            "\u{FEFF}row,line,column,reason\r\n2,3,\"\",\"say \"\"yes\"\", now\"\r\n2,3,\"'=cmd\",\"'-1\"\r\n"
        );
    }
}
