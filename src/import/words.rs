//! What was made of words that come again and again: entities, categories, codes.
//!
//! Invariant: asked again for a word, the same is answered as the first time.

use hashbrown::HashMap;

use crate::dataset::{Glance, same_text};

/// Words kept at most; a hostile file could make each one different.
const MOST: usize = 16_384;

/// Places for words met lately, told apart at a glance.
const LATELY: usize = 256;

/// A memo of words.
#[derive(Debug)]
pub(super) struct Words<T> {
    places: HashMap<String, u32>,
    made: Vec<(String, T)>,
    lately: Vec<(Glance, u32)>,
}

const NOTHING: u32 = u32::MAX;

impl<T> Default for Words<T> {
    fn default() -> Self {
        let lately = vec![(Glance::default(), NOTHING); LATELY];
        Self { places: HashMap::new(), made: Vec::new(), lately }
    }
}

impl<T> Words<T> {
    /// What was made of the word, or now is.
    pub(super) fn get(&mut self, word: &str, make: impl FnOnce(&str) -> T) -> &T {
        let glance = Glance::at(word);
        let slot = glance.slot(LATELY);
        let (known, at) = self.lately[slot];
        let is_same = at != NOTHING
            && known == glance
            && (glance.is_whole() || same_text(&self.made[at as usize].0, word));
        let at = if is_same { at } else { self.find(word, make) };
        self.lately[slot] = (glance, at);
        &self.made[at as usize].1
    }

    #[inline(never)]
    fn find(&mut self, word: &str, make: impl FnOnce(&str) -> T) -> u32 {
        if let Some(at) = self.places.get(word) {
            return *at;
        }
        if self.made.len() >= MOST {
            *self = Self::default();
        }
        let at = self.made.len() as u32;
        self.made.push((word.to_owned(), make(word)));
        self.places.insert(word.to_owned(), at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_made_once_while_it_is_kept() {
        let mut words = Words::default();
        for turn in 0..3 {
            for number in 0..2_000 {
                let word = format!("a longer word with number {number} within it");
                assert_eq!(*words.get(&word, |_| (turn, number)), (0, number));
                assert_eq!(*words.get(&number.to_string(), |_| (turn, number)), (0, number));
            }
        }
        for number in 0..MOST {
            words.get(&format!("x{number}"), |_| (9, number));
        }
        assert!(words.made.len() <= MOST);
        assert_eq!(*words.get("0", |_| (7, 7)), (7, 7));
    }
}
