//! The desk and the model side by side: every command is given to both, and whatever can be seen is compared.

use std::pin::pin;

use error_desk::domain::{JobId, JobStatus, RequestKind, RequestState};
use error_desk::store::{Fault, FaultPlan};
use error_desk::workspace::Pause;
use error_desk::workspace::ports::Store;
use futures_util::FutureExt;

use crate::agreement::agree;
use crate::answers::Known;
use crate::asking::{everything, perform};
use crate::commands::{Command, Selection};
use crate::handing::Elsewhere;
use crate::harness::{BEGIN, Desk, Gate, Outside, open};
use crate::invariants::Seen;
use crate::model::{Answer, Asked, Model};
use crate::replay::Replay;
use crate::rounds::{End, Meanwhile};
use crate::universe::{THINGS, thing};

pub(crate) struct World {
    pub(crate) outside: Outside,
    pub(crate) desk: Desk,
    /// The desk of the life before, which knows nothing of its end.
    ghost: Option<Desk>,
    pub(crate) model: Model,
    pub(crate) seen: Seen,
    replay: Replay,
    /// Everything was read since the start; else rows cannot be listed.
    pub(crate) is_detailed: bool,
    pub(crate) elsewhere: Elsewhere,
}

impl World {
    /// An empty desk with limits that are soon met.
    pub(crate) async fn new() -> Self {
        let outside = Outside::default();
        let desk = open(&outside).await;
        let (seen, replay) = (Seen::default(), Replay::default());
        let mut world = Self {
            outside,
            desk,
            ghost: None,
            model: Model::new(),
            seen,
            replay,
            is_detailed: true,
            elsewhere: Elsewhere::default(),
        };
        world.watch_the_line();
        for command in [Command::Limits(Some(2), Some(4)), Command::Hold(2), Command::Pace(0)] {
            world.step(&command).await;
        }
        world
    }

    /// Gives the command to both and compares. Tells what was answered.
    pub(crate) async fn step(&mut self, command: &Command) -> Option<Answer> {
        let answer = match command {
            Command::Round => self.round(None).await,
            Command::RoundDuring(meanwhile) => self.round(Some(meanwhile)).await,
            Command::Fault(after_writes, after_changes, fault) => {
                let (after_writes, after_changes) = (*after_writes, *after_changes);
                let fault = fault.clone();
                self.model.life.fault = Some((after_writes, fault.clone()));
                self.outside.store.plan_fault(FaultPlan { after_writes, after_changes, fault });
                None
            }
            Command::Reload(fault) => {
                self.reopen(fault.clone()).await;
                None
            }
            Command::TakeOver => {
                self.outside.store.plan_fault(FaultPlan::new(0, Fault::CrashBefore));
                let last = self.desk.set_job_status(JobId("Alpha".to_owned()), JobStatus::Active);
                let _refused = last.await;
                self.reopen(None).await;
                None
            }
            Command::Ghost => {
                self.haunt().await;
                None
            }
            Command::LoadRest => {
                self.desk.load_rest().await;
                self.is_detailed = true;
                None
            }
            Command::Hand(handing) => self.hand(handing).await,
            command => {
                let known = Known::of(&self.model);
                let expected = self.model.perform(command, &known);
                let answer = perform(&self.desk, &self.outside, command, &known).await;
                self.compare(command, &answer, &expected);
                Some(answer)
            }
        };
        let reads = matches!(command, Command::Import(_) | Command::Export);
        self.is_detailed |= reads;
        assert_eq!(
            self.outside.store.is_crashed(),
            self.model.life.is_dead,
            "who died at {command:?}"
        );
        // One change is one transaction, and nothing is written in vain.
        assert_eq!(self.outside.store.writes(), self.model.life.writes, "writes of {command:?}");
        if self.model.life.is_dead {
            self.reopen(None).await;
        }
        self.look(command).await;
        if matches!(command, Command::Erase) && self.model.unerased.is_empty() {
            self.check_erased().await;
        }
        answer
    }

    /// What a dead process answers reaches nobody.
    pub(crate) fn compare(&self, command: &Command, answer: &Answer, expected: &Answer) {
        if !self.model.life.is_dead {
            assert_eq!(answer, expected, "the answer to {command:?}");
        }
    }

    async fn round(&mut self, during: Option<&Command>) -> Option<Answer> {
        let known = Known::of(&self.model);
        let mut meanwhile = Meanwhile { command: during, known: known.clone(), answer: None };
        let expected = self.model.round(&mut meanwhile);
        if let Some(command) = meanwhile.command.take() {
            meanwhile.answer = Some(self.model.perform(command, &known));
        }
        let gate = &self.outside.line.gate;
        gate.set(if during.is_some() { Gate::Armed } else { Gate::Open });
        let mut answer = None;
        let pause = {
            let mut round = pin!(async {
                self.desk.write_notes().await;
                self.desk.round().await
            });
            let at_once = round.as_mut().now_or_never();
            let gate_was = gate.replace(Gate::Open);
            if let Some(command) = during {
                assert_eq!(at_once.is_none(), gate_was == Gate::Holding);
                answer = Some(perform(&self.desk, &self.outside, command, &known).await);
            }
            match at_once {
                Some(pause) => pause,
                None => round.await,
            }
        };
        if self.model.life.is_dead {
            return answer;
        }
        let end = match pause {
            Pause::Step => End::Step,
            Pause::Until(moment) => End::Until(moment.millis() - BEGIN),
            Pause::Rest => End::Rest,
        };
        assert_eq!(end, expected, "the end of a round during {during:?}");
        if let (Some(command), Some(answer)) = (during, &answer) {
            self.compare(command, answer, &meanwhile.answer.expect("an answer"));
        }
        answer.or(Some(Ok(format!("{end:?}"))))
    }

    /// The next life; a fault may hit its first write. Where it dies of that at once, one more follows.
    pub(crate) async fn reopen(&mut self, fault: Option<Fault>) {
        let was_crashed = self.outside.store.is_crashed();
        self.outside.store = self.outside.store.reopen();
        if let Some(fault) = &fault {
            self.outside.store.plan_fault(FaultPlan::new(0, fault.clone()));
        }
        self.watch_the_line();
        let dead = std::mem::replace(&mut self.desk, open(&self.outside).await);
        if was_crashed {
            self.ghost = Some(dead);
        }
        self.is_detailed = false;
        self.model.reopen(fault);
        assert_eq!(self.outside.store.is_crashed(), self.model.life.is_dead);
        if self.model.life.is_dead {
            Box::pin(self.reopen(None)).await;
        }
    }

    /// What was seen so far means nothing for what is there now.
    pub(crate) fn begin_anew(&mut self) {
        (self.seen, self.replay) = (Seen::default(), Replay::default());
    }

    fn watch_the_line(&self) {
        *self.outside.line.witness.borrow_mut() = Some(self.outside.store.clone());
    }

    /// A desk whose store was taken over acts as if nothing had happened: it fails, and nothing becomes of it.
    async fn haunt(&mut self) {
        let Some(ghost) = &self.ghost else { return };
        let before = self.stored().await;
        self.outside.line.witness.borrow_mut().take();
        let known = Known::of(&self.model);
        let filter = || Selection::All;
        for command in [
            Command::Import((0..THINGS).collect()),
            Command::Plan(RequestKind::Retry, filter(), None, false),
            Command::Submit(RequestKind::Dismiss, "Alpha", filter()),
            Command::SubmitPlan(0),
            Command::Withdraw(1),
            Command::Release(1),
            Command::Hold(0),
            Command::SetJob("Alpha", true),
            Command::Remove(1),
            Command::Wipe,
            Command::Erase,
        ] {
            let answer = perform(ghost, &self.outside, &command, &known).await;
            let may_be = matches!(command, Command::Plan(..) | Command::Erase);
            assert!(may_be || answer.is_err(), "a dead desk took {command:?}: {answer:?}");
        }
        ghost.write_notes().await;
        assert_ne!(ghost.round().await, Pause::Step, "a dead desk made a step");
        assert_eq!(self.stored().await, before, "a dead desk wrote");
        self.watch_the_line();
    }

    /// Everything that is durable, in words.
    async fn stored(&self) -> String {
        let store = self.outside.store.reopen();
        let segments = store.segment_count().await.expect("a store");
        let journal = store.journal(0, usize::MAX).await.expect("a journal");
        format!("{:?}", (store.load().await.expect("a store"), segments, journal))
    }

    /// Compares what can be seen, and holds the invariants against it.
    async fn look(&mut self, command: &Command) {
        let stored = self.outside.store.reopen().load().await.expect("the store can be read");
        let rows = self
            .is_detailed
            .then(|| self.desk.rows(everything(), None, 0, 1_000).expect("rows").rows);
        agree(self, &stored, rows.as_deref());
        if matches!(command, Command::Wipe) || during_wipe(command) {
            let is_new = stored.journal_end.id == 0;
            if is_new {
                self.begin_anew();
            }
        }
        self.replay.go_on(&self.outside.store.reopen(), &stored).await;
        let segments = self.outside.store.reopen().segment_count().await.expect("a store");
        self.seen.check(&self.desk, stored, segments, rows.as_deref());
    }

    /// No text of a dismissed record is left once the erasure is through, and those of the others are.
    pub(crate) async fn check_erased(&self) {
        let store = self.outside.store.reopen();
        let stored = store.load().await.expect("a store");
        let mut bytes = Vec::new();
        for manifest in &stored.manifests {
            for index in 0..manifest.segments {
                bytes.extend(store.segment(manifest.dataset, index).await.expect("a segment"));
            }
        }
        for row in &self.model.rows {
            let word = thing(row.thing).word.as_bytes();
            let is_there = bytes.windows(word.len()).any(|part| part == word);
            assert_eq!(is_there, self.model.is_live(row), "the text of {row:?} in the store");
        }
    }

    /// Lets everything run that may: in the end every request is finished or withdrawn.
    pub(crate) async fn finish(&mut self) {
        self.reopen(None).await;
        self.step(&Command::LoadRest).await;
        self.step(&Command::Cut(false)).await;
        for job in self.model.jobs.keys().copied().collect::<Vec<_>>() {
            self.step(&Command::SetJob(job, true)).await;
        }
        for _ in 0..200 {
            let Some(Ok(rest)) = self.step(&Command::Round).await else { panic!("a round") };
            let shelved = |request: &&Asked| request.state == RequestState::Shelved;
            let locked = self.model.requests.iter().find(shelved).map(|request| request.id);
            match (rest.as_str(), locked) {
                ("Rest", None) => break,
                // Nothing but a step of a ramp that too little cleared before is left behind.
                ("Rest", Some(locked)) => drop(self.step(&Command::Release(2 * locked + 1)).await),
                ("Step", _) => {}
                _ => drop(self.step(&Command::Turn(60_000)).await),
            }
        }
        assert!(self.model.requests.iter().all(|request| !request.holds()), "work is left");
        assert_eq!(self.desk.idle(None).now_or_never(), Some(Ok(())));
        self.step(&Command::Erase).await;
        assert!(self.model.unerased.is_empty(), "texts are left");
        self.step(&Command::Export).await;
        // Not even where nothing else remembers them do the dismissed come back.
        for dataset in self.model.datasets.clone() {
            self.step(&Command::Remove(dataset.into())).await;
        }
        assert!(self.model.datasets.is_empty(), "a dataset cannot be removed");
        self.reopen(None).await;
        self.step(&Command::Import((0..THINGS).collect())).await;
        let (loaded, dismissed) = (self.model.rows.len(), self.model.dismissed.len());
        assert_eq!(loaded + dismissed, THINGS);
    }
}

fn during_wipe(command: &Command) -> bool {
    matches!(command, Command::RoundDuring(during) if matches!(**during, Command::Wipe))
}
