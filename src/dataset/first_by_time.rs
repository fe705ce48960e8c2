//! The first rows of a selection by time, found without the order of all rows.
//!
//! Lists show the newest records first and are asked for anew with every change of a filter; looking once at the rows
//! that pass is then less work than walking through the order of all rows until enough have passed.
//!
//! Invariant: the rows and their order are those that the order of the column gives.

use super::Table;
use super::columns::NO_TIME;
use super::index::{Slot, place, slot};
use super::selection::Selection;

impl Table {
    /// At most `count` rows; ties in the dump's order both ways, rows without a time last.
    pub(super) fn first_by_time(
        &self,
        selection: &Selection,
        descending: bool,
        count: usize,
    ) -> Vec<Slot> {
        let key = |time: i64| if descending { !time } else { time };
        let time = |slot: Slot| {
            let (chunk, row) = place(slot);
            self.chunks[chunk].columns.times[row]
        };
        // Chunks that begin best first: then those that cannot do better are many.
        let mut chunks: Vec<(i64, usize)> = (self.chunks.iter().enumerate())
            .filter_map(|(at, chunk)| {
                let (first, last, _) = chunk.times()?;
                Some((key(if descending { last } else { first }), at))
            })
            .collect();
        chunks.sort_unstable();
        let mut best: Vec<(i64, Slot)> = Vec::with_capacity(count * 2);
        let mut limit = (i64::MAX, Slot::MAX);
        for (best_of_chunk, at) in chunks {
            if (best_of_chunk, slot(at, 0)) > limit {
                continue;
            }
            let times = &self.chunks[at].columns.times;
            selection.chunks()[at].for_each(|row| {
                let found = (key(times[row]), slot(at, row));
                if times[row] == NO_TIME || found > limit {
                    return;
                }
                best.push(found);
                if best.len() == count * 2 {
                    best.select_nth_unstable(count - 1);
                    best.truncate(count);
                    limit = best[count - 1];
                }
            });
        }
        best.sort_unstable();
        best.truncate(count);
        let mut rows: Vec<Slot> = best.into_iter().map(|(_, slot)| slot).collect();
        if rows.len() < count {
            let missing = selection.slots().filter(|slot| time(*slot) == NO_TIME);
            rows.extend(missing.take(count - rows.len()));
        }
        rows
    }
}
