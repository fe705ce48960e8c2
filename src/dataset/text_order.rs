//! The order of all rows by a column of texts, without ever holding all texts at once.
//!
//! Texts that are held as they are, are sorted where they lie. All others are built when they are needed: first only
//! as far as tells them into groups that begin alike, which for most is known from their template; then group by
//! group, as many at a time as there is room for.
//!
//! Deliberately absent: the sorting of texts that are there (`text_sort`).

use std::borrow::Cow;

use super::bits::Bits;
use super::chunk::Chunk;
use super::index::{Slot, place, slot};
use super::order::Order;
use super::templates::Templates;
use super::text_arena::TextArena;
use super::text_sort::{STEP, Sorting, word};
use super::texts::Texts;

/// Bytes of texts that are built at a time.
const ROOM: usize = 32 << 20;

/// A text of the arena of a chunk, as if it were a row.
type Entry = Slot;

/// The texts of a column in one chunk, held or made for the purpose.
pub(super) type ColumnTexts<'a> = Cow<'a, Texts>;

impl<'a> From<&'a Texts> for ColumnTexts<'a> {
    fn from(texts: &'a Texts) -> Self {
        Cow::Borrowed(texts)
    }
}

impl Chunk {
    /// The ids that rows have in answers.
    pub(super) fn id_texts(&self) -> ColumnTexts<'_> {
        if self.has_plain_ids() {
            return Cow::Borrowed(&self.columns.ids);
        }
        let mut ids = TextArena::with_capacity(self.rows(), self.rows() * 32);
        (0..self.rows()).for_each(|row| ids.push(&self.id(row)));
        Cow::Owned(Texts::new(ids))
    }
}

/// The order of all rows by a text column, given chunk by chunk.
pub(super) fn by_text<'a>(columns: impl Iterator<Item = ColumnTexts<'a>>) -> Order {
    let columns: Vec<ColumnTexts<'a>> = columns.collect();
    let arenas: Option<Vec<&TextArena>> = columns.iter().map(|texts| texts.arena()).collect();
    let (keyed, starts) = match arenas {
        Some(arenas) => {
            let mut sorting = Sorting {
                keyed: filled(&columns).map(|entry| (0, entry)).collect(),
                starts: Bits::default(),
                text: |entry| {
                    let (chunk, entry) = place(entry);
                    arenas[chunk].get(entry).as_bytes()
                },
            };
            sorting.starts = Bits::none(sorting.keyed.len());
            sorting.sort(0);
            (sorting.keyed, sorting.starts)
        }
        None => Building::sort(&columns, ROOM),
    };
    expand(&columns, keyed.into_iter().map(|(_, entry)| entry), &starts)
}

/// All entries that have a text.
fn filled(columns: &[ColumnTexts<'_>]) -> impl Iterator<Item = Entry> {
    columns.iter().enumerate().flat_map(|(chunk, texts)| {
        let entries = 0..texts.entries();
        entries.filter(|entry| !texts.entry_is_empty(*entry)).map(move |entry| slot(chunk, entry))
    })
}

/// Sorting of texts that are built for it.
struct Building<'a> {
    columns: &'a [ColumnTexts<'a>],
    /// Most bytes of texts at a time.
    room: usize,
    keyed: Vec<(u64, Entry)>,
    starts: Bits,
    /// Texts of a group, and whose they are.
    texts: TextArena,
    entries: Vec<Entry>,
}

impl<'a> Building<'a> {
    /// All entries in order, and where texts begin that are not equal to the one before.
    fn sort(columns: &'a [ColumnTexts<'a>], room: usize) -> (Vec<(u64, Entry)>, Bits) {
        let keyed = first_words(columns);
        let starts = Bits::none(keyed.len());
        let (texts, entries) = Default::default();
        let mut this = Self { columns, room, keyed, starts, texts, entries };
        let mut groups = Vec::new();
        this.split((0, this.keyed.len(), 0), &mut groups);
        while let Some(group) = groups.pop() {
            let (start, end, depth) = group;
            let rooms = this.keyed[start..end].iter().map(|(_, entry)| this.room_of(*entry));
            if rooms.sum::<usize>() <= this.room || end - start == 1 {
                this.sort_built(group);
            } else {
                let depth = depth + this.key_further(group);
                this.split((start, end, depth), &mut groups);
            }
        }
        (this.keyed, this.starts)
    }

    fn room_of(&self, entry: Entry) -> usize {
        let (chunk, entry) = place(entry);
        self.columns[chunk].room(entry)
    }

    fn read(&self, entry: Entry, into: &mut String) {
        let (chunk, entry) = place(entry);
        into.clear();
        self.columns[chunk].read_entry(entry, into);
    }

    /// Sorts a group by its words and tells the groups of equal ones.
    fn split(
        &mut self,
        (start, end, depth): (usize, usize, usize),
        groups: &mut Vec<(usize, usize, usize)>,
    ) {
        // There are few different words, which a stable sort makes use of; entries stay ascending.
        self.keyed[start..end].sort_by_key(|(word, _)| *word);
        let mut first = start;
        for equal in self.keyed[start..end].chunk_by(|(a, _), (b, _)| a == b) {
            let (next, word) = (first + equal.len(), equal[0].0);
            self.starts.set(first);
            // A word that says nothing follows is the whole rest: its texts are equal.
            if equal.len() > 1 && word as u8 as usize > STEP {
                groups.push((first, next, depth + STEP));
            }
            first = next;
        }
    }

    /// Builds the texts of a group and sorts them.
    fn sort_built(&mut self, (start, end, depth): (usize, usize, usize)) {
        let (mut texts, mut entries) =
            (std::mem::take(&mut self.texts), std::mem::take(&mut self.entries));
        texts.clear();
        entries.clear();
        for (_, entry) in &self.keyed[start..end] {
            let (chunk, entry_of_chunk) = place(*entry);
            texts.build(|text| self.columns[chunk].read_entry(entry_of_chunk, text));
            entries.push(*entry);
        }
        let mut sorting = Sorting {
            keyed: (0..entries.len() as u32).map(|at| (0, at)).collect(),
            starts: Bits::none(entries.len()),
            text: |at| texts.get(at as usize).as_bytes(),
        };
        sorting.sort(depth);
        for (at, (_, entry)) in sorting.keyed.iter().enumerate() {
            self.keyed[start + at].1 = entries[*entry as usize];
            if sorting.starts.get(at) {
                self.starts.set(start + at);
            }
        }
        (self.texts, self.entries) = (texts, entries);
    }

    /// Gives a group the words after what all its texts have in common, and tells how much that is.
    fn key_further(&mut self, (start, end, depth): (usize, usize, usize)) -> usize {
        let (mut first, mut text) = (String::new(), String::new());
        self.read(self.keyed[start].1, &mut first);
        let mut shared = first.len() - depth;
        for at in start + 1..end {
            self.read(self.keyed[at].1, &mut text);
            let (a, b) = (&first.as_bytes()[depth..][..shared], &text.as_bytes()[depth..]);
            if !b.starts_with(a) {
                shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            }
        }
        for at in start..end {
            self.read(self.keyed[at].1, &mut text);
            self.keyed[at].0 = word(text.as_bytes(), depth + shared);
        }
        shared
    }
}

/// The first word of the texts of each template, where it does not depend on arguments.
fn first_words_by_template(templates: &Templates) -> Vec<Option<u64>> {
    let word = |(text, whole): (&str, bool)| {
        (whole || text.len() > STEP).then(|| word(text.as_bytes(), 0))
    };
    templates.beginnings().map(word).collect()
}

/// All entries that have a text, with the first word of it.
fn first_words(columns: &[ColumnTexts<'_>]) -> Vec<(u64, Entry)> {
    let mut keyed = Vec::with_capacity(columns.iter().map(|texts| texts.entries()).sum());
    let mut text = String::new();
    for (chunk, texts) in columns.iter().enumerate() {
        let by_template = match &**texts {
            Texts::Templates(templates) => first_words_by_template(templates),
            _ => Vec::new(),
        };
        let known = |entry| match &**texts {
            Texts::Templates(templates) => by_template[templates.code(entry)],
            _ => None,
        };
        for entry in (0..texts.entries()).filter(|entry| !texts.entry_is_empty(*entry)) {
            let word = known(entry).unwrap_or_else(|| {
                text.clear();
                texts.read_entry(entry, &mut text);
                word(text.as_bytes(), 0)
            });
            keyed.push((word, slot(chunk, entry)));
        }
    }
    keyed
}

/// From entries in order to the rows that have them.
fn expand(
    columns: &[ColumnTexts<'_>],
    entries: impl Iterator<Item = Entry>,
    entry_starts: &Bits,
) -> Order {
    let rows_by_entry: Vec<_> = columns.iter().map(|texts| texts.rows_by_entry()).collect();
    let rows: usize = columns.iter().map(|texts| texts.rows()).sum();
    let (mut slots, mut starts) = (Vec::with_capacity(rows), Bits::default());
    for (at, entry) in entries.enumerate() {
        let (chunk, entry) = place(entry);
        let first = slots.len();
        match &rows_by_entry[chunk] {
            None => slots.push(slot(chunk, entry)),
            Some((begin, rows)) => {
                let rows = &rows[begin[entry] as usize..begin[entry + 1] as usize];
                slots.extend(rows.iter().map(|row| slot(chunk, *row as usize)));
            }
        }
        (first..slots.len()).for_each(|row| starts.push(row == first && entry_starts.get(at)));
    }
    let empty = |chunk: usize| {
        let rows = 0..columns[chunk].rows();
        rows.filter(move |row| columns[chunk].is_empty(*row)).map(move |row| slot(chunk, row))
    };
    let missing =
        if slots.len() < rows { (0..columns.len()).flat_map(empty).collect() } else { vec![] };
    Order::new(slots, starts, missing)
}
