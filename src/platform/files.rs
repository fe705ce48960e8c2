//! Sources of bytes: a `Blob` read in slices, and a generated dump.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::sample::SampleDump;
use crate::workspace::ports::ByteSource;

/// Bytes of a slice: large enough that the round trip does not count, small enough for memory.
const SLICE_BYTES: f64 = 8_388_608.0;

/// A file, read in slices, one slice ahead.
pub struct BlobSource {
    blob: Blob,
    next: f64,
    ahead: Option<Promise>,
}

impl BlobSource {
    /// Reads from the beginning.
    pub fn new(blob: Blob) -> Self {
        Self { blob, next: 0.0, ahead: None }
    }

    fn request(&mut self) -> Result<Option<Promise>, String> {
        if self.next >= self.blob.size() {
            return Ok(None);
        }
        let end = (self.next + SLICE_BYTES).min(self.blob.size());
        let slice =
            self.blob.slice_with_f64_and_f64(self.next, end).map_err(|error| words(&error))?;
        self.next = end;
        Ok(Some(slice.array_buffer().unchecked_into()))
    }
}

impl ByteSource for BlobSource {
    fn total(&self) -> Option<u64> {
        Some(self.blob.size() as u64)
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        let current = match self.ahead.take() {
            Some(promise) => Some(promise),
            None => self.request()?,
        };
        let Some(current) = current else {
            buffer.clear();
            return Ok(false);
        };
        self.ahead = self.request()?;
        let bytes = JsFuture::from(current).await.map_err(|error| words(&error))?;
        let bytes = Uint8Array::new(bytes.unchecked_ref::<ArrayBuffer>());
        // What is overwritten anyway is not cleared before.
        buffer.resize(bytes.length() as usize, 0);
        bytes.copy_to(buffer);
        Ok(true)
    }

    fn go_to(&mut self, place: u64) -> bool {
        (self.next, self.ahead) = (place as f64, None);
        true
    }
}

/// Whether the file begins with these bytes. One that cannot be read does not: whoever opens it says why.
pub async fn begins_with(file: &Blob, bytes: &[u8]) -> bool {
    head_of(file, bytes.len() as u32).await == bytes
}

/// So many bytes of the beginning of a file; nothing of one that cannot be read.
pub async fn head_of(file: &Blob, most: u32) -> Vec<u8> {
    let Ok(head) = file.slice_with_f64_and_f64(0.0, most.into()) else { return Vec::new() };
    match JsFuture::from(head.array_buffer().unchecked_into::<Promise>()).await {
        Ok(found) => Uint8Array::new(&found).to_vec(),
        Err(_) => Vec::new(),
    }
}

/// A generated dump, made while it is read.
pub struct GeneratedSource(SampleDump);

impl GeneratedSource {
    /// Reads from the beginning.
    pub fn new(dump: SampleDump) -> Self {
        Self(dump)
    }
}

impl ByteSource for GeneratedSource {
    fn total(&self) -> Option<u64> {
        None
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        buffer.clear();
        Ok(self.0.next_chunk(buffer))
    }
}

fn words(error: &wasm_bindgen::JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
