//! Substring search without regard to letter case, through a whole arena in one pass.
//!
//! What matches: ASCII letters match both their cases and nothing else, so `k` does not find the Kelvin sign nor `i`
//! the dotted capital `İ`. Every other letter matches what has the same simple lower case (`MÜLLER` finds `Müller`);
//! letters whose lower case is several letters stand for themselves; final and plain Greek sigma are one.
//!
//! How: the needle's longest run of ASCII is looked for by the two bytes of it that are rarest in such texts, a block
//! of positions at a time in a form that compilers turn into vector instructions; the rest is verified around it. A
//! needle without any ASCII is looked for text by text, in texts that are not ASCII.
//!
//! Invariant: a hit lies within one text.

use super::bits::Bits;
use super::split::GUID_LEN;
use super::straddle::is_part;
use super::text_arena::TextArena;

/// Positions looked at together.
const BLOCK: usize = 64;

/// Bytes from frequent to rare in error messages; all others are rarer.
const FREQUENT: &[u8] = b" etaoinrsldcumpfg.b0'hyv_wk1,2(x3)-5:46789q\"j/z";

#[derive(Clone, Debug)]
pub(super) struct Needle {
    /// All letters, folded.
    folded: String,
    /// Letters before the run, the last one first, folded.
    before: Vec<char>,
    /// Lower-case ASCII. Empty if the needle has none; then `after` is the whole needle.
    run: Vec<u8>,
    /// Letters after the run, folded.
    after: Vec<char>,
    probes: [Probe; 2],
}

/// One byte of the run to look for: `byte | mask == value` where it stands, `at` bytes into the run.
#[derive(Clone, Copy, Debug, Default)]
struct Probe {
    at: usize,
    mask: u8,
    value: u8,
}

impl Needle {
    /// `None` for an empty text, which is no condition.
    pub(super) fn new(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().map(folded).collect();
        if letters.is_empty() {
            return None;
        }
        let (start, end) = longest_ascii_run(&letters);
        let run: Vec<u8> = letters[start..end].iter().map(|letter| *letter as u8).collect();
        let probes = probes(&run);
        let before = letters[..start].iter().rev().copied().collect();
        let after = letters[end..].to_vec();
        Some(Self { folded: letters.iter().collect(), before, run, after, probes })
    }

    /// Whether every text that holds this needle holds the other one.
    pub(super) fn narrows(&self, other: &Self) -> bool {
        self.folded.contains(&other.folded)
    }

    /// All letters, folded.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.folded.chars()
    }

    /// Whether it could lie within an argument of a template.
    pub(super) fn may_be_argument(&self) -> bool {
        if self.folded.bytes().all(|byte| byte.is_ascii_digit()) {
            return true;
        }
        let letters: Vec<char> = self.letters().take(GUID_LEN + 1).collect();
        let places = (GUID_LEN + 1).saturating_sub(letters.len());
        (0..places).any(|from| is_part(&letters, from))
    }

    /// Whether a text holds the needle.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if self.run.is_empty() {
            return !text.is_ascii() && self.found_anywhere(text);
        }
        let mut from = 0;
        while let Some(at) = self.next_candidate(text.as_bytes(), from) {
            if self.surrounded(text, at) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// The texts of the arena that hold the needle, one bit each.
    pub(super) fn search(&self, arena: &TextArena) -> Bits {
        let mut hits = Bits::none(arena.len());
        let pure_ascii = self.before.is_empty() && self.after.is_empty();
        if !pure_ascii && arena.text().is_ascii() {
            return hits;
        }
        if self.run.is_empty() {
            for (entry, text) in arena.iter().enumerate() {
                if !text.is_ascii() && self.found_anywhere(text) {
                    hits.set(entry);
                }
            }
            return hits;
        }
        let (offsets, bytes) = (arena.offsets(), arena.text().as_bytes());
        let (mut entry, mut from) = (0, 0);
        while let Some(at) = self.next_candidate(bytes, from) {
            entry += passed(&offsets[entry + 1..], at);
            let (start, end) = (offsets[entry] as usize, offsets[entry + 1] as usize);
            from = at + 1;
            if at + self.run.len() <= end
                && (pure_ascii || self.surrounded(&arena.text()[start..end], at - start))
            {
                hits.set(entry);
                from = end;
            }
        }
        hits
    }

    /// The first place at or after `from` where the run stands.
    fn next_candidate(&self, bytes: &[u8], mut from: usize) -> Option<usize> {
        let places = (bytes.len() + 1).checked_sub(self.run.len())?;
        let [a, b] = self.probes;
        // Both slices are indexed by the place of the run's first byte.
        let (first, second) = (&bytes[a.at..][..places], &bytes[b.at..][..places]);
        let both = |x: u8, y: u8| (x | a.mask == a.value) & (y | b.mask == b.value);
        let stands = |at: usize| bytes[at..at + self.run.len()].eq_ignore_ascii_case(&self.run);
        while let (Some(x), Some(y)) =
            (first.get(from..)?.first_chunk::<BLOCK>(), second.get(from..)?.first_chunk::<BLOCK>())
        {
            let mut found = [0; BLOCK];
            let mut any = 0;
            for at in 0..BLOCK {
                found[at] = u8::from(both(x[at], y[at]));
                any |= found[at];
            }
            if any != 0 {
                // One bit in each byte of a place that was found.
                for (word, places) in found.as_chunks().0.iter().enumerate() {
                    let mut places = u64::from_le_bytes(*places);
                    while places != 0 {
                        let at = from + word * 8 + places.trailing_zeros() as usize / 8;
                        if stands(at) {
                            return Some(at);
                        }
                        places &= places - 1;
                    }
                }
            }
            from += BLOCK;
        }
        (from..places).find(|at| both(first[*at], second[*at]) && stands(*at))
    }

    /// Whether the letters around the run, which stands at `at`, are the needle's.
    fn surrounded(&self, text: &str, at: usize) -> bool {
        begins(text[..at].chars().rev(), &self.before)
            && begins(text[at + self.run.len()..].chars(), &self.after)
    }

    fn found_anywhere(&self, text: &str) -> bool {
        text.char_indices().any(|(at, _)| begins(text[at..].chars(), &self.after))
    }
}

/// How many texts end at or before a position. Hits are mostly near each other, so the search widens from the first.
fn passed(ends: &[u32], at: usize) -> usize {
    let mut reach = 1;
    while ends.get(reach).is_some_and(|end| *end as usize <= at) {
        reach *= 2;
    }
    ends[..ends.len().min(reach + 1)].partition_point(|end| *end as usize <= at)
}

fn begins(mut text: impl Iterator<Item = char>, folded_letters: &[char]) -> bool {
    folded_letters.iter().all(|wanted| text.next().is_some_and(|letter| folded(letter) == *wanted))
}

/// The letter that stands for all cases of a letter.
pub(super) fn folded(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some('ς'), None) => 'σ',
        (Some(one), None) if !one.is_ascii() => one,
        _ => letter,
    }
}

fn longest_ascii_run(letters: &[char]) -> (usize, usize) {
    let (mut best, mut start) = ((0, 0), 0);
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii() {
            start = at + 1;
        } else if at + 1 - start > best.1 - best.0 {
            best = (start, at + 1);
        }
    }
    best
}

/// The two rarest bytes of the run; the same one twice if it has but one.
fn probes(run: &[u8]) -> [Probe; 2] {
    let rarity = |byte: u8| FREQUENT.iter().position(|known| *known == byte).unwrap_or(usize::MAX);
    let mut places: Vec<usize> = (0..run.len()).collect();
    places.sort_by_key(|at| std::cmp::Reverse(rarity(run[*at])));
    let probe = |at: usize| {
        let mask = if run[at].is_ascii_lowercase() { 0x20 } else { 0 };
        Probe { at, mask, value: run[at] }
    };
    let rarest = places.first().map(|at| probe(*at)).unwrap_or_default();
    [rarest, places.get(1).map_or(rarest, |at| probe(*at))]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hits(texts: &[&str], needle: &str) -> Vec<usize> {
        let mut arena = TextArena::default();
        texts.iter().for_each(|text| arena.push(text));
        Needle::new(needle).unwrap().search(&arena).ones().collect()
    }

    #[test]
    fn letter_case_does_not_matter_in_any_script() {
        assert_eq!(hits(&["Müller AG", "MULLER", "x"], "MÜLLER"), [0]);
        assert_eq!(hits(&["ОШИБКА", "ошибка", "ош"], "Ошибка"), [0, 1]);
        assert_eq!(hits(&["ΟΔΟΣ", "οδος", "οδοσ"], "Οδος"), [0, 1, 2]);
        assert_eq!(hits(&["顧客エラー", "エラー"], "顧客"), [0]);
        assert_eq!(hits(&["größe", "GRÖSSE", "Größe 5"], "ÖßE 5"), [2]);
    }

    #[test]
    fn ascii_finds_ascii_only() {
        assert_eq!(hits(&["300 \u{212a}", "300 k", "300 K"], "300 k"), [1, 2]);
        assert_eq!(hits(&["\u{130}stanbul", "Istanbul"], "istanbul"), [1]);
        assert_eq!(hits(&["300 \u{212a}", "300 k"], "\u{212a}"), [0]);
    }

    #[test]
    fn bytes_that_differ_by_the_case_bit_are_not_taken_for_letters() {
        assert_eq!(hits(&["@`", "`@", "[{", "{["], "@`"), [0]);
        assert_eq!(hits(&["a\u{1}", "A!"], "!"), [1]);
        assert_eq!(hits(&["K[", "k{"], "k["), [0]);
    }

    #[test]
    fn a_hit_never_spans_two_texts() {
        assert_eq!(hits(&["tax gr", "oup", "", "tax group"], "tax group"), [3]);
        assert_eq!(hits(&["é", "a", "éa"], "éa"), [2]);
        assert_eq!(hits(&["aé", "b"], "éb"), Vec::<usize>::new());
        assert_eq!(hits(&["ab"], "a needle longer than all texts together"), Vec::<usize>::new());
        assert_eq!(hits(&[], "a"), Vec::<usize>::new());
        assert!(Needle::new("").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn every_text_is_judged_as_if_alone(
            texts in prop::collection::vec("[aAbBéÉ ]{0,90}", 0..20),
            needle in "[aAbBéÉ ]{1,5}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let wanted = needle.to_lowercase();
            let expected: Vec<usize> = (0..texts.len())
                .filter(|at| texts[*at].to_lowercase().contains(&wanted))
                .collect();
            prop_assert_eq!(hits(&texts, &needle), &expected[..]);
            let needle = Needle::new(&needle).unwrap();
            let alone: Vec<usize> = (0..texts.len()).filter(|at| needle.is_in(texts[*at])).collect();
            prop_assert_eq!(alone, expected);
        }
    }
}
