//! The record set of one request. A batch above the limit cannot be built.

use std::fmt;

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

/// Sorted, without repetition, not empty, within the limit it was built under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBatch(Vec<RecordId>);

impl RecordBatch {
    /// Sorts and removes repetitions; refuses nothing-at-all and more than `limits.records_per_request`.
    pub fn new(mut records: Vec<RecordId>, limits: &QueueLimits) -> Result<Self, BatchError> {
        records.sort_unstable();
        records.dedup();
        let (count, limit) = (records.len(), limits.records_per_request);
        match count {
            0 => Err(BatchError::Empty),
            _ if count > limit => Err(BatchError::TooMany { count, limit }),
            _ => Ok(Self(records)),
        }
    }

    /// A batch as it was stored. The limit held when it was built and may have changed since; order and uniqueness are
    /// restored, so that a damaged store cannot break them.
    pub fn restored(mut records: Vec<RecordId>) -> Option<Self> {
        records.sort_unstable();
        records.dedup();
        (!records.is_empty()).then_some(Self(records))
    }

    /// The records, ascending.
    pub fn records(&self) -> &[RecordId] {
        &self.0
    }

    /// How many; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the record is in it.
    pub fn contains(&self, record: RecordId) -> bool {
        self.0.binary_search(&record).is_ok()
    }

    /// Fingerprint of the set.
    pub fn digest(&self) -> Digest {
        Digest::of_sorted(&self.0)
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
    fn repetitions_count_once_and_order_does_not_matter() {
        let limits = QueueLimits { records_per_request: 3, ..Default::default() };
        let batch = RecordBatch::new(ids([3, 1, 3, 2, 1]), &limits).unwrap();
        assert_eq!(batch.records(), ids([1, 2, 3]));
        assert_eq!(batch.digest(), RecordBatch::new(ids([2, 3, 1]), &limits).unwrap().digest());
    }
}
