//! The cells of one row, on their way out of a sheet of whatever format.

use super::super::error::ImportError;
use super::super::rows::{MAX_RECORD_BYTES, RowTaker, recycle};
use super::strings::SharedStrings;

/// The width of a sheet (XFD).
pub(super) const MAX_COLUMNS: usize = 16_384;

/// What a cell shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Text {
    #[default]
    Nothing,
    /// A string of the workbook, by its number.
    Shared(usize),
    /// From here to there in the row's own texts.
    Own(usize, usize),
}

/// Puts a cell in its column.
pub(super) fn place(texts: &mut Vec<Text>, column: usize, text: Text) {
    if texts.len() <= column {
        texts.resize(column + 1, Text::Nothing);
    }
    texts[column] = text;
}

/// Hands a row on: rows without any text are passed over, empty cells at the end say nothing, and a row that is longer than
/// any record may be is rejected. `room` is memory that is used again and again.
pub(super) fn emit(
    texts: &[Text],
    own: &str,
    strings: &SharedStrings,
    room: &mut Vec<&'static str>,
    row: u32,
    taker: &mut dyn RowTaker,
) -> Result<(), ImportError> {
    let mut cells = recycle(std::mem::take(room));
    cells.extend(texts.iter().map(|text| match *text {
        Text::Nothing => "",
        Text::Shared(at) => strings.get(at).unwrap_or_default(),
        Text::Own(start, end) => &own[start..end],
    }));
    let taken = if cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
        Ok(())
    } else if cells.iter().map(|cell| cell.len()).sum::<usize>() > MAX_RECORD_BYTES {
        taker.reject(row, "the record is longer than 16 MiB".to_owned());
        Ok(())
    } else {
        // Formatted but empty cells at the end say nothing.
        let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
        taker.row(row, &cells[..filled])
    };
    *room = recycle(cells);
    taken
}
