//! Records that stand for others: what is the same for all of them is read once.
//!
//! Deliberately absent: what is read out of them.

use hashbrown::HashMap;

use crate::domain::RecordId;

use super::Table;
use super::chunk_tally::CodeTally;
use super::dimension::Dimension;
use super::index::place;

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
        let mut found: HashMap<(u32, u32), (usize, [RecordId; 2])> = HashMap::new();
        let mut run: Option<((u32, u32), usize, [RecordId; 2])> = None;
        let mut close = |run: Option<((u32, u32), usize, [RecordId; 2])>| {
            let Some((key, count, [first, last])) = run else { return };
            let known = found.entry(key).or_insert((0, [first, last]));
            *known = (known.0 + count, [known.1[0].min(first), known.1[1].max(last)]);
        };
        for id in ids {
            let Some((at, row)) = self.live_slot(*id).map(place) else { continue };
            let code = |dimension| self.chunks[at].codes[dimension as usize].get(row);
            let key = (code(Dimension::Job), code(Dimension::Entity));
            // Most records are like the one before.
            match &mut run {
                Some((same, count, ends)) if *same == key => (*count, ends[1]) = (*count + 1, *id),
                run => close(run.replace((key, 1, [*id, *id]))),
            }
        }
        close(run);
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

    /// The causes of all records, those of most records first.
    pub fn cause_examples(&self) -> Vec<CauseExample> {
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
        let example = |((cause, records), first): ((&str, usize), Option<(usize, usize)>)| {
            let (at, row) = first?;
            let chunk = &self.chunks[at];
            Some(CauseExample {
                cause: cause.to_owned(),
                entity: self.text(chunk, Dimension::Entity, row).to_owned(),
                records,
                example: chunk.record_id(row),
            })
        };
        let all = dictionary.iter().zip(counts).zip(firsts).filter_map(example);
        let mut all: Vec<CauseExample> = all.collect();
        all.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.cause.cmp(&b.cause)));
        all
    }
}
