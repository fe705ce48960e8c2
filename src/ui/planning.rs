//! Plans on the screen: made, chosen of, confirmed.
//!
//! Invariant: what is confirmed is what is shown. A choice makes the plan anew, and until its answer is there nothing can be
//! confirmed.

use leptos::prelude::*;

use crate::domain::{Filter, RequestKind, RetryVerdict};
use crate::platform::task::detach;
use crate::presentation::{labels, numbers};
use crate::protocol::{Call, PlanParams, PlanView, Problem, RampParams, SubmitParams, Submitted};

use super::session::{PlanChoices, PlanOnShow, Session};

impl Session {
    /// Asks what a retry or dismissal of the selection would do, or of everything that matches where nothing is
    /// selected; then shows the plan. Nothing is started.
    pub(super) fn plan_action(self, kind: RequestKind) {
        if self.planning.get_untracked() {
            return;
        }
        let filter = self.filter.get_untracked();
        let ids: Vec<String> = self.selection.with_untracked(|picked| picked.ids().to_vec());
        // Of several errors of one record the newest retry covers all.
        let leave_out = match kind {
            RequestKind::Retry => vec![RetryVerdict::Superseded],
            RequestKind::Dismiss => vec![],
        };
        let choices = PlanChoices { ramp: None, leave_out };
        self.planning.set(true);
        let call = plan_call(kind, &filter, &ids, &choices);
        self.plans.ask(self, call, move |answer| {
            self.planning.set(false);
            match answer {
                Ok(plan) => {
                    let picked = !ids.is_empty();
                    let (refusal, busy) = (None, false);
                    let made_with = choices.clone();
                    let shown =
                        PlanOnShow { plan, filter, picked, ids, choices, made_with, refusal, busy };
                    self.plan.set(Some(shown));
                }
                Err(problem) => self.fail(&problem),
            }
        });
    }

    /// Makes the plan on show anew with other choices, for the same selection. Where that fails the plan stays, and with it
    /// the choices it was made with. One that is being submitted is not changed.
    pub(super) fn choose(self, choose: impl FnOnce(&mut PlanChoices)) {
        let Some(mut shown) = self.plan.get_untracked().filter(|shown| !shown.busy) else { return };
        choose(&mut shown.choices);
        let PlanOnShow { plan, filter, ids, choices, .. } = shown;
        self.change_plan(|shown| shown.choices = choices.clone());
        self.planning.set(true);
        let call = plan_call(plan.kind, &filter, &ids, &choices);
        self.plans.ask(self, call, move |answer: Result<PlanView, Problem>| {
            self.planning.set(false);
            self.change_plan(|shown| match answer {
                Ok(plan) => {
                    (shown.plan, shown.made_with, shown.refusal) = (plan, choices, None);
                }
                Err(problem) => {
                    shown.choices = shown.made_with.clone();
                    shown.refusal = Some(problem);
                }
            });
        });
    }

    /// Closes the plan on show; nobody waits for another one any more.
    pub(super) fn close_plan(self) {
        if self.plan.with_untracked(Option::is_some) {
            self.plan.set(None);
        }
        self.plans.forget();
        self.planning.set(false);
    }

    /// Submits the plan on show.
    pub(super) fn confirm_plan(self, reason: String) {
        // What is submitted is what is shown: no plan that is about to be another one.
        let is_settled = |shown: &PlanOnShow| !shown.busy && shown.choices == shown.made_with;
        let Some(shown) = self.plan.get_untracked().filter(is_settled) else { return };
        self.change_plan(|shown| shown.busy = true);
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let params =
            SubmitParams { plan_id: Some(shown.plan.plan_id), reason, ..SubmitParams::default() };
        detach(async move {
            let answer: Result<Submitted, Problem> = self.ask(Call::Submit(params)).await;
            let is_on_show = self.plan.with_untracked(|now| {
                now.as_ref().is_some_and(|now| now.plan.plan_id == shown.plan.plan_id)
            });
            match answer {
                Ok(submitted) => {
                    if is_on_show {
                        self.close_plan();
                    }
                    if shown.picked {
                        self.selection.update(|selection| selection.clear());
                    }
                    let count = numbers::counted(shown.plan.eligible, "record");
                    let numbers: Vec<String> =
                        submitted.request_ids.iter().map(|id| format!("#{id}")).collect();
                    let numbers = match numbers.as_slice() {
                        [first, .., last] if numbers.len() > 7 => format!("{first} to {last}"),
                        _ => numbers.join(", "),
                    };
                    let noun = labels::request_noun(shown.plan.kind);
                    let word =
                        if submitted.request_ids.len() == 1 { "request" } else { "requests" };
                    let shelved = shown.plan.parts.iter().filter(|part| part.shelved).count();
                    let shelf = match shelved {
                        0 => String::new(),
                        some => format!("; {some} on the shelf until places come free"),
                    };
                    self.succeed(format!("Queued: {noun} of {count}, {word} {numbers}{shelf}"));
                    if !self.narrow.get_untracked() {
                        self.queue_open.set(true);
                    }
                    self.refresh_queue();
                }
                Err(problem) if is_on_show => self.change_plan(|shown| {
                    shown.busy = false;
                    shown.refusal = Some(problem);
                }),
                // The dialog was closed meanwhile.
                Err(problem) => self.fail(&problem),
            }
        });
    }

    /// Makes the plan on show anew, after something has stood in its way.
    pub(super) fn renew_plan(self) {
        self.choose(|_| ());
    }

    fn change_plan(self, change: impl FnOnce(&mut PlanOnShow)) {
        self.plan.update(|shown| {
            if let Some(shown) = shown {
                change(shown);
            }
        });
    }
}

fn plan_call(kind: RequestKind, filter: &Filter, ids: &[String], choices: &PlanChoices) -> Call {
    let picked = !ids.is_empty();
    Call::Plan(PlanParams {
        kind,
        filter: (!picked).then(|| filter.clone()),
        ids: picked.then(|| ids.to_vec()),
        ramp: choices.ramp.map(|percent| RampParams { threshold: Some(percent) }),
        leave_out: choices.leave_out.clone(),
    })
}
