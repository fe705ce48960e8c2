//! The time axis: how many errors when. A press or a drag narrows the filter; so do the keys; a table says the same.

use leptos::html;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

use crate::presentation::{dates, histogram, numbers};
use crate::protocol::Bucket;
use crate::ui::session::session;

/// The bars with their axis.
#[component]
pub(super) fn Histogram() -> impl IntoView {
    let session = session();
    let node = NodeRef::<html::Div>::new();
    // A run of bars that is being chosen: where it began, where it is now.
    let run = RwSignal::new(None::<(usize, usize)>);
    let dragging = RwSignal::new(false);
    let current = RwSignal::new(0_usize);
    let count = move || session.histogram.with(Vec::len);
    let bar_under = move |event: &PointerEvent| {
        let area = node.get_untracked()?.get_bounding_client_rect();
        let x = f64::from(event.client_x()) - area.left();
        histogram::bar_at(x, area.width(), count())
    };
    let apply = move |from: usize, to: usize| {
        let range = session
            .histogram
            .with_untracked(|bars| histogram::range(bars, &histogram::run(from, to)));
        run.set(None);
        if let Some((from, to)) = range {
            session.change_filter(|filter| {
                filter.from = Some(from);
                filter.to = Some(to);
            });
        }
    };
    let on_down = move |event: PointerEvent| {
        if let Some(bar) = bar_under(&event).filter(|_| event.button() == 0) {
            if let Some(element) = node.get_untracked() {
                // Without the capture the drag ends at the edge; nothing breaks.
                let _captured = element.set_pointer_capture(event.pointer_id());
            }
            dragging.set(true);
            current.set(bar);
            run.set(Some((bar, bar)));
        }
    };
    let on_move = move |event: PointerEvent| {
        if dragging.get_untracked()
            && let Some(bar) = bar_under(&event)
        {
            run.update(|run| *run = run.map(|(begin, _)| (begin, bar)));
        }
    };
    let on_up = move |_: PointerEvent| {
        if dragging.get_untracked() {
            dragging.set(false);
            if let Some((from, to)) = run.get_untracked() {
                apply(from, to);
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let last = count().saturating_sub(1);
        let at = current.get_untracked().min(last);
        let next = match event.key().as_str() {
            "ArrowLeft" => at.saturating_sub(1),
            "ArrowRight" => (at + 1).min(last),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                let (from, to) = run.get_untracked().unwrap_or((at, at));
                apply(from, to);
                return;
            }
            "Escape" if run.get_untracked().is_some() => {
                event.stop_propagation();
                run.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let begin = run.get_untracked().map_or(at, |(begin, _)| begin);
        run.set(event.shift_key().then_some((begin, next)));
        current.set(next);
        session.announce(session.histogram.with_untracked(|bars| {
            let (from, to) = run.get_untracked().unwrap_or((next, next));
            bar_words(bars, from, to)
        }));
    };
    let bars = move || {
        session.histogram.with(|buckets| {
            histogram::heights(buckets)
                .into_iter()
                .enumerate()
                .map(|(index, height)| {
                    let is_chosen = move || {
                        run.get()
                            .is_some_and(|(from, to)| histogram::run(from, to).contains(&index))
                    };
                    view! {
                        <span
                            class="bar"
                            class:chosen=is_chosen
                            class:current=move || current.get() == index
                        >
                            <i style=format!("height:{height:.1}%")></i>
                        </span>
                    }
                })
                .collect_view()
        })
    };
    let span = move || session.histogram.with(|buckets| histogram::span(buckets));
    let words = move || {
        session.histogram.with(|buckets| match run.get() {
            Some((from, to)) => bar_words(buckets, from, to),
            None => String::new(),
        })
    };
    let is_narrowed =
        move || session.filter.with(|filter| filter.from.is_some() || filter.to.is_some());
    view! {
        <section class="histogram" aria-label="Errors over time">
            <div
                class="bars"
                node_ref=node
                tabindex="0"
                role="slider"
                aria-label="Time axis: arrows move, Shift with arrows chooses a range, Enter narrows the filter to it"
                aria-valuemin="1"
                aria-valuemax=move || count().max(1).to_string()
                aria-valuenow=move || (current.get() + 1).min(count().max(1)).to_string()
                aria-valuetext=move || {
                    session
                        .histogram
                        .with(|buckets| bar_words(buckets, current.get(), current.get()))
                }
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=move |_| {
                    dragging.set(false);
                    run.set(None);
                }
                on:keydown=on_key
            >
                {bars}
            </div>
            <div class="axis figures" aria-hidden="true">
                {move || {
                    span()
                        .map(|(from, to)| {
                            let length = to.millis() - from.millis();
                            view! {
                                <span>{dates::axis_label(from, length)}</span>
                                <span>{dates::axis_label(to, length)}</span>
                            }
                        })
                }}
            </div>
            <div class="histogram-foot">
                <span class="figures quiet-text">{words}</span>
                {move || {
                    is_narrowed()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="link"
                                    on:click=move |_| {
                                        session
                                            .change_filter(|filter| {
                                                (filter.from, filter.to) = (None, None);
                                            });
                                    }
                                >
                                    "All times"
                                </button>
                            }
                        })
                }}
            </div>
            <Twin />
        </section>
    }
    .into_any()
}

fn bar_words(buckets: &[Bucket], from: usize, to: usize) -> String {
    let run = histogram::run(from, to);
    let Some((begin, end)) = histogram::range(buckets, &run) else { return String::new() };
    let errors: usize = buckets.get(run).into_iter().flatten().map(|bucket| bucket.count).sum();
    format!(
        "{} to {}: {}",
        dates::date_time(begin),
        dates::date_time(end),
        numbers::counted(errors, "error")
    )
}

/// The same numbers as a table, for those who do not see bars.
#[component]
fn Twin() -> impl IntoView {
    let session = session();
    view! {
        <details class="twin">
            <summary>"As a table"</summary>
            <div class="table-box">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"From (UTC)"</th>
                            <th scope="col" class="number">"Errors"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            session
                                .histogram
                                .get()
                                .into_iter()
                                .filter(|bucket| bucket.count > 0)
                                .map(|bucket| {
                                    view! {
                                        <tr>
                                            <td class="figures">{dates::date_time(bucket.from)}</td>
                                            <td class="number">{numbers::count(bucket.count)}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()
                        }}
                    </tbody>
                </table>
            </div>
        </details>
    }
}
