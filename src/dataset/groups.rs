//! Records by what they have in common along one axis: how many, when first and last, of which category, one of them.
//!
//! One walk over the rows that pass, into a table by code. Answers are kept until rows or their states change.
//!
//! Invariant: the counts of an axis other than the missing references add up to the count of the filter.

use std::rc::Rc;

use crate::domain::{Column, Filter, RecordId, Timestamp};

use super::Table;
use super::bits::Bits;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::{Slot, place, slot};
use super::packed::Packed;

/// What records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// A column that is a dimension and no state.
    Column(Column),
    /// The day on which they occurred, in UTC.
    Day,
    /// The references that they miss; a record is in the group of each.
    Missing,
}

/// Records that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common; days as `2026-01-31`, empty where the dump says nothing.
    pub value: String,
    /// Records.
    pub count: usize,
    /// The earliest and the latest of them.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The most frequent category among them.
    pub category: String,
    /// The first of them in the dump's order.
    pub example: RecordId,
    code: u32,
}

#[derive(Clone, Copy)]
struct Tally {
    count: u32,
    example: Slot,
    first: i64,
    last: i64,
}

const NONE: Tally = Tally { count: 0, example: 0, first: i64::MAX, last: i64::MIN };

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Stands for the day of rows without a time.
const NO_DAY: i64 = i64::MIN;

/// Above so many counters for categories, that of the example stands for all.
const MOST_COUNTERS: usize = 4_000_000;

impl Table {
    /// The groups of the records that pass, the largest first, equally large ones by value. Missing references need the
    /// details of all chunks.
    pub fn groups(&self, filter: &Filter, axis: Axis) -> Rc<Vec<Group>> {
        let key = (filter.clone(), axis);
        if let Some(known) = self.caches.borrow_mut().groups.get(&key) {
            return known;
        }
        let made = Rc::new(self.make_groups(filter, axis));
        self.caches.borrow_mut().groups.put(key, Rc::clone(&made));
        made
    }

    /// How many records of each of these groups lie in each of so many equal parts of the time from `from` to `to`, which is
    /// the last moment that counts.
    pub fn trends(
        &self,
        filter: &Filter,
        axis: Axis,
        groups: &[Group],
        (from, to): (Timestamp, Timestamp),
        buckets: usize,
    ) -> Vec<Vec<u32>> {
        let mut trends = vec![vec![0; buckets]; groups.len()];
        if groups.is_empty() || buckets == 0 {
            return trends;
        }
        // By code, one more than the place of the group.
        let codes = groups.iter().map(|group| group.code as usize + 1).max().unwrap_or(0);
        let mut places = vec![0_u32; codes];
        for (group, place) in groups.iter().zip(1..) {
            places[group.code as usize] = place;
        }
        let (from, span) = (from.millis(), (to.millis() - from.millis() + 1) as f64);
        self.walk(filter, axis, &mut |code, slot| {
            let place = places.get(code as usize).copied().unwrap_or(0) as usize;
            let Some(trend) = place.checked_sub(1).map(|place| &mut trends[place]) else { return };
            let (at, row) = super::index::place(slot);
            let time = self.chunks[at].columns.times[row];
            if time != NO_TIME && time >= from {
                let bucket = ((time - from) as f64 / span * buckets as f64) as usize;
                if let Some(count) = trend.get_mut(bucket) {
                    *count += 1;
                }
            }
        });
        trends
    }

    /// Up to `limit` records of a group, in the dump's order.
    pub fn examples(&self, filter: &Filter, limit: usize) -> Vec<RecordId> {
        let slots = self.selection(filter).window(0, limit);
        slots.into_iter().map(|slot| self.record_id(slot)).collect()
    }

    /// First and last time among the records that pass.
    pub fn span_of_filter(&self, filter: &Filter) -> Option<(Timestamp, Timestamp)> {
        let selection = self.selection(filter);
        let mut span: Option<(i64, i64)> = None;
        for (chunk, rows) in self.chunks.iter().zip(selection.chunks()) {
            rows.for_each(|row| {
                let time = chunk.columns.times[row];
                if time != NO_TIME {
                    let (first, last) = span.unwrap_or((time, time));
                    span = Some((first.min(time), last.max(time)));
                }
            });
        }
        let (first, last) = span?;
        Some((Timestamp::from_millis(first)?, Timestamp::from_millis(last)?))
    }

    fn make_groups(&self, filter: &Filter, axis: Axis) -> Vec<Group> {
        let categories = self.dictionary(Dimension::Category).len().max(1);
        let mut tallies: Vec<Tally> = vec![NONE; self.codes_of(axis)];
        let counts_categories = tallies.len() * categories <= MOST_COUNTERS;
        let mut by_category =
            vec![0_u32; if counts_categories { tallies.len() * categories } else { 0 }];
        self.walk(filter, axis, &mut |code, slot| {
            let (at, row) = place(slot);
            let chunk = &self.chunks[at];
            let code = code as usize;
            if code >= tallies.len() {
                tallies.resize(code + 1, NONE);
                if counts_categories {
                    by_category.resize(tallies.len() * categories, 0);
                }
            }
            let tally = &mut tallies[code];
            if tally.count == 0 {
                tally.example = slot;
            }
            tally.count += 1;
            let time = chunk.columns.times[row];
            if time != NO_TIME {
                tally.first = tally.first.min(time);
                tally.last = tally.last.max(time);
            }
            if counts_categories {
                let category = chunk.codes[Dimension::Category as usize].get(row) as usize;
                by_category[code * categories + category] += 1;
            }
        });
        let mut groups: Vec<Group> = Vec::new();
        for (code, tally) in tallies.iter().enumerate().filter(|(_, tally)| tally.count > 0) {
            let (at, row) = place(tally.example);
            let of_example = self.chunks[at].codes[Dimension::Category as usize].get(row);
            let counts = by_category.chunks(categories).nth(code).unwrap_or_default();
            // The first among equals, so that the answer does not depend on chance.
            let most = counts.iter().enumerate().rev().max_by_key(|(_, count)| **count);
            let category = most.map_or(of_example, |(category, _)| category as u32);
            let span = Timestamp::from_millis(tally.first).zip(Timestamp::from_millis(tally.last));
            groups.push(Group {
                value: self.value_of(axis, code as u32),
                count: tally.count as usize,
                span: span.filter(|_| tally.first <= tally.last),
                category: self.dictionary(Dimension::Category).get(category).to_owned(),
                example: self.record_id(tally.example),
                code: code as u32,
            });
        }
        groups.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        groups
    }

    fn codes_of(&self, axis: Axis) -> usize {
        match axis {
            Axis::Column(column) => {
                Dimension::of(column).map_or(0, |dimension| self.dictionary(dimension).len())
            }
            Axis::Day => 0,
            Axis::Missing => self.missing().references.len(),
        }
    }

    /// Days are numbered from the first one of any row, so that codes stay small; 0 is for rows without a time.
    fn first_day(&self) -> i64 {
        let first =
            self.chunks.iter().filter_map(|chunk| chunk.times()).map(|(first, ..)| first).min();
        first.map_or(0, |first| first.div_euclid(DAY))
    }

    fn value_of(&self, axis: Axis, code: u32) -> String {
        match axis {
            Axis::Column(column) => Dimension::of(column)
                .map(|dimension| self.dictionary(dimension).get(code).to_owned())
                .unwrap_or_default(),
            Axis::Day if code == 0 => String::new(),
            Axis::Day => {
                let day = self.first_day() + i64::from(code) - 1;
                let midnight = Timestamp::from_millis(day * DAY);
                midnight.map_or_else(String::new, |time| time.to_string()[..10].to_owned())
            }
            Axis::Missing => self.missing().references[code as usize].word(),
        }
    }

    /// Calls `each` with the code of every row that passes along the axis.
    fn walk(&self, filter: &Filter, axis: Axis, each: &mut dyn FnMut(u32, Slot)) {
        let selection = self.selection(filter);
        match axis {
            Axis::Column(column) => {
                let Some(dimension) = Dimension::of(column) else { return };
                for (at, rows) in selection.chunks().iter().enumerate() {
                    walk_codes(&self.chunks[at].codes[dimension as usize], at, rows, each);
                }
            }
            Axis::Day => {
                let first = self.first_day();
                for (at, rows) in selection.chunks().iter().enumerate() {
                    let times = &self.chunks[at].columns.times;
                    rows.for_each(|row| {
                        let time = times[row];
                        let day =
                            if time == NO_TIME { NO_DAY } else { time.div_euclid(DAY) - first };
                        each(u32::try_from(day + 1).unwrap_or(0), slot(at, row));
                    });
                }
            }
            Axis::Missing => {
                let missing = self.missing();
                for (at, (named, rows)) in missing.rows.iter().zip(selection.chunks()).enumerate() {
                    for (row, reference) in named.iter().filter(|(row, _)| rows.get(*row as usize))
                    {
                        each(*reference, slot(at, *row as usize));
                    }
                }
            }
        }
    }
}

fn walk_codes(codes: &Packed, at: usize, rows: &Bits, each: &mut dyn FnMut(u32, Slot)) {
    match codes {
        Packed::Same { value, .. } => rows.for_each(|row| each(*value, slot(at, row))),
        Packed::U8(codes) => rows.for_each(|row| each(codes[row].into(), slot(at, row))),
        Packed::U16(codes) => rows.for_each(|row| each(codes[row].into(), slot(at, row))),
        Packed::U32(codes) => rows.for_each(|row| each(codes[row], slot(at, row))),
    }
}
