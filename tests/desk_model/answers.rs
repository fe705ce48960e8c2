//! What the model does and answers when it is asked for something other than a round.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use error_desk::domain::{
    JobId, JobStatus, RecordState, Refusal, RequestId, RequestKind, RequestState,
};
use error_desk::protocol::Code;

use crate::commands::{Command, Selection};
use crate::harness::BEGIN;
use crate::model::{Answer, Asked, LeftOut, Life, Model, No, Planned, Row, Rules, no};
use crate::universe::thing;

/// Numbers that commands count round, taken when the command is given.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    requests: u64,
    datasets: u64,
    plans: Vec<u64>,
}

impl Known {
    pub(crate) fn of(model: &Model) -> Self {
        let (requests, datasets) = (model.requests.len() as u64, u64::from(model.next_dataset));
        Self { requests, datasets, plans: model.life.plans.clone() }
    }

    /// 0 and one beyond the last are among them.
    pub(crate) fn request(&self, number: u64) -> u64 {
        number % (self.requests + 2)
    }

    pub(crate) fn dataset(&self, number: u64) -> u32 {
        (number % (self.datasets + 1)) as u32
    }

    /// The plan so many before the last of this life, 0 where there is none.
    pub(crate) fn plan(&self, before_last: u64) -> u64 {
        self.plans.iter().rev().nth(before_last as usize).copied().unwrap_or_default()
    }
}

fn invalid() -> No {
    (Code::InvalidArgument, None)
}

fn expired() -> No {
    (Code::PlanExpired, None)
}

fn job_id(job: &str) -> JobId {
    JobId(job.to_owned())
}

impl Model {
    /// Anything but rounds and what happens to the process.
    pub(crate) fn perform(&mut self, command: &Command, known: &Known) -> Answer {
        let done = |result: Result<(), No>| result.map(|()| "done".to_owned());
        match command {
            Command::Import(things) => self.import(things),
            Command::Plan(kind, which) => self.plan(*kind, which),
            Command::SubmitPlan(before_last) => self.submit_plan(known.plan(*before_last)),
            Command::Submit(kind, job, which) => self.submit_one(*kind, job, which),
            Command::Withdraw(number) => done(self.withdraw(known.request(*number))),
            Command::SetJob(job, active) => done(self.set_job(job, *active)),
            Command::MarkFixed(number, fixed) => {
                let cause = thing(*number).cause.as_str();
                done(self.act(|model| {
                    model.rules.fixed.remove(cause);
                    if *fixed {
                        model.rules.fixed.insert(cause);
                    }
                }))
            }
            Command::Limits(places, batch) => {
                if *places == Some(0) || *batch == Some(0) {
                    return Err(invalid());
                }
                done(self.act(|model| {
                    model.rules.places = places.unwrap_or(model.rules.places);
                    model.rules.batch = batch.unwrap_or(model.rules.batch);
                }))
            }
            Command::Hold(86_401..) | Command::Pace(60_001..) => Err(invalid()),
            Command::Hold(seconds) => done(self.act(|model| model.rules.hold_seconds = *seconds)),
            Command::Pace(millis) => done(self.act(|model| model.rules.pace_ms = *millis)),
            Command::Remove(number) => done(self.remove(known.dataset(*number))),
            Command::Erase => {
                self.erase();
                Ok("done".to_owned())
            }
            Command::Export => {
                let ids: Vec<&str> = self.live().map(|row| thing(row.thing).id.as_str()).collect();
                self.life.notes += 1;
                Ok(format!("{ids:?}"))
            }
            Command::Wipe => done(self.wipe()),
            Command::Turn(millis) => {
                self.now += millis;
                Ok("done".to_owned())
            }
            Command::Cut(cut) => {
                self.cut = *cut;
                Ok("done".to_owned())
            }
            other => panic!("{other:?} is no question to the desk"),
        }
    }

    fn import(&mut self, things: &[usize]) -> Answer {
        self.remove_left_over()?;
        let dataset = self.next_dataset;
        let (mut rows, mut duplicates, mut dismissed) = (Vec::<Row>::new(), 0, 0);
        let mut again = BTreeSet::new();
        for (line, number) in (1..).zip(things) {
            let is_it = |row: &Row| row.thing == *number;
            if self.dismissed.contains(number) {
                dismissed += 1;
            } else if let Some(row) = self.live().find(|row| is_it(row)) {
                duplicates += 1;
                again.insert(*row);
            } else if rows.iter().any(is_it) {
                duplicates += 1;
            } else {
                rows.push(Row { dataset, row: rows.len() as u32, thing: *number, line });
            }
        }
        let (read, loaded) = (things.len(), rows.len());
        // A dump that adds nothing still says which records are there, unless another one said the same.
        let says_more = || {
            !again.is_empty() && self.datasets.iter().all(|known| self.shown_by(*known) != again)
        };
        let made = (loaded > 0 || says_more()).then_some(dataset);
        let stored = if made.is_none() {
            self.act(|_| ())
        } else {
            // Head and details of the one chunk, then what makes them a dataset.
            let segments = match loaded {
                0 => Ok(()),
                _ => self.write(|_| ()).and_then(|()| self.write(|_| ())),
            };
            segments.and_then(|()| {
                self.act(|model| {
                    for row in &rows {
                        model.jobs.entry(thing(row.thing).job).or_insert(true);
                    }
                    model.rows.extend(rows);
                    model.datasets.insert(dataset);
                    model.again.insert(dataset, again);
                    model.next_dataset = dataset + 1;
                })
            })
        };
        if stored.is_err() || made.is_none() {
            self.discard(dataset);
        }
        stored.map(|()| {
            format!("dataset {made:?}: {read} read, {loaded} loaded, {duplicates} known, {dismissed} dismissed")
        })
    }

    fn select(&self, which: &Selection) -> Result<Vec<Row>, No> {
        let accepts = |row: &Row| {
            let (about, state) = (thing(row.thing), self.shown(row));
            let shown = state != RecordState::Cleared;
            match which {
                Selection::All => shown,
                Selection::Job(job) => shown && about.job == *job,
                Selection::Entity(entity) => shown && about.entity == *entity,
                Selection::Category(category) => shown && about.category == *category,
                Selection::State(wanted) => state == *wanted,
                Selection::Listed(things) => things.contains(&row.thing),
            }
        };
        if let Selection::Listed(things) = which
            && !things.iter().all(|number| self.live().any(|row| row.thing == *number))
        {
            return Err(invalid());
        }
        Ok(self.live().filter(|row| accepts(row)).copied().collect())
    }

    /// What may be worked on, by job and in requests, and what is left out.
    fn split(&self, kind: RequestKind, rows: &[Row]) -> (Vec<(&'static str, Vec<Row>)>, LeftOut) {
        let mut left_out = LeftOut::default();
        let mut parts: Vec<(&str, Vec<Row>)> = vec![];
        let mut jobs: Vec<&str> = rows.iter().map(|row| thing(row.thing).job).collect();
        jobs.sort();
        jobs.dedup();
        for job in jobs {
            let mut may = vec![];
            for row in rows.iter().filter(|row| thing(row.thing).job == job) {
                let is_retry = kind == RequestKind::Retry;
                if self.is_held(row) {
                    left_out.requested += 1;
                } else if is_retry && self.shown(row) == RecordState::Cleared {
                    left_out.cleared += 1;
                } else if is_retry && thing(row.thing).category == "Concurrency" {
                    left_out.not_retriable += 1;
                } else {
                    may.push(*row);
                }
            }
            may.sort();
            parts.extend(may.chunks(self.rules.batch).map(|part| (job, part.to_vec())));
        }
        (parts, left_out)
    }

    fn plan(&mut self, kind: RequestKind, which: &Selection) -> Answer {
        let rows = self.select(which)?;
        let (parts, left_out) = self.split(kind, &rows);
        let places = |job: &str| self.rules.places.saturating_sub(self.open_of(job).count());
        let told: Vec<_> =
            parts.iter().map(|(job, part)| (*job, part.len(), places(job))).collect();
        let last = self.life.plans.last().copied().unwrap_or_default();
        let id = (last + 1).max((BEGIN + self.now) as u64);
        self.life.plans.push(id);
        let LeftOut { requested, not_retriable, cleared } = left_out;
        let answer = format!(
            "plan {id} of {}: {told:?}, without {:?}",
            rows.len(),
            (requested, not_retriable, cleared)
        );
        self.life.shelf.push_back(Planned { id, kind, parts, left_out });
        if self.life.shelf.len() > 8 {
            self.life.shelf.pop_front();
        }
        self.life.notes += 1;
        Ok(answer)
    }

    fn submit_plan(&mut self, id: u64) -> Answer {
        let planned = self.life.shelf.iter().find(|planned| planned.id == id).cloned();
        let Planned { kind, parts, left_out, .. } = planned.ok_or_else(expired)?;
        if parts.is_empty() {
            return Err(nothing(left_out));
        }
        self.enqueue(kind, parts)
    }

    fn submit_one(&mut self, kind: RequestKind, job: &'static str, which: &Selection) -> Answer {
        self.must_be_active(job)?;
        let (count, limit) = (self.open_of(job).count(), self.rules.places);
        if count >= limit {
            return Err(no(Refusal::QueueFull { job: job_id(job), count, asked: 1, limit }));
        }
        let mut rows = self.select(which)?;
        let matched = rows.len();
        rows.retain(|row| thing(row.thing).job == job);
        let listed = matches!(which, Selection::Listed(_));
        if listed && rows.len() < matched {
            return Err(invalid());
        }
        let (parts, left_out) = self.split(kind, &rows);
        if parts.is_empty() || (listed && left_out.all() > 0) {
            return Err(nothing(left_out));
        }
        let records: Vec<Row> = parts.into_iter().flat_map(|(_, rows)| rows).collect();
        let (count, limit) = (records.len(), self.rules.batch);
        if count > limit {
            return Err(no(Refusal::TooManyRecords { count, limit }));
        }
        self.enqueue(kind, vec![(job, records)])
    }

    fn must_be_active(&self, job: &str) -> Result<(), No> {
        match self.jobs.get(job) {
            None => Err(no(Refusal::UnknownJob(job_id(job)))),
            Some(true) => Ok(()),
            Some(false) => {
                Err(no(Refusal::JobNotActive { job: job_id(job), status: JobStatus::stopped() }))
            }
        }
    }

    fn enqueue(&mut self, kind: RequestKind, parts: Vec<(&'static str, Vec<Row>)>) -> Answer {
        if parts.iter().any(|(_, rows)| rows.iter().any(|row| !self.is_live(row))) {
            return Err(expired());
        }
        for (job, _) in &parts {
            self.must_be_active(job)?;
        }
        for (job, _) in &parts {
            let asked = parts.iter().filter(|(other, _)| other == job).count();
            let (count, limit) = (self.open_of(job).count(), self.rules.places);
            if count + asked > limit {
                return Err(no(Refusal::QueueFull { job: job_id(job), count, asked, limit }));
            }
        }
        for (_, rows) in &parts {
            let count = rows.iter().filter(|row| self.is_held(row)).count();
            if count > 0 {
                return Err(no(Refusal::AlreadyRequested { count }));
            }
            let (count, limit) = (rows.len(), self.rules.batch);
            if count > limit {
                return Err(no(Refusal::TooManyRecords { count, limit }));
            }
        }
        if parts.iter().any(|(_, rows)| self.split(kind, rows).1.all() > 0) {
            return Err(expired());
        }
        let first = self.requests.len() as u64 + 1;
        let ids: Vec<u64> = (first..first + parts.len() as u64).collect();
        let created = self.now;
        self.act(|model| {
            for (id, (job, rows)) in (first..).zip(parts) {
                let (outcomes, state) = (vec![], RequestState::Queued);
                let (started, ended) = (None, None);
                model.requests.push(Asked {
                    id,
                    job,
                    kind,
                    rows,
                    outcomes,
                    state,
                    created,
                    started,
                    ended,
                });
            }
        })?;
        Ok(format!("{ids:?}"))
    }

    fn withdraw(&mut self, id: u64) -> Result<(), No> {
        let found = self.requests.iter().find(|request| request.id == id);
        let request = found.ok_or_else(|| no(Refusal::UnknownRequest(RequestId(id))))?;
        if !request.is_open() {
            return Err(no(Refusal::WrongState { request: RequestId(id), state: request.state }));
        }
        self.act(|model| {
            let now = model.now;
            let request = model.request(id);
            request.state = RequestState::Withdrawn;
            request.ended = Some(now);
        })
    }

    fn set_job(&mut self, job: &'static str, active: bool) -> Result<(), No> {
        if !self.jobs.contains_key(job) {
            return Err(no(Refusal::UnknownJob(job_id(job))));
        }
        self.act(|model| {
            model.jobs.insert(job, active);
            let runs =
                |request: &&mut Asked| request.job == job && request.state == RequestState::Running;
            for request in model.requests.iter_mut().filter(runs).filter(|_| !active) {
                request.state = RequestState::Queued;
            }
        })
    }

    fn remove(&mut self, dataset: u32) -> Result<(), No> {
        if !self.datasets.contains(&dataset) {
            return Err((Code::UnknownDataset, None));
        }
        let of_it =
            |request: &Asked| request.rows.iter().filter(|row| row.dataset == dataset).count();
        let holders =
            || self.requests.iter().filter(|request| request.is_open() && of_it(request) > 0);
        if let Some(first) = holders().next() {
            let count = holders().map(of_it).sum();
            return Err(no(Refusal::DatasetInUse { request: RequestId(first.id), count }));
        }
        self.act(|model| {
            model.datasets.remove(&dataset);
            model.again.remove(&dataset);
            model.rows.retain(|row| row.dataset != dataset);
            model.unerased.remove(&dataset);
        })
    }

    pub(crate) fn erase(&mut self) {
        for dataset in self.unerased.clone() {
            let details = self.write(|_| ());
            let head = |()| {
                self.write(|model| {
                    model.unerased.remove(&dataset);
                })
            };
            if details.and_then(head).is_err() {
                return;
            }
        }
    }

    fn wipe(&mut self) -> Result<(), No> {
        self.write(|model| {
            let life = std::mem::take(&mut model.life);
            let life = Life {
                notes: 0,
                shelf: VecDeque::new(),
                stalls: BTreeMap::new(),
                left_over: BTreeSet::new(),
                ..life
            };
            *model = Self {
                rules: Rules::default(),
                life,
                now: model.now,
                cut: model.cut,
                ..Self::new()
            };
        })
    }
}

fn nothing(left_out: LeftOut) -> No {
    let LeftOut { requested, not_retriable, .. } = left_out;
    no(match (requested, not_retriable) {
        (1.., _) => Refusal::AlreadyRequested { count: requested },
        (0, 1..) => Refusal::NotRetriable { count: not_retriable },
        _ => Refusal::NothingSelected,
    })
}
