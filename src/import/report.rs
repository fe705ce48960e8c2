//! The account that an import gives of every row, in the form of the scripting API.

use serde::{Deserialize, Serialize};

use crate::domain::DatasetId;

/// A row that could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Row of the dump, 1-based, the header not counted.
    pub row: u32,
    /// Line of the file where the row begins, 1-based; the sheet's row number for workbooks.
    pub line: u32,
    /// Header of the column at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// Something a careful reader of the report should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// What a column of the dump was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUse {
    /// As the dump writes it.
    pub header: String,
    /// Name of a field of `Record`; `None` where the column is kept as extra.
    pub field: Option<String>,
    /// Why: `exact`, `alias`, `option`, `extra`, `redacted`, …
    pub how: String,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The dataset made; `None` where every row was a duplicate or dismissed earlier and nothing was made.
    pub dataset_id: Option<DatasetId>,
    /// The file's name.
    pub name: String,
    /// `csv`, `xlsx`, `ods`, `json`, `jsonl`, `odata`, `zip`, or the word of a document such as `har`.
    pub format: String,
    /// Delimiter and encoding, or the sheet: what was found out about the file.
    pub dialect: String,
    /// Rows of the dump, the header not counted.
    pub rows_read: u64,
    /// Rows loaded.
    pub loaded: u64,
    /// Rows whose record was there already.
    pub duplicates: u64,
    /// Rows whose record was dismissed at an earlier time.
    pub dismissed_earlier: u64,
    /// Rows that could not be loaded.
    pub rejected: u64,
    /// The first 1,000 of them.
    pub rejects: Vec<Reject>,
    /// What a careful reader should know.
    pub warnings: Vec<Warning>,
    /// What each column was taken for.
    pub columns: Vec<ColumnUse>,
    /// The zone that times without one were read in.
    pub time_zone: Option<String>,
    /// From the first byte to durable, in milliseconds.
    pub elapsed_ms: u64,
}
