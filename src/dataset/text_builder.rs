//! The column of messages while rows come in: texts as they are, or, once it is clear that this is how they will be held,
//! templates and arguments.
//!
//! The first rows of a chunk decide. Should the rest turn out to be different, the texts are made again.
//!
//! Invariant: the column made is one of those that [`Texts::new`] may make, and gives back the texts that were added.

use super::splitter::{JUDGED_AFTER, Splitter};
use super::templates::{Templates, are_worth_splitting, saves};
use super::text_arena::TextArena;
use super::texts::Texts;

/// Bytes of texts that are split together: they are still near in memory.
const TOGETHER: usize = 32 << 10;

#[derive(Debug, Default)]
pub(super) struct TextBuilder {
    /// Texts as they are, those that were split left out.
    texts: TextArena,
    splitter: Option<Splitter>,
    /// Room for what is split.
    room: Splitter,
    /// Whether the first rows said that splitting does not pay, or further ones did.
    stays_whole: bool,
}

impl TextBuilder {
    pub(super) fn push(&mut self, text: &str) {
        if self.splitter.is_some() {
            if self.texts.text().len() >= TOGETHER {
                self.split();
            }
        } else if self.texts.len() == JUDGED_AFTER && !self.stays_whole {
            self.stays_whole = !Texts::begin_as_templates(&self.texts);
            if !self.stays_whole {
                self.splitter = Some(std::mem::take(&mut self.room));
                self.split();
            }
        }
        self.texts.push(text);
    }

    fn split(&mut self) {
        let Some(mut splitter) = self.splitter.take() else { return };
        let pays = splitter.take(&self.texts, saves);
        self.texts.clear();
        if pays && are_worth_splitting(splitter.rows(), splitter.plain_bytes()) {
            self.splitter = Some(splitter);
        } else {
            self.stays_whole = true;
            let plain = splitter.plain_bytes();
            self.texts = made_again(&splitter.finish(), plain);
        }
    }

    pub(super) fn finish(mut self) -> Texts {
        self.split();
        let Some(splitter) = self.splitter else { return Texts::new(self.texts) };
        let plain = splitter.plain_bytes();
        let templates = splitter.finish();
        if templates.saves_clearly(plain) {
            Texts::Templates(templates)
        } else {
            Texts::Plain(made_again(&templates, plain))
        }
    }

    /// An empty builder with room for what this one holds.
    pub(super) fn room_alike(&self) -> Self {
        let room = self.splitter.as_ref().map(Splitter::room_alike).unwrap_or_default();
        Self { texts: self.texts.room_alike(), room, ..Self::default() }
    }
}

fn made_again(templates: &Templates, bytes: usize) -> TextArena {
    let mut texts = TextArena::with_capacity(templates.rows(), bytes);
    for row in 0..templates.rows() {
        texts.build(|text| templates.read(row, text));
    }
    texts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(kind: usize, at: usize) -> String {
        let letters = |mut number: usize| {
            let mut word = String::new();
            while number > 0 {
                word.push(char::from(b'a' + (number % 26) as u8));
                number /= 26;
            }
            word
        };
        match kind {
            0 => format!(
                "Unable to look up Customers V3 with values CUST-{at:07}; attempt {}",
                at % 7
            ),
            1 => format!("{} is a name that no other message has, of {at}", letters(at * 7_919)),
            2 => format!("Customer group {} does not exist for the company of the record", at % 5),
            3 => format!("C-{at}"),
            _ => format!("{:08x}-0000-4000-8000-{at:012x}", at * 7),
        }
    }

    #[test]
    fn the_column_is_the_one_that_all_texts_together_make() {
        for first in 0..5 {
            for (then, rows) in
                (0..5).flat_map(|then| [1_000, 2_048, 2_049, 9_000].map(|rows| (then, rows)))
            {
                let (mut builder, mut arena) =
                    (TextBuilder::default().room_alike(), TextArena::default());
                for at in 0..rows {
                    let text = message(if at < 2_500 { first } else { then }, at);
                    builder.push(&text);
                    arena.push(&text);
                }
                let next = builder.room_alike();
                let (made, expected) = (builder.finish(), Texts::new(arena.clone()));
                let told = (first, then, rows);
                assert!((0..rows).all(|row| *made.get(row) == *arena.get(row)), "{told:?}");
                // GUIDs that come late are held as arguments.
                assert!(made == expected || then == 4, "{told:?}");
                assert_eq!(next.finish(), Texts::new(TextArena::default()));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn texts_come_back_in_any_mixture(kinds in prop::collection::vec((0..5_usize, 1..3_000_usize), 1..6)) {
            let mut builder = TextBuilder::default();
            let mut texts = Vec::new();
            for (kind, rows) in kinds {
                texts.extend((0..rows).map(|at| message(kind, at)));
            }
            texts.iter().for_each(|text| builder.push(text));
            let made = builder.finish();
            prop_assert_eq!(made.rows(), texts.len());
            prop_assert!((0..texts.len()).all(|row| *made.get(row) == *texts[row]));
        }
    }
}
