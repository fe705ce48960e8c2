//! A store's content as lines of JSON, uninterpreted: the way out of a database that this code cannot read, and the form
//! of the databases that tests keep for ever.
//!
//! The first line says what it is: `{"database":"…","version":1}`. Every other is one value:
//! `{"shelf":"jobs","key":"Sales","value":"…"}`. Texts and numbers stand for themselves, bytes are
//! `{"base64":"…"}`, lists are lists, and whatever else a browser can hold is `{"other":…}`; so is what it cannot read, as
//! `{"other":{"unreadable":"…"}}` with its reason.
//!
//! Deliberately absent: what any of it means. A value of a later version is written like one of ours.
//!
//! Invariant: whatever [`line`] wrote of a value that one of our stores holds, [`read_line`] gives back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::workspace::ports::StoreError;

use super::part::{Key, Place, Shelf};
use super::stored::Value;

/// Something stored, as it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Number(f64),
    Bytes(Vec<u8>),
    List(Vec<Raw>),
    /// Neither of those, as far as JSON can tell of it.
    #[cfg_attr(
        not(target_family = "wasm"),
        expect(dead_code, reason = "only browsers hold such values")
    )]
    Other(Json),
}

impl Raw {
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            // Keys are whole numbers: 1, not 1.0.
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                json!(*number as i64)
            }
            Self::Number(number) => json!(number),
            Self::Bytes(bytes) => json!({ "base64": STANDARD.encode(bytes) }),
            Self::List(list) => list.iter().map(Self::to_json).collect(),
            Self::Other(json) => json!({ "other": json }),
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        Some(match json {
            Json::String(text) => Self::Text(text.clone()),
            Json::Number(number) => Self::Number(number.as_f64()?),
            Json::Array(list) => {
                Self::List(list.iter().map(Self::from_json).collect::<Option<_>>()?)
            }
            json => Self::Bytes(STANDARD.decode(json.get("base64")?.as_str()?).ok()?),
        })
    }
}

/// The first line.
pub(super) fn first_line(database: &str, version: u32) -> String {
    json!({ "database": database, "version": version }).to_string() + "\n"
}

/// The line of a value.
pub(super) fn line(shelf: &str, key: &Raw, value: &Raw) -> String {
    json!({ "shelf": shelf, "key": key.to_json(), "value": value.to_json() }).to_string() + "\n"
}

/// A key of ours, as it is stored.
pub(super) fn raw_key(key: &Key) -> Raw {
    match key {
        Key::Number(number) => Raw::Number(*number as f64),
        Key::Text(text) => Raw::Text(text.clone()),
        Key::Segment(dataset, index) => {
            Raw::List(vec![Raw::Number(f64::from(*dataset)), Raw::Number(f64::from(*index))])
        }
    }
}

/// A value of ours, as it is stored.
pub(super) fn raw_value(value: &Value) -> Raw {
    let (text, bytes) = (|| Raw::Text(value.text.clone()), || Raw::Bytes(value.bytes.clone()));
    match (value.text.is_empty(), value.bytes.is_empty()) {
        (true, _) => bytes(),
        (false, true) => text(),
        (false, false) => Raw::List(vec![text(), bytes()]),
    }
}

/// Reads a line of ours; `None` for the first one, which has no value.
pub(super) fn read_line(line: &str) -> Result<Option<(Place, Value)>, StoreError> {
    let wrong = || StoreError::Damaged(format!("no line of a store: {line:.60}"));
    let json: Json = serde_json::from_str(line).map_err(|_| wrong())?;
    let Some(shelf) = json.get("shelf") else {
        return json.get("database").map(|_| None).ok_or_else(wrong);
    };
    let shelf = Shelf::ALL.into_iter().find(|known| shelf.as_str() == Some(known.name()));
    let place = Place {
        shelf: shelf.ok_or_else(wrong)?,
        key: Raw::from_json(&json["key"]).and_then(our_key).ok_or_else(wrong)?,
    };
    let value = Raw::from_json(&json["value"]).and_then(our_value).ok_or_else(wrong)?;
    Ok(Some((place, value)))
}

fn our_key(raw: Raw) -> Option<Key> {
    match raw {
        Raw::Number(number) => Some(Key::Number(number as u64)),
        Raw::Text(text) => Some(Key::Text(text)),
        Raw::List(pair) => match pair[..] {
            [Raw::Number(dataset), Raw::Number(index)] => {
                Some(Key::Segment(dataset as u32, index as u32))
            }
            _ => None,
        },
        Raw::Bytes(_) | Raw::Other(_) => None,
    }
}

fn our_value(raw: Raw) -> Option<Value> {
    match raw {
        Raw::Text(text) => Some(Value { text, bytes: Vec::new() }),
        Raw::Bytes(bytes) => Some(Value { text: String::new(), bytes }),
        Raw::List(pair) => match <[Raw; 2]>::try_from(pair) {
            Ok([Raw::Text(text), Raw::Bytes(bytes)]) => Some(Value { text, bytes }),
            _ => None,
        },
        Raw::Number(_) | Raw::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DatasetId;

    #[test]
    fn what_is_written_comes_back() {
        let value =
            |text: &str, bytes: &[u8]| Value { text: text.to_owned(), bytes: bytes.to_vec() };
        let all = [
            (Place::segment(DatasetId(2), u32::MAX), value("", &[0, 255, 7])),
            (Place::segment(DatasetId(2), 1), value("", b"")),
            (Place::text(Shelf::Jobs, "Sales \"1\"\n\u{1f4a5}"), value("{\"a\":1}", b"")),
            (Place::number(Shelf::Requests, 7), value("text", &[1])),
        ];
        for (place, value) in all {
            let line = line(place.shelf.name(), &raw_key(&place.key), &raw_value(&value));
            assert!(line.ends_with('\n') && line.lines().count() == 1, "{line}");
            assert_eq!(read_line(&line), Ok(Some((place, value))));
        }
        assert_eq!(read_line(&first_line("desk", 3)), Ok(None));
    }

    #[test]
    fn the_form_is_what_the_module_says() {
        let key = raw_key(&Place::segment(DatasetId(2), 1).key);
        let value =
            Raw::List(vec![Raw::Text("a".to_owned()), Raw::Bytes(vec![1, 2]), Raw::Number(0.5)]);
        assert_eq!(
            line("later", &key, &value),
            "{\"shelf\":\"later\",\"key\":[2,1],\"value\":[\"a\",{\"base64\":\"AQI=\"},0.5]}\n"
        );
        assert_eq!(first_line("desk", 3), "{\"database\":\"desk\",\"version\":3}\n");
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "[]",
            "{}",
            "{\"shelf\":\"later\",\"key\":1,\"value\":\"\"}",
            "{\"shelf\":\"jobs\",\"key\":null,\"value\":\"\"}",
            "{\"shelf\":\"jobs\",\"key\":\"a\",\"value\":{\"base64\":\"?\"}}",
            "{\"shelf\":\"jobs\",\"key\":\"a\",\"value\":[1]}",
        ] {
            assert!(read_line(line).is_err(), "{line}");
        }
    }
}
