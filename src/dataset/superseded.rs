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
use super::chunk::Chunk;
use super::columns::NO_TIME;
use super::conditions::keep_coded;
use super::dimension::Dimension;
use super::index::{Slot, place, slot};
use super::same_value::SameValue;
use super::{Table, text_hash};

/// The records that newer errors supersede.
#[derive(Debug)]
pub struct Superseded {
    /// By chunk.
    rows: Vec<Bits>,
    /// Live rows that they were worked out from.
    of: usize,
}

impl Superseded {
    pub(super) fn has(&self, chunk: usize, row: usize) -> bool {
        self.rows[chunk].get(row)
    }
}

/// An error of some record.
#[derive(Clone, Copy, Debug)]
struct ErrorOf {
    digest: u64,
    slot: Slot,
}

/// Errors that are looked up in one table, about.
const HAND: usize = 2_048;

impl Table {
    /// The records of which a newer error exists. Asks what rows say in their own words: the details of all chunks must be
    /// there.
    pub fn superseded(&self) -> Rc<Superseded> {
        loop {
            if let Some(known) = self.known_superseded() {
                return known;
            }
            self.superseded_step();
        }
    }

    /// The same for one record, without working it out for all: rows that may be newer are walked through once.
    pub fn is_superseded(&self, id: RecordId) -> bool {
        let Some(slot) = self.live_slot(id) else { return false };
        let (at, row) = place(slot);
        if let Some(known) = self.known_superseded() {
            return known.has(at, row);
        }
        let chunk = &self.chunks[at];
        let (key, time) = (chunk.details().record_keys.get(row), chunk.columns.times[row]);
        if key.is_empty() || time == NO_TIME {
            return false;
        }
        let alike = [Dimension::Job, Dimension::Entity, Dimension::Company].map(|dimension| {
            let code = chunk.codes[dimension as usize].get(row);
            (dimension, self.same_values_as(dimension, code))
        });
        self.chunks.iter().enumerate().any(|(other_at, other)| {
            if other.times().is_none_or(|(_, last, _)| last < time) {
                return false;
            }
            let mut rows = Bits::all(other.rows());
            for (dimension, accepts) in &alike {
                keep_coded(other, *dimension, accepts, &mut rows);
            }
            let (times, keys) = (&other.columns.times, &other.details().record_keys);
            rows.and_where(times, |other_time| other_time >= time);
            rows.ones().any(|other_row| {
                (times[other_row], super::index::slot(other_at, other_row)) > (time, slot)
                    && other.is_live(other_row)
                    && keys.with(other_row, |other_key| other_key == key)
            })
        })
    }

    /// By code, which values are the same; of jobs and entities only the one, as they are told apart by letter case here.
    fn same_values_as(&self, dimension: Dimension, code: u32) -> Vec<bool> {
        let mut same = vec![false; self.dictionary(dimension).len()];
        same[code as usize] = true;
        if dimension == Dimension::Company {
            let companies = self.same_values(dimension);
            let own = companies.of(code);
            (0..).zip(&mut same).for_each(|(other, same)| *same = companies.of(other) == own);
        }
        same
    }

    fn known_superseded(&self) -> Option<Rc<Superseded>> {
        // Rows that come or go empty the cache; dismissals make fewer rows live, and nothing else matters here.
        let live = self.len();
        self.caches.borrow().superseded.clone().filter(|one| one.of == live)
    }

    /// Whether it waits to be worked out which records are superseded.
    pub fn is_superseded_to_be_found(&self) -> bool {
        !self.chunks.is_empty()
            && self.chunks.iter().all(Chunk::is_whole)
            && self.known_superseded().is_none()
    }

    /// Works out a little of which records are superseded, about as much as a chunk has, for moments in which nothing else is
    /// to be done; whether something was left is told.
    pub fn find_superseded_next(&self) -> bool {
        let is_left = self.is_superseded_to_be_found();
        if is_left {
            self.superseded_step();
        }
        is_left
    }

    // Many short calls rather than a long one, as in plans.
    #[inline(never)]
    fn superseded_step(&self) {
        let live = self.len();
        let begun = self.caches.borrow_mut().superseding.take();
        let mut search =
            begun.filter(|search| search.of == live).unwrap_or_else(|| Search::new(self, live));
        let is_found = search.go_on(self);
        let mut caches = self.caches.borrow_mut();
        if is_found {
            caches.superseded = Some(Rc::new(Superseded { rows: search.rows, of: search.of }));
        } else {
            caches.superseding = Some(search);
        }
    }
}

/// The way to the superseded rows: errors are dealt out chunk by chunk, then looked through hand by hand.
#[derive(Debug)]
pub(super) struct Search {
    /// Live rows that there were when it began.
    of: usize,
    /// What is found, chunk by chunk.
    rows: Vec<Bits>,
    /// The errors that can be superseded or supersede, in about equal hands; those of one record are in one hand.
    hands: Vec<Vec<ErrorOf>>,
    /// Hands that are as many errors as a chunk has, about.
    at_once: usize,
    /// Chunks that were dealt out.
    dealt: usize,
    companies: Rc<SameValue>,
    /// The newest error of each record of a hand.
    newest: HashTable<ErrorOf>,
}

impl Search {
    fn new(table: &Table, live: usize) -> Self {
        let hands = (live / HAND).next_power_of_two();
        let chunks = &table.chunks;
        Self {
            of: live,
            rows: chunks.iter().map(|chunk| Bits::none(chunk.rows())).collect(),
            at_once: (hands / chunks.len().max(1)).max(1),
            companies: table.same_values(Dimension::Company),
            hands: std::iter::repeat_with(|| Vec::with_capacity(live / hands))
                .take(hands)
                .collect(),
            dealt: 0,
            newest: HashTable::with_capacity(HAND * 2),
        }
    }

    /// Deals out the next chunk, or looks through the next hands; whether all is found.
    fn go_on(&mut self, table: &Table) -> bool {
        if self.dealt < table.chunks.len() {
            self.deal(table, self.dealt);
            self.dealt += 1;
            return false;
        }
        for _ in 0..self.at_once {
            let Some(hand) = self.hands.pop() else { break };
            self.look_through(table, hand);
        }
        self.hands.is_empty()
    }

    fn deal(&mut self, table: &Table, at: usize) {
        let shift = u64::BITS - self.hands.len().trailing_zeros();
        let chunk = &table.chunks[at];
        let keys = &chunk.details().record_keys;
        let (jobs, entities, of_company) = (
            &chunk.codes[Dimension::Job as usize],
            &chunk.codes[Dimension::Entity as usize],
            &chunk.codes[Dimension::Company as usize],
        );
        let mut key = String::new();
        for (row, &time) in chunk.columns.times.iter().enumerate() {
            if time == NO_TIME || !chunk.is_live(row) {
                continue;
            }
            let key = keys.read(row, &mut key);
            if key.is_empty() {
                continue;
            }
            let codes = [jobs.get(row), entities.get(row), self.companies.of(of_company.get(row))];
            let digest = codes.into_iter().fold(text_hash(key), |digest, code| {
                (digest ^ u64::from(code)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
            });
            let hand = digest.checked_shr(shift).unwrap_or_default();
            self.hands[hand as usize].push(ErrorOf { digest, slot: slot(at, row) });
        }
    }

    fn look_through(&mut self, table: &Table, hand: Vec<ErrorOf>) {
        let age = |error: &ErrorOf| {
            let (chunk, row) = place(error.slot);
            (table.chunks[chunk].columns.times[row], error.slot)
        };
        self.newest.clear();
        for this in hand {
            let digest = this.digest;
            match self.newest.entry(digest, |one| one.digest == digest, |one| one.digest) {
                Entry::Vacant(free) => {
                    free.insert(this);
                }
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    let is_newer = age(known) < age(&this);
                    let older = if is_newer { std::mem::replace(known, this) } else { this };
                    let (chunk, row) = place(older.slot);
                    self.rows[chunk].set(row);
                }
            }
        }
    }
}
