//! What identifies an error record inside the desk, and the states it passes through.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A loaded dump. Ids rise for ever; the id of a removed dataset is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatasetId(pub u32);

/// One loaded record: the dataset and the row's place among the loaded rows of it. Ordered by age, then by the dump's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(u64);

impl RecordId {
    /// The record at `row` (0-based, counting loaded rows only) of `dataset`.
    pub const fn new(dataset: DatasetId, row: u32) -> Self {
        Self(((dataset.0 as u64) << 32) | row as u64)
    }

    /// The dataset it was loaded with.
    pub const fn dataset(self) -> DatasetId {
        DatasetId((self.0 >> 32) as u32)
    }

    /// Its place among the loaded rows of the dataset, 0-based.
    pub const fn row(self) -> u32 {
        self.0 as u32
    }

    /// Both in one number, for storing.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The reverse of [`RecordId::to_bits`].
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// What became of a record so far. A dismissed record has no state: it is gone.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum RecordState {
    /// Nothing was done yet.
    #[default]
    Open,
    /// In an open request.
    Requested,
    /// A retry cleared it.
    Cleared,
    /// A retry was made and it failed again.
    FailedAgain,
}

impl RecordState {
    /// All of them, in the order of a record's life.
    pub const ALL: [Self; 4] = [Self::Open, Self::Requested, Self::Cleared, Self::FailedAgain];

    /// As scripts read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Requested => "requested",
            Self::Cleared => "cleared",
            Self::FailedAgain => "failedAgain",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Requested => "requested",
            Self::Cleared => "cleared",
            Self::FailedAgain => "failed again",
        }
    }
}

/// The kinds of failure the product documents, and what else dumps hold.
///
/// Source: dual-write async FAQ (application, system, concurrency, conflict); *configuration* is ours for map and set-up
/// errors, which block a whole map rather than a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Business validation or logic.
    Application,
    /// A system error; documented as retriable.
    System,
    /// The record's version was not the latest; documented as not retriable.
    Concurrency,
    /// Changed on both sides; never in the product's grid, only in back-end dumps.
    Conflict,
    /// Map, schema, version or link.
    Configuration,
    /// Nothing is known.
    Unknown,
    /// What the dump says in words of its own.
    Other(String),
}

impl Category {
    /// Reads a dump's or a user's word; case and surrounding blanks do not matter.
    pub fn parse(text: &str) -> Self {
        let word = text.trim();
        // "Application error", "System failure" and the like name the kind first.
        let kind = word.split_whitespace().next().unwrap_or_default();
        let known = [
            ("application", Self::Application),
            ("system", Self::System),
            ("concurrency", Self::Concurrency),
            ("conflict", Self::Conflict),
            ("configuration", Self::Configuration),
            ("unknown", Self::Unknown),
        ];
        let tail = word[kind.len()..].trim().to_ascii_lowercase();
        let plain = matches!(tail.as_str(), "" | "error" | "errors" | "failure" | "failures");
        match known.into_iter().find(|(name, _)| plain && kind.eq_ignore_ascii_case(name)) {
            Some((_, category)) => category,
            None if word.is_empty() => Self::Unknown,
            None => Self::Other(word.to_owned()),
        }
    }

    /// The name shown, filtered by and stored.
    pub fn name(&self) -> &str {
        match self {
            Self::Application => "Application",
            Self::System => "System",
            Self::Concurrency => "Concurrency",
            Self::Conflict => "Conflict",
            Self::Configuration => "Configuration",
            Self::Unknown => "Unknown",
            Self::Other(word) => word,
        }
    }

    /// Whether the product lets a record of this kind be retried at all. Only concurrency is documented as not retriable.
    pub fn is_retriable(&self) -> bool {
        !matches!(self, Self::Concurrency)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_keeps_dataset_and_row_and_sorts_by_them() {
        let id = RecordId::new(DatasetId(7), u32::MAX);
        assert_eq!((id.dataset(), id.row()), (DatasetId(7), u32::MAX));
        assert!(id < RecordId::new(DatasetId(8), 0));
        assert_eq!(RecordId::from_bits(id.to_bits()), id);
    }

    #[test]
    fn categories_are_read_leniently_and_foreign_words_are_kept() {
        assert_eq!(Category::parse(" concurrency "), Category::Concurrency);
        assert_eq!(Category::parse("System error"), Category::System);
        assert_eq!(Category::parse("Transient"), Category::Other("Transient".into()));
        assert_eq!(Category::parse("system of record"), Category::Other("system of record".into()));
        assert_eq!(Category::parse(""), Category::Unknown);
    }

    #[test]
    fn only_concurrency_is_never_retried() {
        assert!(!Category::Concurrency.is_retriable());
        assert!(Category::Other("Transient".into()).is_retriable());
    }
}
