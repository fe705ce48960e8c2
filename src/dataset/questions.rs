//! Counting, listing and finding the place of records.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::domain::{Candidate, Column, Filter, RecordId, RecordState, Sort};

use super::chunk::Chunk;
use super::dimension::Dimension;
use super::index::{Slot, place};
use super::selection::Selection;
use super::superseded::Superseded;
use super::{Page, Record, Table};

/// Rows up to which a sorted window is walked to; beyond, the whole listing is made once and kept.
const WALKED: usize = 1_000;

/// A record among many, with its causes by number: each cause has one below `Table::cause_numbers`.
#[derive(Clone, Debug)]
pub struct Numbered<'a> {
    /// What the rules ask, but for who holds it and what a retry would come to.
    pub candidate: Candidate<'a>,
    /// Its cause after the user's rules.
    pub cause: usize,
    /// Its cause before them.
    pub own: usize,
    /// Whether a newer error of the same record exists; `false` where that was not asked.
    pub has_newer: bool,
}

impl Table {
    /// How many records pass.
    pub fn count(&self, filter: &Filter) -> usize {
        self.selection(filter).total()
    }

    /// A window of the records that pass, in order; without a sort in the dump's order.
    pub fn rows(&self, filter: &Filter, sort: Option<Sort>, offset: usize, limit: usize) -> Page {
        let Page { total, rows } = self.lines(filter, sort, offset, limit);
        Page { total, rows: rows.into_iter().map(Record::into_owned).collect() }
    }

    /// The same with the texts of the table, for who only writes them down.
    pub fn lines(
        &self,
        filter: &Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Page<Cow<'_, str>> {
        let rows = self.window(filter, sort, offset, limit);
        Page {
            total: self.count(filter),
            rows: rows.into_iter().filter_map(|slot| self.summary(slot)).collect(),
        }
    }

    /// All records that pass, in order.
    pub fn ids(&self, filter: &Filter, sort: Option<Sort>) -> Vec<RecordId> {
        self.window_ids(filter, sort, 0, usize::MAX)
    }

    /// The records of a window, as [`Table::rows`] has them.
    pub fn window_ids(
        &self,
        filter: &Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Vec<RecordId> {
        let rows = self.window(filter, sort, offset, limit);
        rows.into_iter().map(|slot| self.record_id(slot)).collect()
    }

    /// The place of a record among those that pass, from 0; `None` if it does not pass.
    pub fn position(&self, filter: &Filter, sort: Option<Sort>, id: RecordId) -> Option<usize> {
        let slot = self.live_slot(id)?;
        let selection = self.selection(filter);
        if !selection.contains(slot) {
            return None;
        }
        match sort {
            None => Some(selection.before(slot)),
            Some(sort) => self.listing(filter, sort).iter().position(|other| *other == slot),
        }
    }

    /// What the rules ask of records, but for who holds them and what a retry would come to; those dismissed or unknown are left out.
    pub fn candidates<'a>(
        &'a self,
        ids: impl IntoIterator<Item = RecordId> + 'a,
    ) -> impl Iterator<Item = Candidate<'a>> + 'a {
        ids.into_iter().filter_map(|id| {
            let (at, row) = place(self.live_slot(id)?);
            self.candidate(id, &self.chunks[at], row)
        })
    }

    /// The same of many records.
    pub fn numbered_candidates<'a: 'b, 'b>(
        &'a self,
        ids: &'b [RecordId],
        superseded: Option<&'b Superseded>,
    ) -> impl Iterator<Item = Numbered<'a>> + use<'a, 'b> {
        self.runs(ids).flat_map(move |(at, rows)| {
            let chunk = &self.chunks[at];
            let (causes, own) = (&chunk.codes[Dimension::Cause as usize], chunk.own_causes());
            rows.filter_map(move |row| {
                Some(Numbered {
                    candidate: self.candidate(chunk.record_id(row), chunk, row)?,
                    cause: causes.get(row) as usize,
                    own: own.get(row) as usize,
                    has_newer: superseded.is_some_and(|known| known.has(at, row)),
                })
            })
        })
    }

    /// How many numbers causes have.
    pub fn cause_numbers(&self) -> usize {
        self.dictionary(Dimension::Cause).len()
    }

    fn candidate<'a>(&'a self, id: RecordId, chunk: &Chunk, row: usize) -> Option<Candidate<'a>> {
        let category = chunk.codes[Dimension::Category as usize].get(row);
        Some(Candidate {
            id,
            job: self.text(chunk, Dimension::Job, row),
            entity: self.text(chunk, Dimension::Entity, row),
            category: &self.categories[category as usize],
            state: chunk.state(row)?,
            holder: None,
            verdict: None,
        })
    }

    fn window(
        &self,
        filter: &Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Vec<Slot> {
        let selection = self.selection(filter);
        let end = offset.saturating_add(limit).min(selection.total());
        if offset >= end {
            return Vec::new();
        }
        let Some(sort) = sort else { return selection.window(offset, end - offset) };
        let known = self.caches.borrow_mut().listings.get(&(filter.clone(), sort));
        if known.is_none() && end <= WALKED && sort.column != Column::State {
            let mut window = if sort.column == Column::OccurredAt {
                self.first_by_time(&selection, sort.descending, end)
            } else {
                self.first(&selection, sort, end)
            };
            window.drain(..offset);
            return window;
        }
        let listing = known.unwrap_or_else(|| self.listing(filter, sort));
        listing[offset..end].to_vec()
    }

    /// All rows that pass, in order.
    fn listing(&self, filter: &Filter, sort: Sort) -> Rc<Vec<Slot>> {
        let key = (filter.clone(), sort);
        if let Some(known) = self.caches.borrow_mut().listings.get(&key) {
            return known;
        }
        let selection = self.selection(filter);
        let made = Rc::new(match sort.column {
            Column::State => self.by_state(&selection, sort.descending),
            _ => self.first(&selection, sort, selection.total()),
        });
        self.caches.borrow_mut().listings.put(key, Rc::clone(&made));
        made
    }

    /// The first rows of a selection in the order of a column.
    fn first(&self, selection: &Selection, sort: Sort, count: usize) -> Vec<Slot> {
        let mut rows = Vec::with_capacity(count);
        self.order(sort.column).walk(sort.descending, |slot| {
            if selection.contains(slot) {
                rows.push(slot);
            }
            if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        rows
    }

    /// By state, in the order of a record's life. States change, so this order is made anew every time.
    fn by_state(&self, selection: &Selection, descending: bool) -> Vec<Slot> {
        let mut by_state = RecordState::ALL.map(|_| Vec::new());
        for slot in selection.slots() {
            let (chunk, row) = place(slot);
            if let Some(state) = self.chunks[chunk].state(row) {
                by_state[state as usize].push(slot);
            }
        }
        if descending {
            by_state.reverse();
        }
        by_state.concat()
    }
}
