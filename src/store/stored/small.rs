//! Jobs, settings and journal entries: JSON of one line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    CauseRule, DatasetId, DismissHold, Job, JobId, JobStatus, JournalEnd, JournalEntry, LineHash,
    QueueLimits, Timestamp,
};
use crate::workspace::ports::{FixedMark, Settings, StoreError};

use super::{Key, LARGEST_NUMBER, Place, Value, number, read_text, time, write_text};

/// Its key is the job's name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredJob {
    status: String,
}

pub(super) fn write_job(job: &Job) -> Result<Value, StoreError> {
    write_text(&StoredJob { status: job.status.to_string() })
}

pub(super) fn read_job(place: &Place, value: &Value) -> Result<Job, StoreError> {
    let Key::Text(name) = &place.key else {
        return Err(place.damaged("its key is not a name"));
    };
    let stored: StoredJob = read_text(place, value)?;
    Ok(Job { id: JobId(name.clone()), status: JobStatus::from(stored.status) })
}

/// What a job is taken for whose value cannot be read: nobody may have wanted it to work.
pub(super) fn job_of_unknown_status(key: &Key) -> Option<Job> {
    let Key::Text(name) = key else { return None };
    Some(Job { id: JobId(name.clone()), status: JobStatus::stopped() })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredSettings {
    rehearsal_step_ms: u32,
    dismiss_hold_seconds: u32,
    requests_per_job: u64,
    records_per_request: u64,
    fixed_causes: Vec<String>,
    /// By cause; missing in settings of earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fixed_marks: BTreeMap<String, StoredMark>,
    /// Missing where there are none, as in what earlier programs wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cause_rules: Vec<CauseRule>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    cause_notes: BTreeMap<String, String>,
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

/// Times are epoch milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredMark {
    at: i64,
    last_seen: Option<i64>,
    newer_from: u32,
}

pub(super) fn write_settings(settings: &Settings) -> Result<Value, StoreError> {
    write_text(&StoredSettings {
        rehearsal_step_ms: settings.rehearsal_step_ms,
        dismiss_hold_seconds: settings.dismiss_hold.seconds,
        requests_per_job: settings.limits.requests_per_job as u64,
        records_per_request: settings.limits.records_per_request as u64,
        fixed_causes: settings.fixed_causes.clone(),
        fixed_marks: settings.fixed_marks.iter().map(write_mark).collect(),
        cause_rules: settings.cause_rules.clone(),
        cause_notes: settings.cause_notes.clone(),
        others: settings.others.clone(),
    })
}

fn write_mark((cause, mark): (&String, &FixedMark)) -> (String, StoredMark) {
    let FixedMark { at, last_seen, newer_from } = *mark;
    let last_seen = last_seen.map(Timestamp::millis);
    (cause.clone(), StoredMark { at: at.millis(), last_seen, newer_from: newer_from.0 })
}

fn read_mark(place: &Place, mark: &StoredMark) -> Result<FixedMark, StoreError> {
    Ok(FixedMark {
        at: time(place, mark.at)?,
        last_seen: mark.last_seen.map(|millis| time(place, millis)).transpose()?,
        newer_from: DatasetId(mark.newer_from),
    })
}

pub(super) fn read_settings(place: &Place, value: &Value) -> Result<Settings, StoreError> {
    let stored: StoredSettings = read_text(place, value)?;
    let limit = |number: u64| {
        usize::try_from(number).map_err(|_| place.damaged(format_args!("{number} is too large")))
    };
    let marks = stored.fixed_marks.iter();
    let marks: Result<BTreeMap<String, FixedMark>, StoreError> =
        marks.map(|(cause, mark)| Ok((cause.clone(), read_mark(place, mark)?))).collect();
    Ok(Settings {
        rehearsal_step_ms: stored.rehearsal_step_ms,
        dismiss_hold: DismissHold { seconds: stored.dismiss_hold_seconds },
        limits: QueueLimits {
            requests_per_job: limit(stored.requests_per_job)?,
            records_per_request: limit(stored.records_per_request)?,
        },
        fixed_causes: stored.fixed_causes,
        fixed_marks: marks?,
        cause_rules: stored.cause_rules,
        cause_notes: stored.cause_notes,
        others: stored.others,
    })
}

/// Its key is the entry's id. Times are epoch milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredEntry {
    at: i64,
    event: String,
    details: serde_json::Value,
    /// Missing in lines of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<LineHash>,
}

pub(super) fn write_entry(entry: &JournalEntry) -> Result<Value, StoreError> {
    write_text(&StoredEntry {
        at: entry.at.millis(),
        event: entry.event.clone(),
        details: entry.details.clone(),
        hash: entry.hash,
    })
}

pub(super) fn read_entry(place: &Place, value: &Value) -> Result<JournalEntry, StoreError> {
    let stored: StoredEntry = read_text(place, value)?;
    Ok(JournalEntry {
        id: number(place)?,
        at: time(place, stored.at)?,
        event: stored.event,
        details: stored.details,
        hash: stored.hash,
    })
}

/// Number and hash of the last line, so that a tail that was cut off is missed.
pub(super) fn write_journal_end(end: &JournalEnd) -> Result<Value, StoreError> {
    write_text(end)
}

pub(super) fn read_journal_end(place: &Place, value: &Value) -> Result<JournalEnd, StoreError> {
    let end: JournalEnd = read_text(place, value)?;
    if end.id > LARGEST_NUMBER {
        return Err(place.damaged(format_args!("{} is no number of a line", end.id)));
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::super::{SETTINGS, Shelf};
    use super::*;

    #[test]
    fn the_stored_forms_do_not_change() {
        let job = Job { id: JobId("Sales".to_owned()), status: JobStatus::stopped() };
        assert_eq!(write_job(&job).unwrap().text, r#"{"status":"Stopped"}"#);
        let settings = Settings { fixed_causes: vec!["lock".to_owned()], ..Settings::default() };
        assert_eq!(
            write_settings(&settings).unwrap().text,
            r#"{"rehearsalStepMs":150,"dismissHoldSeconds":10,"requestsPerJob":5,"recordsPerRequest":10000,"fixedCauses":["lock"]}"#
        );
        let place = Place::text(Shelf::Meta, SETTINGS);
        assert_eq!(read_settings(&place, &write_settings(&settings).unwrap()).unwrap(), settings);
        let at = Timestamp::from_millis(9).unwrap();
        let mark = FixedMark { at, last_seen: None, newer_from: DatasetId(4) };
        let marked = Settings { fixed_marks: [("lock".to_owned(), mark)].into(), ..settings };
        let written = write_settings(&marked).unwrap();
        assert!(written.text.ends_with(
            r#""fixedCauses":["lock"],"fixedMarks":{"lock":{"at":9,"lastSeen":null,"newerFrom":4}}}"#
        ));
        assert_eq!(read_settings(&place, &written).unwrap(), marked);
        let entry = JournalEntry {
            id: 3,
            at: Timestamp::from_millis(-5).unwrap(),
            event: "submitted".to_owned(),
            details: serde_json::json!({ "b": 1, "a": [null] }),
            hash: None,
        };
        assert_eq!(
            write_entry(&entry).unwrap().text,
            r#"{"at":-5,"event":"submitted","details":{"b":1,"a":[null]}}"#
        );
        let place = Place::number(Shelf::Journal, 3);
        assert_eq!(read_entry(&place, &write_entry(&entry).unwrap()).unwrap(), entry);
        let chained = JournalEntry { hash: LineHash::parse(&"0a".repeat(32)), ..entry };
        let text = write_entry(&chained).unwrap().text;
        assert!(
            text.ends_with(&format!(r#""a":[null]}},"hash":"{}"}}"#, "0a".repeat(32))),
            "{text}"
        );
        assert_eq!(read_entry(&place, &write_entry(&chained).unwrap()).unwrap(), chained);
        let end = JournalEnd { id: 3, hash: LineHash::default() };
        assert_eq!(
            write_journal_end(&end).unwrap().text,
            format!(r#"{{"id":3,"hash":"{}"}}"#, "00".repeat(32))
        );
    }

    #[test]
    fn settings_of_a_later_version_are_kept() {
        let place = Place::text(Shelf::Meta, SETTINGS);
        let plain = write_settings(&Settings::default()).unwrap().text;
        let text = plain.replace('}', r#","laterNotes":{"lock":["ask Kim"]},"z":1}"#);
        let value = Value { text: text.clone(), bytes: vec![] };
        let settings = read_settings(&place, &value).unwrap();
        assert_eq!(settings.others["laterNotes"]["lock"][0], "ask Kim");
        let changed = Settings { rehearsal_step_ms: 7, ..settings };
        let written = write_settings(&changed).unwrap().text;
        assert_eq!(written, text.replace("\"rehearsalStepMs\":150", "\"rehearsalStepMs\":7"));
    }

    #[test]
    fn what_cannot_be_is_damaged() {
        let text = |text: &str| Value { text: text.to_owned(), bytes: vec![] };
        let end = format!(r#"{{"id":{},"hash":"{}"}}"#, u64::MAX, "00".repeat(32));
        assert!(read_journal_end(&Place::text(Shelf::Meta, "x"), &text(&end)).is_err());
        let journal = Place::number(Shelf::Journal, 3);
        let no_time = r#"{"at":9223372036854775807,"event":"x","details":null}"#;
        assert_eq!(
            read_entry(&journal, &text(no_time)).unwrap_err().to_string(),
            "stored data are damaged: journal entry 3: 9223372036854775807 ms is no time"
        );
        let settings = Place::text(Shelf::Meta, SETTINGS);
        assert!(
            read_settings(&settings, &Value::default())
                .unwrap_err()
                .to_string()
                .starts_with("stored data are damaged: the settings: ")
        );
        assert!(read_job(&Place::number(Shelf::Jobs, 1), &text(r#"{"status":"Active"}"#)).is_err());
    }
}
