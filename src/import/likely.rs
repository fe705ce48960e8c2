//! What columns of unknown names are likely to hold, told by what is in them.
//!
//! Invariant: this is only ever proposed beside a question; a column is never taken for a field by its content alone.

use super::aliases::Field;
use super::mapping::{Mapping, Role};
use super::options::DateOrder;
use super::times::{self, TimeText};
use crate::guidance::aliases::{aliases_of, canonical_entity};

/// Percent of the values that must look like the field.
const MOST: usize = 80;

/// Entities of one's own are in no list.
const SOME: usize = 40;

/// Characters of a message at least, on average.
const SENTENCE_CHARS: usize = 15;

/// Columns that may hold the fields that are missing, at most one each.
pub(super) fn likely(mapping: &Mapping, rows: &[&[String]]) -> Vec<(usize, Field)> {
    let mut found: Vec<(usize, Field)> = Vec::new();
    let has = |field| mapping.column(field).is_some();
    let mut propose = |field, score: &dyn Fn(&[&str]) -> usize| {
        let free = (0..mapping.len())
            .filter(|&at| mapping.role(at) == Role::Extra)
            .filter(|at| !found.iter().any(|(taken, _)| taken == at));
        let scored = free.map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.trim());
            let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
            (if cells.is_empty() { 0 } else { score(&cells) }, at)
        });
        // The first of those that are alike.
        let best = scored.rev().max_by_key(|(score, _)| *score);
        found.extend(best.filter(|(score, _)| *score > 0).map(|(_, at)| (at, field)));
    };
    if !has(Field::OccurredAt) {
        propose(Field::OccurredAt, &|cells| at_least(MOST, share(cells, is_time)));
    }
    if !has(Field::Entity) && !has(Field::Map) {
        propose(Field::Entity, &|cells| at_least(SOME, share(cells, is_entity)));
    }
    if !has(Field::Message) {
        propose(Field::Message, &|cells| {
            let chars: usize = cells.iter().map(|cell| cell.chars().count()).sum();
            let average = chars / cells.len();
            let has_words = share(cells, |cell| cell.contains(' ')) >= MOST;
            if has_words && average >= SENTENCE_CHARS { average } else { 0 }
        });
    }
    found
}

fn at_least(least: usize, share: usize) -> usize {
    if share >= least { share } else { 0 }
}

/// Percent of the values of which it is true.
fn share(cells: &[&str], is_so: impl Fn(&str) -> bool) -> usize {
    cells.iter().filter(|cell| is_so(cell)).count() * 100 / cells.len().max(1)
}

/// Whether a cell is a time beyond doubt.
pub(super) fn is_time(cell: &str) -> bool {
    // A number alone may be a serial or an id.
    cell.contains(|sign: char| !sign.is_ascii_digit() && sign != '.')
        && matches!(
            times::read(cell, Some(DateOrder::Dmy)),
            TimeText::Instant(_) | TimeText::Local(_) | TimeText::Contradicts
        )
}

fn is_entity(cell: &str) -> bool {
    !aliases_of(&canonical_entity(cell)).is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::options::ImportOptions;
    use super::*;

    #[test]
    fn columns_are_proposed_by_what_is_in_them() {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        let rows = [
            row([
                "2024-03-01 10:00:00",
                "Customers V3",
                "usmf",
                "Unable to write data to entity x",
                "note",
            ]),
            row(["2024-03-02 10:00:00", "accounts", "usmf", "Write failed for entity y", ""]),
        ];
        let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
        let headers = ["Wann", "Was", "Wo", "Warum", "x"];
        let mapping = Mapping::propose(&headers, &rows, &ImportOptions::default()).unwrap();
        assert_eq!(
            likely(&mapping, &rows),
            [(0, Field::OccurredAt), (1, Field::Entity), (3, Field::Message)]
        );
    }

    #[test]
    fn what_looks_like_nothing_is_not_proposed() {
        let row = ["1".to_owned(), "abc".to_owned()];
        let mapping = Mapping::propose(&["a", "b"], &[&row], &ImportOptions::default()).unwrap();
        assert_eq!(likely(&mapping, &[&row]), []);
        assert_eq!(likely(&mapping, &[]), []);
    }
}
