//! The rows that pass a filter, one bit each.

use std::rc::Rc;

use crate::domain::Filter;

use super::Table;
use super::bits::Bits;
use super::conditions::Conditions;
use super::index::{Slot, place, slot};

#[derive(Debug)]
pub(super) struct Selection {
    chunks: Vec<Bits>,
    counts: Vec<usize>,
    total: usize,
}

impl Selection {
    fn new(table: &Table, filter: &Filter) -> Self {
        let conditions = Conditions::new(table, filter);
        let chunks: Vec<Bits> =
            (0..table.chunks.len()).map(|at| conditions.passing(table, at)).collect();
        let counts: Vec<usize> = chunks.iter().map(Bits::count).collect();
        let total = counts.iter().sum();
        Self { chunks, counts, total }
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// One set of rows per chunk.
    pub(super) fn chunks(&self) -> &[Bits] {
        &self.chunks
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        let (chunk, row) = place(slot);
        self.chunks[chunk].get(row)
    }

    /// All of them in the dump's order.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.chunks
            .iter()
            .enumerate()
            .flat_map(|(chunk, rows)| rows.ones().map(move |row| slot(chunk, row)))
    }

    /// A window in the dump's order.
    pub(super) fn window(&self, mut offset: usize, limit: usize) -> Vec<Slot> {
        let mut window = Vec::with_capacity(limit.min(self.total.saturating_sub(offset)));
        for (chunk, rows) in self.chunks.iter().enumerate() {
            if offset >= self.counts[chunk] {
                offset -= self.counts[chunk];
                continue;
            }
            let wanted = limit - window.len();
            window.extend(rows.ones().skip(offset).take(wanted).map(|row| slot(chunk, row)));
            offset = 0;
            if window.len() == limit {
                break;
            }
        }
        window
    }

    /// How many of them come before a row in the dump's order.
    pub(super) fn before(&self, slot: Slot) -> usize {
        let (chunk, row) = place(slot);
        self.counts[..chunk].iter().sum::<usize>()
            + self.chunks[chunk].ones().take_while(|other| *other < row).count()
    }
}

impl Table {
    pub(super) fn selection(&self, filter: &Filter) -> Rc<Selection> {
        if let Some(known) = self.caches.borrow_mut().selections.get(filter) {
            return known;
        }
        let made = Rc::new(Selection::new(self, filter));
        self.caches.borrow_mut().selections.put(filter.clone(), Rc::clone(&made));
        made
    }
}
