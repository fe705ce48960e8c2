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

/// A dump and the one that proves what became of its records: they are held against each other once.
type Pair = (DatasetId, Option<DatasetId>);

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
        let times = self
            .manifests
            .values()
            .flat_map(|manifest| opened(manifest).map(|time| (time, manifest.dataset)));
        times.filter(|(time, _)| *time > moment).min().map(|(_, dataset)| dataset)
    }

    /// Whether a dump was opened, or opened again, after that moment: else it says nothing of what was done then.
    fn was_opened_since(&self, dataset: DatasetId, moment: Timestamp) -> bool {
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
        let mut sent: BTreeMap<Pair, Vec<(usize, RecordId)>> = BTreeMap::new();
        for request in state.queue.requests().filter(wanted) {
            let Some(finished_at) = request.finished_at else { continue };
            let proof = match params.after {
                Some(after) => {
                    Some(after).filter(|after| state.was_opened_since(*after, finished_at))
                }
                None => state.proof_after(finished_at),
            };
            for (record, outcome) in request.settled() {
                if outcome != RecordOutcome::Skipped {
                    let of_pair = sent.entry((record.dataset(), proof)).or_default();
                    of_pair.push((ledger.requests.len(), record));
                }
            }
            let (request_id, job_id) = (request.id, request.job.clone());
            let result = LedgerTally::default();
            ledger.requests.push(LedgerRequest { request_id, job_id, finished_at, proof, result });
        }
        for ((before, proof), sent) in sent {
            let records: Vec<RecordId> = sent.iter().map(|(_, record)| *record).collect();
            let fates = fates(&state.table, &records, before, proof);
            for ((request, record), fate) in sent.into_iter().zip(fates) {
                ledger.requests[request].result.add(fate);
                if let Some(cause) = state.table.cause(record) {
                    causes.entry(cause.to_owned()).or_default().add(fate);
                }
            }
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

/// What `proof` says of records of the dump `before`, in their order.
fn fates(
    table: &Table,
    records: &[RecordId],
    before: DatasetId,
    proof: Option<DatasetId>,
) -> Vec<Proven> {
    let fates = match proof {
        Some(after) => table.fates_of(records, before, after),
        None => vec![None; records.len()],
    };
    let told = |(record, fate): (&RecordId, Option<Fate>)| match fate {
        Some(fate) => Proven::By(fate),
        None if table.state(*record).is_none() => Proven::Gone,
        None => Proven::Not,
    };
    records.iter().zip(fates).map(told).collect()
}

/// When a dump was opened, and when the very same one was opened again.
fn opened(manifest: &Manifest) -> impl Iterator<Item = Timestamp> + use<> {
    [Some(manifest.imported_at), manifest.confirmed_at].into_iter().flatten()
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
