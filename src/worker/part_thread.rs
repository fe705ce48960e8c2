//! A thread that reads parts of a file for the engine, and knows nothing else.
//!
//! Engine → thread: `{ told }` once, then for each part `{ begin }`, `{ bytes, length }`, …, `{ end }`. Thread → engine: `{ ready }`,
//! `{ read, buffer }` for each piece of bytes, whose buffer it gives back, `{ part }` for each part, and `{ lost }` where it does
//! not understand.

use js_sys::{Array, Object, Uint8Array};
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
    let (mut reader, mut buffer) = (None, Vec::new());
    let thread = scope.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let Some((answer, transfer)) = answer(&mut reader, &mut buffer, &message) else { return };
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

fn answer(
    reader: &mut Option<PartReader>,
    buffer: &mut Vec<u8>,
    message: &JsValue,
) -> Option<(Object, Array)> {
    if let Some(told) = wire::get(message, "told") {
        *reader = PartReader::new(&Uint8Array::new(&told).to_vec());
        return None;
    }
    let Some(reader) = reader else {
        return Some((said("lost", &JsValue::TRUE), Array::new()));
    };
    if let Some(from) = wire::get(message, "bytes") {
        let length = wire::get(message, "length")?.as_f64()?;
        let bytes = Uint8Array::new_with_byte_offset_and_length(&from, 0, length as u32);
        buffer.resize(bytes.length() as usize, 0);
        bytes.copy_to(buffer);
        reader.push(buffer);
        let answer = said("read", &length.into());
        wire::set(&answer, "buffer", &from);
        return Some((answer, Array::of1(&from)));
    }
    if let Some(is_first) = wire::get(message, "begin") {
        reader.begin(is_first.is_truthy());
        return None;
    }
    let is_last = wire::get(message, "end")?.is_truthy();
    let part = Uint8Array::from(&reader.finish(is_last).write()[..]).buffer();
    Some((said("part", &part), Array::of1(&part)))
}

fn said(key: &str, value: &JsValue) -> Object {
    let message = Object::new();
    wire::set(&message, key, value);
    message
}
