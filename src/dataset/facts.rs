//! Single facts of records that are listed one by one, as plans and runs have them.

use std::borrow::Cow;

use crate::domain::{Column, RecordId, Timestamp};

use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::place;
use super::{Segment, Table};

/// Records taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// For each column that was asked for, its values and how many of the records have each; in no order.
    pub values: Vec<Vec<(String, usize)>>,
    /// Their first and last known time.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Table {
    /// The id that a record has in answers; `None` where it is dismissed or unknown.
    pub fn id_text(&self, id: RecordId) -> Option<String> {
        let (chunk, row) = place(self.live_slot(id)?);
        Some(self.chunks[chunk].id(row).into_owned())
    }

    /// The cause of a record.
    pub fn cause(&self, id: RecordId) -> Option<&str> {
        let (chunk, row) = place(self.live_slot(id)?);
        Some(self.text(&self.chunks[chunk], Dimension::Cause, row))
    }

    /// The entity of a record.
    pub fn entity(&self, id: RecordId) -> Option<&str> {
        let (chunk, row) = place(self.live_slot(id)?);
        Some(self.text(&self.chunks[chunk], Dimension::Entity, row))
    }

    /// The cause of a record before the user's rules.
    pub fn own_cause(&self, id: RecordId) -> Option<&str> {
        let (chunk, row) = place(self.live_slot(id)?);
        let own = self.chunks[chunk].own_causes().get(row);
        Some(self.dictionary(Dimension::Cause).get(own))
    }

    /// Message and error code of a record; `None` while its message is still in the store.
    pub fn message_and_code(&self, id: RecordId) -> Option<(Cow<'_, str>, &str)> {
        let (at, row) = place(self.live_slot(id)?);
        let chunk = Some(&self.chunks[at]).filter(|chunk| chunk.is_whole())?;
        Some((chunk.details().messages.get(row), self.text(chunk, Dimension::ErrorCode, row)))
    }

    /// How many of the records have each value of a dimension; in no order. Empty where the column is none.
    pub fn tally(&self, ids: &[RecordId], column: Column) -> Vec<(String, usize)> {
        let Some(dimension) = Dimension::of(column) else { return Vec::new() };
        let dictionary = self.dictionary(dimension);
        let mut counts = vec![0_usize; dictionary.len()];
        for (chunk, row) in ids.iter().filter_map(|id| self.live_slot(*id)).map(place) {
            counts[self.chunks[chunk].codes[dimension as usize].get(row) as usize] += 1;
        }
        let counted = dictionary.iter().zip(counts).filter(|(_, count)| *count > 0);
        counted.map(|(text, count)| (text.to_owned(), count)).collect()
    }

    /// What is to be known of all of these records together, in one walk.
    pub fn overview(&self, ids: &[RecordId], columns: &[Column]) -> Overview {
        let dimensions: Vec<Dimension> =
            columns.iter().filter_map(|column| Dimension::of(*column)).collect();
        let mut counts: Vec<Vec<usize>> =
            dimensions.iter().map(|one| vec![0; self.dictionary(*one).len()]).collect();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for (at, rows) in self.runs(ids) {
            let chunk = &self.chunks[at];
            for (dimension, counts) in dimensions.iter().zip(&mut counts) {
                let codes = &chunk.codes[*dimension as usize];
                rows.clone().for_each(|row| counts[codes.get(row) as usize] += 1);
            }
            let times = rows.map(|row| chunk.columns.times[row]);
            for time in times.filter(|time| *time != NO_TIME) {
                (first, last) = (first.min(time), last.max(time));
            }
        }
        let values = |(dimension, counts): (&Dimension, Vec<usize>)| {
            let counted = self.dictionary(*dimension).iter().zip(counts);
            let counted = counted.filter(|(_, count)| *count > 0);
            counted.map(|(text, count)| (text.to_owned(), count)).collect()
        };
        let span = Timestamp::from_millis(first).zip(Timestamp::from_millis(last));
        Overview {
            values: dimensions.iter().zip(counts).map(values).collect(),
            span: span.filter(|_| first <= last),
        }
    }

    /// First and last known time of the records.
    pub fn span_of(&self, ids: &[RecordId]) -> Option<(Timestamp, Timestamp)> {
        let slots = ids.iter().filter_map(|id| self.live_slot(*id)).map(place);
        let times = slots.filter_map(|(chunk, row)| {
            Timestamp::from_millis(self.chunks[chunk].columns.times[row])
        });
        times.fold(None, |span, time| {
            Some(span.map_or((time, time), |(first, last): (Timestamp, Timestamp)| {
                (first.min(time), last.max(time))
            }))
        })
    }
}

/// Columns that filters and plans name.
const NAMED: [Dimension; 3] = [Dimension::Entity, Dimension::Job, Dimension::DataSource];

impl Table {
    /// Names of entities, of jobs and of data sources.
    pub fn names(&self) -> [Vec<&str>; 3] {
        NAMED.map(|dimension| self.dictionary(dimension).iter().collect())
    }
}

impl Segment {
    /// Names of entities, of jobs and of data sources.
    pub fn names(&self) -> [Vec<&str>; 3] {
        NAMED.map(|dimension| self.head.dimensions[dimension as usize].dictionary.iter().collect())
    }

    /// Names of the integration jobs that occur.
    pub fn job_names(&self) -> impl Iterator<Item = &str> {
        self.head.dimensions[Dimension::Job as usize].dictionary.iter()
    }
}
