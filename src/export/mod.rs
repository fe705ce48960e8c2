//! Records out of the desk: CSV, JSON lines, XLSX.
//!
//! The columns are the fields of `Record` in the scripting API without `extra`, under exactly those names, so that the
//! desk reads its own exports back. In CSV and XLSX, `source` is written as `<dataset>:<row>`. Everything is written as
//! the records come.
//!
//! A spreadsheet must not run what a dump says: in CSV a text that begins with `=`, `+`, `-`, `@`, tab or a line end gets
//! an apostrophe before it; in XLSX texts are text cells. JSON lines have every text as it is.
//!
//! Deliberately absent: which records are exported, and files. Invariant: what is dismissed cannot get here, because
//! the dataset answers without it.

mod cells;
mod csv;
mod json_lines;
mod xlsx;
mod zip;

use std::io::Write;
use std::str::FromStr;

use crate::dataset::Record;
use csv::CsvWriter;
use json_lines::JsonLinesWriter;
use xlsx::XlsxWriter;

pub use cells::FIELDS;

/// The forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with byte-order mark, comma, CRLF (RFC 4180).
    Csv,
    /// One JSON object per line, UTF-8, LF.
    Jsonl,
    /// A workbook of one sheet.
    Xlsx,
}

/// The word names no form of export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no export format: write csv, jsonl or xlsx")]
pub struct UnknownFormat(pub String);

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Jsonl, Self::Xlsx];

    /// The word for it in scripts, and the file's extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type of the file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Most records it can hold, where there is such a limit.
    pub const fn record_limit(self) -> Option<u64> {
        match self {
            Self::Xlsx => Some(xlsx::RECORD_LIMIT),
            Self::Csv | Self::Jsonl => None,
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let known = word.trim();
        Self::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(known))
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// Why an export ended early. What was written until then is no complete file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The target took no more.
    #[error("the export could not be written: {0}")]
    Io(#[from] std::io::Error),
    /// A record did not become JSON.
    #[error("record {id} could not be written as JSON: {source}")]
    Json {
        /// The record's id.
        id: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The sheet is full.
    #[error(
        "an XLSX sheet holds {limit} records below its header row and there are more: narrow the filter or export as CSV"
    )]
    TooManyRecords {
        /// Most records of a sheet.
        limit: u64,
    },
    /// The sheet is larger than a plain ZIP file can say.
    #[error(
        "the XLSX sheet has {bytes} bytes, more than the {limit} a workbook may have here: narrow the filter or export as CSV"
    )]
    TooLarge {
        /// Bytes of the sheet.
        bytes: u64,
        /// Most bytes of a file within the workbook.
        limit: u64,
    },
}

/// Writes records in one of the forms.
pub struct RecordWriter<W: Write> {
    form: Form<W>,
}

enum Form<W: Write> {
    Csv(CsvWriter<W>),
    JsonLines(JsonLinesWriter<W>),
    Xlsx(Box<XlsxWriter<W>>),
}

impl<W: Write> RecordWriter<W> {
    /// Begins an export: writes what stands before the first record.
    pub fn begin(format: Format, out: W) -> Result<Self, ExportError> {
        let form = match format {
            Format::Csv => Form::Csv(CsvWriter::begin(out)?),
            Format::Jsonl => Form::JsonLines(JsonLinesWriter::begin(out)),
            Format::Xlsx => Form::Xlsx(Box::new(XlsxWriter::begin(out)?)),
        };
        Ok(Self { form })
    }

    /// Writes one record; `extra` is left out.
    pub fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        match &mut self.form {
            Form::Csv(csv) => csv.record(record),
            Form::JsonLines(lines) => lines.record(record),
            Form::Xlsx(xlsx) => xlsx.record(record),
        }
    }

    /// Writes what stands after the last record and gives the target back.
    pub fn finish(self) -> Result<W, ExportError> {
        match self.form {
            Form::Csv(csv) => Ok(csv.finish()),
            Form::JsonLines(lines) => Ok(lines.finish()),
            Form::Xlsx(xlsx) => xlsx.finish(),
        }
    }
}

#[cfg(test)]
mod samples {
    //! Records that exports stumble over.

    use crate::dataset::{Record, Source};
    use crate::domain::{DatasetId, RecordState, Timestamp};

    pub(super) fn record(id: &str, message: &str) -> Record {
        Record {
            id: id.into(),
            occurred_at: Some(Timestamp::parse("2026-03-01T08:15:30.250Z").unwrap()),
            job: "Project invoicing".into(),
            entity: "Customers V3".into(),
            map: "Customers V3 (accounts)".into(),
            data_source: "Dataverse".into(),
            company: "usmf".into(),
            direction: "Dataverse to finance and operations".into(),
            category: "Application".into(),
            category_inferred: true,
            error_code: "0x80040265".into(),
            record_key: "US-001".into(),
            message: message.into(),
            retry_count: Some(3),
            cause: "0123456789abcdef".into(),
            state: RecordState::FailedAgain,
            source: Source { dataset: DatasetId(3), row: 17 },
            extra: Some(serde_json::Map::from_iter([("Secret".into(), "payload".into())])),
        }
    }

    /// Empty wherever a record may be.
    pub(super) fn bare(id: &str) -> Record {
        Record {
            occurred_at: None,
            retry_count: None,
            message: String::new(),
            state: RecordState::Open,
            category_inferred: false,
            extra: None,
            ..record(id, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named_by_their_extension() {
        for format in Format::ALL {
            assert_eq!(format.extension().parse(), Ok(format));
        }
        assert_eq!(" XLSX".parse(), Ok(Format::Xlsx));
        assert_eq!("pdf".parse::<Format>(), Err(UnknownFormat("pdf".into())));
    }
}
