//! The background: starts what is next in each job, carries it out in steps, and rests when nothing may run.
//!
//! Work is in steps so that progress is visible and a withdrawal or a stopped job takes effect between two of them.
//! Each step is one commit of outcomes, dismissals and trail; a crash repeats at most a step that was not committed,
//! and the gateway is idempotent.

use futures_util::future::{Either, join, select};
use serde_json::json;

use super::engine::{Decision, Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, RetryItem, Store};
use super::state::State;
use crate::domain::{
    Identity, JobId, RecordId, RecordOutcome, Request, RequestId, RequestKind, RequestState,
    Timestamp,
};
use crate::protocol::{Event, Problem};

/// Records of one step. 10,000 records are 20 steps: enough to see progress, few enough to be quick. Without a pace
/// there is nothing to see, and a request is one step.
const STEP_RECORDS: usize = 500;

/// Erasing rewrites whole segments: it begins when nobody has acted for this long.
const ERASE_AFTER_MS: u32 = 2_000;

/// Longest sleep towards a moment; the clock of a machine may jump.
const LONGEST_SLEEP_MS: i64 = 60_000;

/// What a round of the runner ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// A step was made; more may follow.
    Step,
    /// Nothing may run before this moment: a dismissal is held, a step has its pace, a failed job its pause.
    Until(Timestamp),
    /// Nothing may run.
    Rest,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Runs for ever, and reads meanwhile what the start left in the store.
    pub async fn run(&self) {
        join(self.run_queue(), self.load_rest()).await;
    }

    async fn run_queue(&self) {
        loop {
            self.write_notes().await;
            let pause = self.round().await;
            self.signals.round_made();
            match pause {
                Pause::Step => self.clock.sleep(0).await,
                Pause::Until(moment) => {
                    let left =
                        (moment.millis() - self.clock.now().millis()).clamp(1, LONGEST_SLEEP_MS);
                    let nap = Box::pin(self.clock.sleep(left as u32));
                    select(self.signals.woken(), nap).await;
                }
                Pause::Rest if self.see().table.chunks_to_erase().is_empty() => {
                    let _woken = self.signals.woken().await;
                }
                Pause::Rest => {
                    let nap = Box::pin(self.clock.sleep(ERASE_AFTER_MS));
                    if let Either::Right(_) = select(self.signals.woken(), nap).await {
                        self.finish_erasure().await;
                        let _woken = self.signals.woken().await;
                    }
                }
            }
        }
    }

    /// One step of every job that may work.
    pub async fn round(&self) -> Pause {
        let jobs: Vec<JobId> = self.see().queue.jobs().map(|job| job.id.clone()).collect();
        let mut pause = Pause::Rest;
        for job in jobs {
            let Some(work) = self.work_of(&job) else { continue };
            if let Some(moment) = self.not_before(&job) {
                pause = sooner(pause, moment);
                continue;
            }
            match work {
                Work::Held(moment) => pause = sooner(pause, moment),
                Work::Start(request) => {
                    let stepped = match self.start(request).await {
                        Ok(()) => self.step(request).await,
                        failed => failed,
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

    /// Resolves once nothing that may run is left, in one job or in all. Fails with the reason where work is left that
    /// could not be carried out.
    pub async fn idle(&self, job: Option<&JobId>) -> Result<(), Problem> {
        if let Some(job) = job {
            refused(self.see().queue.job(job).map(|_| ()))?;
        }
        loop {
            let (mut is_busy, mut failed) = (false, None);
            {
                let (state, now) = (self.see(), self.clock.now());
                let wanted = state.queue.jobs().filter(|one| job.is_none_or(|job| one.id == *job));
                for one in wanted.filter(|one| self.work_in(&state, &one.id).is_some()) {
                    match self.signals.stalled(&one.id, now) {
                        Some((problem, _)) => failed = failed.or(Some(problem)),
                        None => is_busy = true,
                    }
                }
            }
            match failed {
                _ if is_busy => {
                    let _dropped = self.signals.after_round().await;
                }
                Some(problem) => return Err(problem),
                None => return Ok(()),
            }
        }
    }

    /// When a job with work may go on, if not now.
    fn not_before(&self, job: &JobId) -> Option<Timestamp> {
        let now = self.clock.now();
        let pace = self.see().settings.rehearsal_step_ms;
        let stalled = self.signals.stalled(job, now).map(|(_, until)| until);
        stalled.max(self.signals.next_step(job, now, pace))
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
        // A dismissal asks nobody: it starts with its first step.
        let work =
            if first.kind == RequestKind::Dismiss { Work::Step(next) } else { Work::Start(next) };
        Some(held.map_or(work, Work::Held))
    }

    fn after(&self, job: &JobId, stepped: Result<(), Problem>, pause: Pause) -> Pause {
        match stepped {
            Ok(()) => {
                self.signals.stepped(job, self.clock.now());
                Pause::Step
            }
            Err(problem) => {
                let now = self.clock.now();
                if self.signals.failed(job, &problem, now) {
                    self.announcer.announce(Event::Problem(problem));
                }
                self.not_before(job).map_or(pause, |moment| sooner(pause, moment))
            }
        }
    }

    async fn start(&self, request: RequestId) -> Result<(), Problem> {
        let decide = |state: &State, now| {
            // The job was stopped or the request withdrawn a moment ago: then there is nothing to start.
            let Ok(change) = state.queue.start(request, now) else {
                return Ok((Decision::default(), vec![]));
            };
            Ok((Decision::queue(change), vec![("started", json!({ "requestId": request }))]))
        };
        self.change_quietly(decide, |_| ()).await
    }

    /// The next records of a running request: outcome of each, one commit.
    async fn step(&self, id: RequestId) -> Result<(), Problem> {
        // Who the records are may still have to be read; meanwhile the step may become another one.
        loop {
            let records = self.next_records(id);
            if self.see().table.lacking_of(&records).is_empty() {
                break;
            }
            self.load_records(&records).await;
        }
        let Some(step) = self.next_step(id) else { return Ok(()) };
        let outcomes = match step.kind {
            RequestKind::Retry => self.retry(id, &step).await?,
            RequestKind::Dismiss => step.records.iter().map(|record| record.dismissal()).collect(),
        };
        let decide = |state: &State, now| {
            // Withdrawn, parked or wiped while the gateway worked: what it did is idempotent and will be asked again, or never.
            let current = state.queue.request(id).ok();
            let Some(current) = current.filter(|current| may_step(state, current)) else {
                return Ok((Decision::default(), vec![]));
            };
            if current.outcomes.len() != step.done {
                return Ok((Decision::default(), vec![]));
            }
            let mut lines = Vec::new();
            let change = if current.state == RequestState::Queued {
                lines.push(("started", json!({ "requestId": id })));
                refused(state.queue.start_and_settle(id, &outcomes, now))?
            } else {
                refused(state.queue.settle(id, &outcomes, now))?
            };
            lines.extend(change.requests.iter().filter_map(finished_line));
            let mut decision = Decision::queue(change);
            if step.kind == RequestKind::Dismiss {
                decision.commit.dismissals =
                    step.records.iter().filter_map(|record| record.identity).collect();
            }
            Ok((decision, lines))
        };
        let gone: Vec<RecordId> = step
            .records
            .iter()
            .filter(|record| step.kind == RequestKind::Dismiss && record.identity.is_some())
            .map(|record| record.id)
            .collect();
        // By place, since not all identities may have been read yet.
        let dismiss = |state: &mut State| {
            state.table.dismiss(&gone);
        };
        self.change_quietly(decide, dismiss).await
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

    fn next_records(&self, id: RequestId) -> Vec<RecordId> {
        let state = self.see();
        let request = state.queue.request(id);
        request.map_or_else(|_| Vec::new(), |request| next_records(&state, request).to_vec())
    }

    fn next_step(&self, id: RequestId) -> Option<Step> {
        let state = self.see();
        let request = state.queue.request(id).ok()?;
        if !may_step(&state, request) {
            return None;
        }
        let window = next_records(&state, request);
        let records = window.iter().map(|record| StepRecord::of(&state, *record)).collect();
        Some(Step { kind: request.kind, done: request.outcomes.len(), records })
    }
}

/// Whether a step of the request may be made: it runs, or is a dismissal that starts with it.
fn may_step(state: &State, request: &Request) -> bool {
    request.state == RequestState::Running
        || (request.kind == RequestKind::Dismiss
            && state.queue.next(&request.job) == Some(request.id))
}

/// The records of a request's next step.
fn next_records<'a>(state: &State, request: &'a Request) -> &'a [RecordId] {
    let pending = request.pending();
    let is_paced = state.settings.rehearsal_step_ms > 0;
    &pending[..if is_paced { pending.len().min(STEP_RECORDS) } else { pending.len() }]
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
    id: RecordId,
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
        Self { id: record, identity, item }
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
