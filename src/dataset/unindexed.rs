//! Looks through the rows for records that are wanted before the rows are indexed: a few are found sooner than all are
//! indexed.
//!
//! Invariant: answers are those of the index.

use hashbrown::HashMap;

use crate::domain::{Identity, RecordId};

use super::Table;
use super::chunk::Chunk;
use super::guids;
use super::index::identity_from_digits;

impl Table {
    /// Whether rows wait to be indexed, of which no two can have the same id.
    pub(super) fn is_unindexed(&self) -> bool {
        self.is_to_be_indexed() && self.ids_are_unique()
    }

    pub(super) fn find_unindexed(&self, id: &str) -> Option<RecordId> {
        let wanted = Wanted { id, number: guids::number(id), identity: identity_from_digits(id) };
        let whole = self.chunks.iter().filter(|chunk| chunk.is_whole());
        whole.into_iter().find_map(|chunk| Some(chunk.record_id(wanted.row_in(chunk)?)))
    }

    pub(super) fn ids_of_unindexed(&self, identities: &[Identity]) -> Vec<RecordId> {
        let mut found: HashMap<Identity, Option<RecordId>> =
            identities.iter().map(|identity| (*identity, None)).collect();
        for chunk in self.chunks.iter().filter(|chunk| chunk.is_whole()) {
            for (row, identity) in chunk.details().identities.iter().enumerate() {
                if let Some(record) = found.get_mut(identity)
                    && chunk.is_live(row)
                {
                    record.get_or_insert_with(|| chunk.record_id(row));
                }
            }
        }
        identities.iter().filter_map(|identity| *found.get(identity)?).collect()
    }
}

/// An id, and what it may be held as.
struct Wanted<'a> {
    id: &'a str,
    number: Option<u128>,
    identity: Option<Identity>,
}

impl Wanted<'_> {
    fn row_in(&self, chunk: &Chunk) -> Option<usize> {
        let details = chunk.details();
        let is_it = |row: &usize| chunk.is_live(*row) && chunk.with_id(*row, |id| id == self.id);
        if let (Some(number), Some(guids)) = (self.number, details.ids.guids()) {
            let (numbers, ..) = guids.parts();
            return places(numbers, number).find(is_it);
        }
        let derived =
            self.identity.and_then(|wanted| places(&details.identities, wanted).find(is_it));
        derived.or_else(|| (0..chunk.rows()).find(is_it))
    }
}

fn places<T: Copy + PartialEq>(values: &[T], wanted: T) -> impl Iterator<Item = usize> {
    let is_it = move |(_, value): &(usize, &T)| **value == wanted;
    values.iter().enumerate().filter(is_it).map(|(at, _)| at)
}
