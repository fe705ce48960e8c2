//! The store that this browser gives: IndexedDB, or memory where there is no durable storage.
//!
//! One type, so that the engine above it is compiled once. Deliberately absent: the choice, which is the worker's.

use crate::domain::{DatasetId, JournalEntry};
use crate::workspace::ports::{Commit, Store, StoreError, Stored};

use super::{IndexedDbStore, MemoryStore};

/// Either store.
#[expect(missing_docs, reason = "the variants are named for what they hold")]
pub enum BrowserStore {
    IndexedDb(IndexedDbStore),
    Memory(MemoryStore),
}

macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Self::IndexedDb($store) => $call,
            Self::Memory($store) => $call,
        }
    };
}

impl Store for BrowserStore {
    async fn load(&self) -> Result<Stored, StoreError> {
        either!(self, store => store.load().await)
    }

    async fn put_segments(
        &self,
        dataset: DatasetId,
        segments: Vec<(u32, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        either!(self, store => store.put_segments(dataset, segments).await)
    }

    async fn segment(&self, dataset: DatasetId, index: u32) -> Result<Vec<u8>, StoreError> {
        either!(self, store => store.segment(dataset, index).await)
    }

    async fn discard(&self, dataset: DatasetId) -> Result<(), StoreError> {
        either!(self, store => store.discard(dataset).await)
    }

    async fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        either!(self, store => store.commit(commit).await)
    }

    async fn replace(&self, commit: &Commit) -> Result<(), StoreError> {
        either!(self, store => store.replace(commit).await)
    }

    async fn journal(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<JournalEntry>), StoreError> {
        either!(self, store => store.journal(offset, limit).await)
    }

    async fn segment_count(&self) -> Result<usize, StoreError> {
        either!(self, store => store.segment_count().await)
    }

    async fn wipe(&self) -> Result<(), StoreError> {
        either!(self, store => store.wipe().await)
    }

    fn write_lines(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        either!(self, store => store.write_lines(commit))
    }

    fn read_lines(&self, lines: &[String]) -> Result<(Stored, Vec<JournalEntry>), StoreError> {
        either!(self, store => store.read_lines(lines))
    }

    fn kind(&self) -> &'static str {
        either!(self, store => store.kind())
    }
}
