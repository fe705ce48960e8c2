//! Where a stored value lies, and how messages name it.

use std::fmt;

use crate::domain::{DatasetId, JobId, RequestId};
use crate::workspace::ports::StoreError;

/// One stored value, as a person would name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The manifest of a dataset.
    Manifest(DatasetId),
    /// A job.
    Job(JobId),
    /// A request.
    Request(RequestId),
    /// What one commit added to the ledger; the first is 1.
    Dismissals(u64),
    /// A line of the journal.
    Journal(u64),
    /// The settings.
    Settings,
    /// What the last line of the journal is.
    JournalEnd,
}

/// The kinds of things that are kept, each under keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    Segments,
    Manifests,
    Jobs,
    Requests,
    Dismissals,
    Journal,
    Meta,
}

impl Shelf {
    /// Every shelf, that of the segments first.
    pub(super) const ALL: [Self; 7] = [
        Self::Segments,
        Self::Manifests,
        Self::Jobs,
        Self::Requests,
        Self::Dismissals,
        Self::Journal,
        Self::Meta,
    ];

    /// Every shelf but that of the segments, which is the last to be needed and the longest to be busy.
    pub(super) const ALL_BUT_SEGMENTS: &[Self] = Self::ALL.split_at(1).1;

    /// The name it is stored under, as of the newest version.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Segments => "segments",
            Self::Manifests => "manifests",
            Self::Jobs => "jobs",
            Self::Requests => "requests",
            Self::Dismissals => "dismissals",
            Self::Journal => "journal",
            Self::Meta => "meta",
        }
    }
}

impl Shelf {
    /// Whether anything is ever stored there under a key of this kind.
    #[cfg_attr(
        not(target_family = "wasm"),
        expect(dead_code, reason = "only browsers let others write between")
    )]
    pub(super) fn takes(self, key: &Key) -> bool {
        match self {
            Self::Segments => matches!(key, Key::Segment(..)),
            Self::Jobs | Self::Meta => matches!(key, Key::Text(_)),
            Self::Manifests | Self::Requests | Self::Dismissals | Self::Journal => {
                matches!(key, Key::Number(1..))
            }
        }
    }
}

/// Key of a value on its shelf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(u64),
    Text(String),
    /// Dataset and number of a segment.
    Segment(u32, u32),
}

/// Keys of the shelf `Meta`.
pub(super) const SETTINGS: &str = "settings";
pub(super) const JOURNAL_END: &str = "end of the journal";

/// A shelf and a key on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) shelf: Shelf,
    pub(super) key: Key,
}

impl Place {
    pub(super) fn number(shelf: Shelf, number: u64) -> Self {
        Self { shelf, key: Key::Number(number) }
    }

    pub(super) fn text(shelf: Shelf, text: impl Into<String>) -> Self {
        Self { shelf, key: Key::Text(text.into()) }
    }

    pub(super) fn segment(dataset: DatasetId, index: u32) -> Self {
        Self { shelf: Shelf::Segments, key: Key::Segment(dataset.0, index) }
    }

    /// The error that names this place.
    pub(super) fn damaged(&self, why: impl fmt::Display) -> StoreError {
        StoreError::Damaged(format!("{self}: {why}"))
    }
}

impl From<&Part> for Place {
    fn from(part: &Part) -> Self {
        match part {
            Part::Manifest(dataset) => Self::number(Shelf::Manifests, dataset.0.into()),
            Part::Job(job) => Self::text(Shelf::Jobs, job.0.clone()),
            Part::Request(request) => Self::number(Shelf::Requests, request.0),
            Part::Dismissals(number) => Self::number(Shelf::Dismissals, *number),
            Part::Journal(number) => Self::number(Shelf::Journal, *number),
            Part::Settings => Self::text(Shelf::Meta, SETTINGS),
            Part::JournalEnd => Self::text(Shelf::Meta, JOURNAL_END),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.shelf {
            Shelf::Segments => "segment",
            Shelf::Manifests => "manifest of dataset",
            Shelf::Jobs => "job",
            Shelf::Requests => "request",
            Shelf::Dismissals => "dismissals",
            Shelf::Journal => "journal entry",
            // The key of the shelf is the name of the thing.
            Shelf::Meta => "the",
        };
        match &self.key {
            Key::Number(number) => write!(f, "{kind} {number}"),
            Key::Text(text) => write!(f, "{kind} {text}"),
            Key::Segment(dataset, index) => write!(f, "{kind} {index} of dataset {dataset}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_like_a_person_names_them() {
        let name = |part: &Part| Place::from(part).to_string();
        assert_eq!(name(&Part::Manifest(DatasetId(3))), "manifest of dataset 3");
        assert_eq!(name(&Part::Job(JobId("Sales".to_owned()))), "job Sales");
        assert_eq!(name(&Part::Request(RequestId(7))), "request 7");
        assert_eq!(name(&Part::Dismissals(1)), "dismissals 1");
        assert_eq!(name(&Part::Journal(9)), "journal entry 9");
        assert_eq!(name(&Part::Settings), "the settings");
        assert_eq!(Place::segment(DatasetId(3), 2).to_string(), "segment 2 of dataset 3");
    }
}
