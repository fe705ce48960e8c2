//! A round of the runner as the model sees it: in each job the oldest request, one step, and only while the job is
//! Active. A command may come while the gateway works.

use error_desk::domain::{RecordOutcome, RequestKind, RequestState};
use error_desk::protocol::Code;

use crate::answers::Known;
use crate::commands::Command;
use crate::harness::STEP;
use crate::model::{Answer, Model, No};

const FIRST_PAUSE: i64 = 5_000;
const LONGEST_PAUSE: i64 = 300_000;

/// What a round ended with; a moment in milliseconds since the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Step,
    Until(i64),
    Rest,
}

impl End {
    fn or(self, moment: i64) -> Self {
        match self {
            Self::Step => Self::Step,
            Self::Until(other) => Self::Until(other.min(moment)),
            Self::Rest => Self::Until(moment),
        }
    }
}

/// A command that comes when the gateway is asked for the first time, and the answer to it.
pub(crate) struct Meanwhile<'a> {
    pub(crate) command: Option<&'a Command>,
    pub(crate) known: Known,
    pub(crate) answer: Option<Answer>,
}

impl Model {
    pub(crate) fn round(&mut self, meanwhile: &mut Meanwhile<'_>) -> End {
        // The runner writes lines that are due before it works; here all of them are.
        self.write_notes();
        let jobs: Vec<&str> = self.jobs.keys().copied().collect();
        let mut end = End::Rest;
        let mut dismissals = vec![];
        for job in jobs {
            let Some(first) = self.open_of(job).next() else { continue };
            let (id, kind, runs) = (first.id, first.kind, first.state == RequestState::Running);
            let waits = kind == RequestKind::Dismiss && first.started.is_none();
            let held_until = first.created + i64::from(self.rules.hold_seconds) * 1_000;
            if !runs && !self.jobs[job] {
                continue;
            }
            if let Some(moment) = self.not_before(job) {
                end = end.or(moment);
            } else if waits && self.rules.hold_seconds > 0 && held_until > self.now {
                end = end.or(held_until);
            } else if kind == RequestKind::Dismiss {
                dismissals.push((job, id));
            } else {
                let stepped = if runs { Ok(()) } else { self.start(id) };
                let stepped = stepped.and_then(|()| self.step(id, meanwhile));
                end = self.after(job, stepped.is_ok(), end);
            }
        }
        if !dismissals.is_empty() {
            let ids: Vec<u64> = dismissals.iter().map(|(_, id)| *id).collect();
            let stepped = self.dismiss(&ids).is_ok();
            for (job, _) in dismissals {
                end = self.after(job, stepped, end);
            }
        }
        end
    }

    pub(crate) fn write_notes(&mut self) {
        if self.life.notes > 0 {
            let _told_otherwise = self.commit(|_| ());
        }
    }

    fn not_before(&self, job: &str) -> Option<i64> {
        let stalled = self.life.stalls.get(job).map(|(_, until)| *until);
        let last = self.life.last_steps.get(job);
        let paced = last.map(|last| last + i64::from(self.rules.pace_ms));
        stalled.into_iter().chain(paced).filter(|moment| *moment > self.now).max()
    }

    fn after(&mut self, job: &'static str, stepped: bool, end: End) -> End {
        if stepped {
            self.life.stalls.remove(job);
            self.life.last_steps.insert(job, self.now);
            return End::Step;
        }
        let pause = match self.life.stalls.get(job) {
            Some((before, _)) => (before * 2).min(LONGEST_PAUSE),
            None => FIRST_PAUSE,
        };
        self.life.stalls.insert(job, (pause, self.now + pause));
        self.not_before(job).map_or(end, |moment| end.or(moment))
    }

    fn start(&mut self, id: u64) -> Result<(), No> {
        self.commit(|model| {
            let now = model.now;
            let request = model.request(id);
            request.state = RequestState::Running;
            request.started = request.started.or(Some(now));
        })
    }

    /// How many records the next step of a request has.
    fn window(&self, id: u64) -> usize {
        let request = self.requests.iter().find(|request| request.id == id).expect("a request");
        let left = request.rows.len() - request.outcomes.len();
        if self.rules.pace_ms > 0 { left.min(STEP) } else { left }
    }

    fn step(&mut self, id: u64, meanwhile: &mut Meanwhile<'_>) -> Result<(), No> {
        let asked = self.request(id).clone();
        let rows = &asked.rows[asked.outcomes.len()..][..self.window(id)];
        let outcomes: Vec<RecordOutcome> = rows.iter().map(|row| self.outcome(row)).collect();
        if let Some(command) = meanwhile.command.take() {
            meanwhile.answer = Some(self.perform(command, &meanwhile.known));
        }
        if self.cut {
            return Err((Code::GatewayUnreachable, None));
        }
        // Withdrawn, parked or wiped meanwhile: what the gateway did is forgotten.
        let found = self.requests.iter().find(|request| request.id == id);
        if found.is_some_and(|found| found.state == RequestState::Running) {
            return self.commit(|model| model.settle(id, &outcomes));
        }
        if self.life.notes > 0 { self.commit(|_| ()) } else { Ok(()) }
    }

    fn dismiss(&mut self, ids: &[u64]) -> Result<(), No> {
        let is_due = |id: &u64| {
            let Some(request) = self.requests.iter().find(|request| request.id == *id) else {
                return false;
            };
            let first = self.open_of(request.job).next().map(|first| first.id);
            let held_until = request.created + i64::from(self.rules.hold_seconds) * 1_000;
            let is_held = request.started.is_none() && held_until > self.now;
            let may_start = self.jobs[request.job] && !is_held;
            first == Some(*id) && (request.state == RequestState::Running || may_start)
        };
        let due: Vec<u64> = ids.iter().copied().filter(is_due).collect();
        if due.is_empty() && self.life.notes == 0 {
            return Ok(());
        }
        self.commit(|model| {
            for id in due {
                let outcomes = vec![RecordOutcome::Dismissed; model.window(id)];
                model.settle(id, &outcomes);
            }
        })
    }
}
