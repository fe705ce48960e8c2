//! Where the arguments of messages are: GUIDs and runs of digits, found in a whole arena at once.
//!
//! A GUID is 8-4-4-4-12 hexadecimal digits in any letter case. Of two that overlap the first one counts, and what it
//! leaves of a run of digits is a number of its own. Bytes are first turned into one bit each, in a form that compilers
//! turn into vector instructions; only where bits are set is anything looked at.
//!
//! Invariant: arguments are not empty, do not overlap, and no digit is outside of them.

use super::bits::mask;

/// Letters of a GUID.
pub(super) const GUID_LEN: usize = 36;

/// Places of the hyphens in a GUID.
pub(super) const HYPHENS: [usize; 4] = [8, 13, 18, 23];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Number,
    Guid,
}

/// One bit for every byte of some text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    digits: Vec<u64>,
    /// First hyphens of four that stand as in a GUID.
    guids: Vec<u64>,
}

impl Marks {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut marks = Self::default();
        marks.read(bytes);
        marks
    }

    /// Of another text, in the same memory.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let Self { digits, guids } = self;
        digits.clear();
        guids.clear();
        let (blocks, rest) = bytes.as_chunks::<64>();
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        let blocks = || blocks.iter().chain([&last]);
        digits.extend(blocks().map(|block| mask(block, |byte| byte.is_ascii_digit())));
        guids.extend(blocks().map(|block| mask(block, |byte| byte == b'-')));
        for at in 0..guids.len() {
            let (this, next) = (guids[at], guids.get(at + 1).copied().unwrap_or_default());
            // Bit n of the result is bit n + distance of both words.
            let further = |distance: usize| this >> distance | next << (64 - distance);
            let [first, rest @ ..] = HYPHENS;
            guids[at] = rest.iter().fold(this, |all, place| all & further(place - first));
        }
    }

    /// Calls `each` with begin, end and kind of every argument of the text between two places of the bytes.
    pub(super) fn arguments(
        &self,
        bytes: &[u8],
        (start, end): (usize, usize),
        mut each: impl FnMut(usize, usize, Argument),
    ) {
        let mut at = start;
        let mut guid = self.next_guid(bytes, at, end);
        loop {
            let digit = next(&self.digits, at, end, 0);
            if guid < end && guid <= digit {
                at = guid + GUID_LEN;
                each(guid, at, Argument::Guid);
                guid = self.next_guid(bytes, at, end);
            } else if digit < end {
                at = next(&self.digits, digit, end, u64::MAX).min(guid);
                each(digit, at, Argument::Number);
            } else {
                return;
            }
        }
    }

    /// Where the next GUID begins; `end` if there is none.
    fn next_guid(&self, bytes: &[u8], from: usize, end: usize) -> usize {
        let [first, ..] = HYPHENS;
        let mut hyphen = from + first;
        while hyphen < end {
            hyphen = next(&self.guids, hyphen, end, 0);
            if hyphen + GUID_LEN - first > end {
                break;
            }
            let begin = hyphen - first;
            if bytes[begin..].first_chunk().is_some_and(is_guid) {
                return begin;
            }
            hyphen += 1;
        }
        end
    }
}

/// Whether these are a GUID.
pub(super) fn is_guid(text: &[u8; GUID_LEN]) -> bool {
    let mut others = 0_u8;
    let mut hyphens = 0_u8;
    for byte in text {
        hyphens += u8::from(*byte == b'-');
        others |= u8::from(!byte.is_ascii_hexdigit() & (*byte != b'-'));
    }
    others == 0 && hyphens == 4 && HYPHENS.iter().all(|at| text[*at] == b'-')
}

/// The first place that is on, or off if `flip` is all ones; `end` if there is none before it.
fn next(words: &[u64], from: usize, end: usize, flip: u64) -> usize {
    if from >= end {
        return end;
    }
    let mut at = from / 64;
    let mut word = (words[at] ^ flip) >> (from % 64) << (from % 64);
    while word == 0 {
        at += 1;
        if at * 64 >= end {
            return end;
        }
        word = words[at] ^ flip;
    }
    end.min(at * 64 + word.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GUID: &str = "01234567-89ab-cdef-ABCD-EF0123456789";

    fn arguments(text: &str) -> Vec<(String, Argument)> {
        // Something around it, so that borders matter.
        let around = format!("9{text}9");
        let (marks, mut found) = (Marks::of(around.as_bytes()), Vec::new());
        marks.arguments(around.as_bytes(), (1, 1 + text.len()), |from, to, kind| {
            found.push((around[from..to].to_owned(), kind));
        });
        found
    }

    /// The same as one would write it without any thought of speed.
    fn plainly(mut text: &str) -> Vec<(String, Argument)> {
        let mut found = Vec::new();
        while let Some(letter) = text.chars().next() {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let guid_at = |text: &str| text.as_bytes().first_chunk().is_some_and(is_guid);
            let before_guid = (0..=digits).find(|at| guid_at(&text[*at..]));
            let (len, kind) = match before_guid {
                Some(0) => (GUID_LEN, Argument::Guid),
                Some(digits) => (digits, Argument::Number),
                None => (digits, Argument::Number),
            };
            if len == 0 {
                text = &text[letter.len_utf8()..];
                continue;
            }
            found.push((text[..len].to_owned(), kind));
            text = &text[len..];
        }
        found
    }

    #[test]
    fn numbers_and_guids_are_found_next_to_each_other() {
        let number = |text: &str| (text.to_owned(), Argument::Number);
        let guid = |text: &str| (text.to_owned(), Argument::Guid);
        assert_eq!(arguments("no-4711: 007"), [number("4711"), number("007")]);
        assert_eq!(arguments(&format!("12{GUID}34")), [number("12"), guid(GUID), number("34")]);
        assert_eq!(arguments(&format!("{GUID}{GUID}")), [guid(GUID), guid(GUID)]);
        let broken = GUID.replace("-ABCD", "-ABCX");
        assert_eq!(arguments(&broken), plainly(&broken));
        assert_eq!(arguments(""), []);
    }

    proptest! {
        #[test]
        fn whatever_the_text_is(
            parts in prop::collection::vec(
                prop_oneof![
                    Just(GUID.to_owned()), Just(GUID.to_lowercase()), "[0-9a-fA-F-]{0,40}", "[0-9]{1,9}", "[ -~é]{0,70}",
                ], 0..9),
        ) {
            let text = parts.concat();
            prop_assert_eq!(arguments(&text), plainly(&text));
        }
    }
}
