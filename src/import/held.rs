//! Files that are read when all of them is there: workbooks, and documents whose errors lie deep inside.

use crate::dataset::RowSink;

use super::account::Pages;
use super::document::{self, Kind};
use super::error::ImportError;
use super::loader::Loading;
use super::options::{ImportOptions, ImportSummary};
use super::streaming::{loader_of, summary};
use super::survey::Survey;
use super::text::Encoding;
use super::workbook::Workbook;

/// Names of what is held, in the words of a refusal.
pub(super) const PACKED: &str = "the workbook or archive";
pub(super) const TABLE: &str = "the table whose rows have states";

/// Files are held in memory as they are.
const HELD_LIMIT_BYTES: usize = 512 << 20;

pub(super) fn import_workbook(
    file: &[u8],
    options: &ImportOptions,
    sink: &mut dyn RowSink,
) -> Result<(ImportSummary, Pages), ImportError> {
    let workbook = Workbook::open(file, options)?;
    let (decision, _) = workbook.decide(options)?;
    decision.check(options)?;
    let mut loader = loader_of(&decision, false, options);
    if let Some(message) = workbook.sheets_left_out() {
        loader.account.warn("OtherSheets", message);
    }
    workbook.read_rows(&mut Loading { loader: &mut loader, sink })?;
    Ok(summary(loader, workbook.format(), workbook.dialect()))
}

pub(super) fn import_document(
    kind: Kind,
    encoding: Encoding,
    text: &[u8],
    options: &ImportOptions,
    sink: &mut dyn RowSink,
) -> Result<(ImportSummary, Pages), ImportError> {
    let errors = document::read(kind, text, options)?;
    let mut survey = Survey::default();
    errors.hand_on(&mut survey)?;
    let decision = survey.decide(options)?;
    decision.check(options)?;
    let mut loader = loader_of(&decision, false, options);
    for (code, message) in &errors.warnings {
        loader.account.warn(code, message.clone());
    }
    errors.hand_on(&mut Loading { loader: &mut loader, sink })?;
    Ok(summary(loader, kind.word(), encoding.name().to_owned()))
}

/// What is held as a whole has a limit to its size.
pub(super) fn check_held_size(
    what: &str,
    size: u64,
    options: &ImportOptions,
) -> Result<(), ImportError> {
    let limit = HELD_LIMIT_BYTES as u64;
    if size <= limit {
        return Ok(());
    }
    let what = what.to_owned();
    Err(ImportError::TooLarge { name: options.name.clone(), what, size, limit })
}
