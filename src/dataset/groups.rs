//! Records by what they have in common along one axis: how many, when first and last, of which category, one of them.
//!
//! Along a column the tallies of chunks are merged, which whole chunks keep; along others it is one walk over the rows that
//! pass. Answers are kept until rows or their states change.
//!
//! Invariants: the counts of an axis other than the missing references add up to the count of the filter; and the filter
//! that names a group has as many records as the group.

use std::borrow::Cow;
use std::rc::Rc;

use hashbrown::HashMap;

use crate::domain::{Column, Filter, RecordId, Timestamp};

use super::Table;
use super::chunk_tally::{ChunkTally, CodeTally};
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::{Slot, place, slot};
use super::packed::Packed;

/// What records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// A column that is a dimension and no state. Values that filters take for one are one group.
    Column(Column),
    /// The day on which they occurred, in UTC.
    Day,
    /// The references that they miss, and that the filter means if it names any; a record is in the group of each.
    Missing,
}

/// Records that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common, as the first of them says it; days as `2026-01-31`, empty where the dump says nothing.
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

/// Groups on their way: by code, and rows by code and category.
#[derive(Default)]
struct Tallies {
    codes: Vec<Option<Tally>>,
    /// Different categories.
    width: usize,
    /// By code and category, as far as they fit; the others by hash.
    counters: Vec<u32>,
    others: HashMap<(u32, u32), u32>,
}

/// Counters for codes and categories that are kept in a table rather than by hash.
const MOST_COUNTERS: usize = 1 << 22;

impl Tallies {
    fn new(table: &Table) -> Self {
        let width = table.dictionary(Dimension::Category).len();
        Self { width, ..Self::default() }
    }

    fn add_category(&mut self, code: u32, category: u32, count: u32) {
        let at = code as usize * self.width + category as usize;
        if at >= MOST_COUNTERS {
            *self.others.entry((code, category)).or_default() += count;
            return;
        }
        if at >= self.counters.len() {
            self.counters.resize((at + 1).next_power_of_two(), 0);
        }
        self.counters[at] += count;
    }

    /// The most frequent category of each code, the first among equals, so that the answer does not depend on chance.
    fn categories(&self) -> Vec<u32> {
        let mut most: Vec<(u32, u32)> = vec![(0, 0); self.codes.len()];
        let mut add = |code: usize, category: u32, count: u32| {
            let known = &mut most[code];
            if count > known.0 || (count == known.0 && category < known.1) {
                *known = (count, category);
            }
        };
        for (at, count) in self.counters.iter().enumerate().filter(|(_, count)| **count > 0) {
            add(at / self.width, (at % self.width) as u32, *count);
        }
        for ((code, category), count) in &self.others {
            add(*code as usize, *category, *count);
        }
        most.into_iter().map(|(_, category)| category).collect()
    }

    /// Takes up what a chunk says, of which several codes may be one.
    fn add_chunk(&mut self, at: usize, tally: &ChunkTally, one: impl Fn(u32) -> u32) {
        for CodeTally { code, count, row, first, last } in tally.codes.iter().copied() {
            let example = slot(at, row as usize);
            self.add(one(code), Tally { count, example, first, last });
        }
        for (code, category, count) in &tally.categories {
            self.add_category(one(*code), *category, *count);
        }
    }

    /// Takes up rows of one code; those of chunks in their order.
    fn add(&mut self, code: u32, tally: Tally) {
        let at = code as usize;
        if at >= self.codes.len() {
            self.codes.resize(at + 1, None);
        }
        match &mut self.codes[at] {
            Some(known) => {
                known.count += tally.count;
                known.example = known.example.min(tally.example);
                known.first = known.first.min(tally.first);
                known.last = known.last.max(tally.last);
            }
            free => *free = Some(tally),
        }
    }
}

/// The number of a moment's day, from 1 for the first one; 0 where it is not known.
fn day_code(time: i64, first_day: i64) -> u32 {
    if time == NO_TIME { 0 } else { (time.div_euclid(DAY) - first_day + 1) as u32 }
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

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
        let (from, to) = (from.millis(), to.millis());
        let scale = buckets as f64 / (to - from + 1) as f64;
        self.walk(filter, axis, |code, at, row| {
            let place = places.get(code as usize).copied().unwrap_or(0) as usize;
            let Some(trend) = place.checked_sub(1).map(|place| &mut trends[place]) else { return };
            let time = self.chunks[at].columns.times[row];
            if time != NO_TIME && from <= time && time <= to {
                let bucket = ((time - from) as f64 * scale) as usize;
                trend[bucket.min(buckets - 1)] += 1;
            }
        });
        trends
    }

    /// Whether a chunk waits for the tally that its causes are grouped from.
    pub fn is_to_be_tallied(&self) -> bool {
        self.chunks.iter().any(|chunk| !chunk.is_tallied(Dimension::Cause))
    }

    /// Tallies the causes of the next chunk that waits for it, for moments in which nothing else is to be done; whether there
    /// was one is told.
    pub fn tally_next(&self) -> bool {
        let next = self.chunks.iter().find(|chunk| !chunk.is_tallied(Dimension::Cause));
        next.map(|chunk| chunk.tally(Dimension::Cause)).is_some()
    }

    /// Up to `limit` records of a group, in the dump's order.
    pub fn examples(&self, filter: &Filter, limit: usize) -> Vec<RecordId> {
        let slots = self.selection(filter).window(0, limit);
        slots.into_iter().map(|slot| self.record_id(slot)).collect()
    }

    /// First and last time among the records that pass.
    pub fn span_of_filter(&self, filter: &Filter) -> Option<(Timestamp, Timestamp)> {
        let selection = self.selection(filter);
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for (chunk, rows) in self.chunks.iter().zip(selection.chunks()) {
            if rows.is_full() {
                if let Some((low, high, _)) = chunk.times() {
                    (first, last) = (first.min(low), last.max(high));
                }
                continue;
            }
            let times = &chunk.columns.times;
            rows.for_each(|row| {
                let time = times[row];
                if time != NO_TIME {
                    (first, last) = (first.min(time), last.max(time));
                }
            });
        }
        let span = Timestamp::from_millis(first).zip(Timestamp::from_millis(last));
        span.filter(|_| first <= last)
    }

    fn make_groups(&self, filter: &Filter, axis: Axis) -> Vec<Group> {
        let tallies = match axis {
            Axis::Column(column) => self.tally_column(filter, column),
            Axis::Day => self.tally_days(filter),
            Axis::Missing => self.tally_missing(filter),
        };
        let categories = tallies.categories();
        let mut groups: Vec<Group> = Vec::new();
        for ((code, tally), category) in (0..).zip(tallies.codes).zip(categories) {
            let Some(Tally { count, example, first, last }) = tally else { continue };
            let span = Timestamp::from_millis(first).zip(Timestamp::from_millis(last));
            groups.push(Group {
                value: self.value_of(axis, code, example).into_owned(),
                count: count as usize,
                span: span.filter(|_| first <= last),
                category: self.dictionary(Dimension::Category).get(category).to_owned(),
                example: self.record_id(example),
                code,
            });
        }
        groups.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        groups
    }

    fn tally_column(&self, filter: &Filter, column: Column) -> Tallies {
        let mut tallies = Tallies::new(self);
        let Some(dimension) = Dimension::of(column) else { return tallies };
        let same = self.same_values(dimension);
        let selection = self.selection(filter);
        for (at, (chunk, rows)) in self.chunks.iter().zip(selection.chunks()).enumerate() {
            let known = if rows.is_full() { chunk.tally(dimension) } else { None };
            match known {
                Some(known) => tallies.add_chunk(at, known, |code| same.of(code)),
                None if rows.is_empty() => {}
                None => {
                    let made = chunk.tally_rows(dimension, rows);
                    tallies.add_chunk(at, &made, |code| same.of(code));
                }
            }
        }
        tallies
    }

    fn tally_days(&self, filter: &Filter) -> Tallies {
        let mut tallies = Tallies::new(self);
        let (first, selection) = (self.first_day(), self.selection(filter));
        for (at, (chunk, rows)) in self.chunks.iter().zip(selection.chunks()).enumerate() {
            let times = &chunk.columns.times;
            let day = |row: usize| day_code(times[row], first);
            let categories = &chunk.codes[Dimension::Category as usize];
            tallies.add_chunk(at, &ChunkTally::by(day, categories, times, rows), |code| code);
        }
        tallies
    }

    fn tally_missing(&self, filter: &Filter) -> Tallies {
        let mut tallies = Tallies::new(self);
        self.walk(filter, Axis::Missing, |code, at, row| {
            let chunk = &self.chunks[at];
            let time = Some(chunk.columns.times[row]).filter(|time| *time != NO_TIME);
            let (first, last) = (time.unwrap_or(i64::MAX), time.unwrap_or(i64::MIN));
            tallies.add(code, Tally { count: 1, example: slot(at, row), first, last });
            let category = chunk.codes[Dimension::Category as usize].get(row);
            tallies.add_category(code, category, 1);
        });
        tallies
    }

    /// Days are numbered from the first one of any row, so that codes stay small; 0 is for rows without a time.
    fn first_day(&self) -> i64 {
        let first =
            self.chunks.iter().filter_map(|chunk| chunk.times()).map(|(first, ..)| first).min();
        first.map_or(0, |first| first.div_euclid(DAY))
    }

    fn value_of(&self, axis: Axis, code: u32, example: Slot) -> Cow<'_, str> {
        match axis {
            Axis::Column(column) => {
                let (at, row) = place(example);
                let text = |dimension| self.text(&self.chunks[at], dimension, row);
                Dimension::of(column).map(text).unwrap_or_default().into()
            }
            Axis::Day if code == 0 => "".into(),
            Axis::Day => {
                let day = self.first_day() + i64::from(code) - 1;
                let midnight = Timestamp::from_millis(day * DAY);
                midnight.map_or("".into(), |time| time.to_string()[..10].to_owned().into())
            }
            Axis::Missing => self.missing().references[code as usize].word().into(),
        }
    }

    /// Calls `each` with the code, the chunk and the row of every row that passes along the axis.
    fn walk(&self, filter: &Filter, axis: Axis, mut each: impl FnMut(u32, usize, usize)) {
        let selection = self.selection(filter);
        match axis {
            Axis::Column(column) => {
                let Some(dimension) = Dimension::of(column) else { return };
                let same = self.same_values(dimension);
                for (at, rows) in selection.chunks().iter().enumerate() {
                    let mut each = |code, row| each(same.of(code), at, row);
                    match &self.chunks[at].codes[dimension as usize] {
                        Packed::Same { value, .. } => rows.for_each(|row| each(*value, row)),
                        Packed::U8(codes) => rows.for_each(|row| each(codes[row].into(), row)),
                        Packed::U16(codes) => rows.for_each(|row| each(codes[row].into(), row)),
                        Packed::U32(codes) => rows.for_each(|row| each(codes[row], row)),
                    }
                }
            }
            Axis::Day => {
                let first = self.first_day();
                for (at, rows) in selection.chunks().iter().enumerate() {
                    let times = &self.chunks[at].columns.times;
                    rows.for_each(|row| each(day_code(times[row], first), at, row));
                }
            }
            Axis::Missing => {
                let missing = self.missing();
                let meant = self.meant_by(filter);
                for (at, (named, rows)) in missing.rows.iter().zip(selection.chunks()).enumerate() {
                    for (row, reference) in named.iter().filter(|(row, _)| rows.get(*row as usize))
                    {
                        if meant.as_ref().is_none_or(|meant| meant[*reference as usize]) {
                            each(*reference, at, *row as usize);
                        }
                    }
                }
            }
        }
    }
}
