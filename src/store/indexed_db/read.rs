//! Everything that is read, inside a transaction given by the caller.

use idb::{CursorDirection, KeyRange, ObjectStore, Query, Transaction, TransactionMode};
use wasm_bindgen::JsValue;

use crate::domain::{DatasetId, JournalEntry};
use crate::workspace::ports::StoreError;

use super::super::part::{JOURNAL_END, Key, Place, SETTINGS, Shelf};
use super::super::stored::{self, Contents, Value};
use super::bytes::bytes_from_js;
use super::convert::{key_from_js, key_to_js, value_from_js};
use super::error::{failed, unreadable};
use super::write::Connection;

impl Connection {
    /// A transaction that only reads.
    pub(super) fn read(&self, shelves: &[Shelf]) -> Result<Transaction, StoreError> {
        let names: Vec<&str> = shelves.iter().map(|shelf| shelf.name()).collect();
        self.database().transaction(&names, TransactionMode::ReadOnly).map_err(failed)
    }
}

pub(super) fn on(transaction: &Transaction, shelf: Shelf) -> Result<ObjectStore, StoreError> {
    transaction.object_store(shelf.name()).map_err(failed)
}

/// Everything but the segments and the lines of the journal. All is asked for before any answer is awaited: a start waits
/// for one way there and back instead of a dozen. (A request of the crate `idb` listens from `into_future` on.)
pub(super) async fn contents(transaction: &Transaction) -> Result<Contents, StoreError> {
    let manifests = all(transaction, Shelf::Manifests)?;
    let jobs = all(transaction, Shelf::Jobs)?;
    let requests = all(transaction, Shelf::Requests)?;
    let dismissals = all(transaction, Shelf::Dismissals)?;
    let settings = value(transaction, &Place::text(Shelf::Meta, SETTINGS))?;
    let journal_end = value(transaction, &Place::text(Shelf::Meta, JOURNAL_END))?;
    let last_journal = last(transaction, Shelf::Journal)?;
    let journal_end = journal_end.await?;
    let journal = match journal_end {
        Some(_) => None,
        None => Some(all(transaction, Shelf::Journal)?),
    };
    Ok(Contents {
        manifests: manifests.await?,
        jobs: jobs.await?,
        requests: requests.await?,
        dismissals: dismissals.await?,
        settings: settings.await?,
        journal_end,
        last_journal: last_journal.await?,
        journal: match journal {
            Some(lines) => lines.await?,
            None => Vec::new(),
        },
    })
}

fn all(
    transaction: &Transaction,
    shelf: Shelf,
) -> Result<impl Future<Output = Result<Vec<(Key, Value)>, StoreError>> + use<>, StoreError> {
    let store = on(transaction, shelf)?;
    let keys = store.get_all_keys(None, None).map_err(failed)?.into_future();
    let values = store.get_all(None, None).map_err(failed)?.into_future();
    Ok(async move {
        let (keys, values) = (keys.await.map_err(failed)?, values.await.map_err(failed)?);
        let pairs = keys.iter().zip(&values);
        // What is none of ours is left alone: no fault turns a key of ours into one that we never write there.
        let key = |key| key_from_js(shelf, key).ok().filter(|key| shelf.takes(key));
        let ours = pairs.filter_map(|(of, value)| Some((key(of)?, value)));
        Ok(ours.map(|(key, value)| (key, value_from_js(value))).collect())
    })
}

/// One value, if it is there.
pub(super) fn value(
    transaction: &Transaction,
    place: &Place,
) -> Result<impl Future<Output = Result<Option<Value>, StoreError>> + use<>, StoreError> {
    let value = raw_value(transaction, place)?;
    Ok(async move { Ok(value.await?.as_ref().map(value_from_js)) })
}

fn raw_value(
    transaction: &Transaction,
    place: &Place,
) -> Result<impl Future<Output = Result<Option<JsValue>, StoreError>> + use<>, StoreError> {
    let key = key_to_js(&place.key)?;
    let value = on(transaction, place.shelf)?.get(key).map_err(failed)?.into_future();
    Ok(async move { value.await.map_err(failed) })
}

/// The largest number on a shelf.
fn last(
    transaction: &Transaction,
    shelf: Shelf,
) -> Result<impl Future<Output = Result<Option<u64>, StoreError>> + use<>, StoreError> {
    let backwards = Some(CursorDirection::Prev);
    let on = on(transaction, shelf)?;
    let cursor = on.open_key_cursor(Some(numbers()?), backwards).map_err(failed)?;
    let cursor = cursor.into_future();
    Ok(async move {
        let last = cursor.await.map_err(failed)?;
        let last = last.map(|cursor| cursor.key()).transpose().map_err(failed)?;
        // A fraction is none of ours; what is given next is larger all the same.
        Ok(last.and_then(|key| key.as_f64()).map(|number| number as u64))
    })
}

/// The numbers that things have, from 1. Smaller ones, texts and lists are none of ours.
fn numbers() -> Result<Query, StoreError> {
    numbers_from(&JsValue::from_f64(1.0))
}

fn numbers_from(first: &JsValue) -> Result<Query, StoreError> {
    let last = JsValue::from_f64(js_sys::Number::MAX_SAFE_INTEGER);
    Ok(KeyRange::bound(first, &last, None, None).map_err(failed)?.into())
}

/// Datasets that have segments, ascending.
pub(super) fn datasets_with_segments(
    transaction: &Transaction,
) -> Result<impl Future<Output = Result<Vec<DatasetId>, StoreError>> + use<>, StoreError> {
    let store = on(transaction, Shelf::Segments)?;
    let keys = store.get_all_keys(None, None).map_err(failed)?.into_future();
    Ok(async move {
        let mut datasets = Vec::new();
        for key in &keys.await.map_err(failed)? {
            // What is none of ours is left alone.
            if let Ok(Key::Segment(dataset, _)) = key_from_js(Shelf::Segments, key) {
                datasets.push(DatasetId(dataset));
            }
        }
        datasets.dedup();
        Ok(datasets)
    })
}

/// The bytes of a segment.
pub(super) async fn segment(
    transaction: &Transaction,
    dataset: DatasetId,
    index: u32,
) -> Result<Vec<u8>, StoreError> {
    let place = Place::segment(dataset, index);
    let found = raw_value(transaction, &place)?.await?;
    let found = found.ok_or_else(|| place.damaged("it is missing"))?;
    let bytes = bytes_from_js(&found).await.map_err(|error| unreadable(&place, &error))?;
    bytes.ok_or_else(|| place.damaged("it is not bytes"))
}

/// Number of values on a shelf.
pub(super) async fn count(transaction: &Transaction, shelf: Shelf) -> Result<usize, StoreError> {
    let count = on(transaction, shelf)?.count(None).map_err(failed)?.await.map_err(failed)?;
    Ok(count as usize)
}

/// A window of the journal and the number of all its lines.
pub(super) async fn journal(
    transaction: &Transaction,
    offset: usize,
    limit: usize,
) -> Result<(usize, Vec<JournalEntry>), StoreError> {
    let store = on(transaction, Shelf::Journal)?;
    let total = store.count(Some(numbers()?)).map_err(failed)?.await.map_err(failed)? as usize;
    if offset >= total || limit == 0 {
        return Ok((total, Vec::new()));
    }
    let first =
        store.open_key_cursor(Some(numbers()?), None).map_err(failed)?.await.map_err(failed)?;
    let cursor = match (first, u32::try_from(offset)) {
        (cursor, Ok(0)) => cursor,
        // Smaller than the total, which the browser tells in 32 bits.
        (Some(cursor), Ok(offset)) => {
            cursor.advance(offset).map_err(failed)?.await.map_err(failed)?
        }
        _ => None,
    };
    let Some(cursor) = cursor else {
        return Ok((total, Vec::new()));
    };
    let from = cursor.key().map_err(failed)?;
    let range = || Ok(Some(numbers_from(&from)?));
    let limit = Some(u32::try_from(limit).unwrap_or(u32::MAX));
    let keys = store.get_all_keys(range()?, limit).map_err(failed)?.await.map_err(failed)?;
    let values = store.get_all(range()?, limit).map_err(failed)?.await.map_err(failed)?;
    let entries = keys.iter().zip(&values).map(|(key, value)| {
        stored::restore_entry(&key_from_js(Shelf::Journal, key)?, &value_from_js(value))
    });
    Ok((total, entries.collect::<Result<_, _>>()?))
}
