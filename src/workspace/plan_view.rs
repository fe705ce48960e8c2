//! What a plan shows: the same numbers that it is submitted with, and what they follow from.

use std::collections::{BTreeMap, BTreeSet};

use super::plans::Kept;
use super::state::State;
use crate::dataset::JobTable;
use crate::domain::{Column, JobId, Plan, PlanPart, RecordId, RequestId, TableOrder};
use crate::protocol::{
    EstimateView, Excluded, FacetValue, Facets, JobOrderView, OverlapView, PartGate, PartView,
    PlanView, TablePlace, VerdictCount,
};

/// Columns of the breakdown.
const BREAKDOWN: [Column; 3] = [Column::Entity, Column::Category, Column::DataSource];

/// Values of a breakdown.
const BREAKDOWN_VALUES: usize = 12;

/// References that an order is explained with.
const REFERENCES: usize = 20;

impl State {
    /// What the plan shows, but for its id.
    pub(super) fn plan_view(&self, kept: &Kept, order: &TableOrder, rehearsal: bool) -> PlanView {
        let Kept { plan, filter_text, .. } = kept;
        let records: Vec<RecordId> =
            plan.parts.iter().flat_map(|part| part.batch.records().iter().copied()).collect();
        let tables = self.table.tables_of(&records);
        let overview = self.table.overview(&records, &BREAKDOWN);
        let jobs: BTreeSet<&JobId> = plan.parts.iter().map(|part| &part.job).collect();
        PlanView {
            plan_id: kept.id,
            kind: plan.kind,
            matched: plan.matched,
            eligible: records.len(),
            excluded: plan
                .excluded
                .iter()
                .map(|(reason, count)| Excluded { reason: *reason, count: *count })
                .collect(),
            parts: self.parts(plan),
            digest: plan.digest.to_string(),
            filter_text: filter_text.clone(),
            breakdown: breakdown(overview.values),
            span: overview.span,
            verdicts: plan
                .verdicts
                .iter()
                .map(|((verdict, reason), count)| VerdictCount {
                    verdict: *verdict,
                    reason: *reason,
                    count: *count,
                })
                .collect(),
            overlap: plan.overlap.iter().map(|(id, count)| self.overlap(*id, *count)).collect(),
            order: jobs.iter().filter_map(|job| job_order(job, order, &tables)).collect(),
            estimates: jobs.iter().map(|job| self.estimate(job, plan, rehearsal)).collect(),
            threshold: plan.ramp.map(|ramp| ramp.threshold),
        }
    }

    /// The parts, each with what it would wait for: those of a job take its free places in their order.
    fn parts(&self, plan: &Plan) -> Vec<PartView> {
        let mut taken: BTreeMap<&JobId, usize> = BTreeMap::new();
        let part = |part: &'_ PlanPart, taken: usize| {
            let places = self.queue.free_places(&part.job);
            let gate = part.after.zip(plan.ramp);
            PartView {
                job: part.job.clone(),
                count: part.batch.len(),
                places,
                shelved: part.after.is_some() || taken >= places,
                gate: gate.map(|(after, ramp)| PartGate { after, threshold: ramp.threshold }),
            }
        };
        let mut parts = Vec::with_capacity(plan.parts.len());
        for one in &plan.parts {
            let taken = taken.entry(&one.job).or_default();
            parts.push(part(one, *taken));
            *taken += 1;
        }
        parts
    }

    fn overlap(&self, request_id: RequestId, records: usize) -> OverlapView {
        let state = self.queue.request(request_id).map(|request| request.state).ok();
        OverlapView { request_id, state, records }
    }

    fn estimate(&self, job: &JobId, plan: &Plan, rehearsal: bool) -> EstimateView {
        let of_job = plan.parts.iter().filter(|part| part.job == *job);
        let records: u64 = of_job.map(|part| part.batch.len() as u64).sum();
        let pace = self.queue.pace(job, plan.kind, rehearsal);
        let (ahead, ahead_millis) = self.queue.ahead(job);
        EstimateView {
            job: job.clone(),
            records,
            millis: pace.map(|pace| pace.millis_for(records)),
            runs: pace.map_or(0, |pace| pace.runs),
            ahead,
            ahead_millis,
        }
    }
}

/// The values of each column, the most frequent first; of many the rest in one.
fn breakdown(values: Vec<Vec<(String, usize)>>) -> Facets {
    let of_column = |(column, values): (Column, Vec<(String, usize)>)| {
        let value = |(value, count)| FacetValue { value, count };
        let mut values: Vec<FacetValue> = values.into_iter().map(value).collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        if values.len() > BREAKDOWN_VALUES {
            let rest = values.split_off(BREAKDOWN_VALUES - 1);
            let count = rest.iter().map(|value| value.count).sum();
            values.push(FacetValue { value: format!("{} others", rest.len()), count });
        }
        (column, values)
    };
    BREAKDOWN.into_iter().zip(values).map(of_column).collect()
}

fn job_order(job: &JobId, order: &TableOrder, tables: &[JobTable]) -> Option<JobOrderView> {
    let found = order.job(&job.0)?;
    let tables = tables.iter().filter(|table| table.job == job.0);
    let mut tables: Vec<TablePlace> = tables
        .map(|table| TablePlace {
            place: order.place(&job.0, &table.entity),
            entity: table.entity.clone(),
            records: table.records,
        })
        .collect();
    tables.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.entity.cmp(&b.entity)));
    Some(JobOrderView {
        job: job.clone(),
        basis: found.basis,
        tables,
        references: found.references.iter().take(REFERENCES).cloned().collect(),
        cycles: found.cycles.clone(),
    })
}
