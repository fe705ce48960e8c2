//! Who carries a request out. Offline it is the rehearsal; a live gateway is not there yet.
//!
//! Invariant: whatever a gateway does is idempotent by request and record.

mod rehearsal;

pub use rehearsal::Rehearsal;
