//! What a retry or dismissal would do: which records, in which requests, and what is left out and why.
//!
//! A plan is frozen: it lists record ids, so records loaded later are never touched by it.

use std::collections::BTreeMap;

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use super::{
    Category, Digest, JobId, QueueLimits, RecordBatch, RecordId, RecordState, RequestKind,
};

/// A record that the selection matches, with what the rules ask of it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The record.
    pub id: RecordId,
    /// Its job.
    pub job: &'a str,
    /// Its category.
    pub category: &'a Category,
    /// Its state.
    pub state: RecordState,
}

/// Why a matched record is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exclusion {
    /// It is in an open request.
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
    /// Its records.
    pub batch: RecordBatch,
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
    /// Per job in the order of names, each job's records in the dump's order, none above the limit.
    pub parts: Vec<PlanPart>,
    /// Fingerprint of all records of all parts.
    pub digest: Digest,
}

impl Plan {
    /// Sorts the matched records into requests and exclusions. A record given twice counts once.
    /// `matched = eligible + Σ excluded`, always.
    pub fn new<'a>(
        kind: RequestKind,
        candidates: impl IntoIterator<Item = Candidate<'a>>,
        limits: &QueueLimits,
    ) -> Self {
        let candidates = candidates.into_iter();
        let mut seen = HashSet::with_capacity(candidates.size_hint().0);
        let mut excluded = BTreeMap::new();
        let mut by_job: BTreeMap<&str, Vec<RecordId>> = BTreeMap::new();
        for candidate in candidates {
            if !seen.insert(candidate.id) {
                continue;
            }
            match exclusion(kind, &candidate) {
                Some(reason) => *excluded.entry(reason).or_default() += 1,
                None => by_job.entry(candidate.job).or_default().push(candidate.id),
            }
        }
        let mut all: Vec<RecordId> = by_job.values().flatten().copied().collect();
        all.sort_unstable();
        let parts =
            by_job.into_iter().flat_map(|(job, records)| split(job, records, limits)).collect();
        Self { kind, matched: seen.len(), excluded, parts, digest: Digest::of_sorted(&all) }
    }

    /// Records that would be worked on.
    pub fn eligible(&self) -> usize {
        self.parts.iter().map(|part| part.batch.len()).sum()
    }
}

fn exclusion(kind: RequestKind, candidate: &Candidate<'_>) -> Option<Exclusion> {
    match (candidate.state, kind) {
        (RecordState::Requested, _) => Some(Exclusion::AlreadyRequested),
        (RecordState::Cleared, RequestKind::Retry) => Some(Exclusion::AlreadyCleared),
        (_, RequestKind::Retry) if !candidate.category.is_retriable() => {
            Some(Exclusion::NotRetriable)
        }
        _ => None,
    }
}

fn split(job: &str, mut records: Vec<RecordId>, limits: &QueueLimits) -> Vec<PlanPart> {
    records.sort_unstable();
    records
        .chunks(limits.records_per_request.max(1))
        .filter_map(|chunk| RecordBatch::new(chunk.to_vec(), limits).ok())
        .map(|batch| PlanPart { job: JobId(job.to_owned()), batch })
        .collect()
}
