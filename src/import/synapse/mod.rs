//! Tables that Synapse Link keeps: CSV files without a header, described by a `model.json` beside them, to which every
//! change of a row is appended as a row of its own.
//!
//! Deliberately absent: Parquet and Delta, the other forms of such tables.
//!
//! Invariant: of several states of a row the newest counts, also over several files of an archive, and the others are in the
//! account.

mod model;
mod settling;
mod states;

pub(super) use model::{MODEL_HEAD_BYTES, is_header};
pub use model::{MODEL_LIMIT_BYTES, ModelFault, TableModel, describes_tables};
pub(super) use settling::{Collecting, Settling, TableFile, Tables};
pub(super) use states::Settled;
