//! The one place where the importer asks what is known about entities and errors.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::Category;

/// The one name of an entity that goes by several.
pub(super) fn canonical_entity(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name)
}

/// The category that a message tells, where the dump has none.
pub(super) fn infer_category(_message: &str, _error_code: &str) -> Option<Category> {
    None
}

/// Writes the id of the cause that an error is grouped under.
pub(super) fn write_cause(entity: &str, error_code: &str, message: &str, out: &mut String) {
    out.clear();
    let stem = if error_code.is_empty() { message } else { error_code };
    let digest = xxh3_64(entity.as_bytes()) ^ xxh3_64(stem.as_bytes()).rotate_left(1);
    // Writing to a String cannot fail.
    let _ = write!(out, "{digest:016x}");
}

/// The code that a message tells: `0x…`, a signed decimal of Dataverse (as two's complement), or `DIPV…`.
pub(super) fn error_code(message: &str) -> Option<Cow<'_, str>> {
    static HEX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("0x"));
    static SIGNED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("-214"));
    static PLATFORM: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("DIPV"));
    let bytes = message.as_bytes();
    let run = |start: usize, is_digit: fn(&u8) -> bool| {
        bytes[start..].iter().take_while(|&byte| is_digit(byte)).count()
    };
    if let Some(at) = HEX.find_iter(bytes).find(|at| run(at + 2, u8::is_ascii_hexdigit) == 8) {
        return Some(Cow::Borrowed(&message[at..at + 10]));
    }
    for at in SIGNED.find_iter(bytes) {
        if run(at + 1, u8::is_ascii_digit) == 10
            && let Ok(code) = message[at..at + 11].parse::<i32>()
        {
            return Some(Cow::Owned(format!("0x{code:08X}")));
        }
    }
    let at = PLATFORM.find_iter(bytes).find(|at| run(at + 4, u8::is_ascii_digit) == 4)?;
    Some(Cow::Borrowed(&message[at..at + 8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_messages() {
        for (message, code) in [
            ("CDS error code : 0x80040265 response", Some("0x80040265")),
            ("ErrorCode: -2147220970.", Some("0x80040216")),
            ("DIPV1003 Integration keys are missing", Some("DIPV1003")),
            ("0x12 and -21 and DIPV", None),
        ] {
            assert_eq!(error_code(message).as_deref(), code, "{message}");
        }
    }
}
