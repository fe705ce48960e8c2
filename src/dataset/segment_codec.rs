//! The two stored parts of a segment, and back.
//!
//! ```text
//! 0   4  magic "DWEH" for the head, "DWED" for the details
//! 4   4  format version
//! 8   8  bytes of the payload
//! 16  4  dataset
//! 20  4  number of the chunk
//! 24  8  xxh3 of the first 24 bytes and the payload
//! 32  …  payload: rows, then for the head dismissed, nine coded columns and those of `Columns`, for the details those
//!        of `Details`
//! ```
//! Numbers are little-endian. A version's layout never changes once released; another layout is another version.
//! Version 1 had neither dataset nor chunk: what it says is believed wherever it lies. It is read, and never written.
//!
//! Invariant: bytes that are not exactly what was written for this place give an error, never a panic and never an
//! allocation larger than the input.

use xxhash_rust::xxh3::Xxh3Default;

use crate::domain::{Identity, Timestamp};

use super::columns::{Columns, Details, NO_TIME, SourceRows};
use super::dimension::DIMENSIONS;
use super::segment::{LocalCodes, Sealed, Segment, SegmentDetails, SegmentHead};
use super::wire::{Reader, Writer};
use super::{CHUNK_ROWS, ChunkRef};

const HEAD: [u8; 4] = *b"DWEH";
const DETAILS: [u8; 4] = *b"DWED";
const VERSION: u32 = 2;
const HEADER: usize = 32;

/// The version before, which did not say where a part belongs.
const PLACELESS: u32 = 1;

/// More than all lengths and flags of a segment with a few further columns take.
const LENGTHS: usize = 4_096;

/// Why stored bytes are no segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// The bytes begin with something else.
    #[error("the stored data are no segment of error records")]
    NotASegment,
    /// Written by another release.
    #[error("the stored segment has format {0}, this release reads formats up to {VERSION}")]
    Version(u32),
    /// It is a part of another chunk.
    #[error("it is a part of chunk {1} of dataset {0}")]
    Misplaced(u32, u32),
    /// The checksum or the structure does not hold.
    #[error("the stored segment is damaged ({0})")]
    Damaged(&'static str),
}

impl Segment {
    /// The stored form of this chunk: head and details.
    pub fn encode(&self, chunk: ChunkRef) -> [Vec<u8>; 2] {
        [self.head.encode(chunk), self.details.encode(chunk)]
    }

    /// Reads the stored form of this chunk.
    pub fn decode(chunk: ChunkRef, head: &[u8], details: &[u8]) -> Result<Self, SegmentError> {
        let segment = Self {
            head: SegmentHead::decode(chunk, head)?,
            details: SegmentDetails::decode(chunk, details)?,
        };
        if segment.head.columns.rows() != segment.details.0.rows() {
            return Err(SegmentError::Damaged("parts of different segments"));
        }
        Ok(segment)
    }
}

impl Sealed {
    /// Reads what another thread stored for this place.
    pub fn decode(chunk: ChunkRef, head: &[u8], details: Vec<u8>) -> Result<Self, SegmentError> {
        let segment = Segment::decode(chunk, head, &details)?;
        // An earlier version has another frame.
        let is_current = details[4..8] == VERSION.to_le_bytes();
        Ok(Self { segment, written_details: is_current.then_some(details) })
    }

    /// The segment, and its stored form for this chunk. What is written already is not written again.
    pub fn store(self, chunk: ChunkRef) -> (Segment, [Vec<u8>; 2]) {
        let Self { segment, written_details } = self;
        let details = match written_details {
            Some(bytes) => framed(DETAILS, chunk, bytes),
            None => segment.details.encode(chunk),
        };
        let head = segment.head.encode(chunk);
        (segment, [head, details])
    }
}

impl SegmentHead {
    fn encode(&self, chunk: ChunkRef) -> Vec<u8> {
        let columns = &self.columns;
        let codes = self.dimensions.iter().map(LocalCodes::held_bytes).sum::<usize>();
        let mut out = with_room(columns.held_bytes() + codes + self.dismissed.held_bytes());
        out.u32(columns.rows() as u32);
        out.bits(&self.dismissed);
        for dimension in &self.dimensions {
            out.arena(&dimension.dictionary);
            out.packed(&dimension.codes);
        }
        out.all(columns.times.iter().map(|time| time.to_le_bytes()));
        out.bits(&columns.inferred);
        out.bits(&columns.retried);
        out.packed(&columns.retries);
        out.u32(columns.source_rows.first);
        out.packed(&columns.source_rows.further);
        out.u8(columns.unique_ids.into());
        framed(HEAD, chunk, out.0)
    }

    /// Reads the stored form of this chunk.
    pub fn decode(chunk: ChunkRef, bytes: &[u8]) -> Result<Self, SegmentError> {
        let (rows, mut input) = opened(HEAD, chunk, bytes)?;
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
        // All are looked at, many at a time; almost always all are.
        let is_time = |time: i64| time == NO_TIME || Timestamp::from_millis(time).is_some();
        if !times.iter().fold(true, |all, time| all & is_time(*time)) {
            return Err(SegmentError::Damaged("times"));
        }
        let (inferred, retried) = (input.bits(rows)?, input.bits(rows)?);
        let retries = input.packed(rows)?;
        let source_rows = SourceRows { first: input.u32()?, further: input.packed(rows)? };
        let unique_ids = input.u8()? == 1;
        input.at_end()?;
        let dimensions =
            dimensions.try_into().map_err(|_| SegmentError::Damaged("dictionaries"))?;
        let columns = Columns { times, inferred, retried, retries, source_rows, unique_ids };
        Ok(Self { columns, dimensions, dismissed })
    }
}

impl SegmentDetails {
    fn encode(&self, chunk: ChunkRef) -> Vec<u8> {
        let details = &self.0;
        let mut out = with_room(details.held_bytes());
        out.u32(details.rows() as u32);
        out.texts(&details.ids);
        out.texts(&details.record_keys);
        out.texts(&details.messages);
        out.u32(details.headers.len() as u32);
        for (header, texts) in details.headers.iter().zip(&details.extras) {
            out.text(header);
            out.texts(texts);
        }
        out.all(details.identities.iter().map(|identity| identity.0.to_le_bytes()));
        framed(DETAILS, chunk, out.0)
    }

    /// Reads the stored form of this chunk.
    pub fn decode(chunk: ChunkRef, bytes: &[u8]) -> Result<Self, SegmentError> {
        let (rows, mut input) = opened(DETAILS, chunk, bytes)?;
        let (ids, record_keys) = (input.texts(rows)?, input.texts(rows)?);
        let messages = input.texts(rows)?;
        let (mut headers, mut extras) = (Vec::new(), Vec::new());
        for _ in 0..input.u32()? {
            headers.push(input.text()?);
            extras.push(input.texts(rows)?);
        }
        let identities = input.all(rows, |bytes| Identity(u128::from_le_bytes(bytes)))?;
        input.at_end()?;
        Ok(Self(Details { ids, record_keys, messages, headers, extras, identities }))
    }
}

/// Room for the frame and so many bytes, so that nothing written is moved: what is held is what is stored, but for lengths.
fn with_room(held_bytes: usize) -> Writer {
    let mut out = Writer(Vec::with_capacity(HEADER + held_bytes + LENGTHS));
    out.0.resize(HEADER, 0);
    out
}

/// Puts magic, version, length, place and checksum in front of a payload that left room for them.
fn framed(magic: [u8; 4], chunk: ChunkRef, mut bytes: Vec<u8>) -> Vec<u8> {
    let payload = (bytes.len() - HEADER) as u64;
    bytes[..4].copy_from_slice(&magic);
    bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
    bytes[8..16].copy_from_slice(&payload.to_le_bytes());
    bytes[16..20].copy_from_slice(&chunk.dataset.0.to_le_bytes());
    bytes[20..24].copy_from_slice(&chunk.chunk.to_le_bytes());
    let sum = checksum(&bytes[..24], &bytes[HEADER..]);
    bytes[24..32].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// What a stored part says of itself: kind, version, length, place, and the checksum over these and its content. Of two
/// parts with the same frame, other contents are as good as excluded by chance, though not by intent.
pub fn frame_of(part: &[u8]) -> &[u8] {
    &part[..HEADER.min(part.len())]
}

/// The number of rows and the rest of the payload.
fn opened(
    magic: [u8; 4],
    chunk: ChunkRef,
    bytes: &[u8],
) -> Result<(usize, Reader<'_>), SegmentError> {
    if !bytes.starts_with(&magic) {
        return Err(SegmentError::NotASegment);
    }
    let mut input = Reader(&bytes[4..]);
    let version = input.u32()?;
    if !(PLACELESS..=VERSION).contains(&version) {
        return Err(SegmentError::Version(version));
    }
    let length = input.u64()?;
    let place = if version == PLACELESS { None } else { Some((input.u32()?, input.u32()?)) };
    let summed = bytes.len() - input.0.len();
    let sum = input.u64()?;
    if length != input.0.len() as u64 || sum != checksum(&bytes[..summed], input.0) {
        return Err(SegmentError::Damaged("checksum"));
    }
    // After the checksum, so that damage is not taken for a part of somewhere else.
    if let Some((dataset, number)) = place
        && (dataset, number) != (chunk.dataset.0, chunk.chunk)
    {
        return Err(SegmentError::Misplaced(dataset, number));
    }
    let rows = input.u32()? as usize;
    if rows > CHUNK_ROWS {
        return Err(SegmentError::Damaged("number of rows"));
    }
    Ok((rows, input))
}

fn checksum(head: &[u8], payload: &[u8]) -> u64 {
    let mut hasher = Xxh3Default::new();
    hasher.update(head);
    hasher.update(payload);
    hasher.digest()
}
