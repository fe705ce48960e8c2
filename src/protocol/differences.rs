//! What sets the records of a filter apart from the rest.

use serde::{Deserialize, Serialize};

use crate::domain::Filter;

/// Which records, and how many findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DifferencesParams {
    /// The records that are held against all others in the same states.
    #[serde(default)]
    pub filter: Filter,
    /// Most findings; 20 without.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

fn default_limit() -> usize {
    20
}

/// Values that are more or less frequent than chance would have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferencesView {
    /// Records that match.
    pub selected: usize,
    /// All others in the same states.
    pub rest: usize,
    /// Values that were looked at, in all fields.
    pub values: usize,
    /// How probable it is that anything is found where nothing differs.
    pub level: f64,
    /// Findings in all.
    pub total: usize,
    /// The largest differences first.
    pub findings: Vec<Finding>,
}

/// One value whose share differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The field: a dimension by its name in `Record`, `hour` or `day`.
    pub field: String,
    /// The value; empty where the dump has none. Hours as `00` to `23` and days as `2026-01-31`, by UTC.
    pub value: String,
    /// For a cause: what its errors say, values left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Matching records that have it.
    pub count: usize,
    /// Their share, 0 to 1.
    pub rate: f64,
    /// Other records that have it.
    pub rest_count: usize,
    /// Their share.
    pub rest_rate: f64,
    /// `rate` less `restRate`.
    pub difference: f64,
    /// How probable so large a difference of this value is by chance.
    pub probability: f64,
    /// What opens the counted records; null for hours, which no filter names.
    pub filter: Option<Filter>,
}
