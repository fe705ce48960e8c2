//! One cause in full: what it was read from, what is known of it, what users wrote about it.

use leptos::prelude::*;

use super::cards::Guidance;
use super::rules::Rules;
use crate::domain::Filter;
use crate::platform::task::detach;
use crate::presentation::visible::visible;
use crate::presentation::{cause_words as words, dates, numbers};
use crate::protocol::{Call, CauseDetail, CauseParams, CauseView, Example, SetNoteParams};
use crate::ui::door::Door;
use crate::ui::errors::marks::Category;
use crate::ui::latest::Latest;
use crate::ui::session::{Session, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// The pane of the chosen cause.
#[component]
pub(in crate::ui) fn CausePane() -> impl IntoView {
    let session = session();
    let detail = RwSignal::new(None::<CauseDetail>);
    let latest = Latest::new();
    Effect::new(move |_| {
        session.track_data();
        let Some(id) = session.chosen_cause.get() else {
            latest.forget();
            detail.set(None);
            return;
        };
        // The chosen cause stays on show whatever cause the filter names.
        let filter = Filter { causes: Vec::new(), ..session.filter.get_untracked() };
        let call = Call::Cause(CauseParams { id, filter });
        latest.ask_text(session, call, move |answer| {
            match answer.and_then(|text| CauseDetail::read(&text)) {
                Ok(answer) => detail.set(answer),
                Err(problem) => session.fail(&problem),
            }
        });
    });
    // Drawn anew for another cause only: what is being typed or unfolded stays when the numbers change.
    let id = Memo::new(move |_| detail.with(|detail| detail.as_ref().map(|on| on.view.id.clone())));
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
            {move || match id.get() {
                Some(id) => body(session, id, detail).into_any(),
                None => {
                    view! { <p class="empty-note">"Choose a cause to see what it is made of and how it is removed."</p> }
                        .into_any()
                }
            }}
        </aside>
    }
    .into_any()
}

fn body(session: Session, id: String, detail: RwSignal<Option<CauseDetail>>) -> impl IntoView {
    let id = StoredValue::new(id);
    let is_fixed = move || detail.with(|on| on.as_ref().is_some_and(|on| on.view.fixed));
    let cards = Memo::new(move |_| detail.with(|on| on.as_ref().map(|on| on.guidance.clone())));
    let examples = Memo::new(move |_| detail.with(|on| on.as_ref().map(|on| on.examples.clone())));
    let note = Memo::new(move |_| detail.with(|on| on.as_ref().map(|on| on.note.clone())));
    let rules = Memo::new(move |_| detail.with(|on| on.as_ref().map(|on| on.rules.clone())));
    view! {
        <div class="pane-body cause-body">
            {move || detail.with(|on| on.as_ref().map(|on| facts(&on.view)))}
            <label class="choice">
                <input
                    type="checkbox"
                    data-testid="cause-fixed"
                    prop:checked=is_fixed
                    on:change:target=move |event| session.mark_fixed(id.get_value(), event.target().checked())
                />
                <span>"This cause is fixed"</span>
            </label>
            {move || view! { <Guidance cards=cards.get().unwrap_or_default() /> }}
            {notes(session, id.get_value(), note)}
            <section>
                <h3>"How it is grouped"</h3>
                <p class="quiet-text">
                    "Error code, entities and the words of the message make the cause. What is marked is a value and does not count."
                </p>
                <ol class="examples">
                    {move || examples.get().unwrap_or_default().into_iter().map(example).collect_view()}
                </ol>
            </section>
            <Rules id=id.get_value() rules=rules />
        </div>
    }
    .into_any()
}

fn facts(cause: &CauseView) -> AnyView {
    let seen = cause.first_seen.zip(cause.last_seen).map(|(first, last)| {
        view! {
            <div>
                <dt>"Seen"</dt>
                <dd>{format!("{} \u{2013} {}", dates::date_time(first), dates::date_time_zone(last))}</dd>
            </div>
        }
    });
    view! {
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
                    {format!(" {}", numbers::share(cause.share))}
                </dd>
            </div>
            {(!cause.entity.is_empty())
                .then(|| {
                    view! {
                        <div>
                            <dt>"Entity"</dt>
                            <dd data-testid="cause-pane-entity">{visible(&cause.entity).into_owned()}</dd>
                        </div>
                    }
                })}
            {seen}
            <div>
                <dt>"Id"</dt>
                <dd>
                    <code>{cause.id.clone()}</code>
                </dd>
            </div>
        </dl>
    }
    .into_any()
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

/// The note on a cause. What is written outlives everything but the page, until it is kept.
fn notes(session: Session, id: String, note: Memo<Option<String>>) -> impl IntoView {
    let id = StoredValue::new(id);
    let kept = move || note.get().unwrap_or_default();
    let draft = move || session.drafts.with(|drafts| drafts.get(&id.get_value()).cloned());
    let is_kept = Memo::new(move |_| draft().is_none_or(|draft| draft.trim() == kept()));
    // What was given to the engine to keep. It stays on the screen until the engine says what it kept.
    let given = StoredValue::new(None::<String>);
    // Without a draft the note follows what the engine says, for example what another tab wrote. One who is typing a blank at
    // its end goes on typing.
    Effect::new(move |_| {
        let kept = kept();
        let is_done = untrack(draft).is_some_and(|draft| {
            let is_given = given.get_value().as_ref() == Some(&draft);
            draft == kept || is_given && draft.trim() == kept
        });
        if is_done {
            session.drafts.update(|drafts| drop(drafts.remove(&id.get_value())));
        }
    });
    let save = move |_| {
        let Some(text) = untrack(draft) else { return };
        given.set_value(Some(text.clone()));
        let params = SetNoteParams { cause_id: id.get_value(), text };
        detach(async move {
            let answer: Result<Option<()>, _> = session.ask(Call::SetNote(params)).await;
            match answer {
                Ok(_) => session.announce("The note is kept"),
                Err(problem) => {
                    given.try_set_value(None);
                    session.fail(&problem);
                }
            }
        });
    };
    view! {
        <section class="cause-note">
            <h3>"Notes"</h3>
            <label class="field">
                <span class="only-heard">"Your notes on this cause"</span>
                <textarea
                    data-testid="cause-note"
                    rows="3"
                    placeholder="What you found out, who works on it, how it is removed"
                    prop:value=move || draft().unwrap_or_else(kept)
                    on:input:target=move |event| {
                        let text = event.target().value();
                        session.drafts.update(|drafts| drop(drafts.insert(id.get_value(), text)));
                    }
                ></textarea>
            </label>
            <button type="button" data-testid="cause-note-save" disabled=is_kept on:click=save>
                "Keep note"
            </button>
        </section>
    }
    .into_any()
}
