//! What makes two rows the same record.
//!
//! A dump's own id decides, within its namespace; without one the content does. The digest does not depend on the format:
//! CSV and workbook of the same rows agree. Changing anything here would bring dismissed records back: the tests pin values.

use xxhash_rust::xxh3::xxh3_128;

use crate::domain::Identity;

use super::text::trimmed;

/// Makes identities, keeping its buffer: a digest of one piece of memory takes a fraction of one of many parts.
#[derive(Default)]
pub(super) struct IdentityMaker {
    parts: Vec<u8>,
}

/// The parts of a record's content that stay the same from dump to dump.
pub(super) struct Content<'a> {
    /// The time as the dump writes it, in milliseconds of its own clock: a dump that is read again under another time zone
    /// holds the same records, and what was dismissed stays dismissed.
    pub(super) written_at: Option<i64>,
    pub(super) entity: &'a str,
    pub(super) data_source: &'a str,
    pub(super) company: &'a str,
    pub(super) record_key: &'a str,
    pub(super) message: &'a str,
}

impl IdentityMaker {
    /// Of a record with an id. GUIDs are unique everywhere and need no namespace, whatever their case and braces.
    #[inline(never)]
    pub(super) fn by_id(&mut self, namespace: &str, id: &str) -> Identity {
        self.parts.clear();
        self.parts.extend_from_slice(b"id\0");
        match guid(id) {
            Some(guid) => self.parts.extend_from_slice(&guid),
            None => {
                self.words(namespace);
                self.words(id);
            }
        }
        Identity(xxh3_128(&self.parts))
    }

    /// Of a record without an id.
    #[inline(never)]
    pub(super) fn by_content(&mut self, content: &Content<'_>) -> Identity {
        self.parts.clear();
        self.parts.extend_from_slice(b"content\0");
        match content.written_at {
            Some(millis) => self.parts.extend_from_slice(&millis.to_le_bytes()),
            None => self.parts.push(b'-'),
        }
        self.words(content.entity);
        self.words(content.data_source);
        // Company codes are one whatever their case: grids show USMF, tables hold usmf.
        self.parts.extend(content.company.bytes().map(|byte| byte.to_ascii_lowercase()));
        self.parts.push(0xFF);
        self.words(content.record_key);
        self.words(content.message);
        Identity(xxh3_128(&self.parts))
    }

    /// A text with its runs of white space as one blank, and an end that no text contains.
    fn words(&mut self, text: &str) {
        let bytes = text.trim_ascii().as_bytes();
        // Two folds without branches, which compilers turn into vector code: most texts go in as one piece.
        let control = bytes.iter().fold(false, |found, &byte| found | (byte < b' '));
        let double = bytes
            .iter()
            .zip(bytes.iter().skip(1))
            .fold(false, |found, (&a, &b)| found | ((a == b' ') & (b == b' ')));
        if control | double {
            for (at, word) in text.split_ascii_whitespace().enumerate() {
                if at > 0 {
                    self.parts.push(b' ');
                }
                self.parts.extend_from_slice(word.as_bytes());
            }
        } else {
            self.parts.extend_from_slice(bytes);
        }
        self.parts.push(0xFF);
    }
}

/// The 32 digits of a GUID in lower case, without braces and hyphens.
pub(super) fn guid(text: &str) -> Option<[u8; 32]> {
    let text = trimmed(text);
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .or_else(|| text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')))
        .unwrap_or(text);
    let inner: &[u8; 36] = inner.as_bytes().try_into().ok()?;
    let is_hyphenated = [8, 13, 18, 23].iter().all(|at| inner[*at] == b'-');
    let mut digits = [0; 32];
    for (to, from) in [(0..8, 0), (8..12, 9), (12..16, 14), (16..20, 19), (20..32, 24)] {
        let len = to.len();
        digits[to].copy_from_slice(&inner[from..from + len]);
    }
    // Without branches, which compilers turn into vector code.
    let mut others = 0;
    for digit in &mut digits {
        let lower = *digit | 0x20;
        let is_digit = digit.wrapping_sub(b'0') < 10;
        others |= u8::from(!is_digit & (lower.wrapping_sub(b'a') >= 6));
        *digit = if is_digit { *digit } else { lower };
    }
    (is_hyphenated && others == 0).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(message: &str) -> Identity {
        IdentityMaker::default().by_content(&Content {
            written_at: Some(1_772_352_000_000),
            entity: "Customers V3",
            data_source: "Dataverse",
            company: "usmf",
            record_key: "US-001",
            message,
        })
    }

    #[test]
    fn white_space_makes_no_difference() {
        let plain = content("Unable to write data");
        for text in
            [" Unable to write data", "Unable  to\r\nwrite\tdata ", "Unable to write\u{20}data\n"]
        {
            assert_eq!(content(text), plain, "{text:?}");
        }
        assert_ne!(content("Unable to writedata"), plain);
        assert_ne!(content(""), content("-"));
    }

    #[test]
    fn the_case_of_a_company_makes_no_difference() {
        let of = |company| {
            IdentityMaker::default().by_content(&Content {
                written_at: None,
                entity: "A",
                data_source: "",
                company,
                record_key: "",
                message: "m",
            })
        };
        assert_eq!(of("USMF"), of("usmf"));
        assert_ne!(of("usmf"), of("demf"));
    }

    #[test]
    fn guids_need_no_namespace_and_numbers_do() {
        let mut maker = IdentityMaker::default();
        let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let braced = maker.by_id("prod", " {0F8FAD5B-D9CB-469F-A165-70867728950E}");
        assert_eq!(maker.by_id("", guid), braced);
        assert_ne!(maker.by_id("prod", "5637144576"), maker.by_id("test", "5637144576"));
        assert_ne!(maker.by_id("a", "b"), maker.by_id("", "ab"));
        assert_eq!(maker.by_id("", "5637144576"), maker.by_id("", " 5637144576 "));
    }

    #[test]
    fn identities_are_pinned() {
        // Stored ledgers of dismissals hold these values: they must never change.
        assert_eq!(
            IdentityMaker::default().by_id("DWM-1", "5637144576").to_string(),
            "815e94ad787d719cd7647a4e6b22c8eb"
        );
        assert_eq!(content("Unable to write data").to_string(), "f3ebf178ea70409d63b67f7df584d472");
    }
}
