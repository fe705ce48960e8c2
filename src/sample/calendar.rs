//! When errors happen: office hours and weekdays over 90 days, and the incidents in which one cause dominates.

use super::random::Random;

pub(super) const DAYS: usize = 90;
const HOURS: usize = DAYS * 24;
pub(super) const HOUR_MILLIS: u64 = 3_600_000;

/// Share of an incident in all rows, in thousandths, and how many hours it lasts.
const INCIDENTS: [(u64, usize); 7] =
    [(34, 3), (26, 5), (22, 2), (18, 4), (15, 1), (12, 6), (10, 2)];
pub(super) const INCIDENT_COUNT: usize = INCIDENTS.len();

/// Activity by the hour of the day (UTC; the group works from Tokyo to San Diego, mostly in Europe).
const BY_HOUR: [u64; 24] =
    [12, 10, 9, 9, 10, 14, 30, 60, 90, 100, 98, 85, 70, 88, 95, 90, 80, 60, 45, 40, 34, 26, 60, 20];
/// By weekday from Sunday on.
const BY_WEEKDAY: [u64; 7] = [6, 100, 108, 104, 100, 86, 10];

#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    weight: u64,
    incident: Option<(usize, u64)>,
    /// Weight of all hours before.
    before: u64,
}

/// The rhythm of a dump.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    start_millis: i64,
    hours: Vec<Hour>,
    total: u64,
    at: usize,
}

/// A moment of the rhythm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) millis: i64,
    /// The incident going on, if the error belongs to it.
    pub(super) incident: Option<usize>,
}

impl Calendar {
    pub(super) fn new(random: &mut Random) -> Self {
        // The last day is one of March to June 2026, by the seed alone: no clock.
        let end_day = 20_513 + random.below(120) as usize;
        let start_day = end_day - DAYS;
        let mut hours: Vec<Hour> = (0..HOURS)
            .map(|hour| {
                // 1970-01-01 was a Thursday.
                let weekday = (start_day + hour / 24 + 4) % 7;
                let weight = BY_HOUR[hour % 24] * BY_WEEKDAY[weekday];
                Hour { weight, ..Hour::default() }
            })
            .collect();
        let base: u64 = hours.iter().map(|hour| hour.weight).sum();
        // One incident in each stretch of the 90 days, so that they never overlap.
        let stretch = DAYS / INCIDENT_COUNT;
        for (incident, (share, length)) in INCIDENTS.into_iter().enumerate() {
            let day = incident * stretch + random.below(stretch as u64 - 1) as usize;
            let first = day * 24 + 6 + random.below(11) as usize;
            for hour in &mut hours[first..first + length] {
                let extra = base * share / 1_000 / length as u64;
                hour.weight += extra;
                hour.incident = Some((incident, extra));
            }
        }
        let mut total = 0;
        for hour in &mut hours {
            hour.before = total;
            total += hour.weight;
        }
        Self { start_millis: start_day as i64 * 86_400_000, hours, total, at: 0 }
    }

    /// The moment of row `row` of `rows`; rows must be asked for in order.
    pub(super) fn moment(&mut self, row: u32, rows: u32, random: &mut Random) -> Moment {
        let (row, rows, total) = (u128::from(row), u128::from(rows.max(1)), u128::from(self.total));
        let from = (row * total / rows) as u64;
        let to = ((row + 1) * total / rows) as u64;
        let point = from + random.below(to - from);
        while self.at + 1 < self.hours.len() && self.hours[self.at + 1].before <= from {
            self.at += 1;
        }
        let mut at = self.at;
        while at + 1 < self.hours.len() && self.hours[at + 1].before <= point {
            at += 1;
        }
        let hour = self.hours[at];
        let within =
            u128::from(point - hour.before) * u128::from(HOUR_MILLIS) / u128::from(hour.weight);
        let millis = self.start_millis + (at as u64 * HOUR_MILLIS + within as u64) as i64;
        let incident = hour.incident.filter(|(_, extra)| random.chance(*extra, hour.weight));
        Moment { millis, incident: incident.map(|(number, _)| number) }
    }

    pub(super) const fn start_millis(&self) -> i64 {
        self.start_millis
    }
}
