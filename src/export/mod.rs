//! Records out of the desk: CSV, JSON lines, XLSX, written record by record.
//!
//! Headers are the field names of `Record`, so that the importer reads an export back. Deliberately absent: which records
//! go out (the workspace decides) and columns that no field took.
//!
//! Invariant: no cell of an export is run as a formula by a spreadsheet.

mod csv;
mod jsonl;
mod xlsx;
mod zip;

use crate::dataset::Record;
use crate::protocol::ExportFormat;

/// Why an export could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// A sheet has no more rows.
    #[error("an Excel sheet has {limit} rows, and the export has more")]
    TooManyRows {
        /// Rows of a sheet, the header counted.
        limit: usize,
    },
    /// A ZIP file without extensions ends at 4 GiB.
    #[error("the export is larger than the 4 GiB that its format can hold")]
    TooLarge,
}

/// An export that is being written.
pub struct Export(Writer);

enum Writer {
    Csv(csv::CsvWriter),
    Jsonl(jsonl::JsonLinesWriter),
    Xlsx(Box<xlsx::XlsxWriter>),
}

impl Export {
    /// Begins an export; headers are written where the format has them.
    pub fn new(format: ExportFormat) -> Self {
        Self(match format {
            ExportFormat::Csv => Writer::Csv(csv::CsvWriter::new()),
            ExportFormat::Jsonl => Writer::Jsonl(jsonl::JsonLinesWriter::default()),
            ExportFormat::Xlsx => Writer::Xlsx(Box::new(xlsx::XlsxWriter::new())),
        })
    }

    /// Adds a record.
    pub fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        match &mut self.0 {
            Writer::Csv(writer) => writer.record(record),
            Writer::Jsonl(writer) => writer.record(record),
            Writer::Xlsx(writer) => return writer.record(record),
        }
        Ok(())
    }

    /// The finished file.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        match self.0 {
            Writer::Csv(writer) => Ok(writer.finish()),
            Writer::Jsonl(writer) => Ok(writer.finish()),
            Writer::Xlsx(writer) => writer.finish(),
        }
    }
}

/// Columns of tabular exports, by the names of `Record`'s fields.
const HEADERS: [&str; 16] = [
    "id",
    "occurredAt",
    "job",
    "entity",
    "map",
    "dataSource",
    "company",
    "direction",
    "category",
    "categoryInferred",
    "errorCode",
    "recordKey",
    "message",
    "retryCount",
    "cause",
    "state",
];

/// Place of the time among [`HEADERS`].
const TIME: usize = 1;
/// Place of the retry count among [`HEADERS`].
const RETRY_COUNT: usize = 13;

/// The cells of a record, in the order of [`HEADERS`]; time and retry count as text.
fn cells(record: &Record) -> [std::borrow::Cow<'_, str>; HEADERS.len()] {
    [
        record.id.as_str().into(),
        record.occurred_at.map(|time| time.to_string()).unwrap_or_default().into(),
        record.job.as_str().into(),
        record.entity.as_str().into(),
        record.map.as_str().into(),
        record.data_source.as_str().into(),
        record.company.as_str().into(),
        record.direction.as_str().into(),
        record.category.as_str().into(),
        if record.category_inferred { "true" } else { "false" }.into(),
        record.error_code.as_str().into(),
        record.record_key.as_str().into(),
        record.message.as_str().into(),
        record.retry_count.map(|count| count.to_string()).unwrap_or_default().into(),
        record.cause.as_str().into(),
        record.state.code().into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Source;
    use crate::domain::{DatasetId, RecordState, Timestamp};

    pub(super) fn record(message: &str) -> Record {
        Record {
            id: "5637144576".into(),
            occurred_at: Timestamp::parse("2026-03-01T08:00:00.250Z").ok(),
            job: "Project invoicing".into(),
            entity: "Customers V3".into(),
            map: "Customers V3 (accounts)".into(),
            data_source: "Dataverse".into(),
            company: "usmf".into(),
            direction: String::new(),
            category: "System".into(),
            category_inferred: true,
            error_code: "0x80040265".into(),
            record_key: "US-001".into(),
            message: message.into(),
            retry_count: Some(3),
            cause: "00000000000000ff".into(),
            state: RecordState::FailedAgain,
            source: Source { dataset: DatasetId(1), row: 1 },
            extra: None,
        }
    }

    fn export(format: ExportFormat, messages: &[&str]) -> Vec<u8> {
        let mut export = Export::new(format);
        for message in messages {
            export.record(&record(message)).unwrap();
        }
        export.finish().unwrap()
    }

    #[test]
    fn csv_quotes_what_needs_it_and_disarms_formulas() {
        let bytes = export(ExportFormat::Csv, &["a \"b\", c\nd", "=1+1", "@x", "plain"]);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("\u{feff}id,occurredAt,job,"));
        assert!(text.contains(",\"a \"\"b\"\", c\nd\",3,"));
        assert!(
            text.contains(",'=1+1,3,") && text.contains(",'@x,3,") && text.contains(",plain,3,")
        );
        assert!(text.contains(",2026-03-01T08:00:00.250Z,"));
    }

    #[test]
    fn json_lines_are_records() {
        let text = String::from_utf8(export(ExportFormat::Jsonl, &["one\ntwo", "ü"])).unwrap();
        let back: Vec<Record> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(back, [record("one\ntwo"), record("ü")]);
    }

    #[test]
    fn a_workbook_holds_the_cells_as_text_and_dates_as_numbers() {
        let bytes = export(ExportFormat::Xlsx, &["<a> & \"b\" \u{1}", "=1+1"]);
        let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
        let mut names = Vec::new();
        let mut sheet = String::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().unwrap() {
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
            let data = archive.get_entry(entry.wayfinder()).unwrap();
            let mut text = String::new();
            let reader = data.verifying_reader(flate2::read::DeflateDecoder::new(data.data()));
            std::io::Read::read_to_string(&mut { reader }, &mut text).expect("the checksum fits");
            if name == "xl/worksheets/sheet1.xml" {
                sheet = text;
            }
            names.push(name);
        }
        assert!(
            names.contains(&"[Content_Types].xml".to_owned())
                && names.contains(&"xl/workbook.xml".to_owned())
        );
        assert!(sheet.contains("&lt;a&gt; &amp; \"b\" _x0001_"), "{sheet}");
        assert!(
            sheet.contains("<t>=1+1</t>") || sheet.contains("\">=1+1</t>"),
            "a text, never a formula"
        );
        assert!(!sheet.contains("<f>"));
        // 2026-03-01T08:00:00.250Z as Excel counts days.
        assert!(sheet.contains("<v>46082.33333622685</v>"), "{sheet}");
    }
}
