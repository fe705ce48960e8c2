//! Erases the texts of dismissed records, in memory and in the stored segments, soon after the ledger has made them gone.
//!
//! The ledger alone decides what is gone, so an erasure that is interrupted is only late: the next start finds dismissed
//! rows with text and writes their segments anew.

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::dataset::ChunkRef;
use crate::protocol::{Event, Problem};

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Writes the segments that hold texts of dismissed records without them.
    pub async fn finish_erasure(&self) {
        let waiting = self.see().table.chunks_to_erase();
        for ChunkRef { dataset, chunk } in waiting {
            let erased = self.state.borrow_mut().table.erased_segment(dataset, chunk);
            let Some(segment) = erased else { continue };
            if let Err(error) = self.store.put_segment(dataset, chunk, &segment.encode()).await {
                self.announcer.announce(Event::Problem(Problem::from(error)));
                return;
            }
        }
    }
}
