//! Rows of one dump on their way into segments, with repetitions left out.

use hashbrown::HashSet;

use super::columns::{CODED_COUNT, NO_COUNT, NO_TIME, TEXT_COUNT, coded_values, text_values};
use super::dictionary::Dictionary;
use super::row_mask::RowMask;
use super::row_sink::{Pushed, RowInput, RowSink};
use super::segment::{ExtraColumn, ExtraValues, Segment, texts_of};
use super::text_column::TextColumn;
use super::{CHUNK_ROWS, Table};
use crate::domain::{DatasetId, DismissalLedger, Identity};

/// Texts of a segment stay below this many bytes, far from the limit of their offsets and of one stored value.
const SEGMENT_TEXT_BYTES: usize = 1 << 30;

/// Takes the rows of one dump and gives segments as they fill up. Nothing of it can be seen before the table takes them.
pub struct DatasetBuilder {
    dataset: DatasetId,
    chunk_rows: usize,
    current: Filling,
    full: Vec<Segment>,
    seen: HashSet<Identity>,
    headers: Vec<String>,
}

impl DatasetBuilder {
    /// An empty dump.
    pub fn new(dataset: DatasetId) -> Self {
        Self::with_chunk_rows(dataset, CHUNK_ROWS)
    }

    /// With smaller chunks, for tests that want many of them. The table must be made with the same size.
    pub fn with_chunk_rows(dataset: DatasetId, chunk_rows: usize) -> Self {
        assert!((1..=CHUNK_ROWS).contains(&chunk_rows), "a row's place in its chunk fits 16 bits");
        Self {
            dataset,
            chunk_rows,
            current: Filling::default(),
            full: Vec::new(),
            seen: HashSet::new(),
            headers: Vec::new(),
        }
    }

    /// The dataset being built.
    pub fn dataset(&self) -> DatasetId {
        self.dataset
    }

    /// Takes rows while the table and the ledger are at hand; the import lets go of them between slices.
    pub fn session<'a>(
        &'a mut self,
        table: &'a Table,
        ledger: &'a DismissalLedger,
    ) -> impl RowSink + 'a {
        Session { builder: self, table, ledger }
    }

    /// A full segment, oldest first.
    pub fn take_full(&mut self) -> Option<Segment> {
        if self.full.is_empty() { None } else { Some(self.full.remove(0)) }
    }

    /// The segments that were not taken yet, the last one perhaps not full.
    pub fn finish(mut self) -> Vec<Segment> {
        if self.current.rows() > 0 {
            self.full.push(std::mem::take(&mut self.current).sealed(&self.headers));
        }
        self.full
    }

    /// A segment without rows.
    pub(super) fn empty(self) -> Segment {
        self.current.sealed(&[])
    }

    fn push(&mut self, row: &RowInput<'_>) {
        self.current.push(row, self.headers.len());
        if self.current.rows() == self.chunk_rows {
            self.full.push(std::mem::take(&mut self.current).sealed(&self.headers));
        }
    }
}

struct Session<'a> {
    builder: &'a mut DatasetBuilder,
    table: &'a Table,
    ledger: &'a DismissalLedger,
}

impl RowSink for Session<'_> {
    fn extra_columns(&mut self, headers: &[String]) {
        self.builder.headers = headers.to_vec();
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        if self.ledger.contains(row.identity) {
            return Pushed::DismissedEarlier;
        }
        if self.table.contains(row.identity) || !self.builder.seen.insert(row.identity) {
            return Pushed::Duplicate;
        }
        self.builder.push(row);
        Pushed::Loaded
    }
}

/// The segment that is being filled.
#[derive(Default)]
struct Filling {
    dictionaries: [Dictionary; CODED_COUNT],
    codes: [Vec<u16>; CODED_COUNT],
    columns: [TextColumn; TEXT_COUNT],
    times: Vec<i64>,
    retry_counts: Vec<u32>,
    identities: Vec<u128>,
    source_rows: Vec<u32>,
    inferred: RowMask,
    extras: Vec<TextColumn>,
}

impl Filling {
    fn rows(&self) -> usize {
        self.times.len()
    }

    fn push(&mut self, row: &RowInput<'_>, extra_columns: usize) {
        for (place, text) in coded_values(row).into_iter().enumerate() {
            self.codes[place].push(self.dictionaries[place].code(text) as u16);
        }
        for (column, text) in self.columns.iter_mut().zip(text_values(row)) {
            column.push(fitting(column, text));
        }
        self.times.push(row.occurred_at.map_or(NO_TIME, |time| time.millis()));
        self.retry_counts.push(row.retry_count.unwrap_or(NO_COUNT));
        self.identities.push(row.identity.0);
        self.source_rows.push(row.row);
        self.inferred.push(row.category_inferred);
        let before = self.rows() - 1;
        while self.extras.len() < extra_columns {
            self.extras.push(TextColumn::default());
        }
        for (place, column) in self.extras.iter_mut().enumerate() {
            // A column that was met late is empty in the rows before.
            while column.len() < before {
                column.push("");
            }
            let text = row.extra.get(place).copied().unwrap_or_default();
            column.push(fitting(column, text));
        }
    }

    fn sealed(mut self, headers: &[String]) -> Segment {
        for column in &mut self.columns {
            column.shrink();
        }
        let rows = self.rows();
        Segment {
            rows,
            texts: self.dictionaries.each_ref().map(texts_of),
            codes: self.codes,
            columns: self.columns,
            times: self.times,
            retry_counts: self.retry_counts,
            identities: self.identities,
            source_rows: self.source_rows,
            inferred: self.inferred,
            dismissed: RowMask::empty(rows),
            extras: headers
                .iter()
                .zip(self.extras)
                .map(|(header, column)| ExtraColumn {
                    header: header.clone(),
                    values: ExtraValues::condensed(column),
                })
                .collect(),
        }
    }
}

/// The text, or a word about it where the segment has no room any more (a gigabyte of text in 65,536 rows).
fn fitting<'a>(column: &TextColumn, text: &'a str) -> &'a str {
    let left = column.room().saturating_sub(u32::MAX as usize - SEGMENT_TEXT_BYTES);
    if text.len() <= left {
        text
    } else {
        "(text left out: too much text in this part of the dump)"
    }
}
