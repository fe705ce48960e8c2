//! The references that errors say are missing, the most wanted first.

use leptos::prelude::*;

use super::tracks_data;
use crate::domain::{ANY_MISSING, Filter};
use crate::platform::task::detach;
use crate::presentation::numbers;
use crate::presentation::visible::visible;
use crate::protocol::{Call, MissingView, ReferenceView};
use crate::ui::door::Door;
use crate::ui::session::{Session, View, session};

/// References shown at first, and more at each press.
const STEP: usize = 100;

/// The list.
#[component]
pub(in crate::ui) fn MissingReferences() -> impl IntoView {
    let session = session();
    let found = RwSignal::new(None::<(Vec<MissingView>, usize)>);
    let shown = RwSignal::new(STEP);
    let flight = StoredValue::new(0_u64);
    Effect::new(move |_| {
        tracks_data(session);
        flight.update_value(|number| *number += 1);
        let number = flight.get_value();
        let filter = session.filter.get_untracked();
        detach(async move {
            let list: Result<Vec<MissingView>, _> =
                session.ask(Call::MissingReferences(filter.clone())).await;
            let errors: Result<usize, _> = session.ask(Call::Count(any(&filter))).await;
            if flight.try_get_value() != Some(number) {
                return;
            }
            match list.and_then(|list| errors.map(|errors| (list, errors))) {
                Ok(answer) => found.set(Some(answer)),
                Err(problem) => session.fail(&problem),
            }
        });
    });
    view! {
        <section class="causes" id="causes" tabindex="-1" data-testid="missing" aria-label="Missing references">
            {move || {
                found
                    .get()
                    .map(|(list, errors)| {
                        let keys = list.len();
                        let left = keys.saturating_sub(shown.get());
                        let rows = list.into_iter().take(shown.get()).map(|one| row(session, one)).collect_view();
                        view! {
                            <div class="causes-head">
                                <p class="figures" role="status" data-testid="missing-total">
                                    {if keys == 0 {
                                        "No error that matches the filter names a missing record.".into_any()
                                    } else {
                                        view! {
                                            {format!("Fix these {}, and ", numbers::counted(keys, "key"))}
                                            <Door
                                                count=errors
                                                filter=any(&session.filter.get_untracked())
                                                label="errors"
                                                test_id="missing-errors"
                                            />
                                            {if errors == 1 { " error should clear." } else { " errors should clear." }}
                                        }
                                            .into_any()
                                    }}
                                </p>
                            </div>
                            <ol class="cause-list" data-testid="missing-list">
                                {rows}
                            </ol>
                            {(left > 0)
                                .then(|| {
                                    view! {
                                        <p class="more">
                                            <button type="button" on:click=move |_| shown.update(|shown| *shown += STEP)>
                                                {format!("Show more ({} left)", numbers::count(left))}
                                            </button>
                                        </p>
                                    }
                                })}
                        }
                    })
            }}
        </section>
    }
    .into_any()
}

/// The records that name any missing reference that the filter asks for.
fn any(filter: &Filter) -> Filter {
    let mut filter = filter.clone();
    if filter.missing.is_empty() {
        filter.missing = vec![ANY_MISSING.to_owned()];
    }
    filter
}

fn row(session: Session, one: MissingView) -> impl IntoView {
    let door = one.door(&session.filter.get_untracked());
    let root = one.root.map(|root| {
        let cause = StoredValue::new(root.cause);
        view! {
            <div class="root" data-testid="missing-root">
                <span class="badge verdict warn">"Root"</span>
                <span>
                    {format!("The record itself failed: {}", visible(&root.message))}
                </span>
                <button
                    type="button"
                    on:click=move |_| {
                        session.chosen_cause.set(Some(cause.get_value()));
                        session.detail_open.set(true);
                        session.view.set(View::Causes);
                    }
                >
                    "Show its cause"
                </button>
            </div>
        }
    });
    let name = |one: &ReferenceView| format!("{} {}", visible(&one.entity), visible(&one.key));
    let circle = one.cycle.first().map(|first| {
        let way: Vec<String> = one.cycle.iter().chain([first]).map(name).collect();
        view! {
            <p class="circle">
                <span class="badge verdict danger">"Circle"</span>
                {format!(" {}", way.join(" \u{2192} "))}
            </p>
        }
    });
    view! {
        <li class="cause-row" data-testid="missing-row" data-key=one.key.clone()>
            <div class="cause-count">
                <Door count=one.count filter=door label="errors" test_id="missing-count" />
            </div>
            <div class="cause-main">
                <p class="missing-key">
                    <span class="quiet-text">{visible(&one.entity).into_owned()}</span>
                    " "
                    <strong>{visible(&one.key).into_owned()}</strong>
                </p>
                {root}
                {circle}
            </div>
        </li>
    }
}
