//! A segment taken into the table: its codes speak the table's dictionaries, and its rows have states.

use super::columns::{CODED_COUNT, NO_COUNT, NO_TIME, TEXT_COUNT};
use super::dictionary::{Codes, Dictionary};
use super::row_mask::RowMask;
use super::segment::{ExtraColumn, Segment};
use super::text_column::TextColumn;
use crate::domain::{DatasetId, RecordId, RecordState};

/// Rows of one dataset, columns side by side.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) dataset: DatasetId,
    /// Place of its first row among the rows of the dataset.
    pub(super) first_row: u32,
    pub(super) codes: [Codes; CODED_COUNT],
    pub(super) columns: [TextColumn; TEXT_COUNT],
    pub(super) times: Vec<i64>,
    pub(super) retry_counts: Vec<u32>,
    pub(super) identities: Vec<u128>,
    pub(super) source_rows: Vec<u32>,
    pub(super) inferred: RowMask,
    /// Gone for ever.
    pub(super) dismissed: RowMask,
    /// State of each row as its place in `RecordState::ALL`.
    pub(super) states: Vec<u8>,
    pub(super) extras: Vec<ExtraColumn>,
    /// Earliest and latest known time.
    pub(super) span: Option<(i64, i64)>,
}

impl Chunk {
    /// Takes a segment over; its texts move, its codes are translated.
    pub(super) fn new(
        dataset: DatasetId,
        first_row: u32,
        segment: Segment,
        dictionaries: &mut [Dictionary; CODED_COUNT],
    ) -> Self {
        let mut places = 0..;
        let codes = segment.codes.map(|codes| {
            let place = places.next().unwrap_or_default();
            let dictionary: &mut Dictionary = &mut dictionaries[place];
            let global: Vec<u32> =
                segment.texts[place].iter().map(|text| dictionary.code(text)).collect();
            Codes::from_wide(codes.iter().map(|code| global[usize::from(*code)]).collect())
        });
        let known = segment.times.iter().copied().filter(|time| *time != NO_TIME);
        let span = known.clone().min().zip(known.max());
        Self {
            dataset,
            first_row,
            codes,
            columns: segment.columns,
            states: vec![0; segment.rows],
            times: segment.times,
            retry_counts: segment.retry_counts,
            identities: segment.identities,
            source_rows: segment.source_rows,
            inferred: segment.inferred,
            dismissed: segment.dismissed,
            extras: segment.extras,
            span,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn record_id(&self, row: usize) -> RecordId {
        RecordId::new(self.dataset, self.first_row + row as u32)
    }

    pub(super) fn state(&self, row: usize) -> RecordState {
        RecordState::ALL[usize::from(self.states[row])]
    }

    pub(super) fn time(&self, row: usize) -> Option<i64> {
        Some(self.times[row]).filter(|time| *time != NO_TIME)
    }

    pub(super) fn retry_count(&self, row: usize) -> Option<u32> {
        Some(self.retry_counts[row]).filter(|count| *count != NO_COUNT)
    }

    /// As a segment again, with the texts of dismissed rows left out. Their places and identities stay.
    pub(super) fn erased(&self, dictionaries: &[Dictionary; CODED_COUNT]) -> Segment {
        let keep = |row: usize| !self.dismissed.get(row);
        let mut texts: [Vec<Box<str>>; CODED_COUNT] = Default::default();
        let mut codes: [Vec<u16>; CODED_COUNT] = Default::default();
        for place in 0..CODED_COUNT {
            let mut local = Dictionary::default();
            codes[place] = (0..self.len())
                .map(|row| {
                    if keep(row) { dictionaries[place].get(self.codes[place].get(row)) } else { "" }
                })
                .map(|text| local.code(text) as u16)
                .collect();
            texts[place] = super::segment::texts_of(&local);
        }
        Segment {
            rows: self.len(),
            texts,
            codes,
            columns: self.columns.each_ref().map(|column| column.blanked(keep)),
            times: (0..self.len())
                .map(|row| if keep(row) { self.times[row] } else { NO_TIME })
                .collect(),
            retry_counts: (0..self.len())
                .map(|row| if keep(row) { self.retry_counts[row] } else { NO_COUNT })
                .collect(),
            identities: self.identities.clone(),
            source_rows: self.source_rows.clone(),
            inferred: self.inferred.clone(),
            dismissed: self.dismissed.clone(),
            extras: self
                .extras
                .iter()
                .map(|extra| ExtraColumn {
                    header: extra.header.clone(),
                    values: extra.values.blanked(keep, self.len()),
                })
                .collect(),
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.codes.iter().map(Codes::heap_bytes).sum::<usize>()
            + self.columns.iter().map(TextColumn::heap_bytes).sum::<usize>()
            + self.extras.iter().map(|extra| extra.values.heap_bytes()).sum::<usize>()
            + self.len() * (8 + 4 + 16 + 4 + 1)
    }
}
