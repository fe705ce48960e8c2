//! A store that forgets when the page goes: for windows without durable storage, and for tests.
//!
//! It keeps the very values that the store in IndexedDB keeps. A clone is the same life of the process on the same
//! data; [`MemoryStore::reopen`] is the next life, which is what tests of restarts and crashes ask for.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::domain::{DatasetId, JournalEntry};
use crate::workspace::ports::{Commit, Store, StoreError, Stored};

use super::faults::{Fault, FaultPlan};
use super::part::{JOURNAL_END, Key, Part, Place, SETTINGS, Shelf};
use super::raw;
use super::stored::{self, Change, Contents, Value};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    data: Rc<RefCell<Data>>,
    life: Rc<Life>,
}

type Data = BTreeMap<Place, Value>;

/// One life of the process.
#[derive(Debug, Default)]
struct Life {
    plan: RefCell<Option<FaultPlan>>,
    crashed: Cell<bool>,
    writes: Cell<usize>,
    /// Reads of segments that fail before the next one works.
    failing_reads: Cell<usize>,
    segments_read: Cell<usize>,
}

impl MemoryStore {
    /// A new, empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next life of the process on the same data: what a restart finds. No fault is planned in it.
    pub fn reopen(&self) -> Self {
        Self { data: Rc::clone(&self.data), life: Rc::default() }
    }

    /// Plans a fault; a plan made before is forgotten.
    pub fn plan_fault(&self, plan: FaultPlan) {
        *self.life.plan.borrow_mut() = Some(plan);
    }

    /// The next write fails with this error, the one after it works again.
    pub fn fail_next(&self, error: StoreError) {
        self.plan_fault(FaultPlan::new(0, Fault::Fail(error)));
    }

    /// The next reads of segments fail, without a word about the segments; the one after them works again.
    pub fn fail_reads(&self, count: usize) {
        self.life.failing_reads.set(count);
    }

    /// Whether a planned crash has happened in this life.
    pub fn is_crashed(&self) -> bool {
        self.life.crashed.get()
    }

    /// Writing calls of this life so far, failed ones included. A test that runs once without a fault learns here how
    /// many places there are for one.
    pub fn writes(&self) -> usize {
        self.life.writes.get()
    }

    /// How often a segment was read in this life.
    pub fn segments_read(&self) -> usize {
        self.life.segments_read.get()
    }

    /// Overwrites a stored value with text that means nothing, as a broken disk might. Nothing happens where nothing is
    /// stored.
    pub fn damage(&self, part: &Part) {
        if let Some(value) = self.data.borrow_mut().get_mut(&Place::from(part)) {
            *value = Value { text: "damaged".to_owned(), bytes: vec![0xff] };
        }
    }

    /// Changes the text of a stored value as somebody with the browser's tools might; `None` removes the value. Nothing
    /// happens where nothing is stored.
    pub fn alter(&self, part: &Part, change: impl FnOnce(&str) -> Option<String>) {
        let place = Place::from(part);
        let mut data = self.data.borrow_mut();
        let Some(value) = data.get_mut(&place) else { return };
        match change(&value.text) {
            Some(text) => value.text = text,
            None => drop(data.remove(&place)),
        }
    }

    /// Everything in it as lines of text, see `raw`.
    pub fn export_raw(&self, version: u32) -> String {
        let data = self.data.borrow();
        let values = data.iter().map(|(place, value)| {
            raw::line(place.shelf.name(), &raw::raw_key(&place.key), &raw::raw_value(value))
        });
        [raw::first_line("memory", version)].into_iter().chain(values).collect()
    }

    /// A store that holds what such lines say, however old they are.
    pub fn from_raw(lines: &str) -> Result<Self, StoreError> {
        let values = lines.lines().map(raw::read_line).filter_map(Result::transpose);
        let data = values.collect::<Result<Data, _>>()?;
        Ok(Self { data: Rc::new(RefCell::new(data)), life: Rc::default() })
    }

    fn alive(&self) -> Result<(), StoreError> {
        if self.life.crashed.get() { Err(self.crash()) } else { Ok(()) }
    }

    fn crash(&self) -> StoreError {
        self.life.crashed.set(true);
        StoreError::Unavailable("the process has ended".to_owned())
    }

    /// One transaction: all changes, or none and an error.
    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.alive()?;
        self.life.writes.set(self.life.writes.get() + 1);
        let due = self.due();
        let mut data = self.data.borrow_mut();
        let Some(plan) = due else {
            for change in changes {
                apply(&mut data, change);
            }
            return Ok(());
        };
        let cut = match plan.fault {
            Fault::CrashAfter => changes.len(),
            Fault::Fail(_) | Fault::CrashBefore => plan.after_changes.min(changes.len()),
        };
        let undo: Vec<_> =
            changes.into_iter().take(cut).flat_map(|change| apply(&mut data, change)).collect();
        if plan.fault != Fault::CrashAfter {
            for (place, before) in undo.into_iter().rev() {
                match before {
                    Some(value) => data.insert(place, value),
                    None => data.remove(&place),
                };
            }
        }
        Err(match plan.fault {
            Fault::Fail(error) => error,
            Fault::CrashBefore | Fault::CrashAfter => self.crash(),
        })
    }

    /// The plan, if this write is the one it is for.
    fn due(&self) -> Option<FaultPlan> {
        let mut plan = self.life.plan.borrow_mut();
        match plan.as_mut() {
            Some(FaultPlan { after_writes: 0, .. }) => plan.take(),
            Some(FaultPlan { after_writes, .. }) => {
                *after_writes -= 1;
                None
            }
            None => None,
        }
    }
}

/// Makes one change and tells what was there before, in the order in which it changed.
fn apply(data: &mut Data, change: Change) -> Vec<(Place, Option<Value>)> {
    match change {
        Change::Put(place, value) => vec![(place.clone(), data.insert(place, value))],
        Change::Append(shelf, value) => {
            let next = match last(data, shelf) {
                Some(Key::Number(number)) => number + 1,
                _ => 1,
            };
            let place = Place::number(shelf, next);
            vec![(place.clone(), data.insert(place, value))]
        }
        Change::RemoveSegments(dataset) => {
            let of_dataset = Place::segment(dataset, 0)..=Place::segment(dataset, u32::MAX);
            removed(data, |place| of_dataset.contains(place))
        }
        Change::Clear(shelves) => removed(data, |place| shelves.contains(&place.shelf)),
    }
}

fn removed(data: &mut Data, goes: impl Fn(&Place) -> bool) -> Vec<(Place, Option<Value>)> {
    data.extract_if(.., |place, _| goes(place)).map(|(place, value)| (place, Some(value))).collect()
}

/// The values of a shelf in the order of their keys.
fn on(data: &Data, shelf: Shelf) -> impl DoubleEndedIterator<Item = (&Key, &Value)> {
    let first = Place { shelf, key: Key::Number(0) };
    let last = Place { shelf, key: Key::Segment(u32::MAX, u32::MAX) };
    data.range(first..=last).map(|(place, value)| (&place.key, value))
}

fn last(data: &Data, shelf: Shelf) -> Option<Key> {
    on(data, shelf).next_back().map(|(key, _)| key.clone())
}

fn contents(data: &Data) -> Contents {
    let all = |shelf| on(data, shelf).map(|(key, value)| (key.clone(), value.clone())).collect();
    let journal_end = data.get(&Place::text(Shelf::Meta, JOURNAL_END)).cloned();
    Contents {
        manifests: all(Shelf::Manifests),
        jobs: all(Shelf::Jobs),
        requests: all(Shelf::Requests),
        dismissals: all(Shelf::Dismissals),
        settings: data.get(&Place::text(Shelf::Meta, SETTINGS)).cloned(),
        last_journal: on(data, Shelf::Journal).rev().find_map(|(key, _)| match key {
            Key::Number(number) => Some(*number),
            _ => None,
        }),
        journal: if journal_end.is_some() { Vec::new() } else { all(Shelf::Journal) },
        journal_end,
    }
}

impl Store for MemoryStore {
    async fn load(&self) -> Result<Stored, StoreError> {
        self.alive()?;
        let mut data = self.data.borrow_mut();
        let stored = stored::restore(&contents(&data));
        let orphan = |place: &Place| match place.key {
            Key::Segment(dataset, _) => stored::is_orphan(&stored, DatasetId(dataset)),
            _ => false,
        };
        data.retain(|place, _| !orphan(place));
        Ok(stored)
    }

    async fn put_segments(
        &self,
        dataset: DatasetId,
        segments: Vec<(u32, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let put = |(index, bytes)| {
            Change::Put(Place::segment(dataset, index), Value { text: String::new(), bytes })
        };
        self.write(segments.into_iter().map(put).collect())
    }

    async fn segment(&self, dataset: DatasetId, index: u32) -> Result<Vec<u8>, StoreError> {
        self.alive()?;
        self.life.segments_read.set(self.life.segments_read.get() + 1);
        if let Some(left) = self.life.failing_reads.get().checked_sub(1) {
            self.life.failing_reads.set(left);
            return Err(StoreError::Failed("the disk did not answer".to_owned()));
        }
        let place = Place::segment(dataset, index);
        match self.data.borrow().get(&place) {
            Some(value) => Ok(value.bytes.clone()),
            None => Err(place.damaged("it is missing")),
        }
    }

    async fn discard(&self, dataset: DatasetId) -> Result<(), StoreError> {
        self.alive()?;
        let place = Place::number(Shelf::Manifests, dataset.0.into());
        let found = self.data.borrow().get(&place).cloned();
        if let Some(value) = found
            && stored::is_complete(&place.key, &value)?
        {
            return Err(stored::is_not_garbage(dataset));
        }
        self.write(vec![Change::RemoveSegments(dataset)])
    }

    async fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.write(stored::changes(commit)?)
    }

    async fn replace(&self, commit: &Commit) -> Result<(), StoreError> {
        self.write(stored::replacement(commit)?)
    }

    async fn journal(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<JournalEntry>), StoreError> {
        self.alive()?;
        let data = self.data.borrow();
        let window = on(&data, Shelf::Journal).skip(offset).take(limit);
        let entries = window.map(|(key, value)| stored::restore_entry(key, value));
        Ok((on(&data, Shelf::Journal).count(), entries.collect::<Result<_, _>>()?))
    }

    async fn segment_count(&self) -> Result<usize, StoreError> {
        self.alive()?;
        Ok(on(&self.data.borrow(), Shelf::Segments).count())
    }

    async fn wipe(&self) -> Result<(), StoreError> {
        self.write(vec![Change::Clear(&Shelf::ALL)])
    }

    fn write_lines(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        stored::lines::write(commit)
    }

    fn read_lines(&self, lines: &[String]) -> Result<(Stored, Vec<JournalEntry>), StoreError> {
        stored::lines::read(lines)
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}
