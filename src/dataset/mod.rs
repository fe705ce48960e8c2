//! The columnar engine: a million error records, answered while the key is still down.
//!
//! Rows live in chunks of at most [`CHUNK_ROWS`], so that nothing is ever reallocated as a whole; columns of few values
//! are dictionary codes, texts are byte arenas, times are integers. A chunk is stored as one [`Segment`].
//!
//! Deliberately absent: parsing of dumps (`import`), storage, and every rule (`domain`).
//!
//! Invariant: a dismissed record is in no answer of any question.

mod builder;
mod chunk;
mod codec;
mod columns;
mod dictionary;
mod facets;
mod filter;
mod histogram;
mod index;
mod order;
mod record;
mod row_mask;
mod row_sink;
mod search;
mod segment;
mod table;
mod text_column;

pub use builder::DatasetBuilder;
pub use facets::{Facet, FacetValue};
pub use histogram::Bar;
pub use record::{Page, Record, Source};
pub use row_sink::{Pushed, RowInput, RowSink};
pub use segment::{Segment, SegmentError};
pub use table::{RowFacts, Table};

/// Rows of a full chunk. A row's place in its chunk fits 16 bits.
pub const CHUNK_ROWS: usize = 65_536;
