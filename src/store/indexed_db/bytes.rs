//! The bytes of parts of datasets as the browser holds them: blobs, where they are many.
//!
//! Invariant: a part that was put as a blob, or by a release that knew none, comes back to the byte, or as an error.

use std::cell::Cell;

use idb::ObjectStore;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::workspace::ports::StoreError;

use super::error::{failed, is_no_value};

/// From so many bytes on a part of a dataset is a blob. Bytes in a value Chromium copies several times, on the thread of the
/// caller, and at last into a file; those of a blob it takes once. A file for less is not worth while.
const AS_BLOB: usize = 1 << 16;

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

/// Puts bytes of a dataset in a place, as a blob where they are many. `stores_blobs`: as far as is known, the browser does.
pub(super) fn put_bytes(
    store: &ObjectStore,
    key: &JsValue,
    bytes: Vec<u8>,
    stores_blobs: &Cell<bool>,
) -> Result<Put, StoreError> {
    if let Some(blob) = stores_blobs.get().then(|| as_blob(&bytes)).flatten() {
        match store.put(&blob, Some(key)) {
            Ok(_) => return Ok(Put::Blob(blob)),
            // A private window may refuse blobs, and nothing else.
            Err(error) if is_no_value(&error) => stores_blobs.set(false),
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
