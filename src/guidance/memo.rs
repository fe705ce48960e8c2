//! What is kept of texts by their keys, and found again fast.
//!
//! Keys and numbers lie apart from the entries: memory is far away, and of most texts the numbers are not asked for again.
//!
//! Invariant: an entry is found under its own key and under no other.

use hashbrown::HashTable;

use super::category::Sign;
use super::cause::{CodePrint, EntityPrint, Fingerprint};
use super::code::Rank;
use super::context::Context;
use crate::domain::{quick_hash, tag_hash};

/// What is kept of a text.
#[derive(Default)]
pub(super) struct Entry {
    /// What was folded last: most texts that say the same are about the same.
    pub(super) last: Option<(EntityPrint, CodePrint, Fingerprint)>,
    /// The numbers hold for one text only.
    pub(super) reads_digits: bool,
    /// Nothing announces a secret.
    pub(super) is_plain: bool,
    /// Of a sentence that can be read apart from what follows it: what counts for that.
    pub(super) context: Option<Context>,
    /// It can be read apart from the sentence before it.
    pub(super) may_follow: bool,
    /// Numbers of the first clause and of the last.
    pub(super) first_clause: u16,
    pub(super) last_clause: u16,
    /// Only where the category was asked for.
    pub(super) sign: Option<Sign>,
    /// Only where none was given.
    pub(super) code: Option<Box<(Rank, Box<str>)>>,
}

/// An entry with where its numbers are, in one line of the processor's memory where pointers have 32 bits.
#[repr(align(64))]
struct Slot {
    key_len: u16,
    number_count: u16,
    first_number: u32,
    entry: Entry,
}

#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Slot>() == 64);

#[derive(Default)]
pub(super) struct Memo {
    slots: Vec<Slot>,
    index: HashTable<Place>,
    keys: Vec<u8>,
    numbers: Vec<u64>,
}

/// Where an entry and its key are, with a part of the key's hash: nothing far away is looked at in vain, and neither waits
/// for the other.
struct Place {
    tag: u32,
    at: u32,
    key: u32,
}

impl Memo {
    pub(super) fn find(&self, key: &[u8]) -> Option<usize> {
        let hash = quick_hash(key);
        let is_it = |place: &Place| {
            let end = place.key as usize + key.len();
            place.tag == hash as u32
                && usize::from(self.slots[place.at as usize].key_len) == key.len()
                && self.keys.get(place.key as usize..end).is_some_and(|known| same(known, key))
        };
        self.index.find(tag_hash(hash as u32), is_it).map(|place| place.at as usize)
    }

    /// Keeps what was read of a text whose key is not there yet.
    pub(super) fn keep(&mut self, key: &[u8], entry: Entry, numbers: &[u64]) -> usize {
        let at = self.slots.len();
        // A key has at most a few hundred bytes, and a text no more numbers than bytes.
        self.slots.push(Slot {
            key_len: key.len() as u16,
            number_count: numbers.len() as u16,
            first_number: self.numbers.len() as u32,
            entry,
        });
        let tag = quick_hash(key) as u32;
        let place = Place { tag, at: at as u32, key: self.keys.len() as u32 };
        self.keys.extend_from_slice(key);
        self.numbers.extend_from_slice(numbers);
        self.index.insert_unique(tag_hash(tag), place, |place| tag_hash(place.tag));
        at
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn entry(&self, at: usize) -> &Entry {
        &self.slots[at].entry
    }

    pub(super) fn entry_mut(&mut self, at: usize) -> &mut Entry {
        &mut self.slots[at].entry
    }

    pub(super) fn numbers(&self, at: usize) -> &[u64] {
        let slot = &self.slots[at];
        &self.numbers[slot.first_number as usize..][..usize::from(slot.number_count)]
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.index.clear();
        self.keys.clear();
        self.numbers.clear();
    }
}

/// Whether two keys are the same, in a form that compilers turn into vector code: a call that compares byte by byte
/// would take longer than everything else.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
