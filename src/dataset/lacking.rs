//! Chunks whose details are still in the store: which ones a question needs, and taking them up.
//!
//! Details may come in any order, but rows are indexed in the dump's order only: of two records with the same id, the
//! first one keeps it, in every session.
//!
//! Invariant: the index knows the first `indexed` chunks, all of them whole. Others that are whole are indexed before it is
//! asked; they wait for that only where no id can be that of another record.

use std::cell::Ref;

use crate::domain::{Column, DismissalLedger, Filter, RecordId, Sort};

use super::chunk::Chunk;
use super::groups::Axis;
use super::index::{Index, place};
use super::segment::SegmentDetails;
use super::{ChunkRef, Table};

impl Table {
    /// Chunks whose details are not there, in order.
    pub fn lacking(&self) -> Vec<ChunkRef> {
        let lacking = self.chunks.iter().filter(|chunk| !chunk.is_whole());
        lacking.map(|chunk| ChunkRef { dataset: chunk.dataset, chunk: chunk.number }).collect()
    }

    /// Chunks that counting what passes needs and that lack their details.
    pub fn lacking_to_count(&self, filter: &Filter) -> Vec<ChunkRef> {
        let reads_messages = filter.text.as_deref().is_some_and(|text| !text.is_empty())
            || !filter.missing.is_empty()
            || self.groups_by_message();
        // What is the same record in two dumps is told by its key.
        let reads_keys = filter.compared.is_some() || filter.retried.is_some();
        if reads_messages || reads_keys { self.lacking() } else { Vec::new() }
    }

    /// Chunks that a window of rows needs and that lack their details. The ids of all records must be known where two
    /// may have the same one: the second gets another.
    pub fn lacking_to_list(
        &self,
        filter: &Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Vec<ChunkRef> {
        let lacking = self.lacking();
        let sorts_by_text = sort.is_some_and(|sort| {
            matches!(sort.column, Column::Id | Column::RecordKey | Column::Message)
        });
        if lacking.is_empty() || sorts_by_text || !self.ids_are_unique() {
            return lacking;
        }
        let for_filter = self.lacking_to_count(filter);
        if !for_filter.is_empty() {
            return for_filter;
        }
        self.lacking_of(&self.window_ids(filter, sort, offset, limit))
    }

    /// Chunks that a window of the groups along an axis needs and that lack their details: the first record of each group
    /// says what its records say.
    pub fn lacking_to_group(
        &self,
        filter: &Filter,
        axis: Axis,
        offset: usize,
        limit: usize,
    ) -> Vec<ChunkRef> {
        let lacking = self.lacking();
        if lacking.is_empty() || axis == Axis::Missing {
            return lacking;
        }
        let for_filter = self.lacking_to_count(filter);
        if !for_filter.is_empty() {
            return for_filter;
        }
        let groups = self.groups(filter, axis);
        let window = groups.iter().skip(offset).take(limit);
        self.lacking_of(&window.map(|group| group.example).collect::<Vec<_>>())
    }

    /// Chunks of these records that lack their details.
    pub fn lacking_of(&self, records: &[RecordId]) -> Vec<ChunkRef> {
        let mut chunks: Vec<usize> =
            records.iter().filter_map(|id| self.live_slot(*id)).map(|slot| place(slot).0).collect();
        chunks.sort_unstable();
        chunks.dedup();
        let needed = chunks.into_iter().map(|at| &self.chunks[at]);
        needed
            .filter(|chunk| !chunk.is_whole())
            .map(|chunk| ChunkRef { dataset: chunk.dataset, chunk: chunk.number })
            .collect()
    }

    /// Takes up the details of a chunk. Whether they belong to it is told; details that are there already stay.
    pub fn complete(&mut self, chunk: ChunkRef, details: SegmentDetails) -> bool {
        let Some(at) = self.chunk_at(chunk.dataset, chunk.chunk) else { return false };
        let chunk = &mut self.chunks[at];
        if chunk.is_whole() {
            return true;
        }
        if chunk.rows() != details.0.rows() {
            return false;
        }
        chunk.complete(details.0);
        if self.groups_by_message() {
            self.regroup(at);
            self.caches.get_mut().causes_changed();
        }
        self.index_whole();
        true
    }

    /// The records of a whole chunk that the ledger says are dismissed and the table does not yet.
    pub fn dismissed_in(&self, chunk: ChunkRef, ledger: &DismissalLedger) -> Vec<RecordId> {
        let at = self.chunk_at(chunk.dataset, chunk.chunk);
        let Some(chunk) = at.map(|at| &self.chunks[at]) else { return Vec::new() };
        if ledger.is_empty() || !chunk.is_whole() {
            return Vec::new();
        }
        let rows = (0..chunk.rows()).filter(|row| chunk.is_live(*row));
        rows.filter(|row| ledger.contains(chunk.identity(*row)))
            .map(|row| chunk.record_id(row))
            .collect()
    }

    /// Indexes the chunks that are whole and follow those indexed already, where an id may have to give way to another. Where
    /// none can, the index is made when it is first asked, or when nothing else is to be done.
    pub(super) fn index_whole(&mut self) {
        if self.ids_are_unique() {
            return;
        }
        let whole = self.chunks.iter().take_while(|chunk| chunk.is_whole()).count();
        if self.indexed.get() == 0 && whole > 0 {
            self.empty_index();
        }
        for at in self.indexed.get()..whole {
            self.index.get_mut().add(&mut self.chunks, at);
        }
        self.indexed.set(whole);
    }

    /// Whether a chunk waits to be indexed.
    pub fn is_to_be_indexed(&self) -> bool {
        self.chunks.get(self.indexed.get()).is_some_and(Chunk::is_whole)
    }

    /// Indexes the next chunk that waits for it, for moments in which nothing else is to be done; whether there was one is
    /// told.
    pub fn index_next(&self) -> bool {
        if !self.is_to_be_indexed() {
            return false;
        }
        let next = self.indexed.get();
        if next == 0 {
            self.empty_index();
        }
        self.index.borrow_mut().add_unique(&self.chunks, next);
        self.indexed.set(next + 1);
        true
    }

    /// The index of all chunks that are whole and follow each other.
    pub(super) fn index(&self) -> Ref<'_, Index> {
        while self.index_next() {}
        self.index.borrow()
    }

    /// Whether no two records can have the same id.
    pub(super) fn ids_are_unique(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.columns.unique_ids)
    }

    fn empty_index(&self) {
        *self.index.borrow_mut() = Index::with_room(self.chunks.iter().map(Chunk::rows).sum());
    }
}
