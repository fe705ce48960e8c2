//! Which records of earlier dumps a later dump showed once more.
//!
//! A record that is there already is not loaded a second time, so the later dump has no row of it. That it was in the dump
//! is a fact all the same: without it nobody could tell what was cleared between two dumps.
//!
//! Invariant: runs are ascending, disjoint, not empty, and do not touch.

use std::collections::BTreeMap;

use super::{DatasetId, RecordId};

/// Records of other datasets, as runs of rows; a cause only where it is no longer the one that the record has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenAgain {
    runs: BTreeMap<DatasetId, Vec<Run>>,
    causes: BTreeMap<RecordId, String>,
}

/// Rows that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first one.
    pub first: u32,
    /// How many; never 0.
    pub count: u32,
}

impl SeenAgain {
    /// Of records in any order, and of causes that changed.
    pub fn new(mut records: Vec<RecordId>, causes: BTreeMap<RecordId, String>) -> Self {
        records.sort_unstable();
        records.dedup();
        let mut seen = Self { causes, ..Self::default() };
        for record in records {
            let runs = seen.runs.entry(record.dataset()).or_default();
            match runs.last_mut().filter(|run| run.first + run.count == record.row()) {
                Some(run) => run.count += 1,
                None => runs.push(Run { first: record.row(), count: 1 }),
            }
        }
        seen
    }

    /// As it was stored; `None` where runs do not ascend or are empty.
    pub fn restored(
        runs: BTreeMap<DatasetId, Vec<Run>>,
        causes: BTreeMap<RecordId, String>,
    ) -> Option<Self> {
        let is_sound = |runs: &Vec<Run>| {
            let ends = runs.iter().map(|run| run.first.checked_add(run.count));
            let firsts = runs.iter().skip(1).map(|run| Some(run.first)).chain([Some(u32::MAX)]);
            !runs.is_empty()
                && runs.iter().all(|run| run.count > 0)
                && ends.zip(firsts).all(|(end, next)| end.is_some_and(|end| Some(end) <= next))
        };
        runs.values().all(is_sound).then_some(Self { runs, causes })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.runs.values().flatten().map(|run| run.count as usize).sum()
    }

    /// The runs of each dataset.
    pub fn runs(&self) -> &BTreeMap<DatasetId, Vec<Run>> {
        &self.runs
    }

    /// Causes that are no longer those of the records.
    pub fn causes(&self) -> &BTreeMap<RecordId, String> {
        &self.causes
    }

    /// All records, ascending.
    pub fn records(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.runs.iter().flat_map(|(dataset, runs)| {
            let rows = runs.iter().flat_map(|run| run.first..run.first + run.count);
            rows.map(|row| RecordId::new(*dataset, row))
        })
    }

    /// Whether the record is among them.
    pub fn contains(&self, record: RecordId) -> bool {
        let Some(runs) = self.runs.get(&record.dataset()) else { return false };
        let after = runs.partition_point(|run| run.first <= record.row());
        after > 0 && record.row() - runs[after - 1].first < runs[after - 1].count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_in_any_order_become_runs_and_come_back() {
        let id = |dataset, row| RecordId::new(DatasetId(dataset), row);
        let given = vec![id(2, 7), id(1, 4), id(1, 3), id(1, 9), id(1, 3), id(2, 6)];
        let seen = SeenAgain::new(given, BTreeMap::new());
        assert_eq!(
            seen.runs()[&DatasetId(1)],
            [Run { first: 3, count: 2 }, Run { first: 9, count: 1 }]
        );
        let all = [id(1, 3), id(1, 4), id(1, 9), id(2, 6), id(2, 7)];
        assert!(seen.records().eq(all));
        assert_eq!(seen.len(), all.len());
        for dataset in 0..4 {
            for row in 0..12 {
                assert_eq!(seen.contains(id(dataset, row)), all.contains(&id(dataset, row)));
            }
        }
    }

    #[test]
    fn runs_that_overlap_or_are_empty_are_not_taken_back() {
        let restored = |runs: &[(u32, u32)]| {
            let runs = runs.iter().map(|(first, count)| Run { first: *first, count: *count });
            SeenAgain::restored([(DatasetId(1), runs.collect())].into(), BTreeMap::new())
        };
        assert!(restored(&[(0, 2), (2, 1), (9, 4)]).is_some());
        for runs in [&[][..], &[(3, 0)], &[(0, 3), (2, 1)], &[(5, 1), (1, 1)], &[(u32::MAX, 2)]] {
            assert!(restored(runs).is_none(), "{runs:?}");
        }
    }
}
