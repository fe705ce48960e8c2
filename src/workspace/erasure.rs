//! Erases the texts of dismissed records from the stored segments, soon after the ledger has made them gone.
//!
//! The ledger alone decides what is gone, so an erasure that is interrupted is only late: the next start finds dismissed
//! rows with text and writes their segments anew.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::dataset::CHUNK_ROWS;
use crate::domain::{DatasetId, RecordId};
use crate::protocol::{Event, Problem};

/// Segments that hold text of dismissed records.
#[derive(Default)]
pub(super) struct Erasure(RefCell<BTreeSet<(DatasetId, u32)>>);

impl Erasure {
    /// The segments of these records hold text to erase.
    pub(super) fn touch(&self, records: impl IntoIterator<Item = RecordId>) {
        let segments =
            records.into_iter().map(|record| (record.dataset(), record.row() / CHUNK_ROWS as u32));
        self.0.borrow_mut().extend(segments);
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Writes the touched segments without the text of dismissed records.
    pub async fn finish_erasure(&self) {
        let segments = self.erasure.0.take();
        for (dataset, index) in segments {
            let Some(segment) = self.see().table.erased_segment(dataset, index) else { continue };
            if let Err(error) = self.store.put_segment(dataset, index, &segment.encode()).await {
                self.announcer.announce(Event::Problem(Problem::from(error)));
                return;
            }
        }
    }
}
