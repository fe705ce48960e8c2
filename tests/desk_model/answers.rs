//! What the model does and answers when it is asked for something other than a round.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use error_desk::domain::{JobId, Refusal, RequestId, RequestState};
use error_desk::protocol::Code;

use crate::commands::Command;
use crate::model::{Answer, Asked, Life, Model, No, Row, Rules, no};
use crate::universe::thing;

/// Numbers that commands count round, taken when the command is given.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    requests: u64,
    shelved: Vec<u64>,
    datasets: u64,
    plans: Vec<u64>,
}

impl Known {
    pub(crate) fn of(model: &Model) -> Self {
        let (requests, datasets) = (model.requests.len() as u64, u64::from(model.next_dataset));
        let shelved = model.requests.iter().filter(|one| one.state == RequestState::Shelved);
        let shelved = shelved.map(|one| one.id).collect();
        Self { requests, shelved, datasets, plans: model.life.plans.clone() }
    }

    /// 0 and one beyond the last are among them.
    pub(crate) fn request(&self, number: u64) -> u64 {
        number % (self.requests + 2)
    }

    /// Even numbers count round those on the shelf, where there are any, and odd ones all requests.
    pub(crate) fn shelved(&self, number: u64) -> u64 {
        let half = number / 2;
        match self.shelved.len() as u64 {
            len if number.is_multiple_of(2) && len > 0 => self.shelved[(half % len) as usize],
            _ => self.request(half),
        }
    }

    pub(crate) fn dataset(&self, number: u64) -> u32 {
        (number % (self.datasets + 1)) as u32
    }

    /// The plan so many before the last of this life, 0 where there is none.
    pub(crate) fn plan(&self, before_last: u64) -> u64 {
        self.plans.iter().rev().nth(before_last as usize).copied().unwrap_or_default()
    }
}

pub(crate) fn invalid() -> No {
    (Code::InvalidArgument, None)
}

pub(crate) fn expired() -> No {
    (Code::PlanExpired, None)
}

pub(crate) fn job_id(job: &str) -> JobId {
    JobId(job.to_owned())
}

impl Model {
    /// Anything but rounds and what happens to the process.
    pub(crate) fn perform(&mut self, command: &Command, known: &Known) -> Answer {
        let done = |result: Result<(), No>| result.map(|()| "done".to_owned());
        match command {
            Command::Import(things) => self.import(things),
            Command::Plan(kind, which, ramp, heeds) => self.plan(*kind, which, *ramp, *heeds),
            Command::SubmitPlan(before_last) => self.submit_plan(known.plan(*before_last)),
            Command::Submit(kind, job, which) => self.submit_one(*kind, job, which),
            Command::Withdraw(number) => done(self.withdraw(known.request(*number))),
            Command::Release(number) => done(self.release(known.shelved(*number))),
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
                    model.move_up();
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
            // The one chunk, then what makes it a dataset.
            let segments = match loaded {
                0 => Ok(()),
                _ => self.write(|_| ()),
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

    fn withdraw(&mut self, id: u64) -> Result<(), No> {
        let found = self.requests.iter().find(|request| request.id == id);
        let request = found.ok_or_else(|| no(Refusal::UnknownRequest(RequestId(id))))?;
        if !request.holds() {
            return Err(no(Refusal::WrongState { request: RequestId(id), state: request.state }));
        }
        self.act(|model| {
            let now = model.now;
            let request = model.request(id);
            request.state = RequestState::Withdrawn;
            request.ended = Some(now);
            model.move_up();
        })
    }

    fn release(&mut self, id: u64) -> Result<(), No> {
        let found = self.requests.iter().find(|request| request.id == id);
        let request = found.ok_or_else(|| no(Refusal::UnknownRequest(RequestId(id))))?;
        if !self.is_locked(request) {
            return Err(no(Refusal::NotLocked { request: RequestId(id) }));
        }
        let after = request.gate.map(|gate| gate.after);
        self.act(|model| {
            for other in &mut model.requests {
                let waits = other.state == RequestState::Shelved;
                if let Some(gate) =
                    other.gate.as_mut().filter(|gate| waits && Some(gate.after) == after)
                {
                    gate.released = true;
                }
            }
            model.move_up();
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
            model.move_up();
        })
    }

    fn remove(&mut self, dataset: u32) -> Result<(), No> {
        if !self.datasets.contains(&dataset) {
            return Err((Code::UnknownDataset, None));
        }
        let of_it =
            |request: &Asked| request.rows.iter().filter(|row| row.dataset == dataset).count();
        let holders =
            || self.requests.iter().filter(|request| request.holds() && of_it(request) > 0);
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
            let segments = self.write(|model| {
                model.unerased.remove(&dataset);
            });
            if segments.is_err() {
                return;
            }
        }
    }

    fn wipe(&mut self) -> Result<(), No> {
        self.write(|model| {
            let life = std::mem::take(&mut model.life);
            let life = Life {
                notes: 0,
                kept: VecDeque::new(),
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
