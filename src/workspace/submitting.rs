//! Submissions: a plan as it was shown, or exactly one request.
//!
//! Parts of a plan that find no free place wait on the shelf; a single request is refused there.
//!
//! Invariant: a plan is submitted as it was shown, or not at all.

use std::collections::BTreeMap;

use serde_json::json;

use super::engine::{Decision, Workspace, moved_up_lines, refused};
use super::plans::select;
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::domain::{
    Candidate, DraftGate, Exclusion, Filter, JobId, PlanOptions, QueueChange, Refusal, Request,
    RequestDraft, RequestId, RequestKind, RequestQueue, RequestState, Timestamp, exclusion,
};
use crate::import::without_credentials;
use crate::protocol::{Code, Problem, SubmitParams, Submitted};

/// How requests come into the queue.
type Take = fn(&RequestQueue, Vec<RequestDraft>, Timestamp) -> Result<QueueChange, Refusal>;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Submits a plan as it was shown, all parts or none; or makes exactly one request of one job.
    pub async fn submit(&self, params: SubmitParams) -> Result<Submitted, Problem> {
        self.see().check_submissions()?;
        let SubmitParams { plan_id, kind, job_id, filter, ids, reason } = params;
        let reason = reason.map(|reason| without_credentials(&reason).into_owned());
        match (plan_id, kind, job_id) {
            (Some(plan), None, None) if filter.is_none() && ids.is_none() => {
                self.submit_plan(plan, reason).await
            }
            (None, Some(kind), Some(job)) => self.submit_one(kind, job, filter, ids, reason).await,
            _ => Err(Problem::invalid(
                "Submit takes either { planId } or { kind, jobId } with a filter or ids",
            )),
        }
    }

    async fn submit_plan(
        &self,
        plan_id: u64,
        reason: Option<String>,
    ) -> Result<Submitted, Problem> {
        let (parts, digest, drafts) = {
            let plans = self.plans.borrow();
            let kept = plans.find(plan_id)?;
            let drafts: Vec<RequestDraft> = kept
                .plan
                .parts
                .iter()
                .map(|part| RequestDraft {
                    job: part.job.clone(),
                    kind: kept.plan.kind,
                    records: part.batch.records().to_vec(),
                    gate: part
                        .after
                        .zip(kept.plan.ramp)
                        .map(|(after, ramp)| DraftGate { after, threshold: ramp.threshold }),
                    filter_text: kept.filter_text.clone(),
                    reason: reason.clone(),
                    rehearsal: self.gateway.is_rehearsal(),
                })
                .collect();
            if drafts.is_empty() {
                return Err(nothing_eligible(&kept.plan.excluded));
            }
            (kept.plan.parts.len(), kept.plan.digest.to_string(), drafts)
        };
        let origin = json!({ "planId": plan_id, "parts": parts, "digest": digest });
        self.enqueue(drafts, origin, RequestQueue::submit_or_shelve).await
    }

    async fn submit_one(
        &self,
        kind: RequestKind,
        job: JobId,
        filter: Option<Filter>,
        ids: Option<Vec<String>>,
        reason: Option<String>,
    ) -> Result<Submitted, Problem> {
        let selected = {
            let state = self.see();
            let status = &refused(state.queue.job(&job))?.status;
            if !status.is_active() {
                return Err(Refusal::JobNotActive { job, status: status.clone() }.into());
            }
            if state.queue.free_places(&job) == 0 {
                let limit = state.queue.limits().requests_per_job;
                return Err(Refusal::QueueFull {
                    count: state.queue.open(&job).count(),
                    asked: 1,
                    limit,
                    job,
                }
                .into());
            }
            let mut selected = select(&state, filter, ids)?;
            let matched = selected.records.len();
            let own = state.table.candidates(selected.records).filter(|row| row.job == job.0);
            selected.records = own.map(|row| row.id).collect();
            if selected.listed && selected.records.len() < matched {
                let foreign = matched - selected.records.len();
                return Err(Problem::invalid(format!(
                    "{foreign} of the records do not belong to integration job '{job}'"
                )));
            }
            selected
        };
        // Within a request, too, parents are retried first.
        let wipes = self.wipes.get();
        let order = self.table_order(kind, &selected.records).await;
        if self.wipes.get() != wipes {
            return Err(replaced());
        }
        let draft = {
            let state = self.see();
            let options = PlanOptions { order, ..PlanOptions::default() };
            let plan = state.make_plan(kind, &selected.records, &options);
            if plan.parts.is_empty() || (selected.listed && !plan.excluded.is_empty()) {
                return Err(nothing_eligible(&plan.excluded));
            }
            let count = plan.eligible();
            let limit = state.queue.limits().records_per_request;
            if count > limit {
                return Err(Refusal::TooManyRecords { count, limit }.into());
            }
            let records =
                plan.parts.into_iter().flat_map(|part| part.batch.records().to_vec()).collect();
            let rehearsal = self.gateway.is_rehearsal();
            let filter_text = selected.words;
            RequestDraft { job, kind, records, gate: None, filter_text, reason, rehearsal }
        };
        self.enqueue(vec![draft], json!({}), RequestQueue::submit).await
    }

    async fn enqueue(
        &self,
        drafts: Vec<RequestDraft>,
        origin: serde_json::Value,
        take: Take,
    ) -> Result<Submitted, Problem> {
        let mut request_ids: Vec<RequestId> = Vec::new();
        self.change(|state, now| {
            // The records of a plan may have changed since it was made; what is gone is refused, not skipped silently.
            check_still_there(state, &drafts)?;
            let change = refused(take(&state.queue, drafts, now))?;
            // What moves up with them was submitted before.
            let is_new = |request: &&Request| state.queue.request(request.id).is_err();
            let new: Vec<&Request> = change.requests.iter().filter(is_new).collect();
            check_still_allowed(state, &new)?;
            request_ids = new.iter().map(|request| request.id).collect();
            let lines = new
                .into_iter()
                .map(|request| {
                    let shelved = request.state == RequestState::Shelved;
                    let after = request.gate.map(|gate| gate.after);
                    let details = json!({
                        "requestId": request.id, "jobId": request.job, "kind": request.kind,
                        "records": request.batch.len(), "digest": request.batch.digest().to_string(),
                        "filter": request.filter_text, "reason": request.reason, "origin": origin,
                        "shelved": shelved, "after": after,
                    });
                    ("submitted", details)
                })
                .chain(moved_up_lines(state, &change))
                .collect();
            Ok((Decision::queue(change), lines))
        })
        .await?;
        Ok(Submitted { request_ids })
    }
}

fn nothing_eligible(excluded: &BTreeMap<Exclusion, usize>) -> Problem {
    let count = |reason| excluded.get(&reason).copied().unwrap_or(0);
    let requested = count(Exclusion::AlreadyRequested);
    let not_retriable = count(Exclusion::NotRetriable);
    if requested > 0 {
        Refusal::AlreadyRequested { count: requested }.into()
    } else if not_retriable > 0 {
        Refusal::NotRetriable { count: not_retriable }.into()
    } else {
        Refusal::NothingSelected.into()
    }
}

fn replaced() -> Problem {
    Problem::new(
        Code::PlanExpired,
        "The records were removed or replaced while the request was made",
        "Look at what is here now, and submit again",
    )
}

/// What was eligible when the plan was made may have been cleared since: a plan is submitted as shown, or not at all.
fn check_still_allowed(state: &State, requests: &[&Request]) -> Result<(), Problem> {
    let excluded = |request: &Request| {
        let records = request.batch.records().iter().copied();
        let candidates = state.table.candidates(records);
        let is_excluded = |row: &Candidate<'_>| {
            let holder = state.queue.holder(row.id);
            exclusion(request.kind, &Candidate { holder, ..row.clone() }).is_some()
        };
        candidates.filter(is_excluded).count()
    };
    let count: usize = requests.iter().copied().map(excluded).sum();
    if count == 0 {
        return Ok(());
    }
    Err(Problem::new(
        Code::PlanExpired,
        format!("{count} of the planned records were cleared since the plan was made"),
        "Make the plan again and look at it before submitting",
    ))
}

fn check_still_there(state: &State, drafts: &[RequestDraft]) -> Result<(), Problem> {
    let planned: usize = drafts.iter().map(|draft| draft.records.len()).sum();
    let records = drafts.iter().flat_map(|draft| draft.records.iter().copied());
    let gone = planned - state.table.candidates(records).count();
    if gone == 0 {
        return Ok(());
    }
    Err(Problem::new(
        Code::PlanExpired,
        format!("{gone} of the planned records are gone since the plan was made"),
        "Make the plan again and look at it before submitting",
    ))
}
