//! From the bytes of an exported dump to rows: sniffing, parsing, mapping, reporting.
//!
//! Deliberately absent: files, slices and threads (the workspace feeds bytes in), storage, and the columns of the engine.
//!
//! Invariant: rows read = loaded + duplicates + dismissed earlier + rejected, and every reject has its line and reason.

mod report;

pub use report::{ColumnUse, ImportReport, Reject, Warning};
