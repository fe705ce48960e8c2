//! A look at a file before it is imported: what it is, what its columns would be taken for, and what is to be asked.

use serde::Serialize;
use serde_json::{Map, Value};

use super::archive::{self, gunzip_head, is_gzip};
use super::document;
use super::importer::{SAMPLE_BYTES, check_held_size};
use super::mapping::Role;
use super::options::ImportOptions;
use super::redact;
use super::sniff::{Sniffed, is_zip, sniff};
use super::survey::{Decision, Question, Survey};
use super::text::Decoder;
use super::text_plan::TextPlan;
use super::verbose;
use super::workbook::{Package, Workbook};
use super::{ColumnUse, ImportError};

/// Bytes of a text file that a preview looks at; of a workbook it needs all.
pub const PREVIEW_BYTES: usize = SAMPLE_BYTES;

/// Rows shown.
const ROWS: usize = 50;

/// What is unpacked of a file for a look at most.
const MOST_UNPACKED: usize = 64 << 20;

/// What is unpacked of all members of an archive; what those behind ask is asked by the import.
const MOST_LOOKED_AT: usize = 256 << 20;

/// What a preview shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// `csv`, `xlsx`, `ods`, `json`, `jsonl`, `odata`, `zip`, or the word of a document such as `har`.
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
    let unpacked = match is_gzip(head) {
        true => gunzip_head(head, PREVIEW_BYTES, false, options)?,
        false => Vec::new(),
    };
    let inner = if unpacked.is_empty() { head } else { &unpacked };
    if is_zip(inner) || is_document(inner, options) {
        check_held_size(total.unwrap_or(0).max(head.len() as u64), options)?;
        return Ok(true);
    }
    Ok(head.len() < PREVIEW_BYTES)
}

fn is_document(head: &[u8], options: &ImportOptions) -> bool {
    head.len() >= PREVIEW_BYTES
        && matches!(
            sniff(&head[..PREVIEW_BYTES], false, options),
            Ok(Some(Sniffed::Document { .. }))
        )
}

/// Looks at the beginning of a file: its first [`PREVIEW_BYTES`] or more, or all of it if it is shorter, a workbook, an
/// archive or a document.
pub fn preview(bytes: &[u8], options: &ImportOptions) -> Result<Preview, ImportError> {
    look(bytes, options, 0)
}

fn look(bytes: &[u8], options: &ImportOptions, depth: u8) -> Result<Preview, ImportError> {
    if is_gzip(bytes) && depth < archive::DEEPEST {
        let is_whole = bytes.len() < PREVIEW_BYTES;
        let head = gunzip_head(bytes, PREVIEW_BYTES, is_whole, options)?;
        let needs_all = is_zip(&head) || is_document(&head, options);
        let inner = match needs_all {
            true => gunzip_head(bytes, MOST_UNPACKED, true, options)?,
            false => head,
        };
        let mut preview = look(&inner, options, depth + 1)?;
        preview.dialect = format!("gzip, {}", preview.dialect);
        return Ok(preview);
    }
    let whole = bytes.len() < PREVIEW_BYTES;
    let sniffed = match sniff(bytes, whole, options)? {
        Some(sniffed) => Some(sniffed),
        // What is there must do.
        None => sniff(bytes, true, options)?,
    };
    let Some(sniffed) = sniffed else {
        return Err(ImportError::EmptyFile { name: options.name.clone() });
    };
    match sniffed {
        Sniffed::Zip => return look_into_zip(bytes, options, depth),
        Sniffed::Document { encoding, mark_len, kind } => {
            let mut decoder = Decoder::new(encoding, mark_len);
            let mut text = decoder.decode(bytes).to_vec();
            text.extend_from_slice(decoder.finish());
            document::check_size(text.len(), options)?;
            let errors = document::read(kind, &text, options)?;
            let mut survey = Survey::default();
            errors.hand_on(&mut survey)?;
            let decision = survey.decide(options)?;
            return Ok(show(kind.word(), encoding.name().to_owned(), &decision, &survey));
        }
        Sniffed::Delimited { .. } | Sniffed::Json { .. } => {}
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

/// The workbook, or the first member of an archive that is a dump, with what all of them ask.
fn look_into_zip(bytes: &[u8], options: &ImportOptions, depth: u8) -> Result<Preview, ImportError> {
    let package = Package::open(bytes, &options.name)?;
    if package.is_document() {
        let workbook = Workbook::read(package, options)?;
        let (decision, survey) = workbook.decide(options)?;
        return Ok(show(workbook.format(), workbook.dialect(), &decision, &survey));
    }
    let nested = |looks_like: &str| ImportError::UnsupportedFormat {
        name: options.name.clone(),
        looks_like: looks_like.to_owned(),
        way_out: "Unpack it and open the files inside".to_owned(),
    };
    if depth >= archive::DEEPEST {
        return Err(nested("an archive within other archives"));
    }
    let members = archive::members(bytes, options)?;
    let (count, mut shown, mut faults) = (members.len(), None::<Preview>, Vec::new());
    let mut questions: Vec<Question> = Vec::new();
    let mut left = MOST_LOOKED_AT;
    for member in members {
        if left == 0 {
            break;
        }
        let head = member.head(bytes, MOST_UNPACKED.min(left), options)?;
        left -= head.len();
        match look(&head, &archive::options_of(options, &member.path), depth + 1) {
            Ok(mut preview) => {
                let is_dump = !preview.questions.iter().any(|one| one.code == "MappingNeeded");
                let dialect = [&preview.format[..], &preview.dialect].join(", ");
                preview.dialect = format!("{} of {count} files: {dialect}", member.path);
                preview.format = "zip".to_owned();
                if is_dump {
                    let asked = std::mem::take(&mut preview.questions);
                    questions.extend(asked);
                }
                // A member that is no dump is passed over where another one is.
                if shown.as_ref().is_none_or(|shown| is_dump && !shown.questions.is_empty()) {
                    shown = Some(preview);
                }
            }
            Err(
                error @ (ImportError::UnsupportedFormat { .. } | ImportError::EmptyFile { .. }),
            ) => {
                faults.push(error);
            }
            Err(error) => return Err(error),
        }
    }
    let empty = || ImportError::EmptyFile { name: options.name.clone() };
    let mut shown = shown.ok_or_else(|| faults.into_iter().next().unwrap_or_else(empty))?;
    if !questions.is_empty() {
        shown.questions = questions;
    }
    Ok(shown)
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
