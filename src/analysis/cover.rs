//! Cutting a line of points into intervals: each point is to be covered, what lies between two points of an interval is
//! covered as well and costs something, and no interval may hit more than a limit.
//!
//! Points are moments at which something chosen stands; what lies between them is what was not chosen. Fewest bystanders
//! first and fewest intervals second is exact at every size, in linear time. Fewest bystanders with at most so many
//! intervals is solved with a price on each interval; that the price was right proves the result, and where it does not,
//! few points are solved exactly and many are solved well.
//!
//! Invariant: the intervals are disjoint, ascend, hold every point, and none of more than one point is above the limit.

use std::collections::VecDeque;

/// Points times intervals up to which the exact way is taken: some 16 MB of choices to remember.
const SMALL: usize = 4_000_000;

/// A moment that has to be covered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// What covering it hits.
    pub(super) hits: u64,
    /// What lies between the point before and this one; `None` where no interval can hold both.
    pub(super) gap: Option<u64>,
}

/// Whether a result is known to be the best one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No other result has fewer bystanders, and none with as few has fewer steps.
    Exact,
    /// Good, and perhaps not the best one.
    Heuristic,
}

/// The first points of the intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cover {
    pub(super) starts: Vec<usize>,
    pub(super) method: Method,
}

/// Fewest bystanders, then fewest intervals; with at most `most` intervals where that is possible, and else with as few as
/// possible.
pub(super) fn cover(points: &[Point], limit: u64, most: Option<usize>) -> Cover {
    let line = Line::new(points, limit);
    let finest = line.best(points.len() as i64 + 1, 1);
    let most = match most {
        Some(most) if finest.len() > most => most,
        _ => return Cover { starts: finest, method: Method::Exact },
    };
    // Above the price of everything that lies between, each interval saved is worth it.
    let coarsest = line.best(1, line.between() + 1);
    if coarsest.len() >= most {
        return Cover { starts: coarsest, method: Method::Exact };
    }
    // The lowest price at which no more than `most` intervals are taken.
    let (mut low, mut high) = (0, line.between() + 1);
    let mut starts = coarsest;
    while high - low > 1 {
        let price = low + (high - low) / 2;
        let found = line.best(1, price);
        if found.len() <= most {
            (high, starts) = (price, found);
        } else {
            low = price;
        }
    }
    let value = line.cost(&starts) + high * starts.len() as i64;
    line.cut_widest(&mut starts, most);
    if line.cost(&starts) + high * starts.len() as i64 == value && starts.len() == most {
        // No other cut into as many intervals is cheaper: it would be so at this price, too.
        return Cover { starts, method: Method::Exact };
    }
    if points.len().saturating_mul(most) <= SMALL {
        return Cover { starts: line.exactly(most), method: Method::Exact };
    }
    Cover { starts, method: Method::Heuristic }
}

/// The points with sums, so that an interval's cost and hits are differences.
struct Line<'a> {
    points: &'a [Point],
    /// Of all gaps up to and with the one before this point.
    gaps: Vec<i64>,
    /// The first point of the widest interval that ends with this one.
    reach: Vec<usize>,
}

impl<'a> Line<'a> {
    fn new(points: &'a [Point], limit: u64) -> Self {
        let mut sum = 0;
        let gaps = points.iter().map(|point| {
            sum += point.gap.unwrap_or_default() as i64;
            sum
        });
        let gaps: Vec<i64> = gaps.collect();
        let mut first = 0;
        let mut hits = 0;
        let mut reach = Vec::with_capacity(points.len());
        for (at, point) in points.iter().enumerate() {
            match point.gap {
                Some(gap) => hits += gap + point.hits,
                None => (first, hits) = (at, point.hits),
            }
            while first < at && hits > limit {
                hits -= points[first].hits + points[first + 1].gap.unwrap_or_default();
                first += 1;
            }
            reach.push(first);
        }
        Self { points, gaps, reach }
    }

    /// What lies between any two points.
    fn between(&self) -> i64 {
        self.gaps.last().copied().unwrap_or_default()
    }

    /// What the intervals cover beside the points.
    fn cost(&self, starts: &[usize]) -> i64 {
        let ends = starts.iter().skip(1).copied().chain([self.points.len()]);
        starts.iter().zip(ends).map(|(start, end)| self.gaps[end - 1] - self.gaps[*start]).sum()
    }

    /// The intervals of the least weight, where a bystander weighs `bystander` and an interval `interval`; of equal ones
    /// the fewest.
    fn best(&self, bystander: i64, interval: i64) -> Vec<usize> {
        // Weight and number of intervals of the best cut before each point, and where its last interval begins.
        let mut best: Vec<(i64, i64)> = Vec::with_capacity(self.points.len() + 1);
        best.push((0, 0));
        let mut begins = Vec::with_capacity(self.points.len());
        let mut window: VecDeque<((i64, i64), usize)> = VecDeque::new();
        for at in 0..self.points.len() {
            let (weight, count) = best[at];
            let entry = (weight - bystander * self.gaps[at], count);
            while window.back().is_some_and(|(other, _)| *other >= entry) {
                window.pop_back();
            }
            window.push_back((entry, at));
            while window.front().is_some_and(|(_, start)| *start < self.reach[at]) {
                window.pop_front();
            }
            // The point itself can always be a start, so there is one.
            let &((weight, count), start) = window.front().unwrap_or(&(entry, at));
            best.push((weight + bystander * self.gaps[at] + interval, count + 1));
            begins.push(start);
        }
        walk_back(self.points.len(), |end| begins[end - 1])
    }

    /// Cuts at the widest gaps until there are so many intervals.
    fn cut_widest(&self, starts: &mut Vec<usize>, most: usize) {
        let is_start: hashbrown::HashSet<usize> = starts.iter().copied().collect();
        let inner = (0..self.points.len()).filter(|at| !is_start.contains(at));
        let mut gaps: Vec<(u64, usize)> =
            inner.map(|at| (self.points[at].gap.unwrap_or_default(), at)).collect();
        gaps.sort_unstable_by(|a, b| b.cmp(a));
        starts.extend(gaps.into_iter().take(most - starts.len()).map(|(_, at)| at));
        starts.sort_unstable();
    }

    /// The cheapest cut into at most `most` intervals, by trying every number of them.
    fn exactly(&self, most: usize) -> Vec<usize> {
        let len = self.points.len();
        let impossible = i64::MAX / 4;
        let mut before = vec![impossible; len + 1];
        before[0] = 0;
        let mut begins: Vec<u32> = Vec::with_capacity(len * most);
        let mut cheapest = (impossible, 0);
        for count in 1..=most {
            let mut costs = vec![impossible; len + 1];
            let mut window: VecDeque<(i64, usize)> = VecDeque::new();
            for at in 0..len {
                let entry = before[at] - self.gaps[at];
                while window.back().is_some_and(|(other, _)| *other >= entry) {
                    window.pop_back();
                }
                window.push_back((entry, at));
                while window.front().is_some_and(|(_, start)| *start < self.reach[at]) {
                    window.pop_front();
                }
                let &(cost, start) = window.front().unwrap_or(&(entry, at));
                costs[at + 1] = (cost + self.gaps[at]).min(impossible);
                begins.push(start as u32);
            }
            cheapest = cheapest.min((costs[len], count));
            before = costs;
        }
        let mut count = cheapest.1;
        walk_back(len, |end| {
            count -= 1;
            begins[count * len + end - 1] as usize
        })
    }
}

/// The starts, from the end back.
fn walk_back(len: usize, mut begin_of: impl FnMut(usize) -> usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut end = len;
    while end > 0 {
        end = begin_of(end);
        starts.push(end);
    }
    starts.reverse();
    starts
}
