//! Which identities an import has met.
//!
//! Nearly every row is new. A few bits of its hash say so without a look into a table of all identities, which is far away in
//! memory. The few that may have been met are looked for: of many rows at once in one pass over the list of all, which reads
//! memory in its order; of single rows, and where the list has become too long to be passed over, in a table of places. That is
//! made when it is first needed, and then filled many at a time.
//!
//! Invariant: answers are those of a set.

use hashbrown::HashTable;

use crate::domain::Identity;

use super::bits::Bits;
use super::identity_hash;

/// Words of bits at first: two megabytes, which stay near.
const WORDS: usize = 1 << 18;

/// Bits for each identity. One in fifty is looked for in vain then.
const BITS_EACH: usize = 16;

/// Identities entered at a time.
const TOGETHER: usize = 4_096;

/// Identities up to which the list is passed over for the suspects of a chunk. That takes as long then as to enter the chunk.
const MOST_PASSED_OVER: usize = if cfg!(test) { 8_000 } else { 1 << 22 };

/// The identities loaded so far. A table of places over a list takes less than a set of identities would.
#[derive(Debug, Default)]
pub(super) struct Seen {
    identities: Vec<Identity>,
    /// Of the first `entered` identities.
    places: HashTable<u32>,
    entered: usize,
    /// A power of two of words.
    bits: Vec<u64>,
}

impl Seen {
    pub(super) fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether it is new.
    pub(super) fn insert(&mut self, identity: Identity) -> bool {
        self.make_room(1);
        let hash = identity_hash(identity);
        if self.bits_were_set(hash) && self.has(identity, hash) {
            return false;
        }
        self.identities.push(identity);
        if self.identities.len() - self.entered >= TOGETHER && !self.places.is_empty() {
            self.enter();
        }
        true
    }

    /// Takes the identities that are not `gone`. Those met before are gone, too, and counted.
    #[inline(never)]
    pub(super) fn insert_all(&mut self, identities: &[Identity], gone: &mut Bits) -> usize {
        self.make_room(identities.len());
        let mut suspects = Vec::new();
        for (row, identity) in identities.iter().enumerate() {
            if !gone.get(row) && self.bits_were_set(identity_hash(*identity)) {
                suspects.push(*identity);
            }
        }
        let mut suspects = Suspects::new(&suspects);
        self.meet_all(&mut suspects);
        self.identities.reserve(identities.len());
        let mut met = 0;
        for (row, identity) in identities.iter().enumerate() {
            if gone.get(row) {
                continue;
            }
            if suspects.meet(*identity) {
                gone.set(row);
                met += 1;
            } else {
                self.identities.push(*identity);
            }
        }
        met
    }

    /// Finds out which were met.
    fn meet_all(&mut self, suspects: &mut Suspects) {
        if suspects.met.is_empty() {
            return;
        }
        if self.identities.len() <= MOST_PASSED_OVER {
            for identity in &self.identities {
                suspects.meet(*identity);
            }
            return;
        }
        for (identity, met) in suspects.met.iter_mut() {
            *met = self.has(*identity, identity_hash(*identity));
        }
    }

    /// Keeps as many bits for so many more identities as tell most of them from others.
    fn make_room(&mut self, more: usize) {
        let wanted = (self.identities.len() + more) * BITS_EACH / 64;
        if self.bits.len() >= wanted.max(1) {
            return;
        }
        let words = wanted.next_power_of_two();
        self.bits = vec![0; if self.bits.is_empty() { words.max(WORDS) } else { words }];
        for at in 0..self.identities.len() {
            self.bits_were_set(identity_hash(self.identities[at]));
        }
    }

    /// Sets two bits of an identity, both in one word; where one was not set, it is new.
    fn bits_were_set(&mut self, hash: u64) -> bool {
        let words = self.bits.len();
        let word = &mut self.bits[(hash >> 12) as usize & (words - 1)];
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

/// Identities that may have been met, and whether they were.
struct Suspects {
    met: HashTable<(Identity, bool)>,
    /// A bit for each, so that of others hardly any is looked for. A power of two of words.
    bits: Vec<u64>,
}

impl Suspects {
    fn new(identities: &[Identity]) -> Self {
        let words = (identities.len() * BITS_EACH / 64 + 1).next_power_of_two();
        let mut suspects =
            Self { met: HashTable::with_capacity(identities.len()), bits: vec![0; words] };
        for identity in identities {
            let hash = identity_hash(*identity);
            suspects.bits[(hash >> 12) as usize & (words - 1)] |= 1 << (hash % 64);
            suspects
                .met
                .entry(hash, |(other, _)| other == identity, |(other, _)| identity_hash(*other))
                .or_insert((*identity, false));
        }
        suspects
    }

    /// Whether this one was met before; from now on it was.
    fn meet(&mut self, identity: Identity) -> bool {
        let hash = identity_hash(identity);
        let word = self.bits[(hash >> 12) as usize & (self.bits.len() - 1)];
        if word >> (hash % 64) & 1 == 0 {
            return false;
        }
        let found = self.met.find_mut(hash, |(other, _)| *other == identity);
        found.is_some_and(|(_, met)| std::mem::replace(met, true))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Few values at times, some from long ago, and some that differ only where a hash may not look.
    fn identities() -> impl Iterator<Item = Identity> {
        let mut number = 1_u128;
        (0_u128..).map(move |turn| {
            number =
                number.wrapping_mul(0x2545_F491_4F6C_DD1D_9E37_79B9_7F4A_7C15).wrapping_add(turn);
            Identity(match turn % 5 {
                0 => number % 997,
                1 => turn / 7,
                2 => turn / 3 * ((1 << 64) + 1),
                _ => number,
            })
        })
    }

    #[test]
    fn answers_are_those_of_a_set() {
        let (mut seen, mut plain) = (Seen::default(), HashSet::new());
        for (turn, identity) in identities().take(60_000).enumerate() {
            assert_eq!(seen.insert(identity), plain.insert(identity), "{turn}");
            assert_eq!(seen.len(), plain.len());
        }
        assert!(seen.entered < seen.len());
    }

    #[test]
    fn one_by_one_and_many_at_once_are_the_same_set() {
        // Bits that grow from the first row on.
        let mut seen = Seen { bits: vec![0], ..Seen::default() };
        let (mut plain, mut all) = (HashSet::new(), identities());
        let (mut new, mut met) = (0, 0);
        for turn in 0..60 {
            for identity in all.by_ref().take(turn * 13) {
                assert_eq!(seen.insert(identity), plain.insert(identity));
            }
            let together: Vec<Identity> = all.by_ref().take(turn * 29).collect();
            let mut gone = Bits::none(together.len());
            (0..together.len()).filter(|row| row % 11 == 3).for_each(|row| gone.set(row));
            let mut expected = gone.clone();
            for (row, identity) in together.iter().enumerate() {
                if !gone.get(row) && !plain.insert(*identity) {
                    expected.set(row);
                }
            }
            let before = gone.count();
            let counted = seen.insert_all(&together, &mut gone);
            assert_eq!(gone, expected, "{turn}");
            assert_eq!(counted, gone.count() - before);
            assert_eq!(seen.len(), plain.len());
            (new, met) = (new + together.len() - gone.count(), met + counted);
        }
        assert!(new > 10_000 && met > 1_000, "{new} new, {met} met");
        assert!(seen.bits.len() > 1_000);
    }
}
