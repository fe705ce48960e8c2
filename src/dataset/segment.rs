//! A chunk by itself: the same columns with dictionaries of its own, ready to be stored.

use super::bits::Bits;
use super::columns::{Columns, Details};
use super::dimension::DIMENSIONS;
use super::packed::Packed;
use super::text_arena::TextArena;

/// Up to [`super::CHUNK_ROWS`] consecutive rows of a dataset. [`Segment::encode`] gives its two stored parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub(super) head: SegmentHead,
    pub(super) details: SegmentDetails,
}

/// A segment on its way to the store, with its details as they are stored where another thread has written them.
///
/// Invariant: what is written are these details, for some place. Only the head may be changed.
#[derive(Debug)]
pub struct Sealed {
    pub(super) segment: Segment,
    pub(super) written_details: Option<Vec<u8>>,
}

/// The part of a segment that filters, facets and times are answered from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHead {
    pub(super) columns: Columns,
    pub(super) dimensions: [LocalCodes; DIMENSIONS],
    /// Rows that keep their place but are gone: all they said is empty.
    pub(super) dismissed: Bits,
}

/// The part of a segment that holds what rows say in their own words: most of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentDetails(pub(super) Details);

/// Codes of one column, and what they mean here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalCodes {
    pub(super) dictionary: TextArena,
    pub(super) codes: Packed,
}

impl Segment {
    /// Rows in it, the dismissed ones counted: places are what record ids are made of.
    pub fn rows(&self) -> usize {
        self.head.columns.rows()
    }

    /// Bytes that it holds in memory.
    pub fn held_bytes(&self) -> usize {
        let SegmentHead { columns, dimensions, dismissed } = &self.head;
        let codes = dimensions.iter().map(LocalCodes::held_bytes).sum::<usize>();
        columns.held_bytes() + codes + dismissed.held_bytes() + self.details.0.held_bytes()
    }

    /// Rows in it that were dismissed and erased.
    pub fn dismissed(&self) -> usize {
        self.head.dismissed.count()
    }
}

/// A segment that nobody has written.
impl From<Segment> for Sealed {
    fn from(segment: Segment) -> Self {
        Self { segment, written_details: None }
    }
}

impl Sealed {
    /// The segment alone.
    pub fn into_segment(self) -> Segment {
        self.segment
    }
}

impl SegmentHead {
    /// Rows in it, the dismissed ones counted.
    pub fn rows(&self) -> usize {
        self.columns.rows()
    }
}

impl LocalCodes {
    pub(super) fn held_bytes(&self) -> usize {
        self.dictionary.held_bytes() + self.codes.held_bytes()
    }
}
