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

/// Words of one call: browsers run a function in a slower form until it is called again after it proved to be busy.
const AT_ONCE: usize = 4_096;

/// Sorts by the words, equal ones as they were. They come back as others that sort alike, are equal where they were, and have
/// the same last byte. `false`: their bytes take too many values, and nothing was changed.
pub(super) fn sort(keyed: &mut [(u64, u32)]) -> bool {
    let Some(ranks) = Ranks::of(keyed) else { return false };
    let mut packed = Vec::with_capacity(keyed.len());
    keyed.chunks(AT_ONCE).for_each(|some| ranks.pack(some, &mut packed));
    let rounds = ranks.bits.div_ceil(ROUND_BITS);
    for shift in (0..rounds).map(|round| HALF + round * ROUND_BITS) {
        let mut places = Places::of(&packed, shift);
        // To the other memory and back, in one order: the words themselves are not needed any more.
        packed.chunks(AT_ONCE).for_each(|some| places.put(some, keyed));
        keyed.chunks(AT_ONCE).zip(packed.chunks_mut(AT_ONCE)).for_each(take_back);
    }
    packed
        .chunks(AT_ONCE)
        .zip(keyed.chunks_mut(AT_ONCE))
        .for_each(|(from, to)| ranks.unpack(from, to));
    true
}

#[inline(never)]
fn take_back((from, to): (&[(u64, u32)], &mut [u64])) {
    from.iter().zip(to).for_each(|((word, _), to)| *to = *word);
}

/// Where the next word of each digit goes.
struct Places {
    next: Vec<u32>,
    shift: u32,
}

impl Places {
    fn of(words: &[u64], shift: u32) -> Self {
        let mut places = Self { next: vec![0; 1 << ROUND_BITS], shift };
        words.chunks(AT_ONCE).for_each(|some| places.count(some));
        let mut first = 0;
        for place in &mut places.next {
            first += std::mem::replace(place, first);
        }
        places
    }

    #[inline(never)]
    fn count(&mut self, words: &[u64]) {
        words.iter().for_each(|word| *self.of_word(*word) += 1);
    }

    #[inline(never)]
    fn put(&mut self, words: &[u64], into: &mut [(u64, u32)]) {
        for word in words {
            let place = self.of_word(*word);
            into[*place as usize].0 = *word;
            *place += 1;
        }
    }

    #[inline]
    fn of_word(&mut self, word: u64) -> &mut u32 {
        &mut self.next[(word >> self.shift) as usize & ((1 << ROUND_BITS) - 1)]
    }
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
        keyed.chunks(AT_ONCE).for_each(|some| note_bytes(some, &mut taken));
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

    #[inline(never)]
    fn pack(&self, keyed: &[(u64, u32)], packed: &mut Vec<u64>) {
        packed.extend(keyed.iter().map(|(word, number)| {
            let rank = |(shift, ranks): &(u32, [u32; 256])| ranks[(word >> shift) as usize & 0xFF];
            let ranks: u32 = self.bytes.iter().map(rank).sum();
            u64::from(ranks) << HALF | u64::from(*number)
        }));
    }

    /// As words that sort like the ranks and have the last byte of those with that rank.
    #[inline(never)]
    fn unpack(&self, packed: &[u64], keyed: &mut [(u64, u32)]) {
        for (packed, to) in packed.iter().zip(keyed) {
            let ranks = packed >> HALF;
            let last = self.last[(ranks & self.last_mask) as usize];
            *to = (ranks << 8 | u64::from(last), *packed as u32);
        }
    }
}

#[inline(never)]
fn note_bytes(keyed: &[(u64, u32)], taken: &mut [[bool; 256]; 8]) {
    for (word, _) in keyed {
        for (taken, byte) in taken.iter_mut().zip(word.to_le_bytes()) {
            taken[usize::from(byte)] = true;
        }
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
