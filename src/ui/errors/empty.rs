//! Why there is nothing to see, and the way out.

use leptos::prelude::*;

use crate::domain::{Filter, RecordState};
use crate::presentation::{conditions, numbers};
use crate::ui::import::open::{SAMPLE_DEFAULT, choose_files};
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The page before any dump is opened.
#[component]
pub(in crate::ui) fn Welcome() -> impl IntoView {
    let session = session();
    view! {
        <section class="welcome" aria-labelledby="welcome-title">
            <div class="welcome-card">
                <h1 id="welcome-title">"See what failed, and put it right"</h1>
                <p>
                    "Open an exported dump of dual-write async errors. Filter by time, entity and data source, then retry or dismiss what matches through a queue that keeps the product\u{2019}s limits."
                </p>
                <button type="button" class="drop-here" on:click=move |_| choose_files()>
                    <Icon glyph=Glyph::Open />
                    <strong>"Drop a file here, or choose one"</strong>
                    <span>"CSV, Excel workbook, JSON, network log, or a ZIP of them"</span>
                </button>
                <p class="or">
                    "No dump at hand? "
                    <button
                        type="button"
                        class="link"
                        on:click=move |_| session.load_sample(SAMPLE_DEFAULT)
                    >
                        {format!(
                            "Load a sample of {}",
                            numbers::counted(SAMPLE_DEFAULT as usize, "error"),
                        )}
                    </button>
                </p>
                <ul class="promises">
                    <li>
                        <Icon glyph=Glyph::Check />
                        <span>
                            <strong>"The file never leaves this machine. "</strong>
                            "Everything runs in this browser, and nothing of it is sent anywhere."
                        </span>
                    </li>
                    <li>
                        <Icon glyph=Glyph::Check />
                        <span>
                            <strong>"Retries are a rehearsal. "</strong>
                            "Nothing is sent to finance and operations: system failures clear, others clear once their cause is marked as fixed. So you can try an order of work first."
                        </span>
                    </li>
                    <li>
                        <Icon glyph=Glyph::Check />
                        <span>
                            <strong>"The documented limits hold. "</strong>
                            "Five requests per integration job, 10,000 records per request, first in, first out, only while the job is Active."
                        </span>
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}

/// The grid while no row matches.
#[component]
pub(super) fn NothingMatches() -> impl IntoView {
    let session = session();
    let is_filtered =
        move || session.filter.with(|filter| !conditions::conditions(filter).is_empty());
    let show_cleared = move |_| {
        session.change_filter(|filter| {
            *filter = Filter { states: vec![RecordState::Cleared], ..Filter::default() };
        });
    };
    let way_out = move || {
        let overall = session.overall.get();
        if is_filtered() {
            view! {
                <h2>"No error matches the filter"</h2>
                <p>{format!("It hides {}.", numbers::counted(overall.all, "error"))}</p>
                <p class="quiet-text">{session.filter.with(conditions::describe)}</p>
                <button
                    type="button"
                    class="primary"
                    on:click=move |_| session.change_filter(|filter| *filter = Filter::default())
                >
                    "Clear the filter"
                </button>
            }
            .into_any()
        } else if overall.cleared > 0 {
            view! {
                <h2>"Every error is cleared"</h2>
                <p>{format!("{} by retries.", numbers::counted(overall.cleared, "error"))}</p>
                <button type="button" on:click=show_cleared>
                    "Show cleared errors"
                </button>
            }
            .into_any()
        } else {
            view! {
                <h2>"No error is left"</h2>
                <p>
                    {move || {
                        if session.has_damage() {
                            "Every record of the loaded dumps was dismissed or cannot be read."
                        } else {
                            "Every record of the loaded dumps was dismissed."
                        }
                    }}
                </p>
                <button type="button" on:click=move |_| choose_files()>
                    "Open another file"
                </button>
            }
            .into_any()
        }
    };
    view! { <div class="nothing" role="status">{way_out}</div> }
}
