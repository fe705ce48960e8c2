//! What dumps prove: two of them compared, and causes that came back. What retries achieved is in `ledger`.
//!
//! A dump proves only what it holds. One that was exported under a filter makes records look cleared that are not; where
//! that shows, it is said.
//!
//! Invariant: each sum is the sum of its parts, and each count opens as many rows.

use std::collections::BTreeSet;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, FixedMark, Gateway, Manifest, Store};
use super::state::State;
use crate::dataset::Table;
use crate::domain::{
    Column, Compared, DatasetId, Fate, Filter, NewSince, RecordState, SeenAgain, Sort, Timestamp,
};
use crate::protocol::{
    Code, CompareParams, ComparedDump, ComparisonView, FateView, Problem, Regression,
};

/// Most ids of one window.
const WINDOW: usize = 10_000;

impl State {
    /// The dataset that shows the same records as a dump which adds none.
    pub(super) fn same_records(&self, seen: &SeenAgain) -> Option<DatasetId> {
        // Other messages of the same records are news.
        if !seen.causes().is_empty() {
            return None;
        }
        let is_same = |dataset: &&DatasetId| {
            let shown = self.table.shown_by(**dataset);
            shown.len() == seen.len() && shown.iter().all(|record| seen.contains(*record))
        };
        self.manifests.keys().rev().find(is_same).copied()
    }

    /// What is known of a cause that is being marked as fixed.
    pub(super) fn mark_of(&self, cause: &str, now: Timestamp) -> FixedMark {
        let filter = Filter { causes: vec![cause.to_owned()], ..every_state() };
        let newest = Sort { column: Column::OccurredAt, descending: true };
        let latest = self.table.window_ids(&filter, Some(newest), 0, 1);
        let last_seen = self.table.span_of(&latest).map(|(_, last)| last);
        FixedMark { at: now, last_seen, newer_from: DatasetId(self.next_dataset) }
    }

    pub(super) fn manifest(&self, dataset: DatasetId) -> Result<&Manifest, Problem> {
        self.manifests.get(&dataset).ok_or_else(|| {
            let message = format!("There is no dataset {}", dataset.0);
            Problem::new(Code::UnknownDataset, message, "Ask datasets() for those that are loaded")
        })
    }

    /// The first dump that was opened, perhaps not for the first time, after a moment.
    pub(super) fn proof_after(&self, moment: Timestamp) -> Option<DatasetId> {
        let times = self
            .manifests
            .values()
            .flat_map(|manifest| opened(manifest).map(|time| (time, manifest.dataset)));
        times.filter(|(time, _)| *time > moment).min().map(|(_, dataset)| dataset)
    }

    /// Whether a dump was opened, or opened again, after that moment: else it says nothing of what was done then.
    pub(super) fn was_opened_since(&self, dataset: DatasetId, moment: Timestamp) -> bool {
        let manifest = self.manifests.get(&dataset);
        manifest.is_some_and(|manifest| opened(manifest).any(|time| time > moment))
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// What became of the records from one dump to another.
    pub fn compare_datasets(&self, params: CompareParams) -> Result<ComparisonView, Problem> {
        let CompareParams { before, after, offset, limit } = params;
        if before == after {
            return Err(Problem::invalid(
                "Two different dumps are compared: give before and after",
            ));
        }
        if limit > WINDOW {
            return Err(Problem::invalid(format!(
                "A window holds at most {WINDOW} ids, and {limit} were asked for"
            )));
        }
        let state = self.see();
        let table = &state.table;
        let fates = table.fates(before, after);
        let count = |fate: Fate| fates[fate as usize].1;
        let both = count(Fate::StillFailing) + count(Fate::MessageChanged);
        let dump = |dataset: DatasetId, records: usize| {
            let manifest = state.manifest(dataset)?;
            Ok::<_, Problem>(ComparedDump {
                id: dataset,
                name: manifest.report.name.clone(),
                imported_at: manifest.imported_at,
                records,
            })
        };
        let view = |fate: Fate| {
            let compared = Some(Compared { before, after, fate });
            let filter = Filter { compared, ..every_state() };
            let window = table.window_ids(&filter, None, offset, limit);
            let ids = window.into_iter().filter_map(|record| table.id_text(record)).collect();
            FateView { count: count(fate), ids, filter }
        };
        Ok(ComparisonView {
            before: dump(before, both + count(Fate::Cleared))?,
            after: dump(after, both + count(Fate::New) + count(Fate::CameBack))?,
            cleared: view(Fate::Cleared),
            still_failing: view(Fate::StillFailing),
            message_changed: view(Fate::MessageChanged),
            new: view(Fate::New),
            came_back: view(Fate::CameBack),
            notes: notes(table, before, after),
        })
    }

    /// Causes that are marked as fixed and have newer errors in dumps that were opened since, the most errors first.
    pub fn regressions(&self) -> Vec<Regression> {
        let state = self.see();
        let found = |(cause, mark): (&String, &FixedMark)| {
            let new_since = Some(NewSince { dataset: mark.newer_from, after: mark.last_seen });
            let filter = Filter { causes: vec![cause.clone()], new_since, ..Filter::default() };
            let count = state.table.count(&filter);
            if count == 0 {
                return None;
            }
            let known = state.table.span_of_filter(&filter).map(|(first, _)| first);
            let first_new = known.or_else(|| {
                let first = state.table.window_ids(&filter, None, 0, 1);
                let manifest = state.manifests.get(&first.first()?.dataset());
                manifest.map(|manifest| manifest.imported_at)
            });
            let (cause, marked_at) = (cause.clone(), mark.at);
            Some(Regression { cause, marked_at, first_new: first_new?, count, filter })
        };
        let mut all: Vec<Regression> =
            state.settings.fixed_marks.iter().filter_map(found).collect();
        all.sort_by_key(|regression| std::cmp::Reverse(regression.count));
        all
    }
}

/// When a dump was opened, and when the very same one was opened again.
fn opened(manifest: &Manifest) -> impl Iterator<Item = Timestamp> + use<> {
    [Some(manifest.imported_at), manifest.confirmed_at].into_iter().flatten()
}

pub(super) fn every_state() -> Filter {
    Filter { states: RecordState::ALL.to_vec(), ..Filter::default() }
}

/// Jobs of the earlier dump that the later one has no record of: whether they were exported at all is not known.
fn notes(table: &Table, before: DatasetId, after: DatasetId) -> Vec<String> {
    let jobs = |dataset| -> BTreeSet<String> {
        let tally = table.tally(&table.shown_by(dataset), Column::Job);
        tally.into_iter().map(|(job, _)| job).collect()
    };
    let (first, second) = (jobs(before), jobs(after));
    let missing = first.difference(&second);
    let note = |job: &String| {
        format!(
            "The later dump has no record of integration job '{job}': they count as cleared, unless the dump was exported without them"
        )
    };
    missing.map(note).collect()
}
