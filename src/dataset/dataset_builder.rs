//! Takes the rows of one dump, leaves out what is there already or was dismissed, and yields segments.
//!
//! An import runs across many slices of a file. The builder borrows nothing between them: each slice gets a
//! [`Session`] that looks at the table and the ledger as they are then. Rows come one by one, or as segments that others
//! made of parts of the dump.
//!
//! Invariant: every segment but the last is full, and no identity is loaded twice.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::{DatasetId, DismissalLedger, Identity, RecordId, SeenAgain};

use super::bits::Bits;
use super::chunk_builder::ChunkBuilder;
use super::dimension::Dimension;
use super::index::{Slot, place};
use super::seen::Seen;
use super::segment::{Sealed, Segment};
use super::{CHUNK_ROWS, Pushed, RowInput, RowSink, Table};

/// The rows of a dump on their way into the table.
#[derive(Debug)]
pub struct DatasetBuilder {
    dataset: DatasetId,
    chunk_rows: usize,
    headers: Vec<String>,
    open: ChunkBuilder,
    full: VecDeque<Sealed>,
    /// The rows so far of the open chunk, as long as they are those of one part: opened when more come.
    closed: Option<Sealed>,
    seen: Seen,
    /// Records of other datasets, and their causes where they are others here.
    seen_again: (Vec<RecordId>, BTreeMap<RecordId, String>),
}

/// What became of the rows of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartTaken {
    /// Loaded.
    pub loaded: u64,
    /// There already, from this dump or another.
    pub duplicates: u64,
    /// Dismissed at an earlier time.
    pub dismissed_earlier: u64,
}

/// What is known of a record before the dump brings it.
enum Known {
    /// It is in the table, from another dump.
    Again,
    /// It was dismissed at an earlier time.
    Dismissed,
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
            closed: None,
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
    pub fn take_full(&mut self) -> Option<Sealed> {
        self.full.pop_front()
    }

    /// Records of other datasets that were not loaded again, so far; they are handed over.
    pub fn take_seen_again(&mut self) -> SeenAgain {
        let (records, causes) = std::mem::take(&mut self.seen_again);
        SeenAgain::new(records, causes)
    }

    /// All segments not taken yet, in order; the last may be less than full.
    pub fn finish(mut self) -> Vec<Segment> {
        self.take_rest().into_iter().map(Sealed::into_segment).collect()
    }

    /// The same where something else is still asked of the builder; no more rows come.
    pub fn take_rest(&mut self) -> Vec<Sealed> {
        let mut segments = Vec::from(std::mem::take(&mut self.full));
        segments.extend(self.closed.take());
        if self.open.rows() > 0 {
            segments.push(std::mem::take(&mut self.open).seal(&self.headers).into());
        }
        segments
    }

    fn load(&mut self, row: &RowInput<'_>) {
        self.reopen();
        self.open.push(row, self.headers.len());
        if self.open.rows() == self.chunk_rows {
            let next = self.open.room_alike();
            let full = std::mem::replace(&mut self.open, next);
            self.full.push_back(full.seal(&self.headers).into());
        }
    }

    /// Makes rows that came as a segment rows of the open chunk.
    fn reopen(&mut self) {
        if let Some(closed) = self.closed.take() {
            let segment = closed.segment;
            segment.for_each_row(|_| true, |row| self.open.push(row, row.extra.len()));
        }
    }

    #[inline(never)]
    fn load_segment(&mut self, sealed: Sealed, gone: &Bits) {
        let is_first = self.closed.is_none() && self.open.rows() == 0;
        let is_whole = gone.count() == 0;
        match sealed.segment.rows() {
            rows if is_first && is_whole && rows == self.chunk_rows => self.full.push_back(sealed),
            rows if is_first && is_whole && rows < self.chunk_rows => self.closed = Some(sealed),
            _ => sealed.segment.for_each_row(|row| !gone.get(row), |row| self.load(row)),
        }
    }
}

/// Takes rows for a [`DatasetBuilder`].
#[derive(Debug)]
pub struct Session<'a> {
    builder: &'a mut DatasetBuilder,
    table: &'a Table,
    ledger: &'a DismissalLedger,
}

impl Session<'_> {
    /// Takes rows that were made into a segment elsewhere; before them the dump has so many `earlier` rows.
    pub fn take_part(&mut self, mut sealed: Sealed, earlier: u32) -> PartTaken {
        let segment = &mut sealed.segment;
        let (mut taken, mut gone) = self.known_of(segment);
        let identities = &segment.details.0.identities;
        taken.duplicates += self.builder.seen.insert_all(identities, &mut gone) as u64;
        taken.loaded = (segment.rows() - gone.count()) as u64;
        let first = &mut segment.head.columns.source_rows.first;
        *first = first.wrapping_add(earlier);
        self.extra_columns(&segment.details.0.headers);
        self.builder.load_segment(sealed, &gone);
        taken
    }

    /// The rows of a segment that are in the table, which are noted as seen again, or were dismissed; and how many of each.
    #[inline(never)]
    fn known_of(&mut self, segment: &Segment) -> (PartTaken, Bits) {
        let (mut taken, mut gone) = (PartTaken::default(), Bits::none(segment.rows()));
        if self.ledger.is_empty() && self.table.chunks.is_empty() {
            return (taken, gone);
        }
        for (row, identity) in segment.details.0.identities.iter().enumerate() {
            let cause = || {
                let causes = &segment.head.dimensions[Dimension::Cause as usize];
                causes.dictionary.get(causes.codes.get(row) as usize)
            };
            match self.known(*identity, cause) {
                None => continue,
                Some(Known::Dismissed) => taken.dismissed_earlier += 1,
                Some(Known::Again) => taken.duplicates += 1,
            }
            gone.set(row);
        }
        (taken, gone)
    }

    /// What becomes of a record of this cause that the table or the ledger knows.
    fn known<'a>(&mut self, identity: Identity, cause: impl FnOnce() -> &'a str) -> Option<Known> {
        if self.ledger.contains(identity) {
            return Some(Known::Dismissed);
        }
        let (slot, is_live) = self.table.met(identity)?;
        if !is_live {
            return Some(Known::Dismissed);
        }
        self.note_again(slot, cause());
        Some(Known::Again)
    }

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

impl RowSink for Session<'_> {
    fn extra_columns(&mut self, headers: &[String]) {
        let known = self.builder.headers.len();
        self.builder.headers.extend(headers.iter().skip(known).cloned());
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        match self.known(row.identity, || row.cause) {
            Some(Known::Again) => return Pushed::Duplicate,
            Some(Known::Dismissed) => return Pushed::DismissedEarlier,
            None => {}
        }
        if !self.builder.seen.insert(row.identity) {
            return Pushed::Duplicate;
        }
        self.builder.load(row);
        Pushed::Loaded
    }
}
