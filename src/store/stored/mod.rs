//! What is written, byte for byte: the forms of stored values, the changes a commit makes, and the way back.
//!
//! Stored forms are not the domain's types: these may change with the code, those only by a step of the schema, and
//! snapshot tests hold them. Both stores write the same values, so everything here is tested natively.
//!
//! Deliberately absent: how values get on a disk, and the content of segments (`dataset` knows).
//!
//! Invariant: whatever bytes are found, reading them gives a value or `Damaged` with the name of the place; it never
//! panics, and never a value that breaks a domain type.

mod dismissals;
pub(super) mod lines;
mod manifest;
mod request;
mod small;

use crate::domain::{DatasetId, JournalEnd, JournalEntry, Timestamp};
use crate::workspace::ports::{Commit, Manifest, StoreError, Stored};

use super::part::{JOURNAL_END, Key, Place, SETTINGS, Shelf};

/// A stored value: text for what people may want to read in the browser's tools, bytes for what is large. Either may be
/// empty; both empty is no value, which every form refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Writes or replaces a value.
    Put(Place, Value),
    /// Adds a value under the next free number of the shelf, from 1.
    Append(Shelf, Value),
    /// Removes all segments of a dataset.
    RemoveSegments(DatasetId),
    /// Removes everything.
    Clear,
}

/// What a commit writes, in order.
pub(super) fn changes(commit: &Commit) -> Result<Vec<Change>, StoreError> {
    let mut changes = Vec::new();
    let mut put = |place, value| changes.push(Change::Put(place, value));
    for manifest in &commit.manifests {
        put(Place::number(Shelf::Manifests, manifest.dataset.0.into()), manifest::write(manifest)?);
    }
    for job in &commit.jobs {
        put(Place::text(Shelf::Jobs, job.id.0.clone()), small::write_job(job)?);
    }
    for request in &commit.requests {
        put(Place::number(Shelf::Requests, request.id.0), request::write(request)?);
    }
    for entry in &commit.journal {
        put(Place::number(Shelf::Journal, entry.id), small::write_entry(entry)?);
    }
    if let Some(JournalEntry { id, hash: Some(hash), .. }) = commit.journal.last() {
        let end = JournalEnd { id: *id, hash: *hash };
        put(Place::text(Shelf::Meta, JOURNAL_END), small::write_journal_end(&end)?);
    }
    if let Some(settings) = &commit.settings {
        put(Place::text(Shelf::Meta, SETTINGS), small::write_settings(settings)?);
    }
    if !commit.dismissals.is_empty() {
        changes.push(Change::Append(Shelf::Dismissals, dismissals::write(&commit.dismissals)));
    }
    // Removal comes last: a dataset that is both new and removed is removed. What stays in the manifest's place keeps
    // the id from being given again.
    for dataset in &commit.removed {
        let place = Place::number(Shelf::Manifests, dataset.0.into());
        changes.push(Change::Put(place, manifest::write_removed()?));
        changes.push(Change::RemoveSegments(*dataset));
    }
    Ok(changes)
}

/// The values of a store, with their keys, in any order.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) manifests: Vec<(Key, Value)>,
    pub(super) jobs: Vec<(Key, Value)>,
    pub(super) requests: Vec<(Key, Value)>,
    pub(super) dismissals: Vec<(Key, Value)>,
    pub(super) settings: Option<Value>,
    pub(super) journal_end: Option<Value>,
    /// The largest key of the journal.
    pub(super) last_journal: Option<Key>,
    /// All lines of the journal, where its end is not known: version 1 did not keep it.
    pub(super) journal: Vec<(Key, Value)>,
}

/// Reads everything that [`changes`] wrote.
pub(super) fn restore(contents: &Contents) -> Result<Stored, StoreError> {
    let (manifests, next_dataset) = manifests(&contents.manifests)?;
    let mut jobs = each(Shelf::Jobs, &contents.jobs, small::read_job)?;
    jobs.sort_by(|a, b| a.id.cmp(&b.id));
    let mut requests = each(Shelf::Requests, &contents.requests, request::read)?;
    requests.sort_by_key(|request| request.id);
    let added = each(Shelf::Dismissals, &contents.dismissals, dismissals::read)?;
    let mut dismissals = added.concat();
    dismissals.sort_unstable();
    dismissals.dedup();
    let settings_place = Place::text(Shelf::Meta, SETTINGS);
    let settings = contents.settings.as_ref();
    let settings =
        settings.map(|value| small::read_settings(&settings_place, value)).transpose()?;
    let journal_end = journal_end(contents)?;
    Ok(Stored { manifests, jobs, requests, dismissals, settings, next_dataset, journal_end })
}

/// The latest line. A number that was given is not given again, whichever of the two knows it: the end that was noted
/// or the lines themselves. What cannot be read keeps nobody from working: whoever verifies the trail is told.
fn journal_end(contents: &Contents) -> Result<JournalEnd, StoreError> {
    let last = match &contents.last_journal {
        Some(key) => number(&Place { shelf: Shelf::Journal, key: key.clone() })?,
        None => 0,
    };
    let end = match &contents.journal_end {
        Some(value) => {
            let place = Place::text(Shelf::Meta, JOURNAL_END);
            small::read_journal_end(&place, value).unwrap_or_default()
        }
        None => {
            let lines = contents.journal.iter();
            let mut lines: Vec<_> =
                lines.filter_map(|(key, value)| restore_entry(key, value).ok()).collect();
            lines.sort_by_key(|line| line.id);
            lines.iter().fold(JournalEnd::default(), |end, line| end.with(line))
        }
    };
    Ok(JournalEnd { id: end.id.max(last), ..end })
}

/// Reads one line of the journal.
pub(super) fn restore_entry(key: &Key, value: &Value) -> Result<JournalEntry, StoreError> {
    small::read_entry(&Place { shelf: Shelf::Journal, key: key.clone() }, value)
}

/// Whether what lies in a manifest's place is a manifest, not the mark of a removed dataset.
pub(super) fn is_complete(key: &Key, value: &Value) -> Result<bool, StoreError> {
    let place = Place { shelf: Shelf::Manifests, key: key.clone() };
    Ok(manifest::read(&place, value)?.is_some())
}

/// The answer to who wants to discard a dataset that is complete.
pub(super) fn is_not_garbage(dataset: DatasetId) -> StoreError {
    let id = dataset.0;
    StoreError::Failed(format!(
        "dataset {id} is complete: a commit removes it, it is not discarded"
    ))
}

/// The manifests by dataset, and the first id that was never given.
fn manifests(found: &[(Key, Value)]) -> Result<(Vec<Manifest>, u32), StoreError> {
    let mut next_dataset = 1;
    for (key, _) in found {
        let place = Place { shelf: Shelf::Manifests, key: key.clone() };
        next_dataset = next_dataset.max(dataset(&place)?.0.saturating_add(1));
    }
    let read = each(Shelf::Manifests, found, manifest::read)?;
    let mut manifests: Vec<_> = read.into_iter().flatten().collect();
    manifests.sort_by_key(|manifest| manifest.dataset);
    Ok((manifests, next_dataset))
}

fn each<T>(
    shelf: Shelf,
    found: &[(Key, Value)],
    read: impl Fn(&Place, &Value) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    found.iter().map(|(key, value)| read(&Place { shelf, key: key.clone() }, value)).collect()
}

fn number(place: &Place) -> Result<u64, StoreError> {
    match place.key {
        Key::Number(number) => Ok(number),
        _ => Err(place.damaged("its key is not a number")),
    }
}

fn dataset(place: &Place) -> Result<DatasetId, StoreError> {
    let id = u32::try_from(number(place)?).map_err(|_| place.damaged("its key is too large"))?;
    Ok(DatasetId(id))
}

fn time(place: &Place, millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millis(millis)
        .ok_or_else(|| place.damaged(format_args!("{millis} ms is no time")))
}

fn write_text(form: &impl serde::Serialize) -> Result<Value, StoreError> {
    let text = serde_json::to_string(form)
        .map_err(|error| StoreError::Failed(format!("a value cannot be written: {error}")))?;
    Ok(Value { text, bytes: Vec::new() })
}

fn read_text<T: serde::de::DeserializeOwned>(
    place: &Place,
    value: &Value,
) -> Result<T, StoreError> {
    serde_json::from_str(&value.text).map_err(|error| place.damaged(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Identity, Job, JobId, JobStatus};

    #[test]
    fn a_commit_is_written_in_a_fixed_order_and_removals_come_last() {
        let commit = Commit {
            removed: vec![DatasetId(2)],
            jobs: vec![Job { id: JobId("Sales".to_owned()), status: JobStatus::Active }],
            dismissals: vec![Identity(1)],
            ..Commit::default()
        };
        let written = changes(&commit).unwrap();
        assert!(
            matches!(&written[0], Change::Put(place, _) if *place == Place::text(Shelf::Jobs, "Sales"))
        );
        assert!(matches!(&written[1], Change::Append(Shelf::Dismissals, _)));
        assert!(
            matches!(&written[2], Change::Put(place, _) if *place == Place::number(Shelf::Manifests, 2))
        );
        assert_eq!(written[3], Change::RemoveSegments(DatasetId(2)));
        assert_eq!(written.len(), 4);
    }

    #[test]
    fn a_key_of_the_wrong_kind_is_damage_with_a_name() {
        let contents = Contents {
            manifests: vec![(Key::Text("x".to_owned()), Value::default())],
            ..Contents::default()
        };
        assert_eq!(
            restore(&contents).unwrap_err(),
            StoreError::Damaged("manifest of dataset x: its key is not a number".to_owned())
        );
    }
}
