//! Which document a text is, told by the names of its first members.

/// A document that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Kind {
    /// What debug mode puts into `DetailedErrorMessage`, saved as a file.
    VerboseErrors,
    /// Execution details of an initial synchronisation.
    InitialSync,
    /// Table maps with their last request.
    MapList,
    /// Messages without anything around them, as `GetExecutionErrors` gives them.
    Messages,
    /// A network log of the browser.
    Har,
}

/// Members that are looked at.
const MOST_MEMBERS: usize = 64;

impl Kind {
    /// The format's word in the report.
    pub(in crate::import) const fn word(self) -> &'static str {
        match self {
            Self::VerboseErrors => "verboseErrors",
            Self::InitialSync => "initialSync",
            Self::MapList => "mapList",
            Self::Messages => "messages",
            Self::Har => "har",
        }
    }

    /// The kind of a text that begins with its first character. The text may be cut off, and need not be valid JSON.
    pub(in crate::import) fn of(text: &[u8]) -> Option<Self> {
        let inner = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
        if inner.is_some_and(|inner| inner.starts_with(b"\"")) {
            return Some(Self::Messages);
        }
        let members = members(inner.unwrap_or(text));
        let value = |name: &[u8]| {
            members.iter().find(|(member, _)| *member == name).map(|(_, value)| *value)
        };
        let has = |name: &[u8]| value(name).is_some();
        let is_record_error = |(name, _): &(&[u8], &[u8])| {
            name.strip_prefix(b"RecordError")
                .is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        };
        if has(b"recordResponses")
            || (has(b"fieldResponses") && has(b"entityName"))
            || members.iter().any(is_record_error)
        {
            return Some(Self::VerboseErrors);
        }
        if has(b"projectExecutionResponses") {
            return Some(Self::InitialSync);
        }
        if has(b"leftEntity") && has(b"rightEntity") {
            return Some(Self::MapList);
        }
        if inner.is_some() {
            return None;
        }
        if value(b"log").is_some_and(|log| log.starts_with(b"{"))
            && memchr::memmem::find(text, b"\"entries\"").is_some()
        {
            return Some(Self::Har);
        }
        match value(b"value")? {
            [b'{' | b'"', ..] => Some(Self::Messages),
            list @ [b'[', ..] => Self::of(list).filter(|kind| *kind != Self::Har),
            _ => None,
        }
    }
}

/// Names of the members of the object that the text begins with, and what stands behind each.
fn members(text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut members = Vec::new();
    let Some(mut rest) = text.strip_prefix(b"{") else { return members };
    while members.len() < MOST_MEMBERS {
        rest = rest.trim_ascii_start();
        let Some(name) = rest.strip_prefix(b"\"") else { break };
        let Some(end) = string_end(name) else { break };
        let behind = name[end + 1..].trim_ascii_start();
        let Some(value) = behind.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { break };
        members.push((&name[..end], value));
        let Some(next) = value_end(value) else { break };
        let Some(after) = value[next..].trim_ascii_start().strip_prefix(b",") else { break };
        rest = after;
    }
    members
}

/// The place of the quote that ends a string.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The place behind a value.
fn value_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match text.get(at)? {
            b'"' => at += 1 + string_end(&text[at + 1..])?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Kind>) {
        assert_eq!(Kind::of(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn documents_are_told_by_their_members() {
        check(r#"{"entityName":"A","recordResponses":[{"#, Some(Kind::VerboseErrors));
        check(r#"[ {"entityName":"A","fieldResponses":[]}]"#, Some(Kind::VerboseErrors));
        check(r#"{"RecordError0":"Write failed"}"#, Some(Kind::VerboseErrors));
        check(r#"{"a":{"b":["}"]},"projectExecutionResponses":[]}"#, Some(Kind::InitialSync));
        check(r#"[{"leftEntity":"A","rightEntity":"b"}]"#, Some(Kind::MapList));
        check(r#"{"value":[{"leftEntity":{},"rightEntity":"b"}]}"#, Some(Kind::MapList));
        check(r#"["Write failed"]"#, Some(Kind::Messages));
        check(r#"{"@odata.context":"x","value":{"value":"[]"}}"#, Some(Kind::Messages));
        check(r#"{"value":["a"]}"#, Some(Kind::Messages));
        check(r#"{"log":{"version":"1.2","entries":[]}}"#, Some(Kind::Har));
    }

    #[test]
    fn rows_are_no_documents() {
        check(r#"[{"entityName":"A","errorMessage":"b"}]"#, None);
        check(r#"{"value":[{"entity":"A"}]}"#, None);
        check(r#"{"log":"x"}"#, None);
        check(r#"{"RecordErrors":1}"#, None);
        check("{", None);
        check("[", None);
        check("", None);
        check(r#"{"a":"#, None);
        check("entity,message", None);
    }
}
