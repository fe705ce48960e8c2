//! The record set of one request. A batch above the limit cannot be built.

use std::fmt;

use hashbrown::HashSet;
use xxhash_rust::xxh3::xxh3_128;

use super::{QueueLimits, RecordId};

/// Why no batch came of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// No record at all.
    Empty,
    /// More records than a request may hold.
    TooMany {
        /// Different records asked for.
        count: usize,
        /// The most a request may hold.
        limit: usize,
    },
}

/// Fingerprint of a record set: equal sets have equal digests, whatever order they were given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub u128);

impl Digest {
    /// Of records in ascending order.
    pub fn of_sorted(records: &[RecordId]) -> Self {
        let mut bytes = Vec::with_capacity(records.len() * 8);
        for record in records {
            bytes.extend_from_slice(&record.to_bits().to_le_bytes());
        }
        Self(xxh3_128(&bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Without repetition, not empty, within the limit it was built under; in the order in which it is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBatch {
    records: Vec<RecordId>,
    /// The records ascending, where their order is another one.
    sorted: Option<Vec<RecordId>>,
}

impl RecordBatch {
    /// In the order given, each at its first place; refuses nothing-at-all and more than `limits.records_per_request`.
    pub fn new(records: Vec<RecordId>, limits: &QueueLimits) -> Result<Self, BatchError> {
        let batch = Self::restored(records).ok_or(BatchError::Empty)?;
        let (count, limit) = (batch.len(), limits.records_per_request);
        if count > limit { Err(BatchError::TooMany { count, limit }) } else { Ok(batch) }
    }

    /// A batch as it was stored. The limit held when it was built and may have changed since; uniqueness is restored, so
    /// that a damaged store cannot break it.
    pub fn restored(mut records: Vec<RecordId>) -> Option<Self> {
        if records.is_empty() {
            return None;
        }
        let is_ascending = records.is_sorted();
        if is_ascending {
            records.dedup();
            return Some(Self { records, sorted: None });
        }
        let mut sorted = records.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < records.len() {
            let mut seen = HashSet::with_capacity(sorted.len());
            records.retain(|record| seen.insert(*record));
        }
        let sorted = (records != sorted).then_some(sorted);
        Some(Self { records, sorted })
    }

    /// The records in the order of work.
    pub fn records(&self) -> &[RecordId] {
        &self.records
    }

    /// The records, ascending.
    pub fn ascending(&self) -> &[RecordId] {
        self.sorted.as_deref().unwrap_or(&self.records)
    }

    /// How many; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the record is in it.
    pub fn contains(&self, record: RecordId) -> bool {
        self.ascending().binary_search(&record).is_ok()
    }

    /// Fingerprint of the set.
    pub fn digest(&self) -> Digest {
        Digest::of_sorted(self.ascending())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DatasetId;

    fn ids(rows: impl IntoIterator<Item = u32>) -> Vec<RecordId> {
        rows.into_iter().map(|row| RecordId::new(DatasetId(1), row)).collect()
    }

    #[test]
    fn ten_thousand_pass_and_one_more_does_not() {
        let limits = QueueLimits::default();
        assert_eq!(RecordBatch::new(ids(0..10_000), &limits).unwrap().len(), 10_000);
        assert_eq!(
            RecordBatch::new(ids(0..10_001), &limits),
            Err(BatchError::TooMany { count: 10_001, limit: 10_000 })
        );
        assert_eq!(RecordBatch::new(vec![], &limits), Err(BatchError::Empty));
    }

    #[test]
    fn repetitions_count_once_and_the_order_is_kept() {
        let limits = QueueLimits { records_per_request: 3, ..Default::default() };
        let batch = RecordBatch::new(ids([3, 1, 3, 2, 1]), &limits).unwrap();
        assert_eq!(
            (batch.records(), batch.ascending()),
            (&ids([3, 1, 2])[..], &ids([1, 2, 3])[..])
        );
        let other = RecordBatch::new(ids([1, 2, 3]), &limits).unwrap();
        assert_eq!(other.records(), other.ascending());
        // The same set, worked on in another order.
        assert_eq!(batch.digest(), other.digest());
        assert_ne!(batch, other);
        assert!(ids([1, 2, 3]).into_iter().all(|id| batch.contains(id)));
        assert!(!batch.contains(ids([4])[0]));
        // An order that repetitions alone disturb is ascending.
        assert_eq!(RecordBatch::restored(ids([1, 2, 1, 3])), Some(other));
    }
}
