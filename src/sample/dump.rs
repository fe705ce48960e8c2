//! The dump itself: rows as CSV, made while they are read.

use std::fmt::Write as _;

use super::catalogue::{CAUSES, COMPANIES, JOBS, MAPS, NAMES, SOURCES};
use super::random::Random;
use crate::domain::Timestamp;

/// Rows of one chunk of bytes.
const ROWS_AT_ONCE: u32 = 2_000;

/// The dump's period: 90 days before this moment, 2026-03-31T00:00:00Z. Fixed, so that equal seeds stay equal.
const END_MS: i64 = 1_774_915_200_000;
const DAY_MS: i64 = 86_400_000;
const DAYS: i64 = 90;

/// Incidents in which one cause dominates.
const BURSTS: usize = 8;

const HEADER: &str = "RecId,CreatedDateTime,IntegrationJob,InternalEntityName,ExternalEntityName,DataSource,DataAreaId,Direction,\
                      Category,ErrorCode,RecordIdentifier,DetailedErrorMessage,RetryCount,ProjectName\r\n";

/// A generated dump: `rows` errors of 90 days, the same for the same seed.
pub struct SampleDump {
    rows: u32,
    made: u32,
    random: Random,
    bursts: [Burst; BURSTS],
    text: String,
    message: String,
}

/// An incident: for some hours most errors are of one cause, of one map.
#[derive(Clone, Copy, Default)]
struct Burst {
    begin_ms: i64,
    length_ms: i64,
    cause: usize,
    map: usize,
}

impl SampleDump {
    /// A dump of so many rows.
    pub fn new(rows: u32, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut bursts = [Burst::default(); BURSTS];
        for (place, burst) in bursts.iter_mut().enumerate() {
            let day = DAYS * place as i64 / BURSTS as i64 + random.below(6) as i64;
            burst.begin_ms =
                END_MS - DAYS * DAY_MS + day * DAY_MS + (8 + random.below(9) as i64) * 3_600_000;
            burst.length_ms = (2 + random.below(5) as i64) * 3_600_000;
            burst.cause = random.below(20) as usize;
            burst.map = random.below(MAPS.len() as u64) as usize;
        }
        Self { rows, made: 0, random, bursts, text: String::new(), message: String::new() }
    }

    /// Appends the next bytes; `false` when nothing is left.
    pub fn next_chunk(&mut self, out: &mut Vec<u8>) -> bool {
        if self.made == self.rows {
            return false;
        }
        self.text.clear();
        if self.made == 0 {
            self.text.push_str(HEADER);
        }
        let end = self.rows.min(self.made.saturating_add(ROWS_AT_ONCE));
        while self.made < end {
            self.row();
            self.made += 1;
        }
        out.extend_from_slice(self.text.as_bytes());
        true
    }

    fn row(&mut self) {
        let number = i64::from(self.made);
        let (time, burst) = self.time(number);
        let cause_place = match burst {
            Some(burst) if self.random.chance(85) => burst.cause,
            _ => self.random.skewed(CAUSES.len()),
        };
        let cause = &CAUSES[cause_place];
        let map_place = match burst {
            Some(burst) if self.random.chance(70) => burst.map,
            _ => self.random.skewed(MAPS.len()),
        };
        let map = &MAPS[map_place];
        let company = COMPANIES[self.random.skewed(COMPANIES.len())];
        let source = SOURCES[self.random.skewed(SOURCES.len())];
        let direction = if source == "Dataverse" {
            "Dataverse to finance and operations"
        } else {
            "Finance and operations to Dataverse"
        };
        // A fifth of the errors are of few records that fail again and again.
        let record = if self.random.chance(20) {
            self.random.below(40)
        } else {
            self.random.below(u64::from(self.rows) * 4 + 1_000)
        };
        let entity = if self.random.chance(6) { map.alias } else { map.entity };
        let category = if self.random.chance(4) { "" } else { cause.category };
        let retries = self.random.skewed(6);
        self.message(cause.message, map.key, record, company, time, cause_place);

        let recid = 5_637_144_576 + number;
        let _infallible = write!(
            self.text,
            "{recid},{},{},{entity},{},{source},{company},{direction},{category},{},{}{record:06},",
            Timestamp::from_millis(time).unwrap_or(Timestamp::EPOCH),
            JOBS[map.job],
            map.external,
            cause.code,
            map.key,
        );
        quote(&mut self.text, &self.message);
        let _infallible = write!(
            self.text,
            ",{retries},DWM-5f0c7e1a-{map_place:04}-4000-8000-0000000000{:02}\r\n",
            map.job
        );
    }

    /// Time of a row: in the dump's order for the most part, at office hours for the most part.
    fn time(&mut self, number: i64) -> (i64, Option<Burst>) {
        if self.random.chance(18) {
            let burst = self.bursts[self.random.below(BURSTS as u64) as usize];
            return (
                burst.begin_ms + self.random.below(burst.length_ms as u64) as i64,
                Some(burst),
            );
        }
        let span = DAYS * DAY_MS;
        let along = span * number / i64::from(self.rows.max(1));
        let mut time = END_MS - span + along;
        if self.random.chance(10) {
            // Late arrivals.
            time -= self.random.below(3 * DAY_MS as u64) as i64;
        }
        let (day, within) = (time.div_euclid(DAY_MS), time.rem_euclid(DAY_MS));
        // 1970-01-01 was a Thursday.
        let weekend = (day + 3).rem_euclid(7) >= 5;
        let office = 7 * 3_600_000 + self.random.below(11 * 3_600_000) as i64;
        let moment = match (weekend, self.random.below(100)) {
            // Most of a weekend's share falls on the Friday before.
            (true, 0..70) => (day - (day + 3).rem_euclid(7) + 4) * DAY_MS + office,
            (false, 0..75) => day * DAY_MS + office,
            _ => day * DAY_MS + within,
        };
        let first = END_MS - span;
        (moment.clamp(first, END_MS - 1), None)
    }

    fn message(
        &mut self,
        template: &str,
        key: &str,
        record: u64,
        company: &str,
        time: i64,
        cause: usize,
    ) {
        self.message.clear();
        let mut rest = template;
        while let Some(begin) = rest.find('{') {
            self.message.push_str(&rest[..begin]);
            rest = &rest[begin..];
            let Some(end) = rest.find('}') else { break };
            let name = &rest[1..end];
            let random = &mut self.random;
            let text = &mut self.message;
            let _infallible = match name {
                "key" => write!(text, "{key}{record:06}"),
                // Few records are missing, and many errors name the same ones.
                "ref" | "{ref" => write!(
                    text,
                    "{}REF-{cause:02}{:03}",
                    if name.starts_with('{') { "{" } else { "" },
                    random.skewed(12)
                ),
                "guid" => {
                    let (high, low) = (random.next(), random.next());
                    write!(
                        text,
                        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                        high >> 32,
                        high >> 16 & 0xffff,
                        high & 0xfff,
                        low >> 52,
                        low & 0xffff_ffff_ffff
                    )
                }
                "n" => write!(text, "{}", 10 + random.below(9_000)),
                "name" => write!(text, "{}", NAMES[random.skewed(NAMES.len())]),
                "co" => write!(text, "{company}"),
                "time" => {
                    write!(text, "{}", Timestamp::from_millis(time).unwrap_or(Timestamp::EPOCH))
                }
                // A brace of the message itself.
                _ => {
                    text.push('{');
                    rest = &rest[1..];
                    continue;
                }
            };
            rest = &rest[end + 1..];
        }
        self.message.push_str(rest);
    }
}

fn quote(out: &mut String, text: &str) {
    if !text.contains(['"', ',', '\n', '\r']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for (place, part) in text.split('"').enumerate() {
        if place > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(rows: u32, seed: u64) -> Vec<u8> {
        let mut dump = SampleDump::new(rows, seed);
        let mut out = Vec::new();
        while dump.next_chunk(&mut out) {}
        out
    }

    /// Records of a CSV text, counted with its quotes.
    fn records(text: &str) -> usize {
        let mut quoted = false;
        text.bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                *byte == b'\n' && !quoted
            })
            .count()
    }

    #[test]
    fn equal_seeds_give_equal_bytes_and_others_do_not() {
        assert_eq!(bytes(3_000, 7), bytes(3_000, 7));
        assert_ne!(bytes(300, 7), bytes(300, 8));
    }

    #[test]
    fn a_dump_has_as_many_rows_as_asked_for_and_all_categories() {
        let text = String::from_utf8(bytes(10_000, 1)).unwrap();
        assert_eq!(records(&text), 10_001);
        for word in ["Application", "System", "Concurrency", "Conflict", "Configuration"] {
            assert!(text.contains(&format!(",{word},")), "{word}");
        }
        assert!(
            !text.contains("{key}") && !text.contains("{guid}") && !text.contains("{ref}}"),
            "a placeholder is left"
        );
    }
}
