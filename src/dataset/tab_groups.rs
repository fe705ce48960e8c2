//! The records that Microsoft's tab can tell from each other by time only: those of one job, entity and data source.

use std::collections::BTreeMap;

use crate::domain::RecordId;

use super::Table;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::place;

/// Every record of one job, entity and data source that is not dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabGroup {
    /// The job.
    pub job: String,
    /// The entity.
    pub entity: String,
    /// The data source; empty where the dump says none.
    pub data_source: String,
    /// Its records, in the dump's order.
    pub rows: Vec<TabRow>,
}

/// Time in epoch milliseconds, if known, and the record's place in the list that was asked for, if it is in it.
pub type TabRow = (Option<i64>, Option<u32>);

/// What the tab filters by, beside time.
const CONDITIONS: [Dimension; 3] = [Dimension::Job, Dimension::Entity, Dimension::DataSource];

impl Table {
    /// The groups that these records belong to, whole, by job, entity and data source. Records that are dismissed or
    /// unknown are left out.
    pub fn tab_groups(&self, chosen: &[RecordId]) -> Vec<TabGroup> {
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); self.chunks.len()];
        let mut groups: BTreeMap<[u32; 3], Vec<TabRow>> = BTreeMap::new();
        let code = |at: usize, row: usize| {
            CONDITIONS.map(|one| self.chunks[at].codes[one as usize].get(row))
        };
        // 0 stands for "not chosen".
        for (number, id) in (1_u32..).zip(chosen) {
            let Some((at, row)) = self.live_slot(*id).map(place) else { continue };
            places[at].resize(self.chunks[at].rows(), 0);
            places[at][row] = number;
            groups.entry(code(at, row)).or_default();
        }
        for (at, chunk) in self.chunks.iter().enumerate() {
            // Rows that follow each other are often of one group.
            let mut last: Option<([u32; 3], bool)> = None;
            for row in (0..chunk.rows()).filter(|row| chunk.is_live(*row)) {
                let key = code(at, row);
                if last.is_some_and(|(known, wanted)| known == key && !wanted) {
                    continue;
                }
                let rows = groups.get_mut(&key);
                last = Some((key, rows.is_some()));
                let Some(rows) = rows else { continue };
                let time = Some(chunk.columns.times[row]).filter(|time| *time != NO_TIME);
                let number = places[at].get(row).and_then(|number| number.checked_sub(1));
                rows.push((time, number));
            }
        }
        let name = |dimension, code| self.dictionary(dimension).get(code).to_owned();
        let group = |([job, entity, source], rows): ([u32; 3], _)| TabGroup {
            job: name(Dimension::Job, job),
            entity: name(Dimension::Entity, entity),
            data_source: name(Dimension::DataSource, source),
            rows,
        };
        let mut groups: Vec<TabGroup> = groups.into_iter().map(group).collect();
        groups.sort_by(|a, b| {
            (&a.job, &a.entity, &a.data_source).cmp(&(&b.job, &b.entity, &b.data_source))
        });
        groups
    }
}
