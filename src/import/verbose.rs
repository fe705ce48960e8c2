//! The verbose error JSON that debug mode puts where the message should be.
//!
//! Source: the sample in the live synchronisation troubleshooting article. That sample is not valid JSON (inner quotes without
//! escapes), so there is a tolerant way beside the strict one. The trace inside holds payloads and is never kept.

use serde_json::Value;

use super::json_rows::unescape;

/// What was found in a verbose error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verbose {
    pub(super) message: String,
    /// When the error was logged, as written.
    pub(super) logged_at: Option<String>,
    /// The whole, without the trace.
    pub(super) kept: String,
}

/// Reads a message that is a verbose error; `None` for any other text.
pub(super) fn read(text: &str) -> Option<Verbose> {
    if !text.starts_with('{') || !text.contains("\"errorMessage\"") {
        return None;
    }
    read_whole(text)
}

/// Rare, and apart from the code that every row runs through.
#[inline(never)]
fn read_whole(text: &str) -> Option<Verbose> {
    read_strictly(text).or_else(|| read_tolerantly(text))
}

fn read_strictly(text: &str) -> Option<Verbose> {
    let mut whole: Value = serde_json::from_str(text).ok()?;
    let first = |member: &str| {
        let responses = whole.get("recordResponses").and_then(Value::as_array);
        let inner = responses.into_iter().flatten().find_map(|response| {
            response.get(member).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
        });
        inner.or_else(|| whole.get(member).and_then(Value::as_str)).map(str::to_owned)
    };
    let message = first("errorMessage")?;
    let logged_at = first("logDateTime");
    let object = whole.as_object_mut()?;
    if let Some(trace) = object.get_mut("debugLogTrace") {
        *trace = Value::from("[redacted]");
    }
    Some(Verbose { message, logged_at, kept: whole.to_string() })
}

fn read_tolerantly(text: &str) -> Option<Verbose> {
    let kept = match text.find("\"debugLogTrace\"") {
        Some(at) => format!("{}\"debugLogTrace\":\"[redacted]\"}}", &text[..at]),
        None => text.to_owned(),
    };
    Some(Verbose {
        message: loose_member(text, "\"errorMessage\"")?,
        logged_at: loose_member(text, "\"logDateTime\""),
        kept,
    })
}

/// The text of a member whose closing quote is the first one with a comma or an end of the object behind it.
pub(super) fn loose_member(text: &str, quoted_name: &str) -> Option<String> {
    let behind = &text[text.find(quoted_name)? + quoted_name.len()..];
    let value = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let bytes = value.as_bytes();
    let end = memchr::memchr_iter(b'"', bytes).find(|&at| {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        let next = bytes[at + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
        !escaped && matches!(next, Some(b',' | b'}' | b']') | None)
    });
    let mut out = String::new();
    unescape(&value[..end.unwrap_or(value.len())], &mut out);
    (!out.trim().is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_json_gives_message_time_and_no_trace() {
        let text = r#"{"entityName":"UnitOfMeasureEntity","recordResponses":[{"errorMessage":"Request failed","logDateTime":"2020-12-08T00:14:28.2746686Z"}],"debugLogTrace":["POST {payload}"]}"#;
        let verbose = read(text).unwrap();
        assert_eq!(verbose.message, "Request failed");
        assert_eq!(verbose.logged_at.as_deref(), Some("2020-12-08T00:14:28.2746686Z"));
        assert!(verbose.kept.contains("UnitOfMeasureEntity") && !verbose.kept.contains("POST"));
    }

    #[test]
    fn the_documented_sample_is_no_json_and_still_read() {
        let text = r#"{ "entityName":"UnitOfMeasureEntity", "recordResponses":[{"errorMessage":"Request failed with "code" 400 \"x\"","logDateTime":"2020-12-08T00:14:28.2746686Z", "verboseError":"a "b" c"}], "debugLogTrace":["POST {payload}"]}"#;
        let verbose = read(text).unwrap();
        assert_eq!(verbose.message, "Request failed with \"code\" 400 \"x\"");
        assert_eq!(verbose.logged_at.as_deref(), Some("2020-12-08T00:14:28.2746686Z"));
        assert!(!verbose.kept.contains("POST"), "{}", verbose.kept);
        assert_eq!(read("Unable to write data"), None);
        assert_eq!(read("{\"errorMessage\"}"), None);
    }
}
