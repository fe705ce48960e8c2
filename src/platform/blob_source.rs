//! A file as a source of bytes.
//!
//! It is read as a stream into one buffer that goes to the browser and comes back: memory that is new for each slice costs as
//! much as the reading. Browsers whose streams of files take no buffer read it in slices, one ahead.
//!
//! Invariant: a file that has fewer bytes than it says, or cannot be read, is an error and no end.

use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamByobReader};

use super::task;
use super::thrown::words;
use crate::workspace::ports::ByteSource;

/// Bytes of a slice: large enough that the round trip does not count, small enough for memory.
const SLICE_BYTES: usize = 2 << 20;

/// Bytes that the browser is asked for at a time, which is about what it has ready.
const BUFFER_BYTES: usize = 512 << 10;

/// A file, read from its beginning or any other place.
///
/// Whoever gives a read up, goes to a place before the next one.
pub struct BlobSource {
    blob: Blob,
    /// Where the bytes begin that were not asked for yet.
    next: f64,
    way: Way,
}

enum Way {
    Closed,
    /// Without the buffer while the browser fills it.
    Stream {
        reader: ReadableStreamByobReader,
        buffer: Option<ArrayBuffer>,
    },
    /// Bytes that were asked for, and how many they are.
    Slices {
        ahead: Option<(Promise, usize)>,
    },
}

impl BlobSource {
    /// Reads from the beginning.
    pub fn new(blob: Blob) -> Self {
        Self { blob, next: 0.0, way: Way::Closed }
    }

    fn open(&mut self) -> Result<(), String> {
        let rest = self.blob.slice_with_f64(self.next).map_err(|error| words(&error))?;
        self.way = match with_buffers(&rest) {
            Some(reader) => {
                Way::Stream { reader, buffer: Some(ArrayBuffer::new(BUFFER_BYTES as u32)) }
            }
            None => Way::Slices { ahead: None },
        };
        Ok(())
    }

    /// Gives up what is still to come.
    fn close(&mut self) {
        if let Way::Stream { reader, .. } = std::mem::replace(&mut self.way, Way::Closed) {
            let cancelled = JsFuture::from(reader.cancel());
            // It may be at its end, or broken: then there is nothing to give up.
            task::detach(async move { drop(cancelled.await) });
        }
    }

    fn request(&mut self) -> Result<Option<(Promise, usize)>, String> {
        if self.next >= self.blob.size() {
            return Ok(None);
        }
        let end = (self.next + SLICE_BYTES as f64).min(self.blob.size());
        let slice =
            self.blob.slice_with_f64_and_f64(self.next, end).map_err(|error| words(&error))?;
        let length = (end - self.next) as usize;
        self.next = end;
        Ok(Some((slice.array_buffer().unchecked_into(), length)))
    }

    async fn read_slice(
        &mut self,
        ahead: Option<(Promise, usize)>,
        slice: &mut Vec<u8>,
    ) -> Result<bool, String> {
        let current = match ahead {
            Some(ahead) => Some(ahead),
            None => self.request()?,
        };
        let Some((current, length)) = current else {
            slice.clear();
            return Ok(false);
        };
        self.way = Way::Slices { ahead: self.request()? };
        let bytes = JsFuture::from(current).await.map_err(|error| words(&error))?;
        let bytes = Uint8Array::new(&bytes);
        if (bytes.length() as usize) < length {
            return Err(SHORTER.to_owned());
        }
        // What is overwritten anyway is not cleared before.
        slice.resize(length, 0);
        bytes.copy_to(slice);
        Ok(true)
    }

    async fn read_stream(
        &mut self,
        reader: &ReadableStreamByobReader,
        mut buffer: ArrayBuffer,
        slice: &mut Vec<u8>,
    ) -> Result<bool, String> {
        // As above; only the last slice is shorter.
        slice.resize(SLICE_BYTES, 0);
        let mut filled = 0;
        while filled < SLICE_BYTES {
            let wanted = (SLICE_BYTES - filled).min(BUFFER_BYTES) as u32;
            let room = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, wanted);
            let answer = JsFuture::from(reader.read_with_array_buffer_view(&room)).await;
            let answer = answer.map_err(|error| words(&error))?;
            let is_done = Reflect::get(&answer, &"done".into()).is_ok_and(|done| done.is_truthy());
            let bytes = Reflect::get(&answer, &"value".into()).map_err(|error| words(&error))?;
            let Some(bytes) = bytes.dyn_ref::<Uint8Array>().filter(|_| !is_done) else {
                self.next += filled as f64;
                slice.truncate(filled);
                return match self.next < self.blob.size() {
                    true => Err(SHORTER.to_owned()),
                    false => Ok(filled > 0),
                };
            };
            let end = filled + bytes.length() as usize;
            bytes.copy_to(&mut slice[filled..end]);
            filled = end;
            buffer = bytes.buffer();
        }
        self.next += filled as f64;
        self.way = Way::Stream { reader: reader.clone(), buffer: Some(buffer) };
        Ok(true)
    }
}

const SHORTER: &str = "it has become shorter";

impl ByteSource for BlobSource {
    fn total(&self) -> Option<u64> {
        Some(self.blob.size() as u64)
    }

    async fn read(&mut self, slice: &mut Vec<u8>) -> Result<bool, String> {
        if matches!(self.way, Way::Closed) {
            // At the end there is nothing to open, nor is the file needed any more.
            if self.next >= self.blob.size() {
                slice.clear();
                return Ok(false);
            }
            self.open()?;
        }
        match &mut self.way {
            Way::Stream { reader, buffer } => {
                let reader = reader.clone();
                // Only a read that was given up keeps it.
                let buffer = buffer.take().ok_or("it was asked for twice")?;
                let read = self.read_stream(&reader, buffer, slice).await;
                if !matches!(&self.way, Way::Stream { buffer: Some(_), .. }) {
                    self.close();
                }
                read
            }
            Way::Slices { ahead } => {
                let ahead = ahead.take();
                self.read_slice(ahead, slice).await
            }
            Way::Closed => Ok(false),
        }
    }

    fn go_to(&mut self, place: u64) -> bool {
        self.close();
        self.next = place as f64;
        true
    }
}

impl Drop for BlobSource {
    fn drop(&mut self) {
        self.close();
    }
}

/// A reader that fills what it is given. `None`: this browser has none for files.
fn with_buffers(blob: &Blob) -> Option<ReadableStreamByobReader> {
    let stream = blob.stream();
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"byob".into()).ok()?;
    let get_reader: Function = Reflect::get(&stream, &"getReader".into()).ok()?.dyn_into().ok()?;
    Some(get_reader.call1(&stream, &options).ok()?.unchecked_into())
}
