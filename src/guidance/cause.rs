//! What errors have in common: one id for texts that differ only in values.
//!
//! Fingerprint 1: the error code and the message with its values masked — GUIDs, numbers and tokens that hold digits,
//! quoted values, what stands in braces, URLs — blanks and letter case evened out, *look up* and *lookup* one word.
//! Names of tables and fields stay, so that another missing table is another cause. The same walk makes the readable
//! template. A deeper grammar of clauses will be fingerprint 2.

use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::Xxh3Default;

/// Names a cause; 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseId(pub u64);

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for CauseId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// Longest part of a message that tells causes apart; beyond are stack traces and payloads.
const LOOKED_AT: usize = 1_200;

/// The cause of an error.
pub fn cause_of(error_code: &str, message: &str) -> CauseId {
    let mut hash = Xxh3Default::new();
    hash.update(error_code.trim().to_ascii_lowercase().as_bytes());
    hash.update(b"\0");
    let mut buffer = [0; 64];
    for piece in Pieces::new(message) {
        match piece {
            Piece::Mask(mask) => hash.update(mask.as_bytes()),
            Piece::Word(word) => {
                for part in word.as_bytes().chunks(buffer.len()) {
                    let folded = &mut buffer[..part.len()];
                    folded.copy_from_slice(part);
                    folded.make_ascii_lowercase();
                    hash.update(folded);
                }
            }
        }
        hash.update(b" ");
    }
    CauseId(hash.digest())
}

/// The message with its values masked, as people read it.
pub fn template(message: &str) -> String {
    let mut text = String::new();
    for piece in Pieces::new(message) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(match piece {
            Piece::Mask(mask) => mask,
            Piece::Word(word) => word,
        });
    }
    text
}

/// A part of a message between blanks and punctuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// What stays.
    Word(&'a str),
    /// What a value becomes.
    Mask(&'static str),
}

struct Pieces<'a> {
    rest: &'a str,
    /// The last piece was a mask: a row of values is one.
    masked: bool,
}

impl<'a> Pieces<'a> {
    fn new(message: &'a str) -> Self {
        Self { rest: &message[..message.floor_char_boundary(LOOKED_AT)], masked: false }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Skips what separates pieces.
    fn skip(&mut self) {
        let between = |letter: char| {
            letter.is_whitespace()
                || matches!(letter, '.' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '"')
        };
        self.rest = self.rest.trim_start_matches(between);
    }

    /// A value between marks, with the marks.
    fn enclosed(&self, close: char, longest: usize) -> Option<usize> {
        let end = self.rest[1..].find(close)? + 1;
        (end <= longest).then_some(end + close.len_utf8())
    }

    fn next_raw(&mut self) -> Option<Piece<'a>> {
        self.skip();
        let first = self.rest.chars().next()?;
        match first {
            '{' => {
                let length = self.enclosed('}', 400).unwrap_or(self.rest.len());
                self.take(length);
                return Some(Piece::Mask("{…}"));
            }
            '\'' | '“' | '‘' | '«' => {
                let close = match first {
                    '“' => '”',
                    '‘' => '’',
                    '«' => '»',
                    other => other,
                };
                if let Some(end) =
                    self.rest[first.len_utf8()..].find(close).filter(|end| *end <= 120)
                {
                    let value = &self.rest[first.len_utf8()..first.len_utf8() + end];
                    let length = first.len_utf8() + end + close.len_utf8();
                    // Quoted names of fields and tables tell causes apart; quoted values do not.
                    let name = is_name(value);
                    self.take(length);
                    return Some(if name { Piece::Word(value) } else { Piece::Mask("‘…’") });
                }
                self.take(first.len_utf8());
                return self.next_raw();
            }
            _ => {}
        }
        let ends = |letter: char| {
            letter.is_whitespace()
                || matches!(letter, ',' | ';' | '(' | ')' | '[' | ']' | '"' | '{' | '}')
        };
        let mut length = self.rest.find(ends).unwrap_or(self.rest.len()).max(first.len_utf8());
        let word = &self.rest[..length];
        if word.contains("://") {
            self.take(length);
            return Some(Piece::Mask("<url>"));
        }
        // Clauses are glued together: "msdyn_parties.Unable" are two.
        let glued = word
            .char_indices()
            .zip(word.chars().skip(1))
            .find(|((_, a), b)| *a == '.' && b.is_uppercase());
        if let Some(((at, _), _)) = glued.filter(|((at, _), _)| *at > 0) {
            length = at;
        }
        let word = self.take(length).trim_end_matches(['.', ':', '\'', '!', '?']);
        Some(piece_of(word))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let piece = match self.next_raw()? {
                Piece::Word("") => continue,
                Piece::Word(word)
                    if word.eq_ignore_ascii_case("look") && starts_with_up(self.rest) =>
                {
                    self.skip();
                    self.take(2);
                    Piece::Word("lookup")
                }
                piece => piece,
            };
            let mask = matches!(piece, Piece::Mask(_));
            let repeated = mask && self.masked;
            self.masked = mask;
            if !repeated {
                return Some(piece);
            }
        }
    }
}

fn starts_with_up(rest: &str) -> bool {
    let rest = rest.trim_start().as_bytes();
    rest.len() >= 2
        && rest[..2].eq_ignore_ascii_case(b"up")
        && rest.get(2).is_none_or(|next| !next.is_ascii_alphanumeric())
}

/// Words with digits are values, except names of codes and tables.
fn piece_of(word: &str) -> Piece<'_> {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || is_code(word) || is_table(word) {
        return Piece::Word(word);
    }
    if word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4 {
        return Piece::Mask("<guid>");
    }
    Piece::Mask("<value>")
}

fn is_code(word: &str) -> bool {
    word.starts_with("0x")
        || word.starts_with("DIPV")
        || word.starts_with("DWFO")
        || word.starts_with("DWDV")
}

/// `V3`, `CustCustomerV3Entity`, `SalesOrderLineV3Entity`: a version inside a name, not a number.
fn is_table(word: &str) -> bool {
    word.ends_with("Entity")
        || (word.len() == 2 && word.starts_with(['V', 'v']))
        || (word.contains('_')
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

/// A quoted text that is a field, a table or a type rather than a value: letters and blanks, or `a.b`, with a capital.
fn is_name(text: &str) -> bool {
    let letters = text
        .chars()
        .all(|letter| letter.is_ascii_alphabetic() || matches!(letter, ' ' | '.' | '_'));
    let named = text.ends_with("Entity")
        || text.starts_with("Edm.")
        || text.starts_with("msdyn_")
        || text.starts_with("prv");
    !text.is_empty() && (named || (letters && (text.contains('.') || text.contains(' '))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_split_a_cause() {
        let pairs = [
            (
                "Unable to write data to entity msdyn_contactforparties. Unable to lookup msdyn_parties with values {000006057}.",
                "Unable to write data to entity msdyn_contactforparties.Unable to look up msdyn_parties with values {000009,7a}..",
            ),
            (
                "The operation has timed out after 3000 ms, order SO-00012.",
                "The operation has timed out after 12 ms order SO-9",
            ),
            (
                "Try https://org.example/api?x=1 for 4a1f0a2e-0000-4000-8000-00000000000a",
                "Try https://other.example/y for 5b1f0a2e-0000-4000-8000-00000000000b",
            ),
            (
                "The value 'Local' in field 'Customer group' is not found in the related table 'Customer groups'.",
                "The value 'Export' in field 'Customer group' is not found in the related table 'Customer groups'.",
            ),
        ];
        for (a, b) in pairs {
            assert_eq!(cause_of("", a), cause_of("", b), "\n{}\n{}", template(a), template(b));
        }
    }

    #[test]
    fn another_table_field_or_code_is_another_cause() {
        let message = "Unable to lookup msdyn_parties with values {1}";
        assert_ne!(
            cause_of("", message),
            cause_of("", "Unable to lookup cdm_workers with values {1}")
        );
        assert_ne!(cause_of("0x80040237", message), cause_of("0x80040265", message));
        assert_ne!(
            cause_of(
                "",
                "The value 'x' in field 'Customer group' is not found in the related table 'Customer groups'."
            ),
            cause_of(
                "",
                "The value 'x' in field 'Payment terms' is not found in the related table 'Terms of payment'."
            ),
        );
        assert_ne!(
            cause_of("", "Write failed for CustCustomerV3Entity"),
            cause_of("", "Write failed for VendVendorV2Entity")
        );
    }

    #[test]
    fn templates_are_readable() {
        assert_eq!(
            template(
                "Unable to lookup msdyn_parties with values {000006057}. Record PC000000212, 17."
            ),
            "Unable to lookup msdyn_parties with values {…} Record <value>"
        );
    }

    #[test]
    fn ids_are_stable() {
        // Marks and requests of users refer to these ids: a change needs a new fingerprint, not a new expectation.
        assert_eq!(
            cause_of("", "Unable to lookup msdyn_parties with values {1}").to_string(),
            "44a0198bf3644318"
        );
        assert_eq!("00000000000000ff".parse(), Ok(CauseId(255)));
    }
}
