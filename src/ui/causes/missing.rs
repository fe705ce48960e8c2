//! The references that errors say are missing, the most wanted first.

use leptos::prelude::*;

use super::more;
use crate::domain::Filter;
use crate::presentation::numbers;
use crate::presentation::visible::visible;
use crate::protocol::{Call, MissingPage, MissingParams, MissingView, ReferenceView};
use crate::ui::door::Door;
use crate::ui::latest::Latest;
use crate::ui::session::{Session, View, session};

/// References shown at first, and more at each press.
const STEP: usize = 100;

/// The list.
#[component]
pub(in crate::ui) fn MissingReferences() -> impl IntoView {
    let session = session();
    let found = RwSignal::new(None::<(Filter, MissingPage)>);
    let shown = RwSignal::new(STEP);
    let latest = Latest::new();
    Effect::new(move |_| {
        session.track_data();
        let filter = session.filter.get_untracked();
        let limit = Some(shown.get());
        let params = MissingParams { filter: filter.clone(), offset: 0, limit };
        latest.ask(session, Call::MissingPage(params), move |answer| match answer {
            Ok(answer) => found.set(Some((filter, answer))),
            Err(problem) => session.fail(&problem),
        });
    });
    view! {
        <section class="causes" id="causes" tabindex="-1" data-testid="missing" aria-label="Missing references">
            {move || {
                found
                    .get()
                    .map(|(filter, MissingPage { total: keys, records: errors, references })| {
                        let left = keys.saturating_sub(references.len());
                        let rows = references.into_iter().map(|one| row(session, &filter, one)).collect_view();
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
                                                filter=MissingParams::any(&filter)
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
                            {more(left, shown, STEP)}
                        }
                    })
            }}
        </section>
    }
    .into_any()
}

fn row(session: Session, filter: &Filter, one: MissingView) -> impl IntoView {
    let door = one.door(filter);
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
