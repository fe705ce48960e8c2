//! Sorting of very many texts by their bytes.
//!
//! Error messages share long beginnings, so comparing whole texts again and again is slow. Here a group of texts that are
//! equal so far is sorted by its next seven bytes, packed in a word with how much follows them, a very large one by as
//! many as go into a number (`packed_sort`); groups of equal words are sorted by the bytes after those, and what a whole
//! group shares is skipped at once. Every round reads the texts in the order they lie in memory.
//!
//! Deliberately absent: where the texts come from (`text_order`).

use super::bits::Bits;
use super::packed_sort::{AT_ONCE, Keyed, Packing};

/// Bytes of text in a word.
pub(super) const STEP: usize = 7;

/// Groups up to this size are compared text by text.
const SMALL: usize = 24;

/// Groups beyond this size are worth a look at all their bytes before they are sorted, and have far fewer words than texts.
const MANY: usize = 16_384;

/// Where texts begin and end that are equal up to a depth, and the depth.
pub(super) type Group = (usize, usize, usize);

pub(super) struct Sorting<F> {
    /// Room for a word, and which text it is of.
    pub(super) keyed: Vec<Keyed>,
    /// Where a text begins that is not equal to the one before.
    pub(super) starts: Bits,
    pub(super) text: F,
}

impl<'a, F: Fn(u32) -> &'a [u8]> Sorting<F> {
    /// Sorts groups whose texts are equal up to a depth, equal ones in ascending order of their numbers, and marks where
    /// they differ from the one before. A list of groups, not recursion: texts may be long.
    pub(super) fn sort(&mut self, mut groups: Vec<Group>) {
        let mut rests = Vec::with_capacity(SMALL);
        while let Some((start, end, depth)) = groups.pop() {
            if end - start <= SMALL {
                self.sort_small(start, end, depth, &mut rests);
                continue;
            }
            let depth = depth + self.shared(start, end, depth);
            let group = &mut self.keyed[start..end];
            if group.len() > MANY {
                let packing = Packing::of(group, &self.text, depth);
                packing.sort(group, &self.text, depth);
                let next = depth + packing.bytes();
                self.divide(
                    (start, end),
                    |number| packing.goes_on(number).then_some(next),
                    &mut groups,
                );
            } else {
                group.chunks_mut(AT_ONCE).for_each(|some| take_words(some, &self.text, depth));
                self.sort_by_words((start, end, depth), &mut groups);
            }
        }
    }

    /// The same where the words after the depths of the groups are there already.
    pub(super) fn sort_keyed(&mut self, groups: &[Group]) {
        let mut equal = Vec::new();
        groups.iter().for_each(|group| self.sort_by_words(*group, &mut equal));
        self.sort(equal);
    }

    /// Sorts a group by its words and tells which groups of equal words go on.
    fn sort_by_words(&mut self, (start, end, depth): Group, groups: &mut Vec<Group>) {
        // Entries are ascending already. Of many texts few words are different, which a stable sort makes use of.
        let group = &mut self.keyed[start..end];
        if group.len() > MANY {
            group.sort_by_key(|(word, _)| *word);
        } else {
            group.sort_unstable();
        }
        self.divide((start, end), |word| goes_on(word).then_some(depth + STEP), groups);
    }

    /// Tells which groups of equal words go on, and at which depth, and where all others begin.
    fn divide(
        &mut self,
        (start, end): (usize, usize),
        next_depth: impl Fn(u64) -> Option<usize>,
        groups: &mut Vec<Group>,
    ) {
        let mut first = start;
        while first < end {
            let most = end.min(first + AT_ONCE);
            first = self.divide_some(first, most, end, &next_depth, groups);
        }
    }

    /// The same for groups that begin before `most`; where the next one begins.
    #[inline(never)]
    fn divide_some(
        &mut self,
        mut first: usize,
        most: usize,
        end: usize,
        next_depth: &impl Fn(u64) -> Option<usize>,
        groups: &mut Vec<Group>,
    ) -> usize {
        while first < most {
            let (word, _) = self.keyed[first];
            let equal = self.keyed[first..end].iter().take_while(|(other, _)| *other == word);
            let next = first + equal.count();
            match next_depth(word) {
                Some(depth) if next - first > 1 => groups.push((first, next, depth)),
                _ => self.starts.set(first),
            }
            first = next;
        }
        first
    }

    /// Texts are fetched once and then compared, by their words first.
    #[inline(never)]
    fn sort_small<'t>(
        &mut self,
        start: usize,
        end: usize,
        depth: usize,
        rests: &mut Vec<(u64, &'t [u8], u32)>,
    ) where
        'a: 't,
    {
        rests.clear();
        let group = &mut self.keyed[start..end];
        rests.extend(group.iter().map(|(_, entry)| {
            let text = (self.text)(*entry);
            (word(text, depth), &text[depth..], *entry)
        }));
        rests.sort_unstable();
        group.iter_mut().zip(&*rests).for_each(|((_, entry), (.., sorted))| *entry = *sorted);
        for (at, (word, rest, _)) in rests.iter().enumerate() {
            if at == 0 || rests[at - 1].0 != *word || rests[at - 1].1 != *rest {
                self.starts.set(start + at);
            }
        }
    }

    /// How many bytes after `depth` all texts of a group have in common.
    fn shared(&self, start: usize, end: usize, depth: usize) -> usize {
        let mut shared = &(self.text)(self.keyed[start].1)[depth..];
        for (_, entry) in &self.keyed[start + 1..end] {
            let other = &(self.text)(*entry)[depth..];
            if !other.starts_with(shared) {
                let same = shared.iter().zip(other).take_while(|(a, b)| a == b).count();
                shared = &shared[..same];
                // Skipping less than a word saves nothing.
                if same < STEP {
                    return 0;
                }
            }
        }
        shared.len()
    }
}

#[inline(never)]
fn take_words<'a>(keyed: &mut [Keyed], text: &impl Fn(u32) -> &'a [u8], depth: usize) {
    keyed.iter_mut().for_each(|(key, entry)| *key = word(text(*entry), depth));
}

/// Whether a text goes on after a word. One that says no is the whole rest: texts with it are equal.
pub(super) fn goes_on(word: u64) -> bool {
    word as u8 as usize > STEP
}

/// The next bytes of a text as a number that sorts like them, its last byte telling how many there are, or more.
#[inline]
pub(super) fn word(text: &[u8], depth: usize) -> u64 {
    let rest = &text[depth..];
    // Most have more: one load instead of a copy of unknown length.
    if let Some(bytes) = rest.first_chunk::<8>() {
        return u64::from_be_bytes(*bytes) & !0xff | (STEP as u64 + 1);
    }
    let free = 8 * (8 - rest.len()) as u32;
    // The end of a long text: one load of its last bytes, of which those before the rest are shifted out.
    if let Some(bytes) = text.last_chunk::<8>() {
        let bytes = u64::from_be_bytes(*bytes).checked_shl(free).unwrap_or_default();
        return bytes | rest.len() as u64;
    }
    let bytes = rest.iter().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
    bytes.checked_shl(free).unwrap_or_default() | rest.len() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(texts: &[Vec<u8>]) -> (Vec<usize>, Vec<bool>) {
        let keyed = (0..texts.len()).map(|at| (0, at as u32)).collect();
        let starts = Bits::none(texts.len());
        let mut sorting = Sorting { keyed, starts, text: |entry| &texts[entry as usize][..] };
        sorting.sort(vec![(0, texts.len(), 0)]);
        let order = sorting.keyed.iter().map(|(_, entry)| *entry as usize).collect();
        (order, (0..texts.len()).map(|at| sorting.starts.get(at)).collect())
    }

    fn check(texts: &[Vec<u8>]) {
        let mut expected: Vec<usize> = (0..texts.len()).collect();
        expected.sort_by_key(|at| &texts[*at]);
        let starts: Vec<bool> = (0..texts.len())
            .map(|at| at == 0 || texts[expected[at]] != texts[expected[at - 1]])
            .collect();
        assert_eq!(sorted(texts), (expected, starts));
    }

    #[test]
    fn zero_bytes_and_ends_of_texts_are_told_apart() {
        let mut texts: Vec<Vec<u8>> = (0..40).map(|len| vec![0; len % 20]).collect();
        texts.extend((0..40).map(|len| [vec![b'a'; len % 9], vec![0; len % 4]].concat()));
        check(&texts);
    }

    #[test]
    fn long_equal_texts_are_sorted_without_deep_recursion() {
        let mut texts: Vec<Vec<u8>> = (0..60).map(|at| vec![b'x'; 40_000 + at % 3]).collect();
        texts.push(vec![b'x'; 3]);
        check(&texts);
    }

    #[test]
    fn a_very_large_group_is_sorted_by_what_goes_into_a_number_and_what_follows() {
        // Some share all that goes in and differ behind it, some end there, some are equal, some have all letters.
        let text = |at: usize| match at % 5 {
            0 => format!(
                "Unable to look up CUST-{:06} of the company {}",
                at * 7_919 % 4_999,
                at % 3
            ),
            1 => format!("Unable to look up CUST-{:06}", at * 31 % 1_009),
            2 => format!("Unable to look up {}", "x".repeat(at % 60)),
            3 => (0..12).map(|place| char::from(33 + (at * (place + 7) % 90) as u8)).collect(),
            _ => String::new(),
        };
        for rows in [MANY, MANY + 1, 30_000] {
            check(&(0..rows).map(|at| text(at).into_bytes()).collect::<Vec<_>>());
        }
        let alike =
            (0..20_000).map(|at| format!("all begin with the same long text {}", at % 7_001));
        check(&alike.map(String::into_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn a_word_is_the_next_seven_bytes_and_how_many_there_are() {
        let text: Vec<u8> = (1..=40).map(|byte| byte * 6).collect();
        for end in 0..text.len() {
            for depth in 0..=end {
                let rest = &text[depth..end];
                let mut bytes = [0; 8];
                let taken = rest.len().min(STEP);
                bytes[..taken].copy_from_slice(&rest[..taken]);
                bytes[STEP] = rest.len().min(STEP + 1) as u8;
                assert_eq!(
                    word(&text[..end], depth),
                    u64::from_be_bytes(bytes),
                    "{depth} to {end}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn as_a_plain_sort_would(
            texts in prop::collection::vec(
                ("(Cannot create a record in ){0,1}", "[\\x00ab]{0,12}"), 0..150),
        ) {
            check(&texts.into_iter().map(|(a, b)| (a + &b).into_bytes()).collect::<Vec<_>>());
        }
    }
}
