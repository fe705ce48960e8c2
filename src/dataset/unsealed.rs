//! A full chunk whose texts still lie as they came, row after row.
//!
//! Bringing them into the form that takes least room is most of an import's work on texts and needs nothing but the chunk
//! itself, so it can be done elsewhere: the raw details travel as bytes, and the sealed ones come back as they are stored.
//!
//! Invariant: a chunk sealed here and one sealed elsewhere are the same segment.

use super::columns::Details;
use super::segment::{Segment, SegmentDetails, SegmentHead};
use super::segment_codec::SegmentError;
use super::texts::Texts;

/// Rows of a dump before their texts are brought into their lasting form.
#[derive(Clone, Debug)]
pub struct UnsealedSegment {
    pub(super) head: SegmentHead,
    pub(super) details: RawDetails,
}

/// The part of it that takes work: one text for each row and column.
#[derive(Clone, Debug)]
pub struct RawDetails(pub(super) Details);

impl UnsealedSegment {
    /// The segment.
    pub fn seal(self) -> Segment {
        Segment { head: self.head, details: self.details.seal() }
    }

    /// Its parts, to seal the details elsewhere; [`Segment::new`] puts them together again.
    pub fn into_parts(self) -> (SegmentHead, RawDetails) {
        (self.head, self.details)
    }
}

impl RawDetails {
    /// Chooses for each column how its texts are held.
    pub fn seal(self) -> SegmentDetails {
        let sealed = |texts| match texts {
            Texts::Plain(rows) => Texts::new(rows),
            sealed => sealed,
        };
        let Details { ids, record_keys, messages, headers, extras, identities } = self.0;
        SegmentDetails(Details {
            ids: sealed(ids),
            record_keys: sealed(record_keys),
            messages: sealed(messages),
            headers,
            extras: extras.into_iter().map(sealed).collect(),
            identities,
        })
    }
}

impl Segment {
    /// From its two parts; `Damaged` if they are of different segments.
    pub fn new(head: SegmentHead, details: SegmentDetails) -> Result<Self, SegmentError> {
        if head.columns.rows() != details.0.rows() {
            return Err(SegmentError::Damaged("parts of different segments"));
        }
        Ok(Self { head, details })
    }
}
