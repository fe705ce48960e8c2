//! What becomes of rows: their state, and dismissal, after which nothing tells of them.
//!
//! Dismissing takes effect at once for every question. Their texts leave memory and store when the chunk is erased,
//! which rewrites the chunk: once for many dismissals, at a moment the caller chooses.

use crate::domain::{DatasetId, RecordId, RecordState};

use super::bits::Bits;
use super::chunk::{Chunk, DISMISSED};
use super::dictionary::Dictionary;
use super::dimension::Dimension;
use super::index::place;
use super::packed::Packed;
use super::segment::{LocalCodes, SegmentDetails, SegmentHead};
use super::{Segment, Table};

/// A chunk: the `chunk`-th segment of the dataset, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkRef {
    /// Whose.
    pub dataset: DatasetId,
    /// Which.
    pub chunk: u32,
}

impl Table {
    /// Sets the state of records; those dismissed or unknown are passed over. Tells how many changed.
    pub fn set_state(&mut self, ids: &[RecordId], state: RecordState) -> usize {
        let mut changed = 0;
        for id in ids {
            if let Some((chunk, row)) = self.live_slot(*id).map(place) {
                changed += usize::from(self.chunks[chunk].set_state(row, state as u8));
            }
        }
        if changed > 0 {
            self.caches.get_mut().states_changed();
        }
        changed
    }

    /// Takes records out of every answer for ever; those unknown are passed over. Tells how many there were.
    pub fn dismiss(&mut self, ids: &[RecordId]) -> usize {
        let mut dismissed = 0;
        for id in ids {
            if let Some(slot) = self.live_slot(*id) {
                let (chunk, row) = place(slot);
                if chunk < self.indexed.get() {
                    self.index.get_mut().forget_id(&self.chunks, slot);
                }
                dismissed += usize::from(self.chunks[chunk].set_state(row, DISMISSED));
            }
        }
        if dismissed > 0 {
            self.caches.get_mut().states_changed();
        }
        dismissed
    }

    /// The chunks that still hold texts of dismissed rows, here or in store.
    pub fn chunks_to_erase(&self) -> Vec<ChunkRef> {
        let waiting = self.chunks.iter().filter(|chunk| chunk.needs_erasing());
        waiting.map(|chunk| ChunkRef { dataset: chunk.dataset, chunk: chunk.number }).collect()
    }

    /// A chunk as it is to be stored from now on: places stay, and dismissed rows hold nothing but their identity. `None`
    /// if there is no such chunk. Once it is stored, [`Table::erase`] follows.
    pub fn erased_segment(&self, dataset: DatasetId, chunk: u32) -> Option<Segment> {
        let chunk = &self.chunks[self.chunk_at(dataset, chunk)?];
        let gone = chunk.dismissed();
        let dimensions = Dimension::ALL.map(|dimension| self.local_codes(chunk, dimension, &gone));
        let details = SegmentDetails(chunk.details().without(&gone));
        let columns = chunk.columns.without(&gone);
        Some(Segment { head: SegmentHead { columns, dimensions, dismissed: gone }, details })
    }

    /// Drops the texts of a chunk's dismissed rows from memory. They must have left the store before.
    pub fn erase(&mut self, dataset: DatasetId, chunk: u32) {
        if let Some(at) = self.chunk_at(dataset, chunk) {
            self.chunks[at].erase();
            self.caches.get_mut().texts_erased();
        }
    }

    pub(super) fn chunk_at(&self, dataset: DatasetId, chunk: u32) -> Option<usize> {
        self.chunks.binary_search_by_key(&(dataset, chunk), |c| (c.dataset, c.number)).ok()
    }

    /// Codes of a chunk with a dictionary of just the values that rows not `gone` have.
    fn local_codes(&self, chunk: &Chunk, dimension: Dimension, gone: &Bits) -> LocalCodes {
        let global = self.dictionary(dimension);
        let mut local = Dictionary::default();
        let mut known: Vec<Option<u32>> = vec![None; global.len()];
        let mut codes = Vec::with_capacity(chunk.rows());
        chunk.stored_codes(dimension).for_each(|code| {
            codes.push(if gone.get(codes.len()) {
                local.intern("")
            } else {
                *known[code as usize].get_or_insert_with(|| local.intern(global.get(code)))
            });
        });
        LocalCodes { codes: Packed::new(&codes), dictionary: local.into_texts() }
    }
}
