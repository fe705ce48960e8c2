//! From local time to UTC.
//!
//! The rules of IANA zones come from the platform as a table of transitions; this module holds no zone data.
//!
//! Invariant: every local time has exactly one answer. A time that exists twice (clocks set back) is the earlier of the
//! two; a time that does not exist (clocks set forward) is read with the offset before the change. The importer counts both.

use serde::{Deserialize, Serialize};

/// The offsets of a zone over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRules {
    name: String,
    /// (UTC instant from which it holds in milliseconds, offset from UTC in seconds), rising.
    transitions: Vec<(i64, i32)>,
}

/// How a local time was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Plain,
    /// The clock showed it twice, or never.
    Doubtful,
}

impl ZoneRules {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), transitions: vec![(i64::MIN, 0)] }
    }

    /// An offset that never changes: `+02:00`, `-0530`, `+02`, or `UTC`, `GMT`, `Z`. `None` for anything else.
    pub fn fixed(text: &str) -> Option<Self> {
        let text = text.trim();
        if ["utc", "gmt", "z"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Some(Self::utc());
        }
        let offset_s = parse_offset(text)?;
        if offset_s == 0 {
            return Some(Self::utc());
        }
        let minutes = offset_s.abs() / 60;
        let sign = if offset_s < 0 { '-' } else { '+' };
        let name = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        Some(Self { name, transitions: vec![(i64::MIN, offset_s)] })
    }

    /// A zone by its table: from each instant (UTC milliseconds) the offset in seconds east of UTC. Before the first
    /// instant the first offset holds; an empty table is UTC.
    pub fn from_transitions(name: impl Into<String>, mut transitions: Vec<(i64, i32)>) -> Self {
        transitions.sort_unstable_by_key(|&(instant, _)| instant);
        if transitions.is_empty() {
            transitions.push((i64::MIN, 0));
        }
        Self { name: name.into(), transitions }
    }

    /// As shown in the report.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn offset_ms(&self, utc_ms: i64) -> i64 {
        let after = self.transitions.partition_point(|&(instant, _)| instant <= utc_ms);
        i64::from(self.transitions[after.saturating_sub(1)].1) * 1_000
    }

    /// UTC milliseconds of a local time given as if it were UTC.
    pub(super) fn to_utc(&self, local_ms: i64) -> (i64, Reading) {
        const DAY_MS: i64 = 86_400_000;
        if self.transitions.len() == 1 {
            return (local_ms - self.offset_ms(0), Reading::Plain);
        }
        let before = self.offset_ms(local_ms - DAY_MS);
        let after = self.offset_ms(local_ms + DAY_MS);
        let early = local_ms - before;
        if before == after {
            return (early, Reading::Plain);
        }
        let early_holds = self.offset_ms(early) == before;
        let late_holds = self.offset_ms(local_ms - after) == after;
        match (early_holds, late_holds) {
            (true, false) => (early, Reading::Plain),
            (false, true) => (local_ms - after, Reading::Plain),
            _ => (early, Reading::Doubtful),
        }
    }
}

/// Seconds east of UTC of `+hh:mm`, `+hhmm` or `+hh`, at most 18 hours.
pub(super) fn parse_offset(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| -> Option<i32> {
        let (a, b) = (bytes.get(at)?, bytes.get(at + 1)?);
        (a.is_ascii_digit() && b.is_ascii_digit())
            .then(|| i32::from(a - b'0') * 10 + i32::from(b - b'0'))
    };
    let hours = two(1)?;
    let minutes = match bytes.len() {
        3 => 0,
        5 => two(3)?,
        6 if bytes[3] == b':' => two(4)?,
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// Winter +1, summer +2 between two instants far apart.
    fn with_summer() -> ZoneRules {
        ZoneRules::from_transitions(
            "Test/Summer",
            vec![(0, 3_600), (1_000 * HOUR, 7_200), (5_000 * HOUR, 3_600)],
        )
    }

    #[test]
    fn fixed_offsets_are_read_and_named() {
        assert_eq!(ZoneRules::fixed("+0530").unwrap().name(), "+05:30");
        assert_eq!(ZoneRules::fixed("+02:00").unwrap().to_utc(2 * HOUR), (0, Reading::Plain));
        assert_eq!(ZoneRules::fixed("-03").unwrap().to_utc(0), (3 * HOUR, Reading::Plain));
        assert_eq!(ZoneRules::fixed("utc"), Some(ZoneRules::utc()));
        assert_eq!(ZoneRules::fixed("+00:00"), Some(ZoneRules::utc()));
        for wrong in ["", "2", "+2", "+2:00", "+99:00", "Europe/Berlin", "+02:60"] {
            assert_eq!(ZoneRules::fixed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_that_never_was_is_read_with_the_offset_before_the_change() {
        let zone = with_summer();
        // Local clocks jump from 1001 h to 1002 h.
        assert_eq!(zone.to_utc(1_001 * HOUR + 1), (1_000 * HOUR + 1, Reading::Doubtful));
        assert_eq!(zone.to_utc(1_001 * HOUR - 1), (1_000 * HOUR - 1, Reading::Plain));
        assert_eq!(zone.to_utc(1_002 * HOUR), (1_000 * HOUR, Reading::Plain));
    }

    #[test]
    fn a_time_that_was_twice_is_the_earlier_one() {
        let zone = with_summer();
        // Local clocks fall from 5002 h to 5001 h.
        assert_eq!(zone.to_utc(5_001 * HOUR + 1), (4_999 * HOUR + 1, Reading::Doubtful));
        assert_eq!(zone.to_utc(5_001 * HOUR - 1), (4_999 * HOUR - 1, Reading::Plain));
        assert_eq!(zone.to_utc(5_002 * HOUR), (5_001 * HOUR, Reading::Plain));
    }
}
