//! The frame: navigation bar, action pane, messages, what there is to work on (`work`), the dialogs.

mod action_pane;
mod address_dialog;
mod datasets_dialog;
mod help_dialog;
mod journal_dialog;
mod nav_bar;
mod page_keys;
mod rescue;
mod settings_dialog;
mod work;

use leptos::prelude::*;

use super::analysis::{
    compare_dialog::CompareDialog, differences_dialog::DifferencesDialog,
    run_sheet_dialog::RunSheetDialog,
};
use super::errors::empty::Welcome;
use super::import::{
    open::{DropTarget, FileInput},
    progress::Progress,
    questions::Questions,
    report::Report,
};
use super::requests::plan_dialog::PlanDialog;
use super::session::{NARROW_BELOW, View, session};
use super::widgets::messages::MessageBar;
use work::Work;

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
                    view! { <Work /> }.into_any()
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
