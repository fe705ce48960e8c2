//! From the bytes of an exported dump to rows: sniffing, parsing, mapping, reporting.
//!
//! [`Importer`] takes bytes in pieces of any size and hands [`crate::dataset::RowInput`]s to a sink; parts of a long text may
//! be read elsewhere, by a [`PartReader`] each. [`preview`] looks at the beginning of a file and says what would be asked.
//!
//! Deliberately absent: files, slices and threads (the workspace feeds bytes in), storage, and the columns of the engine.
//!
//! Invariant: rows read = loaded + duplicates + dismissed earlier + rejected, and every reject has its line and reason.

mod importer;
mod options;
mod preview;
mod sniff;
mod survey;

mod archive;
mod csv;
mod cutting;
mod document;
mod held;
mod json;
mod json_rows;
mod parts;
mod quoting;
mod rows;
mod streaming;
mod structure;
mod synapse;
mod text;
mod text_plan;
mod workbook;

mod account;
mod aliases;
mod cells;
mod clock;
mod extras;
mod identity;
mod likely;
mod loader;
mod mapping;
mod meaning;
mod overrides;
mod redact;
mod times;
mod verbose;
mod words;
mod zone;

mod error;
mod report;

pub use cutting::Cutter;
pub use error::{ImportError, MappingProposal, TimeEvidence};
pub use importer::{Importer, InParts};
pub use options::{DEFAULT_JOB, DateOrder, ImportOptions, ImportSummary};
pub use parts::{Part, PartReader};
pub use preview::{PREVIEW_BYTES, Preview, preview, preview_wants_more};
pub use redact::mask as without_credentials;
pub use report::{ColumnUse, ImportReport, Reject, Warning};
pub use survey::Question;
pub use synapse::{MODEL_LIMIT_BYTES, ModelFault, TableModel, describes_tables};
pub use zone::ZoneRules;
