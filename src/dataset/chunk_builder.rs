//! The open chunk of an import: takes rows until it is full, then becomes a segment.

use crate::domain::Identity;

use super::RowInput;
use super::bits::Bits;
use super::columns::{Columns, Details, NO_TIME, SourceRows};
use super::dictionary::Dictionary;
use super::dimension::{DIMENSIONS, Dimension};
use super::packed::Packed;
use super::segment::{LocalCodes, Segment, SegmentDetails, SegmentHead};
use super::text_arena::TextArena;
use super::texts::Texts;

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

#[derive(Debug, Default)]
struct Codes {
    dictionary: Dictionary,
    codes: Vec<u32>,
}

impl ChunkBuilder {
    pub(super) fn rows(&self) -> usize {
        self.times.len()
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

    /// The rows so far as a segment.
    pub(super) fn seal(mut self, headers: &[String]) -> Segment {
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
            ids: Texts::new(self.ids),
            record_keys: Texts::new(self.record_keys),
            messages: Texts::new(self.messages),
            headers: headers[..self.extras.len()].to_vec(),
            extras: self.extras.into_iter().map(Texts::new).collect(),
            identities: self.identities,
        };
        Segment {
            head: SegmentHead { columns, dimensions, dismissed: Bits::none(rows) },
            details: SegmentDetails(details),
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
        // Dumps come in runs of like rows, so the last answer is often the next one.
        let code = match self.codes.last() {
            Some(last) if self.dictionary.get(*last) == text => *last,
            _ => self.dictionary.intern(text),
        };
        self.codes.push(code);
    }
}
