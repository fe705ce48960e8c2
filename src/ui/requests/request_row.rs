//! One request: what it is, how far it is, what came of it.

use leptos::prelude::*;

use crate::domain::{RequestId, RequestState, Timestamp};
use crate::presentation::queue_words::gate_words;
use crate::presentation::visible::visible;
use crate::presentation::{dates, labels, numbers};
use crate::protocol::{RequestView, RunSheetParams};
use crate::ui::session::session;
use crate::ui::widgets::icon::{Glyph, Icon};

/// A line of the list of requests. It is drawn once and follows the request.
#[component]
pub(super) fn RequestRow(
    request: Memo<Option<RequestView>>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    move || request.get().map(|request| view! { <Drawn request=request now=now /> })
}

#[component]
fn Drawn(request: RequestView, now: Signal<Timestamp>) -> impl IntoView {
    let session = session();
    let id = request.id;
    let is_held = request.state == RequestState::Queued && request.held_until.is_some();
    let held_until = request.held_until.filter(|_| is_held);
    let outcomes = [
        (request.cleared, "cleared"),
        (request.failed_again, "failed again"),
        (request.dismissed, "dismissed"),
        (request.skipped, "skipped"),
    ];
    let outcomes: Vec<String> = outcomes
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", numbers::count(count)))
        .collect();
    let times = [
        Some(("created", request.created_at)),
        request.started_at.map(|time| ("started", time)),
        request.finished_at.map(|time| ("finished", time)),
    ];
    let times: Vec<String> = times
        .into_iter()
        .flatten()
        .map(|(word, time)| format!("{word} {}", dates::time_of_day(time)))
        .collect();
    let gate = request.gate.filter(|gate| gate.locked);
    let state_words = match &gate {
        Some(gate) => gate_words(gate),
        None => labels::request_state(request.state, is_held).to_owned(),
    };
    let full_times = format!("Created {}", dates::date_time_zone(request.created_at));
    let progress_words = format!(
        "{} of {}",
        numbers::count(request.done),
        numbers::counted(request.records, "record")
    );
    view! {
        <article
            class="request-row"
            data-testid="request-row"
            data-request-id=id.to_string()
            data-state=labels::request_state_word(request.state)
            data-locked=gate.is_some().then_some("true")
        >
            <span class="request-title">
                <b>{format!("#{id} {}", request.kind)}</b>
                {request
                    .rehearsal
                    .then(|| {
                        view! {
                            <span class="badge" title="Carried out here; nothing was sent">
                                "rehearsal"
                            </span>
                        }
                    })}
            </span>
            <span class="request-state">
                {state_words}
                {held_until
                    .map(|until| {
                        view! {
                            <span class="figures">
                                {move || format!(", starts in {} s", dates::seconds_until(until, now.get()))}
                            </span>
                        }
                    })}
            </span>
            <span class="request-progress">
                <progress
                    max=request.records.to_string()
                    value=request.done.to_string()
                    aria-label=format!("Progress of request {id}")
                ></progress>
                <span class="figures">{progress_words}</span>
            </span>
            <span class="request-outcome figures">{outcomes.join(" · ")}</span>
            <span class="request-filter ellipsis" title=request.filter_text.clone()>
                {visible(&request.filter_text).into_owned()}
                {request
                    .reason
                    .clone()
                    .map(|reason| view! { <i>{format!(" \u{2014} {}", visible(&reason))}</i> })}
            </span>
            <span class="request-times figures quiet-text" title=full_times>
                {times.join(" · ")}
                " UTC"
            </span>
            <span class="request-actions">
                <button
                    type="button"
                    class="quiet"
                    aria-label=format!("Run sheet of request {id}")
                    title="What to enter in finance and operations for these records"
                    on:click=move |_| session.run_sheet.set(Some(RunSheetParams {
                        request_ids: Some(vec![id]),
                        ..RunSheetParams::default()
                    }))
                >
                    "Run sheet"
                </button>
                {gate.is_some().then(|| view! { <Release id=id /> })}
                {request
                    .state
                    .holds_records()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                aria-label=format!("Withdraw request {id}")
                                on:click=move |_| session.withdraw(id)
                            >
                                <Icon glyph=Glyph::Close />
                                "Withdraw"
                            </button>
                        }
                    })}
            </span>
        </article>
    }
    .into_any()
}

/// The way on for a locked step: it asks once.
#[component]
fn Release(id: RequestId) -> impl IntoView {
    let session = session();
    let asks = RwSignal::new(false);
    view! {
        <button
            type="button"
            data-testid="request-release"
            aria-label=move || {
                if asks.get() {
                    format!("Yes, let request {id} and what waits with it go, below the share")
                } else {
                    format!("Let request {id} go all the same")
                }
            }
            on:click=move |_| {
                if asks.get_untracked() {
                    session.release(id);
                } else {
                    asks.set(true);
                }
            }
            on:blur=move |_| asks.set(false)
        >
            {move || if asks.get() { "Yes, go on below it" } else { "Go on anyway" }}
        </button>
    }
    .into_any()
}
