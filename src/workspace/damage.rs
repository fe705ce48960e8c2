//! Chunks that cannot be read: named once, kept out of every answer, and left in the store as they are.
//!
//! The rows of a lost chunk count as gone: a request that holds some of them skips them, an import of the same file takes
//! them as new (but for those that were dismissed), and an erasure leaves the segment alone, for it is the evidence.
//!
//! Deliberately absent: repair. What a chunk said is in the dump, and in nothing else that is stored.
//!
//! Where a part could only not be read, the rows may be there again at the next start. Taken as new ones meanwhile they
//! would be there twice, and could be retried twice: no dump is taken until that start, or until theirs is removed.
//!
//! Invariant: the rows of all other chunks keep their ids.

use serde_json::json;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Manifest, Store, StoreError};
use super::state::State;
use crate::dataset::{CHUNK_ROWS, ChunkRef, Lost, SegmentError};
use crate::domain::DatasetId;
use crate::protocol::{ChunkPart, Code, DamagedChunk, Event, Problem};

const IMPORT_AGAIN: &str = "Import the file again: the missing rows come back as new ones. Everything else can be used meanwhile";

/// Why a part of a chunk cannot be used.
pub(super) struct Loss {
    why: String,
    hint: String,
    /// The part may be as good as ever, and be there again at the next start.
    may_return: bool,
}

impl From<SegmentError> for Loss {
    fn from(error: SegmentError) -> Self {
        Self { why: error.to_string(), hint: IMPORT_AGAIN.to_owned(), may_return: false }
    }
}

impl From<StoreError> for Loss {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(why) => {
                Self { why, hint: IMPORT_AGAIN.to_owned(), may_return: false }
            }
            // What helps is told by the error.
            other => {
                let why = other.to_string();
                Self { why, hint: Problem::from(other).hint, may_return: true }
            }
        }
    }
}

/// How many rows the chunks of a dataset have: all the same, but for the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) chunks: u32,
    loaded: usize,
    full: Option<usize>,
}

impl Places {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let loaded = usize::try_from(manifest.report.loaded).unwrap_or(usize::MAX);
        Self { chunks: manifest.segments / 2, loaded, full: None }
    }

    /// A chunk of so many rows was read.
    pub(super) fn learn(&mut self, chunk: u32, rows: usize) {
        let others = self.chunks.saturating_sub(1) as usize;
        if (chunk as usize) < others {
            self.full = Some(rows);
        } else if others > 0 && self.full.is_none() {
            self.full = Some(self.loaded.saturating_sub(rows) / others);
        }
    }

    /// Rows of a chunk that was not read.
    pub(super) fn rows(&self, chunk: u32) -> usize {
        let others = self.chunks.saturating_sub(1) as usize;
        let full = self.full.unwrap_or(CHUNK_ROWS);
        let rows = if (chunk as usize) < others {
            full.min(self.loaded)
        } else {
            self.loaded.saturating_sub(full.saturating_mul(others))
        };
        rows.min(CHUNK_ROWS)
    }
}

impl State {
    /// The rows of the dump between the chunks around this one.
    pub(super) fn around(&self, dataset: DatasetId, chunk: u32) -> (Option<u32>, Option<u32>) {
        let span = |chunk| self.table.source_span(ChunkRef { dataset, chunk });
        let first = match chunk.checked_sub(1) {
            None => Some(1),
            Some(before) => span(before).map(|(_, last)| last.saturating_add(1)),
        };
        (first, span(chunk + 1).map(|(first, _)| first.saturating_sub(1)))
    }

    /// Keeps in mind that a chunk is lost. The problem is for people.
    pub(super) fn note_lost(
        &mut self,
        dataset: DatasetId,
        damaged: DamagedChunk,
        loss: Loss,
    ) -> Problem {
        let manifest = self.manifests.get(&dataset);
        let name = manifest.map_or("", |manifest| manifest.report.name.as_str());
        let chunks = manifest.map_or(0, |manifest| manifest.segments / 2);
        if loss.may_return {
            self.may_return.insert(dataset);
        }
        let problem = lost_problem(name, chunks, &damaged, loss);
        let details = json!({ "dataset": dataset, "name": name, "damaged": damaged });
        self.damaged.entry(dataset).or_default().push(damaged);
        problem.with_details(details)
    }
}

impl State {
    /// Whether rows that are missing stay so, and can be taken as new ones.
    pub(super) fn check_losses(&self) -> Result<(), Problem> {
        let name = |dataset| self.manifests.get(dataset).map(|one| one.report.name.as_str());
        let Some(name) = self.may_return.iter().find_map(name) else { return Ok(()) };
        Err(Problem::new(
            Code::StorageUnavailable,
            format!(
                "Rows of '{name}' could not be read and may be there again at the next start, so no dump is taken, lest they be there twice"
            ),
            format!(
                "Reload the page, then open the dump; if that does not help, remove '{name}' first (Dumps), then open its file too"
            ),
        ))
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Takes out a chunk whose head is there and whose details cannot be used.
    pub(super) fn lose(&self, chunk: ChunkRef, loss: Loss) {
        let problem = {
            let state = &mut *self.state.borrow_mut();
            let Some(Lost { rows, span }) = state.table.lose(chunk) else { return };
            let damaged = DamagedChunk {
                chunk: chunk.chunk,
                part: ChunkPart::Details,
                rows,
                first_row: span.map(|(first, _)| first),
                last_row: span.map(|(_, last)| last),
            };
            state.note_lost(chunk.dataset, damaged, loss)
        };
        self.announcer.announce(Event::Problem(problem));
        self.announcer.announce(Event::DatasetChanged { dataset: Some(chunk.dataset) });
    }
}

fn lost_problem(name: &str, chunks: u32, damaged: &DamagedChunk, loss: Loss) -> Problem {
    let DamagedChunk { chunk, part, rows, first_row, last_row } = damaged;
    let part = match part {
        ChunkPart::Head => "head",
        ChunkPart::Details => "details",
    };
    let of_the_dump = match (first_row, last_row) {
        (Some(first), Some(last)) => format!(" (rows {first} to {last} of the dump)"),
        (Some(first), None) => format!(" (from row {first} of the dump)"),
        (None, Some(last)) => format!(" (up to row {last} of the dump)"),
        (None, None) => String::new(),
    };
    let (number, why) = (chunk + 1, loss.why);
    let message = format!(
        "The {part} of chunk {number} of {chunks} of '{name}' cannot be read, so {rows} rows{of_the_dump} are missing: {why}"
    );
    Problem::new(Code::StorageUnavailable, message, loss.hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(chunks: u32, loaded: usize) -> Places {
        Places { chunks, loaded, full: None }
    }

    #[test]
    fn the_rows_of_a_lost_chunk_follow_from_any_other() {
        for (chunk, rows) in [(0, 16), (1, 16), (2, 8)] {
            let mut known = places(3, 40);
            known.learn(chunk, rows);
            assert_eq!([0, 1, 2].map(|lost| known.rows(lost)), [16, 16, 8], "from {chunk}");
        }
        assert_eq!(places(1, 40).rows(0), 40);
        assert_eq!(places(2, CHUNK_ROWS + 3).rows(1), 3);
    }

    #[test]
    fn a_manifest_that_says_nonsense_does_no_harm() {
        let mut none = places(0, usize::MAX);
        none.learn(7, 1);
        assert_eq!(none.rows(7), CHUNK_ROWS);
        let mut few = places(3, 1);
        few.learn(2, 8);
        assert_eq!([few.rows(0), few.rows(2)], [0, 1]);
    }
}
