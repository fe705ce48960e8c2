//! What calls of the browser throw.

use wasm_bindgen::{JsCast, JsValue};

/// In its own words, as far as it has some.
pub(super) fn words(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
