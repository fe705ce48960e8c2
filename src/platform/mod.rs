//! The browser, as far as the ports and the screen need it: clock, files, downloads, detached work.
//!
//! Deliberately absent: anything of ours. Invariant: no error of a browser call is lost; it comes back as a value or is
//! logged.

pub mod files;
pub mod preferences;
pub mod resize;
pub mod task;
