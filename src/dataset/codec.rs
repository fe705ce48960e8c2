//! Segments as bytes: little-endian, length-prefixed, with a checksum over everything.
//!
//! Form 1: magic `DWES`, form (u32), checksum (xxh3, u64) of the rest; then rows, coded columns (texts, codes), text
//! columns (ends, bytes), times, retry counts, identities, source rows, two bit sets, extra columns. Released forms never
//! change; a new one gets a new number.

use xxhash_rust::xxh3::xxh3_64;

use super::CHUNK_ROWS;
use super::columns::{CODED_COUNT, TEXT_COUNT};
use super::row_mask::RowMask;
use super::segment::{ExtraColumn, ExtraValues, Segment, SegmentError};
use super::text_column::TextColumn;

const MAGIC: &[u8; 4] = b"DWES";
const FORM: u32 = 1;
const HEADER: usize = 16;

pub(super) fn encode(segment: &Segment) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(HEADER + segment.rows * 128));
    out.0.extend_from_slice(MAGIC);
    out.u32(FORM);
    out.0.extend_from_slice(&[0; 8]);
    out.u32(segment.rows as u32);
    for (texts, codes) in segment.texts.iter().zip(&segment.codes) {
        out.coded(texts, codes);
    }
    for column in &segment.columns {
        out.texts(column);
    }
    out.numbers(&segment.times, |number| number.to_le_bytes());
    out.numbers(&segment.retry_counts, |number| number.to_le_bytes());
    out.numbers(&segment.identities, |number| number.to_le_bytes());
    out.numbers(&segment.source_rows, |number| number.to_le_bytes());
    out.numbers(segment.inferred.words(), |number| number.to_le_bytes());
    out.numbers(segment.dismissed.words(), |number| number.to_le_bytes());
    out.u32(segment.extras.len() as u32);
    for extra in &segment.extras {
        out.bytes(extra.header.as_bytes());
        match &extra.values {
            ExtraValues::Coded { texts, codes } => {
                out.0.push(0);
                out.coded(texts, codes);
            }
            ExtraValues::Texts(column) => {
                out.0.push(1);
                out.texts(column);
            }
        }
    }
    let checksum = xxh3_64(&out.0[HEADER..]);
    out.0[8..HEADER].copy_from_slice(&checksum.to_le_bytes());
    out.0
}

pub(super) fn decode(bytes: &[u8]) -> Result<Segment, SegmentError> {
    let mut input = Reader(bytes);
    if input.take(4) != Some(MAGIC) {
        return Err(SegmentError::NotASegment);
    }
    let form = input.u32().ok_or(SegmentError::NotASegment)?;
    if form != FORM {
        return Err(SegmentError::UnknownForm(form));
    }
    let checksum = input.numbers_exact(1, u64::from_le_bytes).ok_or(SegmentError::NotASegment)?;
    if checksum != [xxh3_64(input.0)] {
        return Err(SegmentError::Changed);
    }
    let segment = content(&mut input)?;
    if input.0.is_empty() { Ok(segment) } else { Err(SegmentError::Inconsistent("the end")) }
}

fn content(input: &mut Reader<'_>) -> Result<Segment, SegmentError> {
    let rows = input.u32().ok_or(SegmentError::Inconsistent("the number of rows"))? as usize;
    if rows > CHUNK_ROWS {
        return Err(SegmentError::Inconsistent("the number of rows"));
    }
    let mut texts: [Vec<Box<str>>; CODED_COUNT] = Default::default();
    let mut codes: [Vec<u16>; CODED_COUNT] = Default::default();
    for place in 0..CODED_COUNT {
        (texts[place], codes[place]) =
            input.coded(rows).ok_or(SegmentError::Inconsistent("a coded column"))?;
    }
    let mut columns: [TextColumn; TEXT_COUNT] = Default::default();
    for column in &mut columns {
        *column = input.texts(rows).ok_or(SegmentError::Inconsistent("a text column"))?;
    }
    let lacking = SegmentError::Inconsistent;
    Ok(Segment {
        rows,
        texts,
        codes,
        columns,
        times: input.numbers(rows, i64::from_le_bytes).ok_or(lacking("the times"))?,
        retry_counts: input.numbers(rows, u32::from_le_bytes).ok_or(lacking("the retry counts"))?,
        identities: input.numbers(rows, u128::from_le_bytes).ok_or(lacking("the identities"))?,
        source_rows: input.numbers(rows, u32::from_le_bytes).ok_or(lacking("the source rows"))?,
        inferred: input.mask(rows).ok_or(lacking("a bit set"))?,
        dismissed: input.mask(rows).ok_or(lacking("a bit set"))?,
        extras: input.extras(rows).ok_or(lacking("an extra column"))?,
    })
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    fn numbers<T: Copy, const N: usize>(&mut self, numbers: &[T], write: impl Fn(T) -> [u8; N]) {
        self.u32(numbers.len() as u32);
        self.0.reserve(numbers.len() * N);
        for number in numbers {
            self.0.extend_from_slice(&write(*number));
        }
    }

    fn coded(&mut self, texts: &[Box<str>], codes: &[u16]) {
        self.u32(texts.len() as u32);
        for text in texts {
            self.bytes(text.as_bytes());
        }
        self.numbers(codes, u16::to_le_bytes);
    }

    fn texts(&mut self, column: &TextColumn) {
        let (ends, bytes) = column.parts();
        self.numbers(ends, u32::to_le_bytes);
        self.bytes(bytes);
    }
}

/// Reads from the front; `None` where the bytes end too early or do not fit.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.u32()? as usize;
        self.take(count)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn numbers<T, const N: usize>(
        &mut self,
        count: usize,
        read: impl Fn([u8; N]) -> T,
    ) -> Option<Vec<T>> {
        if self.u32()? as usize != count {
            return None;
        }
        self.numbers_exact(count, read)
    }

    fn numbers_exact<T, const N: usize>(
        &mut self,
        count: usize,
        read: impl Fn([u8; N]) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.take(count.checked_mul(N)?)?;
        let (numbers, _) = bytes.as_chunks::<N>();
        Some(numbers.iter().map(|number| read(*number)).collect())
    }

    fn coded(&mut self, rows: usize) -> Option<(Vec<Box<str>>, Vec<u16>)> {
        let count = self.u32()? as usize;
        // Each text takes at least its length's bytes, so that a wrong count cannot ask for much memory.
        let mut texts = Vec::with_capacity(count.min(self.0.len() / 4));
        for _ in 0..count {
            texts.push(self.text()?.into());
        }
        let codes = self.numbers(rows, u16::from_le_bytes)?;
        codes.iter().all(|code| usize::from(*code) < count).then_some((texts, codes))
    }

    fn texts(&mut self, rows: usize) -> Option<TextColumn> {
        let ends = self.numbers(rows, u32::from_le_bytes)?;
        TextColumn::from_parts(ends, self.bytes()?.to_vec())
    }

    fn mask(&mut self, rows: usize) -> Option<RowMask> {
        self.numbers(rows.div_ceil(64), u64::from_le_bytes)
            .map(|words| RowMask::from_words(words, rows))
    }

    fn extras(&mut self, rows: usize) -> Option<Vec<ExtraColumn>> {
        let count = self.u32()? as usize;
        let mut extras = Vec::with_capacity(count.min(self.0.len() / 5));
        for _ in 0..count {
            let header = self.text()?.to_owned();
            let values = match self.take(1)?[0] {
                0 => {
                    let (texts, codes) = self.coded(rows)?;
                    ExtraValues::Coded { texts, codes }
                }
                1 => ExtraValues::Texts(self.texts(rows)?),
                _ => return None,
            };
            extras.push(ExtraColumn { header, values });
        }
        Some(extras)
    }
}
