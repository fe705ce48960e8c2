//! The browser, as far as the ports and the screen need it: clock, sources of bytes, files, storage, zones, locks,
//! preferences, detached work.
//!
//! Deliberately absent: anything of ours. Invariant: no error of a browser call is lost; it comes back as a value or is
//! logged.

pub mod clock;
pub mod files;
pub mod locks;
pub mod preferences;
pub mod resize;
pub mod sources;
pub mod storage;
pub mod task;
pub mod zone;
