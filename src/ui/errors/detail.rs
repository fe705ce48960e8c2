//! One record in full.

use leptos::prelude::*;

use super::marks::{Category, StateMark};
use crate::dataset::Record;
use crate::domain::Column;
use crate::presentation::visible::visible;
use crate::presentation::{cause_words, conditions, dates, numbers};
use crate::ui::actions::Pick;
use crate::ui::analysis::regressions::RegressionBadge;
use crate::ui::causes::Guidance;
use crate::ui::clipboard::copy;
use crate::ui::session::{KnownRecord, Session, View, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// The pane of the active record.
#[component]
pub(in crate::ui) fn Detail() -> impl IntoView {
    let session = session();
    let step = move |by: isize| {
        let row = session.active.with_untracked(|cell| cell.row.saturating_add_signed(by));
        let last = session.total.get_untracked().unwrap_or(0).saturating_sub(1);
        session.pick_row(row.min(last), Pick::Only);
        session.reveal.set(Some(row.min(last)));
    };
    let at_first = move || session.active.get().row == 0;
    let at_last = move || session.active.get().row + 1 >= session.total.get().unwrap_or(0);
    view! {
        <aside
            class="detail-pane"
            data-testid="detail-pane"
            id="detail"
            aria-label="Record details"
            tabindex="-1"
        >
            <header class="pane-head">
                <h2>"Record"</h2>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Previous record"
                    title="Previous record"
                    disabled=at_first
                    on:click=move |_| step(-1)
                >
                    <Icon glyph=Glyph::Up />
                </button>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Next record"
                    title="Next record"
                    disabled=at_last
                    on:click=move |_| step(1)
                >
                    <Icon glyph=Glyph::Down />
                </button>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Close the details"
                    title="Close the details"
                    on:click=move |_| session.set_pane(session.detail_open, "detailPane", false)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            {move || match session.record.get() {
                Some(known) => view! { <Body known=known /> }.into_any(),
                None => {
                    view! { <p class="empty-note">"Choose a row to see the whole record."</p> }
                        .into_any()
                }
            }}
        </aside>
    }
    .into_any()
}

#[component]
fn Body(known: KnownRecord) -> impl IntoView {
    let session = session();
    let KnownRecord { record, insight } = known;
    let message = record.message.clone();
    let occurred =
        record.occurred_at.map_or_else(|| "not in the dump".to_owned(), dates::date_time_zone);
    let facts = [
        ("Occurred", occurred),
        ("Entity", record.entity.clone()),
        ("Table map", record.map.clone()),
        ("Data source", record.data_source.clone()),
        ("Company", record.company.clone()),
        ("Direction", record.direction.clone()),
        ("Integration job", record.job.clone()),
        ("Record key", record.record_key.clone()),
        ("Error code", record.error_code.clone()),
        (
            "Retries in the dump",
            record.retry_count.map_or_else(String::new, |n| numbers::grouped(n.into())),
        ),
        ("Id", record.id.clone()),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{visible(&value).into_owned()}</dd>
                </div>
            }
        })
        .collect_view();
    let source = format!(
        "Row {} of {}",
        numbers::grouped(record.source.row.into()),
        visible(&dataset_name(session, &record))
    );
    let extra = record.extra.clone().unwrap_or_default();
    let extra: Vec<_> = extra
        .into_iter()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            view! {
                <div>
                    <dt>{visible(&name).into_owned()}</dt>
                    <dd>{visible(&text).into_owned()}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <div class="pane-body">
            <p class="detail-marks">
                <Category name=record.category.clone() />
                {record
                    .category_inferred
                    .then(|| {
                        view! {
                            <span class="badge" title="The dump does not say the category; it was read out of the message">
                                "inferred"
                            </span>
                        }
                    })}
                <StateMark state=record.state />
                <span
                    class=cause_words::verdict_class(insight.retry_verdict)
                    data-testid="record-verdict"
                    title=insight.retry_reason.sentence()
                >
                    {cause_words::verdict(insight.retry_verdict)}
                </span>
            </p>
            <p class="quiet-text">{insight.retry_reason.sentence()}</p>
            <section class="detail-message" aria-label="Message">
                <p>{visible(&record.message).into_owned()}</p>
                <button type="button" on:click=move |_| copy(session, message.clone(), "Message")>
                    <Icon glyph=Glyph::Copy />
                    "Copy message"
                </button>
            </section>
            <dl class="facts">
                {facts} <div>
                    <dt>"From"</dt>
                    <dd>{source}</dd>
                </div>
            </dl>
            <Guidance cards=insight.guidance.clone() />
            {(!insight.note.is_empty())
                .then(|| {
                    view! {
                        <section>
                            <h3>"Notes on the cause"</h3>
                            <p class="example-text" data-testid="record-note">{visible(&insight.note).into_owned()}</p>
                        </section>
                    }
                })}
            {(!record.cause.is_empty()).then(|| view! { <Cause id=record.cause.clone() /> })}
            {(!extra.is_empty())
                .then(|| {
                    view! {
                        <section>
                            <h3>"Further columns of the dump"</h3>
                            <dl class="facts">{extra}</dl>
                        </section>
                    }
                })}
        </div>
    }
    .into_any()
}

fn dataset_name(session: Session, record: &Record) -> String {
    session.datasets.with_untracked(|list| {
        list.iter().flatten().find(|dataset| dataset.id == record.source.dataset).map_or_else(
            || format!("dataset {}", record.source.dataset.0),
            |found| found.name.clone(),
        )
    })
}

/// What the record is grouped under, and the switch of the rehearsal.
#[component]
fn Cause(id: String) -> impl IntoView {
    let session = session();
    let id = StoredValue::new(id);
    let is_fixed = move || {
        session.settings.with(|settings| {
            let fixed = settings.iter().flat_map(|settings| &settings.fixed_causes);
            fixed.into_iter().any(|cause| *cause == id.get_value())
        })
    };
    let is_shown = move || {
        session.filter.with(|filter| filter.causes.len() == 1 && filter.causes[0] == id.get_value())
    };
    view! {
        <section class="cause">
            <h3>"Cause"</h3>
            <p>
                <code>{id.get_value()}</code>
                " "
                <RegressionBadge cause=id.get_value() />
            </p>
            <p class="buttons">
                <button
                    type="button"
                    disabled=is_shown
                    on:click=move |_| {
                        session
                            .change_filter(|filter| {
                                if let Some(causes) = filter.values_mut(Column::Cause) {
                                    *causes = vec![id.get_value()];
                                }
                            });
                    }
                >
                    <Icon glyph=Glyph::Filter />
                    "Show all of this cause"
                </button>
                <button
                    type="button"
                    data-testid="open-cause"
                    on:click=move |_| {
                        session.chosen_cause.set(Some(id.get_value()));
                        session.view.set(View::Causes);
                    }
                >
                    "Look into the cause"
                </button>
                {move || {
                    is_shown()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="quiet"
                                    on:click=move |_| {
                                        let condition = conditions::Condition::Value(
                                            Column::Cause,
                                            id.get_value(),
                                        );
                                        session
                                            .change_filter(|filter| conditions::remove(
                                                filter,
                                                &condition,
                                            ));
                                    }
                                >
                                    "Show others too"
                                </button>
                            }
                        })
                }}
            </p>
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=is_fixed
                    on:change:target=move |event| {
                        session.mark_fixed(id.get_value(), event.target().checked());
                    }
                />
                <span>
                    "This cause is fixed"
                    <span class="quiet-text block">
                        "Steers the rehearsal only: retries of this cause then clear."
                    </span>
                </span>
            </label>
        </section>
    }
}
