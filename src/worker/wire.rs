//! The shape of messages between page and worker: small JavaScript objects whose JSON texts are `protocol` types.
//!
//! Page → worker: `{ id, call, file? }`. Worker → page: `{ ready }`, `{ id, answer, blob? }`, `{ id, problem }`, `{ event }`.
//! Files and blobs travel as themselves, so that no byte of a dump is copied through the page.

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// Sets a property of a fresh object literal, which cannot fail.
pub(super) fn set(object: &js_sys::Object, key: &str, value: &JsValue) {
    let done = js_sys::Reflect::set(object, &JsValue::from_str(key), value);
    debug_assert!(done.is_ok(), "a plain object takes every property");
}

/// A property, `None` where it is missing or undefined.
pub(super) fn get(object: &JsValue, key: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &JsValue::from_str(key)).ok().filter(|value| !value.is_undefined())
}

/// A property that is text.
pub(super) fn text(object: &JsValue, key: &str) -> Option<String> {
    get(object, key).and_then(|value| value.as_string())
}

/// A property that is text, still the page's own.
pub(super) fn json(object: &JsValue, key: &str) -> Option<JsString> {
    get(object, key).and_then(|value| value.dyn_into().ok())
}

/// The id that ties an answer to its call.
pub(super) fn id(object: &JsValue) -> Option<u32> {
    get(object, "id").and_then(|value| value.as_f64()).map(|id| id as u32)
}

/// A property that is a `Blob` or a `File`.
pub(super) fn blob(object: &JsValue, key: &str) -> Option<Blob> {
    get(object, key).and_then(|value| value.dyn_into().ok())
}
