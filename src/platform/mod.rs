//! The browser, as far as the ports and the screen need it: clock, files, addresses, storage, zones, detached work.
//!
//! Deliberately absent: rules of ours, and anything that is shown. Invariant: no error of a browser call is lost; it comes
//! back as a value or is logged.

pub mod blob_source;
pub mod clock;
pub mod file_transfer;
pub mod files;
pub mod locks;
pub mod preferences;
pub mod resize;
pub mod storage;
pub mod task;
mod thrown;
pub mod web_source;
pub mod zone;
