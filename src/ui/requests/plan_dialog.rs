//! The confirmation: exactly what would be done, and nothing is done before it is confirmed.

use leptos::prelude::*;

use super::plan_choices::Choices;
use super::plan_facts::{Breakdown, Facts};
use crate::domain::RequestKind;
use crate::presentation::plan_words::{self, Obstacle, confirm_label, obstacle, obstacle_words};
use crate::presentation::{conditions, numbers};
use crate::protocol::RunSheetParams;
use crate::ui::session::{PlanOnShow, session};
use crate::ui::widgets::dialog::Modal;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The dialog of the plan on show, if there is one.
#[component]
pub(in crate::ui) fn PlanDialog() -> impl IntoView {
    let session = session();
    let open = Memo::new(move |_| session.plan.with(Option::is_some));
    let title = Signal::derive(move || {
        session.plan.with(|shown| match shown {
            Some(shown) => {
                let count = numbers::counted(shown.plan.matched, "record");
                if shown.picked {
                    format!("{} {count} you selected", shown.plan.kind)
                } else {
                    format!("{} all {count} that match", shown.plan.kind)
                }
            }
            None => String::new(),
        })
    });
    // The facts are drawn anew only for another plan, the form for another kind: neither a refusal nor a choice takes the
    // typed reason or the focus away.
    let plan = Memo::new(move |_| {
        session.plan.with(|shown| {
            shown.as_ref().map(|shown| PlanOnShow { refusal: None, busy: false, ..shown.clone() })
        })
    });
    let kind = Memo::new(move |_| plan.with(|shown| shown.as_ref().map(|on| on.plan.kind)));
    view! {
        <Modal
            open=open
            on_close=move |()| session.close_plan()
            title=title
            test_id="plan-dialog"
            class="plan"
        >
            {move || kind.get().map(|kind| view! { <PlanForm shown=plan kind=kind /> })}
        </Modal>
    }
}

#[component]
fn PlanForm(shown: Memo<Option<PlanOnShow>>, kind: RequestKind) -> impl IntoView {
    let session = session();
    let plan = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|on| on.plan.clone())));
    let choices = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|on| on.choices.clone()).unwrap_or_default())
    });
    let eligible = Memo::new(move |_| plan.with(|plan| plan.as_ref().map_or(0, |on| on.eligible)));
    let plan_id = move || plan.with_untracked(|plan| plan.as_ref().map_or(0, |on| on.plan_id));
    let reason = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let is_typed = Memo::new(move |_| plan_words::is_typed(kind, eligible.get()));
    let is_confirmed = Memo::new(move |_| {
        !is_typed.get() || typed.with(|text| plan_words::is_count(text, eligible.get()))
    });
    let obstacle = Memo::new(move |_| {
        plan.with(|plan| {
            let plan = plan.as_ref()?;
            session.jobs.with(|jobs| obstacle(plan, jobs))
        })
    });
    let refusal =
        move || session.plan.with(|shown| shown.as_ref().and_then(|on| on.refusal.clone()));
    let busy = move || session.plan.with(|shown| shown.as_ref().is_some_and(|on| on.busy));
    let facts = move || {
        shown.get().map(|PlanOnShow { plan, filter, picked, .. }| {
            let filter = conditions::describe(&filter);
            let scope = if picked {
                format!("the records you selected, under the filter: {filter}")
            } else {
                filter
            };
            view! {
                <Facts plan=plan.clone() scope=scope />
                <Breakdown plan=plan />
            }
        })
    };
    let of_matched = move || {
        plan.with(|plan| {
            let plan = plan.as_ref().filter(|on| on.eligible != on.matched)?;
            Some(format!(", of {} matched", numbers::count(plan.matched)))
        })
    };
    view! {
        <form
            class="plan-form"
            on:submit=move |event| {
                event.prevent_default();
                if !is_confirmed.get_untracked() {
                    return;
                }
                session.confirm_plan(reason.get_untracked());
            }
        >
            <div class="dialog-body">
                <p
                    class="plan-count"
                    role="status"
                    data-testid="plan-count"
                    data-count=move || eligible.get().to_string()
                >
                    <strong>{move || numbers::counted(eligible.get(), "record")}</strong>
                    " will be "
                    {match kind {
                        RequestKind::Retry => "retried",
                        RequestKind::Dismiss => "dismissed",
                    }}
                    {of_matched}
                </p>
                {move || obstacle.get().map(|obstacle| view! { <Hindrance obstacle=obstacle /> })}
                {move || {
                    refusal()
                        .map(|problem| {
                            view! {
                                <div class="message failure" role="alert">
                                    <Icon glyph=Glyph::Warning />
                                    <p>
                                        <span class="message-text">{problem.message}</span>
                                        <span class="message-hint">{problem.hint}</span>
                                    </p>
                                    <button type="button" on:click=move |_| session.renew_plan()>
                                        "Plan again"
                                    </button>
                                </div>
                            }
                        })
                }}
                {(kind == RequestKind::Dismiss).then(|| view! { <ForEver /> })}
                {(kind == RequestKind::Retry)
                    .then(|| view! { <Choices plan=plan choices=choices /> })}
                {facts}
                <p class="rehearsal-note">
                    <Icon glyph=Glyph::Info />
                    <span>
                        <strong>"Rehearsal. "</strong>
                        {match kind {
                            RequestKind::Retry => {
                                "Nothing is sent: system failures clear, other failures clear only where their cause is marked as fixed, concurrency failures are never retried. Shares of cleared records come from this model too."
                            }
                            RequestKind::Dismiss => {
                                "Nothing is sent to finance and operations: the records are dismissed in this desk only."
                            }
                        }}
                    </span>
                </p>
                <label class="field">
                    <span>"Reason" <i>" (optional, kept with the request)"</i></span>
                    <input
                        type="text"
                        maxlength="500"
                        on:input:target=move |event| reason.set(event.target().value())
                    />
                </label>
                {move || {
                    is_typed.get().then(|| view! { <TypedCount eligible=eligible.get() typed=typed /> })
                }}
            </div>
            <footer class="dialog-foot">
                {(kind == RequestKind::Dismiss)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="foot-start"
                                title="The records that would be dismissed, as CSV: afterwards there is no way back to them"
                                data-testid="plan-copy"
                                on:click=move |_| session.export_plan(plan_id())
                            >
                                <Icon glyph=Glyph::Export />
                                "Download a copy first"
                            </button>
                        }
                    })}
                <button
                    type="button"
                    title="What to enter in finance and operations for these records"
                    data-testid="plan-run-sheet"
                    on:click=move |_| session.run_sheet.set(Some(RunSheetParams {
                        plan_id: Some(plan_id()),
                        ..RunSheetParams::default()
                    }))
                >
                    "Run sheet \u{2026}"
                </button>
                <button
                    type="button"
                    data-testid="plan-cancel"
                    autofocus
                    on:click=move |_| session.close_plan()
                >
                    "Cancel"
                </button>
                <button
                    type="submit"
                    data-testid="plan-confirm"
                    class=match kind {
                        RequestKind::Retry => "primary",
                        RequestKind::Dismiss => "danger",
                    }
                    disabled=move || {
                        busy() || session.planning.get() || obstacle.with(Option::is_some)
                            || !is_confirmed.get()
                    }
                    aria-describedby="plan-obstacle plan-typed"
                >
                    {move || confirm_label(kind, eligible.get())}
                </button>
            </footer>
        </form>
    }
    .into_any()
}

/// What keeps the plan from being confirmed, with the way out.
#[component]
fn Hindrance(obstacle: Obstacle) -> impl IntoView {
    let (text, hint) = obstacle_words(&obstacle);
    view! {
        <div class="message warning" role="status" id="plan-obstacle">
            <Icon glyph=Glyph::Warning />
            <p>
                <span class="message-text">{text}</span>
                <span class="message-hint">{hint}</span>
            </p>
        </div>
    }
}

/// A large dismissal is not confirmed by a press alone.
#[component]
fn TypedCount(eligible: usize, typed: RwSignal<String>) -> impl IntoView {
    let state = move || {
        typed.with(|text| match text.trim() {
            "" => "The button waits for this number.",
            text if plan_words::is_count(text, eligible) => "The number is right.",
            _ => "This is not the number of records that would be dismissed.",
        })
    };
    view! {
        <label class="field">
            <span>
                "Type " <b>{numbers::count(eligible)}</b> " to dismiss so many records for ever"
            </span>
            <input
                type="text"
                inputmode="numeric"
                autocomplete="off"
                data-testid="plan-typed"
                aria-describedby="plan-typed"
                on:input:target=move |event| typed.set(event.target().value())
            />
            <span id="plan-typed" class="quiet-text" role="status">
                {state}
            </span>
        </label>
    }
}

#[component]
fn ForEver() -> impl IntoView {
    let session = session();
    view! {
        <div class="message warning">
            <Icon glyph=Glyph::Warning />
            <p>
                <span class="message-text">
                    "Dismissing is for ever: these records leave every list, count and export, and opening the same dump again does not bring them back."
                </span>
                <span class="message-hint">
                    {move || {
                        let seconds = session
                            .settings
                            .with(|settings| settings.as_ref().map_or(0, |on| on.dismiss_hold_seconds));
                        if seconds > 0 {
                            format!(
                                "The request waits {} before it starts; until then it can be withdrawn.",
                                numbers::counted(seconds as usize, "second"),
                            )
                        } else {
                            "It starts at once: the waiting time is set to 0.".to_owned()
                        }
                    }}
                </span>
            </p>
        </div>
    }
}
