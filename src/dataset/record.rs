//! One record with everything known of it, as people and scripts see it.

use std::borrow::Cow;

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

/// A record in the form of the scripting API. Empty text means that the dump has none. Its texts are its own, or those of the
/// table that it is read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the scripting API and of `RowInput`")]
pub struct Record<Text = String> {
    pub id: Text,
    pub occurred_at: Option<Timestamp>,
    pub job: Text,
    pub entity: Text,
    pub map: Text,
    pub data_source: Text,
    pub company: Text,
    pub direction: Text,
    pub category: Text,
    pub category_inferred: bool,
    pub error_code: Text,
    pub record_key: Text,
    pub message: Text,
    pub retry_count: Option<u32>,
    pub cause: Text,
    pub state: RecordState,
    pub source: Source,
    /// Further columns of the dump by header; only where one record is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// A window of an ordered result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<Text = String> {
    /// Records of the whole result.
    pub total: usize,
    /// Records of the window.
    pub rows: Vec<Record<Text>>,
}

impl Record<Cow<'_, str>> {
    /// The same with texts of its own.
    pub fn into_owned(self) -> Record {
        Record {
            id: self.id.into_owned(),
            occurred_at: self.occurred_at,
            job: self.job.into_owned(),
            entity: self.entity.into_owned(),
            map: self.map.into_owned(),
            data_source: self.data_source.into_owned(),
            company: self.company.into_owned(),
            direction: self.direction.into_owned(),
            category: self.category.into_owned(),
            category_inferred: self.category_inferred,
            error_code: self.error_code.into_owned(),
            record_key: self.record_key.into_owned(),
            message: self.message.into_owned(),
            retry_count: self.retry_count,
            cause: self.cause.into_owned(),
            state: self.state,
            source: self.source,
            extra: self.extra,
        }
    }
}
