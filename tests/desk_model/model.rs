//! The naive model: what is stored, in plain lists, and what a life of the process knows besides.
//!
//! It is written from the documented rules and shares no code with the desk; of the crate it names only words. Every
//! write asks [`Model::write`] what becomes of it, so a write that fails changes nothing, and one in which the process
//! dies has happened or has not: nothing else is allowed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use error_desk::domain::{RecordOutcome, RecordState, RequestKind, RequestState};
use error_desk::protocol::{Code, Problem};
use error_desk::store::Fault;
use serde_json::Value;

use crate::universe::thing;

/// A no: its code and its numbers.
pub(crate) type No = (Code, Option<Value>);

/// What a command is answered.
pub(crate) type Answer = Result<String, No>;

pub(crate) fn no(problem: impl Into<Problem>) -> No {
    let Problem { code, details, .. } = problem.into();
    (code, details.map(|details| *details))
}

/// A loaded record. Ordered as dumps came and tell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) dataset: u32,
    pub(crate) row: u32,
    pub(crate) thing: usize,
    /// Row of the dump, from 1.
    pub(crate) line: u32,
}

impl Row {
    /// The number that stands for it in the store.
    pub(crate) fn bits(&self) -> u64 {
        u64::from(self.dataset) << 32 | u64::from(self.row)
    }
}

/// A request, spelled out. Times in milliseconds since the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: u64,
    pub(crate) job: &'static str,
    pub(crate) kind: RequestKind,
    pub(crate) rows: Vec<Row>,
    pub(crate) outcomes: Vec<RecordOutcome>,
    pub(crate) state: RequestState,
    pub(crate) created: i64,
    pub(crate) started: Option<i64>,
    pub(crate) ended: Option<i64>,
    pub(crate) gate: Option<Gated>,
}

/// What a step of a ramp waits for: a request, and the percentage of it that must have cleared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gated {
    pub(crate) after: u64,
    pub(crate) threshold: u8,
    pub(crate) released: bool,
}

impl Asked {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, RequestState::Queued | RequestState::Running)
    }

    /// In the queue or on the shelf.
    pub(crate) fn holds(&self) -> bool {
        self.is_open() || self.state == RequestState::Shelved
    }

    pub(crate) fn has(&self, outcome: RecordOutcome) -> usize {
        self.outcomes.iter().filter(|given| **given == outcome).count()
    }
}

/// The settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) places: usize,
    pub(crate) batch: usize,
    pub(crate) hold_seconds: u32,
    pub(crate) pace_ms: u32,
    pub(crate) fixed: BTreeSet<&'static str>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { places: 5, batch: 10_000, hold_seconds: 10, pace_ms: 150, fixed: BTreeSet::new() }
    }
}

/// Jobs with the records of a request each.
pub(crate) type Parts = Vec<(&'static str, Vec<Row>)>;

/// A plan that can still be submitted.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) id: u64,
    pub(crate) kind: RequestKind,
    pub(crate) parts: Parts,
    /// For each part the one before it, where it is a step of a ramp.
    pub(crate) after: Vec<Option<usize>>,
    pub(crate) threshold: u8,
    pub(crate) left_out: LeftOut,
}

/// Records that a plan leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) requested: usize,
    pub(crate) not_retriable: usize,
    pub(crate) cleared: usize,
    pub(crate) pointless: usize,
}

impl LeftOut {
    pub(crate) fn all(&self) -> usize {
        self.requested + self.not_retriable + self.cleared + self.pointless
    }
}

/// What ends with the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    /// Lines that wait for the next commit.
    pub(crate) notes: usize,
    pub(crate) kept: VecDeque<Planned>,
    /// Ids of all plans of this life, in order.
    pub(crate) plans: Vec<u64>,
    /// Jobs that failed: their pause, and until when.
    pub(crate) stalls: BTreeMap<&'static str, (i64, i64)>,
    pub(crate) last_steps: BTreeMap<&'static str, i64>,
    /// Writes so far, failed ones included.
    pub(crate) writes: usize,
    /// Writes before the one that goes wrong.
    pub(crate) fault: Option<(usize, Fault)>,
    pub(crate) is_dead: bool,
    /// Datasets whose segments could not be removed when their import had come to nothing.
    pub(crate) left_over: BTreeSet<u32>,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) jobs: BTreeMap<&'static str, bool>,
    /// Rows of the loaded datasets, the dismissed ones among them.
    pub(crate) rows: Vec<Row>,
    pub(crate) datasets: BTreeSet<u32>,
    /// Rows of other datasets that a dump held again.
    pub(crate) again: BTreeMap<u32, BTreeSet<Row>>,
    pub(crate) next_dataset: u32,
    pub(crate) requests: Vec<Asked>,
    /// Ids in the order in which they came into the queue.
    pub(crate) entered: Vec<u64>,
    pub(crate) dismissed: BTreeSet<usize>,
    pub(crate) rules: Rules,
    /// Datasets that still hold texts of dismissed records.
    pub(crate) unerased: BTreeSet<u32>,
    pub(crate) life: Life,
    pub(crate) now: i64,
    pub(crate) cut: bool,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            jobs: BTreeMap::new(),
            rows: vec![],
            datasets: BTreeSet::new(),
            again: BTreeMap::new(),
            next_dataset: 1,
            requests: vec![],
            entered: vec![],
            dismissed: BTreeSet::new(),
            rules: Rules::default(),
            unerased: BTreeSet::new(),
            life: Life::default(),
            now: 0,
            cut: false,
        }
    }

    /// One write: it happens, or it goes wrong as planned.
    pub(crate) fn write(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), No> {
        let gone = || (Code::StorageUnavailable, None);
        if self.life.is_dead {
            return Err(gone());
        }
        self.life.writes += 1;
        let due = match &mut self.life.fault {
            Some((0, _)) => self.life.fault.take().map(|(_, fault)| fault),
            Some((others, _)) => {
                *others -= 1;
                None
            }
            None => None,
        };
        match due {
            None => {
                change(self);
                Ok(())
            }
            Some(Fault::Fail(error)) => Err(no(error)),
            Some(Fault::CrashBefore) => {
                self.life.is_dead = true;
                Err(gone())
            }
            Some(Fault::CrashAfter) => {
                change(self);
                self.life.is_dead = true;
                Err(gone())
            }
        }
    }

    /// A write that takes the waiting lines along.
    pub(crate) fn commit(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), No> {
        self.write(change)?;
        self.life.notes = 0;
        Ok(())
    }

    /// The same by a person: what had failed is worth another try.
    pub(crate) fn act(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), No> {
        self.commit(change)?;
        self.life.stalls.clear();
        Ok(())
    }

    /// What an import wrote that came to nothing; where it cannot be removed now, it is before the next one.
    pub(crate) fn discard(&mut self, dataset: u32) {
        if self.write(|_| ()).is_err() {
            self.life.left_over.insert(dataset);
        }
    }

    pub(crate) fn remove_left_over(&mut self) -> Result<(), No> {
        while let Some(dataset) = self.life.left_over.first().copied() {
            self.write(|_| ())?;
            self.life.left_over.remove(&dataset);
        }
        Ok(())
    }

    /// A new life on what is stored: nothing runs any more.
    pub(crate) fn reopen(&mut self, fault: Option<Fault>) {
        let fault = fault.map(|fault| (0, fault));
        self.life = Life { fault, ..Life::default() };
        if self.requests.iter().any(|request| request.state == RequestState::Running) {
            // A store without room keeps nobody from starting.
            let _runs_on = self.commit(|model| {
                for request in &mut model.requests {
                    if request.state == RequestState::Running {
                        request.state = RequestState::Queued;
                    }
                }
            });
        }
    }

    /// Rows that can be seen.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.is_live(row))
    }

    /// The live rows that a dump held, loaded with it or before.
    pub(crate) fn shown_by(&self, dataset: u32) -> BTreeSet<Row> {
        let own = self.live().filter(|row| row.dataset == dataset);
        let again = self.again.get(&dataset).into_iter().flatten();
        own.chain(again.filter(|row| self.is_live(row))).copied().collect()
    }

    pub(crate) fn is_live(&self, row: &Row) -> bool {
        self.datasets.contains(&row.dataset) && !self.dismissed.contains(&row.thing)
    }

    /// The state that is shown: the last word that a request says of it.
    pub(crate) fn shown(&self, row: &Row) -> RecordState {
        let mut state = RecordState::Open;
        for request in &self.requests {
            let Some(place) = request.rows.iter().position(|held| held == row) else { continue };
            match request.outcomes.get(place) {
                Some(RecordOutcome::Cleared) => state = RecordState::Cleared,
                Some(RecordOutcome::FailedAgain) => state = RecordState::FailedAgain,
                None if request.holds() => state = RecordState::Requested,
                _ => {}
            }
        }
        state
    }

    pub(crate) fn is_held(&self, row: &Row) -> bool {
        self.requests.iter().any(|request| request.holds() && request.rows.contains(row))
    }

    pub(crate) fn open_of(&self, job: &str) -> impl Iterator<Item = &Asked> {
        let entered = self.entered.iter().filter_map(|id| self.find(*id));
        entered.filter(move |request| request.job == job && request.is_open())
    }

    fn find(&self, id: u64) -> Option<&Asked> {
        self.requests.iter().find(|request| request.id == id)
    }

    /// Whether a request waits for the step of its ramp before it.
    pub(crate) fn is_locked(&self, request: &Asked) -> bool {
        let Some(gate) = request.gate.filter(|_| request.state == RequestState::Shelved) else {
            return false;
        };
        let before = self.find(gate.after).expect("the step before");
        let cleared = before.has(RecordOutcome::Cleared);
        let retried = cleared + before.has(RecordOutcome::FailedAgain);
        let is_reached = before.state == RequestState::Finished
            && retried > 0
            && cleared * 100 >= usize::from(gate.threshold) * retried;
        !gate.released && !is_reached
    }

    /// What may leave the shelf of an Active job leaves it, the oldest first, as long as there are places.
    pub(crate) fn move_up(&mut self) {
        for at in 0..self.requests.len() {
            let request = &self.requests[at];
            let (id, job) = (request.id, request.job);
            let may = request.state == RequestState::Shelved
                && !self.is_locked(request)
                && self.jobs[job]
                && self.open_of(job).count() < self.rules.places;
            if may {
                self.requests[at].state = RequestState::Queued;
                self.entered.push(id);
            }
        }
    }

    pub(crate) fn request(&mut self, id: u64) -> &mut Asked {
        self.requests.iter_mut().find(|request| request.id == id).expect("a request")
    }

    /// Gives outcomes to the next records of a request that runs or starts now.
    pub(crate) fn settle(&mut self, id: u64, outcomes: &[RecordOutcome]) {
        let now = self.now;
        let request = self.request(id);
        let first = request.outcomes.len();
        let gone = request.rows[first..].iter().zip(outcomes);
        let gone: Vec<Row> =
            gone.filter(|(_, o)| **o == RecordOutcome::Dismissed).map(|(row, _)| *row).collect();
        request.outcomes.extend_from_slice(outcomes);
        request.state = RequestState::Running;
        request.started = request.started.or(Some(now));
        if request.outcomes.len() == request.rows.len() {
            request.state = RequestState::Finished;
            request.ended = Some(now);
        }
        for row in gone {
            self.dismissed.insert(row.thing);
            self.unerased.insert(row.dataset);
        }
        self.move_up();
    }

    /// What a retry of a record comes to, by the stated model of the rehearsal.
    pub(crate) fn outcome(&self, row: &Row) -> RecordOutcome {
        let thing = thing(row.thing);
        match thing.category {
            "System" => RecordOutcome::Cleared,
            _ if self.rules.fixed.contains(thing.cause.as_str()) => RecordOutcome::Cleared,
            _ => RecordOutcome::FailedAgain,
        }
    }
}
