//! Lines of the trail about what changes nothing: plans, exports. Nobody waits for the disk on their account.
//!
//! A note goes with the next commit, or with one of its own that the runner makes: at once where somebody carries
//! something off, a moment later where what was only looked at may be acted on next. A full disk keeps no one from a plan
//! or an export; the line that is still missing is announced, and written as soon as there is room.
//!
//! Invariant: lines are numbered in the order in which they were decided and written.

use serde_json::Value;

use super::engine::{Decision, Line, Workspace};
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::domain::{JournalEntry, Timestamp};

/// How long a plan's line waits for the submission that would take it along.
const PLAN_WAITS_MS: i64 = 250;

/// A line of the trail that no commit has taken along yet.
pub(super) struct WaitingLine {
    at: Timestamp,
    line: Line,
    /// How long it waits for somebody else's commit.
    waits_ms: i64,
}

impl WaitingLine {
    /// In how many milliseconds it is due, 0 for now. A clock that was put back lets none wait.
    fn left(&self, now: Timestamp) -> u32 {
        let waited = now.millis() - self.at.millis();
        if waited < 0 { 0 } else { u32::try_from(self.waits_ms - waited).unwrap_or(0) }
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Adds a line to the trail, soon.
    pub(super) fn note(&self, event: &'static str, details: Value) {
        self.note_within(0, event, details);
    }

    /// Adds the line of a plan to the trail: with the plan's submission, if that comes at once.
    pub(super) fn note_plan(&self, details: Value) {
        self.note_within(PLAN_WAITS_MS, "planned", details);
    }

    fn note_within(&self, waits_ms: i64, event: &'static str, details: Value) {
        let (at, line) = (self.clock.now(), (event, details));
        self.notes.borrow_mut().push(WaitingLine { at, line, waits_ms });
        self.signals.wake();
    }

    /// Writes the notes if one of them is due. Else answers in how many milliseconds the next one is.
    pub(super) async fn write_due_notes(&self) -> Option<u32> {
        let now = self.clock.now();
        let left = self.notes.borrow().iter().map(|note| note.left(now)).min()?;
        if left == 0 {
            self.write_notes().await;
        }
        (left > 0).then_some(left)
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
        let noted = notes.iter().map(|note| (note.at, note.line.clone()));
        let all = noted.chain(lines.into_iter().map(|line| (now, line)));
        let entry = |(at, (event, details))| {
            let entry = end.next(at, event, details);
            end = end.with(&entry);
            entry
        };
        all.map(entry).collect()
    }
}
