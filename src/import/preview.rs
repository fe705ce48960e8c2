//! A look at a file before it is imported: what it is, what its columns would be taken for, and what is to be asked.

use serde::Serialize;
use serde_json::{Map, Value};

use super::archive::{self, gunzip_head, is_gzip};
use super::document;
use super::held::{PACKED, check_held_size};
use super::importer::SAMPLE_BYTES;
use super::mapping::Role;
use super::options::ImportOptions;
use super::redact;
use super::sniff::{Sniffed, is_held, sniff};
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

/// What is unpacked of a file for a look at most. Tests of it need not unpack that much.
const MOST_UNPACKED: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };

/// What is unpacked of all members of an archive; what those behind ask is asked by the import.
const MOST_LOOKED_AT: usize = 4 * MOST_UNPACKED;

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
    if is_held(inner) || is_document(inner, options) {
        check_held_size(PACKED, total.unwrap_or(0).max(head.len() as u64), options)?;
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
        let needs_all = is_held(&head) || is_document(&head, options);
        let inner = match needs_all {
            true => gunzip_head(bytes, MOST_UNPACKED, true, options)?,
            false => head,
        };
        let is_cut = inner.len() == MOST_UNPACKED;
        let looked = look(&inner, options, depth + 1);
        let mut preview = looked.map_err(|error| match is_cut {
            true => too_large_for_a_look(options, "what it unpacks to"),
            false => error,
        })?;
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
        Sniffed::Compound => return look_into_workbook(bytes, options),
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

fn look_into_workbook(bytes: &[u8], options: &ImportOptions) -> Result<Preview, ImportError> {
    let workbook = Workbook::open(bytes, options)?;
    let (decision, survey) = workbook.decide(options)?;
    Ok(show(workbook.format(), workbook.dialect(), &decision, &survey))
}

/// The workbook, or the first member of an archive that is a dump, with what all of them ask.
fn look_into_zip(bytes: &[u8], options: &ImportOptions, depth: u8) -> Result<Preview, ImportError> {
    let package = Package::open(bytes, &options.name)?;
    if package.is_document() {
        return look_into_workbook(bytes, options);
    }
    let nested = |looks_like: &str| ImportError::UnsupportedFormat {
        name: options.name.clone(),
        looks_like: looks_like.to_owned(),
        way_out: "Unpack it and open the files inside".to_owned(),
    };
    if depth >= archive::DEEPEST {
        return Err(nested("an archive within other archives"));
    }
    let mut members = archive::members(bytes, options)?;
    let mut models = archive::Models::take(&mut members, bytes, options)?;
    let (count, mut shown, mut faults) = (members.len(), None::<Preview>, Vec::new());
    let mut questions: Vec<Question> = Vec::new();
    let mut left = MOST_LOOKED_AT;
    for member in members {
        if left == 0 {
            break;
        }
        let most = MOST_UNPACKED.min(left);
        let head = member.head(bytes, most, options)?;
        left -= head.len();
        let is_cut = head.len() == most;
        let model = models.of(&member.path, bytes, options)?;
        let options = &ImportOptions { model, ..options.clone() };
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
            // What must be whole to be read is not here as a whole; the import reads it.
            Err(_) if is_cut => faults.push(too_large_for_a_look(options, &member.path)),
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

fn too_large_for_a_look(options: &ImportOptions, member: &str) -> ImportError {
    ImportError::TooLarge {
        name: options.name.clone(),
        what: format!("'{member}', to be looked into without an import,"),
        size: MOST_UNPACKED as u64,
        limit: MOST_UNPACKED as u64,
    }
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::archive::stored_zip::stored_zip;
    use super::*;

    fn options() -> ImportOptions {
        ImportOptions { name: "dumps.zip".to_owned(), ..ImportOptions::default() }
    }

    fn packed(text: &str) -> Vec<u8> {
        let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
        packing.write_all(text.as_bytes()).unwrap();
        packing.finish().unwrap()
    }

    /// A document that can be read only as a whole, so many bytes of it.
    fn document(bytes: usize) -> String {
        let blanks = " ".repeat(bytes);
        format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[{blanks}]}}}}")
    }

    const DUMP: &str = "entity,message,time\nA,m,2026-01-01T00:00:00Z\n";

    #[test]
    fn what_is_too_large_for_a_look_is_said_to_be_so() {
        let small = preview(&packed(&document(1_000)), &options()).unwrap();
        assert_eq!(small.format, "har");
        let error = preview(&packed(&document(MOST_UNPACKED)), &options()).unwrap_err();
        assert_eq!(error.code(), "TooLarge", "{error}");
        // A table is known by its beginning, however long it is.
        let rows = DUMP.to_owned() + &"A,m,2026-01-01T00:00:00Z\n".repeat(MOST_UNPACKED / 20);
        assert_eq!(preview(&packed(&rows), &options()).unwrap().format, "csv");
    }

    #[test]
    fn a_member_that_is_too_large_does_not_hide_the_others() {
        let large = document(MOST_UNPACKED);
        let both = stored_zip(&[("a.har", large.as_bytes()), ("b.csv", DUMP.as_bytes())]);
        let shown = preview(&both, &options()).unwrap();
        assert!(shown.dialect.starts_with("b.csv of 2 files: csv"), "{}", shown.dialect);
        let alone = stored_zip(&[("a.har", large.as_bytes())]);
        let error = preview(&alone, &options()).unwrap_err();
        assert!(error.to_string().contains("'a.har', to be looked into"), "{error}");
    }

    #[test]
    fn looking_ends_where_enough_was_looked_at() {
        let text = "x".repeat(MOST_UNPACKED);
        let names: Vec<String> = (0..6).map(|number| format!("{number}.txt")).collect();
        let mut members: Vec<(&str, &[u8])> =
            names.iter().map(|name| (&name[..], text.as_bytes())).collect();
        members.push(("z.csv", DUMP.as_bytes()));
        // The dump stands behind what may be looked at.
        let found = preview(&stored_zip(&members), &options());
        assert!(found.is_err() || found.is_ok_and(|shown| !shown.dialect.contains("z.csv")));
    }
}
