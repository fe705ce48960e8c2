//! Erases the texts of dismissed records, in memory and in the stored segments, soon after the ledger has made them gone.
//!
//! The ledger alone decides what is gone, so an erasure that is interrupted is only late: the next start finds dismissed
//! rows that the head of their chunk does not know to be erased, and writes both of its parts anew. Earlier releases wrote
//! them one after the other: there may be details without these texts behind a head that still says so.

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::dataset::ChunkRef;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Writes the segments that hold texts of dismissed records without them. What fails is tried again when the queue
    /// rests the next time, and so is what comes while a bundle is made of the segments.
    pub async fn finish_erasure(&self) {
        if let Some(_alone) = self.rewriting.try_lock() {
            self.erase().await;
        }
    }

    /// The same, for who holds `rewriting`.
    pub(super) async fn erase(&self) {
        let waiting = self.see().table.chunks_to_erase();
        for place in waiting {
            let ChunkRef { dataset, chunk } = place;
            self.load_details(place).await;
            // One chunk in a turn: neither a removal nor a dismissal may come between making the segment and storing it.
            let _turn = self.turn.lock().await;
            let Some(segment) = self.see().table.erased_segment(dataset, chunk) else { continue };
            if let Err(error) = self.write_chunk(place, segment.encode(place)).await {
                self.signals.erasure_failed(&self.announcer, error.into());
                return;
            }
            self.state.borrow_mut().table.erase(dataset, chunk);
        }
        self.signals.erasure_done();
    }
}
