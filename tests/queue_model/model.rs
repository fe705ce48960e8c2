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
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ModelDraft {
    pub(crate) job: String,
    pub(crate) kind: RequestKind,
    pub(crate) records: Vec<u64>,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) jobs: Vec<ModelJob>,
    pub(crate) requests: Vec<ModelRequest>,
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
        Self { jobs: vec![], requests: vec![], places, batch }
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
        for request in &self.requests {
            if request.job == job && open(request.state) {
                ids.push(request.id);
            }
        }
        ids
    }

    pub(crate) fn holder(&self, record: u64) -> Option<u64> {
        let holders = self.requests.iter().filter(|request| open(request.state));
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
        Ok(())
    }

    pub(crate) fn submit(&mut self, drafts: &[ModelDraft], now: i64) -> Result<(), Refusal> {
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
            if count + asked > self.places {
                let job = JobId(name.to_owned());
                return Err(Refusal::QueueFull { job, count, asked, limit: self.places });
            }
        }
        let mut made: Vec<ModelRequest> = vec![];
        for draft in drafts {
            let mut records = draft.records.clone();
            records.sort();
            records.dedup();
            let taken = |record: &u64| {
                self.holder(*record).is_some() || made.iter().any(|r| r.records.contains(record))
            };
            let count = records.iter().filter(|record| taken(record)).count();
            if count > 0 {
                return Err(Refusal::AlreadyRequested { count });
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
                state: RequestState::Queued,
                created: now,
                started: None,
                ended: None,
            });
        }
        self.requests.extend(made);
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
        Ok(())
    }

    pub(crate) fn withdraw(&mut self, id: u64, now: i64) -> Result<(), Refusal> {
        let index = self.index(id)?;
        let request = &mut self.requests[index];
        if !open(request.state) {
            return Err(Refusal::WrongState { request: RequestId(id), state: request.state });
        }
        request.state = RequestState::Withdrawn;
        request.ended = Some(now);
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
