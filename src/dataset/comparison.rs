//! Two dumps held against each other, record by record.
//!
//! A dump holds the rows that were loaded with it and those of earlier ones that it showed again. Of several errors of one
//! record in one dump the latest stands for the record, so a count of records is a count of rows. Whether two errors are
//! of one cause follows from their messages, whatever rules the user has on causes.
//!
//! Invariant: every record that is in either dump has exactly one fate, and one row that stands for it.

use std::rc::Rc;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use xxhash_rust::xxh3::xxh3_128;

use crate::domain::{DatasetId, Fate, RecordId, SeenAgain};

use super::Table;
use super::bits::Bits;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::{Slot, place, slot};

/// What makes two errors those of one record.
type Key = u128;

/// The latest error of a record in a dump.
#[derive(Clone, Copy, Debug)]
struct Latest {
    time: i64,
    slot: Slot,
    cause: u32,
}

/// The records of a dump.
type Shown = HashMap<Key, Latest>;

/// The rows that stand for the records, by fate and chunk.
#[derive(Debug)]
pub(super) struct Comparison {
    rows: [Vec<Bits>; Fate::ALL.len()],
}

impl Comparison {
    pub(super) fn rows(&self, fate: Fate, chunk: usize) -> &Bits {
        &self.rows[fate as usize][chunk]
    }
}

/// Codes of causes, those included that no row has.
struct Causes<'a> {
    known: HashMap<&'a str, u32>,
}

impl<'a> Causes<'a> {
    fn code(&mut self, cause: &'a str) -> u32 {
        let next = self.known.len() as u32;
        *self.known.entry(cause).or_insert(next)
    }
}

impl Table {
    /// Takes up which records of other datasets a dump showed again.
    pub fn show_again(&mut self, dataset: DatasetId, seen: SeenAgain) {
        if seen.is_empty() {
            self.seen_again.remove(&dataset);
        } else {
            self.seen_again.insert(dataset, seen);
        }
        self.caches.get_mut().rows_changed();
    }

    /// Records of each fate between two dumps.
    pub fn fates(&self, before: DatasetId, after: DatasetId) -> [(Fate, usize); Fate::ALL.len()] {
        let comparison = self.comparison(before, after);
        Fate::ALL.map(|fate| {
            (fate, comparison.rows[fate as usize].iter().map(Bits::count).sum::<usize>())
        })
    }

    /// What became of records of a dump until a later one; `None` for records that are dismissed or unknown, or of
    /// another dump.
    pub fn fates_of(
        &self,
        records: &[RecordId],
        before: DatasetId,
        after: DatasetId,
    ) -> Vec<Option<Fate>> {
        let mut causes = self.causes();
        let (first, second) = (self.shown(before, &mut causes), self.shown(after, &mut causes));
        let mut maker = KeyMaker::default();
        let fate = |record: &RecordId| {
            let key = self.key(self.live_slot(*record)?, &mut maker);
            let earlier = first.get(&key)?;
            Some(match second.get(&key) {
                None => Fate::Cleared,
                Some(later) if later.cause == earlier.cause => Fate::StillFailing,
                Some(_) => Fate::MessageChanged,
            })
        };
        records.iter().map(fate).collect()
    }

    /// Records of a dump, those that it showed again included: the dump may add nothing and say something all the same.
    pub fn shown_by(&self, dataset: DatasetId) -> Vec<RecordId> {
        let own = self.chunks.iter().filter(|chunk| chunk.dataset == dataset);
        let own = own.flat_map(|chunk| {
            let rows = (0..chunk.rows()).filter(|row| chunk.is_live(*row));
            rows.map(|row| chunk.record_id(row))
        });
        let again = self.seen_again.get(&dataset).into_iter().flat_map(SeenAgain::records);
        own.chain(again.filter(|record| self.live_slot(*record).is_some())).collect()
    }

    pub(super) fn comparison(&self, before: DatasetId, after: DatasetId) -> Rc<Comparison> {
        if let Some(known) = self.caches.borrow_mut().comparisons.get(&(before, after)) {
            return known;
        }
        let made = Rc::new(self.compare(before, after));
        self.caches.borrow_mut().comparisons.put((before, after), Rc::clone(&made));
        made
    }

    fn compare(&self, before: DatasetId, after: DatasetId) -> Comparison {
        let none = || self.chunks.iter().map(|chunk| Bits::none(chunk.rows())).collect();
        let mut comparison = Comparison { rows: Fate::ALL.map(|_| none()) };
        let mut put = |fate: Fate, slot: Slot| {
            let (chunk, row) = place(slot);
            comparison.rows[fate as usize][chunk].set(row);
        };
        let mut causes = self.causes();
        let first = self.shown(before, &mut causes);
        let second = self.shown(after, &mut causes);
        // Records that only the second has, and whether an older dump had them.
        let mut others: HashMap<Key, bool> = HashMap::new();
        for (key, later) in &second {
            match first.get(key) {
                Some(earlier) if earlier.cause == later.cause => {
                    put(Fate::StillFailing, later.slot)
                }
                Some(_) => put(Fate::MessageChanged, later.slot),
                None => {
                    others.insert(*key, false);
                }
            }
        }
        for (key, earlier) in &first {
            if !second.contains_key(key) {
                put(Fate::Cleared, earlier.slot);
            }
        }
        if !others.is_empty() {
            let mut maker = KeyMaker::default();
            let datasets = self.chunks.iter().map(|chunk| chunk.dataset);
            let mut older: Vec<DatasetId> =
                datasets.chain(self.seen_again.keys().copied()).collect();
            older.retain(|dataset| *dataset < before && *dataset != after);
            older.sort_unstable();
            older.dedup();
            for dataset in older {
                self.each_shown(dataset, |slot, _| {
                    if let Some(was) = others.get_mut(&self.key(slot, &mut maker)) {
                        *was = true;
                    }
                });
            }
        }
        for (key, was) in others {
            put(if was { Fate::CameBack } else { Fate::New }, second[&key].slot);
        }
        comparison
    }

    fn causes(&self) -> Causes<'_> {
        let names = self.dictionary(Dimension::Cause).iter();
        Causes { known: names.zip(0..).collect() }
    }

    /// The latest error of each record in a dump.
    fn shown<'a>(&'a self, dataset: DatasetId, causes: &mut Causes<'a>) -> Shown {
        let mut shown = Shown::new();
        let mut maker = KeyMaker::default();
        self.each_shown(dataset, |slot, changed| {
            let (at, row) = place(slot);
            let chunk = &self.chunks[at];
            let cause = match changed {
                Some(cause) => causes.code(cause),
                None => chunk.own_causes().get(row),
            };
            let found = Latest { time: chunk.columns.times[row], slot, cause };
            match shown.entry(self.key(slot, &mut maker)) {
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    if (known.time, known.slot) < (found.time, found.slot) {
                        *known = found;
                    }
                }
                Entry::Vacant(free) => {
                    free.insert(found);
                }
            }
        });
        shown
    }

    /// Calls `each` with every row of a dump that is not dismissed, and with its cause there where that is another.
    fn each_shown<'a>(&'a self, dataset: DatasetId, mut each: impl FnMut(Slot, Option<&'a str>)) {
        for (at, chunk) in self.chunks.iter().enumerate() {
            if chunk.dataset == dataset {
                (0..chunk.rows())
                    .filter(|row| chunk.is_live(*row))
                    .for_each(|row| each(slot(at, row), None));
            }
        }
        let Some(seen) = self.seen_again.get(&dataset) else { return };
        for record in seen.records() {
            if let Some(slot) = self.live_slot(record) {
                each(slot, seen.causes().get(&record).map(String::as_str));
            }
        }
    }

    fn key(&self, slot: Slot, maker: &mut KeyMaker) -> Key {
        let (at, row) = place(slot);
        let chunk = &self.chunks[at];
        let details = chunk.details();
        if details.record_keys.is_empty(row) {
            return chunk.identity(row).0;
        }
        maker.0.clear();
        for dimension in [Dimension::Job, Dimension::Entity] {
            maker.0.extend_from_slice(self.text(chunk, dimension, row).as_bytes());
            maker.0.push(0xFF);
        }
        // Company codes are one whatever their case: grids show USMF, tables hold usmf.
        let company = self.text(chunk, Dimension::Company, row).bytes();
        maker.0.extend(company.map(|byte| byte.to_ascii_lowercase()));
        maker.0.push(0xFF);
        details.record_keys.with(row, |key| maker.0.extend_from_slice(key.as_bytes()));
        xxh3_128(&maker.0)
    }
}

/// Keeps its buffer from record to record.
#[derive(Default)]
struct KeyMaker(Vec<u8>);

const _: () = assert!(NO_TIME == i64::MIN, "a record without a time is the earliest of its errors");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{DatasetBuilder, RowInput, RowSink};
    use crate::domain::{CauseAction, CauseRule, DismissalLedger, Identity, Timestamp};

    /// Loads rows of identity, key and cause.
    fn load(table: &mut Table, dataset: u32, rows: &[(u128, &str, &str)]) {
        let ledger = DismissalLedger::default();
        let mut builder = DatasetBuilder::new(DatasetId(dataset));
        for (row, (identity, record_key, cause)) in (1..).zip(rows) {
            let mut session = builder.session(table, &ledger);
            session.push(&RowInput {
                identity: Identity(*identity),
                id: "",
                occurred_at: Timestamp::from_millis(i64::from(row)),
                job: "Sales",
                entity: "Customers V3",
                map: "",
                data_source: "",
                company: "usmf",
                direction: "",
                category: "System",
                category_inferred: false,
                error_code: "",
                record_key,
                message: cause,
                retry_count: None,
                cause,
                row,
                extra: &[],
            });
        }
        let seen = builder.take_seen_again();
        for segment in builder.finish() {
            table.append(DatasetId(dataset), segment);
        }
        table.show_again(DatasetId(dataset), seen);
    }

    #[test]
    fn rules_on_causes_make_no_message_another_one() {
        let mut table = Table::new();
        load(&mut table, 1, &[(1, "A", "lock"), (2, "B", "lock"), (3, "", "lock")]);
        let merge = CauseAction::Merge { into: "all".to_owned(), causes: vec!["lock".to_owned()] };
        table.set_cause_rules(&[CauseRule { id: 1, action: merge }]);
        load(
            &mut table,
            2,
            &[(1, "A", "lock"), (12, "B", "lock"), (3, "", "time"), (4, "", "lock")],
        );
        let fates = |table: &Table| table.fates(DatasetId(1), DatasetId(2)).map(|(_, count)| count);
        assert_eq!(fates(&table), [0, 2, 1, 1, 0]);
        table.set_cause_rules(&[]);
        assert_eq!(fates(&table), [0, 2, 1, 1, 0]);
    }
}
