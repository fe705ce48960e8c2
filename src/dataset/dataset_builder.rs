//! Takes the rows of one dump, leaves out what is there already or was dismissed, and yields segments.
//!
//! An import runs across many slices of a file. The builder borrows nothing between them: each slice gets a
//! [`Session`] that looks at the table and the ledger as they are then.
//!
//! Invariant: every segment but the last is full, and no identity is loaded twice.

use std::collections::VecDeque;

use hashbrown::HashTable;

use crate::domain::{DatasetId, DismissalLedger, Identity};

use super::chunk_builder::ChunkBuilder;
use super::segment::Segment;
use super::{CHUNK_ROWS, Pushed, RowInput, RowSink, Table, identity_hash};

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
        self.seen.identities.len()
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

/// The identities loaded so far. A table of places over a list takes less than a set of identities would; a part of
/// each identity's hash beside its place spares most looks into the list, which is far away in memory.
#[derive(Debug, Default)]
struct Seen {
    identities: Vec<Identity>,
    places: HashTable<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    tag: u32,
    at: u32,
}

impl Place {
    /// All 64 bits depend on the tag; tables take bits from both ends.
    fn hash(tag: u32) -> u64 {
        u64::from(tag).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl Seen {
    /// Whether it is new.
    fn insert(&mut self, identity: Identity) -> bool {
        let identities = &mut self.identities;
        let tag = identity_hash(identity) as u32;
        let entry = self.places.entry(
            Place::hash(tag),
            |place| place.tag == tag && identities[place.at as usize] == identity,
            |place| Place::hash(place.tag),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(place) => {
                place.insert(Place { tag, at: identities.len() as u32 });
                identities.push(identity);
                true
            }
        }
    }
}
