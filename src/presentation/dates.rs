//! Times as the screen shows and takes them: always UTC, and it says so beside them.
//!
//! Deliberately absent: the browser's zone and the current time.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

use crate::domain::Timestamp;

fn utc(time: Timestamp) -> NaiveDateTime {
    // Every timestamp has a date.
    DateTime::from_timestamp_millis(time.millis()).unwrap_or_default().naive_utc()
}

fn date(utc: NaiveDateTime) -> String {
    format!("{:04}-{:02}-{:02}", utc.year(), utc.month(), utc.day())
}

fn time(utc: NaiveDateTime) -> String {
    format!("{:02}:{:02}:{:02}", utc.hour(), utc.minute(), utc.second())
}

/// `2026-01-31 23:59:59`, without the zone: a column's header names it.
pub fn date_time(moment: Timestamp) -> String {
    let utc = utc(moment);
    format!("{} {}", date(utc), time(utc))
}

/// `2026-01-31 23:59:59 UTC`.
pub fn date_time_zone(moment: Timestamp) -> String {
    format!("{} UTC", date_time(moment))
}

/// `23:59:59`, for what happened in this session.
pub fn time_of_day(moment: Timestamp) -> String {
    time(utc(moment))
}

/// The value of an `<input type=datetime-local step=1>`.
pub fn input_value(moment: Option<Timestamp>) -> String {
    moment.map(|moment| date_time(moment).replace(' ', "T")).unwrap_or_default()
}

/// Reads such a value as UTC; seconds and their fraction may be missing. `None` for anything else, and for nothing.
pub fn parse_input(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (_, time) = text.split_once('T')?;
    let seconds = if time.len() == "23:59".len() { ":00" } else { "" };
    Timestamp::parse(&format!("{text}{seconds}Z")).ok()
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
pub fn axis_label(moment: Timestamp, span_millis: i64) -> String {
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    let utc = utc(moment);
    match span_millis {
        span if span > 3 * DAY => date(utc),
        span if span > 10 * MINUTE => {
            let (month, day, hour, minute) = (utc.month(), utc.day(), utc.hour(), utc.minute());
            format!("{month:02}-{day:02} {hour:02}:{minute:02}")
        }
        _ => time(utc),
    }
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
        assert_eq!(parse_input(" 2026-01-31T23:59:59 "), Some(time));
        for wrong in ["", "31.01.2026", "2026-01-31", "2026-01-31T", "T23:59", "2026-02-30T23:59"] {
            assert_eq!(parse_input(wrong), None, "{wrong}");
        }
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
    fn an_axis_tells_days_minutes_or_seconds() {
        let (minute, day) = (60_000, 86_400_000);
        let time = at("2026-01-31T23:59:58Z");
        let label = |span| axis_label(time, span);
        assert_eq!(
            [4 * day, 3 * day, minute].map(label),
            ["2026-01-31", "01-31 23:59", "23:59:58"]
        );
        assert_eq!(date_time_zone(time), "2026-01-31 23:59:58 UTC");
        assert_eq!(time_of_day(time), "23:59:58");
    }

    #[test]
    fn a_countdown_never_goes_below_nothing() {
        let (now, then) = (at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:09.001Z"));
        assert_eq!(seconds_until(then, now), 10);
        assert_eq!(seconds_until(now, then), 0);
    }
}
