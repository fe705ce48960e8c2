//! What there is to work on: the list in the centre, filters and details beside it.

use leptos::prelude::*;

use crate::platform::{clock::sleep, task::detach};
use crate::ui::causes::{CausePane, Causes, MissingReferences, Tabs};
use crate::ui::errors::{chips::Chips, detail::Detail, filters::Filters, grid::Grid};
use crate::ui::requests::queue_panel::QueuePanel;
use crate::ui::session::{View, session};

/// The panes.
#[component]
pub(super) fn Work() -> impl IntoView {
    let session = session();
    let has_sheet = Memo::new(move |_| {
        session.narrow.get() && (session.filter_open.get() || session.detail_open.get())
    });
    // Until then something empty keeps the width of each.
    let panes_are_there = from_next_task();
    view! {
        <main class="work">
            {move || {
                session
                    .filter_open
                    .get()
                    .then(|| match panes_are_there.get() {
                        true => view! { <Filters /> }.into_any(),
                        false => view! { <div class="filter-pane"></div> }.into_any(),
                    })
            }}
            <div class="centre">
                <Chips />
                <Tabs />
                {move || match session.view.get() {
                    View::Errors => view! { <Grid /> }.into_any(),
                    View::Causes => view! { <Causes /> }.into_any(),
                    View::Missing => view! { <MissingReferences /> }.into_any(),
                }}
                <QueuePanel />
            </div>
            {move || {
                session
                    .detail_open
                    .get()
                    .then(|| match (panes_are_there.get(), session.view.get()) {
                        (false, _) => view! { <div class="detail-pane"></div> }.into_any(),
                        (true, View::Errors) => view! { <Detail /> }.into_any(),
                        (true, _) => view! { <CausePane /> }.into_any(),
                    })
            }}
            {move || {
                has_sheet
                    .get()
                    .then(|| {
                        view! {
                            <div
                                class="sheet-shade"
                                aria-hidden="true"
                                on:click=move |_| {
                                    session.filter_open.set(false);
                                    session.detail_open.set(false);
                                }
                            ></div>
                        }
                    })
            }}
        </main>
    }
    .into_any()
}

/// False, and true from the page's next task on. What stands beside the list comes then: all of the screen at once, when
/// the first dump is there, would keep the page from answering for longer than is noticed.
fn from_next_task() -> ReadSignal<bool> {
    let (is_there, set_there) = signal(false);
    detach(async move {
        sleep(0).await;
        // The screen may be gone.
        let _gone = set_there.try_set(true);
    });
    is_there
}
