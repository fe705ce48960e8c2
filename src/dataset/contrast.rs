//! How often each value occurs among the records that pass a filter, and among those that pass its states alone.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::domain::{Column, Filter};

use super::Table;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::facets::tally;

const DAY_MILLIS: i64 = 86_400_000;
const HOUR_MILLIS: i64 = 3_600_000;

/// What records are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContrastField {
    /// A column of few different values.
    Column(Column),
    /// The hour of the day, 0 to 23, by UTC.
    Hour,
    /// The day, by UTC.
    Day,
}

/// The values of one field, with how many records of the selection and of all have each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldContrast {
    /// The field.
    pub field: ContrastField,
    /// Value, of the selection, of all. Hours are numbers; days are days since 1970.
    pub values: Vec<(String, usize, usize)>,
}

/// The values of all fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contrast {
    /// Records that pass.
    pub selected: usize,
    /// Records in the same states.
    pub all: usize,
    /// Fields that the filter says nothing about.
    pub fields: Vec<FieldContrast>,
}

/// Columns that a filter can take a value of, so that every finding can be looked at.
const COLUMNS: [Column; 8] = [
    Column::Entity,
    Column::DataSource,
    Column::Company,
    Column::Category,
    Column::Direction,
    Column::ErrorCode,
    Column::Cause,
    Column::Job,
];

impl Table {
    /// The records that pass held against all others in the same states, field by field. A field that the filter names is
    /// left out: that it differs was asked for.
    pub fn contrast(&self, filter: &Filter) -> Contrast {
        let selection = self.selection(filter);
        let all = self.selection(&Filter { states: filter.states.clone(), ..Filter::default() });
        let mut fields = Vec::new();
        for column in COLUMNS {
            let Some(dimension) = Dimension::of(column) else { continue };
            if filter.values(column).is_some_and(|values| !values.is_empty()) {
                continue;
            }
            let names = self.dictionary(dimension);
            let same = self.same_values(dimension);
            let [mut ours, mut everyones] = [vec![0; names.len()], vec![0; names.len()]];
            for (at, chunk) in self.chunks.iter().enumerate() {
                tally(chunk, column, &selection.chunks()[at], &mut ours);
                tally(chunk, column, &all.chunks()[at], &mut everyones);
            }
            let mut values: Vec<(String, usize, usize)> = Vec::new();
            let mut places: HashMap<u32, usize> = HashMap::new();
            for (((code, name), ours), everyones) in
                (0..).zip(names.iter()).zip(ours).zip(everyones)
            {
                if everyones == 0 {
                    continue;
                }
                let place = *places.entry(same.of(code)).or_insert(values.len());
                match values.get_mut(place) {
                    Some((_, selected, all)) => {
                        (*selected, *all) = (*selected + ours, *all + everyones)
                    }
                    None => values.push((name.to_owned(), ours, everyones)),
                }
            }
            fields.push(FieldContrast { field: ContrastField::Column(column), values });
        }
        let mut hours = [(0, 0); 24];
        let mut days: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let selected = &selection.chunks()[at];
            let mut day = (i64::MIN, (0, 0));
            all.chunks()[at].for_each(|row| {
                let time = chunk.columns.times[row];
                if time == NO_TIME {
                    return;
                }
                let ours = usize::from(selected.get(row));
                let hour = &mut hours[(time.rem_euclid(DAY_MILLIS) / HOUR_MILLIS) as usize];
                (hour.0, hour.1) = (hour.0 + ours, hour.1 + 1);
                let this = time.div_euclid(DAY_MILLIS);
                if day.0 != this {
                    add(&mut days, day);
                    day = (this, (0, 0));
                }
                day.1 = (day.1.0 + ours, day.1.1 + 1);
            });
            add(&mut days, day);
        }
        let span = filter.from.zip(filter.to).map(|(from, to)| to.millis() - from.millis());
        if span.is_none_or(|span| span >= DAY_MILLIS) {
            let values = (0..).zip(hours).filter(|(_, (_, all))| *all > 0);
            let values = values.map(|(hour, (ours, all)): (u8, _)| (hour.to_string(), ours, all));
            fields.push(FieldContrast { field: ContrastField::Hour, values: values.collect() });
        }
        if filter.from.is_none() && filter.to.is_none() {
            let values = days.into_iter().map(|(day, (ours, all))| (day.to_string(), ours, all));
            fields.push(FieldContrast { field: ContrastField::Day, values: values.collect() });
        }
        Contrast { selected: selection.total(), all: all.total(), fields }
    }
}

fn add(days: &mut BTreeMap<i64, (usize, usize)>, (day, (ours, all)): (i64, (usize, usize))) {
    if all > 0 {
        let known = days.entry(day).or_default();
        *known = (known.0 + ours, known.1 + all);
    }
}
