//! A point in time: milliseconds since 1970-01-01T00:00:00Z.
//!
//! Deliberately absent: the current time (a port of the workspace) and the lenient formats of dumps (`import`).

use std::fmt;

use chrono::{DateTime, SecondsFormat};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Epoch milliseconds, UTC. Written as RFC 3339 with milliseconds (`2026-01-31T23:59:59.000Z`); read from that or from
/// a number of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 time, or the number lies outside what a date can show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no time: write RFC 3339, such as 2026-01-31T08:00:00Z, or milliseconds since 1970"
)]
pub struct InvalidTimestamp(pub String);

impl Timestamp {
    /// The largest distance from 1970 that a calendar date can show (years ±262,000).
    const MAX_MILLIS: i64 = 8_210_266_876_799_000;

    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From epoch milliseconds; `None` where no calendar date exists for them.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis > Self::MAX_MILLIS || millis < -Self::MAX_MILLIS {
            None
        } else {
            Some(Self(millis))
        }
    }

    /// Epoch milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset; digits beyond the millisecond are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        DateTime::parse_from_rfc3339(text.trim())
            .map(|time| Self(time.timestamp_millis()))
            .map_err(|_| InvalidTimestamp(text.to_owned()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_millis(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrMillis;
        impl Visitor<'_> for TextOrMillis {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time or epoch milliseconds")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Timestamp, E> {
                Timestamp::from_millis(millis)
                    .ok_or_else(|| E::custom(InvalidTimestamp(millis.to_string())))
            }
            fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Timestamp, E> {
                i64::try_from(millis)
                    .ok()
                    .and_then(Timestamp::from_millis)
                    .ok_or_else(|| E::custom(InvalidTimestamp(millis.to_string())))
            }
            fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Timestamp, E> {
                if !millis.is_finite() {
                    return Err(E::custom(InvalidTimestamp(millis.to_string())));
                }
                self.visit_i64(millis.floor() as i64)
            }
        }
        deserializer.deserialize_any(TextOrMillis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number_name_the_same_moment() {
        let text: Timestamp = serde_json::from_str("\"2026-03-01T10:00:00+02:00\"").unwrap();
        let number: Timestamp = serde_json::from_str("1772352000000").unwrap();
        assert_eq!(text, number);
        assert_eq!(text.to_string(), "2026-03-01T08:00:00.000Z");
    }

    #[test]
    fn seven_fractional_digits_are_read() {
        let time = Timestamp::parse("2020-12-08T00:14:28.2746686Z").unwrap();
        assert_eq!(time.to_string(), "2020-12-08T00:14:28.274Z");
    }

    #[test]
    fn nonsense_is_refused_with_the_text() {
        assert_eq!(Timestamp::parse("yesterday"), Err(InvalidTimestamp("yesterday".into())));
        assert!(serde_json::from_str::<Timestamp>("1e300").is_err());
    }
}
