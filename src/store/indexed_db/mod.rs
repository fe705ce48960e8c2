//! The durable store: IndexedDB, through the thin crate `idb`.
//!
//! `schema` says what lies where, `open` brings a database to it, `write` is the only way anything is written, `read`
//! the way back, `convert`, `bytes` and `error` translate, `raw` hands out what cannot be understood. What the values hold is `store::stored`'s business.
//!
//! Deliberately absent: exclusion of other tabs. One engine per origin is the worker's business (Web Locks); this store
//! only makes sure that an older tab gives way to an upgrade.
//!
//! A call that has begun should be awaited to its end: dropping it half way leaves its transaction to the browser.

mod bytes;
mod convert;
mod error;
mod open;
mod raw;
mod read;
mod schema;
mod write;

use std::cell::Cell;
use std::fmt;

use crate::domain::{DatasetId, JournalEntry};
use crate::workspace::ports::{Commit, Store, StoreError, Stored};

use self::bytes::Put;
use self::write::Connection;
use super::part::{Place, Shelf};
use super::stored::{self, Change};

/// See the module.
pub struct IndexedDbStore {
    connection: Connection,
    /// The browser does, until it shows otherwise.
    stores_blobs: Cell<bool>,
}

impl IndexedDbStore {
    /// Opens the database of this name, makes it where there is none, upgrades it where it is older.
    ///
    /// `Newer` where later code has written it, `Unavailable` where the browser has no IndexedDB here or another tab
    /// holds an older version and does not give way.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        Ok(Self { connection: open::open(name).await?, stores_blobs: Cell::new(true) })
    }

    /// Resolves with the reason when the database is deleted, cleared, or taken over under this store.
    pub fn lost(&self) -> impl Future<Output = StoreError> + use<> {
        self.connection.lost()
    }

    /// Closes the database. Dropping the store does the same.
    pub fn close(self) {}

    /// Deletes the database with everything in it, whatever its version: the last way out of damage.
    pub async fn delete(name: &str) -> Result<(), StoreError> {
        open::delete(name).await?;
        bytes::let_blobs_go();
        Ok(())
    }

    /// To be called once at a start, before anything is written: what a crash tore must not spoil what comes behind it.
    pub async fn begin_new_log(name: &str) -> Result<(), StoreError> {
        open::begin_new_log(name).await
    }

    /// Everything in the database of this name, whatever its version, as lines of text, see `store::raw`. Nothing is
    /// understood, and nothing changes.
    pub async fn export_raw(name: &str) -> Result<web_sys::Blob, StoreError> {
        raw::export(name).await
    }

    async fn change(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let work = async |transaction: &_| write::apply(transaction, &changes);
        self.connection.write(write::scope(&changes), work).await?;
        if write::drop_segments(&changes) {
            bytes::let_blobs_go();
        }
        Ok(())
    }

    /// What was put, if only to be taken back, is in `put`.
    async fn write_segments(
        &self,
        dataset: DatasetId,
        segments: Vec<(u32, Vec<u8>)>,
        put: &mut Vec<(u32, Put)>,
    ) -> Result<(), StoreError> {
        let work = async move |transaction: &_| {
            let shelf = read::on(transaction, Shelf::Segments)?;
            for (index, part) in segments {
                let key = convert::key_to_js(&Place::segment(dataset, index).key)?;
                put.push((index, bytes::put_bytes(&shelf, &key, part, &self.stores_blobs)?));
            }
            Ok(())
        };
        self.connection.write(&[Shelf::Segments], work).await
    }
}

impl fmt::Debug for IndexedDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IndexedDbStore").field(&self.connection.database().name()).finish()
    }
}

impl Store for IndexedDbStore {
    async fn load(&self) -> Result<Stored, StoreError> {
        let work = async |transaction: &_| {
            let found = read::datasets_with_segments(transaction)?;
            let contents = read::contents(transaction).await?;
            let found = found.await?;
            let stored = stored::restore(&contents);
            let orphans = found.into_iter().filter(|id| stored::is_orphan(&stored, *id));
            let changes: Vec<Change> = orphans.map(Change::RemoveSegments).collect();
            write::apply(transaction, &changes)?;
            Ok(stored)
        };
        match self.connection.write(&Shelf::ALL, work).await {
            // A full disk may refuse even to remove something. The desk must start then, if only to let the user
            // remove a dataset; the segments go at a later start.
            Err(StoreError::Full) => {
                let transaction = self.connection.read(Shelf::ALL_BUT_SEGMENTS)?;
                Ok(stored::restore(&read::contents(&transaction).await?))
            }
            result => result,
        }
    }

    async fn put_segments(
        &self,
        dataset: DatasetId,
        segments: Vec<(u32, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let (count, mut put) = (segments.len(), Vec::new());
        let written = self.write_segments(dataset, segments, &mut put).await;
        let were_blobs = put.iter().any(|(_, it)| matches!(it, Put::Blob(_)));
        match written {
            // Safari takes blobs, and may say only later that it cannot store them (dexie/Dexie.js#1919).
            Err(StoreError::Failed(why)) if were_blobs && put.len() == count => {
                let mut again = Vec::new();
                for (index, it) in put {
                    let bytes = it.bytes().await.ok_or_else(|| StoreError::Failed(why.clone()))?;
                    again.push((index, bytes));
                }
                self.stores_blobs.set(false);
                let written = self.write_segments(dataset, again, &mut Vec::new()).await;
                // What fails as bytes too did not fail for being a blob.
                self.stores_blobs.set(written.is_err());
                written?;
            }
            result => result?,
        }
        bytes::let_blobs_go();
        Ok(())
    }

    async fn segment(&self, dataset: DatasetId, index: u32) -> Result<Vec<u8>, StoreError> {
        let transaction = self.connection.read(&[Shelf::Segments])?;
        self.connection.unless_lost(read::segment(&transaction, dataset, index)).await
    }

    async fn discard(&self, dataset: DatasetId) -> Result<(), StoreError> {
        let work = async |transaction: &_| {
            let place = Place::number(Shelf::Manifests, dataset.0.into());
            if let Some(value) = read::value(transaction, &place)?.await?
                && stored::is_complete(&place.key, &value)?
            {
                return Err(stored::is_not_garbage(dataset));
            }
            write::apply(transaction, &[Change::RemoveSegments(dataset)])
        };
        self.connection.write(&[Shelf::Manifests, Shelf::Segments], work).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.change(stored::changes(commit)?).await
    }

    async fn replace(&self, commit: &Commit) -> Result<(), StoreError> {
        self.change(stored::replacement(commit)?).await
    }

    async fn journal(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<JournalEntry>), StoreError> {
        let transaction = self.connection.read(&[Shelf::Journal])?;
        self.connection.unless_lost(read::journal(&transaction, offset, limit)).await
    }

    async fn segment_count(&self) -> Result<usize, StoreError> {
        let transaction = self.connection.read(&[Shelf::Segments])?;
        self.connection.unless_lost(read::count(&transaction, Shelf::Segments)).await
    }

    async fn wipe(&self) -> Result<(), StoreError> {
        self.change(vec![Change::Clear(&Shelf::ALL)]).await
    }

    fn write_lines(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        stored::lines::write(commit)
    }

    fn read_lines(&self, lines: &[String]) -> Result<(Stored, Vec<JournalEntry>), StoreError> {
        stored::lines::read(lines)
    }

    fn kind(&self) -> &'static str {
        "indexedDb"
    }
}
