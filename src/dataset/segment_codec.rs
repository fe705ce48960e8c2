//! The stored form of a segment, and back.
//!
//! ```text
//! 0   4  magic "DWES"
//! 4   4  format version
//! 8   8  bytes of the payload
//! 16  8  xxh3 of the first 16 bytes and the payload
//! 24  …  payload: rows, dismissed, nine coded columns, then the others in the order of `Columns`
//! ```
//! Numbers are little-endian. A version's layout never changes once released; another layout is another version.
//!
//! Invariant: bytes that are not exactly what was written give an error, never a panic and never an allocation
//! larger than the input.

use xxhash_rust::xxh3::Xxh3Default;

use crate::domain::{Identity, Timestamp};

use super::CHUNK_ROWS;
use super::columns::{Columns, NO_TIME, SourceRows};
use super::dimension::DIMENSIONS;
use super::segment::{LocalCodes, Segment};
use super::wire::{Reader, Writer};

const MAGIC: [u8; 4] = *b"DWES";
const VERSION: u32 = 1;
const HEADER: usize = 24;

/// More than all lengths and flags of a segment with a few further columns take.
const LENGTHS: usize = 4_096;

/// Why stored bytes are no segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// The bytes begin with something else.
    #[error("the stored data are no segment of error records")]
    NotASegment,
    /// Written by another release.
    #[error("the stored segment has format {0}, this release reads format {VERSION}")]
    Version(u32),
    /// The checksum or the structure does not hold.
    #[error("the stored segment is damaged ({0}): remove the dataset and import the dump again")]
    Damaged(&'static str),
}

impl Segment {
    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let columns = &self.columns;
        // Room for all of it, so that nothing written is moved: what is held is what is stored, but for lengths.
        let mut out = Writer(Vec::with_capacity(HEADER + self.held_bytes() + LENGTHS));
        out.0.resize(HEADER, 0);
        out.u32(self.rows() as u32);
        out.bits(&self.dismissed);
        for dimension in &self.dimensions {
            out.arena(&dimension.dictionary);
            out.packed(&dimension.codes);
        }
        out.all(columns.times.iter().map(|time| time.to_le_bytes()));
        out.bits(&columns.inferred);
        out.bits(&columns.retried);
        out.packed(&columns.retries);
        out.texts(&columns.ids);
        out.texts(&columns.record_keys);
        out.texts(&columns.messages);
        out.u32(columns.headers.len() as u32);
        for (header, texts) in columns.headers.iter().zip(&columns.extras) {
            out.text(header);
            out.texts(texts);
        }
        out.all(columns.identities.iter().map(|identity| identity.0.to_le_bytes()));
        out.u32(columns.source_rows.first);
        out.packed(&columns.source_rows.further);

        let mut bytes = out.0;
        let payload = (bytes.len() - HEADER) as u64;
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..16].copy_from_slice(&payload.to_le_bytes());
        let sum = checksum(&bytes[..16], &bytes[HEADER..]);
        bytes[16..24].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, SegmentError> {
        let mut header = Reader(bytes);
        if !bytes.starts_with(&MAGIC) {
            return Err(SegmentError::NotASegment);
        }
        header.u32()?;
        let version = header.u32()?;
        if version != VERSION {
            return Err(SegmentError::Version(version));
        }
        let (length, sum) = (header.u64()?, header.u64()?);
        let payload = header.0;
        if length != payload.len() as u64 || sum != checksum(&bytes[..16], payload) {
            return Err(SegmentError::Damaged("checksum"));
        }
        decode_payload(payload)
    }
}

fn checksum(head: &[u8], payload: &[u8]) -> u64 {
    let mut hasher = Xxh3Default::new();
    hasher.update(head);
    hasher.update(payload);
    hasher.digest()
}

fn decode_payload(payload: &[u8]) -> Result<Segment, SegmentError> {
    let mut input = Reader(payload);
    let rows = input.u32()? as usize;
    if rows > CHUNK_ROWS {
        return Err(SegmentError::Damaged("number of rows"));
    }
    let dismissed = input.bits(rows)?;
    let mut dimensions = Vec::with_capacity(DIMENSIONS);
    for _ in 0..DIMENSIONS {
        let dictionary = input.arena()?;
        let codes = input.packed(rows)?;
        if codes.max().is_some_and(|most| most as usize >= dictionary.len()) {
            return Err(SegmentError::Damaged("dictionary"));
        }
        dimensions.push(LocalCodes { dictionary, codes });
    }
    let times = input.all(rows, i64::from_le_bytes)?;
    if times.iter().any(|time| *time != NO_TIME && Timestamp::from_millis(*time).is_none()) {
        return Err(SegmentError::Damaged("times"));
    }
    let (inferred, retried) = (input.bits(rows)?, input.bits(rows)?);
    let retries = input.packed(rows)?;
    let (ids, record_keys) = (input.texts(rows)?, input.texts(rows)?);
    let messages = input.texts(rows)?;
    let (mut headers, mut extras) = (Vec::new(), Vec::new());
    for _ in 0..input.u32()? {
        headers.push(input.text()?);
        extras.push(input.texts(rows)?);
    }
    let identities = input.all(rows, |bytes| Identity(u128::from_le_bytes(bytes)))?;
    let source_rows = SourceRows { first: input.u32()?, further: input.packed(rows)? };
    if !input.0.is_empty() {
        return Err(SegmentError::Damaged("bytes left over"));
    }
    let columns = Columns {
        times,
        inferred,
        retried,
        retries,
        ids,
        record_keys,
        messages,
        headers,
        extras,
        identities,
        source_rows,
    };
    let dimensions = dimensions.try_into().map_err(|_| SegmentError::Damaged("dictionaries"))?;
    Ok(Segment { columns, dimensions, dismissed })
}
