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

use crate::presentation::numbers;

pub(super) use cards::Guidance;
pub(super) use list::Causes;
pub(super) use missing::MissingReferences;
pub(super) use pane::CausePane;
pub(super) use tabs::Tabs;

/// More of a list, where there is more.
fn more(left: usize, shown: RwSignal<usize>, step: usize) -> impl IntoView {
    (left > 0).then(|| {
        view! {
            <p class="show-more">
                <button type="button" on:click=move |_| shown.update(|shown| *shown += step)>
                    {format!("Show more ({} left)", numbers::count(left))}
                </button>
            </p>
        }
    })
}
