//! Times as the screen shows and takes them: always UTC, and it says so beside them.
//!
//! Deliberately absent: the browser's zone and the current time.

use chrono::{DateTime, NaiveDateTime};

use crate::domain::Timestamp;

fn format(time: Timestamp, pattern: &str) -> String {
    DateTime::from_timestamp_millis(time.millis())
        .map_or_else(|| time.millis().to_string(), |date| date.format(pattern).to_string())
}

/// `2026-01-31 23:59:59`, without the zone: a column's header names it.
pub fn date_time(time: Timestamp) -> String {
    format(time, "%Y-%m-%d %H:%M:%S")
}

/// `2026-01-31 23:59:59 UTC`.
pub fn date_time_zone(time: Timestamp) -> String {
    format!("{} UTC", date_time(time))
}

/// `23:59:59`, for what happened in this session.
pub fn time_of_day(time: Timestamp) -> String {
    format(time, "%H:%M:%S")
}

/// The value of an `<input type=datetime-local step=1>`.
pub fn input_value(time: Option<Timestamp>) -> String {
    time.map(|time| format(time, "%Y-%m-%dT%H:%M:%S")).unwrap_or_default()
}

/// Reads such a value as UTC; seconds and their fraction may be missing. `None` for anything else, and for nothing.
pub fn parse_input(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok())
        .and_then(|date| Timestamp::from_millis(date.and_utc().timestamp_millis()))
}

/// A half-open range in words, with the zone.
pub fn range(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<String> {
    match (from, to) {
        (Some(from), Some(to)) => {
            Some(format!("from {} until before {} UTC", date_time(from), date_time(to)))
        }
        (Some(from), None) => Some(format!("from {} UTC", date_time(from))),
        (None, Some(to)) => Some(format!("before {} UTC", date_time(to))),
        (None, None) => None,
    }
}

/// The label of an axis over `span_millis`: days for long spans, minutes for a day, seconds below.
pub fn axis_label(time: Timestamp, span_millis: i64) -> String {
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    format(
        time,
        match span_millis {
            span if span > 3 * DAY => "%Y-%m-%d",
            span if span > 10 * MINUTE => "%m-%d %H:%M",
            _ => "%H:%M:%S",
        },
    )
}

/// Seconds until a moment, rounded up; 0 once it has come.
pub fn seconds_until(moment: Timestamp, now: Timestamp) -> u64 {
    let left = moment.millis().saturating_sub(now.millis()).max(0);
    (left as u64).div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn what_is_shown_in_a_field_reads_back() {
        let time = at("2026-01-31T23:59:59Z");
        assert_eq!(input_value(Some(time)), "2026-01-31T23:59:59");
        assert_eq!(parse_input(&input_value(Some(time))), Some(time));
        assert_eq!(parse_input("2026-01-31T23:59"), Some(at("2026-01-31T23:59:00Z")));
        assert_eq!(parse_input("2026-01-31T23:59:59.5"), Some(at("2026-01-31T23:59:59.500Z")));
        assert_eq!(parse_input(""), None);
        assert_eq!(parse_input("31.01.2026"), None);
    }

    #[test]
    fn ranges_state_their_zone_and_that_they_are_half_open() {
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        assert_eq!(
            range(Some(from), Some(to)).unwrap(),
            "from 2026-01-01 00:00:00 until before 2026-02-01 00:00:00 UTC"
        );
        assert_eq!(range(None, Some(to)).unwrap(), "before 2026-02-01 00:00:00 UTC");
        assert_eq!(range(None, None), None);
    }

    #[test]
    fn a_countdown_never_goes_below_nothing() {
        let (now, then) = (at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:09.001Z"));
        assert_eq!(seconds_until(then, now), 10);
        assert_eq!(seconds_until(now, then), 0);
    }
}
