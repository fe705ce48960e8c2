//! Texts that are GUIDs, in sixteen bytes each.
//!
//! A GUID here is written in lower case; any other text is held as it is, beside them.
//!
//! Invariant: a row has a GUID or another text, never both; the other texts are in the order of their rows.

use super::bits::Bits;
use super::split::{GUID_LEN, HYPHENS};
use super::text_arena::TextArena;

/// One text in so many may be something else.
const OTHERS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guids {
    /// The hexadecimal digits of each row; 0 where the row has another text.
    numbers: Vec<u128>,
    /// The rows that have another text, ascending.
    other_rows: Vec<u32>,
    other_texts: TextArena,
}

impl Guids {
    /// `None` where too many texts are something else.
    pub(super) fn new(rows: &TextArena) -> Option<Self> {
        let allowed = rows.len() / OTHERS;
        if rows.text().len() < (rows.len() - allowed) * GUID_LEN || rows.len() == 0 {
            return None;
        }
        let mut made = Self {
            numbers: Vec::with_capacity(rows.len()),
            other_rows: Vec::new(),
            other_texts: TextArena::default(),
        };
        for (row, text) in (0..).zip(rows.iter()) {
            let number = number(text);
            made.numbers.push(number.unwrap_or_default());
            if number.is_none() {
                made.other_rows.push(row);
                made.other_texts.push(text);
                if made.other_rows.len() > allowed {
                    return None;
                }
            }
        }
        Some(made)
    }

    /// From stored parts; `None` if they do not fit together.
    pub(super) fn from_parts(
        numbers: Vec<u128>,
        other_rows: Vec<u32>,
        other_texts: TextArena,
    ) -> Option<Self> {
        let ascending = other_rows.array_windows().all(|[a, b]| a < b);
        let inside = other_rows.last().is_none_or(|last| (*last as usize) < numbers.len());
        let fits = ascending && inside && other_rows.len() == other_texts.len();
        fits.then_some(Self { numbers, other_rows, other_texts })
    }

    pub(super) fn parts(&self) -> (&[u128], &[u32], &TextArena) {
        (&self.numbers, &self.other_rows, &self.other_texts)
    }

    pub(super) fn rows(&self) -> usize {
        self.numbers.len()
    }

    /// The text of a row that has no GUID.
    pub(super) fn other(&self, row: usize) -> Option<&str> {
        if self.other_rows.is_empty() {
            return None;
        }
        let at = self.other_rows.binary_search(&(row as u32)).ok()?;
        Some(self.other_texts.get(at))
    }

    /// The digits of a row that has a GUID.
    pub(super) fn guid(&self, row: usize) -> Option<u128> {
        self.other(row).is_none().then(|| self.numbers[row])
    }

    /// Calls `with` with the text of a row.
    pub(super) fn with<T>(&self, row: usize, with: impl FnOnce(&str) -> T) -> T {
        match self.other(row) {
            Some(text) => with(text),
            None => with(str::from_utf8(&letters(self.numbers[row])).unwrap_or_default()),
        }
    }

    pub(super) fn is_empty(&self, row: usize) -> bool {
        self.other(row).is_some_and(str::is_empty)
    }

    pub(super) fn any_other(&self) -> bool {
        !self.other_rows.is_empty()
    }

    pub(super) fn any_empty(&self) -> bool {
        self.other_texts.iter().any(str::is_empty)
    }

    /// Whether no row has a text that is neither a GUID nor empty.
    pub(super) fn are_all(&self) -> bool {
        self.other_texts.text().is_empty()
    }

    /// A copy in which the rows `gone` are empty.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        let mut others: Vec<(u32, &str)> =
            self.other_rows.iter().copied().zip(self.other_texts.iter()).collect();
        others.retain(|(row, _)| !gone.get(*row as usize));
        others.extend(gone.ones().map(|row| (row as u32, "")));
        others.sort_unstable_by_key(|(row, _)| *row);
        let mut numbers = self.numbers.clone();
        gone.for_each(|row| numbers[row] = 0);
        let mut other_texts = TextArena::default();
        others.iter().for_each(|(_, text)| other_texts.push(text));
        Self { numbers, other_rows: others.iter().map(|(row, _)| *row).collect(), other_texts }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.numbers.capacity() * 16
            + self.other_rows.capacity() * 4
            + self.other_texts.held_bytes()
    }
}

/// The digits of a GUID in lower case; `None` for any other text.
pub(super) fn number(text: &str) -> Option<u128> {
    let letters: &[u8; GUID_LEN] = text.as_bytes().try_into().ok()?;
    let four = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| letters[at + byte]));
    let both = |low: usize, high: usize| u64::from(four(low)) | u64::from(four(high)) << 32;
    let (mut number, mut fits) = (0, HYPHENS.iter().all(|at| letters[*at] == b'-'));
    for eight in [both(0, 4), both(9, 14), both(19, 24), both(28, 32)] {
        let (digits, are_digits) = digits_of(eight);
        number = number << 32 | u128::from(digits);
        fits &= are_digits;
    }
    fits.then_some(number)
}

/// Eight letters as digits, the first one highest, and whether that is what they are: all told at once in one number.
fn digits_of(letters: u64) -> (u32, bool) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    let low = letters & !TOPS;
    // No sum leaves its byte: the top bit is set from the first letter of a range on, and from behind the last.
    let from = |first: u8| low + (0x80 - first as u64) * ONES;
    let is_number = from(b'0') & !from(b'9' + 1);
    let is_letter = from(b'a') & !from(b'f' + 1);
    let fits = (is_number | is_letter) & !letters & TOPS == TOPS;
    // `a` is 0x61 and means 10.
    let digits = (letters & (0x0F * ONES)) + ((is_letter & TOPS) >> 7) * 9;
    let digits = digits.swap_bytes();
    let digits = (digits | digits >> 4) & 0x00FF_00FF_00FF_00FF;
    let digits = (digits | digits >> 8) & 0x0000_FFFF_0000_FFFF;
    ((digits | digits >> 16) as u32, fits)
}

fn letters(number: u128) -> [u8; GUID_LEN] {
    let mut letters = [b'-'; GUID_LEN];
    let bytes = number.to_be_bytes();
    let mut place = 0;
    for (at, byte) in bytes.into_iter().enumerate() {
        // Hyphens stand before these bytes.
        place += usize::from(matches!(at, 4 | 6 | 8 | 10));
        letters[place] = DIGITS[usize::from(byte >> 4)];
        letters[place + 1] = DIGITS[usize::from(byte & 15)];
        place += 2;
    }
    letters
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same as one would write it without any thought of speed.
    fn number_plainly(text: &str) -> Option<u128> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = text.len() == GUID_LEN
            && text.bytes().enumerate().all(|(at, byte)| {
                if HYPHENS.contains(&at) { byte == b'-' } else { is_digit(byte) }
            });
        fits.then(|| u128::from_str_radix(&text.replace('-', ""), 16).unwrap())
    }

    proptest! {
        #[test]
        fn numbers_are_told_as_one_would_tell_them(
            digits in any::<u128>(), at in 0..GUID_LEN, other in "[0-9a-fA-F/:`g@G{é\u{1}-]",
        ) {
            let mut text = String::from_utf8(letters(digits).to_vec()).unwrap();
            prop_assert_eq!(number(&text), Some(digits));
            text.replace_range(at..=at, &other);
            prop_assert_eq!(number(&text), number_plainly(&text));
            let cut: String = text.chars().take(35).collect();
            prop_assert_eq!(number(&cut), number_plainly(&cut));
        }
    }

    #[test]
    fn every_byte_is_told_in_every_place() {
        for (place, byte) in (0..GUID_LEN).flat_map(|at| (0..0x80_u8).map(move |byte| (at, byte))) {
            let mut text = GUIDS[1].to_owned();
            text.replace_range(place..=place, str::from_utf8(&[byte]).unwrap());
            assert_eq!(number(&text), number_plainly(&text), "{text}");
        }
    }

    const GUIDS: [&str; 3] = [
        "00000000-0000-0000-0000-000000000000",
        "01234567-89ab-cdef-0123-456789abcdef",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];

    fn guids(texts: &[&str]) -> Option<Guids> {
        let mut arena = TextArena::default();
        texts.iter().for_each(|text| arena.push(text));
        Guids::new(&arena)
    }

    fn read(guids: &Guids) -> Vec<String> {
        (0..guids.rows()).map(|row| guids.with(row, str::to_owned)).collect()
    }

    #[test]
    fn texts_come_back_whatever_they_are() {
        let upper = GUIDS[1].to_uppercase();
        let shifted = GUIDS[1].replacen("7-8", "78-", 1);
        let braced = format!("{{{}}}", GUIDS[1]);
        let mut texts = GUIDS.repeat(30);
        texts.extend(["", &upper, &shifted, &braced]);
        let held = guids(&texts).unwrap();
        assert_eq!(read(&held), texts);
        assert!(held.any_empty() && held.is_empty(90) && !held.is_empty(91) && !held.is_empty(0));
        assert_eq!(held.parts().1, [90, 91, 92, 93]);
    }

    #[test]
    fn other_texts_are_not_for_this_form() {
        assert_eq!(guids(&[]), None);
        assert_eq!(guids(&["E-1"; 40]), None);
        assert_eq!(guids(&[GUIDS[0], "a text that is longer than a GUID would be"]), None);
    }

    #[test]
    fn rows_that_are_gone_are_empty() {
        let held = guids(&[&GUIDS.repeat(10)[..], &["E-1"]].concat()).unwrap();
        let mut gone = Bits::none(31);
        [1, 2, 30].into_iter().for_each(|row| gone.set(row));
        let rest = held.without(&gone);
        assert_eq!(read(&rest)[..4], [GUIDS[0], "", "", GUIDS[0]]);
        assert_eq!(rest.parts().1, [1, 2, 30]);
        assert!(!format!("{rest:?}").contains("E-1"));
    }

    #[test]
    fn stored_parts_must_fit_together() {
        let two = || {
            let mut texts = TextArena::default();
            texts.push("a");
            texts.push("b");
            texts
        };
        assert!(Guids::from_parts(vec![0; 3], vec![0, 2], two()).is_some());
        for wrong in [vec![2, 0], vec![1, 1], vec![0, 3], vec![0]] {
            assert_eq!(Guids::from_parts(vec![0; 3], wrong, two()), None);
        }
    }
}
