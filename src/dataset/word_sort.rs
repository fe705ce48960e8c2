//! Stable sorting of very many words whose bytes take few values, such as digits and a handful of letters.
//!
//! Each byte is replaced by its rank among the values at its place. Eight bytes then take some thirty bits, which a few rounds
//! of counting put in order, where comparing would take twenty rounds.
//!
//! Deliberately absent: words of many values, which are left to whoever compares.
//!
//! Invariant: the order is that of a stable sort by the words.

/// Bits that a round sorts by: its counts stay in the fastest memory.
const ROUND_BITS: u32 = 11;

/// Bits of the rank and of the number in one packed word.
const HALF: u32 = 32;

/// Sorts by the words, equal ones as they were. They come back as others that sort alike, are equal where they were, and have
/// the same last byte. `false`: their bytes take too many values, and nothing was changed.
pub(super) fn sort(keyed: &mut [(u64, u32)]) -> bool {
    let Some(ranks) = Ranks::of(keyed) else { return false };
    let mut packed: Vec<u64> = Vec::with_capacity(keyed.len());
    packed.extend(
        keyed.iter().map(|(word, number)| ranks.of_word(*word) << HALF | u64::from(*number)),
    );
    let rounds = ranks.bits.div_ceil(ROUND_BITS);
    for round in 0..rounds {
        let shift = HALF + round * ROUND_BITS;
        // From one memory to the other and back: the words themselves are not needed any more.
        if round % 2 == 0 {
            let mut places = places(packed.iter().copied(), shift);
            packed.iter().for_each(|word| keyed[next(&mut places, *word, shift)].0 = *word);
        } else {
            let mut places = places(keyed.iter().map(|(word, _)| *word), shift);
            keyed.iter().for_each(|(word, _)| packed[next(&mut places, *word, shift)] = *word);
        }
    }
    if rounds % 2 == 0 {
        keyed.iter_mut().zip(&packed).for_each(|((word, _), sorted)| *word = *sorted);
    }
    for (word, number) in keyed {
        (*word, *number) = (ranks.told(*word >> HALF), *word as u32);
    }
    true
}

/// Where the first word of each digit goes.
fn places(words: impl Iterator<Item = u64>, shift: u32) -> Vec<u32> {
    let mut places = vec![0; 1 << ROUND_BITS];
    words.for_each(|word| places[digit(word, shift)] += 1);
    let mut first = 0;
    for place in &mut places {
        first += std::mem::replace(place, first);
    }
    places
}

#[inline]
fn next(places: &mut [u32], word: u64, shift: u32) -> usize {
    let place = &mut places[digit(word, shift)];
    *place += 1;
    *place as usize - 1
}

#[inline]
fn digit(word: u64, shift: u32) -> usize {
    (word >> shift) as usize & ((1 << ROUND_BITS) - 1)
}

/// The ranks of the values that the bytes of words take.
struct Ranks {
    /// Of the bytes that take more than one value, in ascending order: how far they are to be shifted, and the rank of each
    /// value in its place within the whole.
    bytes: Vec<(u32, [u32; 256])>,
    bits: u32,
    /// The last byte by its rank, which takes the lowest bits.
    last: Vec<u8>,
    last_mask: u64,
}

impl Ranks {
    /// `None`: they take more bits than there are.
    fn of(keyed: &[(u64, u32)]) -> Option<Self> {
        let mut taken = [[false; 256]; 8];
        for (word, _) in keyed {
            for (taken, byte) in taken.iter_mut().zip(word.to_le_bytes()) {
                taken[usize::from(byte)] = true;
            }
        }
        let values = |at: usize| (0..=u8::MAX).filter(move |byte| taken[at][usize::from(*byte)]);
        let mut ranks =
            Self { bytes: Vec::new(), bits: 0, last: values(0).collect(), last_mask: 0 };
        for at in 0..taken.len() {
            let bits = values(at).count().next_power_of_two().trailing_zeros();
            if bits == 0 {
                continue;
            }
            if ranks.bits + bits > HALF {
                return None;
            }
            let mut of_value = [0; 256];
            for (rank, value) in (0..).zip(values(at)) {
                of_value[usize::from(value)] = u32::checked_shl(rank, ranks.bits)?;
            }
            ranks.bytes.push((8 * at as u32, of_value));
            ranks.bits += bits;
            if at == 0 {
                ranks.last_mask = (1 << bits) - 1;
            }
        }
        Some(ranks)
    }

    #[inline]
    fn of_word(&self, word: u64) -> u64 {
        let rank = |(shift, ranks): &(u32, [u32; 256])| ranks[(word >> shift) as usize & 0xFF];
        u64::from(self.bytes.iter().map(rank).sum::<u32>())
    }

    /// A word that sorts like the rank and has the last byte of those with that rank.
    #[inline]
    fn told(&self, rank: u64) -> u64 {
        rank << 8 | u64::from(self.last[(rank & self.last_mask) as usize])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(words: &[u64], is_few: bool) {
        let mut keyed: Vec<(u64, u32)> = words.iter().copied().zip(0..).collect();
        let mut expected = keyed.clone();
        assert_eq!(sort(&mut keyed), is_few);
        if !is_few {
            return assert_eq!(keyed, expected);
        }
        expected.sort_by_key(|(word, _)| *word);
        let numbers =
            |keyed: &[(u64, u32)]| keyed.iter().map(|(_, number)| *number).collect::<Vec<_>>();
        assert_eq!(numbers(&keyed), numbers(&expected));
        let pairs = keyed.windows(2).zip(expected.windows(2));
        for (told, word) in pairs {
            assert_eq!(told[0].0.cmp(&told[1].0), word[0].0.cmp(&word[1].0));
        }
        assert!(keyed.iter().zip(&expected).all(|((a, _), (b, _))| *a as u8 == *b as u8));
    }

    #[test]
    fn nothing_one_and_equal_words_are_sorted() {
        check(&[], true);
        check(&[u64::MAX], true);
        check(&[7; 100], true);
        check(&[0, u64::MAX, 0, u64::MAX, 1], true);
    }

    #[test]
    fn thirty_two_bits_are_sorted_and_more_are_left_alone() {
        let four = |at: u64| at.wrapping_mul(2_654_435_761) & 0xFFFF_FFFF;
        let words: Vec<u64> = (0..5_000).map(four).chain([0, 0xFFFF_FFFF]).collect();
        check(&words, true);
        let five: Vec<u64> = words.iter().map(|word| word << 8 | word >> 24).collect();
        check(&five, false);
    }

    proptest! {
        #[test]
        fn as_a_stable_sort_would(
            words in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"\0-059CV"[..]), 7), 0..400),
            counts in prop::collection::vec(0_u8..=8, 400),
        ) {
            let words: Vec<u64> = (words.iter().zip(counts))
                .map(|(bytes, count)| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)) << 8 | u64::from(count))
                .collect();
            check(&words, true);
        }
    }
}
