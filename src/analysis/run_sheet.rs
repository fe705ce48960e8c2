//! The run sheet: what to enter in Microsoft's tab to reach a chosen set of records.
//!
//! The tab filters by date and time, entity and data source, and nothing else (Microsoft, *Manage dual-write async
//! errors*, 2024-09-26). So a step is a job, an entity, a data source and a stretch of time; whatever else of the job lies
//! in it is hit as well and is called a bystander. Entity and data source are always given, since leaving one out can
//! only hit more.
//!
//! What the tab's fields take is taken to be whole seconds, the last one not included: finer is not documented, and
//! several records of one second cannot be told apart by time.
//!
//! Invariant: steps are disjoint, none hits more than a request may hold, and each chosen record is in one of them or
//! counted as out of reach.

use super::cover::{Cover, Method, Point, cover};

/// The finest time that can be entered, in milliseconds.
pub const GRAIN_MILLIS: i64 = 1_000;

/// A record as a step sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupRow {
    /// When it occurred, in epoch milliseconds; `None` where that is not known.
    pub at: Option<i64>,
    /// Its place in the order of work if it is chosen: of its part in the plan.
    pub chosen: Option<u32>,
}

/// All records of one job, entity and data source, of which some are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The job.
    pub job: String,
    /// The entity.
    pub entity: String,
    /// The data source; empty where the dump says none.
    pub data_source: String,
    /// The records, in any order. Dismissed ones are not among them.
    pub rows: Vec<GroupRow>,
}

/// What to enter for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The group it takes records of.
    pub group: usize,
    /// From this moment, in epoch milliseconds; `None` where time is left open, to reach records without one.
    pub from: Option<i64>,
    /// Until before this moment.
    pub to: Option<i64>,
    /// Records that it hits.
    pub hits: usize,
    /// Those of them that were not chosen.
    pub bystanders: usize,
    /// Which of the job's rounds it belongs to, from 1: a job takes only so many open requests.
    pub round: usize,
    /// The first part of the plan that it takes records of.
    part: u32,
}

/// Why chosen records cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// More records than a request may hold stand in the same second.
    CrowdedSecond,
    /// They have no time, and their job, entity and data source together hold more than a request may.
    NoTime,
}

/// All steps, in the order of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSheet {
    /// The steps.
    pub steps: Vec<Step>,
    /// Chosen records that no step can reach, by reason.
    pub unreached: Vec<(Gap, usize)>,
    /// Whether fewer bystanders are known to be impossible.
    pub method: Method,
}

/// Records of one second.
#[derive(Clone, Copy, Default)]
struct Second {
    second: i64,
    chosen: usize,
    others: usize,
    part: u32,
}

/// A second that has to be covered.
struct Stop {
    group: usize,
    second: Second,
    point: Point,
}

/// Steps over groups: fewest bystanders first, then fewest steps. With `most_steps`, fewest bystanders among the sheets of
/// at most so many steps; where so few are impossible, as few as possible. `limit` is what a request may hold, `at_once`
/// how many a job takes before some are finished.
pub fn run_sheet(
    groups: &[Group],
    limit: usize,
    at_once: usize,
    most_steps: Option<usize>,
) -> RunSheet {
    let mut steps = Vec::new();
    let mut stops: Vec<Stop> = Vec::new();
    let (mut crowded, mut timeless) = (0, 0);
    for (at, group) in groups.iter().enumerate() {
        let has_no_time = |row: &&GroupRow| row.at.is_none() && row.chosen.is_some();
        let without = group.rows.iter().filter(has_no_time).count();
        if without > 0 && group.rows.len() <= limit {
            let chosen = group.rows.iter().filter_map(|row| row.chosen);
            steps.push(Step {
                group: at,
                from: None,
                to: None,
                hits: group.rows.len(),
                bystanders: group.rows.len() - chosen.clone().count(),
                round: 0,
                part: chosen.min().unwrap_or_default(),
            });
            continue;
        }
        timeless += without;
        crowded += add_stops(&mut stops, at, group, limit);
    }
    let points: Vec<Point> = stops.iter().map(|stop| stop.point).collect();
    let left = most_steps.map(|most| most.saturating_sub(steps.len()));
    let Cover { starts, method } = cover(&points, limit as u64, left);
    let ends = starts.iter().skip(1).copied().chain([stops.len()]);
    for (start, end) in starts.iter().zip(ends) {
        steps.push(step(&stops[*start..end]));
    }
    let place = |step: &Step| {
        let group = &groups[step.group];
        (step.part, &group.job, &group.entity, &group.data_source, step.from)
    };
    steps.sort_by(|a, b| place(a).cmp(&place(b)));
    let mut of_job = std::collections::BTreeMap::new();
    for step in &mut steps {
        let before: &mut usize = of_job.entry(groups[step.group].job.as_str()).or_default();
        step.round = *before / at_once.max(1) + 1;
        *before += 1;
    }
    let unreached = [(Gap::CrowdedSecond, crowded), (Gap::NoTime, timeless)];
    let unreached = unreached.into_iter().filter(|(_, count)| *count > 0).collect();
    RunSheet { steps, unreached, method }
}

/// Adds the seconds of a group that have to be covered; how many chosen records stand in seconds that cannot be.
fn add_stops(stops: &mut Vec<Stop>, at: usize, group: &Group, limit: usize) -> usize {
    let mut crowded = 0;
    let mut between = None;
    for second in seconds(&group.rows) {
        let hits = second.chosen + second.others;
        if second.chosen > 0 && hits > limit {
            crowded += second.chosen;
            between = None;
        } else if second.chosen > 0 {
            let point = Point { hits: hits as u64, gap: between.replace(0) };
            stops.push(Stop { group: at, second, point });
        } else if let Some(between) = &mut between {
            *between += second.others as u64;
        }
    }
    crowded
}

fn seconds(rows: &[GroupRow]) -> Vec<Second> {
    let timed = rows.iter().filter_map(|row| Some((row.at?.div_euclid(GRAIN_MILLIS), row.chosen)));
    let mut timed: Vec<(i64, Option<u32>)> = timed.collect();
    timed.sort_unstable();
    let mut seconds: Vec<Second> = Vec::new();
    for (second, chosen) in timed {
        if seconds.last().is_none_or(|last| last.second != second) {
            seconds.push(Second { second, part: u32::MAX, ..Second::default() });
        }
        let Some(last) = seconds.last_mut() else { continue };
        match chosen {
            Some(part) => {
                last.chosen += 1;
                last.part = last.part.min(part);
            }
            None => last.others += 1,
        }
    }
    seconds
}

fn step(stops: &[Stop]) -> Step {
    let between: u64 = stops.iter().skip(1).filter_map(|stop| stop.point.gap).sum();
    let chosen: usize = stops.iter().map(|stop| stop.second.chosen).sum();
    let others: usize = stops.iter().map(|stop| stop.second.others).sum();
    let bystanders = others + between as usize;
    let (first, last) = (&stops[0], &stops[stops.len() - 1]);
    Step {
        group: first.group,
        from: Some(first.second.second * GRAIN_MILLIS),
        to: Some((last.second.second + 1) * GRAIN_MILLIS),
        hits: chosen + bystanders,
        bystanders,
        round: 0,
        part: stops.iter().map(|stop| stop.second.part).min().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
