//! What can be worked out about records: run sheets, dumps compared, what is different about a selection.
//!
//! Deliberately absent: any computation; the engine answers, `presentation::analysis_words` finds the words.
//!
//! Invariant: a number that opens rows opens exactly as many.

pub(super) mod compare_dialog;
pub(super) mod differences_dialog;
pub(super) mod regressions;
pub(super) mod run_sheet_dialog;

use leptos::prelude::*;

use super::session::Session;
use crate::domain::Filter;
use crate::presentation::numbers;

impl Session {
    /// Closes what is open over the grid and shows the records behind a number.
    pub(super) fn open_rows(self, filter: Filter) {
        self.run_sheet.set(None);
        self.plan.set(None);
        self.dialog.set(None);
        self.filter.set(filter);
    }
}

/// A count that opens its rows.
#[component]
fn Door(
    count: usize,
    filter: Filter,
    /// What the rows are, for whoever hears the number alone.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let session = super::session::session();
    let filter = StoredValue::new(filter);
    view! {
        <button
            type="button"
            class="door figures"
            disabled={count == 0}
            aria-label=format!("{}: {label}. Show them", numbers::count(count))
            on:click=move |_| session.open_rows(filter.get_value())
        >
            {numbers::count(count)}
        </button>
    }
    .into_any()
}
