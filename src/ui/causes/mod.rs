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

use crate::domain::Filter;
use crate::presentation::numbers;
use crate::ui::session::{Session, View, session};

pub(super) use cards::Guidance;
pub(super) use list::Causes;
pub(super) use missing::MissingReferences;
pub(super) use pane::CausePane;
pub(super) use tabs::Tabs;

/// A count that opens its records in the grid.
#[component]
fn Door(count: usize, filter: Filter, noun: &'static str, test_id: &'static str) -> impl IntoView {
    let session = session();
    let words = format!("Show {} in the grid", numbers::counted(count, noun));
    view! {
        <button
            type="button"
            class="door figures"
            data-testid=test_id
            aria-label=words.clone()
            title=words
            on:click=move |_| open(session, filter.clone())
        >
            {numbers::count(count)}
        </button>
    }
}

/// Shows the records of a filter in the grid.
fn open(session: Session, filter: Filter) {
    session.change_filter(|own| *own = filter);
    session.view.set(View::Errors);
    if session.narrow.get_untracked() {
        session.chosen_cause.set(None);
    }
}

/// Rises whenever what the engine knows may have changed under the same filter.
fn tracks_data(session: Session) {
    session.filter.track();
    session.overall.track();
    session.settings.track();
}
