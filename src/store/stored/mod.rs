//! What is written, byte for byte: the forms of stored values, the changes a commit makes, and the way back.
//!
//! Stored forms are not the domain's types: these may change with the code, those only by a step of the schema, and
//! snapshot tests hold them. Both stores write the same values, so everything here is tested natively.
//!
//! Deliberately absent: how values get on a disk, and the content of segments (`dataset` knows).
//!
//! Invariant: whatever bytes are found, reading them gives a value or `Damaged` with the name of the place; it never
//! panics, and never a value that breaks a domain type. No damaged value keeps another from being read.

mod dismissals;
pub(super) mod lines;
mod manifest;
mod request;
mod seen_again;
mod small;

use crate::domain::{DatasetId, JournalEnd, JournalEntry, Timestamp};
use crate::workspace::ports::{Commit, Damage, DamagedThing, Manifest, StoreError, Stored};

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
    /// Removes everything on these shelves.
    Clear(&'static [Shelf]),
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

/// What makes the commit all that is stored, but for segments, in order.
pub(super) fn replacement(commit: &Commit) -> Result<Vec<Change>, StoreError> {
    let mut all = vec![Change::Clear(Shelf::ALL_BUT_SEGMENTS)];
    all.extend(changes(commit)?);
    Ok(all)
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
    /// The largest number on the shelf of the journal.
    pub(super) last_journal: Option<u64>,
    /// All lines of the journal, where its end is not known: version 1 did not keep it.
    pub(super) journal: Vec<(Key, Value)>,
}

/// Reads everything that [`changes`] wrote, but for what is damaged.
pub(super) fn restore(contents: &Contents) -> Stored {
    let mut damaged = Vec::new();
    let (manifests, next_dataset) = manifests(&contents.manifests, &mut damaged);
    let mut jobs = Vec::new();
    for (key, value) in &contents.jobs {
        let place = Place { shelf: Shelf::Jobs, key: key.clone() };
        jobs.extend(small::read_job(&place, value).or_else(|error| {
            let job = small::job_of_unknown_status(key).ok_or(());
            let name = job.as_ref().ok().map(|job| job.id.clone());
            note(&mut damaged, DamagedThing::Job(name), error);
            job
        }));
    }
    jobs.sort_by(|a, b| a.id.cmp(&b.id));
    let mut requests = each(Shelf::Requests, &contents.requests, request::read, |_, value, why| {
        note(&mut damaged, request::damaged_thing(value), why);
    });
    requests.sort_by_key(|request| request.id);
    let last_request = contents.requests.iter().filter_map(|(key, _)| as_number(key)).max();
    let added = each(Shelf::Dismissals, &contents.dismissals, dismissals::read, |_, _, why| {
        note(&mut damaged, DamagedThing::Dismissals, why);
    });
    let mut dismissals = added.concat();
    dismissals.sort_unstable();
    dismissals.dedup();
    let settings = contents.settings.as_ref().and_then(|value| {
        let read = small::read_settings(&Place::text(Shelf::Meta, SETTINGS), value);
        read.map_err(|why| note(&mut damaged, DamagedThing::Settings, why)).ok()
    });
    Stored {
        manifests,
        jobs,
        requests,
        dismissals,
        settings,
        damaged,
        next_request: last_request.unwrap_or_default().saturating_add(1),
        next_dataset,
        journal_end: journal_end(contents),
    }
}

/// The latest line. A number that was given is not given again, whichever of the two knows it: the end that was noted
/// or the lines themselves. What cannot be read keeps nobody from working: whoever verifies the trail is told.
fn journal_end(contents: &Contents) -> JournalEnd {
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
    JournalEnd { id: end.id.max(contents.last_journal.unwrap_or_default()), ..end }
}

/// Whether the segments of a dataset belong to nothing. Where a manifest cannot be read, its segments are not nobody's.
pub(super) fn is_orphan(stored: &Stored, dataset: DatasetId) -> bool {
    let is_known = stored.manifests.iter().any(|manifest| manifest.dataset == dataset);
    let may_be = |thing: &DamagedThing| match thing {
        DamagedThing::Manifest(of) => of.is_none_or(|of| of == dataset),
        _ => false,
    };
    !is_known && !stored.damaged.iter().any(|damage| may_be(&damage.thing))
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
fn manifests(found: &[(Key, Value)], damaged: &mut Vec<Damage>) -> (Vec<Manifest>, u32) {
    let id = |key: &Key| as_number(key).and_then(|id| u32::try_from(id).ok());
    let last = found.iter().filter_map(|(key, _)| id(key)).max();
    let read = each(Shelf::Manifests, found, manifest::read, |key, _, why| {
        note(damaged, DamagedThing::Manifest(id(key).map(DatasetId)), why);
    });
    let mut manifests: Vec<_> = read.into_iter().flatten().collect();
    manifests.sort_by_key(|manifest| manifest.dataset);
    (manifests, last.unwrap_or_default().saturating_add(1))
}

/// The values that can be read; of the others is told.
fn each<T>(
    shelf: Shelf,
    found: &[(Key, Value)],
    read: impl Fn(&Place, &Value) -> Result<T, StoreError>,
    mut damaged: impl FnMut(&Key, &Value, StoreError),
) -> Vec<T> {
    let mut values = Vec::with_capacity(found.len());
    for (key, value) in found {
        match read(&Place { shelf, key: key.clone() }, value) {
            Ok(value) => values.push(value),
            Err(why) => damaged(key, value, why),
        }
    }
    values
}

fn note(damaged: &mut Vec<Damage>, thing: DamagedThing, error: StoreError) {
    let why = match error {
        StoreError::Damaged(why) => why,
        other => other.to_string(),
    };
    damaged.push(Damage { thing, why });
}

/// The largest number that every store takes as a key: browsers count in doubles. What is counted on from a larger one,
/// which none of ours ever had, would not be stored.
const LARGEST_NUMBER: u64 = (1 << 53) - 1;

fn as_number(key: &Key) -> Option<u64> {
    match key {
        Key::Number(number) => Some(*number).filter(|number| *number <= LARGEST_NUMBER),
        _ => None,
    }
}

fn number(place: &Place) -> Result<u64, StoreError> {
    match place.key {
        Key::Number(number) if number <= LARGEST_NUMBER => Ok(number),
        Key::Number(_) => Err(place.damaged("its key is too large")),
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
    fn what_nobody_can_count_on_from_is_damaged() {
        let text = |text: &str| Value { text: text.to_owned(), bytes: vec![] };
        let contents = Contents {
            requests: vec![(Key::Number(u64::MAX), text("{\"state\":\"finished\"}"))],
            last_journal: Some(3),
            ..Contents::default()
        };
        let stored = restore(&contents);
        assert_eq!((stored.damaged.len(), stored.next_request), (1, 1));
    }

    #[test]
    fn a_key_of_the_wrong_kind_is_damage_with_a_name() {
        let contents = Contents {
            manifests: vec![(Key::Text("x".to_owned()), Value::default())],
            ..Contents::default()
        };
        let stored = restore(&contents);
        let [damage] = &stored.damaged[..] else { panic!("{:?}", stored.damaged) };
        assert_eq!(damage.thing, DamagedThing::Manifest(None));
        assert!(damage.why.starts_with("manifest of dataset x: "), "{}", damage.why);
        assert!(!is_orphan(&stored, DatasetId(7)), "it may be the one");
    }

    #[test]
    fn what_is_damaged_keeps_its_number_and_nothing_else_from_being_read() {
        let text = |text: &str| Value { text: text.to_owned(), bytes: vec![] };
        let contents = Contents {
            manifests: vec![(Key::Number(4), text("{"))],
            jobs: vec![(Key::Text("Sales".to_owned()), text("?")), (Key::Number(1), text("?"))],
            requests: vec![
                (Key::Number(8), text("{\"state\":\"finished\"}")),
                (Key::Number(9), text("{\"state\":\"queued\"}")),
                (Key::Number(3), text("")),
            ],
            dismissals: vec![
                (Key::Number(1), Value { text: String::new(), bytes: vec![1; 16] }),
                (Key::Number(2), Value { text: String::new(), bytes: vec![1; 15] }),
            ],
            settings: Some(text("[]")),
            last_journal: Some(6),
            ..Contents::default()
        };
        let stored = restore(&contents);
        let things: Vec<_> = stored.damaged.iter().map(|damage| damage.thing.clone()).collect();
        assert_eq!(
            things,
            [
                DamagedThing::Manifest(Some(DatasetId(4))),
                DamagedThing::Job(Some(JobId("Sales".to_owned()))),
                DamagedThing::Job(None),
                DamagedThing::ClosedRequest,
                DamagedThing::Request,
                DamagedThing::Request,
                DamagedThing::Dismissals,
                DamagedThing::Settings,
            ]
        );
        let stopped = Job { id: JobId("Sales".to_owned()), status: JobStatus::stopped() };
        assert_eq!((stored.jobs, stored.dismissals.len()), (vec![stopped], 1));
        assert_eq!((stored.next_dataset, stored.next_request, stored.journal_end.id), (5, 10, 6));
    }
}
