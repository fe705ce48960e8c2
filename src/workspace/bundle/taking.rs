//! A bundle into this desk.
//!
//! Segments are written first and belong to nothing until the one commit that brings everything else, as with an import.

use std::collections::BTreeSet;

use super::reading::{Item, Reader};
use crate::domain::{ChainCheck, DatasetId, JournalEntry};
use crate::protocol::{BundleOutcome, BundleReport, Code, Event, Problem};
use crate::workspace::Workspace;
use crate::workspace::loading::stored_segments;
use crate::workspace::ports::{Announcer, ByteSource, Clock, Commit, Gateway, Store, Stored};
use crate::workspace::state::State;

/// What a bundle is to this desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// This desk holds nothing that could be lost.
    Takes { wipes: bool },
    /// The bundle goes on where this desk ends.
    Continues,
    /// All of it is here already.
    Knows,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Takes everything a bundle holds into this desk. All of it becomes true at once, or nothing.
    pub async fn import_bundle(&self, source: impl ByteSource) -> Result<BundleReport, Problem> {
        let _alone = self.importing.lock().await;
        self.cancelled.set(false);
        self.write_notes().await;
        let mut reader = Reader::new(source);
        reader.header().await?;
        let mut values = Vec::new();
        let mut item = loop {
            match reader.next().await? {
                Item::Value(line) => values.push(line),
                item => break item,
            }
        };
        let (stored, journal) =
            self.store.read_lines(&values).map_err(|error| reader.damaged(error))?;
        drop(values);
        if let Some(damage) = stored.damaged.first() {
            return Err(reader.damaged(&damage.why));
        }
        self.see().check_whole()?;
        let relation = self.relation(&stored, &journal).await?;
        let report = BundleReport {
            outcome: match relation {
                Relation::Takes { .. } => BundleOutcome::Taken,
                Relation::Continues => BundleOutcome::Continued,
                Relation::Knows => BundleOutcome::Known,
            },
            datasets: stored.manifests.len(),
            requests: stored.requests.len(),
            dismissed: stored.dismissals.len(),
        };
        if relation == Relation::Knows {
            return Ok(report);
        }
        if relation == (Relation::Takes { wipes: true }) {
            // Only settings were ever changed here.
            self.wipe_store().await?;
        }
        let here: BTreeSet<DatasetId> = self.see().manifests.keys().copied().collect();
        let mut missing: BTreeSet<(DatasetId, u32)> = stored_segments(&stored.manifests).collect();
        let taken: Result<(), Problem> = async {
            while let Item::Segment { dataset, index, bytes } = item {
                if !missing.remove(&(dataset, index)) {
                    return Err(reader.damaged("a segment that belongs to nothing, or comes twice"));
                }
                if !here.contains(&dataset) {
                    self.store.put_segment(dataset, index, &bytes).await?;
                }
                self.check_cancelled("bundle")?;
                item = reader.next().await?;
            }
            match item {
                Item::End if missing.is_empty() => self.make_true(stored.clone(), journal).await,
                Item::End => {
                    Err(reader.damaged(format_args!("{} segments are missing", missing.len())))
                }
                _ => Err(reader.damaged("a value comes after the segments")),
            }
        }
        .await;
        if let Err(problem) = taken {
            for manifest in stored.manifests.iter().filter(|one| !here.contains(&one.dataset)) {
                // Best effort: what stays is removed at the next start.
                let _late = self.store.discard(manifest.dataset).await;
            }
            return Err(problem);
        }
        self.load_heads().await;
        self.recover().await?;
        self.announcer.announce(Event::QueueChanged { jobs: vec![] });
        for manifest in &stored.manifests {
            self.announcer.announce(Event::DatasetChanged { dataset: Some(manifest.dataset) });
        }
        self.signals.try_again();
        self.load_rest().await;
        Ok(report)
    }

    async fn make_true(&self, stored: Stored, journal: Vec<JournalEntry>) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let commit = {
            let state = self.see();
            let given = (1..stored.next_dataset).map(DatasetId);
            let stays: BTreeSet<DatasetId> =
                stored.manifests.iter().map(|manifest| manifest.dataset).collect();
            Commit {
                removed: given.filter(|id| !stays.contains(id)).collect(),
                manifests: stored.manifests,
                jobs: stored.jobs,
                requests: stored.requests,
                dismissals: stored
                    .dismissals
                    .into_iter()
                    .filter(|identity| !state.ledger.contains(*identity))
                    .collect(),
                settings: stored.settings,
                journal: journal
                    .into_iter()
                    .filter(|line| line.id > state.journal_end.id)
                    .collect(),
            }
        };
        self.store.commit(&commit).await?;
        let stored = self.store.load().await?;
        *self.state.borrow_mut() = State::restored(stored);
        self.wipes.set(self.wipes.get() + 1);
        self.plans.borrow_mut().clear();
        Ok(())
    }

    /// Removes what an empty desk holds: settings, and the lines about them.
    async fn wipe_store(&self) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        self.store.wipe().await?;
        let stored = self.store.load().await?;
        *self.state.borrow_mut() = State::restored(stored);
        Ok(())
    }

    async fn relation(
        &self,
        stored: &Stored,
        journal: &[JournalEntry],
    ) -> Result<Relation, Problem> {
        let (mine, is_empty) = {
            let state = self.see();
            let nothing = state.next_dataset == 1
                && state.queue.requests().next().is_none()
                && state.ledger.is_empty();
            (state.journal_end, nothing)
        };
        let mut check = ChainCheck::default();
        let mut continues = mine.id == 0;
        for line in journal {
            check.check(line).map_err(|broken| {
                let why = format!("line {} of its journal: {}", broken.id, broken.why);
                damaged_journal(&why)
            })?;
            continues |= check.end() == mine;
        }
        check.finish(stored.journal_end).map_err(|broken| damaged_journal(&broken.why))?;
        let theirs = check.end();
        if theirs == mine {
            return Ok(Relation::Knows);
        }
        if theirs.id < mine.id && theirs.id > 0 {
            let at = usize::try_from(theirs.id - 1).unwrap_or(usize::MAX);
            let (_, lines) = self.store.journal(at, 1).await?;
            if lines.first().is_some_and(|line| line.hash == Some(theirs.hash)) {
                return Ok(Relation::Knows);
            }
        }
        if is_empty {
            return Ok(Relation::Takes { wipes: mine.id > 0 });
        }
        if continues && self.goes_on_in(stored) {
            return Ok(Relation::Continues);
        }
        Err(Problem::new(
            Code::InvalidArgument,
            "This desk has work of its own that the bundle does not know, and the bundle has work that this desk does not know",
            "Two ways are not merged. Make a bundle of this desk first, then remove everything in Settings and open the other one",
        ))
    }

    /// Whether the bundle has every outcome that this desk has: steps of a request leave no line in the journal.
    fn goes_on_in(&self, stored: &Stored) -> bool {
        let state = self.see();
        state.queue.requests().all(|mine| {
            stored.requests.iter().any(|theirs| {
                theirs.id == mine.id
                    && theirs.batch == mine.batch
                    && theirs.outcomes.starts_with(&mine.outcomes)
            })
        })
    }
}

fn damaged_journal(why: &str) -> Problem {
    Problem::new(
        Code::UnsupportedFormat,
        format!("The bundle's journal is not as it was written: {why}"),
        "Nothing was taken from it. Have the bundle made anew by the desk it comes from",
    )
}
