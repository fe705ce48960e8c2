//! The bars of the time axis: heights, and the range that a run of bars stands for.

use std::ops::RangeInclusive;

use crate::domain::Timestamp;
use crate::protocol::Bucket;

/// Heights in percent of the tallest bar. A bar that counts anything is seen: it has at least 3 percent.
pub fn heights(buckets: &[Bucket]) -> Vec<f64> {
    let tallest = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    buckets
        .iter()
        .map(|bucket| match bucket.count {
            0 => 0.0,
            count => (count as f64 / tallest as f64 * 100.0).max(3.0),
        })
        .collect()
}

/// The bars between two, whichever of them comes first.
pub fn run(one: usize, other: usize) -> RangeInclusive<usize> {
    one.min(other)..=one.max(other)
}

/// The half-open range of a run of bars; `None` where there are no such bars.
pub fn range(buckets: &[Bucket], bars: &RangeInclusive<usize>) -> Option<(Timestamp, Timestamp)> {
    Some((buckets.get(*bars.start())?.from, buckets.get(*bars.end())?.to))
}

/// The bar under a pointer at `x` of `width` pixels; a pointer outside means the nearest bar.
pub fn bar_at(x: f64, width: f64, bars: usize) -> Option<usize> {
    if bars == 0 || width <= 0.0 {
        return None;
    }
    let share = (x / width).clamp(0.0, 1.0);
    Some(((share * bars as f64) as usize).min(bars - 1))
}

/// The range from the first bar's beginning to the last one's end.
pub fn span(buckets: &[Bucket]) -> Option<(Timestamp, Timestamp)> {
    Some((buckets.first()?.from, buckets.last()?.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(counts: &[usize]) -> Vec<Bucket> {
        let at = |hour: usize| Timestamp::from_millis(hour as i64 * 3_600_000).unwrap();
        counts
            .iter()
            .enumerate()
            .map(|(hour, &count)| Bucket { from: at(hour), to: at(hour + 1), count })
            .collect()
    }

    #[test]
    fn the_tallest_bar_fills_and_the_smallest_is_seen() {
        assert_eq!(heights(&bars(&[0, 1, 1000, 500])), [0.0, 3.0, 100.0, 50.0]);
        assert_eq!(heights(&bars(&[0, 0])), [0.0, 0.0]);
        assert!(heights(&[]).is_empty());
    }

    #[test]
    fn a_drag_in_either_direction_means_the_same_range() {
        let bars = bars(&[1, 2, 3, 4]);
        let forth = range(&bars, &run(1, 2));
        assert_eq!(forth, range(&bars, &run(2, 1)));
        assert_eq!(forth, Some((bars[1].from, bars[2].to)));
        assert_eq!(range(&bars, &run(2, 9)), None);
        assert_eq!(span(&bars), Some((bars[0].from, bars[3].to)));
    }

    #[test]
    fn pointers_outside_mean_the_nearest_bar() {
        assert_eq!(bar_at(-5.0, 100.0, 10), Some(0));
        assert_eq!(bar_at(55.0, 100.0, 10), Some(5));
        assert_eq!(bar_at(100.0, 100.0, 10), Some(9));
        assert_eq!(bar_at(5.0, 0.0, 10), None);
        assert_eq!(bar_at(5.0, 100.0, 0), None);
    }
}
