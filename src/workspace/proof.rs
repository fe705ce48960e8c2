//! What dumps prove: two of them compared, what retries achieved, and causes that came back.
//!
//! A dump proves only what it holds. One that was exported under a filter makes records look cleared that are not; where
//! that shows, it is said.
//!
//! Invariant: each sum is the sum of its parts, and each count opens as many rows.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::{Workspace, refused};
use super::ports::{Announcer, Clock, FixedMark, Gateway, Manifest, Store};
use super::state::State;
use crate::dataset::Table;
use crate::domain::{
    Column, Compared, DatasetId, Fate, Filter, RecordId, RecordOutcome, RecordState, Request,
    RequestKind, RequestState, SeenAgain, Sort, Timestamp,
};
use crate::protocol::{
    Code, CompareParams, ComparedDump, ComparisonView, FateView, LedgerCause, LedgerParams,
    LedgerRequest, LedgerTally, LedgerView, Problem, Regression,
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

    fn manifest(&self, dataset: DatasetId) -> Result<&Manifest, Problem> {
        self.manifests.get(&dataset).ok_or_else(|| {
            let message = format!("There is no dataset {}", dataset.0);
            Problem::new(Code::UnknownDataset, message, "Ask datasets() for those that are loaded")
        })
    }

    /// The first dump that was opened, perhaps not for the first time, after a moment.
    fn proof_after(&self, moment: Timestamp) -> Option<DatasetId> {
        let times = self.manifests.values().flat_map(|manifest| {
            let times = [Some(manifest.imported_at), manifest.confirmed_at];
            times.into_iter().flatten().map(|time| (time, manifest.dataset))
        });
        times.filter(|(time, _)| *time > moment).min().map(|(_, dataset)| dataset)
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

    /// What finished retries achieved, as later dumps prove it.
    pub fn retry_ledger(&self, params: LedgerParams) -> Result<LedgerView, Problem> {
        let state = self.see();
        if let Some(after) = params.after {
            state.manifest(after)?;
        }
        let mut ledger = LedgerView::default();
        let mut causes: BTreeMap<String, LedgerTally> = BTreeMap::new();
        for id in params.request_ids.iter().flatten() {
            refused(state.queue.request(*id))?;
        }
        let wanted = |request: &&Request| {
            let ids = params.request_ids.as_ref();
            ids.is_none_or(|ids| ids.contains(&request.id)) && is_finished_retry(request)
        };
        for request in state.queue.requests().filter(wanted) {
            let Some(finished_at) = request.finished_at else { continue };
            let proof = params.after.or_else(|| state.proof_after(finished_at));
            let mut result = LedgerTally::default();
            let sent = request.settled().filter(|(_, outcome)| *outcome != RecordOutcome::Skipped);
            let sent: Vec<RecordId> = sent.map(|(record, _)| record).collect();
            for (record, fate) in fates(&state.table, &sent, proof) {
                result.add(fate);
                if let Some(cause) = state.table.cause(record) {
                    causes.entry(cause.to_owned()).or_default().add(fate);
                }
            }
            let (request_id, job_id) = (request.id, request.job.clone());
            ledger.requests.push(LedgerRequest { request_id, job_id, finished_at, proof, result });
        }
        let title = state.titles();
        ledger.causes = causes
            .into_iter()
            .map(|(cause, result)| LedgerCause { title: title(&cause), cause, result })
            .collect();
        ledger.causes.sort_by_key(|cause| std::cmp::Reverse(cause.result.sent));
        Ok(ledger)
    }

    /// Causes that are marked as fixed and have newer errors in dumps that were opened since, the most errors first.
    pub fn regressions(&self) -> Vec<Regression> {
        let state = self.see();
        let found = |(cause, mark): (&String, &FixedMark)| {
            let from = mark.last_seen.and_then(|last| Timestamp::from_millis(last.millis() + 1));
            let filter = Filter { causes: vec![cause.clone()], from, ..Filter::default() };
            let rows = state.table.ids(&filter, None);
            let newer: Vec<RecordId> =
                rows.into_iter().filter(|record| record.dataset() >= mark.newer_from).collect();
            let (first_new, _) = state.table.span_of(&newer)?;
            let filter = Filter { from: Some(first_new), ..filter };
            Some(Regression {
                cause: cause.clone(),
                marked_at: mark.at,
                first_new,
                count: state.table.count(&filter),
                filter,
            })
        };
        let mut all: Vec<Regression> =
            state.settings.fixed_marks.iter().filter_map(found).collect();
        all.sort_by_key(|regression| std::cmp::Reverse(regression.count));
        all
    }
}

impl LedgerTally {
    fn add(&mut self, fate: Proven) {
        self.sent += 1;
        *match fate {
            Proven::By(Fate::Cleared) => &mut self.cleared,
            Proven::By(Fate::StillFailing) => &mut self.same_error,
            Proven::By(_) => &mut self.different_error,
            Proven::Not => &mut self.unproven,
            Proven::Gone => &mut self.gone,
        } += 1;
    }
}

/// What a later dump says of a record that was sent.
#[derive(Clone, Copy)]
enum Proven {
    By(Fate),
    Not,
    Gone,
}

fn fates(table: &Table, sent: &[RecordId], proof: Option<DatasetId>) -> Vec<(RecordId, Proven)> {
    let mut of_dataset: BTreeMap<DatasetId, Vec<RecordId>> = BTreeMap::new();
    for record in sent {
        of_dataset.entry(record.dataset()).or_default().push(*record);
    }
    let proven = |(before, records): (DatasetId, Vec<RecordId>)| {
        let fates = match proof {
            Some(after) => table.fates_of(&records, before, after),
            None => vec![None; records.len()],
        };
        let told = |(record, fate): (RecordId, Option<Fate>)| {
            let fate = match fate {
                Some(fate) => Proven::By(fate),
                None if table.state(record).is_none() => Proven::Gone,
                None => Proven::Not,
            };
            (record, fate)
        };
        records.into_iter().zip(fates).map(told).collect::<Vec<_>>()
    };
    of_dataset.into_iter().flat_map(proven).collect()
}

fn is_finished_retry(request: &Request) -> bool {
    request.kind == RequestKind::Retry && request.state == RequestState::Finished
}

fn every_state() -> Filter {
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
