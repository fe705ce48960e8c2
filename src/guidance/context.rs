//! What the words before a place in a message mean for those behind it: enough to read on from there without them.
//!
//! Invariant: where [`super::token::Tokens::context`] gives one for a sentence that ends with a full stop, the tokens of the
//! sentence are the same in front of a blank and a capital letter, and those behind it are the same read in this context.

use super::vocabulary::Keyword;

/// What was read so far, as far as it counts for what is read next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// The words before, where they steer what follows.
    pub(super) previous: Option<Keyword>,
    pub(super) before_previous: Option<Keyword>,
    /// The last token was a value.
    pub(super) after_value: bool,
    /// A value follows, whatever it looks like.
    pub(super) value_follows: bool,
    /// Within `Cannot create a record in <table>. <label>: <key>`; the next colon announces a key.
    pub(super) names_record: bool,
    pub(super) key_follows: bool,
    /// The value before was a key in capitals or a party's name.
    pub(super) key_before: bool,
    /// Whether the last letter was a small one, if there was any.
    pub(super) small_letter: Option<bool>,
    /// The last token that counts was a value.
    pub(super) counted_value: bool,
}

impl Context {
    /// Different bytes for different contexts.
    pub(super) fn bytes(self) -> [u8; 3] {
        let word = |keyword: Option<Keyword>| keyword.map_or(0, |keyword| keyword as u8 + 1);
        let letter = match self.small_letter {
            None => [false, false],
            Some(small) => [true, small],
        };
        let flags = [
            self.after_value,
            self.value_follows,
            self.names_record,
            self.key_follows,
            self.key_before,
            self.counted_value,
        ];
        let flags = flags.into_iter().chain(letter);
        let flags = flags.fold(0, |bits, flag| bits << 1 | u8::from(flag));
        [word(self.previous), word(self.before_previous), flags]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn different_contexts_have_different_bytes() {
        let words = [None, Some(Keyword::Article), Some(Keyword::At), Some(Keyword::With)];
        let mut all = HashSet::new();
        let mut count = 0;
        for (previous, before_previous) in
            words.iter().flat_map(|one| words.iter().map(move |other| (*one, *other)))
        {
            for small_letter in [None, Some(false), Some(true)] {
                for flags in 0..64_u8 {
                    let flag = |at: u8| flags >> at & 1 == 1;
                    let context = Context {
                        previous,
                        before_previous,
                        after_value: flag(0),
                        value_follows: flag(1),
                        names_record: flag(2),
                        key_follows: flag(3),
                        key_before: flag(4),
                        small_letter,
                        counted_value: flag(5),
                    };
                    all.insert(context.bytes());
                    count += 1;
                }
            }
        }
        assert_eq!(all.len(), count);
    }
}
