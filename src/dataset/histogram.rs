//! Records over time, in bars of equal width.

use super::table::Table;
use crate::domain::{Filter, Timestamp};

/// Records that occurred in `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub struct Bar {
    pub from: Timestamp,
    pub to: Timestamp,
    pub count: usize,
}

impl Table {
    /// Bars over `[filter.from, filter.to)`, or over the data's span where the filter leaves an end open. The span ends
    /// one millisecond after the last record, so that the last bar has it. Records without a time are in no bar. Empty
    /// where there is no time at all.
    pub fn histogram(&self, filter: &Filter, buckets: usize) -> Vec<Bar> {
        let Some((first, last)) = self.span() else { return Vec::new() };
        let from = filter.from.unwrap_or(first).millis();
        let to = filter.to.map_or(last.millis() + 1, Timestamp::millis);
        let buckets = buckets.max(1);
        if from >= to {
            return Vec::new();
        }
        let edge = |bar: usize| {
            (i128::from(from) + (i128::from(to) - i128::from(from)) * bar as i128 / buckets as i128)
                as i64
        };
        let edges: Vec<i64> = (0..=buckets).map(edge).collect();
        let scale = buckets as f64 / (to - from) as f64;
        let mut counts = vec![0; buckets];
        for (chunk, mask) in self.chunks.iter().zip(&self.matched(filter).chunks) {
            for row in mask.iter() {
                let time = chunk.times[row];
                if time < from || time >= to {
                    continue;
                }
                // The product may fall next to the edge that whole numbers make; the edges decide.
                let mut bar = (((time - from) as f64 * scale) as usize).min(buckets - 1);
                while time < edges[bar] {
                    bar -= 1;
                }
                while time >= edges[bar + 1] {
                    bar += 1;
                }
                counts[bar] += 1;
            }
        }
        let moment = |millis| Timestamp::from_millis(millis).unwrap_or(first);
        counts
            .into_iter()
            .enumerate()
            .map(|(bar, count)| Bar { from: moment(edges[bar]), to: moment(edges[bar + 1]), count })
            .collect()
    }

    /// Earliest and latest known time of all records that are not dismissed.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let mut span: Option<(i64, i64)> = None;
        for chunk in &self.chunks {
            // The span of a whole chunk serves while none of its rows is dismissed.
            let own = if chunk.dismissed.count() == 0 {
                chunk.span
            } else {
                let live = (0..chunk.len())
                    .filter(|row| !chunk.dismissed.get(*row))
                    .filter_map(|row| chunk.time(row));
                live.clone().min().zip(live.max())
            };
            if let Some((first, last)) = own {
                span = Some(span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
            }
        }
        let (first, last) = span?;
        Timestamp::from_millis(first).zip(Timestamp::from_millis(last))
    }
}
