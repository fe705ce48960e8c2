//! What every parser hands on, whatever the format: rows of texts with their line.

use super::error::ImportError;

/// The longest record that is read; more is a reject, so that memory stays bounded whatever the file.
pub(super) const MAX_RECORD_BYTES: usize = 16 << 20;

/// Takes rows as parsers find them. In tables the header is among the rows; in JSON columns are told as they appear.
pub(super) trait RowTaker {
    /// The columns of JSON rows so far; the list only grows.
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError>;

    /// One row that begins at `line`.
    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError>;

    /// A row that cannot be read.
    fn reject(&mut self, line: u32, reason: String);

    /// Something else worth telling.
    fn note(&mut self, note: Note);

    /// Whether further rows are of no use.
    fn is_full(&self) -> bool {
        false
    }
}

/// What a parser notices beside the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Text of this line was no UTF-8 and was read as Windows-1252.
    Mended { line: u32 },
    /// A page of an answer begins.
    Page,
    /// The page names a next one.
    NextPage,
    /// Members beyond the column limit were left out.
    TooManyColumns { line: u32 },
}

/// Empties a list of slices and lends its memory to slices of another lifetime; collecting in place allocates nothing.
pub(super) fn recycle<'b>(mut list: Vec<&str>) -> Vec<&'b str> {
    list.clear();
    list.into_iter().map(|_| "").collect()
}

/// Lines that end within `bytes`.
pub(super) fn count_lines(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}
