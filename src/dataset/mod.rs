//! The columnar engine: a million error records, answered while the key is still down.
//!
//! Rows live in chunks of at most [`CHUNK_ROWS`]; columns of few values are dictionary codes, texts are byte arenas,
//! times are integers. A chunk is stored as one segment.
//!
//! An import pushes rows into a [`Session`] of a [`DatasetBuilder`], which yields [`Segment`]s; those are stored and
//! appended to the [`Table`]; the table answers every question.
//!
//! Deliberately absent: parsing of dumps (`import`), storage, and every rule (`domain`).
//!
//! Invariant: a dismissed record is in no answer of any question.

// How things are held.
mod bits;
mod byte_counts;
mod guids;
mod packed;
mod packed_sort;
mod split;
mod splitter;
mod straddle;
mod templates;
mod text_arena;
mod text_builder;
mod texts;

mod columns;
mod dictionary;
mod dimension;
mod glance;

// Rows on their way in, and in store.
mod chunk_builder;
mod dataset_builder;
mod part_builder;
mod record;
mod row_sink;
mod seen;
mod segment;
mod segment_codec;
mod segment_rows;
mod unindexed;
mod wire;

// The table and what changes it.
mod chunk;
mod chunk_tally;
mod index;
mod lacking;
mod lost;
mod regroup;
mod row_state;
mod table;

// Questions.
mod cache;
mod comparison;
mod conditions;
mod contrast;
mod examples;
mod facets;
mod facts;
mod first_by_time;
mod groups;
mod guid_order;
mod histogram;
mod missing;
mod needle;
mod order;
mod questions;
mod radix;
mod roots;
mod same_value;
mod selection;
mod superseded;
mod tab_groups;
mod template_groups;
mod text_order;
mod text_ranks;
mod text_sort;

pub use contrast::{Contrast, ContrastField, FieldContrast};
pub use dataset_builder::{DatasetBuilder, PartTaken, Session};
pub use examples::{CauseExample, JobTable};
pub use facets::{Facet, FacetValue};
pub use facts::Overview;
pub use glance::{Glance, same_text};
pub use groups::{Axis, Group};
pub use histogram::Bucket;
pub use lost::Lost;
pub use missing::{EachReference, Harvester, MissingCount, MissingCounts};
pub use part_builder::PartBuilder;
pub use questions::Numbered;
pub use record::{Page, Record, Source};
pub use roots::Root;
pub use row_sink::{Pushed, RowInput, RowSink};
pub use row_state::ChunkRef;
pub use segment::{Sealed, Segment, SegmentDetails, SegmentHead};
pub use segment_codec::{SegmentError, frame_of};
pub use superseded::Superseded;
pub use tab_groups::{TabGroup, TabRow};
pub(crate) use table::MOST_CHUNKS;
pub use table::Table;
pub use template_groups::TemplateGroup;

use crate::domain::{Identity, quick_hash};

/// Rows of a full chunk.
pub const CHUNK_ROWS: usize = 65_536;

/// For tables over texts.
fn text_hash(text: &str) -> u64 {
    quick_hash(text.as_bytes())
}

/// For tables over identities. They are digests already; mixing makes low and high bits depend on all of them.
fn identity_hash(identity: Identity) -> u64 {
    let (high, low) = ((identity.0 >> 64) as u64, identity.0 as u64);
    let mixed = (high.rotate_left(32) ^ low).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}
