//! Which identities an import has met.
//!
//! Nearly every row is new. A few bits of its hash say so without a look into the table of a million places, which is far
//! away in memory; and those new are entered many at a time, when no one waits for the answer.
//!
//! Invariant: answers are those of a set.

use hashbrown::HashTable;

use crate::domain::Identity;

use super::identity_hash;

/// Words of bits: two megabytes, which stay near. With a million identities one in fifty is looked for in vain.
const WORDS: usize = 1 << 18;

/// Identities entered at a time.
const TOGETHER: usize = 4_096;

/// The identities loaded so far. A table of places over a list takes less than a set of identities would.
#[derive(Debug, Default)]
pub(super) struct Seen {
    identities: Vec<Identity>,
    /// Of the first `entered` identities.
    places: HashTable<u32>,
    entered: usize,
    bits: Vec<u64>,
}

impl Seen {
    pub(super) fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether it is new.
    pub(super) fn insert(&mut self, identity: Identity) -> bool {
        let hash = identity_hash(identity);
        if self.bits_were_set(hash) && self.has(identity, hash) {
            return false;
        }
        self.identities.push(identity);
        if self.identities.len() - self.entered == TOGETHER {
            self.enter();
        }
        true
    }

    /// Sets two bits of an identity, both in one word; where one was not set, it is new.
    fn bits_were_set(&mut self, hash: u64) -> bool {
        if self.bits.is_empty() {
            self.bits = vec![0; WORDS];
        }
        let word = &mut self.bits[(hash >> 12) as usize % WORDS];
        let bits = 1 << (hash % 64) | 1 << (hash >> 6 & 63);
        let were_set = *word & bits == bits;
        *word |= bits;
        were_set
    }

    fn has(&mut self, identity: Identity, hash: u64) -> bool {
        self.enter();
        self.places.find(hash, |at| self.identities[*at as usize] == identity).is_some()
    }

    fn enter(&mut self) {
        let hash = |at: &u32| identity_hash(self.identities[*at as usize]);
        let all = self.identities.len();
        if self.places.capacity() < all {
            // A table that grows by itself hashes its entries in its own order, each with a look into the list, far away; here
            // the list is read in its order. The new table is twice as large at least, as tables have powers of two, and the
            // old one goes before: both at once would be the most that an import takes.
            drop(std::mem::take(&mut self.places));
            self.places = HashTable::with_capacity(all);
            self.entered = 0;
        }
        for at in self.entered as u32..all as u32 {
            self.places.insert_unique(hash(&at), at, hash);
        }
        self.entered = all;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn answers_are_those_of_a_set() {
        let (mut seen, mut plain) = (Seen::default(), HashSet::new());
        let mut number = 1_u128;
        for turn in 0..60_000_u128 {
            number =
                number.wrapping_mul(0x2545_F491_4F6C_DD1D_9E37_79B9_7F4A_7C15).wrapping_add(turn);
            // Few values at times, some from long ago, and some that differ only where a hash may not look.
            let identity = match turn % 5 {
                0 => number % 997,
                1 => turn / 7,
                2 => turn / 3 * ((1 << 64) + 1),
                _ => number,
            };
            assert_eq!(seen.insert(Identity(identity)), plain.insert(identity), "{turn}");
            assert_eq!(seen.len(), plain.len());
        }
        assert!(seen.entered < seen.len());
    }
}
