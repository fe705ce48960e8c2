//! Beginnings of files, and a source that is no file: a generated dump.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::sample::SampleDump;
use crate::workspace::ports::ByteSource;

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
