//! Network logs (HAR) of the dual-write pages: the answers in them are read as the files they would be.
//!
//! Source: administrators are told to save such a log for support. It holds bearer tokens, cookies and signed addresses, so
//! only what is listed here is ever taken out of it: time, path without query, status, and the body of the answer.
//!
//! Invariant: nothing of a request but its path reaches a row.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::super::mapping::{Mapping, Role};
use super::super::meaning::map_between;
use super::super::options::ImportOptions;
use super::{
    Errors, Kind, TREE_LIMIT_BYTES, UNNAMED, first_of, initial_sync, list_in, map_list, messages,
    plain, verbose_errors,
};

/// Columns of a page; real ones have a dozen.
const MOST_COLUMNS: usize = 500;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    status_text: String,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    text: String,
    #[serde(default)]
    encoding: String,
}

pub(super) fn read(text: &str, errors: &mut Errors) -> serde_json::Result<()> {
    let har: Har = serde_json::from_str(text)?;
    let total = har.log.entries.len();
    let mut used = 0;
    for entry in har.log.entries {
        let before = errors.rows.len();
        add(&entry, errors);
        used += usize::from(errors.rows.len() > before);
    }
    errors.warn(
        "HarEntries",
        format!(
            "{used} of the {total} answers in the log hold errors; the others were passed over"
        ),
    );
    Ok(())
}

fn add(entry: &Entry, errors: &mut Errors) {
    let body = body_of(&entry.response.content);
    let body = body.trim_start_matches('\u{FEFF}').trim_start();
    if body.len() > TREE_LIMIT_BYTES {
        errors.warn(
            "AnswerTooLarge",
            format!("the answer of '{}' is too large to be read", path_of(&entry.request.url)),
        );
        return;
    }
    let value = serde_json::from_str::<Value>(body).ok();
    if entry.response.status >= 400 {
        return add_failure(entry, value.as_ref(), errors);
    }
    match (Kind::of(body.as_bytes()), &value) {
        (Some(Kind::VerboseErrors), _) => {
            let mut found = Errors::default();
            if verbose_errors::read(body, &mut found).is_ok() {
                append(found, errors);
            }
        }
        (Some(Kind::InitialSync), Some(value)) => initial_sync::add(value, errors),
        (Some(Kind::MapList), Some(value)) => {
            for map in list_in(value).into_iter().flatten() {
                map_list::add(map, errors);
            }
        }
        // A list of words may be anything; where errors are asked for, it is errors.
        (Some(Kind::Messages), Some(value)) if path_of(&entry.request.url).contains("Error") => {
            messages::add(value, errors);
        }
        (None, Some(value)) => add_rows(value, errors),
        _ => {}
    }
}

fn append(found: Errors, errors: &mut Errors) {
    for row in &found.rows {
        let cells: Vec<(&str, &str)> =
            found.columns.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
        errors.add(&cells);
    }
    errors.warnings.extend(found.warnings);
}

/// A page of rows, if they are errors: they must name message and entity. Several pages share one table, so columns go
/// by the names of their fields.
fn add_rows(value: &Value, errors: &mut Errors) {
    let rows: Vec<_> = list_in(value).into_iter().flatten().filter_map(Value::as_object).collect();
    let mut headers: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.keys()) {
        if !headers.contains(&name.as_str()) && headers.len() < MOST_COLUMNS {
            headers.push(name);
        }
    }
    let Ok(mapping) = Mapping::propose(&headers, &[], &ImportOptions::default()) else { return };
    if !mapping.missing().is_empty() {
        return;
    }
    for row in rows {
        let text = |at: usize| row.get(headers[at]).map(plain).unwrap_or_default();
        let texts: Vec<(&str, String)> = (0..headers.len())
            .map(|at| match mapping.role(at) {
                Role::Field(field) => (field.name(), text(at)),
                Role::Extra | Role::Redacted => (headers[at], text(at)),
            })
            .collect();
        let map = mapping.map_sides().map(|(one, other)| map_between(&text(one), &text(other)));
        let mut cells: Vec<(&str, &str)> =
            texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        cells.extend(map.as_deref().map(|map| ("map", map)));
        errors.add(&cells);
    }
}

/// An answer that tells of a failure.
fn add_failure(entry: &Entry, value: Option<&Value>, errors: &mut Errors) {
    let Response { status, status_text, .. } = &entry.response;
    let path = path_of(&entry.request.url);
    let none = Value::Null;
    let error = value.map_or(&none, |value| value.get("error").unwrap_or(value));
    let inner = error.get("innererror").unwrap_or(&none);
    let texts = [first_of(error, &["message", "Message"]), first_of(inner, &["message"])];
    let mut texts: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    texts.dedup();
    let message = match texts.join(" ") {
        // A failure of a picture or of statistics is none of synchronisation.
        _ if texts.is_empty() && !is_of_data(path) => return,
        text if text.is_empty() => format!("HTTP status {status} ({status_text})"),
        text => text,
    };
    let code = first_of(error, &["code"]);
    let entity = messages::entity_in(&message).unwrap_or_else(|| entity_in_path(path));
    errors.add(&[
        ("occurredAt", &entry.started_date_time),
        ("entity", entity),
        ("recordKey", key_in_path(path)),
        ("message", &message),
        ("errorCode", if code.is_empty() { "" } else { &code }),
        ("httpStatus", &status.to_string()),
        ("path", path),
    ]);
}

fn is_of_data(path: &str) -> bool {
    path.contains("/data/") || path.contains("/api/")
}

/// The entity set at the end of a path, without its key.
fn entity_in_path(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = last.split('(').next().unwrap_or_default();
    if name.is_empty() { UNNAMED } else { name }
}

/// The key of the record at the end of a path: `CustomersV3(dataAreaId='usmf')`.
fn key_in_path(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let key = last.split_once('(').and_then(|(_, key)| key.strip_suffix(')'));
    key.unwrap_or_default()
}

/// What of an address may be kept: host, query and fragment may name people or hold signatures.
fn path_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind.find('/').map_or("", |at| &behind[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

fn body_of(content: &Content) -> String {
    if content.encoding != "base64" {
        return content.text.clone();
    }
    let bytes = STANDARD.decode(content.text.trim()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(url: &str, status: u16, body: &Value) -> Value {
        json!({
            "startedDateTime": "2024-03-01T10:00:00.000Z",
            "request": { "url": url, "headers": [{ "name": "Authorization", "value": "Bearer SECRET" }] },
            "response": { "status": status, "statusText": "Bad", "content": { "text": body.to_string() } }
        })
    }

    #[test]
    fn answers_are_read_and_secrets_are_not() {
        let har = json!({ "log": { "entries": [
            entry("https://x.example/data/DualWriteErrorLogs?sig=SECRET", 200, &json!({"value":[
                {"InternalEntityName":"Customers V3","DetailedErrorMessage":"one"}]})),
            entry("https://x.example/data/CustomersV3(a='b')?sig=SECRET", 400, &json!({
                "error":{"code":"0x80","message":"two","innererror":{"message":"inner"}}})),
            entry("https://x.example/picture.png", 404, &json!("")),
            entry("https://x.example/data/Things", 200, &json!({"value":[{"name":"no error"}]})),
        ]}});
        let mut errors = Errors::default();
        read(&har.to_string(), &mut errors).unwrap();
        assert_eq!(errors.rows.len(), 2);
        assert_eq!(errors.rows[0][..2], ["Customers V3", "one"]);
        assert!(errors.rows[1].iter().any(|cell| cell == "two inner"));
        assert!(errors.rows[1].iter().any(|cell| cell == "CustomersV3"));
        assert!(errors.warnings[0].1.starts_with("2 of the 4"));
        assert!(!format!("{errors:?}").contains("SECRET"));
    }

    #[test]
    fn a_path_is_all_that_is_kept_of_an_address() {
        assert_eq!(path_of("https://h.example/a/b?sig=x#y"), "/a/b");
        assert_eq!(path_of("https://h.example"), "");
        assert_eq!(entity_in_path("/data/CustomersV3(x)"), "CustomersV3");
        assert_eq!(key_in_path("/data/CustomersV3(a='b')/"), "a='b'");
        assert_eq!(key_in_path("/data/CustomersV3"), "");
    }
}
