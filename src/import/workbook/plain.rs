//! Rows and strings in the one form that nearly all writers give them, read without a general parser: tags without prefix,
//! attributes in double quotes, texts with no entities but the five of XML.
//!
//! Deliberately absent: errors. Whatever is not exactly this form is left, untouched, to the general parser, which reads it
//! or says what is wrong with it.
//!
//! Invariant: what is read is what the general parser would have read.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// A whole element at the beginning of what lies ahead, blanks before it included, and how many bytes that is.
pub(super) fn element<'b>(ahead: &'b [u8], end: &Finder<'_>) -> Option<(Plain<'b>, usize)> {
    let len = end.find(ahead)? + end.needle().len();
    let text = simdutf8::basic::from_utf8(&ahead[..len]).ok()?;
    let mut plain = Plain(text);
    plain.skip_blanks();
    Some((plain, len))
}

/// The end of a row.
pub(super) static ROW_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</row>"));

/// The end of a shared string.
pub(super) static ITEM_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</si>"));

/// What is left to read of an element.
pub(super) struct Plain<'b>(&'b str);

impl<'b> Plain<'b> {
    pub(super) fn skip_blanks(&mut self) {
        if !self.0.starts_with('<') {
            self.0 = self.0.trim_start_matches([' ', '\t', '\n', '\r']);
        }
    }

    /// Whether this comes next; it is passed over.
    #[inline]
    pub(super) fn takes(&mut self, wanted: &str) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The attributes, as they are written, and the end of the tag; whether the element is empty.
    #[inline]
    pub(super) fn attributes(&mut self, mut each: impl FnMut(&'b str, &'b str)) -> Option<bool> {
        loop {
            let bytes = self.0.as_bytes();
            match bytes.first()? {
                b'>' => {
                    self.0 = &self.0[1..];
                    return Some(false);
                }
                b'/' if bytes.get(1) == Some(&b'>') => {
                    self.0 = &self.0[2..];
                    return Some(true);
                }
                b' ' => {}
                _ => return None,
            }
            let name = bytes[1..].iter().position(|byte| !is_name(*byte))? + 1;
            if name == 1 || bytes.get(name..name + 2) != Some(b"=\"") {
                return None;
            }
            let value = name + 2;
            let len = bytes[value..].iter().position(|byte| matches!(byte, b'"' | b'<'))?;
            if bytes[value + len] != b'"' {
                return None;
            }
            each(&self.0[1..name], &self.0[value..value + len]);
            self.0 = &self.0[value + len + 1..];
        }
    }

    /// The text before the next tag, as it is written; `None` where line ends are to be read as others.
    #[inline]
    pub(super) fn text(&mut self) -> Option<&'b str> {
        let len = memchr::memchr2(b'<', b'\r', self.0.as_bytes())?;
        let (text, rest) = self.0.split_at(len);
        self.0 = rest;
        rest.starts_with('<').then_some(text)
    }

    /// Adds the text of `<t>…</t>`, which is all that the element around it holds.
    pub(super) fn rich_text(&mut self, out: &mut String) -> Option<()> {
        if !self.takes("<t") {
            return None;
        }
        if self.attributes(|_, _| {})? {
            return Some(());
        }
        push_text(self.text()?, out)?;
        self.takes("</t>").then_some(())
    }
}

/// Adds a text with its entities resolved; `None` where one is not of the five.
pub(super) fn push_text(raw: &str, out: &mut String) -> Option<()> {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (entity, letter) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity))?;
        out.push(*letter);
        rest = &rest[entity.len()..];
    }
    out.push_str(rest);
    Some(())
}

const ENTITIES: [(&str, char); 5] =
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')];

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}
