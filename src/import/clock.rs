//! From a time as the dump writes it to a moment, under the zone and the date order of one import.

use crate::domain::Timestamp;

use super::options::DateOrder;
use super::times::{self, TimeText};
use super::zone::{Reading, ZoneRules};

/// What came of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    At(Timestamp),
    /// As `At`, but clocks were changed at that time.
    Doubtful(Timestamp),
    Empty,
    Unread,
    Contradicts(DateOrder),
    ZoneNeeded,
    OrderNeeded,
}

/// The decisions under which times are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    pub(super) order: Option<DateOrder>,
    zone: Option<ZoneRules>,
    zone_used: bool,
}

impl Clock {
    pub(super) fn new(order: Option<DateOrder>, zone: Option<ZoneRules>) -> Self {
        Self { order, zone, zone_used: false }
    }

    pub(super) fn read(&mut self, text: &str) -> Moment {
        let stamp = |millis| Timestamp::from_millis(millis).map_or(Moment::Unread, Moment::At);
        match times::read(text, self.order) {
            TimeText::Instant(millis) => stamp(millis),
            TimeText::Local(local) => {
                let Some(zone) = &self.zone else { return Moment::ZoneNeeded };
                self.zone_used = true;
                match (zone.to_utc(local), stamp(zone.to_utc(local).0)) {
                    ((_, Reading::Doubtful), Moment::At(time)) => Moment::Doubtful(time),
                    (_, moment) => moment,
                }
            }
            TimeText::Empty => Moment::Empty,
            TimeText::Unread => Moment::Unread,
            TimeText::OrderNeeded => Moment::OrderNeeded,
            TimeText::Contradicts => self.order.map_or(Moment::Unread, Moment::Contradicts),
        }
    }

    /// What the text says before any zone: milliseconds on the clock it was written by.
    pub(super) fn written(&self, text: &str) -> Option<i64> {
        match times::read(text, self.order) {
            TimeText::Instant(millis) | TimeText::Local(millis) => Some(millis),
            _ => None,
        }
    }

    /// Whether any time was read in the zone.
    pub(super) fn used_zone(&self) -> bool {
        self.zone_used
    }

    /// Others read times in the zone.
    pub(super) fn note_use(&mut self, zone_used: bool) {
        self.zone_used |= zone_used;
    }

    /// The zone, if any time was read in it.
    pub(super) fn zone_used(&self) -> Option<String> {
        self.zone.as_ref().filter(|_| self.zone_used).map(|zone| zone.name().to_owned())
    }
}
