//! Values and keys as the browser holds them.

use idb::{KeyRange, Query};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::domain::DatasetId;
use crate::workspace::ports::StoreError;

use super::super::part::{Key, Place, Shelf};
use super::super::stored::Value;
use super::error::failed;

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
