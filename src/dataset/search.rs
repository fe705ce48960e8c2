//! Substring search in messages, blind to letter case.
//!
//! ASCII letters of the needle match ASCII letters only; other letters match what lower-cases to the same. (Otherwise the
//! Kelvin sign would be found by a plain k, and no scan could look for bytes.)

use memchr::{memchr, memchr2};

use super::row_mask::RowMask;
use super::text_column::TextColumn;

/// Bytes that are rare in error messages make good anchors; the larger, the rarer.
const fn rarity(byte: u8) -> u8 {
    match byte {
        b' ' | b'e' => 0,
        b't' | b'a' | b'i' | b'o' | b'n' | b'r' | b's' => 1,
        b'd' | b'l' | b'c' | b'u' | b'm' | b'p' | b'h' | b'.' | b'0' => 2,
        b'f' | b'g' | b'w' | b'y' | b'b' | b'v' | b'1'..=b'9' | b'-' | b'_' | b'\'' => 3,
        _ => 4,
    }
}

/// What is looked for, folded.
pub(super) struct Needle {
    folded: String,
    /// Place of the rarest byte, for needles that are all ASCII.
    anchor: Option<usize>,
}

impl Needle {
    /// `None` for an empty text, which is no condition.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let folded: String = text.chars().flat_map(fold).collect();
        let bytes = folded.as_bytes();
        let anchor = folded
            .is_ascii()
            .then(|| (0..bytes.len()).max_by_key(|place| rarity(bytes[*place])).unwrap_or(0));
        Some(Self { folded, anchor })
    }

    /// Removes the rows whose text does not have the needle.
    pub(super) fn keep_matching(&self, column: &TextColumn, mask: &mut RowMask) {
        // With few candidates it is cheaper to look at each than to scan everything.
        if self.anchor.is_none() || mask.count() < mask.len() / 16 {
            let hits =
                RowMask::of(mask.len(), |row| mask.get(row) && self.is_in(column.bytes_of(row)));
            *mask = hits;
            return;
        }
        let mut hits = RowMask::empty(mask.len());
        let (arena, mut from, mut row) = (column.arena(), 0, 0);
        while let Some(found) = self.find_ascii(&arena[from..]) {
            let begin = from + found;
            let (hit, end) = column.row_at(begin, row);
            row = hit;
            if begin + self.folded.len() <= end {
                hits.set(hit, true);
                // One hit decides the row.
                from = end;
            } else {
                // Half in this row, half in the next: no hit.
                from = begin + 1;
            }
        }
        mask.and(&hits);
    }

    fn is_in(&self, text: &[u8]) -> bool {
        if self.anchor.is_some() {
            return self.find_ascii(text).is_some();
        }
        let text = String::from_utf8_lossy(text);
        let folded: String = text.chars().flat_map(fold).collect();
        folded.contains(&self.folded)
    }

    fn find_ascii(&self, text: &[u8]) -> Option<usize> {
        let needle = self.folded.as_bytes();
        let anchor = self.anchor.unwrap_or(0);
        let (lower, upper) = (needle[anchor], needle[anchor].to_ascii_uppercase());
        let mut from = anchor;
        while from < text.len() {
            let tail = &text[from..];
            let found =
                if lower == upper { memchr(lower, tail) } else { memchr2(lower, upper, tail) };
            let begin = from + found? - anchor;
            if text
                .get(begin..begin + needle.len())
                .is_some_and(|part| part.eq_ignore_ascii_case(needle))
            {
                return Some(begin);
            }
            from = begin + anchor + 1;
        }
        None
    }
}

fn fold(letter: char) -> impl Iterator<Item = char> {
    let ascii = letter.is_ascii().then(|| letter.to_ascii_lowercase());
    // A letter beyond ASCII that lower-cases into ASCII stays itself.
    let lower = letter.to_lowercase().all(|lower| !lower.is_ascii()).then(|| letter.to_lowercase());
    let itself = (ascii.is_none() && lower.is_none()).then_some(letter);
    ascii
        .into_iter()
        .chain(lower.filter(|_| !letter.is_ascii()).into_iter().flatten())
        .chain(itself)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(needle: &str, texts: &[&str]) -> Vec<usize> {
        let mut column = TextColumn::default();
        for text in texts {
            column.push(text);
        }
        let mut mask = RowMask::of(texts.len(), |_| true);
        Needle::new(needle).unwrap().keep_matching(&column, &mut mask);
        mask.iter().collect()
    }

    #[test]
    fn case_does_not_matter() {
        let texts = [
            "Unable to LOOKUP",
            "lookup",
            "look up",
            "Müller",
            "MÜLLER",
            "\u{212a}elvin",
            "kelvin",
        ];
        assert_eq!(hits("lookUp", &texts), [0, 1]);
        assert_eq!(hits("müll", &texts), [3, 4]);
        assert_eq!(hits("kelvin", &texts), [6], "the Kelvin sign is no k");
    }

    #[test]
    fn a_hit_over_the_border_of_two_rows_is_none() {
        assert_eq!(hits("abc", &["xab", "cab", "c", "abc", ""]), [3]);
        assert_eq!(hits("aa", &["a", "aa", "a", "aaa"]), [1, 3]);
        assert_eq!(hits("longer than all", &["short", ""]), [] as [usize; 0]);
    }
}
