//! The user's rules on a cause: split, merge, take back.

use leptos::html;
use leptos::prelude::*;
use serde::de::IgnoredAny;

use crate::domain::{CauseRule, Column};
use crate::platform::task::detach;
use crate::presentation::{cause_words as words, labels};
use crate::protocol::{Call, CausePage, CausesParams, MergeCausesParams, SplitCauseParams};
use crate::ui::session::{Session, session};

/// Columns that a cause can be split by.
const COLUMNS: [Column; 5] =
    [Column::Company, Column::DataSource, Column::Job, Column::Direction, Column::Category];

/// Causes offered for a merge.
const OFFERED: usize = 100;

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
pub(super) fn Rules(id: String, rules: Vec<CauseRule>) -> impl IntoView {
    let session = session();
    let id = StoredValue::new(id);
    let (column, text) = (NodeRef::<html::Select>::new(), NodeRef::<html::Input>::new());
    let other = NodeRef::<html::Select>::new();
    let others = RwSignal::new(Vec::<(String, String)>::new());
    let offer = move |_| {
        if !others.with_untracked(Vec::is_empty) {
            return;
        }
        let filter = session.filter.get_untracked();
        detach(async move {
            let params = CausesParams { filter, limit: Some(OFFERED), ..Default::default() };
            let page: Result<CausePage, _> = session.ask(Call::Causes(params)).await;
            if let (Ok(page), Some(id)) = (page, id.try_get_value()) {
                let causes = page.causes.into_iter().filter(|cause| cause.id != id);
                others.set(causes.map(|cause| (cause.id, cause.template)).collect());
            }
        });
    };
    let has_rules = !rules.is_empty();
    let rules = rules
        .into_iter()
        .map(|rule| {
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
        })
        .collect::<Vec<_>>();
    view! {
        <details class="rules" on:toggle=offer prop:open=has_rules>
            <summary data-testid="cause-rules">"Split or merge"</summary>
            <ul class="rule-list">{rules}</ul>
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
            <div class="rule-form">
                <label class="field">
                    <span>"Merge with"</span>
                    <select node_ref=other data-testid="merge-with">
                        {move || {
                            others
                                .get()
                                .into_iter()
                                .map(|(id, template)| view! { <option value=id>{template}</option> })
                                .collect_view()
                        }}
                    </select>
                </label>
                <button
                    type="button"
                    data-testid="merge"
                    on:click=move |_| {
                        let Some(other) = other.get_untracked().map(|select| select.value()) else { return };
                        let params = MergeCausesParams { into: id.get_value(), causes: vec![other] };
                        change(session, Call::MergeCauses(params), "The causes are one");
                    }
                >
                    "Merge"
                </button>
            </div>
        </details>
    }
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
