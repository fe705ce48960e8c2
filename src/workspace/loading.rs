//! Back from the store: at a start the heads of all segments, then, chunk by chunk and where it is asked for first, their
//! details.
//!
//! Filters, facets, times and states are answered from the heads, so the first answer does not wait for the bulk of a
//! million rows. Deliberately absent: dropping details again.
//!
//! Invariant: a call that needs details has waited for them in [`Workspace::prepare`], a step in `load_records`.

use futures_util::stream::{FuturesOrdered, StreamExt, iter};

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store, StoreError};
use crate::dataset::{ChunkRef, SegmentDetails, SegmentError, SegmentHead, Table};
use crate::domain::{DatasetId, Filter, RecordId};
use crate::protocol::{Call, Event, PlanParams, Problem, SubmitParams};

/// A chunk is two segments of the store: its head, then its details.
pub(super) fn head_of(chunk: u32) -> u32 {
    chunk * 2
}

pub(super) fn details_of(chunk: u32) -> u32 {
    chunk * 2 + 1
}

/// After a start, questions come first: the rest is read when they had this long.
const REST_AFTER_MS: u32 = 250;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Reads the heads of all datasets. A damaged dump must not take the others away.
    pub(super) async fn load_heads(&self) {
        let manifests: Vec<(DatasetId, u32)> = {
            let state = self.see();
            state.manifests.values().map(|manifest| (manifest.dataset, manifest.segments)).collect()
        };
        for (dataset, segments) in manifests {
            // All are asked for at once; the first are taken up while the others are read.
            let heads = (0..segments / 2).map(|chunk| self.store.segment(dataset, head_of(chunk)));
            let mut heads = heads.collect::<FuturesOrdered<_>>().zip(iter(0..));
            while let Some((bytes, chunk)) = heads.next().await {
                let head = bytes.map_err(Problem::from).and_then(|bytes| {
                    let damaged = |error| damaged(dataset, chunk, &error);
                    SegmentHead::decode(ChunkRef { dataset, chunk }, &bytes)
                        .map_err(damaged)
                        .map_err(Problem::from)
                });
                match head {
                    Ok(head) => self.state.borrow_mut().table.append_head(dataset, head),
                    Err(problem) => {
                        self.give_up(dataset, problem);
                        break;
                    }
                }
            }
        }
        self.state.borrow_mut().dismiss_settled();
    }

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
            Call::Histogram(params) => self.load_for_count(&params.filter).await,
            Call::Rows(params) => {
                self.load(|table| {
                    table.lacking_to_list(&params.filter, params.sort, params.offset, params.limit)
                })
                .await;
            }
            Call::Plan(PlanParams { filter, ids: None, .. })
            | Call::Submit(SubmitParams { filter, ids: None, .. }) => {
                if let Some(filter) = filter {
                    self.load_for_count(filter).await;
                }
            }
            Call::Plan(_) | Call::Submit(_) => self.load(Table::lacking).await,
            Call::ImportFile(_)
            | Call::LoadSample(_)
            | Call::MessageGroups(_)
            | Call::Record(_)
            | Call::PlanRecords(_)
            | Call::ExportRows(_) => self.load(Table::lacking).await,
            Call::PreviewFile(_)
            | Call::CancelImport
            | Call::Datasets
            | Call::RemoveDataset(_)
            | Call::Jobs
            | Call::SetJobStatus(_)
            | Call::Requests(_)
            | Call::Withdraw(_)
            | Call::Idle(_)
            | Call::MarkFixed(_)
            | Call::Settings
            | Call::Configure(_)
            | Call::Journal(_)
            | Call::Storage
            | Call::Wipe => {}
        }
    }

    async fn load_for_count(&self, filter: &Filter) {
        self.load(|table| table.lacking_to_count(filter)).await;
    }

    /// Waits for the details of these records.
    pub(super) async fn load_records(&self, records: &[RecordId]) {
        self.load(|table| table.lacking_of(records)).await;
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
        let read = self.store.segment(dataset, details_of(number)).await;
        if !is_lacking() {
            // The dataset went while it was read.
            return;
        }
        let details = read.and_then(|bytes| {
            SegmentDetails::decode(chunk, &bytes).map_err(|error| damaged(dataset, number, &error))
        });
        let taken_up = details.and_then(|details| {
            let state = &mut *self.state.borrow_mut();
            if !state.table.complete(chunk, details) {
                let parts = SegmentError::Damaged("parts of different segments");
                return Err(damaged(dataset, number, &parts));
            }
            let gone = state.table.dismissed_in(chunk, &state.ledger);
            state.table.dismiss(&gone);
            Ok(())
        });
        if let Err(error) = taken_up {
            self.give_up(dataset, error.into());
        }
    }

    /// A dump that cannot be read is not shown at all, and said to be damaged.
    fn give_up(&self, dataset: DatasetId, problem: Problem) {
        let name = {
            let state = &mut *self.state.borrow_mut();
            state.table.remove_dataset(dataset);
            let manifest = state.manifests.get(&dataset);
            manifest.map_or_else(String::new, |manifest| manifest.report.name.clone())
        };
        let message = format!("The stored dump '{name}' cannot be read: {}", problem.message);
        self.announcer.announce(Event::Problem(Problem { message, ..problem }));
        self.announcer.announce(Event::DatasetChanged { dataset: Some(dataset) });
    }
}

fn damaged(dataset: DatasetId, chunk: u32, error: &SegmentError) -> StoreError {
    StoreError::Damaged(format!("chunk {chunk} of dataset {}: {error}", dataset.0))
}
