//! The background: starts what is next in each job, carries it out in steps, and rests when nothing may run.
//!
//! Work is in steps so that progress is visible and a withdrawal or a stopped job takes effect between two of them.
//! Each step, of dismissals those of all jobs together, is one commit of outcomes, dismissals and trail; a crash repeats
//! at most a step that was not committed, and the gateway is idempotent.

use std::cell::RefCell;

use futures_util::future::{Either, join, select};
use serde_json::json;

use super::engine::{Decision, Line, Workspace, moved_up_lines, refused};
use super::ports::{Announcer, Clock, Gateway, RetryItem, Store};
use super::state::State;
use crate::domain::{
    Identity, JobId, QueueChange, RecordId, RecordOutcome, Request, RequestId, RequestKind,
    RequestState, Timestamp,
};
use crate::protocol::{Event, Problem};

/// Erasing rewrites whole segments: it begins when nobody has acted for this long.
const ERASE_AFTER_MS: u32 = 2_000;

/// Questions to come are prepared for when nobody has asked for anything for this long (`preparing`).
const PREPARE_AFTER_MS: u32 = 500;

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

/// Nothing may run, and nobody has acted.
#[derive(Clone, Copy, Debug, Default)]
struct Rest {
    since: Option<Timestamp>,
    /// What was to be erased was tried to be, and is tried again when somebody has acted.
    erased: bool,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Runs for ever, and reads meanwhile what the start left in the store.
    pub async fn run(&self) {
        join(self.run_queue(), self.load_rest()).await;
    }

    async fn run_queue(&self) {
        let mut rest = Rest::default();
        loop {
            let notes_due = self.write_due_notes().await;
            let pause = self.round().await;
            self.signals.round_made();
            if pause != Pause::Rest {
                rest = Rest::default();
            }
            match pause {
                Pause::Step => self.clock.sleep(0).await,
                Pause::Until(moment) => {
                    let left =
                        (moment.millis() - self.clock.now().millis()).clamp(1, LONGEST_SLEEP_MS);
                    let left = (left as u32).min(notes_due.unwrap_or(u32::MAX));
                    let nap = Box::pin(self.clock.sleep(left));
                    select(self.signals.woken(), nap).await;
                }
                Pause::Rest => self.use_rest(&mut rest, notes_due).await,
            }
        }
    }

    /// Prepares for questions to come where nobody asks, erases where nobody acts, and else waits for somebody who does, or
    /// until notes are due. Who asks all the time keeps nothing from being erased.
    async fn use_rest(&self, rest: &mut Rest, notes_due: Option<u32>) {
        let now = self.clock.now();
        let since = *rest.since.get_or_insert(now);
        let prepares = !self.is_prepared();
        // Whoever has just opened a dump or the desk asks for other things first.
        if prepares && self.signals.is_quiet(now, PREPARE_AFTER_MS) {
            self.prepare_next();
            self.clock.sleep(0).await;
            if self.signals.was_woken() {
                *rest = Rest::default();
            }
            return;
        }
        let erases = !rest.erased && !self.see().table.chunks_to_erase().is_empty();
        let rested = u32::try_from((now.millis() - since.millis()).max(0)).unwrap_or(u32::MAX);
        if erases && rested >= ERASE_AFTER_MS {
            self.finish_erasure().await;
            rest.erased = true;
            return;
        }
        let naps = [
            notes_due,
            prepares.then_some(PREPARE_AFTER_MS),
            erases.then(|| ERASE_AFTER_MS.saturating_sub(rested)),
        ];
        let woken = self.signals.woken();
        let is_woken = match naps.into_iter().flatten().min() {
            None => woken.await.is_ok(),
            Some(millis) => {
                let nap = Box::pin(self.clock.sleep(millis));
                matches!(select(woken, nap).await, Either::Left(_))
            }
        };
        if is_woken {
            *rest = Rest::default();
        }
    }

    /// One step of every job that may work.
    pub async fn round(&self) -> Pause {
        let life = self.wipes.get();
        let jobs: Vec<JobId> = self.see().queue.jobs().map(|job| job.id.clone()).collect();
        let mut pause = Pause::Rest;
        let mut dismissals: Vec<(JobId, RequestId)> = Vec::new();
        for job in jobs {
            let Some(work) = self.work_of(&job) else { continue };
            if let Some(moment) = self.not_before(&job) {
                pause = sooner(pause, moment);
                continue;
            }
            match work {
                Work::Held(moment) => pause = sooner(pause, moment),
                Work::Start(request) => {
                    let stepped = match self.start(request, life).await {
                        Ok(()) => self.step(request, life).await,
                        failed => failed,
                    };
                    pause = self.after(&job, request, stepped, pause);
                }
                Work::Step(request) => {
                    let stepped = self.step(request, life).await;
                    pause = self.after(&job, request, stepped, pause);
                }
                Work::Dismiss(request) => dismissals.push((job, request)),
            }
        }
        if !dismissals.is_empty() {
            let requests: Vec<RequestId> = dismissals.iter().map(|(_, id)| *id).collect();
            let stepped = self.dismiss(&requests, life).await;
            for (job, request) in dismissals {
                pause = self.after(&job, request, stepped.clone(), pause);
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
        let is_running = first.state == RequestState::Running;
        if !is_running {
            state.queue.next(job)?;
            let held = state.settings.dismiss_hold.until(first);
            if let Some(until) = held.filter(|until| *until > self.clock.now()) {
                return Some(Work::Held(until));
            }
        }
        Some(match first.kind {
            RequestKind::Dismiss => Work::Dismiss(first.id),
            RequestKind::Retry if is_running => Work::Step(first.id),
            RequestKind::Retry => Work::Start(first.id),
        })
    }

    fn after(
        &self,
        job: &JobId,
        request: RequestId,
        stepped: Result<(), Problem>,
        pause: Pause,
    ) -> Pause {
        match stepped {
            Ok(()) => {
                self.signals.stepped(job, self.clock.now());
                Pause::Step
            }
            Err(mut problem) => {
                let now = self.clock.now();
                problem.message =
                    format!("Request {request} of '{}' waits: {}", job.0, problem.message);
                if self.signals.failed(job, &problem, now) {
                    self.announcer.announce(Event::Problem(problem));
                }
                self.not_before(job).map_or(pause, |moment| sooner(pause, moment))
            }
        }
    }

    /// `life`, here and below, is what the request was chosen in: once everything was removed or replaced, its number is
    /// perhaps another one's.
    async fn start(&self, request: RequestId, life: u32) -> Result<(), Problem> {
        let decide = |state: &State, now| {
            let started = state.queue.start(request, now);
            // The job was stopped or the request withdrawn a moment ago: then there is nothing to start.
            let Some(change) = started.ok().filter(|_| self.wipes.get() == life) else {
                return Ok((Decision::default(), vec![]));
            };
            Ok((Decision::queue(change), vec![("started", json!({ "requestId": request }))]))
        };
        self.change_quietly(decide, |_| ()).await
    }

    /// The next records of a running retry: outcome of each, one commit.
    async fn step(&self, id: RequestId, life: u32) -> Result<(), Problem> {
        let Some(step) = self.next_step(id) else { return Ok(()) };
        let outcomes = self.retry(id, &step).await?;
        let decide = |state: &State, now| {
            // Withdrawn, parked or wiped while the gateway worked: what it did is idempotent and will be asked again, or never.
            let still = state.queue.request(id).is_ok_and(|current| {
                current.state == RequestState::Running && current.outcomes.len() == step.done
            });
            if !still || self.wipes.get() != life {
                return Ok((Decision::default(), vec![]));
            }
            let change = refused(state.queue.settle(id, &outcomes, now))?;
            let mut lines: Vec<Line> = change.requests.iter().filter_map(finished_line).collect();
            lines.extend(moved_up_lines(state, &change));
            Ok((Decision::queue(change), lines))
        };
        self.change_quietly(decide, |_| ()).await
    }

    /// The next records of dismissals, one of a job: dismissed in one commit, since nobody else is asked.
    async fn dismiss(&self, requests: &[RequestId], life: u32) -> Result<(), Problem> {
        let most = self.gateway.step_records();
        let next = |state: &State| {
            let requests = requests.iter().filter_map(|id| state.queue.request(*id).ok());
            let records = requests.flat_map(|request| next_records(state, request, most));
            records.copied().collect::<Vec<_>>()
        };
        // Who the records are may still have to be read.
        let records = next(&self.see());
        self.load_records(&records).await;
        let gone = RefCell::new(Vec::new());
        let decide = |state: &State, now| {
            let (mut change, mut lines) = (QueueChange::default(), Vec::new());
            let mut identities = Vec::new();
            let may_step = |request: &&Request| {
                self.wipes.get() == life && may_dismiss(state, request, most, now)
            };
            let current = requests.iter().filter_map(|id| state.queue.request(*id).ok());
            for request in current.filter(may_step) {
                let records = next_records(state, request, most);
                let who: Vec<_> = records.iter().map(|id| state.table.identity(*id)).collect();
                // A record that is gone (its dataset was removed, or another request dismissed it) is skipped.
                let outcome = |who: &Option<Identity>| {
                    if who.is_some() { RecordOutcome::Dismissed } else { RecordOutcome::Skipped }
                };
                let outcomes: Vec<RecordOutcome> = who.iter().map(outcome).collect();
                let changed = if request.state == RequestState::Queued {
                    lines.push(("started", json!({ "requestId": request.id })));
                    refused(state.queue.start_and_settle(request.id, &outcomes, now))?
                } else {
                    refused(state.queue.settle(request.id, &outcomes, now))?
                };
                lines.extend(changed.requests.iter().filter_map(finished_line));
                lines.extend(moved_up_lines(state, &changed));
                change.requests.extend(changed.requests);
                let found = records.iter().zip(&who).filter(|(_, who)| who.is_some());
                gone.borrow_mut().extend(found.map(|(record, _)| *record));
                identities.extend(who.into_iter().flatten());
            }
            let mut decision = Decision::queue(change);
            decision.commit.dismissals = identities;
            Ok((decision, lines))
        };
        // By place, since not all identities may have been read yet.
        let dismiss = |state: &mut State| {
            state.table.dismiss(&gone.borrow());
        };
        self.change_quietly(decide, dismiss).await
    }

    async fn retry(&self, id: RequestId, step: &Step) -> Result<Vec<RecordOutcome>, Problem> {
        let items: Vec<RetryItem> = step.items.iter().flatten().cloned().collect();
        let mut answers = self.gateway.retry(id, &items).await?.into_iter();
        // A record that is gone (its dataset was removed, or another request dismissed it) is skipped.
        let outcome = |item: &Option<RetryItem>| {
            item.as_ref().and_then(|_| answers.next()).unwrap_or(RecordOutcome::Skipped)
        };
        Ok(step.items.iter().map(outcome).collect())
    }

    fn next_step(&self, id: RequestId) -> Option<Step> {
        let state = self.see();
        let request = state.queue.request(id).ok()?;
        if request.state != RequestState::Running {
            return None;
        }
        let window = next_records(&state, request, self.gateway.step_records());
        let items = window.iter().map(|record| retry_item(&state, *record)).collect();
        Some(Step { done: request.outcomes.len(), items })
    }
}

/// Whether the next records of a dismissal may be dismissed: it runs, or is next and no longer held, and it is known who
/// they are. Where that has changed since they were read, the next round reads others.
fn may_dismiss(state: &State, request: &Request, most: usize, now: Timestamp) -> bool {
    let is_held = state.settings.dismiss_hold.until(request).is_some_and(|until| until > now);
    let is_due = request.state == RequestState::Running
        || !is_held && state.queue.next(&request.job) == Some(request.id);
    is_due && state.table.lacking_of(next_records(state, request, most)).is_empty()
}

/// The records of a request's next step: at most so many where steps have a pace. Without one there is nothing to see, and
/// a request is one step.
fn next_records<'a>(state: &State, request: &'a Request, most: usize) -> &'a [RecordId] {
    let pending = request.pending();
    let is_paced = state.settings.rehearsal_step_ms > 0;
    &pending[..if is_paced { pending.len().min(most) } else { pending.len() }]
}

/// What a job's first open request may do now.
enum Work {
    Start(RequestId),
    Step(RequestId),
    /// Starts with its first step.
    Dismiss(RequestId),
    Held(Timestamp),
}

struct Step {
    /// Outcomes that the request had when the step was prepared.
    done: usize,
    items: Vec<Option<RetryItem>>,
}

/// The record as a retry carries it; `None` if it is gone.
fn retry_item(state: &State, record: RecordId) -> Option<RetryItem> {
    let candidate = state.table.candidates([record]).next()?;
    let cause = state.table.cause(record);
    let is_fixed = |cause| state.settings.fixed_causes.iter().any(|fixed| fixed == cause);
    let category = candidate.category.clone();
    Some(RetryItem { record, category, cause_fixed: cause.is_some_and(is_fixed) })
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
