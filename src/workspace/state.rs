//! What is true, in memory: the records, the queue, the ledger, the settings. A mirror of the store, never ahead of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use super::ports::{Commit, Damage, Manifest, Settings, Stored};
use super::verdicts::Remedies;
use crate::dataset::{Harvester, Segment, Table};
use crate::domain::{
    DatasetId, DismissalLedger, Identity, JournalEnd, QueueChange, RecordId, RecordOutcome,
    RecordState, Request, RequestId, RequestQueue, Retried,
};
use crate::guidance::harvest::{could_name_missing, missing_references};
use crate::protocol::DamagedChunk;

/// Everything the application knows.
pub(super) struct State {
    pub(super) table: Table,
    pub(super) queue: RequestQueue,
    pub(super) ledger: DismissalLedger,
    pub(super) manifests: BTreeMap<DatasetId, Manifest>,
    /// Chunks of the datasets that cannot be read, in the order in which they were found.
    pub(super) damaged: BTreeMap<DatasetId, Vec<DamagedChunk>>,
    /// Datasets with chunks that could not be read, though they may be whole.
    pub(super) may_return: BTreeSet<DatasetId>,
    /// What else is stored that cannot be read, see `unread`.
    pub(super) unread: Vec<Damage>,
    pub(super) settings: Settings,
    pub(super) next_dataset: u32,
    pub(super) journal_end: JournalEnd,
    pub(super) remedies: RefCell<Remedies>,
    /// What filters on retries mean, until something changes.
    pub(super) known_retried: RefCell<Vec<(Retried, Arc<[RecordId]>)>>,
}

impl State {
    /// As stored, still without records.
    pub(super) fn restored(stored: Stored) -> Self {
        let settings = stored.settings.unwrap_or_default();
        let mut queue =
            RequestQueue::new(settings.limits).numbered_from(RequestId(stored.next_request));
        queue.apply(QueueChange { requests: stored.requests, jobs: stored.jobs });
        let mut ledger = DismissalLedger::default();
        ledger.extend(stored.dismissals);
        let mut table = Table::new();
        for manifest in &stored.manifests {
            table.show_again(manifest.dataset, manifest.seen_again.clone());
        }
        table.read_messages_by(Harvester {
            could_name: could_name_missing,
            read: missing_references,
        });
        table.set_cause_rules(&settings.cause_rules);
        Self {
            table,
            queue,
            ledger,
            manifests: stored
                .manifests
                .into_iter()
                .map(|manifest| (manifest.dataset, manifest))
                .collect(),
            damaged: BTreeMap::new(),
            may_return: BTreeSet::new(),
            unread: stored.damaged,
            settings,
            next_dataset: stored.next_dataset,
            journal_end: stored.journal_end,
            remedies: RefCell::default(),
            known_retried: RefCell::default(),
        }
    }

    /// Makes a commit visible that the store has taken. Segments of new datasets are appended by the import itself.
    pub(super) fn apply(&mut self, commit: Commit) {
        self.forget_unread(&commit);
        self.known_retried.get_mut().clear();
        for manifest in commit.manifests {
            self.next_dataset = self.next_dataset.max(manifest.dataset.0 + 1);
            self.table.show_again(manifest.dataset, manifest.seen_again.clone());
            self.manifests.insert(manifest.dataset, manifest);
        }
        for dataset in commit.removed {
            self.manifests.remove(&dataset);
            self.damaged.remove(&dataset);
            self.may_return.remove(&dataset);
            self.table.remove_dataset(dataset);
        }
        if let Some(settings) = commit.settings {
            self.queue.set_limits(settings.limits);
            self.table.set_cause_rules(&settings.cause_rules);
            self.settings = settings;
        }
        for request in &commit.requests {
            self.show_word_of(request);
        }
        self.queue.apply(QueueChange { requests: commit.requests, jobs: commit.jobs });
        self.dismiss(commit.dismissals);
        for line in &commit.journal {
            self.journal_end = self.journal_end.with(line);
        }
    }

    /// Marks identities as gone for ever, and their records with them.
    fn dismiss(&mut self, identities: Vec<Identity>) {
        if identities.is_empty() {
            return;
        }
        let records = self.table.ids_of(&identities);
        self.table.dismiss(&records);
        self.ledger.extend(identities);
    }

    /// Adds the rows of a dump, and dismisses those that the ledger knows.
    #[inline(never)]
    pub(super) fn take_in(&mut self, dataset: DatasetId, segments: Vec<Segment>) {
        for segment in segments {
            self.table.append(dataset, segment);
        }
        let gone = self.table.ids_in(&self.ledger);
        self.table.dismiss(&gone);
    }

    /// At a start, before identities are read: dismisses the records that requests say they dismissed, and shows of the
    /// others what their last request says.
    pub(super) fn dismiss_settled(&mut self) {
        let settled = |request: &Request| {
            let records = request.batch.records().iter().zip(&request.outcomes);
            let gone = records.filter(|(_, outcome)| **outcome == RecordOutcome::Dismissed);
            gone.map(|(record, _)| *record).collect::<Vec<_>>()
        };
        let gone: Vec<RecordId> = self.queue.requests().flat_map(settled).collect();
        self.table.dismiss(&gone);
        let touched: Vec<RecordId> = self
            .queue
            .requests()
            .flat_map(|request| request.batch.records().iter().copied())
            .collect();
        self.refresh_states(&touched, None);
    }

    /// Shows what a changed request says of its records. No later request can have said anything of them, since a record
    /// sits in at most one open request. Must be called before the queue takes the change.
    fn show_word_of(&mut self, request: &Request) {
        for state in RecordState::ALL {
            let records = request.batch.records().iter().enumerate();
            let told: Vec<RecordId> = records
                .filter(|(position, _)| word_of(request, *position) == Some(state))
                .map(|(_, record)| *record)
                .collect();
            self.table.set_state(&told, state);
        }
        // Of those that are dismissed nothing is shown any more.
        let is_dismissed =
            |position| request.outcomes.get(position) == Some(&RecordOutcome::Dismissed);
        let records = request.batch.records().iter().enumerate();
        let silent: Vec<RecordId> = records
            .filter(|(position, _)| {
                word_of(request, *position).is_none() && !is_dismissed(*position)
            })
            .map(|(_, record)| *record)
            .collect();
        if !silent.is_empty() {
            self.refresh_states(&silent, Some(request.id));
        }
    }

    /// Derives the states of records from the requests that hold or held them, one request perhaps left out.
    pub(super) fn refresh_states(&mut self, records: &[RecordId], without: Option<RequestId>) {
        let mut states: HashMap<RecordId, RecordState> =
            records.iter().map(|id| (*id, RecordState::Open)).collect();
        for request in self.queue.requests().filter(|request| Some(request.id) != without) {
            // Requests are in order, so the latest word on a record is the last one said.
            for (position, record) in request.batch.records().iter().enumerate() {
                if let Some(state) = states.get_mut(record) {
                    *state = word_of(request, position).unwrap_or(*state);
                }
            }
        }
        for wanted in RecordState::ALL {
            let ids: Vec<RecordId> =
                records.iter().filter(|id| states.get(*id) == Some(&wanted)).copied().collect();
            self.table.set_state(&ids, wanted);
        }
    }
}

/// What a request says about the record at a position of its batch; `None` where it says nothing (any more).
fn word_of(request: &Request, position: usize) -> Option<RecordState> {
    match request.outcomes.get(position) {
        Some(RecordOutcome::Cleared) => Some(RecordState::Cleared),
        Some(RecordOutcome::FailedAgain) => Some(RecordState::FailedAgain),
        Some(RecordOutcome::Skipped | RecordOutcome::Dismissed) => None,
        None => request.state.holds_records().then_some(RecordState::Requested),
    }
}
