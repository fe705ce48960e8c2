//! What the user may choose of a plan before it is confirmed. Each choice makes the plan anew, with its exact numbers.

use leptos::prelude::*;

use crate::domain::{Ramp, RetryVerdict};
use crate::presentation::{numbers, plan_words};
use crate::protocol::PlanView;
use crate::ui::session::{PlanChoices, session};

/// Choices of a retry.
#[component]
pub(super) fn Choices(
    /// The plan on show.
    plan: Memo<Option<PlanView>>,
    /// What is chosen.
    choices: Memo<PlanChoices>,
) -> impl IntoView {
    let session = session();
    let threshold = move || choices.with(|on| on.ramp).unwrap_or(Ramp::default().threshold);
    let is_busy = move || session.plan.with(|shown| shown.as_ref().is_some_and(|on| on.busy));
    // The field of the threshold is drawn once, so that it keeps the focus.
    let is_ramped = Memo::new(move |_| choices.with(|on| on.ramp.is_some()));
    view! {
        <fieldset class="choices" disabled=is_busy>
            <legend>"Choices"</legend>
            <LeaveOut
                plan=plan
                choices=choices
                verdict=RetryVerdict::Superseded
                test_id="plan-leave-superseded"
                words="superseded by a newer error of the same record: a retry sends the record as it is now, so one covers both"
            />
            <LeaveOut
                plan=plan
                choices=choices
                verdict=RetryVerdict::PointlessUntilFixed
                test_id="plan-leave-pointless"
                words="that will most likely fail again until their cause is fixed"
            />
            <div class="plan-choice">
                <label>
                    <input
                        type="checkbox"
                        data-testid="plan-ramp"
                        prop:checked=move || is_ramped.get()
                        on:change:target=move |event| {
                            let ramp = event.target().checked().then(|| untrack(threshold));
                            session.choose(|choices| choices.ramp = ramp);
                        }
                    />
                    "Begin with few: 1 record, then 10, then 100, then the rest"
                </label>
                {move || {
                    is_ramped
                        .get()
                        .then(|| {
                            view! {
                                <label class="threshold">
                                    "each step once "
                                    <input
                                        type="number"
                                        min="1"
                                        max="100"
                                        data-testid="plan-threshold"
                                        aria-label="Percentage of a step that must clear before the next one goes"
                                        prop:value=move || threshold().to_string()
                                        on:change:target=move |event| {
                                            let typed = event.target().value().trim().parse::<u8>().ok();
                                            if let Some(percent) = typed.filter(|on| (1..=100).contains(on)) {
                                                session.choose(|choices| choices.ramp = Some(percent));
                                            } else {
                                                event.target().set_value(&untrack(threshold).to_string());
                                            }
                                        }
                                    />
                                    " % of the one before have cleared"
                                </label>
                            }
                        })
                }}
            </div>
        </fieldset>
    }
    .into_any()
}

/// Whether records of a verdict are left out. Nothing is shown where there are none.
#[component]
fn LeaveOut(
    plan: Memo<Option<PlanView>>,
    choices: Memo<PlanChoices>,
    verdict: RetryVerdict,
    test_id: &'static str,
    words: &'static str,
) -> impl IntoView {
    let session = session();
    let count = Memo::new(move |_| {
        plan.with(|plan| plan.as_ref().map_or(0, |plan| plan_words::judged(plan, verdict)))
    });
    move || {
        (count.get() > 0).then(|| {
            view! {
                <label class="plan-choice">
                    <input
                        type="checkbox"
                        data-testid=test_id
                        prop:checked=move || choices.with(|on| on.leave_out.contains(&verdict))
                        on:change:target=move |event| {
                            let leaves = event.target().checked();
                            session
                                .choose(|choices| {
                                    choices.leave_out.retain(|other| *other != verdict);
                                    choices.leave_out.extend(leaves.then_some(verdict));
                                });
                        }
                    />
                    <span>
                        "Leave out " <b>{move || numbers::count(count.get())}</b> " " {words}
                    </span>
                </label>
            }
        })
    }
}
