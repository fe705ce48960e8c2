//! Takes the rows of one dump, leaves out what is there already or was dismissed, and yields segments.
//!
//! An import runs across many slices of a file. The builder borrows nothing between them: each slice gets a
//! [`Session`] that looks at the table and the ledger as they are then.
//!
//! Invariant: every segment but the last is full, and no identity is loaded twice.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::{DatasetId, DismissalLedger, RecordId, SeenAgain};

use super::chunk_builder::ChunkBuilder;
use super::dimension::Dimension;
use super::index::{Slot, place};
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
    /// Records of other datasets, and their causes where they are others here.
    seen_again: (Vec<RecordId>, BTreeMap<RecordId, String>),
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
            seen_again: Default::default(),
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

    /// Records of other datasets that were not loaded again, so far; they are handed over.
    pub fn take_seen_again(&mut self) -> SeenAgain {
        let (records, causes) = std::mem::take(&mut self.seen_again);
        SeenAgain::new(records, causes)
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
        match self.table.met(row.identity) {
            Some((slot, true)) => {
                self.note_again(slot, row.cause);
                return Pushed::Duplicate;
            }
            Some((_, false)) => return Pushed::DismissedEarlier,
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

impl Session<'_> {
    fn note_again(&mut self, slot: Slot, cause: &str) {
        let (records, causes) = &mut self.builder.seen_again;
        let record = self.table.record_id(slot);
        records.push(record);
        let (chunk, row) = place(slot);
        // The user's rules on causes do not touch what a dump says.
        let known = self.table.chunks[chunk].own_causes().get(row);
        if !self.table.dictionary(Dimension::Cause).is(known, cause) {
            causes.insert(record, cause.to_owned());
        }
    }
}
