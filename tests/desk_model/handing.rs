//! Bundles between desks: what is handed over makes another desk the same, a second time changes nothing, a desk that is
//! older goes on, and one that has gone another way stays as it is.
//!
//! What a bundle is to a desk is foreseen from the two journals as plain lists. A desk that took one back goes on as the
//! model that stood when it was made.
//!
//! Deliberately absent: damaged bundles, and desks that go on while one is read (`tests/desk/handover.rs`).

use std::pin::pin;

use error_desk::domain::{JournalEntry, RequestKind, RequestState};
use error_desk::protocol::{BundleOutcome, Code};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::{Store, Stored};
use futures_executor::block_on;
use futures_util::FutureExt;
use proptest::prelude::*;

use crate::answers::Known;
use crate::asking::perform;
use crate::commands::{Command, Mix, Selection, command, first};
use crate::harness::{Desk, Gate, Line, Outside, import, open};
use crate::invariants::Seen;
use crate::model::{Answer, Model, No, no};
use crate::outside::Bytes;
use crate::universe::thing;
use crate::world::World;

/// What happens between desks.
#[derive(Clone, Debug)]
pub(crate) enum Handing {
    /// A bundle of everything goes to the other desk.
    Over,
    /// A bundle made so many before the last comes back.
    Back(usize),
    /// The other desk does something of its own.
    Stray,
}

/// A bundle, and what the desk and the model were when it was made.
struct Kept {
    bytes: Vec<u8>,
    holds: Holds,
    model: Model,
}

/// The other desk, and the bundles that were made so far.
#[derive(Default)]
pub(crate) struct Elsewhere {
    other: Option<(Outside, Desk)>,
    kept: Vec<Kept>,
}

/// Everything that a store holds but for segments.
struct Holds {
    stored: Stored,
    journal: Vec<JournalEntry>,
}

impl Holds {
    async fn of(store: &MemoryStore) -> Self {
        let store = store.reopen();
        let (_, journal) = store.journal(0, usize::MAX).await.expect("a journal");
        Self { stored: store.load().await.expect("a store"), journal }
    }

    /// In words; settings that were never changed are the defaults.
    fn told(&self) -> String {
        let settings = Some(self.stored.settings.clone().unwrap_or_default());
        format!("{:?}", (Stored { settings, ..self.stored.clone() }, &self.journal))
    }

    fn is_new(&self) -> bool {
        let Stored { next_dataset, requests, dismissals, .. } = &self.stored;
        *next_dataset == 1 && requests.is_empty() && dismissals.is_empty()
    }

    /// What a bundle is to a desk that holds this; `None` where each has work that the other does not know.
    fn meets(&self, bundle: &Self) -> Option<BundleOutcome> {
        let goes_on = || {
            self.stored.requests.iter().all(|mine| {
                let theirs = bundle.stored.requests.iter().find(|theirs| theirs.id == mine.id);
                theirs.is_some_and(|theirs| theirs.outcomes.starts_with(&mine.outcomes))
            })
        };
        let is_part = !bundle.journal.is_empty() && self.journal.starts_with(&bundle.journal);
        if is_part || bundle.is_new() && bundle.journal.is_empty() {
            Some(BundleOutcome::Known)
        } else if self.is_new() {
            Some(BundleOutcome::Taken)
        } else if bundle.journal.starts_with(&self.journal) && goes_on() {
            Some(BundleOutcome::Continued)
        } else {
            None
        }
    }
}

/// The segments of all datasets, in order.
async fn segments(store: &MemoryStore, stored: &Stored) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for manifest in &stored.manifests {
        for index in 0..manifest.segments {
            all.push(store.segment(manifest.dataset, index).await.expect("a segment"));
        }
    }
    all
}

async fn take(desk: &Desk, bytes: &[u8]) -> Answer {
    let report = desk.import_bundle(Bytes::new(bytes, 4_001)).await.map_err(no)?;
    Ok(format!("{:?}", report.outcome))
}

fn told(outcome: Option<BundleOutcome>) -> Answer {
    outcome.map(|outcome| format!("{outcome:?}")).ok_or((Code::InvalidArgument, None))
}

async fn make(desk: &Desk) -> Result<Vec<u8>, No> {
    let mut bytes = Vec::new();
    let take = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    desk.export_bundle(take).await.map_err(no)?;
    Ok(bytes)
}

impl Elsewhere {
    async fn other(&mut self, here: &Outside) -> &mut (Outside, Desk) {
        if self.other.is_none() {
            let (store, line) = (MemoryStore::new(), Line::default());
            let outside = Outside { store, line, clock: here.clock.clone() };
            let desk = open(&outside).await;
            self.other = Some((outside, desk));
        }
        self.other.as_mut().expect("another desk")
    }
}

impl World {
    pub(crate) async fn hand(&mut self, handing: &Handing) -> Option<Answer> {
        match handing {
            Handing::Over => Some(self.hand_over().await),
            Handing::Back(before_last) => self.take_back(*before_last).await,
            Handing::Stray => {
                let (_, other) = self.elsewhere.other(&self.outside).await;
                other.mark_fixed("strayed".to_owned(), true).await.expect("a change");
                None
            }
        }
    }

    async fn hand_over(&mut self) -> Answer {
        let expected = self.model.make_bundle();
        let made = make(&self.desk).await;
        let answer = made.as_ref().map(|_| "done".to_owned()).map_err(Clone::clone);
        self.compare(&Command::Hand(Handing::Over), &answer, &expected);
        if self.model.life.is_dead {
            return answer;
        }
        let bytes = made?;
        let holds = Holds::of(&self.outside.store).await;
        let outcome = self.give(&bytes, &holds).await;
        if outcome.is_err() {
            self.elsewhere.other = None;
            assert_ne!(self.give(&bytes, &holds).await, outcome, "a new desk takes every bundle");
        }
        self.elsewhere.kept.push(Kept { bytes, holds, model: self.model.clone() });
        outcome
    }

    /// To the other desk, twice: it becomes the same, or stays what it was.
    async fn give(&mut self, bytes: &[u8], holds: &Holds) -> Answer {
        let (outside, other) = self.elsewhere.other(&self.outside).await;
        let before = Holds::of(&outside.store).await;
        let expected = before.meets(holds);
        let answer = take(other, bytes).await;
        assert_eq!(answer, told(expected), "what the bundle is to the other desk");
        let after = Holds::of(&outside.store).await;
        if matches!(expected, Some(BundleOutcome::Taken | BundleOutcome::Continued)) {
            assert_eq!(after.told(), holds.told(), "the same desk");
            other.finish_erasure().await;
            let here = segments(&self.outside.store.reopen(), &holds.stored).await;
            let there = segments(&outside.store, &after.stored).await;
            assert!(here == there, "the same records");
            let writes = outside.store.writes();
            assert_eq!(take(other, bytes).await, told(Some(BundleOutcome::Known)), "again");
            assert_eq!(outside.store.writes(), writes, "nothing is written again");
        } else {
            assert_eq!(after.told(), before.told(), "nothing changed");
        }
        answer
    }

    /// `None` where there is no such bundle, or lines wait that could not be written.
    async fn take_back(&mut self, before_last: usize) -> Option<Answer> {
        self.model.write_notes();
        self.desk.write_notes().await;
        if self.model.life.is_dead || self.model.life.notes > 0 {
            return None;
        }
        let kept = self.elsewhere.kept.iter().rev().nth(before_last)?;
        let here = Holds::of(&self.outside.store).await;
        let outcome = here.meets(&kept.holds);
        let expected = self.model.take_bundle(outcome, kept);
        let taken = kept.holds.stored.clone();
        let answer = take(&self.desk, &kept.bytes).await;
        self.compare(&Command::Hand(Handing::Back(before_last)), &answer, &expected);
        if outcome == Some(BundleOutcome::Taken) && (expected.is_ok() || self.model.life.is_dead) {
            self.begin_anew();
            let now = Holds::of(&self.outside.store).await;
            if now.stored.journal_end == taken.journal_end {
                self.seen = Seen::after(taken);
            }
        }
        self.is_detailed |= matches!(expected.as_deref(), Ok("Taken" | "Continued"));
        Some(answer)
    }
}

impl Model {
    fn make_bundle(&mut self) -> Answer {
        self.life.notes += 1;
        self.write_notes();
        self.erase();
        if self.unerased.is_empty() {
            Ok("done".to_owned())
        } else {
            Err((Code::StorageFull, None))
        }
    }

    fn take_bundle(&mut self, outcome: Option<BundleOutcome>, kept: &Kept) -> Answer {
        self.remove_left_over()?;
        if matches!(outcome, None | Some(BundleOutcome::Known)) {
            return told(outcome);
        }
        let here = self.datasets.clone();
        let new = kept.holds.stored.manifests.iter().filter(|one| !here.contains(&one.dataset.0));
        let new: Vec<(u32, u32)> = new.map(|one| (one.dataset.0, one.segments)).collect();
        let mut written = Ok(());
        for _ in 0..new.iter().map(|(_, segments)| segments).sum() {
            written = written.and_then(|()| self.write(|_| ()));
        }
        let written = written.and_then(|()| self.write(|model| model.become_that(&kept.model)));
        if let Err(no) = written {
            for (dataset, _) in new {
                self.discard(dataset);
            }
            return Err(no);
        }
        told(outcome)
    }

    fn become_that(&mut self, then: &Self) {
        let is_new =
            |thing: &usize| then.dismissed.contains(thing) && !self.dismissed.contains(thing);
        let rows = then.rows.iter().filter(|row| is_new(&row.thing));
        let unerased =
            rows.map(|row| row.dataset).filter(|dataset| self.datasets.contains(dataset));
        let unerased = self.unerased.iter().copied().chain(unerased).collect();
        let mut life = std::mem::take(&mut self.life);
        life.kept.clear();
        life.stalls.clear();
        let (now, cut) = (self.now, self.cut);
        *self = Self { unerased, life, now, cut, ..then.clone() };
    }
}

/// Sequences in which desks are handed over.
pub(crate) fn sequences(mix: Mix) -> impl Strategy<Value = Vec<Command>> {
    let handing = prop_oneof![
        4 => Just(Handing::Over),
        3 => (0_usize..3).prop_map(Handing::Back),
        1 => Just(Handing::Stray),
    ];
    let command = prop_oneof![
        8 => command(mix),
        3 => handing.prop_map(Command::Hand),
        1 => Just(Command::Wipe),
    ];
    let rest = prop::collection::vec(command, 0..24);
    (first(), rest).prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect())
}

/// An answer of the gateway that comes when everything was removed, and another desk's work taken in, is no answer to the
/// request that has the number now.
#[test]
fn an_answer_to_what_was_removed_is_nobodys() {
    // A desk of its own tells what things are, before another one is at work.
    thing(0);
    block_on(async {
        let mut world = World::new().await;
        let retry =
            |thing| Command::Submit(RequestKind::Retry, "Alpha", Selection::Listed(vec![thing]));
        // Of the category Application: it fails again.
        for command in
            [Command::Pace(100), Command::Import(vec![1, 6]), retry(6), Command::Cut(true)]
        {
            world.step(&command).await;
        }
        world.step(&Command::Round).await;
        let running = make(&world.desk).await.expect("a bundle");
        world.desk.wipe().await.expect("wiped");
        world.outside.line.cut.set(false);
        // Of the category System: it clears.
        let desk = &world.desk;
        import(desk, &[0, 2]).await.expect("a dump");
        let known = Known::of(&world.model);
        perform(desk, &world.outside, &retry(2), &known).await.expect("a request");
        world.outside.line.gate.set(Gate::Armed);
        let mut round = pin!(desk.round());
        assert!(round.as_mut().now_or_never().is_none(), "the gateway is asked");
        desk.wipe().await.expect("wiped");
        assert_eq!(take(desk, &running).await, told(Some(BundleOutcome::Taken)));
        world.outside.line.gate.set(Gate::Open);
        round.await;
        let requests = desk.requests(None).expect("requests");
        assert_eq!((requests[0].state, requests[0].done), (RequestState::Running, 0));
        world.outside.clock.0.set(1_000);
        desk.round().await;
        let requests = desk.requests(None).expect("requests");
        assert_eq!((requests[0].cleared, requests[0].failed_again), (0, 1));
    });
}
