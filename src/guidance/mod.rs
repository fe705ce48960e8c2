//! What is known about dual-write errors: names of tables, codes, categories, causes.
//!
//! Everything here is read out of texts, once per row at import, so nothing allocates without need. Deliberately
//! absent: rules (`domain`) and advice on fixes.
//!
//! Invariant: equal inputs give equal answers on every machine and in every version of the same fingerprint.

pub mod aliases;
pub mod category;
pub mod cause;
pub mod code;
