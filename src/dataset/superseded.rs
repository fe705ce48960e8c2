//! Which records have a newer error of the same record: equal in job, entity, company and record key.
//!
//! Newer is later in time, of equal times later in the dump's order. A record without a key or a time is superseded by
//! none and supersedes none. Dismissed records do not count; all others do, whatever became of them.
//!
//! Keys are compared by 64-bit digests: among a million records two different ones meet with a chance of three in a
//! hundred million.

use std::rc::Rc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::domain::RecordId;

use super::bits::Bits;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::{Slot, place, slot};
use super::{Table, text_hash};

/// One set of rows per chunk, and the number of live rows that it was worked out from.
#[derive(Debug)]
pub(super) struct Superseded {
    rows: Vec<Bits>,
    of: usize,
}

impl Table {
    /// Whether a newer error of the same record exists, for each record in its place; `false` for those dismissed or
    /// unknown. Asks what rows say in their own words: the details of all chunks must be there.
    pub fn superseded(&self, ids: &[RecordId]) -> Vec<bool> {
        let known = self.superseded_rows();
        let is_superseded = |id: &RecordId| {
            self.live_slot(*id).map(place).is_some_and(|(chunk, row)| known.rows[chunk].get(row))
        };
        ids.iter().map(is_superseded).collect()
    }

    /// The same for one record, without working it out for all: the rows are walked through once.
    pub fn is_superseded(&self, id: RecordId) -> bool {
        let Some(slot) = self.live_slot(id) else { return false };
        let (at, row) = place(slot);
        let chunk = &self.chunks[at];
        let (key, time) = (chunk.details().record_keys.get(row), chunk.columns.times[row]);
        if key.is_empty() || time == NO_TIME {
            return false;
        }
        let own = SAME.map(|dimension| chunk.codes[dimension as usize].get(row));
        self.chunks.iter().enumerate().any(|(other_at, other)| {
            let (times, keys) = (&other.columns.times, &other.details().record_keys);
            let is_later = |other_row: usize| {
                (times[other_row], super::index::slot(other_at, other_row)) > (time, slot)
            };
            (0..other.rows()).any(|other_row| {
                is_later(other_row)
                    && other.is_live(other_row)
                    && SAME.iter().zip(own).all(|(dimension, code)| {
                        other.codes[*dimension as usize].get(other_row) == code
                    })
                    && keys.with(other_row, |other_key| other_key == key)
            })
        })
    }

    fn superseded_rows(&self) -> Rc<Superseded> {
        let live = self.len();
        // Rows that come or go empty the cache; dismissals make fewer rows live, and nothing else matters here.
        if let Some(known) = self.caches.borrow().superseded.clone().filter(|one| one.of == live) {
            return known;
        }
        let made = Rc::new(Superseded { rows: self.find_superseded(live), of: live });
        self.caches.borrow_mut().superseded = Some(Rc::clone(&made));
        made
    }

    fn find_superseded(&self, live: usize) -> Vec<Bits> {
        struct Newest {
            digest: u64,
            time: i64,
            slot: Slot,
        }
        let mut newest: HashTable<Newest> = HashTable::with_capacity(live);
        let mut superseded: Vec<Bits> =
            self.chunks.iter().map(|chunk| Bits::none(chunk.rows())).collect();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let keys = &chunk.details().record_keys;
            for (row, &time) in chunk.columns.times.iter().enumerate() {
                if time == NO_TIME || !chunk.is_live(row) {
                    continue;
                }
                let key = keys.with(row, |key| if key.is_empty() { 0 } else { text_hash(key) | 1 });
                if key == 0 {
                    continue;
                }
                let digest = SAME.iter().fold(key, |digest, dimension| {
                    let code = chunk.codes[*dimension as usize].get(row);
                    (digest ^ u64::from(code)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
                });
                let this = Newest { digest, time, slot: slot(at, row) };
                match newest.entry(digest, |one| one.digest == digest, |one| one.digest) {
                    Entry::Vacant(free) => {
                        free.insert(this);
                    }
                    Entry::Occupied(mut known) => {
                        let known = known.get_mut();
                        let older = if (known.time, known.slot) < (this.time, this.slot) {
                            std::mem::replace(known, this)
                        } else {
                            this
                        };
                        let (chunk, row) = place(older.slot);
                        superseded[chunk].set(row);
                    }
                }
            }
        }
        superseded
    }
}

/// What errors of one record have in common besides its key.
const SAME: [Dimension; 3] = [Dimension::Job, Dimension::Entity, Dimension::Company];
