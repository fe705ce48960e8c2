//! Chunks that cannot be read: their rows are gone from every answer, and their places stay.
//!
//! A record's id is its place among the rows of its dataset, so whatever is lost, the rows behind it keep theirs.
//! Deliberately absent: why a chunk is lost, and what is told of it.
//!
//! Invariant: a place is held by a chunk or by a gap, never by both.

use crate::domain::DatasetId;

use super::index::Index;
use super::{CHUNK_ROWS, ChunkRef, Table};

/// The place of a chunk that is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) chunk: ChunkRef,
    pub(super) first_row: u32,
    pub(super) rows: u32,
}

/// What went with a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Rows, dismissed ones counted.
    pub rows: usize,
    /// The first and last of them in the dump.
    pub span: Option<(u32, u32)>,
}

impl Table {
    /// Leaves the place of the next chunk of a dataset free. With more than [`CHUNK_ROWS`] it has as many.
    pub fn skip(&mut self, dataset: DatasetId, rows: usize) {
        let (number, first_row) = self.next_place(dataset);
        let chunk = ChunkRef { dataset, chunk: number };
        self.gaps.push(Gap { chunk, first_row, rows: rows.min(CHUNK_ROWS) as u32 });
    }

    /// Takes a chunk out of every answer and leaves its place free. `None` where it is not there.
    pub fn lose(&mut self, chunk: ChunkRef) -> Option<Lost> {
        let at = self.chunk_at(chunk.dataset, chunk.chunk)?;
        let lost = Lost { rows: self.chunks[at].rows(), span: self.source_span(chunk) };
        let first_row = self.chunks.remove(at).first_row;
        self.gaps.push(Gap { chunk, first_row, rows: lost.rows as u32 });
        self.chunks_went();
        Some(lost)
    }

    /// The first and last row of the dump in a chunk. `None` where it is not there, or has no rows.
    pub fn source_span(&self, chunk: ChunkRef) -> Option<(u32, u32)> {
        let chunk = &self.chunks[self.chunk_at(chunk.dataset, chunk.chunk)?];
        let rows = || (0..chunk.rows()).map(|row| chunk.columns.source_rows.get(row));
        Some((rows().min()?, rows().max()?))
    }

    /// Number and first row of the next chunk of a dataset.
    pub(super) fn next_place(&self, dataset: DatasetId) -> (u32, u32) {
        let after = self.chunks.partition_point(|chunk| chunk.dataset <= dataset);
        let last = self.chunks[..after].last().filter(|chunk| chunk.dataset == dataset);
        let chunk = last.map(|last| (last.number + 1, last.first_row + last.rows() as u32));
        let gaps = self.gaps.iter().filter(|gap| gap.chunk.dataset == dataset);
        let gap =
            gaps.map(|gap| (gap.chunk.chunk + 1, gap.first_row.saturating_add(gap.rows))).max();
        chunk.max(gap).unwrap_or_default()
    }

    /// After chunks were taken out: those behind them have moved.
    pub(super) fn chunks_went(&mut self) {
        if self.chunks.is_empty() {
            *self = Self {
                gaps: std::mem::take(&mut self.gaps),
                cause_rules: std::mem::take(&mut self.cause_rules),
                harvester: self.harvester,
                ..Self::default()
            };
            return;
        }
        *self.index.get_mut() = Index::default();
        self.indexed.set(0);
        self.index_whole();
        self.caches.get_mut().rows_changed();
    }
}
