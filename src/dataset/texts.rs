//! The texts of one column of a chunk: one arena entry per row, or, where texts repeat much, one per different text.
//!
//! Everything that reads or searches texts goes through here, so the way they are held can change (loaded when first
//! needed, compressed) without touching a caller.

use hashbrown::HashTable;

use super::bits::Bits;
use super::needle::Needle;
use super::packed::Packed;
use super::text_arena::TextArena;
use super::text_hash;

/// Rows looked at before repetition is judged for the first time.
const JUDGED_AFTER: usize = 2_048;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Texts {
    arena: TextArena,
    /// The arena entry of each row; absent where row and entry are the same number.
    codes: Option<Packed>,
}

impl Texts {
    /// From one text per row; chooses how to hold them.
    pub(super) fn new(mut rows: TextArena) -> Self {
        match fold_repetitions(&rows) {
            Some((arena, codes)) => Self { arena, codes: Some(codes) },
            None => {
                rows.shrink();
                Self { arena: rows, codes: None }
            }
        }
    }

    /// From stored parts; `None` if they do not fit together.
    pub(super) fn from_parts(arena: TextArena, codes: Option<Packed>) -> Option<Self> {
        let fits = codes
            .as_ref()
            .is_none_or(|codes| codes.max().is_none_or(|most| (most as usize) < arena.len()));
        fits.then_some(Self { arena, codes })
    }

    pub(super) fn parts(&self) -> (&TextArena, Option<&Packed>) {
        (&self.arena, self.codes.as_ref())
    }

    pub(super) fn rows(&self) -> usize {
        self.codes.as_ref().map_or(self.arena.len(), Packed::len)
    }

    pub(super) fn get(&self, row: usize) -> &str {
        self.arena.get(self.codes.as_ref().map_or(row, |codes| codes.get(row) as usize))
    }

    /// How many entries the arena has: rows, or different texts.
    pub(super) fn entries(&self) -> usize {
        self.arena.len()
    }

    /// Whether no text is empty.
    pub(super) fn entries_are_filled(&self) -> bool {
        self.arena.offsets().array_windows().all(|[start, end]| start < end)
    }

    /// The text of an entry.
    pub(super) fn entry(&self, entry: usize) -> &str {
        self.arena.get(entry)
    }

    /// The rows of every entry, entry by entry: where each entry's rows begin, and the rows. `None` where row and
    /// entry are the same number.
    pub(super) fn rows_by_entry(&self) -> Option<(Vec<u32>, Vec<u32>)> {
        let codes = self.codes.as_ref()?;
        let mut starts = vec![0; self.arena.len() + 1];
        codes.for_each(|entry| starts[entry as usize + 1] += 1);
        for entry in 0..self.arena.len() {
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
        let entries = needle.search(&self.arena);
        let Some(codes) = &self.codes else { return entries };
        let mut rows = if entries.is_empty() {
            return Bits::none(codes.len());
        } else {
            Bits::all(codes.len())
        };
        match codes {
            Packed::Same { value, .. } => {
                if !entries.get(*value as usize) {
                    rows.clear();
                }
            }
            Packed::U8(codes) => rows.and_where(codes, |entry| entries.get(entry.into())),
            Packed::U16(codes) => rows.and_where(codes, |entry| entries.get(entry.into())),
            Packed::U32(codes) => rows.and_where(codes, |entry| entries.get(entry as usize)),
        }
        rows
    }

    /// Forgets the texts of rows: what no other row has is gone from memory, and they read as empty where each row
    /// has an entry of its own.
    pub(super) fn erase(&mut self, gone: &Bits) {
        self.arena = match &self.codes {
            None => self.arena.keeping(|row| !gone.get(row)),
            Some(codes) => {
                let mut used = Bits::none(self.arena.len());
                (0..codes.len())
                    .filter(|row| !gone.get(*row))
                    .for_each(|row| used.set(codes.get(row) as usize));
                self.arena.keeping(|entry| used.get(entry))
            }
        };
    }

    /// A copy in which the rows `gone` are empty.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        let mut rows = TextArena::with_capacity(self.rows(), 0);
        (0..self.rows()).for_each(|row| rows.push(if gone.get(row) { "" } else { self.get(row) }));
        Self::new(rows)
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.arena.held_bytes() + self.codes.as_ref().map_or(0, Packed::held_bytes)
    }
}

/// Different texts and each row's code, where that takes less room than the texts themselves.
fn fold_repetitions(rows: &TextArena) -> Option<(TextArena, Packed)> {
    let mut different = TextArena::default();
    let mut index: HashTable<u32> = HashTable::new();
    let mut codes = Vec::with_capacity(rows.len());
    for (row, text) in rows.iter().enumerate() {
        // Two thirds different is too many: the codes and the search through them would not pay.
        let judged = row >= JUDGED_AFTER && row.is_power_of_two();
        if judged && different.len() * 3 > row * 2 {
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
        assert_eq!((folded.rows(), folded.get(98)), (100, "locked"));
        assert_eq!(folded.search(&Needle::new("TAX").unwrap()).count(), 34);
        let different: Vec<String> = (0..5_000).map(|at| format!("row {at}")).collect();
        let plain = texts(different.iter().map(String::as_str));
        assert_eq!((plain.entries(), plain.get(4_999)), (5_000, "row 4999"));
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
                assert!(!column.parts().0.text().contains("secret"));
                assert_eq!((column.get(0), column.get(2)), ("", "shared"));
            }
            assert_eq!(copy.get(1), "");
        }
    }
}
