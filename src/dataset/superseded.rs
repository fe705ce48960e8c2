//! Which records have a newer error of the same record: equal in job, entity, company and record key. Companies are one
//! whatever their letter case, as in comparisons of dumps.
//!
//! Newer is later in time, of equal times later in the dump's order. A record without a key or a time is superseded by
//! none and supersedes none. Dismissed records do not count; all others do, whatever became of them.
//!
//! Keys are compared by 64-bit digests: among a million records two different ones meet with a chance of three in a
//! hundred million. Rows are dealt out by digest first, so that the tables they are looked up in stay in the fastest memory.

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

/// An error of some record.
#[derive(Clone, Copy)]
struct ErrorOf {
    digest: u64,
    slot: Slot,
}

/// Errors that are looked up in one table, about.
const HAND: usize = 2_048;

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

    /// The same for one record, without working it out for all: rows that may be newer are walked through once.
    pub fn is_superseded(&self, id: RecordId) -> bool {
        let Some(slot) = self.live_slot(id) else { return false };
        let (at, row) = place(slot);
        if let Some(known) = self.known_superseded() {
            return known.rows[at].get(row);
        }
        let chunk = &self.chunks[at];
        let (key, time) = (chunk.details().record_keys.get(row), chunk.columns.times[row]);
        if key.is_empty() || time == NO_TIME {
            return false;
        }
        let companies = self.same_values(Dimension::Company);
        let codes = |at: usize, row: usize| {
            let code = |dimension| self.chunks[at].codes[dimension as usize].get(row);
            [code(Dimension::Job), code(Dimension::Entity), companies.of(code(Dimension::Company))]
        };
        let own = codes(at, row);
        self.chunks.iter().enumerate().any(|(other_at, other)| {
            if other.times().is_none_or(|(_, last, _)| last < time) {
                return false;
            }
            let (times, keys) = (&other.columns.times, &other.details().record_keys);
            let is_later = |other_row: usize| {
                (times[other_row], super::index::slot(other_at, other_row)) > (time, slot)
            };
            (0..other.rows()).any(|other_row| {
                is_later(other_row)
                    && other.is_live(other_row)
                    && codes(other_at, other_row) == own
                    && keys.with(other_row, |other_key| other_key == key)
            })
        })
    }

    fn known_superseded(&self) -> Option<Rc<Superseded>> {
        // Rows that come or go empty the cache; dismissals make fewer rows live, and nothing else matters here.
        let live = self.len();
        self.caches.borrow().superseded.clone().filter(|one| one.of == live)
    }

    fn superseded_rows(&self) -> Rc<Superseded> {
        self.known_superseded().unwrap_or_else(|| {
            let made = Rc::new(Superseded { rows: self.find_superseded(), of: self.len() });
            self.caches.borrow_mut().superseded = Some(Rc::clone(&made));
            made
        })
    }

    fn find_superseded(&self) -> Vec<Bits> {
        let mut superseded: Vec<Bits> =
            self.chunks.iter().map(|chunk| Bits::none(chunk.rows())).collect();
        let age = |error: &ErrorOf| {
            let (chunk, row) = place(error.slot);
            (self.chunks[chunk].columns.times[row], error.slot)
        };
        let mut newest: HashTable<ErrorOf> = HashTable::with_capacity(HAND * 2);
        for hand in self.dealt() {
            for this in hand {
                let digest = this.digest;
                match newest.entry(digest, |one| one.digest == digest, |one| one.digest) {
                    Entry::Vacant(free) => {
                        free.insert(this);
                    }
                    Entry::Occupied(mut known) => {
                        let known = known.get_mut();
                        let is_newer = age(known) < age(&this);
                        let older = if is_newer { std::mem::replace(known, this) } else { this };
                        let (chunk, row) = place(older.slot);
                        superseded[chunk].set(row);
                    }
                }
            }
            newest.clear();
        }
        superseded
    }

    /// The errors that can be superseded or supersede, in about equal hands; those of one record are in one hand.
    fn dealt(&self) -> Vec<Vec<ErrorOf>> {
        let rows: usize = self.len();
        let bits = (rows / HAND).next_power_of_two().trailing_zeros();
        let mut hands: Vec<Vec<ErrorOf>> = Vec::new();
        hands.resize_with(1 << bits, || Vec::with_capacity(rows >> bits));
        let companies = self.same_values(Dimension::Company);
        let mut key = String::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let keys = &chunk.details().record_keys;
            let (jobs, entities, of_company) = (
                &chunk.codes[Dimension::Job as usize],
                &chunk.codes[Dimension::Entity as usize],
                &chunk.codes[Dimension::Company as usize],
            );
            for (row, &time) in chunk.columns.times.iter().enumerate() {
                if time == NO_TIME || !chunk.is_live(row) {
                    continue;
                }
                let key = keys.read(row, &mut key);
                if key.is_empty() {
                    continue;
                }
                let codes = [jobs.get(row), entities.get(row), companies.of(of_company.get(row))];
                let digest = codes.into_iter().fold(text_hash(key), |digest, code| {
                    (digest ^ u64::from(code)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
                });
                let hand = digest.checked_shr(u64::BITS - bits).unwrap_or_default();
                hands[hand as usize].push(ErrorOf { digest, slot: slot(at, row) });
            }
        }
        hands
    }
}
