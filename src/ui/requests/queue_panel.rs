//! The queue of an integration job: its status, its places, its requests in order.

use std::time::Duration;

use leptos::prelude::*;

use super::request_row::RequestRow;
use crate::domain::{JobId, JobStatus, Timestamp};
use crate::presentation::queue_words::{places, shelf_words};
use crate::protocol::{JobView, RequestView};
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// Finished requests that are listed; older ones are in the journal.
const CLOSED_SHOWN: usize = 50;

/// The queue panel.
#[component]
pub(in crate::ui) fn QueuePanel() -> impl IntoView {
    let session = session();
    let chosen = RwSignal::new(None::<JobId>);
    // The job that was chosen, else the first one with open requests, else that of the newest request, else the first.
    let job = Memo::new(move |_| {
        session.jobs.with(|jobs| {
            let by_choice = chosen.get().and_then(|id| jobs.iter().find(|job| job.id == id));
            by_choice
                .or_else(|| jobs.iter().find(|job| job.open + job.shelved > 0))
                .or_else(|| {
                    let newest = session
                        .requests
                        .with(|all| all.last().map(|request| request.job_id.clone()));
                    newest.and_then(|id| jobs.iter().find(|job| job.id == id))
                })
                .or_else(|| jobs.first())
                .cloned()
        })
    });
    let requests = Memo::new(move |_| {
        let id = job.get().map(|job| job.id);
        session.requests.with(|requests| {
            requests
                .iter()
                .filter(|request| Some(&request.job_id) == id.as_ref())
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let now = clock(move || requests.with(|list| list.iter().any(|on| on.held_until.is_some())));
    view! {
        <section
            class="queue"
            class:open=move || session.queue_open.get()
            data-testid="queue"
            id="queue"
            aria-label="Requests"
            tabindex="-1"
        >
            {move || {
                job.get().map(|job| view! { <Strip job=job requests=requests chosen=chosen now=now /> })
            }}
            {move || {
                (session.queue_open.get() && job.with(Option::is_some))
                    .then(|| view! { <Requests requests=requests now=now /> })
            }}
        </section>
    }
    .into_any()
}

/// The page's time, twice a second while it matters.
fn clock(matters: impl Fn() -> bool + Copy + Send + Sync + 'static) -> Signal<Timestamp> {
    fn read() -> Timestamp {
        Timestamp::from_millis(js_sys::Date::now() as i64)
            .unwrap_or_else(|| Timestamp::from_millis(0).expect("the epoch is a time"))
    }
    let now = RwSignal::new(read());
    let ticking = Memo::new(move |_| matters());
    Effect::new(move |_| {
        if ticking.get() {
            now.set(read());
            let ticks =
                set_interval_with_handle(move || now.set(read()), Duration::from_millis(500));
            on_cleanup(move || {
                if let Ok(ticks) = ticks {
                    ticks.clear();
                }
            });
        }
    });
    now.into()
}

#[component]
fn Strip(
    job: JobView,
    requests: Memo<Vec<RequestView>>,
    chosen: RwSignal<Option<JobId>>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let session = session();
    let is_active = job.status.is_active();
    let limit = job.limit;
    let id = job.id.clone();
    let picker_id = job.id.clone();
    let name = job.name.clone();
    let _ = now;
    let picker = move || {
        let current = picker_id.clone();
        session.jobs.with(|jobs| {
            (jobs.len() > 1).then(|| {
                let options = jobs
                    .iter()
                    .map(|job| {
                        let words = if job.open > 0 {
                            format!("{} ({} open)", job.name, job.open)
                        } else {
                            job.name.clone()
                        };
                        view! {
                            <option value=job.id.0.clone() selected=job.id == current>
                                {words}
                            </option>
                        }
                    })
                    .collect_view();
                view! {
                    <select
                        aria-label="Integration job"
                        on:change:target=move |event| chosen.set(Some(JobId(event.target().value())))
                    >
                        {options}
                    </select>
                }
            })
        })
    };
    let has_picker = Memo::new(move |_| session.jobs.with(|jobs| jobs.len() > 1));
    let shelf = shelf_words(&job);
    let shelved = job.shelved;
    let squares = move || {
        places(limit, &requests.get())
            .into_iter()
            .map(|place| {
                view! {
                    <li
                        class="place"
                        data-testid="queue-place"
                        data-state=place.word()
                        title=place.title()
                    >
                        <span aria-hidden="true">
                            <i>{place.number.to_string()}</i>
                            {place.request.as_ref().map(|request| format!("#{}", request.id))}
                        </span>
                        <span class="only-heard">{place.title()}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <header class="queue-strip">
            <button
                type="button"
                class="quiet queue-toggle"
                aria-expanded=move || session.queue_open.get().to_string()
                on:click=move |_| {
                    let open = !session.queue_open.get_untracked();
                    session.set_pane(session.queue_open, "queuePanel", open);
                }
            >
                {move || {
                    let glyph = if session.queue_open.get() { Glyph::Down } else { Glyph::Up };
                    view! { <Icon glyph=glyph /> }
                }}
                <h2>"Requests"</h2>
            </button>
            {picker}
            {move || (!has_picker.get()).then(|| view! { <span class="job-name ellipsis">{name.clone()}</span> })}
            <span
                class="status"
                class:active=is_active
                data-testid="job-status"
                data-status=job.status.to_string()
            >
                <Icon glyph=if is_active { Glyph::Check } else { Glyph::Warning } />
                {job.status.to_string()}
            </span>
            <button
                type="button"
                title=if is_active {
                    "Requests wait while the job is stopped; nothing is lost"
                } else {
                    "Retry and dismiss work only while the job is Active"
                }
                on:click=move |_| {
                    let status = if is_active { JobStatus::stopped() } else { JobStatus::Active };
                    session.set_job_status(id.clone(), status);
                }
            >
                {if is_active { "Stop job" } else { "Start job" }}
            </button>
            <ol class="places" aria-label=format!("Places of the queue, at most {limit}")>
                {squares}
            </ol>
            {(!shelf.is_empty())
                .then(|| {
                    view! {
                        <span class="shelf" data-testid="queue-shelf" data-count=shelved.to_string()>
                            {shelf}
                        </span>
                    }
                })}
        </header>
    }
    .into_any()
}

#[component]
fn Requests(requests: Memo<Vec<RequestView>>, now: Signal<Timestamp>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        requests.with(|list| {
            let is_closed = |request: &RequestView| !request.state.holds_records();
            let closed = list.iter().filter(|request| is_closed(request)).count();
            let mut skip = closed.saturating_sub(CLOSED_SHOWN);
            let mut shown: Vec<RequestView> = list
                .iter()
                .filter(|request| {
                    let skipped = skip > 0 && is_closed(request);
                    skip -= usize::from(skipped);
                    !skipped
                })
                .cloned()
                .collect();
            // In their turn: a step that was locked runs behind what came meanwhile.
            shown.sort_by_key(|request| request.turn);
            shown
        })
    });
    let ids =
        Memo::new(move |_| shown.with(|list| list.iter().map(|on| on.id).collect::<Vec<_>>()));
    view! {
        <div class="request-list" tabindex="0" role="region" aria-label="List of requests">
            {move || {
                ids.with(Vec::is_empty)
                    .then(|| {
                        view! {
                            <p class="empty-note">
                                "No request yet. Retry and Dismiss put requests here; they run in the order of their creation, one at a time per job."
                            </p>
                        }
                    })
            }}
            <For
                each=move || ids.get()
                key=|id| *id
                children=move |id| {
                    let request = Memo::new(move |_| {
                        shown.with(|list| list.iter().find(|request| request.id == id).cloned())
                    });
                    view! { <RequestRow request=request now=now /> }
                }
            />
        </div>
    }
    .into_any()
}
