//! Lines of the trail about what changes nothing: plans, exports. Nobody waits for the disk on their account.
//!
//! A note goes with the next commit, at the latest with one of its own that the runner makes. A full disk keeps no one
//! from a plan or an export; the line that is still missing is announced, and written as soon as there is room.
//!
//! Invariant: lines are numbered in the order in which they were decided and written.

use serde_json::Value;

use super::engine::{Decision, Line, Workspace};
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::domain::{JournalEntry, Timestamp};

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Adds a line to the trail, soon.
    pub(super) fn note(&self, event: &'static str, details: Value) {
        self.notes.borrow_mut().push((self.clock.now(), (event, details)));
        self.signals.wake();
    }

    /// Writes the notes that no commit has taken along.
    pub async fn write_notes(&self) {
        if self.notes.borrow().is_empty() {
            return;
        }
        let nothing_else = |_: &State, _| Ok((Decision::default(), vec![]));
        if let Err(problem) = self.change_quietly(nothing_else, |_| ()).await {
            self.signals.note_failed(&self.announcer, problem);
        }
    }

    /// The journal of a commit: the notes that wait, then its own lines.
    pub(super) fn journal_of(&self, lines: Vec<Line>, now: Timestamp) -> Vec<JournalEntry> {
        let mut end = self.see().journal_end;
        let notes = self.notes.borrow();
        let noted = notes.iter().cloned();
        let all = noted.chain(lines.into_iter().map(|line| (now, line)));
        let entry = |(at, (event, details))| {
            let entry = end.next(at, event, details);
            end = end.with(&entry);
            entry
        };
        all.map(entry).collect()
    }
}
