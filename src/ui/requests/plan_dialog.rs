//! The confirmation: exactly what would be done, and nothing is done before it is confirmed.

use leptos::prelude::*;

use crate::domain::RequestKind;
use crate::presentation::plan_words::{
    self, JobShare, Obstacle, confirm_label, obstacle, obstacle_words,
};
use crate::presentation::{conditions, dates, labels, numbers};
use crate::protocol::{PlanView, RunSheetParams};
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
    // The form is drawn anew only for another plan, so that a refusal does not take the typed reason away.
    let plan = Memo::new(move |_| {
        session.plan.with(|shown| {
            shown.as_ref().map(|shown| PlanOnShow { refusal: None, busy: false, ..shown.clone() })
        })
    });
    view! {
        <Modal
            open=open
            on_close=move |()| session.plan.set(None)
            title=title
            test_id="plan-dialog"
            class="plan"
        >
            {move || plan.get().map(|shown| view! { <PlanForm shown=shown /> })}
        </Modal>
    }
}

#[component]
fn PlanForm(shown: PlanOnShow) -> impl IntoView {
    let session = session();
    let PlanOnShow { plan, filter, picked, .. } = shown;
    let kind = plan.kind;
    let eligible = plan.eligible;
    let plan_id = plan.plan_id;
    let reason = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let is_typed = plan_words::is_typed(kind, eligible);
    let is_confirmed =
        Memo::new(move |_| !is_typed || typed.with(|text| plan_words::is_count(text, eligible)));
    let for_obstacle = plan.clone();
    let obstacle = Memo::new(move |_| session.jobs.with(|jobs| obstacle(&for_obstacle, jobs)));
    let refusal =
        move || session.plan.with(|shown| shown.as_ref().and_then(|on| on.refusal.clone()));
    let busy = move || session.plan.with(|shown| shown.as_ref().is_some_and(|on| on.busy));
    let scope = if picked {
        format!("the records you selected, under the filter: {}", conditions::describe(&filter))
    } else {
        conditions::describe(&filter)
    };
    let span = plan.span.map(|(first, last)| {
        format!("{} to {}", dates::date_time(first), dates::date_time_zone(last))
    });
    let digest: String = plan.digest.chars().take(12).collect();
    let excluded = plan
        .excluded
        .iter()
        .map(|left_out| {
            view! {
                <li>
                    <b>{numbers::count(left_out.count)}</b>
                    " "
                    {labels::exclusion(left_out.reason)}
                </li>
            }
        })
        .collect_view();
    let has_excluded = !plan.excluded.is_empty();
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
                <p class="plan-count" data-testid="plan-count" data-count=eligible.to_string()>
                    <strong>{numbers::counted(eligible, "record")}</strong>
                    " will be "
                    {match kind {
                        RequestKind::Retry => "retried",
                        RequestKind::Dismiss => "dismissed",
                    }}
                    {(eligible != plan.matched)
                        .then(|| format!(", of {} matched", numbers::count(plan.matched)))}
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
                <dl class="facts wide">
                    <div>
                        <dt>"Filter"</dt>
                        <dd>{scope}</dd>
                    </div>
                    {span
                        .map(|span| {
                            view! {
                                <div>
                                    <dt>"Occurred"</dt>
                                    <dd>{span}</dd>
                                </div>
                            }
                        })}
                    <div>
                        <dt>"Requests"</dt>
                        <dd>
                            <Shares shares=plan_words::shares(&plan) />
                        </dd>
                    </div>
                    {has_excluded
                        .then(|| {
                            view! {
                                <div>
                                    <dt>"Left out"</dt>
                                    <dd>
                                        <ul class="plain">{excluded}</ul>
                                    </dd>
                                </div>
                            }
                        })}
                    <div>
                        <dt>"Fingerprint"</dt>
                        <dd>
                            <code title=plan.digest.clone()>{digest}</code>
                            <span class="quiet-text">
                                " of the record set; records loaded later are never touched"
                            </span>
                        </dd>
                    </div>
                </dl>
                <Breakdown plan=plan.clone() />
                <p class="rehearsal-note">
                    <Icon glyph=Glyph::Info />
                    <span>
                        <strong>"Rehearsal. "</strong>
                        {match kind {
                            RequestKind::Retry => {
                                "Nothing is sent: system failures clear, other failures clear only where their cause is marked as fixed, concurrency failures are never retried."
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
                {is_typed.then(|| view! { <TypedCount eligible=eligible typed=typed /> })}
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
                                on:click=move |_| session.export_plan(plan_id)
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
                        plan_id: Some(plan_id),
                        ..RunSheetParams::default()
                    }))
                >
                    "Run sheet \u{2026}"
                </button>
                <button
                    type="button"
                    data-testid="plan-cancel"
                    autofocus
                    on:click=move |_| session.plan.set(None)
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
                        busy() || obstacle.with(Option::is_some) || !is_confirmed.get()
                    }
                    aria-describedby="plan-obstacle plan-typed"
                >
                    {confirm_label(kind, eligible)}
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

#[component]
fn Shares(shares: Vec<JobShare>) -> impl IntoView {
    let lines = shares
        .into_iter()
        .map(|share| {
            let parts: Vec<String> = share.parts.iter().map(|part| numbers::count(*part)).collect();
            let sizes = if parts.len() > 6 {
                format!("{}, … {}", parts[..4].join(", "), parts[parts.len() - 1])
            } else {
                parts.join(" + ")
            };
            let free = numbers::counted(share.places, "free place");
            view! {
                <li>
                    <b>{share.job.to_string()}</b>
                    ": "
                    {numbers::counted(parts.len(), "request")}
                    " of "
                    {sizes}
                    <span class="quiet-text">", " {free}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain">{lines}</ul> }
}

/// Values shown per dimension.
const TOP: usize = 5;

#[component]
fn Breakdown(plan: PlanView) -> impl IntoView {
    let eligible = plan.eligible as u64;
    let blocks = plan
        .breakdown
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(column, values)| {
            let rest: usize = values.iter().skip(TOP).map(|value| value.count).sum();
            let kinds = values.len().saturating_sub(TOP);
            let lines = values
                .into_iter()
                .take(TOP)
                .map(|value| {
                    let share = numbers::percent(value.count as u64, eligible);
                    view! {
                        <li>
                            <span class="ellipsis">{labels::value(&value.value).into_owned()}</span>
                            <span class="bar" style=format!("--share:{share}%")></span>
                            <b class="number">{numbers::count(value.count)}</b>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <section>
                    <h3>{labels::column(column)}</h3>
                    <ul class="plain shares">
                        {lines}
                        {(kinds > 0)
                            .then(|| {
                                view! {
                                    <li class="quiet-text">
                                        <span>{format!("{} more", numbers::count(kinds))}</span>
                                        <span></span>
                                        <b class="number">{numbers::count(rest)}</b>
                                    </li>
                                }
                            })}
                    </ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="breakdown">{blocks}</div> }
}
