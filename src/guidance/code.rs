//! The error code that a message names.
//!
//! In order of worth: Dataverse codes (`0x80040265`, or the same number as a signed decimal), codes of dual-write itself
//! (`DIPV1002`, `DWFOEV1004`, `DW9003`), and only where there is none of them an HTTP status (`HTTP 403`). `0x0` says
//! nothing and is passed over.

use std::borrow::Cow;

/// The first code of the message: `0x` with eight lower-case digits, the dual-write code in capitals, or `HTTP <status>`.
pub fn error_code(message: &str) -> Option<Cow<'_, str>> {
    ranked(message).map(|(_, code)| code)
}

/// How much a code is worth: of two in one message the one of lower rank counts, and of equals the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A code in one of its usual forms.
    Usual,
    /// `0X…`.
    Capital,
    /// A status of HTTP.
    Status,
}

/// The code of a message with its rank. What a full stop with a blank behind it parts from each other has codes of its own:
/// none goes across.
pub(super) fn ranked(message: &str) -> Option<(Rank, Cow<'_, str>)> {
    let bytes = message.as_bytes();
    // Every code holds an `x`, begins with `-2`, or begins with `D`: one search finds all candidates.
    for at in memchr::memchr3_iter(b'x', b'-', b'D', bytes) {
        let code = match bytes[at] {
            b'x' => hexadecimal(message, at),
            b'-' => signed_decimal(message, at),
            _ => dual_write(message, at),
        };
        if let Some(code) = code {
            return Some((Rank::Usual, code));
        }
    }
    if let Some(code) = memchr::memchr_iter(b'X', bytes).find_map(|at| hexadecimal(message, at)) {
        return Some((Rank::Capital, code));
    }
    http_status(message).map(|status| (Rank::Status, Cow::Borrowed(status)))
}

/// `0x80040265`; `at` is the place of the `x`.
fn hexadecimal(message: &str, at: usize) -> Option<Cow<'_, str>> {
    let bytes = message.as_bytes();
    let start = at.checked_sub(1)?;
    if bytes[start] != b'0' || (start > 0 && bytes[start - 1].is_ascii_alphanumeric()) {
        return None;
    }
    let len = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let end = at + 1 + len;
    // Longer ones are row versions and hashes, shorter ones anything.
    if len != 8 || bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let number =
        u32::from_str_radix(&message[at + 1..end], 16).ok().filter(|number| *number != 0)?;
    let text = &message[start..end];
    let is_canonical =
        len == 8 && bytes[at] == b'x' && !text.bytes().any(|b| b.is_ascii_uppercase());
    Some(if is_canonical { text.into() } else { format!("0x{number:08x}").into() })
}

/// `-2147220970`, the same code written as a signed number; `at` is the place of the minus.
fn signed_decimal(message: &str, at: usize) -> Option<Cow<'_, str>> {
    let bytes = message.as_bytes();
    if !bytes[at + 1..].starts_with(b"21") || (at > 0 && bytes[at - 1].is_ascii_alphanumeric()) {
        return None;
    }
    let end = at + 11;
    if bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    // Facility bits of such codes keep them near the smallest number; others of that length are amounts.
    let number: i32 =
        message.get(at..end)?.parse().ok().filter(|number| *number < -2_130_000_000)?;
    Some(format!("0x{:08x}", number.cast_unsigned()).into())
}

/// `DIPV1002`, `DWDVEV1001`, `DWFOEV1004`, `DW9003`; `at` is the place of the `D`.
fn dual_write(message: &str, at: usize) -> Option<Cow<'_, str>> {
    let bytes = message.as_bytes();
    if at > 0 && bytes[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let rest = &bytes[at..];
    let letters = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = rest[letters..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_known = match &rest[..letters] {
        b"DIPV" | b"DW" => true,
        word => word.starts_with(b"DW") && word.ends_with(b"EV"),
    };
    let ends = !rest.get(letters + digits).is_some_and(u8::is_ascii_alphanumeric);
    (is_known && digits == 4 && ends).then(|| message[at..at + letters + digits].into())
}

macro_rules! statuses {
    ($($number:literal $($name:literal)?),+ $(,)?) => {
        /// The statuses an error can have, with the name .NET gives them.
        const STATUSES: &[(&str, &str, &str)] =
            &[$((stringify!($number), concat!($($name)?), concat!("HTTP ", stringify!($number)))),+];
    };
}

statuses![
    400 "BadRequest", 401 "Unauthorized", 402, 403 "Forbidden", 404 "NotFound", 405 "MethodNotAllowed",
    406 "NotAcceptable", 408 "RequestTimeout", 409 "Conflict", 410 "Gone", 411, 412 "PreconditionFailed",
    413 "RequestEntityTooLarge", 414, 415 "UnsupportedMediaType", 422, 423, 424, 425, 428, 429 "TooManyRequests", 431,
    500 "InternalServerError", 501 "NotImplemented", 502 "BadGateway", 503 "ServiceUnavailable", 504 "GatewayTimeout",
    507, 508, 511,
];

/// `(403) Forbidden`, `status code 503`, `status code BadRequest`, `HTTP 429`, `success: 401`.
fn http_status(message: &str) -> Option<&'static str> {
    let bytes = message.as_bytes();
    // One search for a rare letter of each stem; setting up a search for each stem costs more than the search.
    memchr::memchr3_iter(b'(', b'u', b'H', bytes).find_map(|at| {
        let after = match bytes[at] {
            b'(' => return status_at(message, at + 1).filter(|_| bytes.get(at + 4) == Some(&b')')),
            b'H' if bytes[at..].starts_with(b"HTTP") => at + 4,
            b'u' if bytes[..at].ends_with(b"tat") && bytes[at..].starts_with(b"us code") => at + 7,
            b'u' if bytes[..at].ends_with(b"tat") && bytes[at..].starts_with(b"us\"") => at + 3,
            b'u' if bytes[..at].ends_with(b"s") && bytes[at..].starts_with(b"uccess") => at + 6,
            _ => return None,
        };
        let gap =
            bytes[after..].iter().take_while(|b| matches!(b, b' ' | b':' | b'/' | b'=')).count();
        status_at(message, after + gap)
    })
}

/// The status whose number or name stands there.
fn status_at(message: &str, at: usize) -> Option<&'static str> {
    let rest = message.get(at..)?.as_bytes();
    let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = &rest[..len];
    STATUSES
        .iter()
        .find(|(number, name, _)| number.as_bytes() == word || (len > 3 && name.as_bytes() == word))
        .map(|(_, _, status)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_telling_code_is_found() {
        for (message, expected) in [
            ("CDS error code : 0x80040265 response message", Some("0x80040265")),
            ("code 0X8004023E", Some("0x8004023e")),
            ("Error Code: -2147220970 Error Message: Message size exceeded", Some("0x80040216")),
            ("(-2147015902, 0x80072321)", Some("0x80072322")),
            ("status code BadRequest and CDS error code: 0x0 response", Some("HTTP 400")),
            ("CDS error code: 0x0, then 0x80072560", Some("0x80072560")),
            ("Project validation failed. [DIPV1002] AX is", Some("DIPV1002")),
            ("DWFOEV1004: stale", Some("DWFOEV1004")),
            ("DW9003", Some("DW9003")),
            ("an error: (403) Forbidden. status code 500", Some("HTTP 403")),
            ("does not indicate success: 401 (Unauthorized).", Some("HTTP 401")),
            ("{\"status\":403,\"source\"", Some("HTTP 403")),
            ("Request failed with status code InternalServerError", Some("HTTP 500")),
            ("HTTP/503", Some("HTTP 503")),
            ("row version 0x0000000000A1B2C3", None),
            ("lookup with values {0X1|}", None),
            ("amount -2147 of account D-0x", None),
            ("project DWM-0f8fad5b-d9cb-469f-a165-70867728950e", None),
            ("item (500) pieces", Some("HTTP 500")),
            ("item (1500) and GUID a0x80040265", None),
            ("-21é4722097", None),
            ("", None),
        ] {
            assert_eq!(error_code(message).as_deref(), expected, "{message}");
        }
    }

    #[test]
    fn a_code_in_its_usual_form_is_not_copied() {
        assert!(matches!(error_code("error 0x80040265"), Some(Cow::Borrowed(_))));
        assert!(matches!(error_code("error (503)"), Some(Cow::Borrowed(_))));
    }
}
