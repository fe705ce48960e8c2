//! Parameters of calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::word::word;
use crate::domain::{
    Column, Filter, JobId, JobStatus, JournalEnd, RequestKind, RetryVerdict, Sort,
};

/// Options of an import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportParams {
    /// The file's name.
    #[serde(default)]
    pub name: String,
    /// Zone of times that carry none: IANA name, `UTC`, or an offset such as `+02:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// `dmy`, `mdy` or `ymd`, for dates that cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<String>,
    /// Header → name of a field of `Record`, or null for "keep as extra".
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mapping: Map<String, Value>,
    /// The job's name where the dump has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The text of a `model.json` that describes the columns of CSV files without header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Size and seed of a generated dump.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleParams {
    /// 100 to 1,000,000.
    pub rows: u32,
    /// Equal seeds make equal dumps.
    #[serde(default = "SampleParams::default_seed")]
    pub seed: u64,
}

impl SampleParams {
    fn default_seed() -> u64 {
        1
    }
}

/// A window of an ordered result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowsParams {
    /// Which records.
    #[serde(default)]
    pub filter: Filter,
    /// In which order; the dump's order without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// First row of the window.
    #[serde(default)]
    pub offset: usize,
    /// Rows of the window, at most 10,000; 100 without.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

fn default_limit() -> usize {
    100
}

/// Dimensions to count by value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FacetsParams {
    /// Which records.
    #[serde(default)]
    pub filter: Filter,
    /// Columns that are dimensions.
    pub dimensions: Vec<AskedColumn>,
}

/// A column by the word it was asked for: its own name or the filter's (`entity`, `entities`). The answer bears the same
/// word.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedColumn {
    /// As asked.
    pub word: String,
    /// What is meant.
    pub column: Column,
}

impl From<Column> for AskedColumn {
    fn from(column: Column) -> Self {
        Self { word: word(&column), column }
    }
}

impl Serialize for AskedColumn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word)
    }
}

impl<'de> Deserialize<'de> for AskedColumn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let column = Column::deserialize(serde::de::value::StrDeserializer::new(&word))?;
        Ok(Self { word, column })
    }
}

/// A window of the groups of messages that differ in numbers and GUIDs only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageGroupsParams {
    /// Which records.
    #[serde(default)]
    pub filter: Filter,
    /// Groups to pass over, the largest first.
    #[serde(default)]
    pub offset: usize,
    /// Most groups of the window.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

/// A histogram over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistogramParams {
    /// Which records.
    #[serde(default)]
    pub filter: Filter,
    /// Number of bars of equal width, 1 to 10,000.
    pub buckets: usize,
}

/// A job's new status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusParams {
    /// The job.
    pub job_id: JobId,
    /// Its status; only `Active` takes and runs requests.
    pub status: JobStatus,
}

/// Records described by a filter or listed by id. Exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    /// All records that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// These records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
}

/// A plan to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanParams {
    /// Retry or dismiss.
    pub kind: RequestKind,
    /// All records that match …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// … or these records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// Begin with few records; for a retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp: Option<RampParams>,
    /// Leave records of these verdicts out, though they may be retried: `pointlessUntilFixed`, `superseded`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<RetryVerdict>,
}

impl PlanParams {
    /// A plan for everything that matches, without options.
    pub fn of(kind: RequestKind, filter: Filter) -> Self {
        Self { kind, filter: Some(filter), ids: None, ramp: None, leave_out: vec![] }
    }
}

/// How a retry is ramped up: 1 record, then 10, then 100, then the rest, each step once enough of the one before cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RampParams {
    /// Percentage that must have cleared, 1 to 100; 80 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u8>,
}

/// A window of the records of one part of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRecordsParams {
    /// The plan.
    pub plan_id: u64,
    /// Index of the part, 0-based.
    pub part: usize,
    /// First record of the window.
    #[serde(default)]
    pub offset: usize,
    /// Records of the window, at most 10,000.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

/// What to submit: a plan made before, or one request of one job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitParams {
    /// All parts of this plan, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<u64>,
    /// Retry or dismiss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RequestKind>,
    /// The job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// All open records of the job that match …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// … or these records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// Why, in the submitter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One job, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobParams {
    /// The job; all without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
}

/// A cause to mark, for the offline model: retries of a fixed cause clear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkFixedParams {
    /// The cause.
    pub cause_id: String,
    /// Fixed, or no longer.
    pub fixed: bool,
}

/// Settings to change; those left out stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigureParams {
    /// Milliseconds that a step of the rehearsal takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal_step_ms: Option<u32>,
    /// Seconds that a dismissal waits before it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismiss_hold_seconds: Option<u32>,
    /// Limits of the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsParams>,
}

/// Limits to change; those left out stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitsParams {
    /// Open requests of one job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_job: Option<usize>,
    /// Records of one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_per_request: Option<usize>,
}

/// Form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated, UTF-8 with BOM.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Excel workbook.
    Xlsx,
}

/// What to export, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportParams {
    /// All records that match …
    #[serde(default)]
    pub filter: Filter,
    /// … or those that a plan would work on: a copy to keep before they are dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<u64>,
    /// In which form.
    pub format: ExportFormat,
}

/// What is known of the journal from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VerifyJournalParams {
    /// A line that was noted, with its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<JournalEnd>,
}

/// A window of a list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PageParams {
    /// First entry.
    #[serde(default)]
    pub offset: usize,
    /// Number of entries, at most 10,000.
    #[serde(default = "default_limit")]
    pub limit: usize,
}
