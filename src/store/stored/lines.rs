//! Stored values as lines of text, for bundles that go from one desk to another: `{"at":["requests",7],"text":"…"}`, and
//! `"bytes"` in Base64 where a value has some.
//!
//! The values are those of the store, so a bundle of an older version is read by whatever reads an older database.
//! Deliberately absent: segments, which are too large to be held together.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::super::part::{JOURNAL_END, Key, SETTINGS, Shelf};
use super::{Change, Contents, Value, as_number, changes, restore, restore_entry};
use crate::domain::JournalEntry;
use crate::workspace::ports::{Commit, StoreError, Stored};

#[derive(Serialize, Deserialize)]
struct Line {
    at: (String, KeyForm),
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    bytes: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeyForm {
    Number(u64),
    Text(String),
}

/// Shelves that go into bundles, by the names of their object stores.
const SHELVES: [(&str, Shelf); 6] = [
    ("manifests", Shelf::Manifests),
    ("jobs", Shelf::Jobs),
    ("requests", Shelf::Requests),
    ("dismissals", Shelf::Dismissals),
    ("journal", Shelf::Journal),
    ("meta", Shelf::Meta),
];

/// What the commit would write, but for segments.
pub(in crate::store) fn write(commit: &Commit) -> Result<Vec<String>, StoreError> {
    let mut appended = 0;
    let mut lines = Vec::new();
    for change in changes(commit)? {
        let (shelf, key, value) = match change {
            Change::Put(place, value) => match place.key {
                Key::Number(number) => (place.shelf, KeyForm::Number(number), value),
                Key::Text(text) => (place.shelf, KeyForm::Text(text), value),
                Key::Segment(..) => continue,
            },
            Change::Append(shelf, value) => {
                appended += 1;
                (shelf, KeyForm::Number(appended), value)
            }
            Change::RemoveSegments(_) | Change::Clear(_) => continue,
        };
        let Some((name, _)) = SHELVES.iter().find(|(_, known)| *known == shelf) else { continue };
        let line = Line {
            at: ((*name).to_owned(), key),
            text: value.text,
            bytes: STANDARD.encode(&value.bytes),
        };
        let line = serde_json::to_string(&line)
            .map_err(|error| StoreError::Failed(format!("a value cannot be written: {error}")))?;
        lines.push(line);
    }
    Ok(lines)
}

/// Reads what [`write`] wrote.
pub(in crate::store) fn read(lines: &[String]) -> Result<(Stored, Vec<JournalEntry>), StoreError> {
    let mut contents = Contents::default();
    for (number, line) in lines.iter().enumerate() {
        let damaged = |why: &dyn std::fmt::Display| {
            StoreError::Damaged(format!("value {}: {why}", number + 1))
        };
        let Line { at: (name, key), text, bytes } =
            serde_json::from_str(line).map_err(|error| damaged(&error))?;
        let bytes = STANDARD.decode(bytes).map_err(|error| damaged(&error))?;
        let value = Value { text, bytes };
        let shelf = SHELVES.iter().find(|(known, _)| *known == name).map(|(_, shelf)| *shelf);
        let key = match key {
            KeyForm::Number(number) => Key::Number(number),
            KeyForm::Text(text) => Key::Text(text),
        };
        let values = match shelf {
            Some(Shelf::Manifests) => &mut contents.manifests,
            Some(Shelf::Jobs) => &mut contents.jobs,
            Some(Shelf::Requests) => &mut contents.requests,
            Some(Shelf::Dismissals) => &mut contents.dismissals,
            Some(Shelf::Journal) => &mut contents.journal,
            Some(Shelf::Meta) => {
                match key {
                    Key::Text(name) if name == SETTINGS => contents.settings = Some(value),
                    Key::Text(name) if name == JOURNAL_END => contents.journal_end = Some(value),
                    _ => return Err(damaged(&"its name is not known")),
                }
                continue;
            }
            Some(Shelf::Segments) | None => {
                return Err(damaged(&format_args!("'{name}' is not known")));
            }
        };
        values.push((key, value));
    }
    let journal: Result<Vec<JournalEntry>, StoreError> =
        contents.journal.iter().map(|(key, value)| restore_entry(key, value)).collect();
    let mut journal = journal?;
    journal.sort_by_key(|entry| entry.id);
    contents.last_journal = journal.last().map(|entry| entry.id);
    let stored = restore(&contents);
    // Each dataset that ever was has its manifest or the mark of its removal.
    let given: BTreeSet<u64> =
        contents.manifests.iter().filter_map(|(key, _)| as_number(key)).collect();
    if given.len() as u64 + 1 != u64::from(stored.next_dataset) {
        return Err(StoreError::Damaged(
            "a dataset is missing, or there is one too many".to_owned(),
        ));
    }
    Ok((stored, journal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DatasetId, Identity, Job, JobId, JobStatus, JournalEnd, Timestamp};
    use crate::workspace::ports::Settings;

    #[test]
    fn what_is_written_is_read() {
        let journal = JournalEnd::default().next(Timestamp::EPOCH, "x", serde_json::json!(1));
        let commit = Commit {
            removed: vec![DatasetId(1), DatasetId(2)],
            jobs: vec![Job { id: JobId("7".to_owned()), status: JobStatus::stopped() }],
            dismissals: vec![Identity(3), Identity(u128::MAX)],
            settings: Some(Settings::default()),
            journal: vec![journal.clone()],
            ..Commit::default()
        };
        let lines = write(&commit).unwrap();
        assert_eq!(lines[0], r#"{"at":["jobs","7"],"text":"{\"status\":\"Stopped\"}"}"#);
        let (stored, entries) = read(&lines).unwrap();
        assert_eq!((stored.jobs, stored.settings), (commit.jobs, commit.settings));
        assert_eq!((stored.dismissals, stored.next_dataset), (commit.dismissals, 3));
        assert_eq!(stored.journal_end, JournalEnd::default().with(&journal));
        assert_eq!(entries, [journal]);
    }

    #[test]
    fn a_dataset_that_is_neither_there_nor_removed_is_missed() {
        let commit = Commit { removed: vec![DatasetId(u32::MAX - 1)], ..Commit::default() };
        assert!(read(&write(&commit).unwrap()).is_err());
    }

    #[test]
    fn a_line_that_cannot_be_is_named() {
        let read = |line: &str| read(&[line.to_owned()]).unwrap_err().to_string();
        assert!(read("{").starts_with("stored data are damaged: value 1: "));
        assert!(read(r#"{"at":["cellar",1],"text":"x"}"#).ends_with("'cellar' is not known"));
        assert!(read(r#"{"at":["meta","x"],"text":"x"}"#).ends_with("its name is not known"));
        assert!(read(r#"{"at":["dismissals",1],"bytes":"!"}"#).contains("value 1: "));
    }
}
