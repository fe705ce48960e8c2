//! The open chunk of an import: takes rows until it is full, then becomes a segment.

use crate::domain::Identity;

use super::RowInput;
use super::bits::Bits;
use super::columns::{Columns, Details, NO_TIME, SourceRows};
use super::dictionary::Dictionary;
use super::dimension::{DIMENSIONS, Dimension};
use super::glance::Glance;
use super::guids;
use super::packed::Packed;
use super::segment::{LocalCodes, Segment, SegmentDetails, SegmentHead};
use super::text_arena::TextArena;
use super::text_builder::TextBuilder;
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
    messages: TextBuilder,
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

/// Places for codes met lately, where there are few codes, and where there are many.
const LATELY: [usize; 2] = [512, 16_384];
const NO_CODE: u32 = u32::MAX;

impl Default for Codes {
    fn default() -> Self {
        let lately = vec![(Glance::default(), NO_CODE); LATELY[0]];
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

    /// The rows so far as a segment.
    pub(super) fn seal(mut self, headers: &[String]) -> Segment {
        let rows = self.rows();
        self.times.shrink_to_fit();
        self.identities.shrink_to_fit();
        let ids = Texts::new(self.ids);
        let columns = Columns {
            times: self.times,
            inferred: self.inferred,
            retried: self.retried,
            retries: Packed::new(&self.retries),
            source_rows: SourceRows::new(&self.source_rows),
            unique_ids: are_guids(&ids),
        };
        let dimensions = self.dimensions.map(|codes| LocalCodes {
            codes: Packed::new(&codes.codes),
            dictionary: codes.dictionary.into_texts(),
        });
        let details = Details {
            ids,
            record_keys: Texts::new(self.record_keys),
            messages: self.messages.finish(),
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

/// Whether ids are GUIDs in their plain form, or missing: such an id means the same record wherever it stands, whatever its
/// letter case. Other forms are rare and count as texts.
fn are_guids(ids: &Texts) -> bool {
    match ids.guids() {
        Some(guids) => guids.are_all(),
        None => (0..ids.entries())
            .all(|entry| ids.entry_is_empty(entry) || guids::number(&ids.entry(entry)).is_some()),
    }
}

impl Codes {
    fn push(&mut self, text: &str) {
        // Few texts come again and again: most are found where one of the same look was found last.
        let glance = Glance::at(text);
        let slot = glance.slot(self.lately.len());
        let (known, code) = self.lately[slot];
        let is_same = code != NO_CODE
            && known == glance
            && (glance.is_whole() || self.dictionary.is(code, text));
        let code = if is_same { code } else { self.look_up(text, glance, slot) };
        self.codes.push(code);
    }

    fn look_up(&mut self, text: &str, glance: Glance, slot: usize) -> u32 {
        let code = self.dictionary.intern(text);
        self.lately[slot] = (glance, code);
        let [few, many] = LATELY;
        if self.dictionary.len() * 2 > few && self.lately.len() == few {
            self.lately = vec![(Glance::default(), NO_CODE); many];
        }
        code
    }
}
