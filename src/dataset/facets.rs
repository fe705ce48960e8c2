//! How many records have each value of a dimension, each dimension ignoring its own condition.

use super::columns;
use super::dictionary::Codes;
use super::filter::Conditions;
use super::row_mask::RowMask;
use super::table::Table;
use crate::domain::{Column, Filter, RecordState};

/// A value and its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// Empty where the dump says nothing.
    pub value: String,
    /// Records.
    pub count: usize,
}

/// The values of one dimension, most frequent first, then by text. Values that the filter names stay, even with 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The dimension.
    pub column: Column,
    /// Its values.
    pub values: Vec<FacetValue>,
}

impl Table {
    /// Counts by value. Columns that are no dimensions are left out.
    pub fn facets(&self, filter: &Filter, dimensions: &[Column]) -> Vec<Facet> {
        let all = self.matched(filter);
        let conditions = Conditions::new(self, filter);
        dimensions
            .iter()
            .filter(|column| column.is_dimension())
            .map(|column| match columns::coded(*column) {
                Some(place) if conditions.has_condition(place) => {
                    let mut others = filter.clone();
                    if let Some(own) = others.values_mut(*column) {
                        own.clear();
                    }
                    self.facet(*column, place, filter, &self.matched(&others).chunks)
                }
                Some(place) => self.facet(*column, place, filter, &all.chunks),
                None => self.state_facet(filter),
            })
            .collect()
    }

    fn facet(&self, column: Column, place: usize, filter: &Filter, rows: &[RowMask]) -> Facet {
        let dictionary = &self.dictionaries[place];
        let mut counts = vec![0_usize; dictionary.len()];
        for (chunk, mask) in self.chunks.iter().zip(rows) {
            match &chunk.codes[place] {
                Codes::Narrow(codes) => {
                    mask.iter().for_each(|row| counts[usize::from(codes[row])] += 1)
                }
                Codes::Wide(codes) => mask.iter().for_each(|row| counts[codes[row] as usize] += 1),
            }
        }
        let chosen = filter.values(column).unwrap_or_default();
        let is_chosen = |text: &str| chosen.iter().any(|value| value.eq_ignore_ascii_case(text));
        let values = dictionary
            .texts()
            .zip(counts)
            .filter(|(text, count)| *count > 0 || is_chosen(text))
            .map(|(text, count)| FacetValue { value: text.to_owned(), count })
            .collect();
        sorted(column, values)
    }

    fn state_facet(&self, filter: &Filter) -> Facet {
        // Every state is counted, whatever the filter says of states.
        let others = Filter { states: RecordState::ALL.to_vec(), ..filter.clone() };
        let mut counts = [0; RecordState::ALL.len()];
        for (chunk, mask) in self.chunks.iter().zip(&self.matched(&others).chunks) {
            mask.iter().for_each(|row| counts[usize::from(chunk.states[row])] += 1);
        }
        let values = RecordState::ALL
            .into_iter()
            .zip(counts)
            .filter(|(state, count)| *count > 0 || filter.states.contains(state))
            .map(|(state, count)| FacetValue { value: state.code().to_owned(), count })
            .collect();
        sorted(Column::State, values)
    }
}

fn sorted(column: Column, mut values: Vec<FacetValue>) -> Facet {
    values.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    Facet { column, values }
}
