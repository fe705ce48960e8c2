//! A chunk by itself: the same columns with dictionaries of its own, ready to be stored.

use super::bits::Bits;
use super::columns::Columns;
use super::dimension::DIMENSIONS;
use super::packed::Packed;
use super::text_arena::TextArena;

/// Up to [`super::CHUNK_ROWS`] consecutive rows of a dataset. [`Segment::encode`] gives its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub(super) columns: Columns,
    pub(super) dimensions: [LocalCodes; DIMENSIONS],
    /// Rows that keep their place but are gone: all they said is empty.
    pub(super) dismissed: Bits,
}

/// Codes of one column, and what they mean here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalCodes {
    pub(super) dictionary: TextArena,
    pub(super) codes: Packed,
}

impl Segment {
    /// Rows in it, the dismissed ones counted: places are what record ids are made of.
    pub fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// Bytes in memory.
    pub(super) fn held_bytes(&self) -> usize {
        let coded = |codes: &LocalCodes| codes.dictionary.held_bytes() + codes.codes.held_bytes();
        self.columns.held_bytes()
            + self.dimensions.iter().map(coded).sum::<usize>()
            + self.dismissed.held_bytes()
    }

    /// Rows in it that were dismissed and erased.
    pub fn dismissed(&self) -> usize {
        self.dismissed.count()
    }
}
