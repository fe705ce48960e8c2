//! The screen.

/// Puts the screen on the page.
pub fn mount(_client: crate::worker::Client) {}
