//! How many records occurred in each stretch of time.

use serde::{Deserialize, Serialize};

use crate::domain::{Filter, Timestamp};

use super::Table;
use super::bits::Bits;
use super::columns::NO_TIME;

/// A stretch of time, `from` in it and `to` not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The first moment of it.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// Records that pass the filter and occurred in it.
    pub count: usize,
}

/// Buckets that are being filled.
struct Bars {
    borders: Vec<i64>,
    counts: Vec<usize>,
    per_millisecond: f64,
}

impl Bars {
    /// So many, one at least, between a time and a later one.
    fn between(from: i64, to: i64, buckets: usize) -> Self {
        let width = (to - from) as u128;
        let border = |at: usize| from + (width * at as u128 / buckets as u128) as i64;
        Self {
            borders: (0..=buckets).map(border).collect(),
            counts: vec![0; buckets],
            per_millisecond: buckets as f64 / (to - from) as f64,
        }
    }

    /// Adds rows of a chunk. Apart, so that the second chunk is counted by code that was compiled for speed.
    #[inline(never)]
    fn add(&mut self, times: &[i64], rows: &Bits) {
        for (word, times) in rows.words().iter().zip(times.chunks(64)) {
            if *word == u64::MAX {
                times.iter().for_each(|time| self.count(*time));
                continue;
            }
            let mut word = *word;
            while word != 0 {
                self.count(times[word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
    }

    #[inline(always)]
    fn count(&mut self, time: i64) {
        let buckets = self.counts.len();
        let (from, to) = (self.borders[0], self.borders[buckets]);
        if time == NO_TIME || time < from || time >= to {
            return;
        }
        // The guess may be off by a rounding; the borders decide.
        let mut at = (((time - from) as f64 * self.per_millisecond) as usize).min(buckets - 1);
        while time < self.borders[at] {
            at -= 1;
        }
        while time >= self.borders[at + 1] {
            at += 1;
        }
        self.counts[at] += 1;
    }
}

impl Table {
    /// Earliest and latest time of any record that is not dismissed, whatever its state.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = self.span_millis()?;
        Some((Timestamp::from_millis(first)?, Timestamp::from_millis(last)?))
    }

    /// Buckets of equal widths, to the millisecond, over `[filter.from, filter.to)`; an end that the filter leaves
    /// open is that of [`Table::span`], its last moment included. Records without a time are in none. There are none
    /// where no time is known to begin or end with, or the filter ends before it begins.
    pub fn histogram(&self, filter: &Filter, buckets: usize) -> Vec<Bucket> {
        let span = self.span_millis();
        let from = filter.from.map(Timestamp::millis).or(span.map(|(first, _)| first));
        let to = filter.to.map(Timestamp::millis).or(span.map(|(_, last)| last + 1));
        let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
        if from >= to || buckets == 0 {
            return Vec::new();
        }
        let mut bars = Bars::between(from, to, buckets);
        let selection = self.selection(filter);
        for (chunk, rows) in self.chunks.iter().zip(selection.chunks()) {
            bars.add(&chunk.columns.times, rows);
        }
        let Bars { borders, counts, .. } = bars;
        // One past the last moment a calendar can show is shown as that moment.
        let shown = |time| Timestamp::from_millis(time).or(Timestamp::from_millis(time - 1));
        let bucket = |(borders, count): (&[i64; 2], usize)| {
            let [from, to] = borders.map(shown);
            Some(Bucket { from: from?, to: to?, count })
        };
        borders.array_windows().zip(counts).filter_map(bucket).collect()
    }

    fn span_millis(&self) -> Option<(i64, i64)> {
        if let Some(known) = self.caches.borrow().span {
            return known;
        }
        let mut span: Option<(i64, i64)> = None;
        for chunk in &self.chunks {
            let Some((mut first, mut last, _)) = chunk.times() else { continue };
            if chunk.live_rows() < chunk.rows() {
                let times = chunk.columns.times.iter().enumerate();
                let live = times.filter(|(row, time)| **time != NO_TIME && chunk.is_live(*row));
                (first, last) = live.fold((i64::MAX, i64::MIN), |(first, last), (_, time)| {
                    (first.min(*time), last.max(*time))
                });
                if first > last {
                    continue;
                }
            }
            let (low, high) = span.unwrap_or((first, last));
            span = Some((low.min(first), high.max(last)));
        }
        self.caches.borrow_mut().span = Some(span);
        span
    }
}
