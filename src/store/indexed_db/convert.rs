//! Values and keys as the browser holds them.

use std::cell::Cell;

use idb::{KeyRange, ObjectStore, Query};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::domain::DatasetId;
use crate::workspace::ports::StoreError;

use super::super::part::{Key, Place, Shelf};
use super::super::stored::Value;
use super::error::{failed, is_no_value};

/// From so many bytes on a part of a dataset is a blob. Bytes in a value Chromium copies several times, on the thread of the
/// caller, and at last into a file; those of a blob it takes once. A file for less is not worth while.
const AS_BLOB: usize = 1 << 16;

/// Text as a string, bytes as `Uint8Array`, both as a pair.
pub(super) fn value_to_js(value: &Value) -> JsValue {
    let bytes = || Uint8Array::from(value.bytes.as_slice());
    if value.text.is_empty() {
        bytes().into()
    } else if value.bytes.is_empty() {
        value.text.as_str().into()
    } else {
        Array::of2(&value.text.as_str().into(), &bytes()).into()
    }
}

/// The reverse. Whatever is none of the three reads as the empty value, which no stored form accepts.
pub(super) fn value_from_js(value: &JsValue) -> Value {
    let text = |value: &JsValue| value.as_string();
    let bytes = |value: &JsValue| value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
    let whole = || match value.dyn_ref::<Array>() {
        Some(pair) => Some(Value { text: text(&pair.get(0))?, bytes: bytes(&pair.get(1))? }),
        None => match bytes(value) {
            Some(bytes) => Some(Value { bytes, ..Value::default() }),
            None => Some(Value { text: text(value)?, ..Value::default() }),
        },
    };
    whole().unwrap_or_default()
}

/// Numbers as numbers, so that they sort as such; a number that JavaScript cannot hold is refused.
pub(super) fn key_to_js(key: &Key) -> Result<JsValue, StoreError> {
    match key {
        Key::Number(number) if *number <= js_sys::Number::MAX_SAFE_INTEGER as u64 => {
            Ok(JsValue::from_f64(*number as f64))
        }
        Key::Number(number) => Err(StoreError::Failed(format!("{number} is too large for a key"))),
        Key::Text(text) => Ok(text.as_str().into()),
        Key::Segment(dataset, index) => Ok(segment_key(*dataset, *index)),
    }
}

/// The reverse.
pub(super) fn key_from_js(shelf: Shelf, key: &JsValue) -> Result<Key, StoreError> {
    let whole = |number: &JsValue| {
        number
            .as_f64()
            .filter(|number| {
                (0.0..=js_sys::Number::MAX_SAFE_INTEGER).contains(number) && number.fract() == 0.0
            })
            .map(|number| number as u64)
    };
    let known = || {
        if let Some(pair) = key.dyn_ref::<Array>().filter(|pair| pair.length() == 2) {
            let part = |index| u32::try_from(whole(&pair.get(index))?).ok();
            return Some(Key::Segment(part(0)?, part(1)?));
        }
        whole(key).map(Key::Number).or_else(|| key.as_string().map(Key::Text))
    };
    known().ok_or_else(|| {
        let place = Place::text(shelf, format!("{key:?}"));
        place.damaged("its key is none of ours")
    })
}

/// All segments of a dataset.
pub(super) fn segments_of(dataset: DatasetId) -> Result<Query, StoreError> {
    let (first, last) = (segment_key(dataset.0, 0), segment_key(dataset.0, u32::MAX));
    Ok(KeyRange::bound(&first, &last, None, None).map_err(failed)?.into())
}

fn segment_key(dataset: u32, index: u32) -> JsValue {
    Array::of2(&dataset.into(), &index.into()).into()
}

/// What was put, for as long as it may have to be put again. The bytes of a blob take no room of the program's.
pub(super) enum Put {
    Blob(Blob),
    Bytes(Vec<u8>),
}

impl Put {
    /// The bytes, unless a blob has lost them.
    pub(super) async fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Blob(blob) => bytes_from_js(&blob).await.ok().flatten(),
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

/// Puts bytes of a dataset in a place, as a blob where that `may_be` and they are many.
pub(super) fn put_bytes(
    store: &ObjectStore,
    key: &JsValue,
    bytes: Vec<u8>,
    may_be_blob: bool,
) -> Result<Put, StoreError> {
    if let Some(blob) = may_be_blob.then(|| as_blob(&bytes)).flatten() {
        match store.put(&blob, Some(key)) {
            Ok(_) => return Ok(Put::Blob(blob)),
            // A private window may refuse blobs, and nothing else.
            Err(error) if is_no_value(&error) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let copy = Uint8Array::from(&bytes[..]);
    let put = store.put(&copy, Some(key)).map_err(failed);
    // The browser has made a copy of its own.
    free(&copy);
    put.map(|_| Put::Bytes(bytes))
}

fn as_blob(bytes: &[u8]) -> Option<Blob> {
    let blob = (bytes.len() >= AS_BLOB).then(|| Blob::new_with_u8_array_sequence(&view_of(bytes)));
    // A view of memory that has grown meanwhile would be one of nothing.
    blob?.ok().filter(|blob| blob.size() == bytes.len() as f64)
}

#[wasm_bindgen]
extern "C" {
    /// A list of one view, not a copy, of these bytes; good until more memory is asked for.
    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn view_of(bytes: &[u8]) -> Array;
}

/// The bytes that [`put_bytes`] wrote, or a release that knew no blobs; `None` for anything else, the browser's error for a
/// blob that cannot be read. A blob can be read after the transaction that gave it.
pub(super) async fn bytes_from_js(value: &JsValue) -> Result<Option<Vec<u8>>, JsValue> {
    let held = match value.dyn_ref::<Blob>() {
        Some(blob) => {
            BLOBS_WERE_READ.set(true);
            let buffer = JsFuture::from(blob.array_buffer()).await?;
            buffer.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer))
        }
        None => value.dyn_ref::<Uint8Array>().cloned(),
    };
    Ok(held.map(|held| {
        let bytes = held.to_vec();
        free(&held);
        bytes
    }))
}

thread_local! {
    /// Blobs were read that the garbage collector may not have found yet.
    static BLOBS_WERE_READ: Cell<bool> = const { Cell::new(false) };
}

/// To be called when something is removed or replaced, lest it stay on the disk. Makes the garbage collector look for blobs
/// that nobody holds any more: as long as it has not, the browser keeps the file of one that was read, even where the value
/// is replaced or removed. It comes when much memory is asked for; what is not touched costs nothing.
pub(super) fn let_blobs_go() {
    if !BLOBS_WERE_READ.take() {
        return;
    }
    for _ in 0..PRESSES {
        // Where there is no such room, the collector has come already.
        let _unused = Room::new(PRESS_BYTES);
    }
}

/// Chromium collects from 64 MiB on, and finds all after a second time.
const PRESS_BYTES: u32 = 64 << 20;
const PRESSES: usize = 4;

#[wasm_bindgen]
extern "C" {
    /// A buffer that may not be had.
    #[wasm_bindgen(js_name = ArrayBuffer)]
    type Room;

    #[wasm_bindgen(constructor, js_class = ArrayBuffer, catch)]
    fn new(bytes: u32) -> Result<Room, JsValue>;
}

/// Frees bytes that nobody needs any more: a buffer that is left to the garbage collector is freed late. Browsers without
/// `transfer` leave it so.
fn free(bytes: &Uint8Array) {
    let _empty = bytes.buffer().transfer_with_length(0);
}
