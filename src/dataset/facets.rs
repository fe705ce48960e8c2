//! How many records have each value of a column, given all other conditions.

use serde::{Deserialize, Serialize};

use crate::domain::{Column, Filter, RecordState};

use super::Table;
use super::bits::Bits;
use super::byte_counts::tally_bytes;
use super::chunk::{Chunk, STATES};
use super::conditions::Conditions;
use super::dimension::Dimension;
use super::packed::Packed;

/// The values of one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The column.
    pub column: Column,
    /// Its values, most frequent first, equally frequent ones by value.
    pub values: Vec<FacetValue>,
}

/// A value, and the records that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// As the dump writes it, of several ways that are one value to a filter the one that came first; empty for the records
    /// that have none. States by their names in the scripting API.
    pub value: String,
    /// Records that pass every condition but those on this column.
    pub count: usize,
}

impl Table {
    /// The values of columns among the records that pass all conditions on other columns. A value of the filter that
    /// no such record has is listed with 0, so that it can be taken back. Columns that are no dimension have none.
    ///
    /// The facet of the state also counts cleared records, which a filter without states leaves out.
    pub fn facets(&self, filter: &Filter, columns: &[Column]) -> Vec<Facet> {
        let conditions = Conditions::new(self, filter);
        let mut counts: Vec<Vec<usize>> =
            columns.iter().map(|column| self.zeros(*column)).collect();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let base = conditions.passing_base(self, at);
            if base.is_empty() {
                continue;
            }
            let parts = conditions.passing_parts(chunk, &base);
            let mut all = base.clone();
            parts.iter().for_each(|(_, rows)| all.and(rows));
            for (column, counts) in columns.iter().zip(&mut counts) {
                if parts.iter().any(|(other, _)| other == column) {
                    let mut rows = base.clone();
                    let others = parts.iter().filter(|(other, _)| other != column);
                    others.for_each(|(_, other)| rows.and(other));
                    tally(chunk, *column, &rows, counts);
                } else {
                    tally(chunk, *column, &all, counts);
                }
            }
        }
        let facet = |(column, counts): (&Column, Vec<usize>)| {
            let values = self.values(filter, *column, counts);
            Facet { column: *column, values }
        };
        columns.iter().zip(counts).map(facet).collect()
    }

    /// A counter for every value that the column can have.
    fn zeros(&self, column: Column) -> Vec<usize> {
        let values = match Dimension::of(column) {
            Some(dimension) => self.dictionary(dimension).len(),
            None if column == Column::State => STATES,
            None => 0,
        };
        vec![0; values]
    }

    fn values(&self, filter: &Filter, column: Column, mut counts: Vec<usize>) -> Vec<FacetValue> {
        if let Some(dimension) = Dimension::of(column) {
            self.same_values(dimension).join(&mut counts);
        }
        let name = |code: usize| match Dimension::of(column) {
            Some(dimension) => self.dictionary(dimension).get(code as u32).to_owned(),
            None => RecordState::ALL
                .get(code)
                .map(|state| state_name(*state))
                .unwrap_or_default()
                .to_owned(),
        };
        let counted = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let mut values: Vec<FacetValue> =
            counted.map(|(code, count)| FacetValue { value: name(code), count: *count }).collect();
        let states: Vec<String>;
        let wanted = if column == Column::State {
            states = filter.states.iter().map(|state| state_name(*state).to_owned()).collect();
            &states
        } else {
            filter.values(column).unwrap_or_default()
        };
        for value in wanted {
            let is_it = |listed: &FacetValue| match Dimension::of(column) {
                Some(dimension) => dimension.matches(&listed.value, value),
                None => listed.value == *value,
            };
            if !values.iter().any(is_it) {
                values.push(FacetValue { value: value.clone(), count: 0 });
            }
        }
        values.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        values
    }
}

/// The name of a state in the scripting API.
fn state_name(state: RecordState) -> &'static str {
    match state {
        RecordState::Open => "open",
        RecordState::Requested => "requested",
        RecordState::Cleared => "cleared",
        RecordState::FailedAgain => "failedAgain",
    }
}

/// Counts the values of rows.
pub(super) fn tally(chunk: &Chunk, column: Column, rows: &Bits, counts: &mut [usize]) {
    let Some(dimension) = Dimension::of(column) else {
        if column == Column::State {
            tally_bytes(chunk.states(), rows, counts);
        }
        return;
    };
    if let Some(all) = chunk.code_counts(dimension).filter(|_| rows.is_full()) {
        counts.iter_mut().zip(all).for_each(|(count, more)| *count += *more as usize);
        return;
    }
    match &chunk.codes[dimension as usize] {
        Packed::Same { value, .. } => counts[*value as usize] += rows.count(),
        Packed::U8(codes) => tally_bytes(codes, rows, counts),
        Packed::U16(codes) => rows.for_each(|row| counts[usize::from(codes[row])] += 1),
        Packed::U32(codes) => rows.for_each(|row| counts[codes[row] as usize] += 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_as_the_scripting_api_writes_them() {
        for state in RecordState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state_name(state));
        }
    }
}
