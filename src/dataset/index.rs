//! Where a record is: by its identity, and by the id its dump gives it.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::chunk::Chunk;
use super::columns::ID;
use crate::domain::Identity;

/// A row of the table: chunk in the upper half, place in the chunk in the lower.
pub(super) type RowPlace = u32;

pub(super) fn place(chunk: usize, row: usize) -> RowPlace {
    (chunk as u32) << 16 | row as u32
}

pub(super) fn parts(place: RowPlace) -> (usize, usize) {
    ((place >> 16) as usize, (place & 0xffff) as usize)
}

/// Both indexes hold four bytes a row; keys are read from the columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    by_identity: HashTable<RowPlace>,
    /// Rows with an id of their own, the first row of each id.
    by_id: HashTable<RowPlace>,
    /// Rows whose id another identity has, too.
    shared: HashTable<RowPlace>,
}

impl Index {
    /// Adds the rows of the last chunk.
    pub(super) fn add(&mut self, chunks: &[Chunk]) {
        let Some((number, chunk)) = chunks.len().checked_sub(1).zip(chunks.last()) else { return };
        let (identity, id) = (identity_hasher(chunks), id_hasher(chunks));
        self.by_identity.reserve(chunk.len(), &identity);
        for row in 0..chunk.len() {
            let at = place(number, row);
            self.by_identity.insert_unique(identity(&at), at, &identity);
            let text = chunk.columns[ID].get(row);
            if text.is_empty() {
                continue;
            }
            let hash = id(&at);
            if self.by_id.find(hash, |other| id_text(chunks, *other) == text).is_some() {
                self.shared.insert_unique(identity(&at), at, &identity);
            } else {
                self.by_id.insert_unique(hash, at, &id);
            }
        }
    }

    /// Leaves the rows of some chunks out. Ids that were shared stay as they were shown.
    pub(super) fn retain(&mut self, keep: impl Fn(RowPlace) -> bool) {
        for table in [&mut self.by_identity, &mut self.by_id, &mut self.shared] {
            table.retain(|at| keep(*at));
        }
    }

    pub(super) fn find_identity(&self, chunks: &[Chunk], identity: Identity) -> Option<RowPlace> {
        self.by_identity
            .find(hash(identity.0), |at| identity_at(chunks, *at) == identity.0)
            .copied()
    }

    pub(super) fn find_id(&self, chunks: &[Chunk], text: &str) -> Option<RowPlace> {
        self.by_id.find(xxh3_64(text.as_bytes()), |at| id_text(chunks, *at) == text).copied()
    }

    /// Whether the row's id alone does not name it.
    pub(super) fn is_shared(&self, chunks: &[Chunk], at: RowPlace) -> bool {
        self.shared.find(hash(identity_at(chunks, at)), |other| *other == at).is_some()
    }

    pub(super) fn shared(&self) -> impl Iterator<Item = RowPlace> {
        self.shared.iter().copied()
    }
}

fn identity_at(chunks: &[Chunk], at: RowPlace) -> u128 {
    let (chunk, row) = parts(at);
    chunks[chunk].identities[row]
}

fn id_text(chunks: &[Chunk], at: RowPlace) -> &str {
    let (chunk, row) = parts(at);
    chunks[chunk].columns[ID].get(row)
}

/// An identity is a digest already: half of it is as good as a hash of it.
fn hash(identity: u128) -> u64 {
    identity as u64
}

fn identity_hasher(chunks: &[Chunk]) -> impl Fn(&RowPlace) -> u64 {
    move |at| hash(identity_at(chunks, *at))
}

fn id_hasher(chunks: &[Chunk]) -> impl Fn(&RowPlace) -> u64 {
    move |at| xxh3_64(id_text(chunks, *at).as_bytes())
}
