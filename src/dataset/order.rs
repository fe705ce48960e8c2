//! The order of rows: permutations made when first asked for and kept until records come or go.
//!
//! Texts are ordered by their bytes, numbers and times by value, states by a record's life. What is missing comes last in
//! both directions; ties keep the dump's order in both directions.

use std::rc::Rc;

use super::columns::{self, CODED_COUNT, NO_COUNT, NO_TIME};
use super::filter::Matched;
use super::index::{self, RowPlace};
use super::record::Page;
use super::table::Table;
use super::text_column::TextColumn;
use crate::domain::{Column, Filter, RecordId, Sort};

/// Orders kept. Four bytes a row each.
const KEPT: usize = 4;

/// Orders of all rows, and the last result in order.
#[derive(Default)]
pub(super) struct Orders {
    kept: Vec<(Sort, Rc<Vec<RowPlace>>)>,
    result: Option<(Filter, Option<Sort>, Rc<Vec<RowPlace>>)>,
}

impl Orders {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// States or dismissals changed: what was ordered by them or filtered is stale.
    pub(super) fn forget_states(&mut self) {
        self.kept.retain(|(sort, _)| sort.column != Column::State);
        self.result = None;
    }
}

impl Table {
    /// A window of the matching records in order; without a sort in the order of the dumps.
    pub fn rows(&self, filter: &Filter, sort: Option<Sort>, offset: usize, limit: usize) -> Page {
        let rows = self.window(filter, sort, offset, limit);
        Page {
            total: self.count(filter),
            rows: rows.into_iter().map(|at| self.row_at(at)).collect(),
        }
    }

    /// All matching records in order.
    pub fn ids(&self, filter: &Filter, sort: Option<Sort>) -> Vec<RecordId> {
        self.ordered(filter, sort).iter().map(|at| self.id_at(*at)).collect()
    }

    /// Place of a record in the ordered result.
    pub fn position(&self, filter: &Filter, sort: Option<Sort>, record: RecordId) -> Option<usize> {
        let (chunk, row) = self.place(record)?;
        let wanted = index::place(chunk, row);
        self.ordered(filter, sort).iter().position(|at| *at == wanted)
    }

    fn window(
        &self,
        filter: &Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Vec<RowPlace> {
        let known =
            self.orders.borrow().result.as_ref().is_some_and(|(f, s, _)| f == filter && *s == sort);
        if !known && offset == 0 {
            // The first window needs not the whole result in order.
            let matched = self.matched(filter);
            return match sort {
                None => in_dump_order(&matched).take(limit).collect(),
                Some(sort) => {
                    let order = self.order(sort);
                    order.iter().copied().filter(|at| is_in(&matched, *at)).take(limit).collect()
                }
            };
        }
        let ordered = self.ordered(filter, sort);
        ordered.iter().skip(offset).take(limit).copied().collect()
    }

    fn ordered(&self, filter: &Filter, sort: Option<Sort>) -> Rc<Vec<RowPlace>> {
        if let Some((known, order, rows)) = &self.orders.borrow().result
            && known == filter
            && *order == sort
        {
            return rows.clone();
        }
        let matched = self.matched(filter);
        let rows: Vec<RowPlace> = match sort {
            None => in_dump_order(&matched).collect(),
            Some(sort) => {
                self.order(sort).iter().copied().filter(|at| is_in(&matched, *at)).collect()
            }
        };
        let rows = Rc::new(rows);
        self.orders.borrow_mut().result = Some((filter.clone(), sort, rows.clone()));
        rows
    }

    /// All rows in order, dismissed ones among them: they are never in a result, and leaving them in keeps the order.
    fn order(&self, sort: Sort) -> Rc<Vec<RowPlace>> {
        if let Some((_, order)) = self.orders.borrow().kept.iter().find(|(known, _)| *known == sort)
        {
            return order.clone();
        }
        let order = Rc::new(self.make_order(sort));
        let kept = &mut self.orders.borrow_mut().kept;
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((sort, order.clone()));
        order
    }

    fn make_order(&self, Sort { column, descending }: Sort) -> Vec<RowPlace> {
        // Keys are turned round for the other direction, what is missing keeps the largest key: a stable ascending sort
        // then gives both promises.
        let turned = |key: u64| if descending { u64::MAX - 1 - key } else { key };
        let by_key = |key: &dyn Fn(usize, usize) -> Option<u64>| {
            self.by_key(&|chunk, row| key(chunk, row).map_or(u64::MAX, turned))
        };
        if let Some(place) = columns::coded(column) {
            return self.by_rank(place, descending);
        }
        match column {
            Column::OccurredAt => by_key(&|chunk, row| {
                let time = self.chunks[chunk].times[row];
                (time != NO_TIME).then_some((time as u64) ^ (1 << 63))
            }),
            Column::RetryCount => by_key(&|chunk, row| {
                let count = self.chunks[chunk].retry_counts[row];
                (count != NO_COUNT).then_some(u64::from(count))
            }),
            Column::State => by_key(&|chunk, row| Some(u64::from(self.chunks[chunk].states[row]))),
            Column::Id => self.by_id(descending),
            _ => self.by_text(columns::text(column).unwrap_or(columns::MESSAGE), descending),
        }
    }

    fn by_key(&self, key: &dyn Fn(usize, usize) -> u64) -> Vec<RowPlace> {
        let mut keyed: Vec<(u64, RowPlace)> = Vec::with_capacity(self.row_count());
        for (number, chunk) in self.chunks.iter().enumerate() {
            keyed.extend((0..chunk.len()).map(|row| (key(number, row), index::place(number, row))));
        }
        if !keyed.is_sorted() {
            keyed.sort_unstable();
        }
        keyed.into_iter().map(|(_, at)| at).collect()
    }

    /// Few different values: counted, then dealt out.
    fn by_rank(&self, place: usize, descending: bool) -> Vec<RowPlace> {
        debug_assert!(place < CODED_COUNT);
        let mut ranks = self.dictionaries[place].ranks();
        if descending {
            let values = ranks.len() as u32;
            for (text, rank) in self.dictionaries[place].texts().zip(&mut ranks) {
                // The empty text has the last rank and keeps it.
                let named = values - u32::from(self.has_empty(place));
                if !text.is_empty() {
                    *rank = named - 1 - *rank;
                }
            }
        }
        let mut starts = vec![0_u32; ranks.len() + 1];
        for chunk in &self.chunks {
            for row in 0..chunk.len() {
                starts[ranks[chunk.codes[place].get(row) as usize] as usize + 1] += 1;
            }
        }
        for rank in 1..starts.len() {
            starts[rank] += starts[rank - 1];
        }
        let mut order = vec![0; self.row_count()];
        for (number, chunk) in self.chunks.iter().enumerate() {
            for row in 0..chunk.len() {
                let next = &mut starts[ranks[chunk.codes[place].get(row) as usize] as usize];
                order[*next as usize] = index::place(number, row);
                *next += 1;
            }
        }
        order
    }

    fn has_empty(&self, place: usize) -> bool {
        self.dictionaries[place].texts().any(str::is_empty)
    }

    /// By the first eight bytes, then by the rest where those are equal.
    fn by_text(&self, place: usize, descending: bool) -> Vec<RowPlace> {
        let text = |at: RowPlace| {
            let (chunk, row) = index::parts(at);
            self.chunks[chunk].columns[place].bytes_of(row)
        };
        let mut keyed: Vec<(u64, RowPlace)> = Vec::with_capacity(self.row_count());
        let mut missing = Vec::new();
        for (number, chunk) in self.chunks.iter().enumerate() {
            let column: &TextColumn = &chunk.columns[place];
            for row in 0..chunk.len() {
                let at = index::place(number, row);
                match column.bytes_of(row) {
                    [] => missing.push(at),
                    bytes => keyed.push((prefix(bytes), at)),
                }
            }
        }
        keyed.sort_unstable_by(|(a, a_at), (b, b_at)| {
            let texts = || text(*a_at).cmp(text(*b_at));
            let order = a.cmp(b).then_with(texts);
            let order = if descending { order.reverse() } else { order };
            order.then_with(|| a_at.cmp(b_at))
        });
        keyed.into_iter().map(|(_, at)| at).chain(missing).collect()
    }

    /// By the id as it is shown, which for many rows is no column.
    fn by_id(&self, descending: bool) -> Vec<RowPlace> {
        if self.chunks.iter().all(|chunk| {
            (0..chunk.len()).all(|row| !chunk.columns[columns::ID].bytes_of(row).is_empty())
        }) {
            return self.by_text(columns::ID, descending);
        }
        let mut keyed: Vec<(String, RowPlace)> = Vec::with_capacity(self.row_count());
        for (number, chunk) in self.chunks.iter().enumerate() {
            keyed.extend(
                (0..chunk.len()).map(|row| (self.id_of(number, row), index::place(number, row))),
            );
        }
        keyed.sort_unstable_by(|(a, a_at), (b, b_at)| {
            let order = if descending { b.cmp(a) } else { a.cmp(b) };
            order.then_with(|| a_at.cmp(b_at))
        });
        keyed.into_iter().map(|(_, at)| at).collect()
    }

    fn row_count(&self) -> usize {
        self.chunks.iter().map(super::chunk::Chunk::len).sum()
    }
}

fn in_dump_order(matched: &Matched) -> impl Iterator<Item = RowPlace> {
    matched
        .chunks
        .iter()
        .enumerate()
        .flat_map(|(chunk, mask)| mask.iter().map(move |row| index::place(chunk, row)))
}

fn is_in(matched: &Matched, at: RowPlace) -> bool {
    let (chunk, row) = index::parts(at);
    matched.chunks[chunk].get(row)
}

/// The first eight bytes as a number that orders as they do.
fn prefix(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    let count = bytes.len().min(8);
    first[..count].copy_from_slice(&bytes[..count]);
    u64::from_be_bytes(first)
}
