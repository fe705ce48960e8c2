//! A segment read back row by row, as the rows were pushed.
//!
//! Invariant: rows pushed into a chunk again, in their order, make the same segment.

use std::borrow::Cow;

use crate::domain::Timestamp;

use super::dimension::Dimension;
use super::{RowInput, Segment};

impl Segment {
    /// Calls `with` with each row whose place is `wanted`.
    pub(super) fn for_each_row(
        &self,
        wanted: impl Fn(usize) -> bool,
        mut with: impl FnMut(&RowInput<'_>),
    ) {
        let (head, details) = (&self.head, &self.details.0);
        let columns = &head.columns;
        for row in (0..self.rows()).filter(|row| wanted(*row)) {
            let text = |dimension: Dimension| {
                let local = &head.dimensions[dimension as usize];
                local.dictionary.get(local.codes.get(row) as usize)
            };
            let [job, entity, map, data_source, company, direction, category, error_code, cause] =
                Dimension::ALL.map(text);
            let (id, record_key) = (details.ids.get(row), details.record_keys.get(row));
            let message = details.messages.get(row);
            let extra: Vec<Cow<'_, str>> =
                details.extras.iter().map(|texts| texts.get(row)).collect();
            let extra: Vec<&str> = extra.iter().map(AsRef::as_ref).collect();
            with(&RowInput {
                identity: details.identities[row],
                id: &id,
                occurred_at: Timestamp::from_millis(columns.times[row]),
                job,
                entity,
                map,
                data_source,
                company,
                direction,
                category,
                category_inferred: columns.inferred.get(row),
                error_code,
                record_key: &record_key,
                message: &message,
                retry_count: columns.retry_count(row),
                cause,
                row: columns.source_rows.get(row),
                extra: &extra,
            });
        }
    }
}
