//! What a chunk and a stored segment have in common: every column whose form needs no dictionary of others.
//!
//! [`Columns`] are small and answer most questions; [`Details`] are the bulk and are read from the store when they are
//! first needed.

use crate::domain::Identity;

use super::bits::Bits;
use super::packed::Packed;
use super::texts::Texts;

/// Stands for "no time"; no `Timestamp` has this value.
pub(super) const NO_TIME: i64 = i64::MIN;

/// The columns of a run of rows. All have the same number of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Epoch milliseconds or [`NO_TIME`].
    pub(super) times: Vec<i64>,
    /// The category was read out of the message.
    pub(super) inferred: Bits,
    /// Which rows have a retry count.
    pub(super) retried: Bits,
    /// Retry counts; 0 where there is none.
    pub(super) retries: Packed,
    /// Rows of the dump, as [`SourceRows`].
    pub(super) source_rows: SourceRows,
    /// Every id is a GUID or made from the identity: no two records can have the same one.
    pub(super) unique_ids: bool,
}

/// What rows say in their own words, and who they are. All have the same number of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    /// The dump's own ids.
    pub(super) ids: Texts,
    pub(super) record_keys: Texts,
    pub(super) messages: Texts,
    /// Headers of the further columns.
    pub(super) headers: Vec<String>,
    /// One column per header.
    pub(super) extras: Vec<Texts>,
    pub(super) identities: Vec<Identity>,
}

impl Columns {
    pub(super) fn rows(&self) -> usize {
        self.times.len()
    }

    pub(super) fn retry_count(&self, row: usize) -> Option<u32> {
        self.retried.get(row).then(|| self.retries.get(row))
    }

    /// A copy without anything that rows `gone` said; places stay.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        let keep = |row: &usize| !gone.get(*row);
        let mut times = self.times.clone();
        gone.for_each(|row| times[row] = NO_TIME);
        let (mut inferred, mut retried) = (Bits::none(self.rows()), Bits::none(self.rows()));
        self.inferred.ones().filter(keep).for_each(|row| inferred.set(row));
        self.retried.ones().filter(keep).for_each(|row| retried.set(row));
        let mut row = 0;
        let retries = self.retries.by_row(|value| {
            row += 1;
            if gone.get(row - 1) { 0 } else { value }
        });
        let source_rows = self.source_rows.clone();
        Self { times, inferred, retried, retries, source_rows, unique_ids: self.unique_ids }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.times.capacity() * 8
            + self.inferred.held_bytes()
            + self.retried.held_bytes()
            + self.retries.held_bytes()
            + self.source_rows.further.held_bytes()
    }
}

impl Details {
    pub(super) fn rows(&self) -> usize {
        self.identities.len()
    }

    /// A copy without anything that rows `gone` said; identities stay.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        Self {
            ids: self.ids.without(gone),
            record_keys: self.record_keys.without(gone),
            messages: self.messages.without(gone),
            headers: self.headers.clone(),
            extras: self.extras.iter().map(|texts| texts.without(gone)).collect(),
            identities: self.identities.clone(),
        }
    }

    /// Drops the texts of rows `gone` from memory.
    pub(super) fn erase(&mut self, gone: &Bits) {
        for texts in [&mut self.ids, &mut self.record_keys, &mut self.messages]
            .into_iter()
            .chain(&mut self.extras)
        {
            texts.erase(gone);
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.identities.capacity() * 16
            + [&self.ids, &self.record_keys, &self.messages]
                .into_iter()
                .chain(&self.extras)
                .map(Texts::held_bytes)
                .sum::<usize>()
    }
}

/// Numbers that mostly follow each other: each is the first, plus its place, plus what it is further on than that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceRows {
    pub(super) first: u32,
    /// Modulo 2³², so rows in any order fit.
    pub(super) further: Packed,
}

impl SourceRows {
    pub(super) fn new(rows: &[u32]) -> Self {
        let first = rows.first().copied().unwrap_or_default();
        let further: Vec<u32> = rows
            .iter()
            .zip(0_u32..)
            .map(|(row, place)| row.wrapping_sub(first).wrapping_sub(place))
            .collect();
        Self { first, further: Packed::new(&further) }
    }

    pub(super) fn get(&self, row: usize) -> u32 {
        self.first.wrapping_add(row as u32).wrapping_add(self.further.get(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_rows_in_any_order_come_back() {
        for rows in [vec![], vec![5, 6, 7, 8], vec![5, 7, 300], vec![9, 2, u32::MAX, 0]] {
            let packed = SourceRows::new(&rows);
            assert_eq!((0..rows.len()).map(|at| packed.get(at)).collect::<Vec<_>>(), rows);
        }
        assert_eq!(SourceRows::new(&[5, 6, 7, 8]).further.held_bytes(), 0);
    }
}
