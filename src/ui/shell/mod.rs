//! The frame: navigation bar, action pane, messages, the panes around the grid, the dialogs.

mod action_pane;
mod address_dialog;
mod datasets_dialog;
mod help_dialog;
mod journal_dialog;
mod nav_bar;
mod page_keys;
mod rescue;
mod settings_dialog;

use leptos::prelude::*;

use super::analysis::{
    compare_dialog::CompareDialog, differences_dialog::DifferencesDialog,
    run_sheet_dialog::RunSheetDialog,
};
use super::causes::{CausePane, Causes, MissingReferences, Tabs};
use super::errors::{chips::Chips, detail::Detail, empty::Welcome, filters::Filters, grid::Grid};
use super::import::{
    open::{DropTarget, FileInput},
    progress::Progress,
    questions::Questions,
    report::Report,
};
use super::requests::{plan_dialog::PlanDialog, queue_panel::QueuePanel};
use super::session::{NARROW_BELOW, View, session};
use super::widgets::messages::MessageBar;
use crate::platform::{clock::sleep, task::detach};

/// The whole page.
#[component]
pub(super) fn Shell() -> impl IntoView {
    let session = session();
    page_keys::listen(session);
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        let narrow = width.is_some_and(|width| width < NARROW_BELOW);
        if session.narrow.get_untracked() != narrow {
            session.narrow.set(narrow);
            session.filter_open.set(!narrow);
            session.detail_open.set(!narrow);
        }
    });
    on_cleanup(move || resized.remove());
    let has_data = Memo::new(move |_| session.has_data());
    let is_known = Memo::new(move |_| session.datasets.with(Option::is_some));
    // Every call is answered with the same reason, and told again: a screen that stands stays as it is.
    let rescue = Memo::new(move |_| session.rescue.get());
    let has_sheet = Memo::new(move |_| {
        session.narrow.get() && (session.filter_open.get() || session.detail_open.get())
    });
    view! {
        <div class="app" class:narrow=move || session.narrow.get()>
            <a
                class="skip"
                href=move || if session.view.get() == View::Errors { "#grid-scroller" } else { "#causes" }
            >
                {move || if session.view.get() == View::Errors { "To the grid" } else { "To the list" }}
            </a>
            <nav_bar::NavBar />
            <action_pane::ActionPane />
            <MessageBar />
            <Progress />
            <Report />
            {move || {
                if let Some(problem) = rescue.get() {
                    view! {
                        <main class="work">
                            <rescue::Rescue problem=problem />
                        </main>
                    }
                        .into_any()
                } else if has_data.get() {
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
                } else if is_known.get() {
                    view! {
                        <main class="work">
                            <Welcome />
                        </main>
                    }
                        .into_any()
                } else {
                    view! {
                        <main class="work">
                            <p class="starting" role="status">"Starting the engine \u{2026}"</p>
                        </main>
                    }
                        .into_any()
                }
            }}
            <div class="only-heard" role="status" aria-live="polite">
                {move || session.announcement.get()}
            </div>
            <FileInput />
            <DropTarget />
            <PlanDialog />
            <RunSheetDialog />
            <CompareDialog />
            <DifferencesDialog />
            <Questions />
            <address_dialog::AddressDialog />
            <help_dialog::HelpDialog />
            <datasets_dialog::DatasetsDialog />
            <journal_dialog::JournalDialog />
            <settings_dialog::SettingsDialog />
        </div>
    }
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
