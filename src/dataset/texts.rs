//! The texts of one column of a chunk, held in the form that takes least room: one arena entry per row, one per different
//! text where texts repeat much, templates and arguments where they are alike, or numbers where they are GUIDs.
//!
//! Everything that reads or searches texts goes through here, so the way they are held can change without touching a
//! caller. What belongs to one form only is in `templates` and `guids`.
//!
//! Invariant: every form gives back, byte for byte, the texts it was made from.

use std::borrow::Cow;

use hashbrown::{HashSet, HashTable};

use super::bits::Bits;
use super::guids::Guids;
use super::needle::Needle;
use super::packed::Packed;
use super::splitter::JUDGED_AFTER;
use super::templates::{Templates, are_worth_splitting};
use super::text_arena::TextArena;
use super::text_hash;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// One text per row.
    Plain(TextArena),
    /// Different texts, and which of them each row has.
    Repeated(TextArena, Packed),
    Templates(Templates),
    Guids(Guids),
}

impl Texts {
    /// From one text per row; chooses how to hold them.
    pub(super) fn new(mut rows: TextArena) -> Self {
        if let Some(guids) = Guids::new(&rows) {
            return Self::Guids(guids);
        }
        let repeated = fold_repetitions(&rows);
        let folded =
            repeated.as_ref().map(|(texts, codes)| texts.held_bytes() + codes.held_bytes());
        // Where whole texts repeat much, templates would save little more and cost time.
        if folded.is_none_or(|bytes| bytes > rows.text().len() / 4)
            && let Some(templates) = Templates::new(&rows)
            && folded.is_none_or(|bytes| templates.held_bytes() < bytes)
        {
            return Self::Templates(templates);
        }
        match repeated {
            Some((texts, codes)) => Self::Repeated(texts, codes),
            None => {
                rows.shrink();
                Self::Plain(rows)
            }
        }
    }

    /// Whether a column whose first texts are these is likely to be held as templates: they are no GUIDs, and few come twice.
    pub(super) fn begin_as_templates(first: &TextArena) -> bool {
        let different: HashSet<u64> = first.iter().map(text_hash).collect();
        are_worth_splitting(first.len(), first.text().len())
            && repeat_little(different.len(), first.len())
            && Guids::new(first).is_none()
    }

    /// From different texts and which each row has, as stored; `None` if they do not fit together.
    pub(super) fn from_repeated(texts: TextArena, codes: Packed) -> Option<Self> {
        let fits = codes.max().is_none_or(|most| (most as usize) < texts.len());
        fits.then_some(Self::Repeated(texts, codes))
    }

    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Plain(texts) => texts.len(),
            Self::Repeated(_, codes) => codes.len(),
            Self::Templates(templates) => templates.rows(),
            Self::Guids(guids) => guids.rows(),
        }
    }

    pub(super) fn get(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Repeated(texts, codes) => texts.get(codes.get(row) as usize).into(),
            _ => self.entry(row),
        }
    }

    /// Whether a row has no text.
    pub(super) fn is_empty(&self, row: usize) -> bool {
        match self {
            Self::Plain(texts) => texts.get(row).is_empty(),
            Self::Repeated(texts, codes) => texts.get(codes.get(row) as usize).is_empty(),
            Self::Templates(templates) => templates.is_empty(row),
            Self::Guids(guids) => guids.is_empty(row),
        }
    }

    /// How many texts there are: as many as rows, or different ones.
    pub(super) fn entries(&self) -> usize {
        match self {
            Self::Repeated(texts, _) => texts.len(),
            _ => self.rows(),
        }
    }

    /// Whether no text is empty.
    pub(super) fn entries_are_filled(&self) -> bool {
        match self {
            Self::Plain(texts) | Self::Repeated(texts, _) => {
                texts.offsets().array_windows().all(|[start, end]| start < end)
            }
            Self::Templates(templates) => (0..templates.rows()).all(|row| !templates.is_empty(row)),
            Self::Guids(guids) => !guids.any_empty(),
        }
    }

    pub(super) fn entry_is_empty(&self, entry: usize) -> bool {
        match self {
            Self::Plain(texts) | Self::Repeated(texts, _) => texts.get(entry).is_empty(),
            _ => self.is_empty(entry),
        }
    }

    /// The texts themselves, where they are held as they are.
    pub(super) fn arena(&self) -> Option<&TextArena> {
        match self {
            Self::Plain(texts) | Self::Repeated(texts, _) => Some(texts),
            Self::Templates(_) | Self::Guids(_) => None,
        }
    }

    /// The numbers, where the texts are held as numbers.
    pub(super) fn guids(&self) -> Option<&Guids> {
        match self {
            Self::Guids(guids) => Some(guids),
            _ => None,
        }
    }

    /// The text of an entry.
    pub(super) fn entry(&self, entry: usize) -> Cow<'_, str> {
        if let Self::Plain(texts) | Self::Repeated(texts, _) = self {
            return texts.get(entry).into();
        }
        let mut text = String::new();
        self.read_entry(entry, &mut text);
        text.into()
    }

    /// At least as many bytes as the text of an entry has.
    pub(super) fn room(&self, entry: usize) -> usize {
        match self {
            Self::Plain(texts) | Self::Repeated(texts, _) => texts.get(entry).len(),
            Self::Templates(templates) => templates.room(entry),
            Self::Guids(guids) => guids.with(entry, str::len),
        }
    }

    /// Adds the text of an entry to a text.
    pub(super) fn read_entry(&self, entry: usize, into: &mut String) {
        match self {
            Self::Plain(texts) | Self::Repeated(texts, _) => into.push_str(texts.get(entry)),
            Self::Templates(templates) => templates.read(entry, into),
            Self::Guids(guids) => guids.with(entry, |text| into.push_str(text)),
        }
    }

    /// The text of a row as a number, where it is a GUID held as one.
    pub(super) fn guid(&self, row: usize) -> Option<u128> {
        self.guids()?.guid(row)
    }

    /// Calls `with` with the text of a row, which is nowhere kept if it must be made first.
    pub(super) fn with<T>(&self, row: usize, with: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Guids(guids) => guids.with(row, with),
            _ => with(&self.get(row)),
        }
    }

    /// The text of a row, which is made in `buffer` if it is nowhere kept.
    pub(super) fn read<'a>(&'a self, row: usize, buffer: &'a mut String) -> &'a str {
        match self {
            Self::Plain(texts) => texts.get(row),
            Self::Repeated(texts, codes) => texts.get(codes.get(row) as usize),
            _ => {
                buffer.clear();
                self.read_entry(row, buffer);
                buffer
            }
        }
    }

    /// The rows of every entry, entry by entry: where each entry's rows begin, and the rows. `None` where row and
    /// entry are the same number.
    pub(super) fn rows_by_entry(&self) -> Option<(Vec<u32>, Vec<u32>)> {
        let Self::Repeated(texts, codes) = self else { return None };
        let mut starts = vec![0; texts.len() + 1];
        codes.for_each(|entry| starts[entry as usize + 1] += 1);
        for entry in 0..texts.len() {
            starts[entry + 1] += starts[entry];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; codes.len()];
        let mut row = 0;
        codes.for_each(|entry| {
            let at = &mut next[entry as usize];
            rows[*at as usize] = row;
            *at += 1;
            row += 1;
        });
        Some((starts, rows))
    }

    /// The rows whose text holds the needle.
    pub(super) fn search(&self, needle: &Needle) -> Bits {
        match self {
            Self::Plain(texts) => needle.search(texts),
            Self::Repeated(texts, codes) => codes.among(&needle.search(texts)),
            Self::Templates(templates) => templates.search(needle),
            Self::Guids(_) => self.search_among(needle, &Bits::all(self.rows())),
        }
    }

    /// Those of some rows whose text holds the needle, looked at one by one.
    pub(super) fn search_among(&self, needle: &Needle, rows: &Bits) -> Bits {
        let mut hits = Bits::none(rows.len());
        let mut made = String::new();
        rows.for_each(|row| {
            let held = match self {
                Self::Templates(templates) => {
                    made.clear();
                    templates.read(row, &mut made);
                    needle.is_in(&made)
                }
                _ => self.with(row, |text| needle.is_in(text)),
            };
            if held {
                hits.set(row);
            }
        });
        hits
    }

    /// Of how many rows one may be looked at by itself before it would be faster to search all of them.
    pub(super) fn rows_searched_at_once(&self) -> usize {
        match self {
            Self::Templates(_) => 64,
            _ => 8,
        }
    }

    /// Forgets the texts of rows: what no other row has is gone from memory, and they read as empty where each row
    /// has an entry of its own.
    pub(super) fn erase(&mut self, gone: &Bits) {
        match self {
            Self::Plain(texts) => *texts = texts.keeping(|row| !gone.get(row)),
            Self::Repeated(texts, codes) => {
                let mut used = Bits::none(texts.len());
                (0..codes.len())
                    .filter(|row| !gone.get(*row))
                    .for_each(|row| used.set(codes.get(row) as usize));
                *texts = texts.keeping(|entry| used.get(entry));
            }
            Self::Templates(templates) => *templates = templates.without(gone),
            Self::Guids(guids) => *guids = guids.without(gone),
        }
    }

    /// A copy in which the rows `gone` are empty.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        match self {
            Self::Templates(templates) => Self::Templates(templates.without(gone)),
            Self::Guids(guids) => Self::Guids(guids.without(gone)),
            Self::Plain(texts) => Self::new(texts.keeping(|row| !gone.get(row))),
            Self::Repeated(texts, codes) => {
                let mut rows = TextArena::with_capacity(codes.len(), 0);
                let text = |row| texts.get(codes.get(row) as usize);
                (0..codes.len())
                    .for_each(|row| rows.push(if gone.get(row) { "" } else { text(row) }));
                Self::new(rows)
            }
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Plain(texts) => texts.held_bytes(),
            Self::Repeated(texts, codes) => texts.held_bytes() + codes.held_bytes(),
            Self::Templates(templates) => templates.held_bytes(),
            Self::Guids(guids) => guids.held_bytes(),
        }
    }
}

/// Two thirds different is too many to be held once: the codes and the search through them would not pay.
fn repeat_little(different: usize, rows: usize) -> bool {
    different * 3 > rows * 2
}

/// Different texts and each row's code, where that takes less room than the texts themselves.
fn fold_repetitions(rows: &TextArena) -> Option<(TextArena, Packed)> {
    let mut different = TextArena::default();
    let mut index: HashTable<u32> = HashTable::new();
    let mut codes = Vec::with_capacity(rows.len());
    for (row, text) in rows.iter().enumerate() {
        let judged = row >= JUDGED_AFTER && row.is_power_of_two();
        if judged && repeat_little(different.len(), row) {
            return None;
        }
        let hash = text_hash(text);
        let entry = index.entry(
            hash,
            |code| different.get(*code as usize) == text,
            |code| text_hash(different.get(*code as usize)),
        );
        codes.push(match entry {
            hashbrown::hash_table::Entry::Occupied(known) => *known.get(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let code = different.len() as u32;
                place.insert(code);
                different.push(text);
                code
            }
        });
    }
    let codes = Packed::new(&codes);
    different.shrink();
    let pays = different.held_bytes() + codes.held_bytes()
        < (rows.text().len() + rows.offsets().len() * 4) / 4 * 3;
    pays.then_some((different, codes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(rows: impl IntoIterator<Item = &'a str>) -> Texts {
        let mut arena = TextArena::default();
        rows.into_iter().for_each(|row| arena.push(row));
        Texts::new(arena)
    }

    #[test]
    fn repeating_texts_are_held_once() {
        let folded = texts((0..100).map(|at| ["tax group missing", "", "locked"][at % 3]));
        assert_eq!(folded.entries(), 3);
        assert_eq!((folded.rows(), &*folded.get(98)), (100, "locked"));
        assert_eq!(folded.search(&Needle::new("TAX").unwrap()).count(), 34);
        let different: Vec<String> = (0..5_000).map(|at| format!("row {at}")).collect();
        let plain = texts(different.iter().map(String::as_str));
        assert_eq!((plain.entries(), &*plain.get(4_999)), (5_000, "row 4999"));
    }

    #[test]
    fn erased_texts_leave_memory_unless_another_row_has_them() {
        for repeat in [1, 40] {
            let mut column = texts(["secret", "shared", "shared"].repeat(repeat));
            let mut gone = Bits::none(column.rows());
            (0..column.rows()).step_by(3).for_each(|row| gone.set(row));
            gone.set(1);
            let copy = column.without(&gone);
            column.erase(&gone);
            for column in [&column, &copy] {
                assert!(!format!("{column:?}").contains("secret"));
                assert_eq!((&*column.get(0), &*column.get(2)), ("", "shared"));
            }
            assert_eq!(copy.get(1), "");
        }
    }
}
