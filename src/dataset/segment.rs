//! A chunk on its way: made by the builder, stored, read back, appended to a table. It carries its own dictionaries.

use super::columns::{CODED, CODED_COUNT, TEXT_COUNT};
use super::dictionary::Dictionary;
use super::row_mask::RowMask;
use super::text_column::TextColumn;
use super::{codec, dictionary};
use crate::domain::Column;

/// Why stored bytes are no segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// They do not begin as a segment does.
    #[error("this is no segment")]
    NotASegment,
    /// Written in a form that this version does not know.
    #[error("the segment is of form {0}, which this version does not know")]
    UnknownForm(u32),
    /// The checksum does not fit.
    #[error("the checksum does not fit: the bytes have changed since they were written")]
    Changed,
    /// The checksum fits, but the content does not hold together.
    #[error("{0} does not hold together")]
    Inconsistent(&'static str),
}

/// A column that no field took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExtraColumn {
    pub(super) header: String,
    pub(super) values: ExtraValues,
}

/// Values of an extra column: as codes where they repeat, else as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExtraValues {
    Coded { texts: Vec<Box<str>>, codes: Vec<u16> },
    Texts(TextColumn),
}

impl ExtraValues {
    pub(super) fn get(&self, row: usize) -> &str {
        match self {
            Self::Coded { texts, codes } => &texts[codes[row] as usize],
            Self::Texts(column) => column.get(row),
        }
    }

    /// Codes them, if at most one value in four is new.
    pub(super) fn condensed(column: TextColumn) -> Self {
        let most = (column.len() / 4).min(usize::from(u16::MAX));
        let mut dictionary = Dictionary::default();
        let mut codes = Vec::with_capacity(column.len());
        for row in 0..column.len() {
            codes.push(dictionary.code(column.get(row)) as u16);
            if dictionary.len() > most {
                return Self::Texts(column);
            }
        }
        Self::Coded { texts: dictionary.texts().map(Into::into).collect(), codes }
    }

    pub(super) fn blanked(&self, keep: impl Fn(usize) -> bool, rows: usize) -> Self {
        let mut column = TextColumn::default();
        for row in 0..rows {
            column.push(if keep(row) { self.get(row) } else { "" });
        }
        Self::condensed(column)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Coded { texts, codes } => {
                codes.capacity() * 2 + texts.iter().map(|text| text.len() + 16).sum::<usize>()
            }
            Self::Texts(column) => column.heap_bytes(),
        }
    }
}

/// Rows of one dump, at most [`CHUNK_ROWS`](super::CHUNK_ROWS), with everything that is to be known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub(super) rows: usize,
    /// Different texts of each coded column.
    pub(super) texts: [Vec<Box<str>>; CODED_COUNT],
    /// Codes into `texts`.
    pub(super) codes: [Vec<u16>; CODED_COUNT],
    pub(super) columns: [TextColumn; TEXT_COUNT],
    pub(super) times: Vec<i64>,
    pub(super) retry_counts: Vec<u32>,
    pub(super) identities: Vec<u128>,
    pub(super) source_rows: Vec<u32>,
    pub(super) inferred: RowMask,
    pub(super) dismissed: RowMask,
    pub(super) extras: Vec<ExtraColumn>,
}

impl Segment {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Names of the integration jobs that occur.
    pub fn job_names(&self) -> impl Iterator<Item = &str> {
        let job = CODED.iter().position(|column| *column == Column::Job);
        job.into_iter().flat_map(|job| self.texts[job].iter().map(|text| &**text))
    }

    /// The bytes to store: form, content, checksum.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads stored bytes. Never panics and never allocates more than the bytes can hold.
    pub fn decode(bytes: &[u8]) -> Result<Self, SegmentError> {
        codec::decode(bytes)
    }
}

/// The different texts of a dictionary, in the order of codes.
pub(super) fn texts_of(dictionary: &dictionary::Dictionary) -> Vec<Box<str>> {
    dictionary.texts().map(Into::into).collect()
}
