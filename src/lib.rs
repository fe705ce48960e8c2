//! Dual-write Error Desk: triage, retry and dismiss dual-write async errors in the browser.
//!
//! The modules, from the rules outwards; arrows point up this list only (`tests/layering.rs` holds the table).

pub mod domain;

pub mod dataset;
pub mod guidance;

pub mod export;
pub mod import;
pub mod sample;

pub mod protocol;
pub mod workspace;

pub mod gateway;
pub mod store;

pub mod presentation;
