//! The user's rules on a cause: split, merge, take back.

use leptos::html;
use leptos::prelude::*;
use serde::de::IgnoredAny;

use crate::domain::{CauseRule, Column};
use crate::platform::task::detach;
use crate::presentation::{cause_words as words, labels, numbers};
use crate::protocol::{Call, CausePage, CausesParams, MergeCausesParams, SplitCauseParams};
use crate::ui::latest::Latest;
use crate::ui::session::{Session, session};

/// Columns that a cause can be split by.
const COLUMNS: [Column; 5] =
    [Column::Company, Column::DataSource, Column::Job, Column::Direction, Column::Category];

/// Causes offered for a merge. A smaller one is opened itself, and merged with one of these.
const OFFERED: usize = 1_000;

/// Carries a change out, and says what came of it.
fn change(session: Session, call: Call, done: &'static str) {
    detach(async move {
        let answer: Result<IgnoredAny, _> = session.ask(call).await;
        match answer {
            Ok(_) => session.announce(done),
            Err(problem) => session.fail(&problem),
        }
    });
}

/// Rules in force, and new ones.
#[component]
pub(super) fn Rules(id: String, rules: Memo<Option<Vec<CauseRule>>>) -> impl IntoView {
    let session = session();
    let id = StoredValue::new(id);
    let (column, text) = (NodeRef::<html::Select>::new(), NodeRef::<html::Input>::new());
    let has_rules = rules.with_untracked(|rules| rules.as_ref().is_some_and(|on| !on.is_empty()));
    let is_open = RwSignal::new(has_rules);
    let lines = move || {
        let rules = rules.get().unwrap_or_default();
        rules.into_iter().map(|rule| line(session, id, rule)).collect_view()
    };
    view! {
        <details
            class="rules"
            on:toggle:target=move |event| is_open.set(event.target().has_attribute("open"))
            prop:open=has_rules
        >
            <summary data-testid="cause-rules">"Split or merge"</summary>
            <ul class="rule-list">{lines}</ul>
            <div class="rule-form">
                <label class="field">
                    <span>"Split by"</span>
                    <select node_ref=column data-testid="split-column">
                        {COLUMNS
                            .iter()
                            .enumerate()
                            .map(|(at, column)| view! { <option value=at.to_string()>{labels::column(*column)}</option> })
                            .collect_view()}
                    </select>
                </label>
                <button
                    type="button"
                    data-testid="split-by"
                    on:click=move |_| {
                        let at = column.get_untracked().and_then(|select| select.value().parse::<usize>().ok());
                        let by = at.and_then(|at| COLUMNS.get(at).copied());
                        split(session, id.get_value(), by, None);
                    }
                >
                    "Split"
                </button>
            </div>
            <div class="rule-form">
                <label class="field">
                    <span>"Split off messages with"</span>
                    <input type="text" node_ref=text data-testid="split-text" />
                </label>
                <button
                    type="button"
                    data-testid="split-off"
                    on:click=move |_| {
                        let text = text.get_untracked().map(|input| input.value());
                        split(session, id.get_value(), None, text);
                    }
                >
                    "Split off"
                </button>
            </div>
            {merging(session, id, is_open)}
        </details>
    }
}

fn line(session: Session, id: StoredValue<String>, rule: CauseRule) -> impl IntoView {
    let number = rule.id;
    view! {
        <li>
            <span>{words::rule(&rule)}</span>
            <button
                type="button"
                data-testid="cause-undo"
                on:click=move |_| {
                    session.chosen_cause.set(Some(home(&rule, id.get_value())));
                    change(session, Call::UndoCauseRule(number), "The rule is taken back");
                }
            >
                "Take back"
            </button>
        </li>
    }
}

/// The choice of a cause that ends in this one. A merge holds for all errors, so all causes are offered, whatever the filter.
fn merging(session: Session, id: StoredValue<String>, is_open: RwSignal<bool>) -> impl IntoView {
    let others = RwSignal::new((Vec::<(String, String)>::new(), 0_usize));
    let chosen = RwSignal::new(String::new());
    let latest = Latest::new();
    Effect::new(move |_| {
        session.told.track();
        if !is_open.get() {
            return;
        }
        let params = CausesParams { limit: Some(OFFERED), ..Default::default() };
        latest.ask(session, Call::Causes(params), move |page: Result<CausePage, _>| match page {
            Ok(page) => {
                let left = page.total - page.causes.len();
                let own = id.get_value();
                let rest = page.causes.into_iter().filter(|cause| cause.id != own);
                let offered =
                    rest.map(|cause| (cause.id, words::of_entity(&cause.entity, &cause.template)));
                let offered = (offered.collect::<Vec<_>>(), left);
                // Drawn anew only for other causes, so that an open choice stays open.
                if others.with_untracked(|known| *known != offered) {
                    let is_there =
                        |(id, _): &(String, String)| chosen.with_untracked(|on| on == id);
                    if !offered.0.iter().any(is_there) {
                        chosen.set(String::new());
                    }
                    others.set(offered);
                }
            }
            Err(problem) => session.fail(&problem),
        });
    });
    let options = move || {
        let option = |(id, words): (String, String)| {
            let is_chosen = chosen.with_untracked(|chosen| *chosen == id);
            view! {
                <option value=id selected=is_chosen>
                    {words}
                </option>
            }
        };
        others.get().0.into_iter().map(option).collect_view()
    };
    let left = move || {
        let left = others.with(|(_, left)| *left);
        (left > 0).then(|| {
            let causes = numbers::counted(left, "smaller cause");
            format!("{causes} are not in the list: open such a one and merge it with one of these.")
        })
    };
    view! {
        <div class="rule-form">
            <label class="field">
                <span>"Merge with"</span>
                <select data-testid="merge-with" on:change:target=move |event| chosen.set(event.target().value())>
                    <option value="">"Choose a cause"</option>
                    {options}
                </select>
            </label>
            <button
                type="button"
                data-testid="merge"
                disabled=move || chosen.with(String::is_empty)
                on:click=move |_| {
                    let params = MergeCausesParams { into: id.get_value(), causes: vec![chosen.get_untracked()] };
                    change(session, Call::MergeCauses(params), "The causes are one");
                }
            >
                "Merge"
            </button>
        </div>
        <p class="quiet-text">{left}</p>
    }
    .into_any()
}

/// The cause that is there when a rule is taken back.
fn home(rule: &CauseRule, shown: String) -> String {
    match &rule.action {
        crate::domain::CauseAction::Merge { .. } => shown,
        crate::domain::CauseAction::SplitBy { cause, .. }
        | crate::domain::CauseAction::SplitText { cause, .. } => cause.clone(),
    }
}

fn split(session: Session, cause: String, by: Option<Column>, text: Option<String>) {
    let params = SplitCauseParams { cause, by, text };
    change(session, Call::SplitCause(params), "The cause is split");
}
