//! Every question to the columnar table against a plain row-by-row oracle, and its stored form.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod edges;
mod oracle;
mod parts;
mod prepared;
mod questions;
mod rows;
mod segments;
