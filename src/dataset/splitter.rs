//! Texts on their way into templates and arguments, some at a time: what was split is needed no more, so that a million
//! messages never lie in memory whole.
//!
//! Pieces are copied sixteen bytes at a time, a little too far, and what follows is copied over that: calls for pieces of
//! a few bytes cost more than the bytes.
//!
//! Invariant: what comes out does not depend on how many texts are taken at a time.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::glance::same_bytes;
use super::packed::Packed;
use super::split::{Argument, Marks};
use super::templates::{BETWEEN, GUID, NUMBER, Templates, VERBATIM, is_own_template};
use super::text_arena::TextArena;
use crate::domain::{quick_hash, tag_hash};

/// Rows looked at before the saving is judged for the first time.
pub(super) const JUDGED_AFTER: usize = 2_048;

#[derive(Debug, Default)]
pub(super) struct Splitter {
    distinct: Distinct,
    codes: Vec<u32>,
    arguments: Pieces,
    /// Where the arguments of each row end.
    ends: Vec<u32>,
    /// The template at hand.
    template: Pieces,
    marks: Marks,
    /// Bytes of the texts so far.
    plain: usize,
}

impl Splitter {
    /// With room for so many texts and bytes of arguments.
    pub(super) fn with_room(rows: usize, bytes: usize) -> Self {
        Self {
            codes: Vec::with_capacity(rows),
            ends: Vec::with_capacity(rows),
            arguments: Pieces { bytes: vec![0; bytes], len: 0 },
            ..Self::default()
        }
    }

    /// Empty, with room for what this one holds and a little more.
    pub(super) fn room_alike(&self) -> Self {
        let arguments = self.arguments.len + self.arguments.len / 16;
        let distinct = Distinct {
            texts: self.distinct.texts.room_alike(),
            places: HashTable::with_capacity(self.distinct.texts.len()),
        };
        Self { distinct, ..Self::with_room(self.codes.len(), arguments) }
    }

    /// Takes the next texts. Whether `pays` says yes to the bytes that some rows take, and to what they would take as they
    /// are, each time that it is asked: after the first rows, and whenever there are twice as many.
    pub(super) fn take(&mut self, rows: &TextArena, pays: impl Fn(usize, usize) -> bool) -> bool {
        let bytes = rows.text().as_bytes();
        self.marks.read(bytes);
        let any_verbatim = memchr::memchr3(NUMBER, GUID, VERBATIM, bytes).is_some();
        let mut paid = true;
        for [start, end] in rows.offsets().array_windows() {
            let (start, end) = (*start as usize, *end as usize);
            let row = self.codes.len();
            if row >= JUDGED_AFTER && row.is_power_of_two() {
                let held = self.distinct.texts.text().len() + self.arguments.len + row * 6;
                paid &= pays(held, self.plain + row * 4);
            }
            self.plain += end - start;
            self.template.len = 0;
            if any_verbatim && is_own_template(&bytes[start..end]) {
                self.template.byte(VERBATIM);
                self.template.add(bytes, start, end);
            } else {
                let (mut copied, arguments, template) =
                    (start, &mut self.arguments, &mut self.template);
                self.marks.arguments(bytes, (start, end), |from, to, kind| {
                    if copied > start {
                        arguments.byte(BETWEEN);
                    }
                    arguments.add(bytes, from, to);
                    template.add(bytes, copied, from);
                    template.byte(match kind {
                        Argument::Number => NUMBER,
                        Argument::Guid => GUID,
                    });
                    copied = to;
                });
                if copied == start {
                    // Without arguments a text is its own template.
                    self.codes.push(self.distinct.code(&bytes[start..end]));
                    self.ends.push(self.arguments.len as u32);
                    continue;
                }
                self.template.add(bytes, copied, end);
            }
            self.ends.push(self.arguments.len as u32);
            self.codes.push(self.distinct.code(self.template.all()));
        }
        paid
    }

    pub(super) fn rows(&self) -> usize {
        self.codes.len()
    }

    /// Bytes of the texts so far.
    pub(super) fn plain_bytes(&self) -> usize {
        self.plain
    }

    pub(super) fn finish(mut self) -> Templates {
        self.distinct.texts.shrink();
        self.arguments.bytes.truncate(self.arguments.len);
        self.arguments.bytes.shrink_to_fit();
        let arguments = String::from_utf8(self.arguments.bytes).ok();
        let arguments = arguments.and_then(|text| TextArena::from_parts(&self.ends, text));
        let arguments = arguments.expect("digits, hyphens and blanks are text");
        Templates::of_parts(self.distinct.texts, Packed::new(&self.codes), arguments)
    }
}

/// Bytes put together of pieces. Behind them is room that holds anything.
#[derive(Debug, Default)]
struct Pieces {
    bytes: Vec<u8>,
    len: usize,
}

const STEP: usize = 16;

impl Pieces {
    fn all(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn byte(&mut self, byte: u8) {
        self.make_room(1);
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn add(&mut self, bytes: &[u8], from: usize, to: usize) {
        self.make_room(to - from);
        let (mut at, mut out) = (from, self.len);
        self.len += to - from;
        while out < self.len {
            let (Some(piece), Some(place)) =
                (bytes[at..].first_chunk::<STEP>(), self.bytes[out..].first_chunk_mut::<STEP>())
            else {
                // At the end of all texts.
                self.bytes[out..self.len].copy_from_slice(&bytes[at..to]);
                return;
            };
            *place = *piece;
            (at, out) = (at + STEP, out + STEP);
        }
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        let needed = self.len + more + STEP;
        if self.bytes.len() < needed {
            self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
        }
    }
}

/// Different texts, and which is which.
#[derive(Debug, Default)]
struct Distinct {
    texts: TextArena,
    places: HashTable<Place>,
}

/// Where a text is, with a part of its hash: of what lies far away, only the text itself is looked at.
#[derive(Debug)]
struct Place {
    tag: u32,
    start: u32,
    len: u32,
    code: u32,
}

impl Distinct {
    fn code(&mut self, text: &[u8]) -> u32 {
        let tag = quick_hash(text) as u32;
        let all = self.texts.text().as_bytes();
        let is_it = |place: &Place| {
            let start = place.start as usize;
            place.tag == tag
                && place.len as usize == text.len()
                && all.get(start..start + text.len()).is_some_and(|known| same_bytes(known, text))
        };
        match self.places.entry(tag_hash(tag), is_it, |place| tag_hash(place.tag)) {
            Entry::Occupied(known) => known.get().code,
            Entry::Vacant(place) => {
                let (start, code) = (all.len() as u32, self.texts.len() as u32);
                place.insert(Place { tag, start, len: text.len() as u32, code });
                let text = simdutf8::basic::from_utf8(text);
                self.texts.push(text.expect("texts are cut beside ASCII only"));
                code
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_comes_out_does_not_depend_on_how_many_are_taken_at_a_time(
            texts in prop::collection::vec("([ -~]{0,40}|[a-zé]{1,4}|[0-9]{1,20}|\u{1}|01234567-89ab-cdef-ABCD-EF0123456789){0,4}", 0..60),
            cuts in prop::collection::vec(1..9_usize, 60),
        ) {
            let arena = |texts: &[String]| {
                let mut arena = TextArena::default();
                texts.iter().for_each(|text| arena.push(text));
                arena
            };
            let mut once = Splitter::default();
            once.take(&arena(&texts), |_, _| true);
            let mut by_and_by = Splitter::with_room(3, 5);
            let mut rest = &texts[..];
            for cut in cuts {
                let (some, more) = rest.split_at(cut.min(rest.len()));
                by_and_by.take(&arena(some), |_, _| true);
                rest = more;
            }
            prop_assert_eq!(by_and_by.plain_bytes(), texts.concat().len());
            let templates = once.finish();
            for (row, text) in texts.iter().enumerate() {
                let mut read = String::new();
                templates.read(row, &mut read);
                prop_assert_eq!(&read, text);
            }
            prop_assert_eq!(by_and_by.finish(), templates);
        }
    }
}
