//! The switch between errors, causes and missing references.

use leptos::prelude::*;

use crate::ui::session::{View, session};

const VIEWS: [(View, &str, &str); 3] = [
    (View::Errors, "Errors", "view-errors"),
    (View::Causes, "Causes", "view-causes"),
    (View::Missing, "Missing references", "view-missing"),
];

/// The switch.
#[component]
pub(in crate::ui) fn Tabs() -> impl IntoView {
    let session = session();
    let button = |(view, words, test_id): (View, &'static str, &'static str)| {
        view! {
            <button
                type="button"
                data-testid=test_id
                aria-pressed=move || (session.view.get() == view).to_string()
                on:click=move |_| session.view.set(view)
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="view-tabs" role="group" aria-label="View">
            {VIEWS.map(button).collect_view()}
        </div>
    }
}
