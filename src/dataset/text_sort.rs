//! Sorting of very many texts by their bytes.
//!
//! Error messages share long beginnings, so comparing whole texts again and again is slow. Here a group of texts that
//! are equal so far is sorted by its next seven bytes, packed in a word with how much follows them; groups of equal
//! words are sorted by the bytes after those, and what a whole group shares is skipped at once. Every round reads the
//! texts in the order they lie in memory.
//!
//! Deliberately absent: where the texts come from (`text_order`).

use super::bits::Bits;

/// Bytes of text in a word.
pub(super) const STEP: usize = 7;

/// Groups up to this size are compared text by text.
const SMALL: usize = 24;

/// Where texts begin and end that are equal up to a depth, and the depth.
pub(super) type Group = (usize, usize, usize);

pub(super) struct Sorting<F> {
    /// Room for a word, and which text it is of.
    pub(super) keyed: Vec<(u64, u32)>,
    /// Where a text begins that is not equal to the one before.
    pub(super) starts: Bits,
    pub(super) text: F,
}

impl<'a, F: Fn(u32) -> &'a [u8]> Sorting<F> {
    /// Sorts groups whose texts are equal up to a depth, equal ones in ascending order of their numbers, and marks where
    /// they differ from the one before. A list of groups, not recursion: texts may be long.
    pub(super) fn sort(&mut self, mut groups: Vec<Group>) {
        while let Some((start, end, depth)) = groups.pop() {
            if end - start <= SMALL {
                self.sort_small(start, end, depth);
                continue;
            }
            let depth = depth + self.shared(start, end, depth);
            let group = &mut self.keyed[start..end];
            group.iter_mut().for_each(|(key, entry)| *key = word((self.text)(*entry), depth));
            group.sort_unstable();
            let mut first = start;
            while first < end {
                let key = self.keyed[first].0;
                let run = self.keyed[first..end].iter().take_while(|(other, _)| *other == key);
                let next = first + run.count();
                // A word that says nothing follows is the whole rest: its texts are equal.
                if next - first > 1 && key as u8 as usize > STEP {
                    groups.push((first, next, depth + STEP));
                } else {
                    self.starts.set(first);
                }
                first = next;
            }
        }
    }

    fn sort_small(&mut self, start: usize, end: usize, depth: usize) {
        let rest = |entry: u32| &(self.text)(entry)[depth..];
        let group = &mut self.keyed[start..end];
        group.sort_unstable_by(|(_, a), (_, b)| rest(*a).cmp(rest(*b)).then(a.cmp(b)));
        for at in start..end {
            if at == start || rest(self.keyed[at - 1].1) != rest(self.keyed[at].1) {
                self.starts.set(at);
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

/// The next bytes of a text as a number that sorts like them, its last byte telling how many there are, or more.
pub(super) fn word(text: &[u8], depth: usize) -> u64 {
    let rest = &text[depth..];
    let mut bytes = [0; 8];
    let taken = rest.len().min(STEP);
    bytes[..taken].copy_from_slice(&rest[..taken]);
    bytes[STEP] = rest.len().min(STEP + 1) as u8;
    u64::from_be_bytes(bytes)
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
