//! A database as it is, for whoever must leave it: of a later version, or damaged beyond use.
//!
//! Deliberately absent: any knowledge of what lies where. Every object store is read, whatever its name.
//!
//! Invariant: nothing is written, and no more than a few values are in memory at a time; what is read is handed to the
//! browser, which keeps large blobs on the disk.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use idb::{KeyRange, Query, TransactionMode};
use js_sys::{Array, ArrayBuffer, JSON, Uint8Array};
use serde_json::{Value as Json, json};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag};

use crate::workspace::ports::StoreError;

use super::super::raw::{self, Raw};
use super::bytes::bytes_from_js;
use super::error::{failed, words};
use super::open;
use super::write::Connection;

/// Text that is collected before the browser takes it.
const PART_BYTES: usize = 4 << 20;

/// Most values that are asked for at once, where they are small.
const MOST_AT_ONCE: u32 = 1_024;

/// Everything in the database of this name, as lines of text, see `store::raw`.
pub(super) async fn export(name: &str) -> Result<Blob, StoreError> {
    let connection = open::open_as_it_is(name).await?;
    let version = connection.database().version().map_err(failed)?;
    let mut lines = Lines { parts: Array::new(), text: raw::first_line(name, version) };
    for store in connection.database().store_names() {
        all_of(&connection, &store, &mut lines).await?;
    }
    lines.finish()
}

async fn all_of(connection: &Connection, name: &str, lines: &mut Lines) -> Result<(), StoreError> {
    let (mut last, mut at_once) = (None::<JsValue>, 1);
    loop {
        let after = || -> Result<Option<Query>, StoreError> {
            let range = last.as_ref().map(|key| KeyRange::lower_bound(key, Some(true)));
            Ok(range.transpose().map_err(failed)?.map(Query::from))
        };
        let names = [name];
        let transaction = connection.database().transaction(&names, TransactionMode::ReadOnly);
        let store = transaction.map_err(failed)?.object_store(name).map_err(failed)?;
        let keys = store.get_all_keys(after()?, Some(at_once)).map_err(failed)?.into_future();
        let values = store.get_all(after()?, Some(at_once)).map_err(failed)?.into_future();
        let (keys, values) = (keys.await.map_err(failed)?, values.await.map_err(failed)?);
        let mut taken = 0;
        for (key, value) in keys.iter().cloned().zip(values) {
            let line = raw::line(name, &raw_of(&key).await, &raw_of(&value).await);
            taken += line.len();
            lines.push(&line)?;
        }
        match keys.last() {
            Some(key) => last = Some(key.clone()),
            None => return Ok(()),
        }
        // Small values many at a time, large ones one by one.
        at_once = if taken < PART_BYTES / 4 { at_once * 2 } else { at_once / 2 };
        at_once = at_once.clamp(1, MOST_AT_ONCE);
    }
}

/// Text on its way into a blob.
struct Lines {
    parts: Array,
    text: String,
}

impl Lines {
    fn push(&mut self, line: &str) -> Result<(), StoreError> {
        self.text.push_str(line);
        if self.text.len() >= PART_BYTES {
            self.hand_over()?;
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), StoreError> {
        let text = JsValue::from(std::mem::take(&mut self.text));
        let part = Blob::new_with_str_sequence(&Array::of1(&text)).map_err(|_| no_room())?;
        self.parts.push(&part);
        Ok(())
    }

    fn finish(mut self) -> Result<Blob, StoreError> {
        self.hand_over()?;
        let kind = BlobPropertyBag::new();
        kind.set_type("application/x-ndjson");
        Blob::new_with_blob_sequence_and_options(&self.parts, &kind).map_err(|_| no_room())
    }
}

fn no_room() -> StoreError {
    StoreError::Failed("the browser has no room for the file".to_owned())
}

/// What cannot be read takes nothing else away.
fn raw_of(value: &JsValue) -> LocalBoxFuture<'_, Raw> {
    let raw = async move {
        if let Some(text) = value.as_string() {
            Raw::Text(text)
        } else if let Some(number) = value.as_f64() {
            Raw::Number(number)
        } else if let Some(bytes) = value.dyn_ref::<ArrayBuffer>() {
            Raw::Bytes(Uint8Array::new(bytes).to_vec())
        } else if let Some(list) = value.dyn_ref::<Array>() {
            let mut raws = Vec::new();
            for value in list.iter() {
                raws.push(raw_of(&value).await);
            }
            Raw::List(raws)
        } else {
            match bytes_from_js(value).await {
                Ok(Some(bytes)) => Raw::Bytes(bytes),
                Ok(None) => Raw::Other(json_of(value)),
                Err(error) => Raw::Other(json!({ "unreadable": words(&error) })),
            }
        }
    };
    raw.boxed_local()
}

fn json_of(value: &JsValue) -> Json {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
