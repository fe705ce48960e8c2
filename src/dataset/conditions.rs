//! A filter made ready for columns: what to compare codes, states and times with.
//!
//! Names compare without regard to ASCII case, causes exactly. A text is looked for in the message as
//! [`super::needle`] says. Rows without a time pass no condition on time.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::domain::{Column, Fate, Filter, NewSince, RecordId, RecordState};

use super::Table;
use super::bits::Bits;
use super::chunk::{Chunk, DISMISSED, STATES};
use super::columns::NO_TIME;
use super::comparison::Comparison;
use super::dimension::Dimension;
use super::index::place;
use super::needle::Needle;
use super::packed::Packed;
use super::texts::Texts;

#[derive(Debug)]
pub(super) struct Conditions {
    /// From, inclusive, and to, exclusive.
    times: Option<(i64, i64)>,
    text: Option<Rc<TextHits>>,
    /// By number of the reference, which ones a message may name.
    missing: Option<Vec<bool>>,
    compared: Option<(Rc<Comparison>, Fate)>,
    undated: bool,
    new_since: Option<NewSince>,
    /// By chunk, the only rows that may pass.
    among: Option<Vec<Bits>>,
    /// Conditions on columns that facets count, which a column's own facet is to ignore.
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// By number of the state.
    State([bool; STATES]),
    /// By code.
    Coded(Dimension, Vec<bool>),
}

/// The rows whose message holds a text, worked out chunk by chunk when first needed.
#[derive(Debug)]
pub(super) struct TextHits {
    needle: Needle,
    /// Hits of a shorter text that every hit of this one holds: what was typed a moment ago.
    wider: Option<Rc<TextHits>>,
    chunks: Vec<OnceCell<Bits>>,
}

impl Conditions {
    pub(super) fn new(table: &Table, filter: &Filter) -> Self {
        let mut states = [false; STATES];
        for state in RecordState::ALL {
            states[state as usize] = filter.accepts_state(state);
        }
        let mut parts = vec![Part::State(states)];
        for dimension in Dimension::ALL {
            let wanted = filter.values(dimension.column()).unwrap_or_default();
            if !wanted.is_empty() {
                let values = table.dictionary(dimension).iter();
                let accepts = |value| wanted.iter().any(|w| dimension.matches(value, w));
                parts.push(Part::Coded(dimension, values.map(accepts).collect()));
            }
        }
        let times = (filter.from.is_some() || filter.to.is_some()).then(|| {
            (
                filter.from.map_or(NO_TIME + 1, |from| from.millis()),
                filter.to.map_or(i64::MAX, |to| to.millis()),
            )
        });
        let text = filter.text.as_deref().and_then(|text| table.text_hits(text));
        let missing = table.meant_by(filter);
        let among = filter.among.as_deref().map(|records| table.rows_of(records));
        let compared =
            filter.compared.map(|asked| (table.comparison(asked.before, asked.after), asked.fate));
        let (undated, new_since) = (filter.undated, filter.new_since);
        Self { times, text, missing, compared, undated, new_since, among, parts }
    }

    /// The rows of a chunk that pass every condition.
    pub(super) fn passing(&self, table: &Table, at: usize) -> Bits {
        let chunk = &table.chunks[at];
        let mut rows = Bits::all(chunk.rows());
        self.keep_live(chunk, &mut rows);
        for part in &self.parts {
            part.keep(chunk, &mut rows);
        }
        self.keep_rest(table, at, &mut rows);
        rows
    }

    /// The rows of a chunk that pass every condition but those of columns that facets count.
    pub(super) fn passing_base(&self, table: &Table, at: usize) -> Bits {
        let chunk = &table.chunks[at];
        let mut rows = Bits::all(chunk.rows());
        self.keep_live(chunk, &mut rows);
        self.keep_rest(table, at, &mut rows);
        rows
    }

    /// Of the rows given, those that pass every condition but those of columns that facets count.
    fn keep_rest(&self, table: &Table, at: usize, rows: &mut Bits) {
        let chunk = &table.chunks[at];
        self.keep_times(chunk, rows);
        self.keep_new(chunk, rows);
        if let Some(among) = &self.among {
            rows.and(&among[at]);
        }
        self.keep_compared(at, rows);
        self.keep_text(at, chunk, rows);
        self.keep_missing(table, at, rows);
    }

    /// Of the rows given, for each condition on a column that facets count, those that pass it.
    pub(super) fn passing_parts(&self, chunk: &Chunk, base: &Bits) -> Vec<(Column, Bits)> {
        let part = |part: &Part| {
            let mut rows = base.clone();
            part.keep(chunk, &mut rows);
            (part.column(), rows)
        };
        self.parts.iter().map(part).collect()
    }

    fn keep_live(&self, chunk: &Chunk, rows: &mut Bits) {
        if chunk.live_rows() < chunk.rows() {
            rows.and_where(chunk.states(), |state| state != DISMISSED);
        }
    }

    fn keep_times(&self, chunk: &Chunk, rows: &mut Bits) {
        let Some((from, to)) = self.times else { return };
        match chunk.times() {
            Some((first, last, true)) if from <= first && last < to => {}
            Some((first, last, _)) if first < to && from <= last => {
                // `from` is above the mark for "no time".
                rows.and_where(&chunk.columns.times, |time| (from <= time) & (time < to));
            }
            _ => rows.clear(),
        }
    }

    fn keep_new(&self, chunk: &Chunk, rows: &mut Bits) {
        if self.undated {
            rows.and_where(&chunk.columns.times, |time| time == NO_TIME);
        }
        let Some(NewSince { dataset, after }) = self.new_since else { return };
        if chunk.dataset < dataset {
            rows.clear();
        } else if let Some(after) = after.map(|after| after.millis()) {
            rows.and_where(&chunk.columns.times, |time| (time > after) | (time == NO_TIME));
        }
    }

    fn keep_missing(&self, table: &Table, at: usize, rows: &mut Bits) {
        if let Some(accepts) = &self.missing
            && !rows.is_empty()
        {
            rows.and(&table.rows_missing(at, accepts));
        }
    }

    fn keep_compared(&self, at: usize, rows: &mut Bits) {
        if let Some((comparison, fate)) = &self.compared {
            rows.and(comparison.rows(*fate, at));
        }
    }

    fn keep_text(&self, at: usize, chunk: &Chunk, rows: &mut Bits) {
        if let Some(text) = &self.text
            && !rows.is_empty()
        {
            rows.and(text.rows(at, &chunk.details().messages));
        }
    }
}

impl TextHits {
    /// The rows of a chunk whose message is one of these.
    pub(super) fn rows(&self, at: usize, messages: &Texts) -> &Bits {
        self.chunks[at].get_or_init(|| {
            let wider = self.wider.as_ref().and_then(|wider| wider.chunks[at].get());
            let few = messages.rows_searched_at_once();
            match wider.filter(|wider| wider.count() * few <= wider.len()) {
                Some(few) => messages.search_among(&self.needle, few),
                None => messages.search(&self.needle),
            }
        })
    }
}

impl Part {
    fn column(&self) -> Column {
        match self {
            Self::State(_) => Column::State,
            Self::Coded(dimension, _) => dimension.column(),
        }
    }

    fn keep(&self, chunk: &Chunk, rows: &mut Bits) {
        match self {
            Self::State(accepts) => {
                let tallies = chunk.tallies().iter().zip(accepts);
                let passing: u32 = tallies.map(|(rows, passes)| rows * u32::from(*passes)).sum();
                if (passing as usize) < chunk.rows() {
                    rows.and_accepted(chunk.states(), accepts);
                }
            }
            Self::Coded(dimension, accepts) => keep_coded(chunk, *dimension, accepts, rows),
        }
    }
}

/// Of the rows given, keeps those whose code is accepted.
pub(super) fn keep_coded(chunk: &Chunk, dimension: Dimension, accepts: &[bool], rows: &mut Bits) {
    let passes = |code: usize| accepts[code];
    match &chunk.codes[dimension as usize] {
        Packed::Same { value, .. } if passes(*value as usize) => {}
        Packed::Same { .. } => rows.clear(),
        Packed::U8(codes) => rows.and_accepted(codes, accepts),
        Packed::U16(codes) => rows.and_where(codes, |code| passes(code.into())),
        Packed::U32(codes) => rows.and_where(codes, |code| passes(code as usize)),
    }
}

impl Table {
    /// By chunk, the rows of these records.
    fn rows_of(&self, records: &[RecordId]) -> Vec<Bits> {
        let mut rows: Vec<Bits> =
            self.chunks.iter().map(|chunk| Bits::none(chunk.rows())).collect();
        for (at, row) in records.iter().filter_map(|id| self.live_slot(*id)).map(place) {
            rows[at].set(row);
        }
        rows
    }

    /// `None` for an empty text, which is no condition.
    pub(super) fn text_hits(&self, text: &str) -> Option<Rc<TextHits>> {
        let key = text.to_owned();
        if let Some(known) = self.caches.borrow_mut().texts.get(&key) {
            return Some(known);
        }
        let needle = Needle::new(text)?;
        let chunks = self.chunks.iter().map(|_| OnceCell::new()).collect();
        let wider = self.caches.borrow().texts.newest(|hits| needle.narrows(&hits.needle));
        let hits = Rc::new(TextHits { needle, wider, chunks });
        self.caches.borrow_mut().texts.put(key, Rc::clone(&hits));
        Some(hits)
    }
}
