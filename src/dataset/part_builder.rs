//! Takes the rows of a part of a dump, far from the table: what is there already or was dismissed is found out later, by
//! [`super::Session::take_part`].
//!
//! Invariant: every row becomes one, in its order.

use super::chunk_builder::ChunkBuilder;
use super::{CHUNK_ROWS, Pushed, RowInput, RowSink, Segment};

/// The rows of one part after the other.
#[derive(Debug, Default)]
pub struct PartBuilder {
    headers: Vec<String>,
    open: ChunkBuilder,
    full: Vec<Segment>,
}

impl PartBuilder {
    /// The rows since the last call, in segments that stand for themselves.
    pub fn take(&mut self) -> Vec<Segment> {
        self.seal();
        std::mem::take(&mut self.full)
    }

    fn seal(&mut self) {
        if self.open.rows() > 0 {
            // No room is kept for the next part: its rows need it when these are gone.
            self.full.push(std::mem::take(&mut self.open).seal(&self.headers));
        }
    }
}

impl RowSink for PartBuilder {
    fn extra_columns(&mut self, headers: &[String]) {
        self.headers = headers.to_vec();
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        self.open.push(row, self.headers.len());
        if self.open.rows() == CHUNK_ROWS {
            self.seal();
        }
        Pushed::Loaded
    }
}
