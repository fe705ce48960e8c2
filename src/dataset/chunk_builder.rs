//! The open chunk of an import: takes rows until it is full, then is closed.

use crate::domain::Identity;

use super::RowInput;
use super::bits::Bits;
use super::columns::{Columns, Details, NO_TIME, SourceRows};
use super::dictionary::Dictionary;
use super::dimension::{DIMENSIONS, Dimension};
use super::glance::Glance;
use super::packed::Packed;
use super::segment::{LocalCodes, SegmentHead};
use super::text_arena::TextArena;
use super::texts::Texts;
use super::unsealed::{RawDetails, UnsealedSegment};

#[derive(Debug, Default)]
pub(super) struct ChunkBuilder {
    dimensions: [Codes; DIMENSIONS],
    times: Vec<i64>,
    inferred: Bits,
    retried: Bits,
    retries: Vec<u32>,
    ids: TextArena,
    record_keys: TextArena,
    messages: TextArena,
    extras: Vec<TextArena>,
    identities: Vec<Identity>,
    source_rows: Vec<u32>,
}

#[derive(Debug)]
struct Codes {
    dictionary: Dictionary,
    codes: Vec<u32>,
    /// Codes met lately, each with a glance at its text; [`NO_CODE`] where there was none.
    lately: Vec<(Glance, u32)>,
}

/// Places for codes met lately.
const LATELY: usize = 4_096;
const NO_CODE: u32 = u32::MAX;

impl Default for Codes {
    fn default() -> Self {
        let lately = vec![(Glance::default(), NO_CODE); LATELY];
        Self { dictionary: Dictionary::default(), codes: Vec::new(), lately }
    }
}

impl ChunkBuilder {
    pub(super) fn rows(&self) -> usize {
        self.times.len()
    }

    /// An empty chunk with room for what this one holds: the next rows are like the last, and room taken once is
    /// neither moved nor cleared again.
    pub(super) fn room_alike(&self) -> Self {
        let rows = self.rows();
        Self {
            dimensions: std::array::from_fn(|_| Codes {
                codes: Vec::with_capacity(rows),
                ..Codes::default()
            }),
            times: Vec::with_capacity(rows),
            retries: Vec::with_capacity(rows),
            ids: self.ids.room_alike(),
            record_keys: self.record_keys.room_alike(),
            messages: self.messages.room_alike(),
            extras: self.extras.iter().map(TextArena::room_alike).collect(),
            identities: Vec::with_capacity(rows),
            source_rows: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Adds a row with as many further columns as the dataset has headers.
    pub(super) fn push(&mut self, row: &RowInput<'_>, headers: usize) {
        let rows = self.rows();
        for (dimension, codes) in Dimension::ALL.into_iter().zip(&mut self.dimensions) {
            codes.push(dimension.text(row));
        }
        self.times.push(row.occurred_at.map_or(NO_TIME, |time| time.millis()));
        self.inferred.push(row.category_inferred);
        self.retried.push(row.retry_count.is_some());
        self.retries.push(row.retry_count.unwrap_or_default());
        self.ids.push(row.id);
        self.record_keys.push(row.record_key);
        self.messages.push(row.message);
        // A column that was told late is empty in the rows before.
        self.extras.resize_with(headers, || {
            let mut late = TextArena::default();
            (0..rows).for_each(|_| late.push(""));
            late
        });
        for (at, texts) in self.extras.iter_mut().enumerate() {
            texts.push(row.extra.get(at).copied().unwrap_or_default());
        }
        self.identities.push(row.identity);
        self.source_rows.push(row.row);
    }

    /// The rows so far, their texts as they are.
    pub(super) fn close(mut self, headers: &[String]) -> UnsealedSegment {
        let rows = self.rows();
        self.times.shrink_to_fit();
        self.identities.shrink_to_fit();
        let unique_ids = self.ids.iter().all(|id| id.is_empty() || is_guid(id));
        let columns = Columns {
            times: self.times,
            inferred: self.inferred,
            retried: self.retried,
            retries: Packed::new(&self.retries),
            source_rows: SourceRows::new(&self.source_rows),
            unique_ids,
        };
        let dimensions = self.dimensions.map(|codes| LocalCodes {
            codes: Packed::new(&codes.codes),
            dictionary: codes.dictionary.into_texts(),
        });
        let details = Details {
            ids: Texts::Plain(self.ids),
            record_keys: Texts::Plain(self.record_keys),
            messages: Texts::Plain(self.messages),
            headers: headers[..self.extras.len()].to_vec(),
            extras: self.extras.into_iter().map(Texts::Plain).collect(),
            identities: self.identities,
        };
        UnsealedSegment {
            head: SegmentHead { columns, dimensions, dismissed: Bits::none(rows) },
            details: RawDetails(details),
        }
    }
}

/// The plain form of a GUID: such an id means the same record wherever it stands, whatever its letter case. Other forms
/// are rare and count as texts.
fn is_guid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

impl Codes {
    fn push(&mut self, text: &str) {
        // Few texts come again and again: most are found where one of the same look was found last.
        let glance = Glance::at(text);
        let (known, code) = &mut self.lately[glance.slot(LATELY)];
        let is_same = *code != NO_CODE
            && *known == glance
            && (glance.is_whole() || self.dictionary.is(*code, text));
        if !is_same {
            (*known, *code) = (glance, self.dictionary.intern(text));
        }
        self.codes.push(*code);
    }
}
