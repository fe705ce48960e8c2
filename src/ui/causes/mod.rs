//! Causes: the list of what is wrong, one cause in full, and the references that are missing.
//!
//! Invariant: every count is a button that shows its records in the grid.

mod cards;
mod list;
mod missing;
mod pane;
mod rules;
mod tabs;

use leptos::prelude::*;

use crate::ui::session::Session;

pub(super) use cards::Guidance;
pub(super) use list::Causes;
pub(super) use missing::MissingReferences;
pub(super) use pane::CausePane;
pub(super) use tabs::Tabs;

/// Rises whenever what the engine knows may have changed under the same filter.
fn tracks_data(session: Session) {
    session.filter.track();
    session.overall.track();
    session.settings.track();
}
