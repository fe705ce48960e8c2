//! A bundle into this desk.
//!
//! Everything is checked before anything changes. Segments are written first and belong to nothing until the one
//! transaction that replaces everything else, as with an import; what is in memory is replaced in the same turn.
//!
//! The desk goes on working while segments come in, so what a bundle is to it is decided again in that turn.

use std::collections::BTreeSet;

use super::Header;
use super::reading::{Item, Reader};
use crate::dataset::MOST_CHUNKS;
use crate::domain::{
    ChainCheck, DatasetId, JournalEnd, JournalEntry, LineHash, QueueChange, QueueLimits,
    RequestQueue,
};
use crate::protocol::{BundleOutcome, BundleReport, Code, Event, Problem};
use crate::workspace::Workspace;
use crate::workspace::commands::check_settings;
use crate::workspace::loading::stored_segments;
use crate::workspace::ports::{Announcer, ByteSource, Clock, Commit, Gateway, Store, Stored};
use crate::workspace::state::State;

/// Bytes of all values of a bundle: more would not fit into the memory of a tab together with what is made of them.
const MOST_BYTES: usize = 1 << 29;

/// Bytes that holding a value takes beside its own.
const BYTES_BESIDE: usize = 64;

/// The values of a bundle, as far as they can be held.
#[derive(Default)]
struct Values {
    lines: Vec<String>,
    bytes: usize,
}

impl Values {
    /// Adds a value; whether it can be held is told.
    fn add(&mut self, line: String) -> bool {
        self.bytes = self.bytes.saturating_add(line.len()).saturating_add(BYTES_BESIDE);
        self.lines.push(line);
        self.bytes <= MOST_BYTES
    }
}

/// What a bundle says, all but the segments.
struct Content {
    stored: Stored,
    journal: Vec<JournalEntry>,
    /// The hash of each line of the journal.
    hashes: Vec<LineHash>,
}

impl Content {
    /// Nothing was ever done where it comes from.
    fn is_new(&self) -> bool {
        let Stored { next_dataset, requests, dismissals, journal_end, .. } = &self.stored;
        let has_lines = *journal_end != JournalEnd::default();
        *next_dataset == 1 && requests.is_empty() && dismissals.is_empty() && !has_lines
    }

    /// Whether the journal has this end in it, or begins there.
    fn passes(&self, end: JournalEnd) -> bool {
        let line = usize::try_from(end.id).ok().and_then(|id| id.checked_sub(1));
        line.map_or(end == JournalEnd::default(), |line| self.hashes.get(line) == Some(&end.hash))
    }
}

impl State {
    /// Nothing that anybody would miss: settings at most, and the lines about them.
    fn is_empty(&self) -> bool {
        self.next_dataset == 1 && self.queue.requests().next().is_none() && self.ledger.is_empty()
    }

    /// What comes of the bundle here; `None` where each of the two has work that the other does not know.
    fn outcome_of(&self, content: &Content) -> Option<BundleOutcome> {
        if content.stored.journal_end == self.journal_end || content.is_new() {
            Some(BundleOutcome::Known)
        } else if self.is_empty() {
            Some(BundleOutcome::Taken)
        } else {
            let goes_on = content.passes(self.journal_end) && self.goes_on_in(&content.stored);
            goes_on.then_some(BundleOutcome::Continued)
        }
    }

    /// Whether the bundle has every outcome that this desk has: steps of a request leave no line in the journal.
    fn goes_on_in(&self, stored: &Stored) -> bool {
        self.queue.requests().all(|mine| {
            stored.requests.iter().any(|theirs| {
                theirs.id == mine.id
                    && theirs.batch == mine.batch
                    && theirs.outcomes.starts_with(&mine.outcomes)
            })
        })
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Takes everything a bundle holds into this desk. All of it becomes true at once, or nothing.
    pub async fn import_bundle(&self, source: impl ByteSource) -> Result<BundleReport, Problem> {
        let _alone = self.importing.lock().await;
        self.cancelled.set(false);
        self.see().check_whole()?;
        self.remove_left_over().await?;
        self.write_notes().await;
        let mut reader = Reader::new(source);
        let header = reader.header().await?;
        let mut values = Values::default();
        let item = loop {
            match reader.next().await? {
                Item::Value(line) => {
                    if !values.add(line) {
                        return Err(reader.damaged("its values are more than a desk can hold"));
                    }
                }
                item => break item,
            }
        };
        let (stored, journal) =
            self.store.read_lines(&values.lines).map_err(|error| reader.damaged(error))?;
        drop(values);
        let content = checked(&header, stored, journal).map_err(|why| reader.damaged(why))?;
        let outcome = self.outcome_of(&content).await?;
        let report = BundleReport {
            outcome,
            datasets: content.stored.manifests.len(),
            requests: content.stored.requests.len(),
            dismissed: content.stored.dismissals.len(),
        };
        if outcome == BundleOutcome::Known {
            return Ok(report);
        }
        let here: BTreeSet<DatasetId> = self.see().manifests.keys().copied().collect();
        let datasets = content.stored.manifests.iter().map(|manifest| manifest.dataset);
        let datasets: Vec<DatasetId> = datasets.collect();
        let taken = match self.take_segments(reader, item, &content.stored, &here).await {
            Ok(()) => {
                // Whether this desk went on is told by the end of its trail.
                self.write_notes().await;
                self.make_true(content, outcome).await
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = taken {
            for dataset in datasets.into_iter().filter(|dataset| !here.contains(dataset)) {
                self.discard(dataset).await;
            }
            return Err(problem);
        }
        self.announcer.announce(Event::QueueChanged { jobs: vec![] });
        for dataset in datasets {
            self.announcer.announce(Event::DatasetChanged { dataset: Some(dataset) });
        }
        self.signals.try_again();
        self.load_rest().await;
        Ok(report)
    }

    /// Writes the segments of datasets that are not here, and reads the bundle to its end.
    async fn take_segments(
        &self,
        mut reader: Reader<impl ByteSource>,
        mut item: Item,
        stored: &Stored,
        here: &BTreeSet<DatasetId>,
    ) -> Result<(), Problem> {
        let mut missing: BTreeSet<(DatasetId, u32)> = stored_segments(&stored.manifests).collect();
        while let Item::Segment { dataset, index, bytes } = item {
            if !missing.remove(&(dataset, index)) {
                return Err(reader.damaged("a segment that belongs to nothing, or comes twice"));
            }
            if !here.contains(&dataset) {
                self.store.put_segment(dataset, index, bytes).await?;
            }
            self.check_cancelled("bundle")?;
            item = reader.next().await?;
        }
        match item {
            Item::End if missing.is_empty() => Ok(()),
            Item::End => {
                Err(reader.damaged(format_args!("{} segments are missing", missing.len())))
            }
            _ => Err(reader.damaged("a value comes after the segments")),
        }
    }

    /// Replaces what is stored, and what is known, by what the bundle says.
    async fn make_true(&self, content: Content, decided: BundleOutcome) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        if self.see().outcome_of(&content) != Some(decided) {
            return Err(Problem::new(
                Code::InvalidArgument,
                "This desk went on while the bundle was read, so the bundle no longer goes on where it ends",
                "Nothing was taken from it. Open it again: the desk then looks at it anew",
            ));
        }
        let Content { mut stored, journal, .. } = content;
        // Whatever a bundle says: dismissed is dismissed.
        stored.dismissals.extend(self.see().ledger.identities());
        stored.dismissals.sort_unstable();
        stored.dismissals.dedup();
        let stays: BTreeSet<DatasetId> =
            stored.manifests.iter().map(|manifest| manifest.dataset).collect();
        let given = (1..stored.next_dataset).map(DatasetId);
        let commit = Commit {
            removed: given.filter(|id| !stays.contains(id)).collect(),
            manifests: stored.manifests.clone(),
            jobs: stored.jobs.clone(),
            requests: stored.requests.clone(),
            dismissals: stored.dismissals.clone(),
            settings: stored.settings.clone(),
            journal,
        };
        self.store.replace(&commit).await?;
        let mut state = State::restored(stored);
        let lost = state.read_heads(&self.store).await;
        *self.state.borrow_mut() = state;
        self.wipes.set(self.wipes.get() + 1);
        self.plans.borrow_mut().clear();
        self.parents.take();
        for problem in lost {
            self.announcer.announce(Event::Problem(problem));
        }
        Ok(())
    }

    async fn outcome_of(&self, content: &Content) -> Result<BundleOutcome, Problem> {
        let (outcome, mine) = {
            let state = self.see();
            (state.outcome_of(content), state.journal_end)
        };
        if outcome == Some(BundleOutcome::Known) {
            return Ok(BundleOutcome::Known);
        }
        let theirs = content.stored.journal_end;
        if (1..mine.id).contains(&theirs.id) {
            let at = usize::try_from(theirs.id - 1).unwrap_or(usize::MAX);
            let (_, lines) = self.store.journal(at, 1).await?;
            if lines.first().is_some_and(|line| line.hash == Some(theirs.hash)) {
                return Ok(BundleOutcome::Known);
            }
        }
        outcome.ok_or_else(|| {
            Problem::new(
                Code::InvalidArgument,
                "This desk has work of its own that the bundle does not know, and the bundle has work that this desk does not know",
                "Two ways are not merged. Make a bundle of this desk first, then remove everything in Settings and open the other one",
            )
        })
    }
}

/// The content, if it says what its first line says and nothing that no desk can come to.
fn checked(header: &Header, stored: Stored, journal: Vec<JournalEntry>) -> Result<Content, String> {
    if let Some(damage) = stored.damaged.first() {
        return Err(damage.why.clone());
    }
    let of_journal = |why: &str| format!("its journal is not as it was written: {why}");
    let (mut check, mut hashes) = (ChainCheck::default(), Vec::with_capacity(journal.len()));
    for line in &journal {
        let checked = check.check(line);
        checked.map_err(|broken| of_journal(&format!("line {}: {}", broken.id, broken.why)))?;
        hashes.push(check.end().hash);
    }
    check.finish(stored.journal_end).map_err(|broken| of_journal(&broken.why))?;
    let segments: u64 = stored.manifests.iter().map(|one| u64::from(one.segments)).sum();
    let counts = (stored.manifests.len(), stored.requests.len(), segments);
    let said = (header.datasets, header.requests, header.segments as u64);
    if (said, header.end) != (counts, check.end()) {
        return Err("it is not what the first line says".to_owned());
    }
    // A chunk is two segments.
    if segments > 2 * MOST_CHUNKS as u64 {
        return Err(format!("{segments} segments are more than a desk can hold"));
    }
    if let Some(settings) = &stored.settings {
        check_settings(settings).map_err(|problem| problem.message)?;
    }
    let mut queue = RequestQueue::new(QueueLimits::default());
    queue.apply(QueueChange { requests: stored.requests.clone(), jobs: stored.jobs.clone() });
    match queue.contradiction() {
        Some(why) => Err(format!("its requests contradict each other: {why}")),
        None => Ok(Content { stored, journal, hashes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bound_in_sum_and_in_number() {
        let mut large = Values::default();
        assert!((1..8).all(|_| large.add("x".repeat(MOST_BYTES / 8 - BYTES_BESIDE))));
        assert!(large.add("x".repeat(MOST_BYTES / 8 - BYTES_BESIDE)), "exactly as much");
        assert!(!large.add(String::new()));
        let many = Values { bytes: MOST_BYTES - 3 * BYTES_BESIDE, ..Values::default() };
        let added = |mut many: Values| (0..9).take_while(|_| many.add(String::new())).count();
        assert_eq!(added(many), 3, "empty ones take room as well");
    }
}
