//! Counts that open what they count.
//!
//! Invariant: a number that opens rows opens exactly as many.

use leptos::prelude::*;

use super::session::{Session, View, session};
use crate::domain::Filter;
use crate::presentation::numbers;

impl Session {
    /// Shows the records of a filter in the grid, and closes whatever is over it.
    pub(super) fn open_rows(self, filter: Filter) {
        self.run_sheet.set(None);
        self.close_plan();
        self.dialog.set(None);
        self.change_filter(|own| *own = filter);
        self.view.set(View::Errors);
        if self.narrow.get_untracked() {
            self.filter_open.set(false);
            self.detail_open.set(false);
        }
    }
}

/// A count that opens its rows.
#[component]
pub(super) fn Door(
    count: usize,
    filter: Filter,
    /// What the rows are, for whoever hears the number alone.
    #[prop(into)]
    label: String,
    #[prop(optional)] test_id: Option<&'static str>,
) -> impl IntoView {
    let session = session();
    let filter = StoredValue::new(filter);
    let words = format!("{}: {label}. Show them", numbers::count(count));
    view! {
        <button
            type="button"
            class="door figures"
            data-testid=test_id
            disabled={count == 0}
            aria-label=words.clone()
            title=words
            on:click=move |_| session.open_rows(filter.get_value())
        >
            {numbers::count(count)}
        </button>
    }
    .into_any()
}
