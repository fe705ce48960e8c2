//! What the importer hands over, row by row, and where to.

use crate::domain::{Identity, Timestamp};

/// One row of a dump, mapped to the columns every record has. Texts that the dump lacks are empty.
#[derive(Clone, Copy, Debug)]
pub struct RowInput<'a> {
    /// What makes it the same record in another dump.
    pub identity: Identity,
    /// The dump's own id; empty where it has none, and then the identity's hex digits serve.
    pub id: &'a str,
    /// When the error occurred; a dump may lack it.
    pub occurred_at: Option<Timestamp>,
    /// Integration job.
    pub job: &'a str,
    /// Canonical entity.
    pub entity: &'a str,
    /// Table map.
    pub map: &'a str,
    /// Data source.
    pub data_source: &'a str,
    /// Legal entity.
    pub company: &'a str,
    /// Direction.
    pub direction: &'a str,
    /// Category by its name in `domain::Category`, or the dump's own word.
    pub category: &'a str,
    /// The dump did not say the category; it was read out of the message.
    pub category_inferred: bool,
    /// Error code.
    pub error_code: &'a str,
    /// Key of the failing record.
    pub record_key: &'a str,
    /// The error's text.
    pub message: &'a str,
    /// How often it was retried.
    pub retry_count: Option<u32>,
    /// Id of the cause it is grouped under.
    pub cause: &'a str,
    /// Row of the dump, 1-based, the header not counted.
    pub row: u32,
    /// Values of the dump's further columns, in the order of [`RowSink::extra_columns`]; missing ones are empty.
    pub extra: &'a [&'a str],
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is loaded.
    Loaded,
    /// The record is there already, from this dump or another.
    Duplicate,
    /// The record was dismissed at an earlier time and stays away.
    DismissedEarlier,
}

/// Takes the rows of one dump.
pub trait RowSink {
    /// The headers of columns that no field took, told before the first row that has them. Later calls may add to the
    /// end of the list, never change what was told.
    fn extra_columns(&mut self, headers: &[String]);

    /// Takes one row.
    fn push(&mut self, row: &RowInput<'_>) -> Pushed;
}
