//! How many rows of a chunk have each code, when first and last, and of which categories: what groups are merged from.
//!
//! Of all rows of a chunk it is worked out once and kept (`Chunk::tally`), so that groups of many rows are merged from a few
//! numbers for each chunk.

use hashbrown::HashMap;

use super::bits::Bits;
use super::columns::NO_TIME;
use super::packed::Packed;

/// Rows of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodeTally {
    pub(super) code: u32,
    pub(super) count: u32,
    /// The first of them.
    pub(super) row: u32,
    /// Earliest and latest known time; the first is above the last where none is known.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// Rows of a chunk by code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ChunkTally {
    /// In the order in which the codes were met.
    pub(super) codes: Vec<CodeTally>,
    /// Code, category, rows; in no order.
    pub(super) categories: Vec<(u32, u32, u32)>,
}

/// Counters for codes and categories that are kept in a table rather than by hash.
const MOST_COUNTERS: usize = 1 << 18;

/// Codes of one chunk up to which a tally is worth keeping: some 45 bytes each.
pub(super) const WORTH_KEEPING: usize = 16_384;

impl ChunkTally {
    /// Of the rows given.
    pub(super) fn new(codes: &Packed, categories: &Packed, times: &[i64], rows: &Bits) -> Self {
        match codes {
            Packed::Same { value, .. } => Self::by(|_| *value, categories, times, rows),
            Packed::U8(codes) => Self::by(|row| codes[row].into(), categories, times, rows),
            Packed::U16(codes) => Self::by(|row| codes[row].into(), categories, times, rows),
            Packed::U32(codes) => Self::by(|row| codes[row], categories, times, rows),
        }
    }

    /// Of the rows given, by any code of theirs.
    pub(super) fn by(
        code: impl Fn(usize) -> u32,
        categories: &Packed,
        times: &[i64],
        rows: &Bits,
    ) -> Self {
        match categories {
            Packed::Same { value, .. } => Self::count(code, |_| *value, 0, times, rows),
            Packed::U8(categories) => {
                let most = categories.iter().copied().max().unwrap_or_default();
                Self::count(code, |row| categories[row].into(), most.into(), times, rows)
            }
            // Hundreds of categories are no categories; they are counted all the same.
            other => {
                let most = other.max().unwrap_or_default();
                Self::count(code, |row| other.get(row), most, times, rows)
            }
        }
    }

    #[inline(never)]
    fn count(
        code: impl Fn(usize) -> u32,
        category: impl Fn(usize) -> u32,
        most_category: u32,
        times: &[i64],
        rows: &Bits,
    ) -> Self {
        let mut tally = Self::default();
        // By code, one more than its place; grows as codes are met.
        let mut places: Vec<u32> = Vec::new();
        // By place and category.
        let width = most_category as usize + 1;
        let mut counters: Vec<u32> = Vec::new();
        let mut others: HashMap<(u32, u32), u32> = HashMap::new();
        rows.for_each(|row| {
            let code = code(row);
            let at = code as usize;
            if at >= places.len() {
                places.resize((at + 1).next_power_of_two(), 0);
            }
            if places[at] == 0 {
                let (first, last) = (i64::MAX, i64::MIN);
                let row = row as u32;
                tally.codes.push(CodeTally { code, count: 0, row, first, last });
                places[at] = tally.codes.len() as u32;
                if tally.codes.len() * width <= MOST_COUNTERS {
                    counters.resize(tally.codes.len() * width, 0);
                }
            }
            let place = places[at] as usize - 1;
            let one = &mut tally.codes[place];
            one.count += 1;
            let time = times[row];
            if time != NO_TIME {
                one.first = one.first.min(time);
                one.last = one.last.max(time);
            }
            let category = category(row);
            match counters.get_mut(place * width + category as usize) {
                Some(counter) => *counter += 1,
                None => *others.entry((code, category)).or_default() += 1,
            }
        });
        let counted = counters.iter().enumerate().filter(|(_, count)| **count > 0);
        let counted =
            counted.map(|(at, count)| (tally.codes[at / width].code, (at % width) as u32, *count));
        tally.categories = counted
            .chain(others.iter().map(|((code, category), n)| (*code, *category, *n)))
            .collect();
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_of_codes_and_categories_counts_alike() {
        let rows = 5_000_usize;
        for (codes, categories) in [(1_u32, 1_u32), (200, 4), (700, 300), (4_000, 90_000)] {
            let code: Vec<u32> = (0..rows as u32).map(|row| row * 7 % codes).collect();
            let category: Vec<u32> = (0..rows as u32).map(|row| row * 31 % categories).collect();
            let times: Vec<i64> = (0..rows as i64)
                .map(|row| if row % 5 == 0 { NO_TIME } else { row * 3 % 1_000 })
                .collect();
            let mut picked = Bits::none(rows);
            (0..rows).filter(|row| row % 3 > 0).for_each(|row| picked.set(row));
            let found =
                ChunkTally::new(&Packed::new(&code), &Packed::new(&category), &times, &picked);
            for one in &found.codes {
                let own: Vec<usize> = picked.ones().filter(|row| code[*row] == one.code).collect();
                let known = || own.iter().map(|row| times[*row]).filter(|time| *time != NO_TIME);
                assert_eq!((one.count as usize, one.row as usize), (own.len(), own[0]));
                assert_eq!(one.first, known().min().unwrap_or(i64::MAX));
                assert_eq!(one.last, known().max().unwrap_or(i64::MIN));
            }
            let sum: u32 = found.codes.iter().map(|one| one.count).sum();
            assert_eq!(sum as usize, picked.count());
            for (own, kind, count) in &found.categories {
                let rows =
                    picked.ones().filter(|row| (code[*row], category[*row]) == (*own, *kind));
                assert_eq!(*count as usize, rows.count());
            }
            let sum: u32 = found.categories.iter().map(|(.., count)| count).sum();
            assert_eq!(sum as usize, picked.count());
        }
    }
}
