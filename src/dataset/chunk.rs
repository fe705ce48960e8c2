//! A chunk of the table: columns whose codes mean entries of the table's dictionaries, and what became of each row.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::domain::{DatasetId, Identity, RecordId, RecordState};

use super::bits::Bits;
use super::byte_counts::counts_of;
use super::chunk_tally::{ChunkTally, WORTH_KEEPING};
use super::columns::{Columns, Details, NO_TIME};
use super::dimension::{DIMENSIONS, Dimension};
use super::packed::Packed;

/// State of a row that is gone, beside the numbers of `RecordState`.
pub(super) const DISMISSED: u8 = RecordState::ALL.len() as u8;

/// Different states, the dismissed one counted.
pub(super) const STATES: usize = RecordState::ALL.len() + 1;

#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) dataset: DatasetId,
    /// Place among the chunks of the dataset.
    pub(super) number: u32,
    /// Place of the first row among the rows of the dataset.
    pub(super) first_row: u32,
    pub(super) columns: Columns,
    /// Absent until they are read from the store.
    details: Option<Details>,
    pub(super) codes: [Packed; DIMENSIONS],
    /// The causes before the user's rules, where these changed any.
    pub(super) own_causes: Option<Packed>,
    /// `RecordState` by number, or [`DISMISSED`].
    states: Vec<u8>,
    /// How many rows are in each state.
    tallies: [u32; STATES],
    /// Dismissed rows whose texts are still in memory or in store.
    unerased: usize,
    /// Which attempt gave a row an id of its own; empty where no row needed any.
    suffixes: Vec<u8>,
    /// Earliest and latest time of any row.
    times: Option<(i64, i64)>,
    /// Rows without a time.
    timeless: usize,
    /// How many rows have each code, for columns of few codes, counted when first asked for.
    code_counts: [OnceCell<Vec<u32>>; DIMENSIONS],
    /// What groups are merged from, of all rows, made when first asked for; `None` where that is not worth keeping.
    code_tallies: [OnceCell<Option<ChunkTally>>; DIMENSIONS],
}

impl Chunk {
    pub(super) fn new(
        (dataset, number, first_row): (DatasetId, u32, u32),
        columns: Columns,
        codes: [Packed; DIMENSIONS],
        dismissed: &Bits,
    ) -> Self {
        let mut states = vec![RecordState::Open as u8; columns.rows()];
        dismissed.for_each(|row| states[row] = DISMISSED);
        let gone = dismissed.count() as u32;
        let mut tallies = [0; STATES];
        tallies[RecordState::Open as usize] = states.len() as u32 - gone;
        tallies[usize::from(DISMISSED)] = gone;
        let (mut first, mut last, mut timeless) = (i64::MAX, NO_TIME, 0);
        for time in &columns.times {
            let is_none = *time == NO_TIME;
            timeless += usize::from(is_none);
            first = first.min(if is_none { i64::MAX } else { *time });
            // Which none is smaller than.
            last = last.max(*time);
        }
        let times = (last != NO_TIME).then_some((first, last));
        let suffixes = Vec::new();
        let unerased = 0;
        Self {
            dataset,
            number,
            first_row,
            columns,
            details: None,
            codes,
            own_causes: None,
            states,
            tallies,
            unerased,
            suffixes,
            times,
            timeless,
            code_counts: Default::default(),
            code_tallies: Default::default(),
        }
    }

    /// What rows say in their own words.
    ///
    /// # Panics
    /// Where it was not read from the store yet: whoever asks must have made sure, see [`super::Table::lacking`].
    pub(super) fn details(&self) -> &Details {
        self.details.as_ref().expect("details are read before they are asked for")
    }

    pub(super) fn is_whole(&self) -> bool {
        self.details.is_some()
    }

    pub(super) fn complete(&mut self, details: Details) {
        self.details = Some(details);
    }

    /// Drops what dismissed rows said from memory.
    pub(super) fn erase(&mut self) {
        let gone = self.dismissed();
        if let Some(details) = &mut self.details {
            details.erase(&gone);
        }
        self.unerased = 0;
    }

    pub(super) fn rows(&self) -> usize {
        self.states.len()
    }

    pub(super) fn record_id(&self, row: usize) -> RecordId {
        RecordId::new(self.dataset, self.first_row + row as u32)
    }

    /// The row of a record, if it is in this chunk.
    pub(super) fn row_of(&self, id: RecordId) -> Option<usize> {
        let row = id.row().checked_sub(self.first_row)? as usize;
        (self.dataset == id.dataset() && row < self.rows()).then_some(row)
    }

    pub(super) fn identity(&self, row: usize) -> Identity {
        self.details().identities[row]
    }

    /// Numbers of `RecordState` or [`DISMISSED`], one per row.
    pub(super) fn states(&self) -> &[u8] {
        &self.states
    }

    pub(super) fn tallies(&self) -> &[u32; STATES] {
        &self.tallies
    }

    /// `None` where the row is dismissed.
    pub(super) fn state(&self, row: usize) -> Option<RecordState> {
        RecordState::ALL.get(usize::from(self.states[row])).copied()
    }

    pub(super) fn is_live(&self, row: usize) -> bool {
        self.states[row] != DISMISSED
    }

    pub(super) fn live_rows(&self) -> usize {
        self.rows() - self.tallies[usize::from(DISMISSED)] as usize
    }

    /// A dismissed row keeps its state for ever; whether anything changed is told.
    pub(super) fn set_state(&mut self, row: usize, state: u8) -> bool {
        let before = std::mem::replace(&mut self.states[row], state);
        if before == DISMISSED {
            self.states[row] = DISMISSED;
            return false;
        }
        self.tallies[usize::from(before)] -= 1;
        self.tallies[usize::from(state)] += 1;
        self.unerased += usize::from(state == DISMISSED);
        before != state
    }

    /// How many rows, dismissed or not, have each code; `None` where counting is not worth keeping.
    pub(super) fn code_counts(&self, dimension: Dimension) -> Option<&[u32]> {
        let Packed::U8(codes) = &self.codes[dimension as usize] else { return None };
        Some(self.code_counts[dimension as usize].get_or_init(|| counts_of(codes)))
    }

    /// The tally of all rows, dismissed or not, by code; `None` where it is not worth keeping.
    pub(super) fn tally(&self, dimension: Dimension) -> Option<&ChunkTally> {
        let made = || {
            let made = self.tally_rows(dimension, &Bits::all(self.rows()));
            Some(made).filter(|made| made.codes.len() <= WORTH_KEEPING)
        };
        self.code_tallies[dimension as usize].get_or_init(made).as_ref()
    }

    /// Whether it is known what the tally of all rows is, or that it is not worth keeping.
    pub(super) fn is_tallied(&self, dimension: Dimension) -> bool {
        self.code_tallies[dimension as usize].get().is_some()
    }

    /// The tally of these rows.
    pub(super) fn tally_rows(&self, dimension: Dimension, rows: &Bits) -> ChunkTally {
        let (codes, categories) =
            (&self.codes[dimension as usize], &self.codes[Dimension::Category as usize]);
        ChunkTally::new(codes, categories, &self.columns.times, rows)
    }

    /// The codes have changed.
    pub(super) fn forget_counts(&mut self, dimension: Dimension) {
        self.code_tallies[dimension as usize] = OnceCell::new();
        self.code_counts[dimension as usize] = OnceCell::new();
    }

    /// The causes that rows have of their own, whatever the user's rules.
    pub(super) fn own_causes(&self) -> &Packed {
        self.own_causes.as_ref().unwrap_or(&self.codes[Dimension::Cause as usize])
    }

    /// The codes as they are to be stored.
    pub(super) fn stored_codes(&self, dimension: Dimension) -> &Packed {
        match dimension {
            Dimension::Cause => self.own_causes(),
            _ => &self.codes[dimension as usize],
        }
    }

    pub(super) fn dismissed(&self) -> Bits {
        let mut gone = Bits::all(self.rows());
        gone.and_where(&self.states, |state| state == DISMISSED);
        gone
    }

    pub(super) fn needs_erasing(&self) -> bool {
        self.unerased > 0
    }

    /// Earliest and latest time, and whether every row has one.
    pub(super) fn times(&self) -> Option<(i64, i64, bool)> {
        self.times.map(|(low, high)| (low, high, self.timeless == 0))
    }

    /// The id that the row has in answers.
    pub(super) fn id(&self, row: usize) -> Cow<'_, str> {
        let own = self.details().ids.get(row);
        let attempt = self.suffix(row);
        if attempt == 0 {
            return if own.is_empty() { self.identity(row).to_string().into() } else { own };
        }
        id_text(&own, self.identity(row), attempt).into()
    }

    /// The id that the row has in answers as a number, where it is a GUID held as one.
    pub(super) fn guid(&self, row: usize) -> Option<u128> {
        if self.suffix(row) == 0 { self.details().ids.guid(row) } else { None }
    }

    /// Calls `with` with the id that the row has in answers.
    pub(super) fn with_id<T>(&self, row: usize, with: impl FnOnce(&str) -> T) -> T {
        if self.suffix(row) == 0 && !self.details().ids.is_empty(row) {
            self.details().ids.with(row, with)
        } else {
            with(&self.id(row))
        }
    }

    pub(super) fn suffix(&self, row: usize) -> u8 {
        self.suffixes.get(row).copied().unwrap_or_default()
    }

    pub(super) fn set_suffix(&mut self, row: usize, attempt: u8) {
        if self.suffixes.is_empty() {
            self.suffixes.resize(self.states.len(), 0);
        }
        self.suffixes[row] = attempt;
    }

    /// Whether the id is the bare identity, which needs no index of its own.
    pub(super) fn has_derived_id(&self, row: usize) -> bool {
        self.suffix(row) == 0 && self.details().ids.is_empty(row)
    }

    /// Whether ids are the texts of the column, none derived or told apart.
    pub(super) fn has_plain_ids(&self) -> bool {
        self.suffixes.is_empty() && self.details().ids.entries_are_filled()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.columns.held_bytes()
            + self.details.as_ref().map_or(0, Details::held_bytes)
            + self.codes.iter().map(Packed::held_bytes).sum::<usize>()
            + self.own_causes.as_ref().map_or(0, Packed::held_bytes)
            + self.states.capacity()
            + self.suffixes.capacity()
    }
}

/// A record's id where the plain one is taken by another record: longer with every attempt.
pub(super) fn id_text(own: &str, identity: Identity, attempt: u8) -> String {
    let digits = identity.to_string();
    let base = if own.is_empty() { &digits } else { own };
    match attempt {
        0 => base.to_owned(),
        1 => format!("{base}~{}", &digits[..8]),
        2 => format!("{base}~{digits}"),
        more => format!("{base}~{digits}~{more}"),
    }
}
