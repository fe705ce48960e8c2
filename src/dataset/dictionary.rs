//! The different texts of a column of few values, numbered in the order they were met.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::glance::same_bytes;
use super::text_arena::TextArena;
use super::text_hash;

#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    texts: TextArena,
    index: HashTable<u32>,
}

impl Dictionary {
    /// The text's number, a new one if it is new.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        let texts = &mut self.texts;
        let entry = self.index.entry(
            text_hash(text),
            |code| same_bytes(texts.bytes(*code as usize), text.as_bytes()),
            |code| text_hash(texts.get(*code as usize)),
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let code = texts.len() as u32;
                place.insert(code);
                texts.push(text);
                code
            }
        }
    }

    /// The number of a text, if it is known.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        let is_it = |code: &u32| self.is(*code, text);
        self.index.find(text_hash(text), is_it).copied()
    }

    pub(super) fn is(&self, code: u32, text: &str) -> bool {
        same_bytes(self.texts.bytes(code as usize), text.as_bytes())
    }

    pub(super) fn get(&self, code: u32) -> &str {
        self.texts.get(code as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter()
    }

    pub(super) fn into_texts(self) -> TextArena {
        self.texts
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.texts.held_bytes() + self.index.allocation_size()
    }
}
