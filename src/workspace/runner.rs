//! The background: starts what is next in each job, carries it out in steps, and rests when nothing may run.
//!
//! Work is in steps so that progress is visible and a withdrawal or a stopped job takes effect between two of them.
//! Each step is one commit of outcomes, dismissals and trail; a crash repeats at most a step that was not committed,
//! and the gateway is idempotent.

use std::cell::{Cell, RefCell};

use futures_channel::oneshot;
use futures_util::future::select;
use serde_json::json;

use super::engine::{Decision, Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, RetryItem, Store};
use super::state::State;
use crate::domain::{
    Identity, JobId, RecordId, RecordOutcome, Request, RequestId, RequestKind, RequestState,
    Timestamp,
};
use crate::protocol::{Event, Problem};

/// Records of one step. 10,000 records are 20 steps: enough to see progress, few enough to be quick.
const STEP_RECORDS: usize = 500;

/// Longest sleep towards a moment; the clock of a machine may jump.
const LONGEST_SLEEP_MS: i64 = 60_000;

/// Wakes the runner, and those who wait until it rests.
#[derive(Default)]
pub(super) struct Signals {
    woken: Cell<bool>,
    runner: RefCell<Option<oneshot::Sender<()>>>,
    resting: RefCell<Vec<oneshot::Sender<()>>>,
    /// Work that failed is not tried again before someone acts.
    stalled: RefCell<Vec<JobId>>,
}

impl Signals {
    /// Something changed: there may be work.
    pub(super) fn wake(&self) {
        self.woken.set(true);
        self.stalled.borrow_mut().clear();
        if let Some(runner) = self.runner.borrow_mut().take() {
            let _gone = runner.send(());
        }
    }

    fn asleep(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        if self.woken.take() {
            let _same_thread = sender.send(());
        } else {
            *self.runner.borrow_mut() = Some(sender);
        }
        receiver
    }
}

/// What a round of the runner ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// A step was made; more may follow.
    Step,
    /// Nothing may run before this moment: a dismissal is held.
    Until(Timestamp),
    /// Nothing may run.
    Rest,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Runs for ever.
    pub async fn run(&self) {
        loop {
            let pause = self.round().await;
            for waiting in self.signals.resting.take() {
                let _gone = waiting.send(());
            }
            match pause {
                Pause::Step => {
                    let millis = self.see().settings.rehearsal_step_ms;
                    self.clock.sleep(millis).await;
                }
                Pause::Until(moment) => {
                    let left =
                        (moment.millis() - self.clock.now().millis()).clamp(1, LONGEST_SLEEP_MS);
                    let nap = Box::pin(self.clock.sleep(left as u32));
                    select(self.signals.asleep(), nap).await;
                }
                Pause::Rest => {
                    self.finish_erasure().await;
                    let _woken = self.signals.asleep().await;
                }
            }
        }
    }

    /// One step of every job that may work.
    pub async fn round(&self) -> Pause {
        let jobs: Vec<JobId> = self.see().queue.jobs().map(|job| job.id.clone()).collect();
        let mut pause = Pause::Rest;
        for job in jobs {
            if self.signals.stalled.borrow().contains(&job) {
                continue;
            }
            let Some(work) = self.work_of(&job) else { continue };
            match work {
                Work::Held(moment) => pause = sooner(pause, moment),
                Work::Start(request) => {
                    let started = self.start(request).await;
                    let stepped = match started {
                        Ok(()) => self.step(request).await,
                        refused => refused,
                    };
                    pause = self.after(&job, stepped, pause);
                }
                Work::Step(request) => {
                    let stepped = self.step(request).await;
                    pause = self.after(&job, stepped, pause);
                }
            }
        }
        pause
    }

    /// Resolves once nothing that may run is left, in one job or in all.
    pub async fn idle(&self, job: Option<&JobId>) -> Result<(), Problem> {
        if let Some(job) = job {
            refused(self.see().queue.job(job).map(|_| ()))?;
        }
        loop {
            let busy = {
                let state = self.see();
                let stalled = self.signals.stalled.borrow();
                state
                    .queue
                    .jobs()
                    .filter(|candidate| {
                        job.is_none_or(|job| candidate.id == *job)
                            && !stalled.contains(&candidate.id)
                    })
                    .any(|candidate| self.work_in(&state, &candidate.id).is_some())
            };
            if !busy {
                return Ok(());
            }
            let (sender, receiver) = oneshot::channel();
            self.signals.resting.borrow_mut().push(sender);
            let _dropped = receiver.await;
        }
    }

    fn work_of(&self, job: &JobId) -> Option<Work> {
        self.work_in(&self.see(), job)
    }

    fn work_in(&self, state: &State, job: &JobId) -> Option<Work> {
        let first = state.queue.open(job).next()?;
        if first.state == RequestState::Running {
            return Some(Work::Step(first.id));
        }
        let next = state.queue.next(job)?;
        let held =
            state.settings.dismiss_hold.until(first).filter(|until| *until > self.clock.now());
        Some(held.map_or(Work::Start(next), Work::Held))
    }

    fn after(&self, job: &JobId, stepped: Result<(), Problem>, pause: Pause) -> Pause {
        match stepped {
            Ok(()) => Pause::Step,
            Err(problem) => {
                self.signals.stalled.borrow_mut().push(job.clone());
                self.announcer.announce(Event::Problem(problem));
                pause
            }
        }
    }

    async fn start(&self, request: RequestId) -> Result<(), Problem> {
        self.change(|state, now| {
            // The job was stopped or the request withdrawn a moment ago: then there is nothing to start.
            let Ok(change) = state.queue.start(request, now) else {
                return Ok((Decision::default(), vec![]));
            };
            Ok((Decision::queue(change), vec![("started", json!({ "requestId": request }))]))
        })
        .await
    }

    /// The next records of a running request: outcome of each, one commit.
    async fn step(&self, id: RequestId) -> Result<(), Problem> {
        let Some(step) = self.prepare(id) else { return Ok(()) };
        let outcomes = match step.kind {
            RequestKind::Retry => self.retry(id, &step).await?,
            RequestKind::Dismiss => step.records.iter().map(|record| record.dismissal()).collect(),
        };
        self.change(|state, now| {
            // Withdrawn, parked or wiped while the gateway worked: what it did is idempotent and will be asked again, or never.
            let still = state.queue.request(id).is_ok_and(|current| {
                current.state == RequestState::Running && current.outcomes.len() == step.done
            });
            if !still {
                return Ok((Decision::default(), vec![]));
            }
            let change = refused(state.queue.settle(id, &outcomes, now))?;
            let lines = change.requests.iter().filter_map(finished_line).collect();
            let mut decision = Decision::queue(change);
            if step.kind == RequestKind::Dismiss {
                decision.commit.dismissals =
                    step.records.iter().filter_map(|record| record.identity).collect();
            }
            Ok((decision, lines))
        })
        .await
    }

    async fn retry(&self, id: RequestId, step: &Step) -> Result<Vec<RecordOutcome>, Problem> {
        let items: Vec<RetryItem> =
            step.records.iter().filter_map(|record| record.item.clone()).collect();
        let mut answers = self.gateway.retry(id, &items).await?.into_iter();
        // A record that is gone (its dataset was removed, or another request dismissed it) has no item and is skipped.
        let outcome = |record: &StepRecord| {
            record.item.as_ref().and_then(|_| answers.next()).unwrap_or(RecordOutcome::Skipped)
        };
        Ok(step.records.iter().map(outcome).collect())
    }

    fn prepare(&self, id: RequestId) -> Option<Step> {
        let state = self.see();
        let request = state.queue.request(id).ok()?;
        if request.state != RequestState::Running {
            return None;
        }
        let pending = request.pending();
        let window = &pending[..pending.len().min(STEP_RECORDS)];
        let records = window.iter().map(|record| StepRecord::of(&state, *record)).collect();
        Some(Step { kind: request.kind, done: request.outcomes.len(), records })
    }
}

/// What a job's first open request may do now.
enum Work {
    Start(RequestId),
    Step(RequestId),
    Held(Timestamp),
}

struct Step {
    kind: RequestKind,
    /// Outcomes that the request had when the step was prepared.
    done: usize,
    records: Vec<StepRecord>,
}

struct StepRecord {
    identity: Option<Identity>,
    item: Option<RetryItem>,
}

impl StepRecord {
    fn of(state: &State, record: RecordId) -> Self {
        let identity = state.table.identity(record);
        let item = state.table.candidates([record]).next().map(|candidate| RetryItem {
            record,
            category: candidate.category.clone(),
            cause_fixed: state.table.cause(record).is_some_and(|cause| {
                state.settings.fixed_causes.iter().any(|fixed| fixed == cause)
            }),
        });
        Self { identity, item }
    }

    fn dismissal(&self) -> RecordOutcome {
        if self.identity.is_some() { RecordOutcome::Dismissed } else { RecordOutcome::Skipped }
    }
}

fn finished_line(request: &Request) -> Option<(&'static str, serde_json::Value)> {
    let done = request.state == RequestState::Finished;
    done.then(|| {
        (
            "finished",
            json!({ "requestId": request.id, "jobId": request.job, "outcomes": request.tally() }),
        )
    })
}

fn sooner(pause: Pause, moment: Timestamp) -> Pause {
    match pause {
        Pause::Step => Pause::Step,
        Pause::Until(other) => Pause::Until(other.min(moment)),
        Pause::Rest => Pause::Until(moment),
    }
}
