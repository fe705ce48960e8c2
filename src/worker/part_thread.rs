//! A thread that reads parts of a file for the engine, and knows nothing else.
//!
//! Engine → thread: `{ told }` once, then for each part `{ begin }`, `{ bytes, length }`, …, `{ end }`. Thread → engine: `{ ready }`,
//! `{ read, buffer }` for each piece of bytes, whose buffer it gives back, `{ part, lengths }` for each part, whose buffer comes
//! back as `{ spare }`, and `{ lost }` where it does not understand.

use js_sys::{Array, ArrayBuffer, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::wire;
use crate::import::PartReader;

/// The name by which a thread is told that it is one.
pub(super) const NAME: &str = "reader";

/// Whether the engine started this worker to read parts of a file.
pub fn is_reader(scope: &DedicatedWorkerGlobalScope) -> bool {
    scope.name() == NAME
}

/// Reads what it is given, until it is ended.
pub fn read_parts(scope: DedicatedWorkerGlobalScope) {
    let mut reading = Reading::default();
    let thread = scope.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let Some((answer, transfer)) = reading.answer(&message) else { return };
        if let Err(error) = thread.post_message_with_transfer(&answer, &transfer) {
            // The engine hears of it and reads alone.
            wasm_bindgen::throw_val(error);
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The thread lives as long as its listener is wanted.
    listener.forget();
    if let Err(error) = scope.post_message(&said("ready", &JsValue::TRUE)) {
        web_sys::console::error_2(&"a reader cannot answer".into(), &error);
    }
}

/// Parts are written into buffers with room for one that is larger by so much.
const ROOM: usize = 1 << 20;

#[derive(Default)]
struct Reading {
    reader: Option<PartReader>,
    bytes: Vec<u8>,
    /// The buffer of a part that was taken: new memory costs more than to fill it.
    spare: Option<ArrayBuffer>,
}

impl Reading {
    fn answer(&mut self, message: &JsValue) -> Option<(Object, Array)> {
        if let Some(told) = wire::get(message, "told") {
            self.reader = PartReader::new(&Uint8Array::new(&told).to_vec());
            return None;
        }
        if let Some(spare) = wire::get(message, "spare") {
            if let Some(other) = self.spare.replace(spare.dyn_into().ok()?) {
                release(&other);
            }
            return None;
        }
        let Some(reader) = &mut self.reader else {
            return Some((said("lost", &JsValue::TRUE), Array::new()));
        };
        if let Some(from) = wire::get(message, "bytes") {
            let length = wire::get(message, "length")?.as_f64()?;
            let bytes = Uint8Array::new_with_byte_offset_and_length(&from, 0, length as u32);
            self.bytes.resize(bytes.length() as usize, 0);
            bytes.copy_to(&mut self.bytes);
            reader.push(&self.bytes);
            let answer = said("read", &length.into());
            wire::set(&answer, "buffer", &from);
            return Some((answer, Array::of1(&from)));
        }
        if let Some(is_first) = wire::get(message, "begin") {
            reader.begin(is_first.is_truthy());
            return None;
        }
        let is_last = wire::get(message, "end")?.is_truthy();
        let pieces = reader.finish(is_last).write();
        let lengths: Array = pieces.iter().map(|piece| JsValue::from(piece.len() as u32)).collect();
        let part = self.buffer_of(pieces.iter().map(Vec::len).sum());
        let mut at = 0;
        for piece in pieces {
            let length = piece.len() as u32;
            Uint8Array::new_with_byte_offset_and_length(&part, at, length).copy_from(&piece);
            at += length;
        }
        let answer = said("part", &part);
        wire::set(&answer, "lengths", &lengths);
        Some((answer, Array::of1(&part)))
    }

    /// A buffer of so many bytes or more.
    fn buffer_of(&mut self, bytes: usize) -> ArrayBuffer {
        if let Some(spare) = self.spare.take() {
            if spare.byte_length() as usize >= bytes {
                return spare;
            }
            release(&spare);
        }
        ArrayBuffer::new((bytes + ROOM) as u32)
    }
}

/// Frees a buffer now: one that is left to the garbage collector is freed late. Browsers without `transfer` leave it so.
pub(super) fn release(buffer: &ArrayBuffer) {
    let _empty = buffer.transfer_with_length(0);
}

fn said(key: &str, value: &JsValue) -> Object {
    let message = Object::new();
    wire::set(&message, key, value);
    message
}
