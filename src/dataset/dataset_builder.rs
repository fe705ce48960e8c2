//! Takes the rows of one dump, leaves out what is there already or was dismissed, and yields segments.
//!
//! An import runs across many slices of a file. The builder borrows nothing between them: each slice gets a
//! [`Session`] that looks at the table and the ledger as they are then.
//!
//! Invariant: every segment but the last is full, and no identity is loaded twice.

use std::collections::VecDeque;

use crate::domain::{DatasetId, DismissalLedger};

use super::chunk_builder::ChunkBuilder;
use super::seen::Seen;
use super::segment::Segment;
use super::{CHUNK_ROWS, Pushed, RowInput, RowSink, Table};

/// The rows of a dump on their way into the table.
#[derive(Debug)]
pub struct DatasetBuilder {
    dataset: DatasetId,
    chunk_rows: usize,
    headers: Vec<String>,
    open: ChunkBuilder,
    full: VecDeque<Segment>,
    seen: Seen,
}

impl DatasetBuilder {
    /// A builder without rows.
    pub fn new(dataset: DatasetId) -> Self {
        Self::with_chunk_rows(dataset, CHUNK_ROWS)
    }

    /// With chunks of another size, between 1 and [`CHUNK_ROWS`]: a test need not load a million rows to have many.
    pub fn with_chunk_rows(dataset: DatasetId, chunk_rows: usize) -> Self {
        Self {
            dataset,
            chunk_rows: chunk_rows.clamp(1, CHUNK_ROWS),
            headers: Vec::new(),
            open: ChunkBuilder::default(),
            full: VecDeque::new(),
            seen: Seen::default(),
        }
    }

    /// The dataset that is built.
    pub fn dataset(&self) -> DatasetId {
        self.dataset
    }

    /// Rows loaded so far.
    pub fn loaded(&self) -> usize {
        self.seen.len()
    }

    /// A sink for some rows, judged by what the table and the ledger hold now.
    pub fn session<'a>(&'a mut self, table: &'a Table, ledger: &'a DismissalLedger) -> Session<'a> {
        Session { builder: self, table, ledger }
    }

    /// The next full segment, in order.
    pub fn take_full(&mut self) -> Option<Segment> {
        self.full.pop_front()
    }

    /// All segments not taken yet, in order; the last may be less than full.
    pub fn finish(self) -> Vec<Segment> {
        let mut segments = Vec::from(self.full);
        if self.open.rows() > 0 {
            segments.push(self.open.seal(&self.headers));
        }
        segments
    }
}

/// Takes rows for a [`DatasetBuilder`].
#[derive(Debug)]
pub struct Session<'a> {
    builder: &'a mut DatasetBuilder,
    table: &'a Table,
    ledger: &'a DismissalLedger,
}

impl RowSink for Session<'_> {
    fn extra_columns(&mut self, headers: &[String]) {
        let known = self.builder.headers.len();
        self.builder.headers.extend(headers.iter().skip(known).cloned());
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        if self.ledger.contains(row.identity) {
            return Pushed::DismissedEarlier;
        }
        match self.table.is_live_identity(row.identity) {
            Some(true) => return Pushed::Duplicate,
            Some(false) => return Pushed::DismissedEarlier,
            None => {}
        }
        let builder = &mut *self.builder;
        if !builder.seen.insert(row.identity) {
            return Pushed::Duplicate;
        }
        builder.open.push(row, builder.headers.len());
        if builder.open.rows() == builder.chunk_rows {
            let next = builder.open.room_alike();
            let full = std::mem::replace(&mut builder.open, next);
            builder.full.push_back(full.seal(&builder.headers));
        }
        Pushed::Loaded
    }
}
