//! The trail of what was done, as a chain: each line carries a hash over its own text and the hash of the line before.
//!
//! Deliberately absent: secrets. Whoever can write the store can write a whole new chain; what that cannot do is agree
//! with an end (number and hash) that was noted somewhere else.
//!
//! Invariant: the hash of a line is SHA-256 over the hash before it, as 64 hexadecimal digits, and the line's text:
//! `{"id":…,"at":"…","event":"…","details":…}`, the JSON that is exported without its member `hash`. Before the first
//! line stand 64 zeros.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Timestamp;

/// SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineHash([u8; 32]);

impl LineHash {
    /// From 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = (digit(0)? * 16 + digit(1)?) as u8;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for LineHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LineHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a hash is 64 hexadecimal digits"))
    }
}

/// A line of the trail. Ids rise by one from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its place.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What happened, a stable word.
    pub event: String,
    /// The event's own fields.
    pub details: Value,
    /// `None` for a line that was written before lines were chained. Its hash is known all the same, by computation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<LineHash>,
}

/// The latest line: its number and its hash. Before the first line: 0 and zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEnd {
    /// Its place.
    pub id: u64,
    /// Its hash.
    pub hash: LineHash,
}

impl JournalEnd {
    /// The line that comes after this one.
    pub fn next(&self, at: Timestamp, event: impl Into<String>, details: Value) -> JournalEntry {
        let mut entry =
            JournalEntry { id: self.id + 1, at, event: event.into(), details, hash: None };
        entry.hash = Some(entry.hash_after(self.hash));
        entry
    }

    /// The end once the line is added, whatever hash the line itself claims.
    pub fn with(&self, entry: &JournalEntry) -> Self {
        Self { id: entry.id, hash: entry.hash_after(self.hash) }
    }
}

impl JournalEntry {
    fn hash_after(&self, previous: LineHash) -> LineHash {
        #[derive(Serialize)]
        struct Text<'a> {
            id: u64,
            at: Timestamp,
            event: &'a str,
            details: &'a Value,
        }
        let Self { id, at, event, details, .. } = self;
        let text = serde_json::to_string(&Text { id: *id, at: *at, event, details });
        let mut hash = Sha256::new();
        hash.update(previous.to_string());
        // Numbers, texts and JSON values: nothing that could not be written.
        hash.update(text.unwrap_or_default());
        LineHash(hash.finalize().into())
    }
}

/// The first line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenLine {
    /// Its place.
    pub id: u64,
    /// What is wrong with it, for people.
    pub why: String,
}

/// Goes along the chain from its beginning, and stops at the first line that does not fit.
#[derive(Clone, Debug, Default)]
pub struct ChainCheck {
    end: JournalEnd,
    chained: bool,
}

impl ChainCheck {
    /// The lines checked so far.
    pub fn end(&self) -> JournalEnd {
        self.end
    }

    /// Whether any line carried a hash. Until one does, nothing shows whether the lines were changed.
    pub fn is_chained(&self) -> bool {
        self.chained
    }

    /// The next line.
    pub fn check(&mut self, entry: &JournalEntry) -> Result<(), BrokenLine> {
        let expected = self.end.id + 1;
        let broken = |id, why: String| Err(BrokenLine { id, why });
        if entry.id != expected {
            let why = format!("line {expected} is missing; line {} comes in its place", entry.id);
            return broken(expected, why);
        }
        let end = self.end.with(entry);
        if entry.hash.is_some_and(|hash| hash != end.hash) {
            let is_sure = self.chained || expected == 1;
            let or = if is_sure { "" } else { ", or a line before it that has no hash" };
            return broken(expected, format!("it was changed after it was written{or}"));
        }
        if self.chained && entry.hash.is_none() {
            return broken(expected, "its hash is missing".to_owned());
        }
        self.chained |= entry.hash.is_some();
        self.end = end;
        Ok(())
    }

    /// No more lines: they must end where the trail is known to end.
    pub fn finish(&self, known: JournalEnd) -> Result<(), BrokenLine> {
        let id = self.end.id + 1;
        if self.end.id < known.id {
            let why = format!("lines {id} to {} are missing at the end", known.id);
            return Err(BrokenLine { id, why });
        }
        if self.end != known {
            let why = format!("the trail was known to end with line {} and another hash", known.id);
            return Err(BrokenLine { id: self.end.id, why });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lines(count: usize) -> Vec<JournalEntry> {
        let mut end = JournalEnd::default();
        let at = Timestamp::from_millis(1_770_000_000_000).unwrap();
        let line = |number| {
            let line = end.next(at, "submitted", json!({ "requestId": number, "reason": null }));
            end = end.with(&line);
            line
        };
        (0..count).map(line).collect()
    }

    fn verified(lines: &[JournalEntry], known: JournalEnd) -> Result<(), BrokenLine> {
        let mut check = ChainCheck::default();
        lines.iter().try_for_each(|line| check.check(line))?;
        check.finish(known)
    }

    fn end_of(lines: &[JournalEntry]) -> JournalEnd {
        lines.iter().fold(JournalEnd::default(), |end, line| end.with(line))
    }

    #[test]
    fn anybody_can_compute_the_hash_of_a_line() {
        // printf '%064d{"id":1,…}' 0 | sha256sum
        let line = &lines(1)[0];
        assert_eq!(
            serde_json::to_string(line).unwrap(),
            concat!(
                r#"{"id":1,"at":"2026-02-02T02:40:00.000Z","event":"submitted","#,
                r#""details":{"requestId":0,"reason":null},"hash":"#,
                r#""a7c932808bd82c282fd8d548f6072f6b4057a4949c92a9bb3eec27de303f99bd"}"#
            )
        );
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = end_of(&lines(1)).hash;
        assert_eq!(LineHash::parse(&hash.to_string()), Some(hash));
        assert_eq!(LineHash::parse("ab"), None);
        assert_eq!(LineHash::parse(&"x".repeat(64)), None);
        assert_eq!(LineHash::parse(&"é".repeat(32)), None);
    }

    #[test]
    fn lines_from_before_the_chain_are_bound_by_the_first_chained_one() {
        let mut lines = lines(5);
        let end = end_of(&lines);
        lines[0].hash = None;
        lines[1].hash = None;
        assert_eq!(verified(&lines, end), Ok(()));
        lines[0].event = "wiped".to_owned();
        assert_eq!(verified(&lines, end).unwrap_err().id, 3);
        lines[0].event = "submitted".to_owned();
        lines[3].hash = None;
        let broken = verified(&lines, end).unwrap_err();
        assert_eq!((broken.id, broken.why.as_str()), (4, "its hash is missing"));
    }

    #[test]
    fn a_cut_tail_shows_in_the_end_that_is_known() {
        let lines = lines(5);
        let end = end_of(&lines);
        let broken = verified(&lines[..3], end).unwrap_err();
        assert_eq!((broken.id, broken.why.as_str()), (4, "lines 4 to 5 are missing at the end"));
        assert_eq!(verified(&[], end).unwrap_err().id, 1);
        let other = JournalEnd { hash: LineHash::default(), ..end };
        assert_eq!(verified(&lines, other).unwrap_err().id, 5);
    }

    proptest! {
        #[test]
        fn the_first_line_that_was_touched_is_named(at in 0_usize..12, how in 0..6, other in 0_usize..12) {
            let mut lines = lines(12);
            let end = end_of(&lines);
            prop_assert_eq!(verified(&lines, end), Ok(()));
            let mut first = at;
            match how {
                0 => lines[at].event.push('x'),
                1 => lines[at].details = json!({ "requestId": 99 }),
                2 => lines[at].at = Timestamp::EPOCH,
                3 => lines[at].hash = Some(LineHash::default()),
                4 => { lines.remove(at); }
                _ => {
                    prop_assume!(at != other);
                    lines.swap(at, other);
                    first = at.min(other);
                }
            }
            prop_assert_eq!(verified(&lines, end).unwrap_err().id, first as u64 + 1);
        }
    }
}
