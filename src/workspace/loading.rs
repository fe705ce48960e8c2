//! Back from the store: at a start the heads of all segments, then, chunk by chunk and where it is asked for first, their
//! details.
//!
//! Filters, facets, times and states are answered from the heads, so the first answer does not wait for the bulk of a
//! million rows. A chunk that cannot be read is named and left out (`damage`); everything else is as it was.
//! Deliberately absent: dropping details again.
//!
//! Invariant: a call that needs details has waited for them in [`Workspace::prepare`], a step in `load_records`. Nothing
//! here writes: what is damaged stays in the store as it is.

use futures_util::stream::{FuturesOrdered, StreamExt, iter};

use super::causes::{EXAMPLES, WINDOW, axis};
use super::damage::{Loss, Places};
use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Manifest, Store, StoreError};
use super::state::State;
use crate::dataset::{Axis, ChunkRef, SegmentDetails, SegmentError, SegmentHead, Table};
use crate::domain::{DatasetId, Filter, RecordId};
use crate::protocol::{
    Call, CauseParams, CausesParams, ChunkPart, DamagedChunk, PlanParams, Problem, SubmitParams,
};

/// A chunk is two segments of the store: its head, then its details.
pub(super) fn head_of(chunk: u32) -> u32 {
    chunk * 2
}

pub(super) fn details_of(chunk: u32) -> u32 {
    chunk * 2 + 1
}

/// The segments that datasets consist of.
pub(super) fn stored_segments(
    manifests: &[Manifest],
) -> impl Iterator<Item = (DatasetId, u32)> + '_ {
    manifests.iter().flat_map(|one| (0..one.segments).map(|index| (one.dataset, index)))
}

/// After a start, questions come first: the rest is read when they had this long.
const REST_AFTER_MS: u32 = 250;

impl State {
    /// Reads the heads of all datasets, once. A damaged one must not take the others away: it is told of.
    pub(super) async fn read_heads(&mut self, store: &impl Store) -> Vec<Problem> {
        let places = |manifest: &Manifest| (manifest.dataset, Places::of(manifest));
        let datasets: Vec<_> = self.manifests.values().map(places).collect();
        let mut problems = Vec::new();
        for (dataset, mut places) in datasets {
            // All are asked for at once; the first are taken up while the others are read.
            let numbers = 0..places.chunks;
            let heads = numbers.map(|chunk| segment(store, dataset, head_of(chunk)));
            let mut heads = heads.collect::<FuturesOrdered<_>>().zip(iter(0..));
            // How many rows a lost chunk had is known from another one: its place is left when that is read.
            let (mut lost, mut placed) = (Vec::new(), 0);
            while let Some((bytes, chunk)) = heads.next().await {
                let whose = ChunkRef { dataset, chunk };
                let head = bytes
                    .map_err(Loss::from)
                    .and_then(|bytes| SegmentHead::decode(whose, &bytes).map_err(Loss::from));
                match head {
                    Ok(head) => {
                        places.learn(chunk, head.rows());
                        for (chunk, _) in &lost[placed..] {
                            self.table.skip(dataset, places.rows(*chunk));
                        }
                        placed = lost.len();
                        self.table.append_head(dataset, head);
                    }
                    Err(loss) => lost.push((chunk, loss)),
                }
            }
            for (chunk, _) in &lost[placed..] {
                self.table.skip(dataset, places.rows(*chunk));
            }
            for (chunk, loss) in lost {
                let (first_row, last_row) = self.around(dataset, chunk);
                let (part, rows) = (ChunkPart::Head, places.rows(chunk));
                let damaged = DamagedChunk { chunk, part, rows, first_row, last_row };
                problems.push(self.note_lost(dataset, damaged, loss));
            }
        }
        self.dismiss_settled();
        problems
    }
}

/// A segment. What failed perhaps by chance is read a second time before it counts as lost.
async fn segment(
    store: &impl Store,
    dataset: DatasetId,
    index: u32,
) -> Result<Vec<u8>, StoreError> {
    match store.segment(dataset, index).await {
        Ok(bytes) => Ok(bytes),
        Err(StoreError::Damaged(why)) => Err(StoreError::Damaged(why)),
        Err(_) => store.segment(dataset, index).await,
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Reads everything that is still only in the store, with pauses for others.
    pub async fn load_rest(&self) {
        let next = || self.see().table.lacking().first().copied();
        if next().is_some() {
            self.clock.sleep(REST_AFTER_MS).await;
        }
        while let Some(chunk) = next() {
            self.load_details(chunk).await;
            self.clock.sleep(0).await;
        }
        // The runner indexes what is there now.
        self.signals.wake();
    }

    /// Waits until everything is there that the call needs to be answered.
    pub async fn prepare(&self, call: &Call) {
        self.signals.asked(self.clock.now());
        match call {
            Call::Count(filter) => self.load_for_count(filter).await,
            Call::Facets(params) => self.load_for_count(&params.filter).await,
            Call::Differences(params) => self.load_for_count(&params.filter).await,
            Call::Histogram(params) => self.load_for_count(&params.filter).await,
            Call::Rows(params) => {
                self.load_for_count(&params.filter).await;
                let filter = self.see().resolved(params.filter.clone());
                self.load(|table| {
                    table.lacking_to_list(&filter, params.sort, params.offset, params.limit)
                })
                .await;
            }
            Call::Causes(CausesParams { filter, offset, limit, by, .. }) => {
                let limit = limit.unwrap_or(WINDOW);
                self.load_for_groups(filter, axis(*by), *offset, limit).await;
            }
            Call::Cause(CauseParams { id, filter }) => {
                let filter = Filter { causes: vec![id.clone()], ..filter.clone() };
                self.load_for_examples(&filter).await;
            }
            // Rules on causes may ask for what messages say.
            Call::Regressions | Call::MarkFixed(_) => self.load_for_count(&Filter::default()).await,
            Call::Plan(PlanParams { filter, ids: None, .. })
            | Call::Submit(SubmitParams { filter, ids: None, .. }) => {
                if let Some(filter) = filter {
                    self.load_for_count(filter).await;
                }
            }
            Call::Plan(_) | Call::Submit(_) => self.load(Table::lacking).await,
            Call::ImportFile(_)
            | Call::ImportUrl(_)
            | Call::LoadSample(_)
            | Call::MessageGroups(_)
            | Call::MissingReferences(_)
            | Call::MissingPage(_)
            | Call::Record(_)
            | Call::PlanRecords(_)
            | Call::CompareDatasets(_)
            | Call::RetryLedger(_)
            | Call::ExportRows(_) => self.load(Table::lacking).await,
            Call::PreviewFile(_)
            | Call::CancelImport
            | Call::Datasets
            | Call::RemoveDataset(_)
            | Call::RunSheet(_)
            | Call::Jobs
            | Call::SetJobStatus(_)
            | Call::Requests(_)
            | Call::Withdraw(_)
            | Call::Release(_)
            | Call::Idle(_)
            | Call::CauseRules
            | Call::MergeCauses(_)
            | Call::SplitCause(_)
            | Call::UndoCauseRule(_)
            | Call::SetNote(_)
            | Call::Settings
            | Call::Configure(_)
            | Call::Journal(_)
            | Call::VerifyJournal(_)
            | Call::ExportJournal
            | Call::ExportBundle
            | Call::ImportBundle
            | Call::Storage
            | Call::Wipe
            | Call::ExportStored
            | Call::DeleteStored => {}
        }
    }

    async fn load_for_count(&self, filter: &Filter) {
        self.load(|table| table.lacking_to_count(filter)).await;
    }

    async fn load_for_groups(&self, filter: &Filter, axis: Axis, offset: usize, limit: usize) {
        self.load_for_count(filter).await;
        let filter = self.see().resolved(filter.clone());
        self.load(|table| table.lacking_to_group(&filter, axis, offset, limit)).await;
    }

    async fn load_for_examples(&self, filter: &Filter) {
        self.load_for_count(filter).await;
        let filter = self.see().resolved(filter.clone());
        self.load(|table| table.lacking_of(&table.examples(&filter, EXAMPLES))).await;
    }

    /// Waits for the details of these records.
    pub(super) async fn load_records(&self, records: &[RecordId]) {
        self.load(|table| table.lacking_of(records)).await;
    }

    /// Waits for all details.
    pub(super) async fn load_whole(&self) {
        self.load(Table::lacking).await;
    }

    async fn load(&self, needed: impl Fn(&Table) -> Vec<ChunkRef>) {
        loop {
            // Asked again each time: a dataset may go meanwhile, and another call may have read the same.
            let chunk = needed(&self.see().table).first().copied();
            let Some(chunk) = chunk else { return };
            self.load_details(chunk).await;
        }
    }

    pub(super) async fn load_details(&self, chunk: ChunkRef) {
        let _one_at_a_time = self.loading.lock().await;
        let is_lacking = || self.see().table.lacking().contains(&chunk);
        if !is_lacking() {
            return;
        }
        let ChunkRef { dataset, chunk: number } = chunk;
        let read = segment(&self.store, dataset, details_of(number)).await;
        if !is_lacking() {
            // The dataset went while it was read.
            return;
        }
        let details = read
            .map_err(Loss::from)
            .and_then(|bytes| SegmentDetails::decode(chunk, &bytes).map_err(Loss::from));
        let taken_up = details.and_then(|details| {
            let state = &mut *self.state.borrow_mut();
            if !state.table.complete(chunk, details) {
                return Err(SegmentError::Damaged("parts of different segments").into());
            }
            let gone = state.table.dismissed_in(chunk, &state.ledger);
            state.table.dismiss(&gone);
            Ok(())
        });
        if let Err(loss) = taken_up {
            self.lose(chunk, loss);
        }
    }
}
