//! Records that stand for others: what is the same for all of them is read once.
//!
//! Deliberately absent: what is read out of them.

use crate::domain::{QuickMap, RecordId};

use super::Table;
use super::chunk::Chunk;
use super::chunk_tally::CodeTally;
use super::dimension::Dimension;

/// Records of one table in one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTable {
    /// The job.
    pub job: String,
    /// The table.
    pub entity: String,
    /// How many records.
    pub records: usize,
    /// The first of them and the last.
    pub ends: [RecordId; 2],
}

/// Records of one cause, which are all of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseExample {
    /// The cause.
    pub cause: String,
    /// The table whose records fail.
    pub entity: String,
    /// How many records.
    pub records: usize,
    /// The first of them.
    pub example: RecordId,
}

impl Table {
    /// The tables of these records, by job and name.
    pub fn tables_of(&self, ids: &[RecordId]) -> Vec<JobTable> {
        let mut found = Tables::default();
        for (at, rows) in self.runs(ids) {
            count_tables(&self.chunks[at], rows, &mut found);
        }
        let text = |dimension, code| self.dictionary(dimension).get(code).to_owned();
        let table = |((job, entity), (records, ends))| JobTable {
            job: text(Dimension::Job, job),
            entity: text(Dimension::Entity, entity),
            records,
            ends,
        };
        let mut tables: Vec<JobTable> = found.into_iter().map(table).collect();
        tables.sort_by(|a, b| (&a.job, &a.entity).cmp(&(&b.job, &b.entity)));
        tables
    }

    /// The causes of most records, so many of them, those of most records first.
    pub fn cause_examples(&self, most: usize) -> Vec<CauseExample> {
        let dictionary = self.dictionary(Dimension::Cause);
        let mut counts = vec![0_usize; dictionary.len()];
        let mut firsts: Vec<Option<(usize, usize)>> = vec![None; dictionary.len()];
        for (at, chunk) in self.chunks.iter().enumerate() {
            // Whatever the user's rules: causes of one rule may be of several tables.
            let causes = chunk.own_causes();
            let is_plain = chunk.own_causes.is_none() && chunk.live_rows() == chunk.rows();
            if let Some(known) = chunk.tally(Dimension::Cause).filter(|_| is_plain) {
                for CodeTally { code, count, row, .. } in &known.codes {
                    let cause = *code as usize;
                    counts[cause] += *count as usize;
                    firsts[cause].get_or_insert((at, *row as usize));
                }
                continue;
            }
            for row in (0..chunk.rows()).filter(|row| chunk.is_live(*row)) {
                let cause = causes.get(row) as usize;
                counts[cause] += 1;
                firsts[cause].get_or_insert((at, row));
            }
        }
        let counted = dictionary.iter().zip(counts).zip(firsts);
        let mut found: Vec<(&str, usize, (usize, usize))> = counted
            .filter_map(|((cause, records), first)| Some((cause, records, first?)))
            .collect();
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        found.truncate(most);
        let example = |(cause, records, (at, row)): (&str, usize, (usize, usize))| {
            let chunk = &self.chunks[at];
            CauseExample {
                cause: cause.to_owned(),
                entity: self.text(chunk, Dimension::Entity, row).to_owned(),
                records,
                example: chunk.record_id(row),
            }
        };
        found.into_iter().map(example).collect()
    }
}

/// By codes of job and table, how many records, the first and the last.
type Tables = QuickMap<(u32, u32), (usize, [RecordId; 2])>;

// Many short calls rather than a long one, as in plans.
#[inline(never)]
fn count_tables(chunk: &Chunk, rows: impl Iterator<Item = usize>, found: &mut Tables) {
    let codes = |dimension| &chunk.codes[dimension as usize];
    let (jobs, entities) = (codes(Dimension::Job), codes(Dimension::Entity));
    for row in rows {
        let id = chunk.record_id(row);
        let key = (jobs.get(row), entities.get(row));
        let (count, [first, last]) = found.entry(key).or_insert((0, [id, id]));
        *count += 1;
        *first = (*first).min(id);
        *last = (*last).max(id);
    }
}
