//! The shelf of a job: requests for which no place is free yet, and steps of a ramp that wait for the one before.
//!
//! The shelf is not the queue: nothing on it counts towards the places or runs. What is on it was frozen at submission and
//! holds its records; it moves up by itself, in the order of creation, in the very change that makes a place free or opens
//! a gate, while its job is Active. Each decision of the queue ends with [`RequestQueue::filled`].
//!
//! Deliberately absent: any limit of its own. The product has no shelf; this one is the desk's.
//!
//! Invariant: order never changes unseen. A step that was locked while newer requests came gets its turn behind them.

use std::collections::BTreeSet;

use super::{
    Gate, JobId, QueueChange, QueueLimits, Refusal, Request, RequestDraft, RequestId, RequestQueue,
    RequestState, Timestamp,
};

impl RequestQueue {
    /// Takes requests, all or none; those that find no free place, or are steps behind a gate, wait on the shelf. All else
    /// is checked as [`RequestQueue::submit`] does.
    pub fn submit_or_shelve(
        &self,
        drafts: Vec<RequestDraft>,
        now: Timestamp,
    ) -> Result<QueueChange, Refusal> {
        self.check_jobs(&drafts)?;
        let requests = self.numbered(drafts, now)?;
        Ok(self.filled(QueueChange { requests, jobs: vec![] }))
    }

    /// What waits on a job's shelf, in the order of creation.
    pub fn shelf(&self, job: &JobId) -> impl Iterator<Item = &Request> {
        self.requests
            .values()
            .filter(move |request| request.state == RequestState::Shelved && request.job == *job)
    }

    /// Whether the request waits for the step of its ramp before it, whatever places are free.
    pub fn is_locked(&self, request: &Request) -> bool {
        request.state == RequestState::Shelved
            && request.gate.is_some_and(|gate| !gate.is_open(self.requests.get(&gate.after)))
    }

    /// Opens the gate of a locked step, and of all that wait for the same one, whatever share has cleared.
    pub fn release(&self, id: RequestId) -> Result<QueueChange, Refusal> {
        let request = self.request(id)?;
        let Some(gate) = request.gate.filter(|_| self.is_locked(request)) else {
            return Err(Refusal::NotLocked { request: id });
        };
        let same = self
            .shelf(&request.job)
            .filter(|other| other.gate.is_some_and(|other| other.after == gate.after));
        let open = |request: &Request| Request {
            gate: request.gate.map(|gate| Gate { released: true, ..gate }),
            ..request.clone()
        };
        Ok(self.filled(QueueChange { requests: same.map(open).collect(), jobs: vec![] }))
    }

    /// What moves up if these are the limits.
    pub fn fill(&self, limits: &QueueLimits) -> QueueChange {
        self.refilled(QueueChange::default(), limits)
    }

    /// The change, and what moves up with it in the jobs that it concerns.
    pub(super) fn filled(&self, change: QueueChange) -> QueueChange {
        let mut jobs: BTreeSet<JobId> = change.jobs.iter().map(|job| job.id.clone()).collect();
        jobs.extend(change.requests.iter().map(|request| request.job.clone()));
        self.filled_in(jobs, change, &self.limits)
    }

    /// The change, and what moves up in any job.
    pub(super) fn refilled(&self, change: QueueChange, limits: &QueueLimits) -> QueueChange {
        self.filled_in(self.jobs.keys().cloned().collect(), change, limits)
    }

    fn filled_in(
        &self,
        jobs: BTreeSet<JobId>,
        mut change: QueueChange,
        limits: &QueueLimits,
    ) -> QueueChange {
        for job in jobs {
            let told = change.jobs.iter().find(|told| told.id == job);
            let is_active =
                told.or_else(|| self.jobs.get(&job)).is_some_and(|job| job.status.is_active());
            if !is_active {
                continue;
            }
            // The requests of the job as they will be.
            let untouched = |request: &&Request| {
                request.job == job && !change.requests.iter().any(|new| new.id == request.id)
            };
            let kept: Vec<&Request> = self.requests.values().filter(untouched).collect();
            let new = change.requests.iter().filter(|request| request.job == job);
            let open = kept.iter().copied().chain(new).filter(|request| request.state.is_open());
            let free = limits.requests_per_job.saturating_sub(open.count());
            if free == 0 {
                continue;
            }
            let new = change.requests.iter().filter(|request| request.job == job);
            let all = kept.iter().copied().chain(new);
            let may = |request: &&Request| {
                let before = |id| {
                    let new = change.requests.iter().find(|new| new.id == id);
                    new.or_else(|| self.requests.get(&id))
                };
                request.state == RequestState::Shelved
                    && request.gate.is_none_or(|gate| gate.is_open(before(gate.after)))
            };
            let mut up: Vec<&Request> = all.filter(may).collect();
            up.sort_by_key(|request| request.id);
            let up: Vec<Request> = up.into_iter().take(free).cloned().collect();
            for request in up {
                let turn = self.next_turn(&request, &change.requests);
                let request = Request { state: RequestState::Queued, turn, ..request };
                match change.requests.iter_mut().find(|new| new.id == request.id) {
                    Some(new) => *new = request,
                    None => change.requests.push(request),
                }
            }
        }
        change
    }

    /// The turn of a request that enters the queue of its job now, after those of a change.
    pub(super) fn next_turn(&self, request: &Request, change: &[Request]) -> u64 {
        let was_queued = |other: &&Request| other.state.is_open() || other.started_at.is_some();
        let all = self.requests.values().chain(change).filter(|other| other.job == request.job);
        let last = all.filter(was_queued).map(|other| other.turn).max();
        request.id.0.max(last.map_or(0, |last| last + 1))
    }
}
