//! What is left of a message when its numbers and GUIDs are masked: the key under which readings are kept.
//!
//! Masked are runs of digits that follow no letter (`CUST-0042`, `(17)`, `I_3IDX`; not `V3`, not `0x80040265`), of any
//! length, and GUIDs that stand alone. Numbers that look like an HTTP status have a mask of their own. Marks are bytes
//! that UTF-8 never has, so no text can look like a mask.
//!
//! Invariant: two messages of one skeleton have one category, and one error code if statuses were kept; they have the
//! same tokens unless [`super::token::Tokens::reads_digits`] says otherwise. That is why the rules below are so narrow:
//! what a scanner could mistake for a name, a code or the end of something else stays as it is.

use std::ops::Range;

use super::scan::{is_http_status, is_word_byte};

/// Longer messages have none: the scanners look no further than 300 bytes for some endings, and more would be cut
/// differently by numbers of different length.
pub(super) const LONGEST: usize = 300;

const NUMBER: u8 = 0xFF;
const STATUS: u8 = 0xFE;
const GUID: u8 = 0xFD;

const GUID_LEN: usize = 36;
const FIRST_HYPHEN: usize = 8;

/// Of sixty-four bytes each, and one more, so that what is copied or looked for may go beyond the last.
const BLOCKS: usize = LONGEST.div_ceil(64) + 1;

/// Makes skeletons, one after the other in the same memory. Pieces are copied sixteen bytes at a time, a little too far,
/// and what follows is copied over that: calls for pieces of twenty bytes cost more than the bytes.
pub(super) struct Skeleton {
    text: [u8; BLOCKS * 64],
    out: [u8; BLOCKS * 64],
    len: usize,
}

const STEP: usize = 16;

impl Default for Skeleton {
    fn default() -> Self {
        Self { text: [0; BLOCKS * 64], out: [0; BLOCKS * 64], len: 0 }
    }
}

impl Skeleton {
    /// The skeleton of a message behind a first byte that says what it is the key of; `None` where it has none.
    pub(super) fn of(&mut self, message: &str, kind: u8, keep_statuses: bool) -> Option<&[u8]> {
        let bytes = message.as_bytes();
        // The error texts within JSON are found by other rules.
        if bytes.len() > LONGEST || message.trim_ascii_start().starts_with('{') {
            return None;
        }
        self.text[..bytes.len()].copy_from_slice(bytes);
        self.out[0] = kind;
        self.len = 1;
        let marks = Marks::of(&self.text, bytes.len());
        let mut guids = marks.guids(bytes);
        let mut guid = guids.next();
        let (mut kept, mut at) = (0, 0);
        while let Some(start) = marks.next_digit(at) {
            // A GUID may begin with letters: its place comes before that of its first digit.
            while guid.is_some_and(|place| place < kept) {
                guid = guids.next();
            }
            if let Some(place) = guid
                && place <= start
            {
                self.push(kept..place);
                self.mask(GUID);
                (kept, at) = (place + GUID_LEN, place + GUID_LEN);
                continue;
            }
            let end = marks.next_other(start);
            at = end;
            let is_status = is_http_status(&bytes[start..end]);
            if !is_free(bytes, start, end) || (keep_statuses && is_status) {
                continue;
            }
            self.push(kept..start);
            self.mask(if is_status { STATUS } else { NUMBER });
            kept = end;
        }
        self.push(kept..bytes.len());
        Some(&self.out[..self.len])
    }

    fn push(&mut self, piece: Range<usize>) {
        let (mut from, mut to) = (piece.start, self.len);
        self.len += piece.len();
        while to < self.len {
            let (Some(text), Some(out)) =
                (self.text[from..].first_chunk::<STEP>(), self.out[to..].first_chunk_mut::<STEP>())
            else {
                break;
            };
            *out = *text;
            (from, to) = (from + STEP, to + STEP);
        }
    }

    fn mask(&mut self, mask: u8) {
        self.out[self.len] = mask;
        self.len += 1;
    }
}

/// Whether any digits could stand there: no name or code goes through them.
fn is_free(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = if start == 0 { b' ' } else { bytes[start - 1] };
    let is_signed_code = before == b'-' && end - start == 10;
    let is_hexadecimal = matches!(bytes.get(end), Some(b'x' | b'X'));
    !(before.is_ascii_alphabetic() || before >= 0x80 || is_signed_code || is_hexadecimal)
}

/// Whether the 36 bytes at `start`, whose hyphens are in their places, are a GUID that stands alone, with a digit in it:
/// one value to every scanner.
fn is_lone_guid(bytes: &[u8], start: usize) -> bool {
    // After other punctuation, numbers and hosts go on or stop by what follows.
    let opens =
        start == 0 || matches!(bytes[start - 1], b' ' | b'"' | b'\'' | b'=' | b'(' | b'[' | b'\n');
    let closes =
        bytes.get(start + GUID_LEN).is_none_or(|byte| !is_word_byte(*byte) && *byte != b'-');
    let Some(guid) = bytes[start..].first_chunk::<GUID_LEN>() else { return false };
    let mut letters = [0; 32];
    for (to, from) in [(0..8, 0), (8..12, 9), (12..16, 14), (16..20, 19), (20..32, 24)] {
        let len = to.len();
        letters[to].copy_from_slice(&guid[from..from + len]);
    }
    // Without branches, which compilers turn into vector code.
    let (mut others, mut digits) = (0, 0);
    for letter in letters {
        let is_digit = letter.wrapping_sub(b'0') < 10;
        digits |= u8::from(is_digit);
        others |= u8::from(!is_digit & ((letter | 0x20).wrapping_sub(b'a') >= 6));
    }
    opens
        && closes
        && others == 0
        && digits != 0
        && !BORDERING
            .iter()
            .any(|(word, at)| guid[*at..*at + word.len()].eq_ignore_ascii_case(word.as_bytes()))
}

/// Beginnings and ends of telling phrases that a GUID may begin or end with: "has already been `added`", "`bad` gateway".
const BORDERING: [(&str, usize); 2] = [("added", 0), ("bad", GUID_LEN - "bad".len())];

/// Where the digits and the hyphens are, one bit a byte.
struct Marks {
    digits: [u64; BLOCKS],
    hyphens: [u64; BLOCKS],
}

impl Marks {
    fn of(text: &[u8; BLOCKS * 64], len: usize) -> Self {
        let mut marks = Self { digits: [0; BLOCKS], hyphens: [0; BLOCKS] };
        let blocks = text.as_chunks::<64>().0.iter().take(len.div_ceil(64));
        for (at, block) in blocks.enumerate() {
            // What is left of a longer text before is no part of this one.
            let own = u64::MAX >> (64 - (len - at * 64).min(64));
            let (digits, hyphens) = marks_of(block);
            (marks.digits[at], marks.hyphens[at]) = (digits & own, hyphens & own);
        }
        marks
    }

    /// The first digit from there on.
    fn next_digit(&self, at: usize) -> Option<usize> {
        let mut word = at / 64;
        let mut bits = self.digits.get(word)? & (!0 << (at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.digits.get(word)?;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// The first byte from there on that is no digit; beyond the text there are none.
    fn next_other(&self, at: usize) -> usize {
        let mut word = at / 64;
        let mut bits = !self.digits[word] & (!0 << (at % 64));
        while bits == 0 {
            word += 1;
            bits = !self.digits[word];
        }
        word * 64 + bits.trailing_zeros() as usize
    }

    /// Where GUIDs that stand alone begin, in order: four hyphens, five places apart, are where to look.
    fn guids<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.hyphens.array_windows().zip(0..).flat_map(move |([low, high], word)| {
            let later = |by: u32| low >> by | high << (64 - by);
            let mut found = low & later(5) & later(10) & later(15);
            std::iter::from_fn(move || {
                (found != 0).then(|| {
                    let place = word * 64 + found.trailing_zeros() as usize;
                    found &= found - 1;
                    place
                })
            })
            .filter_map(move |hyphen| {
                hyphen.checked_sub(FIRST_HYPHEN).filter(|start| is_lone_guid(bytes, *start))
            })
        })
    }
}

/// Digits and hyphens of a block.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn marks_of(block: &[u8; 64]) -> (u64, u64) {
    use std::arch::wasm32::{i8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u8x16_sub, u64x2};

    let (mut digits, mut hyphens) = (0, 0);
    for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| part[at + byte]));
        let bytes = u64x2(number(0), number(8));
        let is_digit = u8x16_lt(u8x16_sub(bytes, u8x16_splat(b'0')), u8x16_splat(10));
        digits |= u64::from(i8x16_bitmask(is_digit)) << (at * 16);
        hyphens |= u64::from(i8x16_bitmask(u8x16_eq(bytes, u8x16_splat(b'-')))) << (at * 16);
    }
    (digits, hyphens)
}

/// Digits and hyphens of a block.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn marks_of(block: &[u8; 64]) -> (u64, u64) {
    let (mut digits, mut hyphens) = (0, 0);
    for (at, eight) in block.as_chunks().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        digits |= gathered(tops_of_digits(eight)) << (at * 8);
        hyphens |= gathered(tops_of_hyphens(eight)) << (at * 8);
    }
    (digits, hyphens)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use eight_bytes::{gathered, tops_of_digits, tops_of_hyphens};

/// Eight bytes told at once in one number.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod eight_bytes {
    const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    const TOP_BITS: u64 = !LOW_BITS;

    /// The top bit of each byte that is a digit.
    pub(super) const fn tops_of_digits(eight: u64) -> u64 {
        let low = eight & LOW_BITS;
        // Neither sum leaves its byte: the top bit is set from `0` on, and from behind `9` on.
        let from_zero = low + 0x5050_5050_5050_5050;
        let behind_nine = low + 0x4646_4646_4646_4646;
        from_zero & !behind_nine & !eight & TOP_BITS
    }

    /// The top bit of each byte that is a hyphen.
    pub(super) const fn tops_of_hyphens(eight: u64) -> u64 {
        let difference = eight ^ 0x2D2D_2D2D_2D2D_2D2D;
        !(((difference & LOW_BITS) + LOW_BITS) | difference) & TOP_BITS
    }

    /// The top bits of eight bytes as the bits of one.
    pub(super) const fn gathered(tops: u64) -> u64 {
        // The product moves the low bit of byte n to bit 56 + n, and no two products meet.
        (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidance::alias_table::TABLES;
    use crate::guidance::category::PHRASES;

    fn skeleton(message: &str) -> Option<String> {
        let mut skeleton = Skeleton::default();
        // Nothing of an earlier text may show.
        skeleton.of(&"7-".repeat(LONGEST / 2), 0, false);
        let shown = |byte: &u8| match *byte {
            NUMBER => '#',
            STATUS => '?',
            GUID => '*',
            other => char::from(other),
        };
        Some(skeleton.of(message, 1, false)?[1..].iter().map(shown).collect())
    }

    #[test]
    fn numbers_and_guids_are_masked_and_names_and_codes_are_not() {
        let guid = "ae7fd1fc-e1a2-4cbf-ac1d-b9b9d0354ac9";
        for (message, expected) in [
            ("", ""),
            ("1", "#"),
            ("Row 17 of CUST-0042|usmf (403), I_3IDX", "Row # of CUST-#|usmf (?), I_#IDX"),
            (
                "Customers V3 0x80040265 DIPV1002 -2147220970 -21",
                "Customers V3 0x80040265 DIPV1002 -2147220970 -#",
            ),
            (&format!("trace {guid}."), "trace *."),
            (&format!("{guid} {guid}"), "* *"),
            (&format!("(\"id\":\"{guid}\",3)"), "(\"id\":\"*\",#)"),
            (&format!("5.{guid}"), &format!("#.{}", "ae7fd1fc-e1a2-#cbf-ac1d-b9b9d0354ac9")),
            (&format!("{guid}-1"), "ae7fd1fc-e1a2-#cbf-ac1d-b9b9d0354ac9-#"),
            ("been added000-0000-4000-8000-000000000000", "been added000-#-#-#-#"),
            ("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
        ] {
            assert_eq!(skeleton(message).unwrap(), expected, "{message}");
        }
        assert_eq!(skeleton(" {\"a\":1}"), None);
        assert_eq!(skeleton(&"1".repeat(LONGEST)).unwrap(), "#");
        assert_eq!(skeleton(&"1".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn the_bytes_of_a_block_are_told_as_one_would_be() {
        for byte in 0..=255_u8 {
            for neighbour in [0, b'5', b'-', 0xFF] {
                let mut block = [neighbour; 64];
                (block[1], block[31], block[40], block[63]) = (byte, byte, byte, byte);
                let expected = |is: fn(u8) -> bool| {
                    (0..64).fold(0, |bits, at| bits | u64::from(is(block[at])) << at)
                };
                let told = (expected(|byte| byte.is_ascii_digit()), expected(|byte| byte == b'-'));
                assert_eq!(marks_of(&block), told, "{byte}");
            }
        }
    }

    /// What `Tokens::reads_digits` and the mask of GUIDs take for granted about names.
    #[test]
    fn digits_of_names_follow_a_letter_v_and_no_name_holds_the_beginning_of_a_guid() {
        for name in
            TABLES.iter().flat_map(|table| std::iter::once(&table.canonical).chain(table.aliases))
        {
            let letters: Vec<u8> =
                name.to_ascii_lowercase().bytes().filter(|byte| !b" _-".contains(byte)).collect();
            for [before, byte] in letters.array_windows() {
                assert!(!byte.is_ascii_digit() || matches!(before, b'v' | b'0'..=b'9'), "{name}");
            }
            assert!(!letters[0].is_ascii_digit(), "{name}");
            assert!(
                !letters.windows(8).any(|eight| eight.iter().all(u8::is_ascii_hexdigit)),
                "{name}"
            );
            assert!(
                !name.as_bytes().array_windows().any(|[a, b]| *a == b'_' && b.is_ascii_digit()),
                "{name}"
            );
        }
    }

    /// What the mask of GUIDs takes for granted about telling phrases.
    #[test]
    fn phrases_begin_and_end_like_a_guid_only_where_that_is_known() {
        let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [(beginning, _), (end, _)] = BORDERING;
        for (phrase, ..) in PHRASES {
            assert!(!phrase.bytes().any(|byte| byte.is_ascii_digit()), "{phrase}");
            let words: Vec<&str> = phrase.split(|letter: char| !letter.is_alphanumeric()).collect();
            let (first, last) = (words[0], words[words.len() - 1]);
            // A bracket in front belongs to the phrase and to no GUID.
            assert!(first.is_empty() || first == end || !is_hexadecimal(first), "{phrase}");
            let known = words.len() == 1 || last.is_empty() || last == beginning;
            assert!(known || !is_hexadecimal(last), "{phrase}");
        }
    }
}
