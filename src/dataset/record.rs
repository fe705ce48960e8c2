//! One record with everything known of it, as people and scripts see it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{DatasetId, RecordState, Timestamp};

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The dataset.
    pub dataset: DatasetId,
    /// Row of the dump, 1-based, the header not counted.
    pub row: u32,
}

/// A record in the form of the scripting API. Empty text means that the dump has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the scripting API and of `RowInput`")]
pub struct Record {
    pub id: String,
    pub occurred_at: Option<Timestamp>,
    pub job: String,
    pub entity: String,
    pub map: String,
    pub data_source: String,
    pub company: String,
    pub direction: String,
    pub category: String,
    pub category_inferred: bool,
    pub error_code: String,
    pub record_key: String,
    pub message: String,
    pub retry_count: Option<u32>,
    pub cause: String,
    pub state: RecordState,
    pub source: Source,
    /// Further columns of the dump by header; only where one record is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// A window of an ordered result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Records of the whole result.
    pub total: usize,
    /// Records of the window.
    pub rows: Vec<Record>,
}
