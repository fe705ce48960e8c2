//! What the runner is told from outside, and what it remembers between two rounds: jobs that failed, and each job's pace.
//!
//! Deliberately absent: anything durable. After a restart every job is tried again at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures_channel::oneshot;

use super::ports::Announcer;
use crate::domain::{JobId, Timestamp};
use crate::protocol::{Event, Problem};

/// A job that failed is tried again after this pause, and after twice the pause each further time.
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_PAUSE_MS: i64 = 300_000;

/// Wakes the runner, and those who wait until it rests.
#[derive(Default)]
pub(super) struct Signals {
    woken: Cell<bool>,
    runner: RefCell<Option<oneshot::Sender<()>>>,
    resting: RefCell<Vec<oneshot::Sender<()>>>,
    stalls: RefCell<BTreeMap<JobId, Stall>>,
    last_steps: RefCell<BTreeMap<JobId, Timestamp>>,
    /// When somebody asked for something last.
    asked: Cell<Option<Timestamp>>,
    /// Why the last erasure failed, until one succeeds.
    erasure: RefCell<Option<Problem>>,
    /// Why lines of the trail could not be written, until they are.
    notes: RefCell<Option<Problem>>,
}

/// A job whose last step failed.
struct Stall {
    problem: Problem,
    pause_ms: i64,
    until: Timestamp,
}

impl Signals {
    /// Someone acted: there may be work, and what failed is worth another try.
    pub(super) fn try_again(&self) {
        self.stalls.borrow_mut().clear();
        self.wake();
    }

    /// There is something to do, though nothing that failed has become likelier to succeed.
    pub(super) fn wake(&self) {
        self.woken.set(true);
        if let Some(runner) = self.runner.borrow_mut().take() {
            let _gone = runner.send(());
        }
    }

    /// Resolves when someone acted since the last call.
    pub(super) fn woken(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        if self.woken.take() {
            let _same_thread = sender.send(());
        } else {
            *self.runner.borrow_mut() = Some(sender);
        }
        receiver
    }

    /// Whether someone acted since the last call of this or of [`Signals::woken`].
    pub(super) fn was_woken(&self) -> bool {
        self.woken.take()
    }

    pub(super) fn asked(&self, now: Timestamp) {
        self.asked.set(Some(now));
    }

    /// Whether nobody has asked for anything for so long.
    pub(super) fn is_quiet(&self, now: Timestamp, millis: u32) -> bool {
        let asked = self.asked.get().filter(|asked| *asked <= now);
        asked.is_none_or(|asked| now.millis() - asked.millis() >= i64::from(millis))
    }

    /// Resolves after the runner's next round.
    pub(super) fn after_round(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.resting.borrow_mut().push(sender);
        receiver
    }

    pub(super) fn round_made(&self) {
        for waiting in self.resting.take() {
            let _gone = waiting.send(());
        }
    }

    pub(super) fn stepped(&self, job: &JobId, now: Timestamp) {
        self.stalls.borrow_mut().remove(job);
        self.last_steps.borrow_mut().insert(job.clone(), now);
    }

    /// Whether the problem is news: a job that fails in the same way again is told once.
    pub(super) fn failed(&self, job: &JobId, problem: &Problem, now: Timestamp) -> bool {
        let mut stalls = self.stalls.borrow_mut();
        let before = stalls.remove(job);
        let pause_ms = before
            .as_ref()
            .map_or(FIRST_PAUSE_MS, |stall| (stall.pause_ms * 2).min(LONGEST_PAUSE_MS));
        let until = later(now, pause_ms);
        let is_news = before.is_none_or(|stall| stall.problem != *problem);
        stalls.insert(job.clone(), Stall { problem: problem.clone(), pause_ms, until });
        is_news
    }

    /// Why a job rests though it has work, until it is tried again.
    pub(super) fn stalled(&self, job: &JobId, now: Timestamp) -> Option<(Problem, Timestamp)> {
        let stalls = self.stalls.borrow();
        let stall = stalls.get(job).filter(|stall| stall.until > now)?;
        Some((stall.problem.clone(), stall.until))
    }

    /// When a job's next step is due, if not now. A clock that was put back makes no one wait.
    pub(super) fn next_step(&self, job: &JobId, now: Timestamp, pace_ms: u32) -> Option<Timestamp> {
        let last = self.last_steps.borrow().get(job).copied().filter(|last| *last <= now)?;
        Some(later(last, i64::from(pace_ms))).filter(|due| *due > now)
    }

    pub(super) fn erasure_failed(&self, announcer: &impl Announcer, problem: Problem) {
        if self.erasure.borrow().as_ref() != Some(&problem) {
            announcer.announce(Event::Problem(problem.clone()));
            *self.erasure.borrow_mut() = Some(problem);
        }
    }

    pub(super) fn note_failed(&self, announcer: &impl Announcer, problem: Problem) {
        let message = format!("The journal lacks lines: {}", problem.message);
        if self.notes.borrow().is_none() {
            announcer.announce(Event::Problem(Problem { message, ..problem.clone() }));
            *self.notes.borrow_mut() = Some(problem);
        }
    }

    pub(super) fn noted(&self) {
        *self.notes.borrow_mut() = None;
    }

    pub(super) fn erasure_done(&self) {
        *self.erasure.borrow_mut() = None;
    }
}

fn later(moment: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(moment.millis() + millis).unwrap_or(moment)
}
