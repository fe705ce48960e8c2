//! A hash for tables of texts, without the wide products that WebAssembly has no instruction for.
//!
//! Deliberately absent: anything stored or shown, which has digests that never change.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashMap;

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// For tables in memory; another version may give another hash.
pub fn quick_hash(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    // Four sums, none of which waits for another.
    let mut sums = [bytes.len() as u64, 1, 2, 3];
    for block in blocks {
        for (sum, word) in sums.iter_mut().zip(block.as_chunks().0) {
            *sum = add(*sum, u64::from_le_bytes(*word));
        }
    }
    let (words, rest) = rest.as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    for (sum, word) in sums.iter_mut().zip(words.chain([last])) {
        *sum = add(*sum, word);
    }
    let [first, others @ ..] = sums;
    let sum = others.into_iter().fold(first, add);
    // Products mix upwards only, and tables take bits from both ends.
    (sum ^ sum >> 32).wrapping_mul(FACTOR)
}

/// The hash of a part of a hash: for tables that keep so much of it, and need not look at their texts when they grow.
pub fn tag_hash(tag: u32) -> u64 {
    // Tables take bits from both ends.
    u64::from(tag).wrapping_mul(FACTOR)
}

/// The same for the keys of a map: numbers and what is made of them.
pub type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// What [`QuickMap`] hashes with.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = add(self.0, quick_hash(bytes));
    }

    fn write_u8(&mut self, number: u8) {
        self.0 = add(self.0, number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = add(self.0, number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = add(self.0, number);
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = add(self.0, number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.0 = add(self.0, number as u64);
    }

    fn finish(&self) -> u64 {
        (self.0 ^ self.0 >> 32).wrapping_mul(FACTOR)
    }
}

fn add(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(23) ^ word).wrapping_mul(FACTOR)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn texts_that_differ_little_have_hashes_that_differ_at_both_ends() {
        let mut texts: Vec<String> =
            (0..40_000).map(|at| format!("Row {at} of CUST-{:04} is locked", at % 977)).collect();
        texts.extend((0..200).map(|len| "a".repeat(len)));
        texts.extend((0..80).map(|at| format!("{}b{}", "a".repeat(at), "a".repeat(79 - at))));
        let hashes: HashSet<u64> = texts.iter().map(|text| quick_hash(text.as_bytes())).collect();
        assert_eq!(hashes.len(), texts.len());
        for shift in [0, 48] {
            let parts: HashSet<u64> = hashes.iter().map(|hash| hash >> shift & 0xFFFF).collect();
            // Of 65,536 values, 40,000 draws meet 29,900.
            assert!((29_000..31_000).contains(&parts.len()), "{}", parts.len());
        }
    }

    #[test]
    fn pairs_of_small_numbers_have_hashes_that_differ_at_both_ends() {
        let state = BuildHasherDefault::<QuickHasher>::default();
        let pairs = (0..200_u32).flat_map(|a| (0..200_u32).map(move |b| (a, b)));
        let hashes: HashSet<u64> = pairs.map(|pair| state.hash_one(pair)).collect();
        assert_eq!(hashes.len(), 40_000);
        for shift in [0, 48] {
            let parts: HashSet<u64> = hashes.iter().map(|hash| hash >> shift & 0xFFFF).collect();
            assert!(parts.len() > 20_000, "{}", parts.len());
        }
    }
}
