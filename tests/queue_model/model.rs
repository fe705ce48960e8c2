//! The naive model: plain lists, searched from end to end, written from the documented rules alone.
//!
//! It shares no code with the queue; of the crate it names only the words of the answers.

use error_desk::domain::{
    JobId, JobStatus, RecordOutcome, Refusal, RequestId, RequestKind, RequestState,
};

/// A job is a name and a status word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelJob {
    pub(crate) name: String,
    pub(crate) status: String,
}

/// A request, spelled out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelRequest {
    pub(crate) id: u64,
    pub(crate) job: String,
    pub(crate) kind: RequestKind,
    pub(crate) records: Vec<u64>,
    pub(crate) outcomes: Vec<RecordOutcome>,
    pub(crate) state: RequestState,
    pub(crate) created: i64,
    pub(crate) started: Option<i64>,
    pub(crate) ended: Option<i64>,
    pub(crate) gate: Option<ModelGate>,
}

/// What a step waits for: a request, and the percentage of it that must have cleared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ModelGate {
    pub(crate) after: u64,
    pub(crate) threshold: u8,
    pub(crate) released: bool,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ModelDraft {
    pub(crate) job: String,
    pub(crate) kind: RequestKind,
    pub(crate) records: Vec<u64>,
    /// Waits until so many percent of the draft before it of the same job have cleared.
    pub(crate) threshold: Option<u8>,
}

/// The draft that a draft waits for, by its place.
pub(crate) fn step_before(drafts: &[ModelDraft], at: usize) -> Option<usize> {
    drafts[..at].iter().rposition(|draft| draft.job == drafts[at].job)
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) jobs: Vec<ModelJob>,
    pub(crate) requests: Vec<ModelRequest>,
    /// Ids in the order in which they came into the queue.
    pub(crate) entered: Vec<u64>,
    pub(crate) places: usize,
    pub(crate) batch: usize,
}

fn open(state: RequestState) -> bool {
    state == RequestState::Queued || state == RequestState::Running
}

fn active(word: &str) -> bool {
    word.trim().to_lowercase() == "active"
}

impl Model {
    pub(crate) fn new(places: usize, batch: usize) -> Self {
        Self { jobs: vec![], requests: vec![], entered: vec![], places, batch }
    }

    fn status(&self, name: &str) -> Option<&str> {
        self.jobs.iter().find(|job| job.name == name).map(|job| job.status.as_str())
    }

    fn must_be_active(&self, name: &str) -> Result<(), Refusal> {
        match self.status(name) {
            None => Err(Refusal::UnknownJob(JobId(name.to_owned()))),
            Some(word) if active(word) => Ok(()),
            Some(word) => Err(Refusal::JobNotActive {
                job: JobId(name.to_owned()),
                status: JobStatus::Other(word.to_owned()),
            }),
        }
    }

    pub(crate) fn open_of(&self, job: &str) -> Vec<u64> {
        let mut ids = vec![];
        for id in &self.entered {
            let request = &self.requests[*id as usize - 1];
            if request.job == job && open(request.state) {
                ids.push(*id);
            }
        }
        ids
    }

    pub(crate) fn shelf_of(&self, job: &str) -> Vec<u64> {
        let all = self.requests.iter().filter(|request| request.job == job);
        all.filter(|request| request.state == RequestState::Shelved).map(|one| one.id).collect()
    }

    /// Whether a request waits for the step before it.
    pub(crate) fn is_locked(&self, id: u64) -> bool {
        let request = &self.requests[id as usize - 1];
        let Some(gate) = request.gate.filter(|_| request.state == RequestState::Shelved) else {
            return false;
        };
        let before = &self.requests[gate.after as usize - 1];
        let has = |outcome| before.outcomes.iter().filter(|given| **given == outcome).count();
        let (cleared, failed) = (has(RecordOutcome::Cleared), has(RecordOutcome::FailedAgain));
        let share = 100.0 * cleared as f64 / (cleared + failed) as f64;
        let is_reached =
            before.state == RequestState::Finished && share >= f64::from(gate.threshold);
        !gate.released && !is_reached
    }

    /// What may leave the shelf of an Active job leaves it, the oldest first, as long as there are places.
    pub(crate) fn move_up(&mut self) {
        for job in self.jobs.clone().iter().filter(|job| active(&job.status)) {
            for id in self.shelf_of(&job.name) {
                if self.open_of(&job.name).len() < self.places && !self.is_locked(id) {
                    self.requests[id as usize - 1].state = RequestState::Queued;
                    self.entered.push(id);
                }
            }
        }
    }

    pub(crate) fn release(&mut self, id: u64) -> Result<(), Refusal> {
        let index = self.index(id)?;
        if !self.is_locked(id) {
            return Err(Refusal::NotLocked { request: RequestId(id) });
        }
        let gate = self.requests[index].gate;
        for request in &mut self.requests {
            let waits = request.state == RequestState::Shelved;
            if let (Some(own), Some(gate)) = (&mut request.gate, gate)
                && waits
                && own.after == gate.after
            {
                own.released = true;
            }
        }
        self.move_up();
        Ok(())
    }

    pub(crate) fn holder(&self, record: u64) -> Option<u64> {
        let holds =
            |request: &&ModelRequest| open(request.state) || request.state == RequestState::Shelved;
        let holders = self.requests.iter().filter(holds);
        holders
            .filter(|request| request.records.contains(&record))
            .map(|request| request.id)
            .next_back()
    }

    pub(crate) fn next(&self, job: &str) -> Option<u64> {
        let first = *self.open_of(job).first()?;
        let queued = self.requests[first as usize - 1].state == RequestState::Queued;
        (queued && active(self.status(job)?)).then_some(first)
    }

    fn index(&self, id: u64) -> Result<usize, Refusal> {
        let place = self.requests.iter().position(|request| request.id == id);
        place.ok_or(Refusal::UnknownRequest(RequestId(id)))
    }

    fn must_be(&self, index: usize, state: RequestState) -> Result<(), Refusal> {
        let request = &self.requests[index];
        if request.state == state {
            Ok(())
        } else {
            Err(Refusal::WrongState { request: RequestId(request.id), state: request.state })
        }
    }

    pub(crate) fn add_job(&mut self, name: &str, status: &str) {
        if self.status(name).is_none() {
            self.jobs.push(ModelJob { name: name.to_owned(), status: status.to_owned() });
        }
    }

    pub(crate) fn set_status(&mut self, name: &str, status: &str) -> Result<(), Refusal> {
        let Some(job) = self.jobs.iter_mut().find(|job| job.name == name) else {
            return Err(Refusal::UnknownJob(JobId(name.to_owned())));
        };
        job.status = status.to_owned();
        for request in &mut self.requests {
            if request.job == name && request.state == RequestState::Running && !active(status) {
                request.state = RequestState::Queued;
            }
        }
        self.move_up();
        Ok(())
    }

    /// All drafts at once, with or without a shelf for those that find no place.
    pub(crate) fn submit(
        &mut self,
        drafts: &[ModelDraft],
        now: i64,
        has_shelf: bool,
    ) -> Result<(), Refusal> {
        if drafts.is_empty() {
            return Err(Refusal::NothingSelected);
        }
        for draft in drafts {
            self.must_be_active(&draft.job)?;
        }
        let mut names: Vec<&str> = drafts.iter().map(|draft| draft.job.as_str()).collect();
        names.sort();
        for name in names {
            let asked = drafts.iter().filter(|draft| draft.job == name).count();
            let count = self.open_of(name).len();
            if !has_shelf && count + asked > self.places {
                let job = JobId(name.to_owned());
                return Err(Refusal::QueueFull { job, count, asked, limit: self.places });
            }
        }
        let wants = |draft: &ModelDraft, record: &u64| draft.records.contains(record);
        let mut conflicts: Vec<u64> = vec![];
        for record in drafts.iter().flat_map(|draft| &draft.records) {
            let wanted = drafts.iter().filter(|draft| wants(draft, record)).count();
            let is_conflict = self.holder(*record).is_some() || wanted > 1;
            if is_conflict && !conflicts.contains(record) {
                conflicts.push(*record);
            }
        }
        if !conflicts.is_empty() {
            return Err(Refusal::AlreadyRequested { count: conflicts.len() });
        }
        let mut made: Vec<ModelRequest> = vec![];
        for (at, draft) in drafts.iter().enumerate() {
            let mut records: Vec<u64> = vec![];
            for record in &draft.records {
                if !records.contains(record) {
                    records.push(*record);
                }
            }
            if records.is_empty() {
                return Err(Refusal::NothingSelected);
            }
            if records.len() > self.batch {
                let (count, limit) = (records.len(), self.batch);
                return Err(Refusal::TooManyRecords { count, limit });
            }
            made.push(ModelRequest {
                id: (self.requests.len() + made.len() + 1) as u64,
                job: draft.job.clone(),
                kind: draft.kind,
                records,
                outcomes: vec![],
                state: RequestState::Shelved,
                created: now,
                started: None,
                ended: None,
                gate: draft.threshold.filter(|_| has_shelf).and_then(|threshold| {
                    let after = (self.requests.len() + step_before(drafts, at)? + 1) as u64;
                    Some(ModelGate { after, threshold, released: false })
                }),
            });
        }
        self.requests.extend(made);
        self.move_up();
        Ok(())
    }

    pub(crate) fn start(&mut self, id: u64, now: i64) -> Result<(), Refusal> {
        let index = self.index(id)?;
        self.must_be(index, RequestState::Queued)?;
        let job = self.requests[index].job.clone();
        self.must_be_active(&job)?;
        let first = self.open_of(&job)[0];
        if first != id {
            return Err(Refusal::NotNext { request: RequestId(id), next: RequestId(first) });
        }
        let request = &mut self.requests[index];
        request.state = RequestState::Running;
        if request.started.is_none() {
            request.started = Some(now);
        }
        Ok(())
    }

    pub(crate) fn settle(
        &mut self,
        id: u64,
        outcomes: &[RecordOutcome],
        now: i64,
    ) -> Result<(), Refusal> {
        let index = self.index(id)?;
        self.must_be(index, RequestState::Running)?;
        let request = &mut self.requests[index];
        let pending = request.records.len() - request.outcomes.len();
        if outcomes.len() > pending {
            let given = outcomes.len();
            return Err(Refusal::TooManyOutcomes { request: RequestId(id), given, pending });
        }
        for outcome in outcomes {
            request.outcomes.push(*outcome);
        }
        if request.outcomes.len() == request.records.len() {
            request.state = RequestState::Finished;
            request.ended = Some(now);
        }
        self.move_up();
        Ok(())
    }

    pub(crate) fn withdraw(&mut self, id: u64, now: i64) -> Result<(), Refusal> {
        let index = self.index(id)?;
        let request = &mut self.requests[index];
        if !open(request.state) && request.state != RequestState::Shelved {
            return Err(Refusal::WrongState { request: RequestId(id), state: request.state });
        }
        request.state = RequestState::Withdrawn;
        request.ended = Some(now);
        self.move_up();
        Ok(())
    }

    pub(crate) fn recover(&mut self) {
        for request in &mut self.requests {
            if request.state == RequestState::Running {
                request.state = RequestState::Queued;
            }
        }
    }
}
