//! Credentials and payloads that dumps carry and the desk never keeps.
//!
//! Source: the project configuration of dual-write holds Service Bus and storage connection strings, the error log holds
//! payloads, traces hold bearer tokens. Whole columns of that kind are left out; tokens inside texts are masked.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::structure::{Announcing, Structure};
use crate::guidance::reading::Secrets;

const MASK: &str = "[redacted]";

/// Whether a column is never stored, by its header in the form of [`super::aliases::normal`].
pub(super) fn is_secret_column(normal: &str) -> bool {
    const PARTS: [&str; 14] = [
        "connectionstring",
        "cdspayload",
        "accesskey",
        "accountkey",
        "sastoken",
        "password",
        "secret",
        "authorization",
        "apikey",
        "cookie",
        "debuglogtrace",
        "accesstoken",
        "refreshtoken",
        "bearertoken",
    ];
    const WHOLE: [&str; 4] = ["sas", "token", "payload", "pwd"];
    WHOLE.contains(&normal) || PARTS.iter().any(|part| normal.contains(part))
}

/// Words in front of `=`, or in quotes in front of a colon, whose value is a credential.
const KEYS: [&str; 17] = [
    "sharedaccesskey",
    "sharedaccesssignature",
    "accountkey",
    "password",
    "pwd",
    "sig",
    "client_secret",
    "clientsecret",
    "access_token",
    "refresh_token",
    "api_key",
    "apikey",
    "api-key",
    "subscription-key",
    "id_token",
    "private_key",
    "authorization",
];

/// Masks tokens in a text. Clean text comes back as it is, after one look at what may announce a token.
pub fn mask(text: &str) -> Cow<'_, str> {
    if announces_secret(text) { mask_slowly(text) } else { Cow::Borrowed(text) }
}

/// Whether anything in a text is what may announce a token: without it there is none.
///
/// All texts with one skeleton get one answer, see [`crate::guidance::reading::Secrets`]: a mask stands for digits, or for a GUID
/// that stands alone. No word that is looked for holds a digit, or fits into the letters of a GUID, and in front of such a word
/// either counts as a letter or digit, whatever it is. Nor does one hold a full stop, so that none goes across it.
fn announces_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() <= SHORT {
        // In a form that compilers turn into vector code: most of the short ones are keys of records.
        let announces = |byte: u8| matches!(byte, b'=' | b':' | b'J' | b'b' | b'B');
        if !bytes.iter().fold(false, |found, byte| found | announces(*byte)) {
            return false;
        }
    }
    let mut announcing = Structure::new(bytes, Announcing);
    let mut from = 0;
    while let Some(at) = announcing.next_end(from) {
        let is_suspicious = match bytes[at] {
            b'=' => key_before(text, at),
            b':' => json_key_before(text, at),
            b'J' => bytes[..at].ends_with(b"ey"),
            _ => bytes.get(at..at + 7).is_some_and(|word| word.eq_ignore_ascii_case(b"bearer ")),
        };
        if is_suspicious {
            return true;
        }
        from = at + 1;
    }
    false
}

/// Bytes of a text up to which nothing is made ready for it.
const SHORT: usize = 40;

/// The credentials of this module.
pub(super) struct Credentials;

impl Secrets for Credentials {
    fn are_announced(&self, text: &str) -> bool {
        announces_secret(text)
    }

    fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        mask_slowly(text)
    }
}

/// Whether a key of a credential ends at `at`, blanks left out.
fn key_before(text: &str, at: usize) -> bool {
    let before = text.as_bytes()[..at].trim_ascii_end();
    // What keys end with: most texts in front of "=" end with another letter.
    if !before.last().is_some_and(|byte| b"yedgtn".contains(&byte.to_ascii_lowercase())) {
        return false;
    }
    KEYS.iter().any(|key| {
        before.len().checked_sub(key.len()).is_some_and(|start| {
            before[start..].eq_ignore_ascii_case(key.as_bytes())
                && (start == 0 || !before[start - 1].is_ascii_alphanumeric())
        })
    })
}

/// Whether a key of a credential ends at the colon `at`, in quotes and perhaps with blanks behind: JSON, which may itself stand in
/// a string of JSON.
fn json_key_before(text: &str, at: usize) -> bool {
    let before = text.as_bytes()[..at].trim_ascii_end();
    let Some(quoted) = before.strip_suffix(b"\"") else { return false };
    let end = quoted.strip_suffix(b"\\").unwrap_or(quoted).len();
    key_before(text, end)
}

fn mask_slowly(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while at < bytes.len() {
        let Some((start, end)) = secret_at(text, at) else {
            at += 1;
            continue;
        };
        out.push_str(&text[kept..start]);
        out.push_str(MASK);
        kept = end;
        at = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// A secret announced at `at`: where it lies.
fn secret_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'=' if key_before(text, at) => {
            let mut start = at + 1;
            while bytes.get(start).is_some_and(|byte| b" \"'".contains(byte)) {
                start += 1;
            }
            // Keys end with "=" signs of their own; a semicolon or ampersand ends the value.
            let is_end = |byte: &u8| b";&\"'<>,)} \t\r\n\\".contains(byte);
            let length = bytes[start..].iter().position(is_end).unwrap_or(bytes.len() - start);
            (length > 0).then_some((start, start + length))
        }
        b':' if json_key_before(text, at) => {
            let mut start = at + 1;
            while bytes.get(start).is_some_and(|byte| b" \t\r\n\\".contains(byte)) {
                start += 1;
            }
            let rest = &bytes[start.min(bytes.len())..];
            if rest.first() == Some(&b'"') {
                let is_nested = text[..at].trim_ascii_end().ends_with("\\\"");
                let length = json_string_length(&rest[1..], is_nested);
                return (length > 0).then_some((start + 1, start + 1 + length));
            }
            let is_end = |byte: &u8| b",}] \t\r\n".contains(byte);
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            (length > 0).then_some((start, start + length))
        }
        b'b' | b'B'
            if bytes.get(at..at + 7).is_some_and(|word| word.eq_ignore_ascii_case(b"bearer "))
                && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric()) =>
        {
            let length = token_length(&bytes[at + 7..]);
            // "bearer of bad news" is no token.
            (length >= 12).then_some((at + 7, at + 7 + length))
        }
        b'e' if bytes[at..].starts_with(b"eyJ") => {
            let length = token_length(&bytes[at..]);
            let dots = memchr_iter(b'.', &bytes[at..at + length]).count();
            (length >= 40 && dots >= 1).then_some((at, at + length))
        }
        _ => None,
    }
}

/// Bytes of a string of JSON up to its closing quote; `is_nested` where it stands in another string, so that a backslash
/// comes before the quote.
fn json_string_length(bytes: &[u8], is_nested: bool) -> usize {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' if is_nested && bytes.get(at + 1) == Some(&b'"') => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn token_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte))
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::guidance::cause::{CodePrint, EntityPrint};
    use crate::guidance::reading::{NoSecrets, Reader};

    #[test]
    fn tokens_are_masked_and_the_rest_is_kept() {
        for (text, expected) in [
            (
                "Authorization: Bearer eyJhbGciOi.J9eyJ-_x failed",
                "Authorization: Bearer [redacted] failed",
            ),
            (
                "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc+/=;EntityPath=q",
                "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=[redacted];EntityPath=q",
            ),
            ("https://a/b?sv=1&SIG=aa%3D&se=2", "https://a/b?sv=1&SIG=[redacted]&se=2"),
            ("sig=x", "sig=[redacted]"),
            ("Password = 'p;w' ü", "Password = '[redacted];w' ü"),
            ("AccountKey=abc==", "AccountKey=[redacted]"),
            (
                r#"{"client_secret":"two words","grant_type":"x"}"#,
                r#"{"client_secret":"[redacted]","grant_type":"x"}"#,
            ),
            (r#"{"Password": "a=b"}"#, r#"{"Password": "[redacted]"}"#),
            (r#"{"pwd" : "a b"}"#, r#"{"pwd" : "[redacted]"}"#),
            ("{\"pwd\"\n\t: 7}", "{\"pwd\"\n\t: [redacted]}"),
            (r#"{\"pwd\" : \"x y\"}"#, r#"{\"pwd\" : \"[redacted]\"}"#),
            (r#"{\"pwd\":\"x y\",\"a\":1}"#, r#"{\"pwd\":\"[redacted]\",\"a\":1}"#),
            (
                r#"{"Ocp-Apim-Subscription-Key":"k"}"#,
                r#"{"Ocp-Apim-Subscription-Key":"[redacted]"}"#,
            ),
            (r#"{"pwd":"a\"b\\","c":"d"}"#, r#"{"pwd":"[redacted]","c":"d"}"#),
            (r#"{"apiKey":12345,"b":1}"#, r#"{"apiKey":[redacted],"b":1}"#),
            ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln y", "x [redacted] y"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn every_key_is_found_in_any_letter_case() {
        for key in KEYS.iter().flat_map(|key| [key.to_string(), key.to_uppercase()]) {
            assert_eq!(mask(&format!("a {key} = b")), format!("a {key} = [redacted]"));
        }
    }

    #[test]
    fn clean_text_is_not_copied() {
        for text in [
            "",
            "linkid=2244045",
            "the bearer of bad news",
            "design=1",
            "eyJ is short",
            "a = b =",
            "sig=",
            r#"{"passwordless":"yes","message":"password: unknown"}"#,
            r#""password":"#,
        ] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_looked_at_closely_wherever_that_changes_it(
            words in prop::collection::vec(select(&[
                "bearer ", "Bearer ", "bEARER ", "abcdefghijklmnop", "eyJ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
                "pwd", "sig", "\"pwd\":", "\"pwd\"\t", " : ", "\\\"", ":", "\"", "=", " = ", "B", "b", "J", " ", "ü", "a sentence of some length without anything in it ",
            ][..]), 0..16),
        ) {
            let text = words.concat();
            prop_assert_eq!(mask(&text), mask_slowly(&text));
        }
    }

    const BEGINNINGS: &[&str] =
        &["B", "Bearer ", "PWD", "SIG=", "J", "A sentence of some length without anything in it "];

    const WORDS: &[&str] = &[
        "bearer ",
        "Bearer ",
        "abcdefghijklmnop",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9",
        "pwd",
        "sig",
        "PWD",
        "\"pwd\":",
        "\"pwd\"\t",
        " : ",
        "\\\"",
        ":",
        "\"",
        "=",
        " = ",
        "B",
        "J",
        " ",
        ".",
        "ü",
        "a sentence of some length without anything in it ",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]
        #[test]
        fn a_sentence_and_what_follows_announce_what_they_announce_together(
            sentences in prop::collection::vec(prop::collection::vec(select(WORDS), 0..6), 1..4),
            following in prop::collection::vec((select(BEGINNINGS), prop::collection::vec(select(WORDS), 0..6)), 1..4),
        ) {
            let mut reader = Reader::default();
            let given = Some(("E1", CodePrint::of("E1")));
            for sentence in sentences.iter().map(|words| words.concat()) {
                for (first, words) in &following {
                    let rest = format!("{first}{}", words.concat());
                    let text = format!("{sentence}. {rest}");
                    let apart = announces_secret(&format!("{sentence}.")) || announces_secret(&format!(". {rest}"));
                    prop_assert_eq!(announces_secret(&text), apart);
                    // Each of them is known from other messages.
                    let (masked, _) = reader.read(EntityPrint::of("x"), given, &text, false, &Credentials);
                    prop_assert_eq!(&masked, &mask(&text));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]
        #[test]
        fn what_is_known_of_one_text_hides_no_secret_in_another_with_its_skeleton(
            pieces in prop::collection::vec(select(&[
                "bearer ", "Bearer ", "abcdefghijkl", "eyJ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "pwd", "sig", "\"pwd\":",
                "password", "\"", ":", "=", " = ", ";", "-", "(", ")", "_", "b", " ", " ", "the customer ", "#", "#", "#", "@", "@",
            ][..]), 1..14),
            numbers in prop::collection::vec(0..u64::MAX, 40),
        ) {
            // The same sentence with other numbers and GUIDs, again and again.
            let mut numbers = numbers.into_iter().cycle();
            let mut next = || numbers.next().unwrap_or_default();
            let mut reader = Reader::default();
            for _ in 0..12 {
                let piece = |piece: &&str| match *piece {
                    "#" => (next() >> (next() % 60)).to_string(),
                    "@" => {
                        let (a, b) = (next(), next());
                        format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a as u32, b as u16, a >> 52, b >> 52, (a ^ (b >> 16)) & 0xFFFF_FFFF_FFFF)
                    }
                    piece => piece.to_owned(),
                };
                let text: String = pieces.iter().map(piece).collect();
                let print = EntityPrint::of("x");
                for (given, wants_category) in [(None, true), (Some(("E1", CodePrint::of("E1"))), false)] {
                    let (masked, reading) = reader.read(print, given, &text, wants_category, &Credentials);
                    prop_assert_eq!(&masked, &mask(&text));
                    let mut alone = Reader::default();
                    let (_, alone) = alone.read(print, given, &masked, wants_category, &NoSecrets);
                    prop_assert_eq!(reading, alone);
                }
            }
        }
    }

    #[test]
    fn columns_of_secrets_are_known() {
        for name in ["servicebusconnectionstring", "cdspayload", "sas", "clientsecret"] {
            assert!(is_secret_column(name), "{name}");
        }
        for name in ["message", "recordkey", "tokencount", "sasquatch"] {
            assert!(!is_secret_column(name), "{name}");
        }
    }
}
