//! The columnar engine: a million error records, answered while the key is still down.
//!
//! Rows live in chunks of at most [`CHUNK_ROWS`]; columns of few values are dictionary codes, texts are byte arenas,
//! times are integers. A chunk is stored as one segment.
//!
//! Deliberately absent: parsing of dumps (`import`), storage, and every rule (`domain`).
//!
//! Invariant: a dismissed record is in no answer of any question.

mod record;
mod row_sink;

pub use record::{Page, Record, Source};
pub use row_sink::{Pushed, RowInput, RowSink};

/// Rows of a full chunk.
pub const CHUNK_ROWS: usize = 65_536;
