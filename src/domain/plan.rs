//! What a retry or dismissal would do: which records, in which requests, and what is left out and why.
//!
//! A plan is frozen: it lists record ids, so records loaded later are never touched by it.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

use super::{
    Category, Digest, JobId, QueueLimits, QuickMap, Ramp, RecordBatch, RecordId, RecordState,
    RequestId, RequestKind, RetryVerdict, TableOrder, VerdictReason,
};

/// A record that the selection matches, with what the rules ask of it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The record.
    pub id: RecordId,
    /// Its job.
    pub job: &'a str,
    /// Its table.
    pub entity: &'a str,
    /// Its category.
    pub category: &'a Category,
    /// Its state.
    pub state: RecordState,
    /// The request that holds it, in the queue or on the shelf.
    pub holder: Option<RequestId>,
    /// What a retry of it would come to, where that was asked.
    pub verdict: Option<(RetryVerdict, VerdictReason)>,
}

/// How a plan is made of what may be taken.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Which tables come first.
    pub order: TableOrder,
    /// Begin with few records.
    pub ramp: Option<Ramp>,
    /// Verdicts are asked for.
    pub judges: bool,
    /// Records of these verdicts are left out, though they may be taken.
    pub leave_out: BTreeSet<RetryVerdict>,
}

/// Why a matched record is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exclusion {
    /// It is in a request, in the queue or on the shelf.
    AlreadyRequested,
    /// A concurrency failure: the product cannot retry it.
    NotRetriable,
    /// A retry has cleared it already.
    AlreadyCleared,
    /// A newer error of the same record exists, and older ones were to be left out.
    Superseded,
    /// It will fail again until its cause is fixed, and such records were to be left out.
    PointlessUntilFixed,
}

/// One request of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanPart {
    /// The job the request will belong to.
    pub job: JobId,
    /// Its records, in the order of [`PlanOptions::order`].
    pub batch: RecordBatch,
    /// The part of which enough must have cleared before this one may go, by its place among the parts.
    pub after: Option<usize>,
}

/// Requests that would be submitted, and what they leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// Records the selection matches.
    pub matched: usize,
    /// Left out, by reason.
    pub excluded: BTreeMap<Exclusion, usize>,
    /// Verdicts on the matched records that are neither requested nor cleared, each with its reason; empty where they were
    /// not asked. What they say is advice: only what was to be left out is.
    pub verdicts: BTreeMap<(RetryVerdict, VerdictReason), usize>,
    /// Matched records that requests hold, by request. Together as many as are left out for that.
    pub overlap: BTreeMap<RequestId, usize>,
    /// Per job in the order of names; each job's records by the order of tables and then in the dump's order, none above the
    /// limit.
    pub parts: Vec<PlanPart>,
    /// What the gates between parts ask for, where the plan is ramped up.
    pub ramp: Option<Ramp>,
    /// Fingerprint of all records of all parts.
    pub digest: Digest,
}

impl Plan {
    /// Records that would be worked on.
    pub fn eligible(&self) -> usize {
        self.parts.iter().map(|part| part.batch.len()).sum()
    }
}

/// Sorts matched records into requests and exclusions, one after the other. A record given twice counts once.
/// `matched = eligible + Σ excluded`, always.
pub struct Planner<'a> {
    kind: RequestKind,
    options: &'a PlanOptions,
    seen: Seen,
    excluded: BTreeMap<Exclusion, usize>,
    verdicts: QuickMap<(RetryVerdict, VerdictReason), usize>,
    overlap: BTreeMap<RequestId, usize>,
    tables: Tables<'a>,
    all: Vec<RecordId>,
}

impl<'a> Planner<'a> {
    /// With room for so many records.
    pub fn new(kind: RequestKind, options: &'a PlanOptions, records: usize) -> Self {
        Self {
            kind,
            options,
            seen: Seen::with_room(records),
            excluded: BTreeMap::new(),
            verdicts: QuickMap::default(),
            overlap: BTreeMap::new(),
            tables: Tables::default(),
            all: Vec::with_capacity(records),
        }
    }

    /// Takes the next record.
    pub fn take(&mut self, candidate: &Candidate<'a>) {
        if !self.seen.is_new(candidate.id) {
            return;
        }
        let forbidden = exclusion(self.kind, candidate);
        let is_settled =
            matches!(forbidden, Some(Exclusion::AlreadyRequested | Exclusion::AlreadyCleared));
        if let Some(verdict) = candidate.verdict.filter(|_| !is_settled) {
            *self.verdicts.entry(verdict).or_default() += 1;
        }
        let advised = || {
            let (verdict, _) = candidate.verdict?;
            verdict.exclusion().filter(|_| self.options.leave_out.contains(&verdict))
        };
        match forbidden.or_else(advised) {
            Some(reason) => {
                *self.excluded.entry(reason).or_default() += 1;
                if let Some(holder) = candidate.holder {
                    *self.overlap.entry(holder).or_default() += 1;
                }
            }
            None => {
                self.all.push(candidate.id);
                self.tables.of(candidate).push(candidate.id);
            }
        }
    }

    /// The plan for what was taken.
    pub fn finish(self, limits: &QueueLimits) -> Plan {
        let Self { kind, options, seen, excluded, verdicts, overlap, tables, mut all } = self;
        let by_job = tables.in_order(&options.order);
        // Most selections come in the dump's order.
        if !all.is_sorted() {
            all.sort_unstable();
        }
        let mut parts = Vec::new();
        for (job, places) in by_job {
            split(job, places, options.ramp, limits, &mut parts);
        }
        let digest = Digest::of_sorted(&all);
        let (matched, ramp) = (seen.count(), options.ramp);
        let verdicts = verdicts.into_iter().collect();
        Plan { kind, matched, excluded, verdicts, overlap, parts, ramp, digest }
    }
}

/// Why the record cannot be taken; `None` if it can.
pub fn exclusion(kind: RequestKind, candidate: &Candidate<'_>) -> Option<Exclusion> {
    match (candidate.state, kind) {
        _ if candidate.holder.is_some() => Some(Exclusion::AlreadyRequested),
        (RecordState::Cleared, RequestKind::Retry) => Some(Exclusion::AlreadyCleared),
        (_, RequestKind::Retry) if !candidate.category.is_retriable() => {
            Some(Exclusion::NotRetriable)
        }
        _ => None,
    }
}

/// Records that were met. Most come in ascending order, which needs no table.
struct Seen {
    ascending: Vec<RecordId>,
    others: HashSet<RecordId>,
}

impl Seen {
    fn with_room(records: usize) -> Self {
        Self { ascending: Vec::with_capacity(records), others: HashSet::new() }
    }

    fn is_new(&mut self, id: RecordId) -> bool {
        if self.ascending.last().is_none_or(|last| *last < id) {
            self.ascending.push(id);
            return true;
        }
        self.ascending.binary_search(&id).is_err() && self.others.insert(id)
    }

    fn count(&self) -> usize {
        self.ascending.len() + self.others.len()
    }
}

/// Records by job and table.
#[derive(Default)]
struct Tables<'a> {
    tables: Vec<((&'a str, &'a str), Vec<RecordId>)>,
    known: HashMap<(&'a str, &'a str), usize>,
    /// The same by where names lie: those of most candidates are the very texts of one before, which need not be read.
    by_address: QuickMap<[(usize, usize); 2], usize>,
}

impl<'a> Tables<'a> {
    fn of(&mut self, candidate: &Candidate<'a>) -> &mut Vec<RecordId> {
        let names = (candidate.job, candidate.entity);
        let address = [names.0, names.1].map(|name| (name.as_ptr().addr(), name.len()));
        let at = *self.by_address.entry(address).or_insert_with(|| {
            let at = *self.known.entry(names).or_insert(self.tables.len());
            if at == self.tables.len() {
                self.tables.push((names, Vec::new()));
            }
            at
        });
        &mut self.tables[at].1
    }

    /// By job in the order of names, and by the table's place in the job.
    fn in_order(self, order: &TableOrder) -> BTreeMap<&'a str, BTreeMap<u32, Vec<RecordId>>> {
        let mut by_job: BTreeMap<&str, BTreeMap<u32, Vec<RecordId>>> = BTreeMap::new();
        for ((job, entity), records) in self.tables {
            let places = by_job.entry(job).or_default();
            places.entry(order.place(job, entity)).or_default().extend(records);
        }
        by_job
    }
}

/// Adds the parts of one job: the steps of the ramp, if there is one, and the rest.
fn split(
    job: &str,
    places: BTreeMap<u32, Vec<RecordId>>,
    ramp: Option<Ramp>,
    limits: &QueueLimits,
    parts: &mut Vec<PlanPart>,
) {
    let limit = limits.records_per_request.max(1);
    let ordered = |mut records: Vec<RecordId>| {
        // Those of each table are in order: a sort that knows runs merges them.
        records.sort();
        records
    };
    let records: Vec<RecordId> = places.into_values().flat_map(ordered).collect();
    let mut rest = records.as_slice();
    let mut steps = ramp.iter().flat_map(|_| Ramp::STEPS);
    let mut after = None;
    while !rest.is_empty() {
        let step = steps.next();
        let (chunk, others) = rest.split_at(step.unwrap_or(limit).min(limit).min(rest.len()));
        rest = others;
        if let Ok(batch) = RecordBatch::new(chunk.to_vec(), limits) {
            parts.push(PlanPart { job: JobId(job.to_owned()), batch, after });
        }
        // All of the rest waits for the last step.
        if step.is_some() {
            after = parts.len().checked_sub(1);
        }
    }
}
