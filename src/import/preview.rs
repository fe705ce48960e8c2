//! A look at a file before it is imported: what it is, what its columns would be taken for, and what is to be asked.

use serde::Serialize;
use serde_json::{Map, Value};

use super::importer::{SAMPLE_BYTES, TextPlan, check_workbook_size};
use super::mapping::Role;
use super::options::ImportOptions;
use super::redact;
use super::sniff::{Sniffed, is_zip, sniff};
use super::survey::{Decision, Question, Survey};
use super::verbose;
use super::workbook::Workbook;
use super::{ColumnUse, ImportError};

/// Bytes of a text file that a preview looks at; of a workbook it needs all.
pub const PREVIEW_BYTES: usize = SAMPLE_BYTES;

/// Rows shown.
const ROWS: usize = 50;

/// What a preview shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// `csv`, `xlsx`, `json`, `jsonl`, `odata`.
    pub format: String,
    /// Delimiter and encoding, or the sheet.
    pub dialect: String,
    /// The proposed mapping.
    pub columns: Vec<ColumnUse>,
    /// The first 50 rows, header → text; credentials and payloads are masked here too.
    pub rows: Vec<Map<String, Value>>,
    /// What must be answered before the file can be imported.
    pub questions: Vec<Question>,
}

/// Whether a preview needs more than what was read so far. Of texts the beginning is enough; a workbook can only be read
/// as a whole, and one that is too large for that is refused before it is read.
pub fn preview_wants_more(
    head: &[u8],
    total: Option<u64>,
    options: &ImportOptions,
) -> Result<bool, ImportError> {
    if is_zip(head) {
        check_workbook_size(total.unwrap_or(0).max(head.len() as u64), options)?;
        return Ok(true);
    }
    Ok(head.len() < PREVIEW_BYTES)
}

/// Looks at the beginning of a file: its first [`PREVIEW_BYTES`] or more, or all of it if it is shorter or a workbook.
pub fn preview(bytes: &[u8], options: &ImportOptions) -> Result<Preview, ImportError> {
    let whole = bytes.len() < PREVIEW_BYTES;
    let sniffed = match sniff(bytes, whole, options)? {
        Some(sniffed) => Some(sniffed),
        // What is there must do.
        None => sniff(bytes, true, options)?,
    };
    let Some(sniffed) = sniffed else {
        return Err(ImportError::EmptyFile { name: options.name.clone() });
    };
    if sniffed == Sniffed::Zip {
        let workbook = Workbook::open(bytes, options)?;
        let (decision, survey) = workbook.decide(options)?;
        return Ok(show("xlsx", workbook.dialect(), &decision, &survey));
    }
    let plan = match TextPlan::make(sniffed, bytes, whole, options)? {
        Some(plan) => Some(plan),
        None => TextPlan::make(sniffed, bytes, true, options)?,
    };
    let Some(plan) = plan else {
        return Err(ImportError::EmptyFile { name: options.name.clone() });
    };
    Ok(show(plan.format, plan.dialect, &plan.decision, &plan.survey))
}

fn show(format: &str, dialect: String, decision: &Decision, survey: &Survey) -> Preview {
    let mapping = &decision.mapping;
    let rows = survey.data_rows(decision).iter().take(ROWS).map(|(_, cells)| {
        (0..mapping.len())
            .map(|at| {
                let cell = cells.get(at).map_or("", String::as_str);
                let text = match mapping.role(at) {
                    Role::Redacted if !cell.is_empty() => "[redacted]".into(),
                    _ => match verbose::read(cell) {
                        Some(found) => redact::mask(&found.kept).into_owned().into(),
                        None => redact::mask(cell),
                    },
                };
                (mapping.header(at).to_owned(), Value::from(text.into_owned()))
            })
            .collect()
    });
    Preview {
        format: format.to_owned(),
        dialect,
        columns: mapping.uses(),
        rows: rows.collect(),
        questions: decision.questions(),
    }
}
