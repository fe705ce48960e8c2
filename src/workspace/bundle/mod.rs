//! Hand-over: everything a desk holds in one file, and the way into another desk.
//!
//! A bundle is JSON lines. The first says what it is; then come the stored values but for segments, then the segments in
//! Base64; the last holds the SHA-256 of all bytes before it.
//!
//! Merge rule: two desks are the same if the journal of one is the beginning of the journal of the other. A desk takes a
//! bundle that goes on where it ends, or all of it while it is empty; an older one changes nothing; one that has gone
//! another way is refused. So nothing is lost and nothing is done twice. Deliberately absent: merging two ways.

mod reading;
mod taking;
mod writing;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::{JournalEnd, Timestamp};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    bundle: String,
    version: u32,
    made_at: Timestamp,
    end: JournalEnd,
    datasets: usize,
    requests: usize,
    segments: usize,
}

/// What `bundle` says in the first line.
const KIND: &str = "dual-write-error-desk";
/// Version 2 may have requests on the shelf, which earlier desks would run out of their turn.
const VERSION: u32 = 2;

/// A segment in a bundle.
#[derive(Serialize, Deserialize)]
struct SegmentLine<'a> {
    segment: (u32, u32),
    #[serde(borrow)]
    bytes: Cow<'a, str>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Footer {
    sha256: String,
}

pub(super) fn hex(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
