//! Tables that Synapse Link keeps: CSV files without a header, described by a `model.json` beside them, to which every
//! change of a row is appended as a row of its own.
//!
//! Deliberately absent: Parquet and Delta, the other forms of such tables.
//!
//! Invariant: of several states of a row the newest counts, and the others are in the account.

mod model;
mod states;

pub(super) use model::is_header;
pub use model::{TableModel, describes_tables};
pub(super) use states::{Current, States};
