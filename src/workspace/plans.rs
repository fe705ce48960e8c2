//! Plans: made, kept for a while, submitted as they were shown.

use std::collections::{BTreeMap, VecDeque};

use serde_json::json;

use super::engine::{Decision, Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::domain::{
    Candidate, Column, Exclusion, Filter, JobId, Plan, RecordId, Refusal, Request, RequestDraft,
    RequestId, RequestKind, Timestamp,
};
use crate::import::without_credentials;
use crate::protocol::{
    Code, Excluded, FacetValue, Facets, PartView, PlanIds, PlanParams, PlanView, Problem,
    SubmitParams, Submitted,
};

/// Plans that can still be submitted. Older ones expire: what they show may no longer be so.
const KEPT: usize = 8;

/// Values of a breakdown.
const BREAKDOWN_VALUES: usize = 12;

/// Most ids of one window.
const WINDOW: usize = 10_000;

struct Kept {
    id: u64,
    plan: Plan,
    filter_text: String,
}

/// The plans made last.
#[derive(Default)]
pub(super) struct Shelf {
    plans: VecDeque<Kept>,
    last: u64,
}

impl Shelf {
    pub(super) fn clear(&mut self) {
        self.plans.clear();
    }

    /// Ids rise over all lives of the engine, so that a plan of one that has ended is never taken for another.
    fn keep(&mut self, plan: Plan, filter_text: String, now: Timestamp) -> u64 {
        self.last = (self.last + 1).max(now.millis().max(0) as u64);
        self.plans.push_back(Kept { id: self.last, plan, filter_text });
        if self.plans.len() > KEPT {
            self.plans.pop_front();
        }
        self.last
    }

    fn find(&self, id: u64) -> Result<&Kept, Problem> {
        let expired = || {
            Problem::new(
                Code::PlanExpired,
                "The plan is not there any more",
                "Make the plan again and look at it before submitting",
            )
        };
        self.plans.iter().find(|kept| kept.id == id).ok_or_else(expired)
    }
}

/// What a plan is for, the filter in words, and the records of its parts.
pub(super) type PlannedParts = (RequestKind, String, Vec<Vec<RecordId>>);

impl Shelf {
    /// The records of a plan, part by part in the order of work.
    pub(super) fn parts(&self, id: u64) -> Result<PlannedParts, Problem> {
        let Kept { plan, filter_text, .. } = self.find(id)?;
        let parts = plan.parts.iter().map(|part| part.batch.records().to_vec()).collect();
        Ok((plan.kind, filter_text.clone(), parts))
    }
}

/// The records a user means, in words and by id.
struct Selected {
    records: Vec<RecordId>,
    words: String,
    /// Listed one by one, rather than described.
    listed: bool,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Makes a plan and keeps it. Nothing is submitted.
    pub async fn plan(&self, params: PlanParams) -> Result<PlanView, Problem> {
        let view = {
            let state = self.see();
            let selected = select(&state, params.filter, params.ids)?;
            let plan = make_plan(&state, params.kind, &selected.records);
            let view = self.view(&state, &plan, &selected.words);
            let plan_id = self.plans.borrow_mut().keep(plan, selected.words, self.clock.now());
            PlanView { plan_id, ..view }
        };
        let line = json!({
            "planId": view.plan_id, "kind": view.kind, "filter": view.filter_text, "matched": view.matched,
            "eligible": view.eligible, "digest": view.digest,
        });
        self.note("planned", line);
        Ok(view)
    }

    /// A window of the records of one part.
    pub fn plan_records(
        &self,
        plan_id: u64,
        part: usize,
        offset: usize,
        limit: usize,
    ) -> Result<PlanIds, Problem> {
        let plans = self.plans.borrow();
        let plan = &plans.find(plan_id)?.plan;
        let part = plan.parts.get(part).ok_or_else(|| {
            Problem::invalid(format!(
                "Plan {plan_id} has {} parts, and part {part} was asked for",
                plan.parts.len()
            ))
        })?;
        let state = self.see();
        let records = part.batch.records();
        let window = records.iter().skip(offset).take(limit.min(WINDOW));
        let ids = window.filter_map(|record| state.table.id_text(*record)).collect();
        Ok(PlanIds { total: records.len(), ids })
    }

    /// The records that a plan would work on, in the dump's order, and what it was made from.
    pub(super) fn planned(&self, plan_id: u64) -> Result<(String, Vec<RecordId>), Problem> {
        let plans = self.plans.borrow();
        let kept = plans.find(plan_id)?;
        let parts = kept.plan.parts.iter();
        let mut records: Vec<RecordId> =
            parts.flat_map(|part| part.batch.records().iter().copied()).collect();
        records.sort_unstable();
        Ok((kept.filter_text.clone(), records))
    }

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
        self.enqueue(drafts, json!({ "planId": plan_id, "parts": parts, "digest": digest })).await
    }

    async fn submit_one(
        &self,
        kind: RequestKind,
        job: JobId,
        filter: Option<Filter>,
        ids: Option<Vec<String>>,
        reason: Option<String>,
    ) -> Result<Submitted, Problem> {
        let draft = {
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
            let plan = make_plan(&state, kind, &selected.records);
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
            RequestDraft { job, kind, records, filter_text: selected.words, reason, rehearsal }
        };
        self.enqueue(vec![draft], json!({})).await
    }

    async fn enqueue(
        &self,
        drafts: Vec<RequestDraft>,
        origin: serde_json::Value,
    ) -> Result<Submitted, Problem> {
        let mut request_ids: Vec<RequestId> = Vec::new();
        self.change(|state, now| {
            // The records of a plan may have changed since it was made; what is gone is refused, not skipped silently.
            check_still_there(state, &drafts)?;
            let change = refused(state.queue.submit(drafts, now))?;
            check_still_allowed(state, &change.requests)?;
            request_ids = change.requests.iter().map(|request| request.id).collect();
            let lines = change
                .requests
                .iter()
                .map(|request| {
                    let details = json!({
                        "requestId": request.id, "jobId": request.job, "kind": request.kind,
                        "records": request.batch.len(), "digest": request.batch.digest().to_string(),
                        "filter": request.filter_text, "reason": request.reason, "origin": origin,
                    });
                    ("submitted", details)
                })
                .collect();
            Ok((Decision::queue(change), lines))
        })
        .await?;
        Ok(Submitted { request_ids })
    }

    fn view(&self, state: &State, plan: &Plan, words: &str) -> PlanView {
        let records: Vec<RecordId> =
            plan.parts.iter().flat_map(|part| part.batch.records().iter().copied()).collect();
        PlanView {
            plan_id: 0,
            kind: plan.kind,
            matched: plan.matched,
            eligible: records.len(),
            excluded: plan
                .excluded
                .iter()
                .map(|(reason, count)| Excluded { reason: *reason, count: *count })
                .collect(),
            parts: plan
                .parts
                .iter()
                .map(|part| PartView {
                    job: part.job.clone(),
                    count: part.batch.len(),
                    places: state.queue.free_places(&part.job),
                })
                .collect(),
            digest: plan.digest.to_string(),
            filter_text: words.to_owned(),
            breakdown: breakdown(state, &records),
            span: state.table.span_of(&records),
        }
    }
}

fn select(
    state: &State,
    filter: Option<Filter>,
    ids: Option<Vec<String>>,
) -> Result<Selected, Problem> {
    match (filter, ids) {
        (Some(filter), None) => {
            let words = words_of(&filter);
            Ok(Selected {
                records: state.table.ids(&super::queries::resolved(filter), None),
                words,
                listed: false,
            })
        }
        (None, Some(ids)) => {
            let mut records = Vec::with_capacity(ids.len());
            for id in &ids {
                let record = state
                    .table
                    .find(id)
                    .ok_or_else(|| Problem::invalid(format!("There is no record '{id}'")))?;
                records.push(record);
            }
            records.sort_unstable();
            records.dedup();
            let words = if records.len() == 1 {
                "1 chosen record".to_owned()
            } else {
                format!("{} chosen records", records.len())
            };
            Ok(Selected { records, words, listed: true })
        }
        _ => Err(Problem::invalid("Give either a filter or ids, and not both")),
    }
}

/// A filter in words, as requests and the journal keep it for ever: what was looked for is part of what was done, but no
/// credential that somebody pasted.
pub(super) fn words_of(filter: &Filter) -> String {
    without_credentials(&filter.to_string()).into_owned()
}

fn make_plan(state: &State, kind: RequestKind, records: &[RecordId]) -> Plan {
    let candidates = state.table.candidates(records.iter().copied());
    let candidates =
        candidates.map(|row| Candidate { state: state.rule_state(row.id, row.state), ..row });
    Plan::new(kind, candidates, state.queue.limits())
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

/// What was eligible when the plan was made may have been cleared since: a plan is submitted as shown, or not at all.
fn check_still_allowed(state: &State, requests: &[Request]) -> Result<(), Problem> {
    let excluded = |request: &Request| {
        let plan = make_plan(state, request.kind, request.batch.records());
        plan.excluded.values().sum::<usize>()
    };
    let count: usize = requests.iter().map(excluded).sum();
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

fn breakdown(state: &State, records: &[RecordId]) -> Facets {
    [Column::Entity, Column::Category, Column::DataSource]
        .into_iter()
        .map(|column| {
            let mut values: Vec<FacetValue> = state
                .table
                .tally(records, column)
                .into_iter()
                .map(|(value, count)| FacetValue { value, count })
                .collect();
            values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            if values.len() > BREAKDOWN_VALUES {
                let rest = values.split_off(BREAKDOWN_VALUES - 1);
                let count = rest.iter().map(|value| value.count).sum();
                values.push(FacetValue { value: format!("{} others", rest.len()), count });
            }
            (column, values)
        })
        .collect()
}
