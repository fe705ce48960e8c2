//! Realistic dumps, deterministic by seed, so that the desk can be tried and tested with no file at hand.
//!
//! The dump is text in the shape of an enriched `DualWriteErrorLog` export and goes through the real importer.
//! Deliberately absent: a clock and the machine's randomness.
//!
//! Invariant: equal rows and seed give equal bytes, however they are read.

mod catalogue;
mod dump;
mod random;

pub use dump::SampleDump;
