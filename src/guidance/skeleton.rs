//! What is left of a message when its numbers and GUIDs are masked: the key under which readings are kept.
//!
//! Masked are runs of digits that follow no letter (`CUST-0042`, `(17)`, `I_3IDX`; not `V3`, not `0x80040265`), of any
//! length, and GUIDs that stand alone. Numbers that look like an HTTP status have a mask of their own. Marks are bytes
//! that UTF-8 never has, so no text can look like a mask.
//!
//! Invariant: two messages of one skeleton have one category, and one error code if statuses were kept; they have the
//! same tokens unless [`super::token::Tokens::reads_digits`] says otherwise. That is why the rules below are so narrow:
//! what a scanner could mistake for a name, a code or the end of something else stays as it is.
//!
//! A message is also cut behind its first sentence: dumps say many things, and the same few things after each of them.
//! The cut is at a full stop, a blank and a capital letter, or at a full stop that ends the message.

use std::ops::Range;

use super::scan::{GUID_LEN, is_http_status, is_word_byte};

/// Longer messages have none: the scanners look no further than 300 bytes for some endings, and more would be cut
/// differently by numbers of different length.
pub(super) const LONGEST: usize = 300;

const NUMBER: u8 = 0xFF;
const STATUS: u8 = 0xFE;
const GUID: u8 = 0xFD;

const FIRST_HYPHEN: usize = 8;

/// Of sixty-four bytes each, and one more, so that what is copied or looked for may go beyond the last.
const BLOCKS: usize = LONGEST.div_ceil(64) + 1;

/// Makes skeletons, one after the other in the same memory. Pieces are copied sixteen bytes at a time, a little too far,
/// and what follows is copied over that: calls for pieces of twenty bytes cost more than the bytes.
pub(super) struct Skeleton {
    text: [u8; BLOCKS * 64],
    out: [u8; BLOCKS * 64],
    len: usize,
    kind: u8,
    cut: Option<Cut>,
    /// What is behind the cut, with what it is the key of.
    rest: [u8; BLOCKS * 64],
}

/// Behind the full stop of the first sentence.
#[derive(Clone, Copy)]
struct Cut {
    in_text: usize,
    in_out: usize,
}

/// What a key is of, beside its kind: so many bits do kinds have.
const KIND_BITS: u32 = 2;
const SENTENCE: u8 = 1 << KIND_BITS;
const REST: u8 = 2 << KIND_BITS;

/// Bytes of the key of a rest before its text: the kind, and the context.
const REST_HEAD: usize = 4;

const STEP: usize = 16;

impl Default for Skeleton {
    fn default() -> Self {
        let empty = [0; BLOCKS * 64];
        Self { text: empty, out: empty, len: 0, kind: 0, cut: None, rest: empty }
    }
}

impl Skeleton {
    /// Makes the skeleton of a message; `false` where it has none. Its keys are of this kind, which says what is wanted to be
    /// known of it.
    pub(super) fn read(&mut self, message: &str, kind: u8, keep_statuses: bool) -> bool {
        let bytes = message.as_bytes();
        // The error texts within JSON are found by other rules.
        if bytes.len() > LONGEST || message.trim_start().starts_with('{') {
            return false;
        }
        self.text[..bytes.len()].copy_from_slice(bytes);
        (self.kind, self.len, self.cut) = (kind, 1, None);
        let marks = Marks::of(&self.text, bytes.len());
        let stop = marks.first_stop(bytes);
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
                self.push(kept..place, stop);
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
            self.push(kept..start, stop);
            self.mask(if is_status { STATUS } else { NUMBER });
            kept = end;
        }
        self.push(kept..bytes.len(), stop);
        if stop.is_none() && bytes.last() == Some(&b'.') {
            self.cut = Some(Cut { in_text: bytes.len(), in_out: self.len });
        }
        true
    }

    /// The key of the whole message.
    pub(super) fn whole(&mut self) -> &[u8] {
        self.out[0] = self.kind;
        &self.out[..self.len]
    }

    /// The key of the first sentence, with its full stop, and its length in the message; `None` where it has no end.
    pub(super) fn sentence(&mut self) -> Option<(&[u8], usize)> {
        let cut = self.cut?;
        self.out[0] = self.kind | SENTENCE;
        Some((&self.out[..cut.in_out], cut.in_text))
    }

    /// The key of what follows the first sentence, in this context; `None` where nothing does.
    pub(super) fn rest(&mut self, context: [u8; REST_HEAD - 1]) -> Option<&[u8]> {
        let from = self.cut?.in_out;
        if from == self.len {
            return None;
        }
        self.rest[0] = self.kind | REST;
        self.rest[1..REST_HEAD].copy_from_slice(&context);
        let len = REST_HEAD + self.len - from;
        copy(&self.out, from, &mut self.rest, REST_HEAD..len);
        Some(&self.rest[..len])
    }

    /// Adds a piece of the text. The cut is behind the stop.
    fn push(&mut self, piece: Range<usize>, stop: Option<usize>) {
        if let Some(stop) = stop
            && piece.contains(&stop)
        {
            let in_text = stop + 1;
            self.cut = Some(Cut { in_text, in_out: self.len + in_text - piece.start });
        }
        let to = self.len..self.len + piece.len();
        self.len = to.end;
        copy(&self.text, piece.start, &mut self.out, to);
    }

    fn mask(&mut self, mask: u8) {
        self.out[self.len] = mask;
        self.len += 1;
    }
}

/// Copies what begins there, and a little more.
fn copy(text: &[u8], mut from: usize, out: &mut [u8], to: Range<usize>) {
    let (mut at, end) = (to.start, to.end);
    while at < end {
        let (Some(piece), Some(place)) =
            (text[from..].first_chunk::<STEP>(), out[at..].first_chunk_mut::<STEP>())
        else {
            break;
        };
        *place = *piece;
        (from, at) = (from + STEP, at + STEP);
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

/// Where the digits, the hyphens and the dots are, one bit a byte.
struct Marks {
    digits: [u64; BLOCKS],
    hyphens: [u64; BLOCKS],
    dots: [u64; BLOCKS],
}

impl Marks {
    fn of(text: &[u8; BLOCKS * 64], len: usize) -> Self {
        let none = [0; BLOCKS];
        let mut marks = Self { digits: none, hyphens: none, dots: none };
        let blocks = text.as_chunks::<64>().0.iter().take(len.div_ceil(64));
        for (at, block) in blocks.enumerate() {
            // What is left of a longer text before is no part of this one.
            let own = u64::MAX >> (64 - (len - at * 64).min(64));
            let [digits, hyphens, dots] = marks_of(block).map(|bits| bits & own);
            (marks.digits[at], marks.hyphens[at], marks.dots[at]) = (digits, hyphens, dots);
        }
        marks
    }

    /// The first full stop before a blank and a capital letter.
    fn first_stop(&self, bytes: &[u8]) -> Option<usize> {
        let is_stop = |at: &usize| matches!(bytes[at + 1..], [b' ', b'A'..=b'Z', ..]);
        self.dots.iter().zip(0..).find_map(|(word, at)| {
            let mut left = *word;
            let mut dots = std::iter::from_fn(|| {
                let dot = (left != 0).then(|| at * 64 + left.trailing_zeros() as usize);
                left &= left.wrapping_sub(1);
                dot
            });
            dots.find(is_stop)
        })
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

/// Digits, hyphens and dots of a block.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn marks_of(block: &[u8; 64]) -> [u64; 3] {
    use std::arch::wasm32::{i8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u8x16_sub, u64x2};

    let [mut digits, mut hyphens, mut dots] = [0; 3];
    for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| part[at + byte]));
        let bytes = u64x2(number(0), number(8));
        let is_digit = u8x16_lt(u8x16_sub(bytes, u8x16_splat(b'0')), u8x16_splat(10));
        digits |= u64::from(i8x16_bitmask(is_digit)) << (at * 16);
        hyphens |= u64::from(i8x16_bitmask(u8x16_eq(bytes, u8x16_splat(b'-')))) << (at * 16);
        dots |= u64::from(i8x16_bitmask(u8x16_eq(bytes, u8x16_splat(b'.')))) << (at * 16);
    }
    [digits, hyphens, dots]
}

/// Digits, hyphens and dots of a block.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn marks_of(block: &[u8; 64]) -> [u64; 3] {
    let [mut digits, mut hyphens, mut dots] = [0; 3];
    for (at, eight) in block.as_chunks().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        digits |= gathered(tops_of_digits(eight)) << (at * 8);
        hyphens |= gathered(tops_of(b'-', eight)) << (at * 8);
        dots |= gathered(tops_of(b'.', eight)) << (at * 8);
    }
    [digits, hyphens, dots]
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use eight_bytes::{gathered, tops_of, tops_of_digits};

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

    /// The top bit of each byte that is this one.
    pub(super) const fn tops_of(byte: u8, eight: u64) -> u64 {
        let difference = eight ^ u64::from_ne_bytes([byte; 8]);
        !(((difference & LOW_BITS) + LOW_BITS) | difference) & TOP_BITS
    }

    /// The top bits of eight bytes as the bits of one.
    pub(super) const fn gathered(tops: u64) -> u64 {
        // The product moves the low bit of byte n to bit 56 + n, and no two products meet.
        (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}

#[cfg(test)]
#[path = "skeleton_tests.rs"]
mod tests;
