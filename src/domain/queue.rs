//! The request queue of all integration jobs.
//!
//! Decide, then apply: every decision takes `&self` and returns a [`QueueChange`] or a [`Refusal`]; only
//! [`RequestQueue::apply`] changes anything. The caller makes the change durable in between.
//!
//! Deliberately absent: what waits for a place, which is the shelf's business (`shelf`).
//!
//! Invariants, kept by every applied change (tested in `tests/queue_model`):
//! at most `requests_per_job` open requests per job; at most one running per job, and it is the first of the queue;
//! no record in two requests that are open or shelved; ids rise for ever; a finished request has an outcome for every
//! record; a place that is free in an Active job is wanted by nothing on its shelf but locked steps.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use super::{
    BatchError, DatasetId, Gate, Job, JobId, JobStatus, QueueLimits, RecordBatch, RecordId,
    RecordOutcome, Refusal, Request, RequestId, RequestKind, RequestState, Timestamp,
};

/// A request as it is asked for: not yet numbered, not yet checked.
#[derive(Clone, Debug)]
pub struct RequestDraft {
    /// The job it is for.
    pub job: JobId,
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// Records, in the order of work.
    pub records: Vec<RecordId>,
    /// What it waits for on the shelf besides a place.
    pub gate: Option<DraftGate>,
    /// The filter it comes from, in words.
    pub filter_text: String,
    /// Why, in the submitter's words.
    pub reason: Option<String>,
    /// Carried out by the offline rehearsal.
    pub rehearsal: bool,
}

/// The gate of a request that is not yet numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftGate {
    /// The draft whose request comes before, by its place among those submitted together; an earlier one of its job.
    pub after: usize,
    /// Percentage of it that must have cleared.
    pub threshold: u8,
}

/// New values of jobs and requests: what to store, then to apply. Complete values, so that storing and applying are
/// idempotent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueChange {
    /// Requests, new or changed.
    pub requests: Vec<Request>,
    /// Jobs, new or changed.
    pub jobs: Vec<Job>,
}

/// All jobs and requests, past and open.
#[derive(Clone, Debug)]
pub struct RequestQueue {
    pub(super) limits: QueueLimits,
    pub(super) jobs: BTreeMap<JobId, Job>,
    pub(super) requests: BTreeMap<RequestId, Request>,
    /// Ids below are not given, whether or not there are requests that have them.
    first_id: RequestId,
    /// Which request, open or shelved, holds a record. Derived from `requests`.
    held: HashMap<RecordId, RequestId>,
}

impl RequestQueue {
    /// An empty queue.
    pub fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            jobs: BTreeMap::new(),
            requests: BTreeMap::new(),
            first_id: RequestId(1),
            held: HashMap::new(),
        }
    }

    /// The same, giving no id below this one: there may be requests that nobody can read.
    pub fn numbered_from(self, first_id: RequestId) -> Self {
        Self { first_id, ..self }
    }

    /// The limits in force.
    pub fn limits(&self) -> &QueueLimits {
        &self.limits
    }

    /// Other limits from now on. Open requests stay as they are.
    pub fn set_limits(&mut self, limits: QueueLimits) {
        self.limits = limits;
    }

    /// All jobs by name.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// One job.
    pub fn job(&self, id: &JobId) -> Result<&Job, Refusal> {
        self.jobs.get(id).ok_or_else(|| Refusal::UnknownJob(id.clone()))
    }

    /// All requests in the order of their creation.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Request> {
        self.requests.values()
    }

    /// One request.
    pub fn request(&self, id: RequestId) -> Result<&Request, Refusal> {
        self.requests.get(&id).ok_or(Refusal::UnknownRequest(id))
    }

    /// The queue of a job: its open requests in their turn.
    pub fn open(&self, job: &JobId) -> impl Iterator<Item = &Request> {
        let all = self.requests.values();
        let mut open: Vec<&Request> =
            all.filter(|request| request.state.is_open() && request.job == *job).collect();
        open.sort_by_key(|request| request.turn);
        open.into_iter()
    }

    /// Places that a job has left.
    pub fn free_places(&self, job: &JobId) -> usize {
        self.limits.requests_per_job.saturating_sub(self.open(job).count())
    }

    /// Whether a dataset may be removed: no request holds its records.
    pub fn check_unused(&self, dataset: DatasetId) -> Result<(), Refusal> {
        let held = self.held.iter().filter(|(record, _)| record.dataset() == dataset);
        let (mut first, mut count) = (None::<RequestId>, 0);
        for (_, request) in held {
            first = Some(first.map_or(*request, |first| first.min(*request)));
            count += 1;
        }
        first.map_or(Ok(()), |request| Err(Refusal::DatasetInUse { request, count }))
    }

    /// The request that holds a record, in the queue or on the shelf.
    pub fn holder(&self, record: RecordId) -> Option<RequestId> {
        self.held.get(&record).copied()
    }

    /// Whether no request holds any record.
    pub fn holds_none(&self) -> bool {
        self.held.is_empty()
    }

    /// A job that the desk has not seen gets the given status; a known one stays as it is.
    pub fn add_job(&self, id: JobId, status: JobStatus) -> QueueChange {
        let jobs = if self.jobs.contains_key(&id) { vec![] } else { vec![Job { id, status }] };
        QueueChange { jobs, ..QueueChange::default() }
    }

    /// A job's new status. Its requests stay: queued and shelved ones wait, a running one goes back to its place.
    pub fn set_job_status(&self, id: &JobId, status: JobStatus) -> Result<QueueChange, Refusal> {
        self.job(id)?;
        let parked = if status.is_active() {
            vec![]
        } else {
            self.running(id).map(parked).into_iter().collect()
        };
        let jobs = vec![Job { id: id.clone(), status }];
        Ok(self.filled(QueueChange { requests: parked, jobs }))
    }

    /// Takes requests into the queue, all or none. Whether records may be retried is the plan's business; here is
    /// checked what the queue must never break: job Active, places, batch size, no record in two requests.
    pub fn submit(
        &self,
        drafts: Vec<RequestDraft>,
        now: Timestamp,
    ) -> Result<QueueChange, Refusal> {
        self.check_jobs(&drafts)?;
        // By name, so that the same drafts are always refused for the same job.
        let mut wanted: BTreeMap<JobId, usize> = BTreeMap::new();
        for draft in &drafts {
            *wanted.entry(draft.job.clone()).or_default() += 1;
        }
        for (job, count) in wanted {
            let open = self.open(&job).count();
            if open + count > self.limits.requests_per_job {
                let limit = self.limits.requests_per_job;
                return Err(Refusal::QueueFull { job, count: open, asked: count, limit });
            }
        }
        let mut requests = self.numbered(drafts, now)?;
        for at in 0..requests.len() {
            let turn = self.next_turn(&requests[at], &requests[..at]);
            requests[at] = Request { state: RequestState::Queued, turn, ..requests[at].clone() };
        }
        Ok(QueueChange { requests, jobs: vec![] })
    }

    /// There is something to submit, and every job takes it.
    pub(super) fn check_jobs(&self, drafts: &[RequestDraft]) -> Result<(), Refusal> {
        if drafts.is_empty() {
            return Err(Refusal::NothingSelected);
        }
        drafts.iter().try_for_each(|draft| self.check_active(&draft.job))
    }

    /// The drafts as requests on the shelf, if none of their records is held by another.
    pub(super) fn numbered(
        &self,
        drafts: Vec<RequestDraft>,
        now: Timestamp,
    ) -> Result<Vec<Request>, Refusal> {
        let count = self.conflicts(&drafts);
        if count > 0 {
            return Err(Refusal::AlreadyRequested { count });
        }
        let first = self.next_id();
        let mut requests: Vec<Request> = Vec::with_capacity(drafts.len());
        for (at, draft) in drafts.into_iter().enumerate() {
            let batch =
                RecordBatch::new(draft.records, &self.limits).map_err(|error| match error {
                    BatchError::Empty => Refusal::NothingSelected,
                    BatchError::TooMany { count, limit } => {
                        Refusal::TooManyRecords { count, limit }
                    }
                })?;
            let id = RequestId(first.0 + at as u64);
            let gate = draft.gate.map(|gate| Gate {
                after: RequestId(first.0 + gate.after as u64),
                threshold: gate.threshold,
                released: false,
            });
            requests.push(Request {
                id,
                job: draft.job,
                kind: draft.kind,
                batch,
                outcomes: Vec::new(),
                state: RequestState::Shelved,
                turn: id.0,
                gate,
                filter_text: draft.filter_text,
                reason: draft.reason,
                created_at: now,
                started_at: None,
                finished_at: None,
                rehearsal: draft.rehearsal,
            });
        }
        Ok(requests)
    }

    /// Records of the drafts that a request holds, or that two of the drafts want.
    fn conflicts(&self, drafts: &[RequestDraft]) -> usize {
        let mut wanted_by: HashMap<RecordId, usize> = HashMap::new();
        let mut conflicts: HashSet<RecordId> = HashSet::new();
        for (at, draft) in drafts.iter().enumerate() {
            for record in &draft.records {
                // A record named twice by one draft is one record.
                let is_wanted = drafts.len() > 1 && *wanted_by.entry(*record).or_insert(at) != at;
                if is_wanted || self.held.contains_key(record) {
                    conflicts.insert(*record);
                }
            }
        }
        conflicts.len()
    }

    /// The request a job would run now: the first of its queue, if the job is Active and none is running.
    pub fn next(&self, job: &JobId) -> Option<RequestId> {
        let active = self.jobs.get(job).is_some_and(|job| job.status.is_active());
        self.open(job)
            .next()
            .filter(|first| active && first.state == RequestState::Queued)
            .map(|first| first.id)
    }

    /// Starts a request: only the first of the queue of an Active job.
    pub fn start(&self, id: RequestId, now: Timestamp) -> Result<QueueChange, Refusal> {
        let request = self.request(id)?;
        self.in_state(request, RequestState::Queued)?;
        self.check_active(&request.job)?;
        if let Some(first) = self.open(&request.job).next().filter(|first| first.id != id) {
            return Err(Refusal::NotNext { request: id, next: first.id });
        }
        let started_at = request.started_at.or(Some(now));
        Ok(Request { state: RequestState::Running, started_at, ..request.clone() }.into())
    }

    /// Outcomes of the next records of a running request, in the batch's order. The last outcome finishes it, and its place
    /// goes to the next on the shelf.
    pub fn settle(
        &self,
        id: RequestId,
        outcomes: &[RecordOutcome],
        now: Timestamp,
    ) -> Result<QueueChange, Refusal> {
        let request = self.request(id)?;
        self.in_state(request, RequestState::Running)?;
        Ok(self.filled(settled(request.clone(), outcomes, now)?.into()))
    }

    /// Starts a request and takes its first outcomes in one, where nobody else is asked for them.
    pub fn start_and_settle(
        &self,
        id: RequestId,
        outcomes: &[RecordOutcome],
        now: Timestamp,
    ) -> Result<QueueChange, Refusal> {
        let QueueChange { requests, jobs } = self.start(id, now)?;
        let settle = |request| settled(request, outcomes, now);
        let requests = requests.into_iter().map(settle).collect::<Result<_, _>>()?;
        Ok(self.filled(QueueChange { requests, jobs }))
    }

    /// Takes a request back, out of the queue or off the shelf. What has an outcome keeps it; the other records are free
    /// again.
    pub fn withdraw(&self, id: RequestId, now: Timestamp) -> Result<QueueChange, Refusal> {
        let request = self.request(id)?;
        if !request.state.holds_records() {
            return Err(Refusal::WrongState { request: id, state: request.state });
        }
        let state = RequestState::Withdrawn;
        Ok(self.filled(Request { state, finished_at: Some(now), ..request.clone() }.into()))
    }

    /// After a restart: what was running goes back to its place, with the outcomes it has.
    pub fn recover(&self) -> QueueChange {
        let running =
            self.requests.values().filter(|request| request.state == RequestState::Running);
        let parked = QueueChange { requests: running.map(parked).collect(), jobs: vec![] };
        self.refilled(parked, &self.limits)
    }

    /// Makes a change visible. The caller has stored it before.
    pub fn apply(&mut self, change: QueueChange) {
        for job in change.jobs {
            self.jobs.insert(job.id.clone(), job);
        }
        for request in change.requests {
            let before = self.requests.get(&request.id);
            let (holds, held) = (
                request.state.holds_records(),
                before.is_some_and(|before| before.state.holds_records()),
            );
            if holds && !held {
                self.held
                    .extend(request.batch.records().iter().map(|record| (*record, request.id)));
            } else if !holds && held {
                for record in request.batch.records() {
                    self.held.remove(record);
                }
            }
            self.requests.insert(request.id, request);
        }
    }

    fn running(&self, job: &JobId) -> Option<&Request> {
        self.open(job).find(|request| request.state == RequestState::Running)
    }

    fn next_id(&self) -> RequestId {
        let next = self.requests.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        self.first_id.max(RequestId(next))
    }

    fn check_active(&self, id: &JobId) -> Result<(), Refusal> {
        let job = self.job(id)?;
        if job.status.is_active() {
            return Ok(());
        }
        Err(Refusal::JobNotActive { job: id.clone(), status: job.status.clone() })
    }

    fn in_state(&self, request: &Request, state: RequestState) -> Result<(), Refusal> {
        if request.state == state {
            return Ok(());
        }
        Err(Refusal::WrongState { request: request.id, state: request.state })
    }
}

impl From<Request> for QueueChange {
    fn from(request: Request) -> Self {
        Self { requests: vec![request], jobs: vec![] }
    }
}

/// A running request with outcomes of its next records; the last one finishes it.
fn settled(
    mut request: Request,
    outcomes: &[RecordOutcome],
    now: Timestamp,
) -> Result<Request, Refusal> {
    let (given, pending) = (outcomes.len(), request.pending().len());
    if given > pending {
        return Err(Refusal::TooManyOutcomes { request: request.id, given, pending });
    }
    request.outcomes.extend_from_slice(outcomes);
    if given == pending {
        request.state = RequestState::Finished;
        request.finished_at = Some(now);
    }
    Ok(request)
}

/// Back in the queue, with the outcomes so far.
fn parked(request: &Request) -> Request {
    Request { state: RequestState::Queued, ..request.clone() }
}
