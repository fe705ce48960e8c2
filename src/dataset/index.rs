//! From an identity or an id to its row, without keeping either a second time: hash tables of row numbers.
//!
//! Invariant: every live row is found by its id and by no other text; a dismissed row is found by its identity only.

use hashbrown::HashTable;

use crate::domain::Identity;

use super::chunk::{Chunk, id_text};
use super::guids;
use super::{identity_hash, text_hash};

/// A row of the table in one number: chunk and row of the chunk. Ascending slots are the dump's order.
pub(super) type Slot = u32;

pub(super) fn slot(chunk: usize, row: usize) -> Slot {
    (chunk << 16 | row) as u32
}

/// Chunk and row of the chunk.
pub(super) fn place(slot: Slot) -> (usize, usize) {
    ((slot >> 16) as usize, (slot & 0xFFFF) as usize)
}

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Every row, also dismissed ones: their records must stay away.
    identities: HashTable<Slot>,
    /// Live rows whose id is not simply their identity.
    ids: HashTable<Slot>,
}

impl Index {
    /// Empty, with room for so many rows.
    pub(super) fn with_room(rows: usize) -> Self {
        Self { identities: HashTable::with_capacity(rows), ids: HashTable::with_capacity(rows) }
    }

    /// Takes up the rows of a chunk, which follows those taken up before, and gives an id of their own to those whose id another record has.
    pub(super) fn add(&mut self, chunks: &mut [Chunk], at: usize) {
        self.make_room(chunks, at);
        for row in 0..chunks[at].rows() {
            self.add_identity(chunks, slot(at, row));
            if !chunks[at].is_live(row) {
                continue;
            }
            let attempt = self.free_attempt(chunks, at, row);
            if attempt != chunks[at].suffix(row) {
                chunks[at].set_suffix(row, attempt);
            }
            self.add_id(chunks, slot(at, row));
        }
    }

    /// Takes up the rows of a chunk where every chunk has unique ids: no id gives way to another.
    pub(super) fn add_unique(&mut self, chunks: &[Chunk], at: usize) {
        self.make_room(chunks, at);
        for row in 0..chunks[at].rows() {
            self.add_identity(chunks, slot(at, row));
            if chunks[at].is_live(row) {
                self.add_id(chunks, slot(at, row));
            }
        }
    }

    /// All over again, after chunks moved. Ids stay as they are; those of a fresh chunk give way to them.
    pub(super) fn rebuild(&mut self, chunks: &mut [Chunk], fresh: usize) {
        *self = Self::with_room(chunks.iter().map(Chunk::rows).sum());
        for at in (0..chunks.len()).filter(|at| *at != fresh).chain([fresh]) {
            self.add(chunks, at);
        }
    }

    /// Grows the tables for the rows of a chunk. They are filled anew chunk by chunk, which reads memory in order;
    /// growing in place would read it in the order of the hashes and take several times as long.
    fn make_room(&mut self, chunks: &[Chunk], fresh: usize) {
        let rows = chunks[fresh].rows();
        let free = |table: &HashTable<Slot>| table.capacity() - table.len();
        if free(&self.identities).min(free(&self.ids)) >= rows {
            return;
        }
        let slots = (0..fresh).flat_map(|at| (0..chunks[at].rows()).map(move |row| slot(at, row)));
        // Chunks behind this one are taken up soon.
        let all = chunks.iter().map(Chunk::rows).sum();
        let room = (self.identities.len() * 2).max(all);
        self.identities = HashTable::with_capacity(room);
        slots.clone().for_each(|slot| self.add_identity(chunks, slot));
        self.ids = HashTable::with_capacity(room);
        slots.for_each(|slot| {
            let (chunk, row) = place(slot);
            if chunks[chunk].is_live(row) {
                self.add_id(chunks, slot);
            }
        });
    }

    /// The first row of an identity stands for it.
    fn add_identity(&mut self, chunks: &[Chunk], slot: Slot) {
        let wanted = identity(chunks, slot);
        self.identities
            .entry(
                identity_hash(wanted),
                |slot| identity(chunks, *slot) == wanted,
                |slot| identity_hash(identity(chunks, *slot)),
            )
            .or_insert(slot);
    }

    /// The first row of this identity, dismissed or not.
    pub(super) fn by_identity(&self, chunks: &[Chunk], wanted: Identity) -> Option<Slot> {
        self.identities
            .find(identity_hash(wanted), |slot| identity(chunks, *slot) == wanted)
            .copied()
    }

    /// The live row that has this id.
    pub(super) fn by_id(&self, chunks: &[Chunk], text: &str) -> Option<Slot> {
        let told = match guids::number(text) {
            Some(number) => self.by_guid(chunks, text, number),
            None => self.by_text(chunks, text_hash(text), text),
        };
        told.or_else(|| {
            let slot = self.by_identity(chunks, identity_from_digits(text)?)?;
            let (chunk, row) = place(slot);
            (chunks[chunk].is_live(row) && chunks[chunk].has_derived_id(row)).then_some(slot)
        })
    }

    fn by_text(&self, chunks: &[Chunk], hash: u64, text: &str) -> Option<Slot> {
        let is_it = |slot: &Slot| {
            let (chunk, row) = place(*slot);
            chunks[chunk].with_id(row, |id| id == text)
        };
        self.ids.find(hash, is_it).copied()
    }

    /// Numbers are compared where the id is held as one, and only elsewhere texts.
    fn by_guid(&self, chunks: &[Chunk], text: &str, number: u128) -> Option<Slot> {
        let is_it = |slot: &Slot| {
            let (chunk, row) = place(*slot);
            let chunk = &chunks[chunk];
            chunk
                .guid(row)
                .map_or_else(|| chunk.with_id(row, |id| id == text), |other| other == number)
        };
        self.ids.find(guid_hash(number), is_it).copied()
    }

    /// A row about to be dismissed is found by its id no more.
    pub(super) fn forget_id(&mut self, chunks: &[Chunk], slot: Slot) {
        let (chunk, row) = place(slot);
        let hash = id_hash(&chunks[chunk], row);
        if let Ok(entry) = self.ids.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
    }

    fn add_id(&mut self, chunks: &[Chunk], slot: Slot) {
        let (chunk, row) = place(slot);
        let derived = chunks[chunk].has_derived_id(row);
        if derived && self.by_identity(chunks, chunks[chunk].identity(row)) == Some(slot) {
            return;
        }
        let hash_of = |slot: &Slot| {
            let (chunk, row) = place(*slot);
            id_hash(&chunks[chunk], row)
        };
        self.ids.insert_unique(hash_of(&slot), slot, hash_of);
    }

    /// The first attempt, from the one the row has, that gives an id no other record has.
    fn free_attempt(&self, chunks: &[Chunk], at: usize, row: usize) -> u8 {
        let (chunk, this) = (&chunks[at], slot(at, row));
        if let Some(number) = chunk.guid(row) {
            let hash = guid_hash(number);
            let same_hash = |other: &Slot| {
                let (other, row) = place(*other);
                id_hash(&chunks[other], row) == hash
            };
            if self.ids.find(hash, same_hash).is_none() {
                return 0;
            }
        }
        let taken = |text: &str| self.by_id(chunks, text).is_some_and(|other| other != this);
        let first = chunk.suffix(row);
        if !chunk.with_id(row, taken) {
            return first;
        }
        let own = chunk.details().ids.get(row);
        (first + 1..u8::MAX)
            .find(|attempt| !taken(&id_text(&own, chunk.identity(row), *attempt)))
            .unwrap_or(u8::MAX)
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.identities.allocation_size() + self.ids.allocation_size()
    }
}

/// The same for every way the id may be held.
fn id_hash(chunk: &Chunk, row: usize) -> u64 {
    let of_text = |id: &str| guids::number(id).map_or_else(|| text_hash(id), guid_hash);
    chunk.guid(row).map_or_else(|| chunk.with_id(row, of_text), guid_hash)
}

fn guid_hash(number: u128) -> u64 {
    identity_hash(Identity(number))
}

fn identity(chunks: &[Chunk], slot: Slot) -> Identity {
    let (chunk, row) = place(slot);
    chunks[chunk].identity(row)
}

/// The reverse of how an identity is shown; `None` for any other way of writing it.
pub(super) fn identity_from_digits(text: &str) -> Option<Identity> {
    let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 32 || !text.bytes().all(digits) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(Identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shown_form_names_an_identity() {
        let identity = Identity(0x00ab_cdef);
        assert_eq!(identity_from_digits(&identity.to_string()), Some(identity));
        assert_eq!(identity_from_digits(&identity.to_string().to_uppercase()), None);
        assert_eq!(identity_from_digits("abcdef"), None);
        assert_eq!(identity_from_digits(&format!("+{:031x}", 5)), None);
    }
}
