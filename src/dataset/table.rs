//! All loaded datasets as one table in the dump's order: dataset by dataset, row by row.
//!
//! Deliberately absent: what was stored where (`store`), and decisions about records (`domain`).
//!
//! Invariant: chunks are in ascending order of dataset and row, and every code of a chunk is in its dictionary.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::{
    Category, CauseRule, DatasetId, DismissalLedger, Identity, RecordId, RecordState, SeenAgain,
    Timestamp,
};

use super::cache::Caches;
use super::chunk::Chunk;
use super::dictionary::Dictionary;
use super::dimension::{DIMENSIONS, Dimension};
use super::index::{Index, Slot, place, slot};
use super::lost::Gap;
use super::missing::Harvester;
use super::segment::{LocalCodes, SegmentHead};
use super::{Record, Segment, Source};

/// Chunks that a slot can number.
pub(crate) const MOST_CHUNKS: usize = 1 << 16;

/// The rows of all datasets, and the answers to questions about them.
///
/// Questions take `&self`; what they worked out is kept until rows come, go or change state. Not for several threads.
#[derive(Debug, Default)]
pub struct Table {
    pub(super) chunks: Vec<Chunk>,
    /// Places of chunks that are lost.
    pub(super) gaps: Vec<Gap>,
    pub(super) dictionaries: [Dictionary; DIMENSIONS],
    /// The categories by code: rules ask for them, not for their names.
    pub(super) categories: Vec<Category>,
    /// Records of other datasets that a dump showed again.
    pub(super) seen_again: BTreeMap<DatasetId, SeenAgain>,
    pub(super) index: RefCell<Index>,
    /// Chunks that the index knows, the first ones.
    pub(super) indexed: Cell<usize>,
    pub(super) caches: RefCell<Caches>,
    /// The chunk of the record that was looked up last: the next one is most often there, too.
    pub(super) last_looked_up: Cell<usize>,
    /// How the user groups causes.
    pub(super) cause_rules: Vec<CauseRule>,
    /// Who reads what messages say is missing.
    pub(super) harvester: Option<Harvester>,
}

impl Table {
    /// A table without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a segment as the next rows of a dataset. Segments come in their order.
    ///
    /// # Panics
    /// With more than 65,536 segments, which full ones would make four thousand million rows: beyond, rows could not
    /// be told apart.
    pub fn append(&mut self, dataset: DatasetId, segment: Segment) {
        let Segment { head, details } = segment;
        let at = self.insert(dataset, head);
        self.chunks[at].complete(details.0);
        if self.groups_by_message() {
            self.regroup(at);
        }
        let is_amid = at + 1 < self.chunks.len() && self.lacking().is_empty();
        if is_amid && !self.ids_are_unique() {
            self.index.get_mut().rebuild(&mut self.chunks, at);
            self.indexed.set(self.chunks.len());
        } else {
            self.index_whole();
        }
    }

    /// Adds the rows of a segment whose details are still in the store. Everything but what they say in their own words
    /// can be asked at once.
    ///
    /// # Panics
    /// As [`Table::append`].
    pub fn append_head(&mut self, dataset: DatasetId, head: SegmentHead) {
        self.insert(dataset, head);
    }

    fn insert(&mut self, dataset: DatasetId, head: SegmentHead) -> usize {
        assert!(self.chunks.len() < MOST_CHUNKS, "the table is full");
        let at = self.chunks.partition_point(|chunk| chunk.dataset <= dataset);
        let (number, first_row) = self.next_place(dataset);
        let SegmentHead { columns, dimensions, dismissed } = head;
        let mut dictionaries = self.dictionaries.iter_mut();
        let codes = dimensions.map(|local| match dictionaries.next() {
            Some(dictionary) => global_codes(dictionary, &local),
            None => local.codes,
        });
        let names = self.dictionaries[Dimension::Category as usize].iter();
        self.categories.extend(names.skip(self.categories.len()).map(Category::parse));
        let whose = (dataset, number, first_row);
        self.chunks.insert(at, Chunk::new(whose, columns, codes, &dismissed));
        self.regroup(at);
        if at < self.indexed.get() {
            // The chunks behind it have moved.
            self.indexed.set(0);
        }
        self.caches.get_mut().rows_changed();
        at
    }

    /// Forgets a dataset; whether it had rows is told.
    pub fn remove_dataset(&mut self, dataset: DatasetId) -> bool {
        let before = self.chunks.len();
        self.chunks.retain(|chunk| chunk.dataset != dataset);
        self.gaps.retain(|gap| gap.chunk.dataset != dataset);
        self.seen_again.remove(&dataset);
        let removed = self.chunks.len() < before;
        if removed {
            self.chunks_went();
        }
        removed
    }

    /// The datasets that have rows, in order, each with its rows that are not dismissed.
    pub fn datasets(&self) -> Vec<(DatasetId, usize)> {
        let mut datasets: Vec<(DatasetId, usize)> = Vec::new();
        for chunk in &self.chunks {
            match datasets.last_mut().filter(|(id, _)| *id == chunk.dataset) {
                Some((_, rows)) => *rows += chunk.live_rows(),
                None => datasets.push((chunk.dataset, chunk.live_rows())),
            }
        }
        datasets
    }

    /// Records that are not dismissed.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Chunk::live_rows).sum()
    }

    /// Whether every record is dismissed, or none was loaded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the rows take, without those of kept answers.
    pub fn held_bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::held_bytes).sum::<usize>()
            + self.dictionaries.iter().map(Dictionary::held_bytes).sum::<usize>()
            + self.index.borrow().held_bytes()
    }

    /// Whether a record that is not dismissed has this identity.
    pub fn contains(&self, identity: Identity) -> bool {
        self.id_of(identity).is_some()
    }

    /// Where the record of this identity is held, and whether it is not dismissed; `None` if there is none.
    pub(super) fn met(&self, identity: Identity) -> Option<(Slot, bool)> {
        let slot = self.index().by_identity(&self.chunks, identity)?;
        Some((slot, self.is_live(slot)))
    }

    /// The record of an identity.
    pub fn id_of(&self, identity: Identity) -> Option<RecordId> {
        self.index()
            .by_identity(&self.chunks, identity)
            .filter(|slot| self.is_live(*slot))
            .map(|slot| self.record_id(slot))
    }

    /// The records of identities, in the order given; those that no record has are left out.
    pub fn ids_of(&self, identities: &[Identity]) -> Vec<RecordId> {
        if self.is_unindexed() {
            return self.ids_of_unindexed(identities);
        }
        identities.iter().filter_map(|identity| self.id_of(*identity)).collect()
    }

    /// The records that the ledger says are dismissed and the table does not yet: after segments were read back.
    pub fn ids_in(&self, ledger: &DismissalLedger) -> Vec<RecordId> {
        if ledger.is_empty() {
            return Vec::new();
        }
        let rows =
            self.chunks.iter().flat_map(|chunk| (0..chunk.rows()).map(move |row| (chunk, row)));
        rows.filter(|(chunk, row)| chunk.is_live(*row) && ledger.contains(chunk.identity(*row)))
            .map(|(chunk, row)| chunk.record_id(row))
            .collect()
    }

    /// The identity of a record.
    pub fn identity(&self, id: RecordId) -> Option<Identity> {
        let (chunk, row) = place(self.live_slot(id)?);
        Some(self.chunks[chunk].identity(row))
    }

    /// The record that has this id in answers.
    pub fn find(&self, id: &str) -> Option<RecordId> {
        if self.is_unindexed() {
            return self.find_unindexed(id);
        }
        self.index().by_id(&self.chunks, id).map(|slot| self.record_id(slot))
    }

    /// The state of a record.
    pub fn state(&self, id: RecordId) -> Option<RecordState> {
        let (chunk, row) = place(self.live_slot(id)?);
        self.chunks[chunk].state(row)
    }

    /// A record with every column of its dump.
    pub fn record(&self, id: RecordId) -> Option<Record> {
        let slot = self.live_slot(id)?;
        let mut record = self.summary(slot)?.into_owned();
        let (chunk, row) = place(slot);
        let details = self.chunks[chunk].details();
        let mut extra = Map::new();
        for (header, texts) in details.headers.iter().zip(&details.extras) {
            let text = texts.get(row);
            if text.is_empty() {
                continue;
            }
            let mut key = header.clone();
            let mut occurrence = 2;
            while extra.contains_key(&key) {
                key = format!("{header} ({occurrence})");
                occurrence += 1;
            }
            extra.insert(key, Value::String(text.into_owned()));
        }
        record.extra = Some(extra);
        Some(record)
    }

    /// Records as pages show them: without the further columns. Those dismissed or unknown are left out.
    pub fn summaries(&self, ids: &[RecordId]) -> Vec<Record> {
        let summary = |id: &RecordId| Some(self.summary(self.live_slot(*id)?)?.into_owned());
        ids.iter().filter_map(summary).collect()
    }

    /// `None` where the row is dismissed.
    pub(super) fn summary(&self, slot: Slot) -> Option<Record<Cow<'_, str>>> {
        let (at, row) = place(slot);
        let chunk = &self.chunks[at];
        let state = chunk.state(row)?;
        let (columns, details) = (&chunk.columns, chunk.details());
        let [job, entity, map, data_source, company, direction, category, error_code, cause] =
            Dimension::ALL.map(|dimension| Cow::Borrowed(self.text(chunk, dimension, row)));
        Some(Record {
            id: chunk.id(row),
            occurred_at: Timestamp::from_millis(columns.times[row]),
            job,
            entity,
            map,
            data_source,
            company,
            direction,
            category,
            category_inferred: columns.inferred.get(row),
            error_code,
            record_key: details.record_keys.get(row),
            message: details.messages.get(row),
            retry_count: columns.retry_count(row),
            cause,
            state,
            source: Source { dataset: chunk.dataset, row: columns.source_rows.get(row) },
            extra: None,
        })
    }

    pub(super) fn text(&self, chunk: &Chunk, dimension: Dimension, row: usize) -> &str {
        self.dictionary(dimension).get(chunk.codes[dimension as usize].get(row))
    }

    pub(super) fn dictionary(&self, dimension: Dimension) -> &Dictionary {
        &self.dictionaries[dimension as usize]
    }

    pub(super) fn record_id(&self, slot: Slot) -> RecordId {
        let (chunk, row) = place(slot);
        self.chunks[chunk].record_id(row)
    }

    pub(super) fn is_live(&self, slot: Slot) -> bool {
        let (chunk, row) = place(slot);
        self.chunks[chunk].is_live(row)
    }

    /// Where a record that is not dismissed is held.
    pub(super) fn live_slot(&self, id: RecordId) -> Option<Slot> {
        let mut at = self.last_looked_up.get();
        let row = self.chunks.get(at).and_then(|chunk| chunk.row_of(id)).or_else(|| {
            at = self.chunk_of(id)?;
            self.last_looked_up.set(at);
            self.chunks[at].row_of(id)
        })?;
        self.chunks[at].is_live(row).then(|| slot(at, row))
    }

    /// The chunk that has the record, if any has.
    fn chunk_of(&self, id: RecordId) -> Option<usize> {
        let wanted = (id.dataset(), id.row());
        let is_before = |chunk: &Chunk| (chunk.dataset, chunk.first_row) <= wanted;
        let at = self.chunks.partition_point(is_before).checked_sub(1)?;
        self.chunks[at].row_of(id).map(|_| at)
    }

    /// The records chunk by chunk, in their order: the chunk, and the rows of it that follow each other in the list. Those
    /// dismissed or unknown are left out.
    pub(super) fn runs<'a>(
        &'a self,
        mut ids: &'a [RecordId],
    ) -> impl Iterator<Item = (usize, impl Iterator<Item = usize> + Clone + 'a)> {
        std::iter::from_fn(move || {
            let found = |(place, id): (usize, &RecordId)| Some((place, self.chunk_of(*id)?));
            let (first, at) = ids.iter().enumerate().find_map(found)?;
            let (chunk, run) = (&self.chunks[at], &ids[first..]);
            let end = run.iter().position(|id| chunk.row_of(*id).is_none()).unwrap_or(run.len());
            let (run, rest) = run.split_at(end);
            ids = rest;
            let rows = run.iter().filter_map(|id| chunk.row_of(*id));
            Some((at, rows.filter(|row| chunk.is_live(*row))))
        })
    }
}

/// A segment's codes in the table's numbering.
#[inline(never)]
fn global_codes(dictionary: &mut Dictionary, local: &LocalCodes) -> super::packed::Packed {
    let global: Vec<u32> = local.dictionary.iter().map(|text| dictionary.intern(text)).collect();
    local.codes.map(|code| global[code as usize])
}
