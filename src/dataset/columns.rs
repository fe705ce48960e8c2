//! Which columns are dictionary codes, and where each has its place.

use super::row_sink::RowInput;
use crate::domain::Column;

/// Columns kept as codes of a dictionary, in the order they are stored. Never reordered: stored segments depend on it.
pub(super) const CODED: [Column; 9] = [
    Column::Job,
    Column::Entity,
    Column::Map,
    Column::DataSource,
    Column::Company,
    Column::Direction,
    Column::Category,
    Column::ErrorCode,
    Column::Cause,
];

/// Columns kept as text, in the order they are stored.
pub(super) const TEXTS: [Column; 3] = [Column::Id, Column::RecordKey, Column::Message];

/// Place of the message among [`TEXTS`].
pub(super) const MESSAGE: usize = 2;
/// Place of the id among [`TEXTS`].
pub(super) const ID: usize = 0;

/// Number of coded columns.
pub(super) const CODED_COUNT: usize = CODED.len();
/// Number of text columns.
pub(super) const TEXT_COUNT: usize = TEXTS.len();

/// No time is known.
pub(super) const NO_TIME: i64 = i64::MIN;
/// No retry count is known.
pub(super) const NO_COUNT: u32 = u32::MAX;

/// Place of a column among [`CODED`].
pub(super) fn coded(column: Column) -> Option<usize> {
    CODED.iter().position(|candidate| *candidate == column)
}

/// Place of a column among [`TEXTS`].
pub(super) fn text(column: Column) -> Option<usize> {
    TEXTS.iter().position(|candidate| *candidate == column)
}

/// The coded values of a row, in the order of [`CODED`].
pub(super) fn coded_values<'a>(row: &RowInput<'a>) -> [&'a str; CODED_COUNT] {
    [
        row.job,
        row.entity,
        row.map,
        row.data_source,
        row.company,
        row.direction,
        row.category,
        row.error_code,
        row.cause,
    ]
}

/// The text values of a row, in the order of [`TEXTS`].
pub(super) fn text_values<'a>(row: &RowInput<'a>) -> [&'a str; TEXT_COUNT] {
    [row.id, row.record_key, row.message]
}
