//! Plans: made and kept for a while. Nothing is submitted here.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use serde_json::json;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::dataset::{Numbered, Superseded};
use crate::domain::{
    Candidate, Filter, Plan, PlanOptions, Planner, Ramp, RecordId, Remedy, RequestKind,
    RetryVerdict, Timestamp, VerdictFacts, VerdictReason,
};
use crate::import::without_credentials;
use crate::protocol::{Code, PlanIds, PlanParams, PlanView, Problem, RampParams};

/// Plans that can still be submitted. Older ones expire: what they show may no longer be so.
const KEPT: usize = 8;

/// Most ids of one window.
const WINDOW: usize = 10_000;

/// A plan that was shown.
pub(super) struct Kept {
    pub(super) id: u64,
    pub(super) plan: Plan,
    pub(super) filter_text: String,
}

/// The plans made last.
#[derive(Default)]
pub(super) struct KeptPlans {
    plans: VecDeque<Kept>,
    last: u64,
}

impl KeptPlans {
    pub(super) fn clear(&mut self) {
        self.plans.clear();
    }

    /// Ids rise over all lives of the engine, so that a plan of one that has ended is never taken for another.
    fn keep(&mut self, plan: Plan, filter_text: String, now: Timestamp) -> &Kept {
        self.last = (self.last + 1).max(now.millis().max(0) as u64);
        if self.plans.len() == KEPT {
            self.plans.pop_front();
        }
        self.plans.push_back(Kept { id: self.last, plan, filter_text });
        &self.plans[self.plans.len() - 1]
    }

    pub(super) fn find(&self, id: u64) -> Result<&Kept, Problem> {
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

impl KeptPlans {
    /// The records of a plan, part by part in the order of work.
    pub(super) fn parts(&self, id: u64) -> Result<PlannedParts, Problem> {
        let Kept { plan, filter_text, .. } = self.find(id)?;
        let parts = plan.parts.iter().map(|part| part.batch.records().to_vec()).collect();
        Ok((plan.kind, filter_text.clone(), parts))
    }
}

/// The records a user means, in words and by id.
pub(super) struct Selected {
    pub(super) records: Vec<RecordId>,
    pub(super) words: String,
    /// Listed one by one, rather than described.
    pub(super) listed: bool,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Makes a plan and keeps it. Nothing is submitted.
    pub async fn plan(&self, params: PlanParams) -> Result<PlanView, Problem> {
        let PlanParams { kind, filter, ids, ramp, leave_out } = params;
        let (ramp, leave_out) = (checked_ramp(kind, ramp)?, checked_leave_out(kind, leave_out)?);
        let is_whole = self.see().table.lacking().is_empty();
        let asked = (!is_whole).then(|| (filter.clone(), ids.clone()));
        let mut selected = select(&self.see(), filter, ids)?;
        let order = self.table_order(kind, &selected.records).await;
        if kind == RequestKind::Retry {
            // Verdicts ask for the keys of all records.
            self.load_whole().await;
        }
        let view = {
            let state = self.see();
            // While something was read, records may have come or gone.
            if let Some((filter, ids)) = asked {
                selected = select(&state, filter, ids)?;
            }
            let options = PlanOptions { order, ramp, judges: true, leave_out };
            let plan = state.make_plan(kind, &selected.records, &options);
            let mut plans = self.plans.borrow_mut();
            let kept = plans.keep(plan, selected.words, self.clock.now());
            state.plan_view(kept, &options.order, self.gateway.is_rehearsal())
        };
        let line = json!({
            "planId": view.plan_id, "kind": view.kind, "filter": view.filter_text, "matched": view.matched,
            "eligible": view.eligible, "excluded": view.excluded, "threshold": view.threshold, "digest": view.digest,
        });
        self.note_plan(line);
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
}

/// Records that are judged in one go.
const BLOCK: usize = 8_192;

/// What verdicts on many records are made of. Causes are few and numbered: what is said of each is asked once.
struct Judge {
    /// Newer errors of the same record are found by its key, which may have to be read first.
    superseded: Option<Rc<Superseded>>,
    remedies: Vec<Option<Remedy>>,
    fixed: Vec<Option<bool>>,
}

impl Judge {
    fn new(state: &State) -> Self {
        let causes = state.table.cause_numbers();
        let knows_keys = state.table.lacking().is_empty();
        Self {
            superseded: knows_keys.then(|| state.table.superseded()),
            remedies: vec![None; causes],
            fixed: vec![None; causes],
        }
    }

    fn verdict(&mut self, state: &State, row: &Numbered<'_>) -> (RetryVerdict, VerdictReason) {
        let Numbered { candidate: Candidate { id, category, .. }, own, cause, has_newer } = row;
        let remedy = *self.remedies[*own].get_or_insert_with(|| state.remedy(*id));
        let cause_fixed = *self.fixed[*cause].get_or_insert_with(|| state.has_fixed_cause(*id));
        let has_newer = *has_newer;
        RetryVerdict::of(&VerdictFacts { category, remedy, cause_fixed, has_newer })
    }
}

impl State {
    /// The plan for these records, as things stand.
    pub(super) fn make_plan(
        &self,
        kind: RequestKind,
        records: &[RecordId],
        options: &PlanOptions,
    ) -> Plan {
        let judges = options.judges && kind == RequestKind::Retry;
        let mut judge = judges.then(|| Judge::new(self));
        let mut planner = Planner::new(kind, options, records.len());
        // Browsers run what they meet for the first time slowly, and change over where it is called again: not within a call.
        for block in records.chunks(BLOCK) {
            self.take_block(block, judge.as_mut(), &mut planner);
        }
        planner.finish(self.queue.limits())
    }

    #[inline(never)]
    fn take_block<'a>(
        &'a self,
        records: &[RecordId],
        mut judge: Option<&mut Judge>,
        planner: &mut Planner<'a>,
    ) {
        let queue_is_empty = self.queue.holds_none();
        let superseded = judge.as_ref().and_then(|judge| judge.superseded.clone());
        for row in self.table.numbered_candidates(records, superseded.as_deref()) {
            let verdict = judge.as_mut().map(|judge| judge.verdict(self, &row));
            let holder = if queue_is_empty { None } else { self.queue.holder(row.candidate.id) };
            planner.take(&Candidate { holder, verdict, ..row.candidate });
        }
    }
}

fn checked_ramp(kind: RequestKind, ramp: Option<RampParams>) -> Result<Option<Ramp>, Problem> {
    let Some(RampParams { threshold }) = ramp else { return Ok(None) };
    if kind != RequestKind::Retry {
        return Err(Problem::invalid("Only a retry can be ramped up: nothing clears by dismissal"));
    }
    let threshold = threshold.unwrap_or(Ramp::default().threshold);
    if !(1..=100).contains(&threshold) {
        return Err(Problem::invalid(format!(
            "The threshold of a ramp is 1 to 100 percent, and {threshold} was given"
        )));
    }
    Ok(Some(Ramp { threshold }))
}

fn checked_leave_out(
    kind: RequestKind,
    verdicts: Vec<RetryVerdict>,
) -> Result<BTreeSet<RetryVerdict>, Problem> {
    let may = |verdict: &RetryVerdict| {
        matches!(verdict, RetryVerdict::PointlessUntilFixed | RetryVerdict::Superseded)
    };
    if verdicts.is_empty() || (kind == RequestKind::Retry && verdicts.iter().all(may)) {
        return Ok(verdicts.into_iter().collect());
    }
    Err(Problem::invalid(
        "leaveOut takes pointlessUntilFixed and superseded, and only for a retry: what cannot be retried is always left out",
    ))
}

/// The records that a filter or a list of ids means.
pub(super) fn select(
    state: &State,
    filter: Option<Filter>,
    ids: Option<Vec<String>>,
) -> Result<Selected, Problem> {
    match (filter, ids) {
        (Some(filter), None) => {
            let words = words_of(&filter);
            Ok(Selected {
                records: state.table.ids(&state.resolved(filter), None),
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
