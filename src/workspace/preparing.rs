//! What is worked out while nobody asks for anything, so that who asks then need not wait for it.
//!
//! Invariant: answers are the same whether or not it was worked out before. It is made in steps of a chunk or of some causes:
//! whoever asks in the middle waits for one of them.

use super::engine::Workspace;
use super::ordering::ORDERING_CAUSES;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::domain::RecordId;

/// Causes that are read in one step.
const STEP: usize = 256;

/// Causes that are read beforehand, the largest ones; others when they are asked about.
const MOST: usize = 65_536;

/// The causes that are still to be read.
#[derive(Default)]
pub(super) struct CausesToRead {
    /// How many causes there were, and the life of the desk.
    of: (usize, u32),
    /// A record of each, those of most records last, and whether the cause is among the largest. Records that have gone
    /// since tell nothing.
    left: Vec<(RecordId, bool)>,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Whether nothing is left that could be worked out beforehand.
    pub fn is_prepared(&self) -> bool {
        let state = self.see();
        let table = &state.table;
        !(table.is_to_be_tallied()
            || table.is_to_be_indexed()
            || table.is_superseded_to_be_found()
            || self.has_to_read_causes()
            || table.is_to_be_harvested())
    }

    /// Works out a little of it.
    pub(super) fn prepare_next(&self) {
        let state = self.see();
        let table = &state.table;
        let _did = table.tally_next()
            || table.index_next()
            || table.find_superseded_next()
            || self.read_causes_next()
            || table.harvest_next();
    }

    fn has_to_read_causes(&self) -> bool {
        let to_read = self.causes_to_read.borrow();
        (to_read.of != self.causes_now() || !to_read.left.is_empty())
            && self.see().table.lacking().is_empty()
    }

    /// Causes come with rows, and are numbered.
    fn causes_now(&self) -> (usize, u32) {
        (self.see().table.cause_numbers(), self.wipes.get())
    }

    /// Plans ask of each cause whether a retry can help, and of the largest which tables they miss.
    fn read_causes_next(&self) -> bool {
        if !self.has_to_read_causes() {
            return false;
        }
        let (state, now) = (self.see(), self.causes_now());
        let mut to_read = self.causes_to_read.borrow_mut();
        if to_read.of != now {
            let all = state.table.cause_examples(MOST).into_iter().enumerate();
            let unread = all.filter(|(_, one)| !state.knows_remedy(&one.cause));
            let left = unread.map(|(at, one)| (one.example, at < ORDERING_CAUSES)).rev().collect();
            *to_read = CausesToRead { of: now, left };
        }
        let step = to_read.left.len().saturating_sub(STEP);
        for (one, is_large) in to_read.left.drain(step..).rev() {
            state.remedy(one);
            if is_large && let Some(cause) = state.table.own_cause(one) {
                self.read_parents(&state, cause, one);
            }
        }
        true
    }
}
