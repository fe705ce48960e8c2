//! The application itself: its state, its ports, and the one way every change goes.

use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeSet;

use futures_util::lock::Mutex;
use serde_json::{Value, json};

use super::notes::WaitingLine;
use super::ordering::Parents;
use super::plans::KeptPlans;
use super::ports::{Announcer, Clock, Commit, Gateway, Store, Stored};
use super::preparing::CausesToRead;
use super::signals::Signals;
use super::state::State;
use crate::domain::{DatasetId, JobId, QueueChange, Refusal, Request, RequestState, Timestamp};
use crate::protocol::{Event, Problem};

/// The engine of the desk over its ports. One per store; all calls run on one thread and may overlap.
pub struct Workspace<S, G, C, A> {
    pub(super) store: S,
    pub(super) gateway: G,
    pub(super) clock: C,
    pub(super) announcer: A,
    pub(super) state: RefCell<State>,
    pub(super) plans: RefCell<KeptPlans>,
    /// What was read out of messages about the tables they miss.
    pub(super) parents: RefCell<Parents>,
    /// The causes that nobody has asked about yet.
    pub(super) causes_to_read: RefCell<CausesToRead>,
    pub(super) signals: Signals,
    /// Held from decision to application, so that no decision is made on a state that another one is about to change.
    pub(super) turn: Mutex<()>,
    /// Held by the one import that is at work.
    pub(super) importing: Mutex<()>,
    /// Held while a chunk's details are read.
    pub(super) loading: Mutex<()>,
    /// Held while stored segments are written anew, and by whoever needs them as they are.
    pub(super) rewriting: Mutex<()>,
    /// Lines of the trail that wait for the next commit, see `notes`.
    pub(super) notes: RefCell<Vec<WaitingLine>>,
    pub(super) cancelled: Cell<bool>,
    /// Datasets of which segments may be left that belong to nothing, since they could not be removed.
    pub(super) left_over: RefCell<BTreeSet<DatasetId>>,
    /// How often everything was removed or replaced: afterwards ids are given anew, and an old one means nothing.
    pub(super) wipes: Cell<u32>,
}

/// A decision: what to store, and whom it concerns.
#[derive(Default)]
pub(super) struct Decision {
    pub(super) commit: Commit,
    /// Jobs whose queue changes.
    pub(super) jobs: Vec<JobId>,
    /// Records or their states change.
    pub(super) records: bool,
    /// The dataset that comes or goes.
    pub(super) dataset: Option<DatasetId>,
}

impl Decision {
    /// A change of the queue, with the jobs it concerns.
    pub(super) fn queue(change: QueueChange) -> Self {
        let mut jobs: Vec<JobId> = change.jobs.iter().map(|job| job.id.clone()).collect();
        jobs.extend(change.requests.iter().map(|request| request.job.clone()));
        jobs.sort();
        jobs.dedup();
        let records = !change.requests.is_empty();
        let commit = Commit { requests: change.requests, jobs: change.jobs, ..Commit::default() };
        Self { commit, jobs, records, dataset: None }
    }
}

/// A line of the trail as it is decided; number and time come with the commit.
pub(super) type Line = (&'static str, Value);

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Brings back what is stored. What was running returns to its place; an interrupted import left nothing.
    pub async fn open(store: S, gateway: G, clock: C, announcer: A) -> Result<Self, Problem> {
        let stored = store.load().await.map_err(Problem::of_opening)?;
        let mut state = State::restored(stored);
        let lost = state.read_heads(&store).await;
        let workspace = Self {
            store,
            gateway,
            clock,
            announcer,
            state: RefCell::new(state),
            plans: RefCell::default(),
            parents: RefCell::default(),
            causes_to_read: RefCell::default(),
            signals: Signals::default(),
            turn: Mutex::new(()),
            importing: Mutex::new(()),
            loading: Mutex::new(()),
            rewriting: Mutex::new(()),
            notes: RefCell::default(),
            cancelled: Cell::new(false),
            left_over: RefCell::default(),
            wipes: Cell::new(0),
        };
        workspace.name_unread();
        if workspace.see().lacks_outcomes() {
            // What a request dismissed is known from the ledger alone, and the ledger knows records by what they say.
            workspace.load_whole().await;
        }
        for problem in lost {
            workspace.announcer.announce(Event::Problem(problem));
        }
        if let Err(problem) = workspace.recover().await {
            // A full disk must not keep anyone from the way out; what ran goes on where it was, which repeats nothing.
            workspace.announcer.announce(Event::Problem(problem));
        }
        Ok(workspace)
    }

    async fn recover(&self) -> Result<(), Problem> {
        self.change(|state, _| {
            let change = state.queue.recover();
            let returned = |request: &&Request| {
                let before = state.queue.request(request.id);
                before.is_ok_and(|before| before.state == RequestState::Running)
            };
            let returned = change.requests.iter().filter(returned);
            let mut lines: Vec<Line> = returned
                .map(|request| {
                    (
                        "returned",
                        json!({ "requestId": request.id, "why": "the desk was restarted" }),
                    )
                })
                .collect();
            lines.extend(moved_up_lines(state, &change));
            Ok((Decision::queue(change), lines))
        })
        .await
    }

    /// Decide, commit, apply, announce. The decision sees a state that nothing else changes until it is applied.
    pub(super) async fn change(
        &self,
        decide: impl FnOnce(&State, Timestamp) -> Result<(Decision, Vec<Line>), Problem>,
    ) -> Result<(), Problem> {
        self.change_with(decide, |_| ()).await
    }

    /// The same, with a last act on the state in the moment of application. Someone acted and the store took it: what
    /// had failed is worth another try.
    pub(super) async fn change_with(
        &self,
        decide: impl FnOnce(&State, Timestamp) -> Result<(Decision, Vec<Line>), Problem>,
        also: impl FnOnce(&mut State),
    ) -> Result<(), Problem> {
        self.change_quietly(decide, also).await?;
        self.signals.try_again();
        Ok(())
    }

    /// Decide, commit, apply, announce, without a sign to the runner: for the runner itself.
    pub(super) async fn change_quietly(
        &self,
        decide: impl FnOnce(&State, Timestamp) -> Result<(Decision, Vec<Line>), Problem>,
        also: impl FnOnce(&mut State),
    ) -> Result<(), Problem> {
        let turn = self.turn.lock().await;
        let now = self.clock.now();
        let (mut decision, lines) = decide(&self.state.borrow(), now)?;
        let noted = self.notes.borrow().len();
        if is_empty(&decision.commit) && lines.is_empty() && noted == 0 {
            return Ok(());
        }
        decision.commit.journal = self.journal_of(lines, now);
        self.store.commit(&decision.commit).await?;
        self.notes.borrow_mut().drain(..noted);
        {
            let mut state = self.state.borrow_mut();
            state.apply(decision.commit);
            also(&mut state);
        }
        drop(turn);
        self.signals.noted();
        if !decision.jobs.is_empty() {
            self.announcer.announce(Event::QueueChanged { jobs: decision.jobs });
        }
        if decision.records || decision.dataset.is_some() {
            self.announcer.announce(Event::DatasetChanged { dataset: decision.dataset });
        }
        Ok(())
    }

    /// The state to read. Never held across an await.
    pub(super) fn see(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Removes everything the app stored.
    pub async fn wipe(&self) -> Result<(), Problem> {
        self.cancelled.set(true);
        let _no_import = self.importing.lock().await;
        let _turn = self.turn.lock().await;
        self.store.wipe().await?;
        // Nothing can fail any more: what is in memory must go with what was stored.
        let gone: Vec<DatasetId> = self.see().manifests.keys().copied().collect();
        *self.state.borrow_mut() = State::restored(Stored::default());
        self.wipes.set(self.wipes.get() + 1);
        self.plans.borrow_mut().clear();
        self.parents.take();
        self.notes.borrow_mut().clear();
        self.signals.noted();
        self.left_over.borrow_mut().clear();
        self.announcer.announce(Event::QueueChanged { jobs: vec![] });
        for dataset in gone {
            self.announcer.announce(Event::DatasetChanged { dataset: Some(dataset) });
        }
        self.signals.try_again();
        Ok(())
    }
}

fn is_empty(commit: &Commit) -> bool {
    commit.manifests.is_empty()
        && commit.removed.is_empty()
        && commit.jobs.is_empty()
        && commit.requests.is_empty()
        && commit.dismissals.is_empty()
        && commit.settings.is_none()
}

/// A line for each request that leaves the shelf in a change that is not applied yet.
pub(super) fn moved_up_lines(state: &State, change: &QueueChange) -> Vec<Line> {
    let moves_up = |request: &&Request| {
        let before = state.queue.request(request.id);
        request.state == RequestState::Queued
            && before.is_ok_and(|before| before.state == RequestState::Shelved)
    };
    let line =
        |request: &Request| ("movedUp", json!({ "requestId": request.id, "jobId": request.job }));
    change.requests.iter().filter(moves_up).map(line).collect()
}

/// A refusal of the domain as the problem it is, for use with `?` in decisions.
pub(super) fn refused<T>(result: Result<T, Refusal>) -> Result<T, Problem> {
    result.map_err(Problem::from)
}
