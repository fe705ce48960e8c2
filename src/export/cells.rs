//! A record as a row of cells.

use std::borrow::Cow;

use crate::dataset::Record;
use crate::domain::{RecordState, Timestamp};

/// Headers of CSV and XLSX: the fields of `Record` in their order, without `extra`.
pub const FIELDS: [&str; 17] = [
    "id",
    "occurredAt",
    "job",
    "entity",
    "map",
    "dataSource",
    "company",
    "direction",
    "category",
    "categoryInferred",
    "errorCode",
    "recordKey",
    "message",
    "retryCount",
    "cause",
    "state",
    "source",
];

/// The value of one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(u32),
    Truth(bool),
    Time(Timestamp),
}

/// The cells of a record, in the order of [`FIELDS`].
pub(super) fn cells(record: &Record) -> [Cell<'_>; FIELDS.len()] {
    [
        text(&record.id),
        record.occurred_at.map_or(Cell::Empty, Cell::Time),
        text(&record.job),
        text(&record.entity),
        text(&record.map),
        text(&record.data_source),
        text(&record.company),
        text(&record.direction),
        text(&record.category),
        Cell::Truth(record.category_inferred),
        text(&record.error_code),
        text(&record.record_key),
        text(&record.message),
        record.retry_count.map_or(Cell::Empty, Cell::Number),
        text(&record.cause),
        text(state_name(record.state)),
        Cell::Text(format!("{}:{}", record.source.dataset.0, record.source.row).into()),
    ]
}

fn text(text: &str) -> Cell<'_> {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

/// The state's word in the scripting API.
const fn state_name(state: RecordState) -> &'static str {
    match state {
        RecordState::Open => "open",
        RecordState::Requested => "requested",
        RecordState::Cleared => "cleared",
        RecordState::FailedAgain => "failedAgain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::samples;

    #[test]
    fn headers_are_the_fields_of_the_scripting_api() {
        let record = serde_json::to_value(samples::bare("1")).unwrap();
        let fields: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, FIELDS);
    }

    #[test]
    fn states_have_the_words_of_the_scripting_api() {
        for state in RecordState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state_name(state));
        }
    }

    #[test]
    fn missing_values_are_empty_cells() {
        let bare = samples::bare("1");
        let cells = cells(&bare);
        assert_eq!([&cells[1], &cells[12], &cells[13]], [&Cell::Empty; 3]);
        assert_eq!(cells[16], Cell::Text("3:17".into()));
    }
}
