//! What a user asks to see: the columns of a record, a filter over them, an order.
//!
//! The text forms are those of the public scripting API. Unknown keys are refused, never ignored.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Compared, NewSince, RecordId, RecordState, Retried, Timestamp};

/// The columns that every record has, whatever dump it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Column {
    /// The record's id as the dump gives it, else one derived from its identity.
    Id,
    /// When the error occurred.
    OccurredAt,
    /// Integration job.
    #[serde(alias = "jobs")]
    Job,
    /// Canonical entity: the finance and operations name of the table.
    #[serde(alias = "entities")]
    Entity,
    /// Table map, such as `Customers V3 (accounts)`.
    Map,
    /// Data source, as the dump says.
    #[serde(alias = "dataSources")]
    DataSource,
    /// Legal entity.
    #[serde(alias = "companies")]
    Company,
    /// Direction of the synchronisation.
    #[serde(alias = "directions")]
    Direction,
    /// Category of the failure.
    #[serde(alias = "categories")]
    Category,
    /// Error code, such as `0x80040265`.
    #[serde(alias = "errorCodes")]
    ErrorCode,
    /// The failing record's key.
    RecordKey,
    /// The error's text.
    Message,
    /// How often it was retried, as the dump says.
    RetryCount,
    /// The cause the error is grouped under.
    #[serde(alias = "causes")]
    Cause,
    /// What became of it here.
    #[serde(alias = "states")]
    State,
}

impl Column {
    /// All of them, in the order the grid shows them.
    pub const ALL: [Self; 15] = [
        Self::Id,
        Self::OccurredAt,
        Self::Job,
        Self::Entity,
        Self::Map,
        Self::DataSource,
        Self::Company,
        Self::Direction,
        Self::Category,
        Self::ErrorCode,
        Self::RecordKey,
        Self::Message,
        Self::RetryCount,
        Self::Cause,
        Self::State,
    ];

    /// Whether two texts are one value of the column. People type names, so ASCII case is overlooked; a cause is an id of ours
    /// and compared exactly.
    pub fn is_same(self, one: &str, other: &str) -> bool {
        if self == Self::Cause { one == other } else { one.eq_ignore_ascii_case(other) }
    }

    /// Columns of few different values, which can be counted by value.
    pub const fn is_dimension(self) -> bool {
        matches!(
            self,
            Self::Job
                | Self::Entity
                | Self::Map
                | Self::DataSource
                | Self::Company
                | Self::Direction
                | Self::Category
                | Self::ErrorCode
                | Self::Cause
                | Self::State
        )
    }
}

/// Conditions on records: alternatives within a field, all fields together. An empty list is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Filter {
    /// Occurred at this moment or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Occurred before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Nothing is known of when it occurred.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undated: bool,
    /// Integration jobs by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
    /// Entities; any alias of a table names the table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<String>,
    /// Data sources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data_sources: Vec<String>,
    /// Legal entities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companies: Vec<String>,
    /// Categories by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Directions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub directions: Vec<String>,
    /// Error codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error_codes: Vec<String>,
    /// Causes by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Missing references that the message names: `<entity> = <key>`, an entity alone, or `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Part of the message; letter case does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// States; none given means every state but cleared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RecordState>,
    /// What became of the record from one dump to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Retries that sent the record, and what came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retried: Option<Retried>,
    /// The record was not known at some moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_since: Option<NewSince>,
    /// The records that `retried` means, once that has been found out. Nobody can ask for it.
    #[serde(skip)]
    pub among: Option<Arc<[RecordId]>>,
}

impl Filter {
    /// The accepted values of a dimension, `None` where the filter has no list for the column.
    pub fn values(&self, column: Column) -> Option<&[String]> {
        Some(match column {
            Column::Job => &self.jobs,
            Column::Entity => &self.entities,
            Column::DataSource => &self.data_sources,
            Column::Company => &self.companies,
            Column::Category => &self.categories,
            Column::Direction => &self.directions,
            Column::ErrorCode => &self.error_codes,
            Column::Cause => &self.causes,
            _ => return None,
        })
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self, column: Column) -> Option<&mut Vec<String>> {
        Some(match column {
            Column::Job => &mut self.jobs,
            Column::Entity => &mut self.entities,
            Column::DataSource => &mut self.data_sources,
            Column::Company => &mut self.companies,
            Column::Category => &mut self.categories,
            Column::Direction => &mut self.directions,
            Column::ErrorCode => &mut self.error_codes,
            Column::Cause => &mut self.causes,
            _ => return None,
        })
    }

    /// Whether a record in this state passes, as far as the state goes.
    pub fn accepts_state(&self, state: RecordState) -> bool {
        if self.states.is_empty() {
            state != RecordState::Cleared
        } else {
            self.states.contains(&state)
        }
    }
}

impl fmt::Display for Filter {
    /// The filter as a sentence, such as `entity is Customers V3; occurred from 2026-01-01T00:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match (self.from, self.to) {
            (Some(from), Some(to)) => parts.push(format!("occurred from {from} until before {to}")),
            (Some(from), None) => parts.push(format!("occurred from {from}")),
            (None, Some(to)) => parts.push(format!("occurred before {to}")),
            (None, None) => {}
        }
        if self.undated {
            parts.push("occurred at no known time".to_owned());
        }
        let lists = [
            ("job", &self.jobs),
            ("entity", &self.entities),
            ("data source", &self.data_sources),
            ("company", &self.companies),
            ("category", &self.categories),
            ("direction", &self.directions),
            ("error code", &self.error_codes),
            ("cause", &self.causes),
            ("missing reference", &self.missing),
        ];
        for (name, values) in lists {
            match values.as_slice() {
                [] => {}
                [one] => parts.push(format!("{name} is {}", shown(one))),
                many => {
                    let many: Vec<&str> = many.iter().map(|value| shown(value)).collect();
                    parts.push(format!("{name} is one of {}", many.join(", ")));
                }
            }
        }
        if let Some(text) = self.text.as_deref().filter(|text| !text.is_empty()) {
            parts.push(format!("message contains \u{201c}{text}\u{201d}"));
        }
        if !self.states.is_empty() {
            let states: Vec<&str> = self.states.iter().map(|state| state.name()).collect();
            parts.push(format!("state is {}", states.join(" or ")));
        }
        if let Some(compared) = self.compared {
            parts.push(compared.to_string());
        }
        parts.extend(self.retried.as_ref().map(ToString::to_string));
        parts.extend(self.new_since.map(|new| new.to_string()));
        if parts.is_empty() { f.write_str("all records") } else { f.write_str(&parts.join("; ")) }
    }
}

/// A value as people read it; an empty one has a word of its own.
fn shown(value: &str) -> &str {
    if value.is_empty() { "(none)" } else { value }
}

/// An order of rows; ties keep the dump's order in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sort {
    /// What to order by.
    pub column: Column,
    /// Largest first.
    #[serde(default)]
    pub descending: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused() {
        assert!(serde_json::from_str::<Filter>(r#"{"entity":["x"]}"#).is_err());
        assert!(serde_json::from_str::<Filter>(r#"{"entities":["x"],"text":null}"#).is_ok());
    }

    #[test]
    fn a_filter_reads_as_a_sentence() {
        let filter = Filter {
            entities: vec!["Customers V3".into(), "Vendors V2".into()],
            companies: vec![String::new()],
            text: Some("lookup".into()),
            states: vec![RecordState::FailedAgain],
            ..Filter::default()
        };
        assert_eq!(
            filter.to_string(),
            "entity is one of Customers V3, Vendors V2; company is (none); message contains \u{201c}lookup\u{201d}; \
             state is failed again"
        );
        assert_eq!(Filter::default().to_string(), "all records");
    }

    #[test]
    fn without_states_everything_but_cleared_passes() {
        let open = Filter::default();
        assert!(
            open.accepts_state(RecordState::FailedAgain)
                && !open.accepts_state(RecordState::Cleared)
        );
        let cleared = Filter { states: vec![RecordState::Cleared], ..Filter::default() };
        assert!(
            cleared.accepts_state(RecordState::Cleared)
                && !cleared.accepts_state(RecordState::Open)
        );
    }
}
