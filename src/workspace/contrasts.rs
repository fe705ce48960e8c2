//! What sets the records of a filter apart from the rest.

use chrono::DateTime;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::analysis::{Difference, LEVEL, Share, differences};
use crate::dataset::{ContrastField, FieldContrast};
use crate::domain::{Filter, Timestamp};
use crate::protocol::{DifferencesParams, DifferencesView, Finding, Problem};

/// Most findings of one answer.
const MOST: usize = 1_000;

const DAY_MILLIS: i64 = 86_400_000;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Values that are more or less frequent among the matching records than among all others in the same states.
    pub fn differences(&self, params: DifferencesParams) -> Result<DifferencesView, Problem> {
        let DifferencesParams { filter, limit } = params;
        if limit > MOST {
            return Err(Problem::invalid(format!(
                "At most {MOST} findings are told, and {limit} were asked for"
            )));
        }
        let state = self.see();
        let filter = state.resolved(filter);
        let contrast = state.table.contrast(&filter);
        let share =
            |(_, selected, all): &(String, usize, usize)| Share { selected: *selected, all: *all };
        let fields: Vec<Vec<Share>> =
            contrast.fields.iter().map(|field| field.values.iter().map(share).collect()).collect();
        let total = Share { selected: contrast.selected, all: contrast.all };
        let found = differences(total, &fields);
        let title = state.titles();
        let finding = |difference: &Difference| {
            let found = finding(difference, &contrast.fields[difference.field], &filter);
            let title = (found.field == "cause").then(|| title(&found.value)).flatten();
            Finding { title, ..found }
        };
        Ok(DifferencesView {
            selected: contrast.selected,
            rest: contrast.all - contrast.selected,
            values: fields.iter().map(Vec::len).sum(),
            level: LEVEL,
            total: found.len(),
            findings: found.iter().take(limit).map(finding).collect(),
        })
    }
}

fn finding(difference: &Difference, contrast: &FieldContrast, filter: &Filter) -> Finding {
    let (value, selected, all) = &contrast.values[difference.value];
    let mut narrower = filter.clone();
    let (field, value, is_door) = match contrast.field {
        ContrastField::Column(column) => {
            if let Some(values) = narrower.values_mut(column) {
                values.push(value.clone());
            }
            let word = serde_json::to_value(column).ok();
            let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
            (word.to_owned(), value.clone(), true)
        }
        ContrastField::Hour => ("hour".to_owned(), format!("{value:0>2}"), false),
        ContrastField::Day => {
            let begin = value.parse::<i64>().unwrap_or_default() * DAY_MILLIS;
            narrower.from = Timestamp::from_millis(begin);
            narrower.to = Timestamp::from_millis(begin + DAY_MILLIS);
            let date = DateTime::from_timestamp_millis(begin);
            let day = date.map(|date| date.format("%Y-%m-%d").to_string());
            ("day".to_owned(), day.unwrap_or_default(), true)
        }
    };
    Finding {
        field,
        value,
        title: None,
        count: *selected,
        rate: difference.rate,
        rest_count: all - selected,
        rest_rate: difference.rest_rate,
        difference: difference.size(),
        probability: difference.probability,
        filter: is_door.then_some(narrower),
    }
}
