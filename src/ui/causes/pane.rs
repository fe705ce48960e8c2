//! One cause in full: what it was read from, what is known of it, what users wrote about it.

use leptos::prelude::*;

use super::cards::Guidance;
use super::rules::Rules;
use super::tracks_data;
use crate::domain::Filter;
use crate::platform::task::detach;
use crate::presentation::visible::visible;
use crate::presentation::{cause_words as words, dates};
use crate::protocol::{Call, CauseDetail, CauseParams, Example, SetNoteParams};
use crate::ui::door::Door;
use crate::ui::errors::marks::Category;
use crate::ui::session::{Session, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// The pane of the chosen cause.
#[component]
pub(in crate::ui) fn CausePane() -> impl IntoView {
    let session = session();
    let detail = RwSignal::new(None::<CauseDetail>);
    let flight = StoredValue::new(0_u64);
    Effect::new(move |_| {
        tracks_data(session);
        let chosen = session.chosen_cause.get();
        flight.update_value(|number| *number += 1);
        let number = flight.get_value();
        let Some(id) = chosen else {
            detail.set(None);
            return;
        };
        // The chosen cause stays on show whatever cause the filter names.
        let filter = Filter { causes: Vec::new(), ..session.filter.get_untracked() };
        detach(async move {
            let answer: Result<Option<CauseDetail>, _> =
                session.ask(Call::Cause(CauseParams { id, filter })).await;
            if flight.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(answer) => {
                    // A note that is being written must not be lost to an answer that says the same.
                    if detail.with_untracked(|known| *known != answer) {
                        detail.set(answer);
                    }
                }
                Err(problem) => session.fail(&problem),
            }
        });
    });
    view! {
        <aside class="detail-pane" data-testid="cause-pane" id="detail" aria-label="Cause details" tabindex="-1">
            <header class="pane-head">
                <h2>"Cause"</h2>
                <button
                    type="button"
                    class="quiet icon-only"
                    aria-label="Close the details"
                    title="Close the details"
                    on:click=move |_| {
                        session.chosen_cause.set(None);
                        session.set_pane(session.detail_open, "detailPane", false);
                    }
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            {move || match detail.get() {
                Some(detail) => body(session, detail).into_any(),
                None => {
                    view! { <p class="empty-note">"Choose a cause to see what it is made of and how it is removed."</p> }
                        .into_any()
                }
            }}
        </aside>
    }
    .into_any()
}

fn body(session: Session, detail: CauseDetail) -> impl IntoView {
    let CauseDetail { view: cause, examples, guidance, note, rules } = detail;
    let id = StoredValue::new(cause.id.clone());
    let seen = cause.first_seen.zip(cause.last_seen).map(|(first, last)| {
        view! {
            <div>
                <dt>"Seen"</dt>
                <dd>{format!("{} \u{2013} {}", dates::date_time(first), dates::date_time_zone(last))}</dd>
            </div>
        }
    });
    let examples = examples.into_iter().map(example).collect_view();
    view! {
        <div class="pane-body cause-body">
            <p class="cause-template" data-testid="cause-template">{visible(&cause.template).into_owned()}</p>
            <p class="detail-marks">
                <Category name=cause.category.clone() />
                <span class=words::verdict_class(cause.retry_verdict) data-testid="cause-verdict">
                    {words::verdict(cause.retry_verdict)}
                </span>
            </p>
            <p class="quiet-text">{cause.retry_reason.sentence()}</p>
            <dl class="facts">
                <div>
                    <dt>"Errors"</dt>
                    <dd>
                        <Door count=cause.count filter=cause.door.clone() label="errors" test_id="cause-pane-count" />
                        {format!(" {}", words::share(cause.share))}
                    </dd>
                </div>
                {seen}
                <div>
                    <dt>"Id"</dt>
                    <dd>
                        <code>{cause.id.clone()}</code>
                    </dd>
                </div>
            </dl>
            <label class="choice">
                <input
                    type="checkbox"
                    data-testid="cause-fixed"
                    prop:checked=cause.fixed
                    on:change:target=move |event| session.mark_fixed(id.get_value(), event.target().checked())
                />
                <span>"This cause is fixed"</span>
            </label>
            <Guidance cards=guidance />
            {notes(session, id.get_value(), note)}
            <section>
                <h3>"How it is grouped"</h3>
                <p class="quiet-text">
                    "Error code, entities and the words of the message make the cause. What is marked is a value and does not count."
                </p>
                <ol class="examples">{examples}</ol>
            </section>
            <Rules id=id.get_value() rules=rules />
        </div>
    }
}

fn example(example: Example) -> impl IntoView {
    let pieces = example
        .pieces
        .into_iter()
        .map(|piece| {
            let text = visible(&piece.text).into_owned();
            match piece.mask {
                Some(mask) => view! { <mark title=words::mask(&mask)>{text}</mark> }.into_any(),
                None => text.into_any(),
            }
        })
        .collect_view();
    let rules = example.placed_by.rules;
    let placed = if rules.is_empty() {
        "placed by its fingerprint".to_owned()
    } else {
        let rules: Vec<String> = rules.iter().map(u32::to_string).collect();
        format!("fingerprint {}, then rule {}", example.placed_by.fingerprint, rules.join(", "))
    };
    let code =
        if example.error_code.is_empty() { "no code" } else { &example.error_code }.to_owned();
    view! {
        <li data-testid="cause-example">
            <p class="example-text">{pieces}</p>
            <p class="quiet-text">
                {format!("{} \u{b7} {} \u{b7} {placed}", visible(&example.entity), visible(&code))}
            </p>
        </li>
    }
}

fn notes(session: Session, id: String, note: String) -> impl IntoView {
    let text = RwSignal::new(note.clone());
    let kept = StoredValue::new(note);
    let save = move |_| {
        let (cause_id, text) = (id.clone(), text.get_untracked());
        detach(async move {
            let call = Call::SetNote(SetNoteParams { cause_id, text });
            let answer: Result<Option<()>, _> = session.ask(call).await;
            match answer {
                Ok(_) => session.announce("The note is kept"),
                Err(problem) => session.fail(&problem),
            }
        });
    };
    view! {
        <section class="note">
            <h3>"Notes"</h3>
            <label class="field">
                <span class="only-heard">"Your notes on this cause"</span>
                <textarea
                    data-testid="cause-note"
                    rows="3"
                    placeholder="What you found out, who works on it, how it is removed"
                    prop:value=move || text.get()
                    on:input:target=move |event| text.set(event.target().value())
                ></textarea>
            </label>
            <button
                type="button"
                data-testid="cause-note-save"
                disabled=move || text.with(|text| *text == kept.get_value())
                on:click=save
            >
                "Keep note"
            </button>
        </section>
    }
}
