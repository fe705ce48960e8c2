//! Which rows match a filter: one bit set per chunk and condition, joined by AND.

use std::rc::Rc;

use super::chunk::Chunk;
use super::columns::{CODED, MESSAGE, NO_TIME};
use super::dictionary::Codes;
use super::row_mask::RowMask;
use super::search::Needle;
use super::table::Table;
use crate::domain::{Filter, RecordState};

/// Filters whose rows are kept: the one on the screen, and those that facets look at beside it.
const KEPT: usize = 4;

/// The rows of a filter, chunk by chunk.
pub(super) struct Matched {
    pub(super) chunks: Vec<RowMask>,
    pub(super) count: usize,
}

/// Results kept until records or states change.
#[derive(Default)]
pub(super) struct Matches(Vec<(Filter, Rc<Matched>)>);

impl Matches {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A filter made ready: accepted codes by dimension, the needle folded once.
pub(super) struct Conditions {
    from: i64,
    to: i64,
    timed: bool,
    /// Accepted codes of each coded column; `None` where there is no condition.
    accepted: Vec<Option<Vec<bool>>>,
    states: [bool; RecordState::ALL.len()],
    needle: Option<Needle>,
}

impl Conditions {
    pub(super) fn new(table: &Table, filter: &Filter) -> Self {
        let accepted = CODED
            .iter()
            .zip(&table.dictionaries)
            .map(|(column, dictionary)| {
                let wanted = filter.values(*column).filter(|values| !values.is_empty())?;
                Some(
                    dictionary
                        .texts()
                        .map(|text| wanted.iter().any(|value| value.eq_ignore_ascii_case(text)))
                        .collect(),
                )
            })
            .collect();
        Self {
            from: filter.from.map_or(i64::MIN, |time| time.millis()),
            to: filter.to.map_or(i64::MAX, |time| time.millis()),
            timed: filter.from.is_some() || filter.to.is_some(),
            accepted,
            states: RecordState::ALL.map(|state| filter.accepts_state(state)),
            needle: filter.text.as_deref().and_then(Needle::new),
        }
    }

    /// The conditions that each cost little.
    fn cheap(&self, chunk: &Chunk) -> RowMask {
        let mut mask = self.state_mask(chunk);
        if let Some(times) = self.time_mask(chunk) {
            mask.and(&times);
        }
        for place in 0..CODED.len() {
            if let Some(coded) = self.coded_mask(chunk, place) {
                mask.and(&coded);
            }
        }
        mask
    }

    /// All conditions together.
    pub(super) fn rows(&self, chunk: &Chunk) -> RowMask {
        let mut mask = self.cheap(chunk);
        self.search(chunk, &mut mask);
        mask
    }

    /// Keeps the rows whose message has the needle.
    pub(super) fn search(&self, chunk: &Chunk, mask: &mut RowMask) {
        if let Some(needle) = &self.needle {
            needle.keep_matching(&chunk.columns[MESSAGE], mask);
        }
    }

    /// Rows that are not dismissed and in an accepted state.
    pub(super) fn state_mask(&self, chunk: &Chunk) -> RowMask {
        let mut mask = RowMask::of_values(&chunk.states, |state| self.states[usize::from(state)]);
        mask.and_not(&chunk.dismissed);
        mask
    }

    pub(super) fn time_mask(&self, chunk: &Chunk) -> Option<RowMask> {
        self.timed.then(|| {
            RowMask::of_values(&chunk.times, |time| {
                (time >= self.from) & (time < self.to) & (time != NO_TIME)
            })
        })
    }

    pub(super) fn coded_mask(&self, chunk: &Chunk, place: usize) -> Option<RowMask> {
        let accepted = self.accepted[place].as_ref()?;
        Some(match &chunk.codes[place] {
            Codes::Narrow(codes) => RowMask::of_values(codes, |code| accepted[usize::from(code)]),
            Codes::Wide(codes) => RowMask::of_values(codes, |code| accepted[code as usize]),
        })
    }

    pub(super) fn has_condition(&self, place: usize) -> bool {
        self.accepted[place].is_some()
    }
}

impl Table {
    /// Records that match.
    pub fn count(&self, filter: &Filter) -> usize {
        self.matched(filter).count
    }

    pub(super) fn matched(&self, filter: &Filter) -> Rc<Matched> {
        let mut kept = self.matches.borrow_mut();
        if let Some(place) = kept.0.iter().position(|(known, _)| known == filter) {
            let entry = kept.0.remove(place);
            let rows = entry.1.clone();
            kept.0.push(entry);
            return rows;
        }
        let conditions = Conditions::new(self, filter);
        let chunks: Vec<RowMask> = self.chunks.iter().map(|chunk| conditions.rows(chunk)).collect();
        let count = chunks.iter().map(RowMask::count).sum();
        let rows = Rc::new(Matched { chunks, count });
        if kept.0.len() == KEPT {
            kept.0.remove(0);
        }
        kept.0.push((filter.clone(), rows.clone()));
        rows
    }
}
