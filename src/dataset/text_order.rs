//! The order of all rows by a column of texts, without ever holding all texts at once.
//!
//! Texts that are held as they are, are sorted where they lie. All others are first ranked by what stands before their
//! first argument, which is known from their template, and then built and sorted rank by rank, as many at a time as
//! there is room for.
//!
//! Deliberately absent: the sorting of texts that are there (`text_sort`).

use std::borrow::Cow;
use std::ops::Range;

use super::bits::Bits;
use super::chunk::Chunk;
use super::guid_order;
use super::guids::Guids;
use super::index::{Slot, place, slot};
use super::order::Order;
use super::text_arena::TextArena;
use super::text_ranks::{Beginning, Beginnings, Rank, Then};
use super::text_sort::{Group, STEP, Sorting, goes_on, word};
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
            return Cow::Borrowed(&self.details().ids);
        }
        let mut ids = TextArena::with_capacity(self.rows(), self.rows() * 32);
        (0..self.rows()).for_each(|row| ids.push(&self.id(row)));
        Cow::Owned(Texts::new(ids))
    }
}

/// The order of all rows by a text column, given chunk by chunk.
pub(super) fn by_text<'a>(columns: impl Iterator<Item = ColumnTexts<'a>>) -> Order {
    let columns: Vec<ColumnTexts<'a>> = columns.collect();
    let guids: Option<Vec<&Guids>> = columns.iter().map(|texts| texts.guids()).collect();
    if let Some((slots, starts)) = guids.and_then(|guids| guid_order::sort(&guids)) {
        return Order::new(slots, starts, Vec::new());
    }
    let arenas: Option<Vec<&TextArena>> = columns.iter().map(|texts| texts.arena()).collect();
    let sorted = match arenas {
        Some(arenas) => sort_held(&columns, &arenas),
        None => Building::new(&columns, ROOM).sort(),
    };
    expand(&columns, sorted)
}

/// Entries in order, and where texts begin that are not equal to the one before.
#[derive(Debug, Default)]
struct Sorted {
    entries: Vec<Entry>,
    starts: Bits,
}

fn sort_held(columns: &[ColumnTexts<'_>], arenas: &[&TextArena]) -> Sorted {
    let keyed: Vec<(u64, Entry)> = filled(columns).map(|entry| (0, entry)).collect();
    let starts = Bits::none(keyed.len());
    let text = |entry| {
        let (chunk, entry) = place(entry);
        arenas[chunk].bytes(entry)
    };
    let all = (0, keyed.len(), 0);
    let mut sorting = Sorting { keyed, starts, text };
    sorting.sort(vec![all]);
    let entries = sorting.keyed.into_iter().map(|(_, entry)| entry).collect();
    Sorted { entries, starts: sorting.starts }
}

/// All entries that have a text.
fn filled(columns: &[ColumnTexts<'_>]) -> impl Iterator<Item = Entry> {
    columns.iter().enumerate().flat_map(|(chunk, texts)| {
        let entries = (0..texts.entries()).filter(|entry| !texts.entry_is_empty(*entry));
        entries.map(move |entry| slot(chunk, entry))
    })
}

/// The number of the beginning of each template or each entry of every column; ranks by number; and how many there are.
fn rank(columns: &[ColumnTexts<'_>]) -> (Vec<Vec<u32>>, Vec<Rank>, usize) {
    let mut beginnings = Beginnings::default();
    let mut numbers = Vec::with_capacity(columns.len());
    for texts in columns {
        let mut number = |beginning| beginnings.number(beginning);
        numbers.push(match &**texts {
            Texts::Plain(texts) | Texts::Repeated(texts, _) => {
                texts.iter().map(|text| number(Beginning::of(text))).collect()
            }
            Texts::Templates(templates) => templates.beginnings().map(number).collect(),
            Texts::Guids(guids) => {
                let guid = Beginning { text: b"", then: Then::Guid };
                let of_row = |row| guids.other(row).map_or(guid, Beginning::of);
                (0..guids.rows()).map(|row| number(of_row(row))).collect()
            }
        });
    }
    let (ranks, count) = beginnings.ranks();
    (numbers, ranks, count)
}

/// The entries of a rank: how many, how much room their texts take at most, and up to where they are equal.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    entries: usize,
    room: usize,
    depth: usize,
}

/// Sorting of texts that are built for it.
struct Building<'a> {
    columns: &'a [ColumnTexts<'a>],
    /// The rank of every entry of every column, [`NONE`] where it has no text.
    ranks: Vec<Vec<u32>>,
    /// By rank.
    shares: Vec<Share>,
    /// Most bytes of texts at a time.
    room: usize,
    /// The texts built last, and whose they are.
    texts: TextArena,
    entries: Vec<Entry>,
}

const NONE: u32 = u32::MAX;

impl<'a> Building<'a> {
    fn new(columns: &'a [ColumnTexts<'a>], room: usize) -> Self {
        let (numbers, ranked, count) = rank(columns);
        let mut shares = vec![Share::default(); count];
        let ranks = (columns.iter().zip(numbers))
            .map(|(texts, numbers)| {
                let rank = |entry: usize| {
                    if texts.entry_is_empty(entry) {
                        return NONE;
                    }
                    let Rank { rank, depth } = match &**texts {
                        Texts::Templates(templates) => {
                            ranked[numbers[templates.code(entry)] as usize]
                        }
                        _ => ranked[numbers[entry] as usize],
                    };
                    let share = &mut shares[rank as usize];
                    share.entries += 1;
                    share.room += texts.room(entry);
                    share.depth = depth as usize;
                    rank
                };
                (0..texts.entries()).map(rank).collect()
            })
            .collect();
        let (texts, entries) = Default::default();
        Self { columns, ranks, shares, room, texts, entries }
    }

    fn sort(mut self) -> Sorted {
        let mut sorted = Sorted::default();
        let mut first = 0;
        while first < self.shares.len() {
            let (mut next, mut room) = (first + 1, self.shares[first].room);
            while let Some(share) = self.shares.get(next)
                && room + share.room <= self.room
            {
                room += share.room;
                next += 1;
            }
            let part = if room <= self.room {
                self.sort_ranks(first..next)
            } else {
                self.sort_rank_in_parts(first)
            };
            (0..part.entries.len()).for_each(|at| sorted.starts.push(part.starts.get(at)));
            sorted.entries.extend(part.entries);
            first = next;
        }
        sorted
    }

    /// The entries of some ranks, and how many ranks after the first one theirs is.
    fn of_ranks(&self, ranks: Range<usize>) -> impl Iterator<Item = (Entry, usize)> + '_ {
        self.ranks.iter().enumerate().flat_map(move |(chunk, of_entries)| {
            let ranks = ranks.clone();
            let of_entry = move |(entry, rank): (usize, &u32)| {
                let rank = *rank as usize;
                ranks.contains(&rank).then(|| (slot(chunk, entry), rank - ranks.start))
            };
            of_entries.iter().enumerate().filter_map(of_entry)
        })
    }

    fn room_of(&self, entry: Entry) -> usize {
        let (chunk, entry) = place(entry);
        self.columns[chunk].room(entry)
    }

    /// Builds the texts of entries, given in ascending order, and calls `each` with them.
    fn build(&mut self, entries: impl Iterator<Item = Entry>, mut each: impl FnMut(u32, &[u8])) {
        self.texts.clear();
        self.entries.clear();
        for (at, entry) in (0..).zip(entries) {
            let (chunk, of_chunk) = place(entry);
            self.texts.build(|text| self.columns[chunk].read_entry(of_chunk, text));
            self.entries.push(entry);
            each(at, self.texts.bytes(at as usize));
        }
    }

    /// Sorts groups of the texts built last, which have their words after the depths of the groups.
    fn sort_built(&self, keyed: Vec<(u64, u32)>, groups: &[Group]) -> Sorted {
        let starts = Bits::none(keyed.len());
        let text = |at: u32| self.texts.bytes(at as usize);
        let mut sorting = Sorting { keyed, starts, text };
        sorting.sort_keyed(groups);
        let entries = sorting.keyed.iter().map(|(_, at)| self.entries[*at as usize]).collect();
        Sorted { entries, starts: sorting.starts }
    }

    /// Sorts the entries of ranks that follow each other.
    fn sort_ranks(&mut self, ranks: Range<usize>) -> Sorted {
        let mut groups: Vec<Group> = Vec::with_capacity(ranks.len());
        let mut end = 0;
        for share in &self.shares[ranks.clone()] {
            groups.push((end, end + share.entries, share.depth));
            end += share.entries;
        }
        let mut next: Vec<usize> = groups.iter().map(|(start, ..)| *start).collect();
        let mut keyed = vec![(0, 0); end];
        let of_ranks: Vec<(Entry, usize)> = self.of_ranks(ranks).collect();
        // A text is hot when it was just built, so its word is taken then.
        self.build(of_ranks.iter().map(|(entry, _)| *entry), |at, text| {
            let rank = of_ranks[at as usize].1;
            let (.., depth) = groups[rank];
            keyed[next[rank]] = (word(text, depth), at);
            next[rank] += 1;
        });
        self.sort_built(keyed, &groups)
    }

    /// Sorts the entries of one rank where there is not room for all: by their next letters until there is.
    fn sort_rank_in_parts(&mut self, rank: usize) -> Sorted {
        let of_rank = self.of_ranks(rank..rank + 1);
        let mut keyed: Vec<(u64, Entry)> = of_rank.map(|(entry, _)| (0, entry)).collect();
        let mut starts = Bits::none(keyed.len());
        let mut groups = vec![(0, keyed.len(), self.shares[rank].depth)];
        while let Some((start, end, depth)) = groups.pop() {
            let group = &mut keyed[start..end];
            if group.iter().map(|(_, entry)| self.room_of(*entry)).sum::<usize>() <= self.room {
                let mut places = Vec::with_capacity(group.len());
                let entries = group.iter().map(|(_, entry)| *entry);
                self.build(entries, |at, text| places.push((word(text, depth), at)));
                let part = self.sort_built(places, &[(0, group.len(), depth)]);
                group.iter_mut().zip(part.entries).for_each(|((_, to), from)| *to = from);
                part.starts.for_each(|at| starts.set(start + at));
                continue;
            }
            let depth = depth + self.key_further(group, depth);
            // There are few different words, which a stable sort makes use of; entries stay ascending.
            group.sort_by_key(|(word, _)| *word);
            let mut first = start;
            for equal in keyed[start..end].chunk_by(|(a, _), (b, _)| a == b) {
                let next = first + equal.len();
                starts.set(first);
                if equal.len() > 1 && goes_on(equal[0].0) {
                    groups.push((first, next, depth + STEP));
                }
                first = next;
            }
        }
        Sorted { entries: keyed.into_iter().map(|(_, entry)| entry).collect(), starts }
    }

    /// Gives a group the words after what all its texts have in common, and tells how much that is.
    fn key_further(&self, group: &mut [(u64, Entry)], depth: usize) -> usize {
        let (mut first, mut text) = (String::new(), String::new());
        let read = |entry: Entry, into: &mut String| {
            let (chunk, entry) = place(entry);
            into.clear();
            self.columns[chunk].read_entry(entry, into);
        };
        read(group[0].1, &mut first);
        let mut shared = first.len() - depth;
        for (_, entry) in &group[1..] {
            read(*entry, &mut text);
            let (a, b) = (&first.as_bytes()[depth..][..shared], &text.as_bytes()[depth..]);
            if !b.starts_with(a) {
                shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            }
        }
        for (key, entry) in group {
            read(*entry, &mut text);
            *key = word(text.as_bytes(), depth + shared);
        }
        shared
    }
}

/// From entries in order to the rows that have them.
fn expand(columns: &[ColumnTexts<'_>], sorted: Sorted) -> Order {
    let rows_by_entry: Vec<_> = columns.iter().map(|texts| texts.rows_by_entry()).collect();
    let rows: usize = columns.iter().map(|texts| texts.rows()).sum();
    let (mut slots, mut starts) = (Vec::with_capacity(rows), Bits::default());
    for (at, entry) in sorted.entries.into_iter().enumerate() {
        let (chunk, entry) = place(entry);
        let first = slots.len();
        match &rows_by_entry[chunk] {
            None => slots.push(slot(chunk, entry)),
            Some((begin, rows)) => {
                let rows = &rows[begin[entry] as usize..begin[entry + 1] as usize];
                slots.extend(rows.iter().map(|row| slot(chunk, *row as usize)));
            }
        }
        (first..slots.len()).for_each(|row| starts.push(row == first && sorted.starts.get(at)));
    }
    let empty = |chunk: usize| {
        let rows = 0..columns[chunk].rows();
        rows.filter(move |row| columns[chunk].is_empty(*row)).map(move |row| slot(chunk, row))
    };
    let missing =
        if slots.len() < rows { (0..columns.len()).flat_map(empty).collect() } else { vec![] };
    Order::new(slots, starts, missing)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::templates::Templates;
    use super::*;

    const GUID: &str = "01234567-89ab-cdef-abcd-ef0123456789";

    fn text() -> impl Strategy<Value = String> {
        let part = prop::sample::select(
            &["Row ", "Row", " is ", "x", "é", "7", "42", "\u{1}", "f", "~", GUID, "deadbeef-"][..],
        );
        prop_oneof![
            1 => Just(GUID.to_owned()),
            4 => prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat()),
        ]
    }

    /// Held in the form of a number, whether that pays or not; the last one is what the column would be held in.
    fn held(rows: &[String], form: usize) -> Texts {
        let mut arena = TextArena::default();
        rows.iter().for_each(|row| arena.push(row));
        match form {
            0 => Texts::Plain(arena),
            1 => Templates::of_any(&arena).map_or(Texts::Plain(arena), Texts::Templates),
            2 => Guids::new(&arena).map_or(Texts::Plain(arena), Texts::Guids),
            _ => Texts::new(arena),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn as_a_plain_sort_would_whatever_the_form_and_the_room(
            chunks in prop::collection::vec((prop::collection::vec(text(), 1..30), 0..4_usize), 1..4),
            room in prop_oneof![Just(0_usize), 1..300_usize, Just(ROOM)],
        ) {
            let columns: Vec<ColumnTexts<'_>> =
                chunks.iter().map(|(rows, form)| Cow::Owned(held(rows, *form))).collect();
            let mut expected: Vec<(&str, Slot)> = Vec::new();
            for (chunk, (rows, _)) in chunks.iter().enumerate() {
                let texts = (0..).zip(rows).map(|(row, text)| (text.as_str(), slot(chunk, row)));
                expected.extend(texts.filter(|(text, _)| !text.is_empty()));
            }
            expected.sort();
            let first = |at: usize| at == 0 || expected[at].0 != expected[at - 1].0;
            let starts: Vec<bool> = (0..expected.len()).map(first).collect();
            // Repeated texts are entries once, so rows are compared.
            let built = expand(&columns, Building::new(&columns, room).sort());
            let chosen = by_text(columns.iter().map(|texts| Cow::Borrowed(&**texts)));
            let rows: usize = columns.iter().map(|texts| texts.rows()).sum();
            let wanted: Vec<Slot> = expected.iter().map(|(_, slot)| *slot).collect();
            for order in [built, chosen] {
                let (slots, found) = order.parts();
                prop_assert_eq!(slots.len(), rows);
                prop_assert_eq!(&slots[..expected.len()], &wanted[..]);
                prop_assert_eq!((0..starts.len()).map(|at| found.get(at)).collect::<Vec<_>>(), &starts[..]);
            }
        }
    }
}
