//! The one active filter, taken apart into the conditions that the screen shows as chips and takes away one by one.
//!
//! Invariant: taking every condition away leaves the filter that asks for nothing.

use std::borrow::Cow;

use crate::domain::{Column, Filter, NewSince, RecordState};

use super::{dates, labels};

/// One condition that can be taken away alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The time range.
    Time,
    /// One accepted value of a dimension.
    Value(Column, String),
    /// One missing reference.
    Missing(String),
    /// That the time is not known.
    Undated,
    /// The words in the message.
    Text,
    /// One accepted state.
    State(RecordState),
    /// What became of records from one dump to another.
    Compared,
    /// What retries made of records.
    Retried,
    /// That records were not known once.
    NewSince,
}

/// The dimensions that a filter has lists for, in the order of the screen.
pub const DIMENSIONS: [Column; 8] = [
    Column::Entity,
    Column::DataSource,
    Column::Company,
    Column::Category,
    Column::Job,
    Column::Direction,
    Column::ErrorCode,
    Column::Cause,
];

/// The conditions of a filter, each with its words.
pub fn conditions(filter: &Filter) -> Vec<(Condition, String)> {
    let mut all = Vec::new();
    if let Some(range) = dates::range(filter.from, filter.to) {
        all.push((Condition::Time, format!("Occurred {range}")));
    }
    if filter.undated {
        all.push((Condition::Undated, "Occurred at no known time".to_owned()));
    }
    for column in DIMENSIONS {
        for value in filter.values(column).into_iter().flatten() {
            let words = format!("{}: {}", labels::column(column), labels::value(value));
            all.push((Condition::Value(column, value.clone()), words));
        }
    }
    for word in &filter.missing {
        all.push((Condition::Missing(word.clone()), format!("Missing: {}", labels::missing(word))));
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        all.push((Condition::Text, format!("Message contains \u{201c}{text}\u{201d}")));
    }
    for state in &filter.states {
        all.push((Condition::State(*state), format!("State: {}", labels::record_state(*state))));
    }
    if let Some(compared) = filter.compared {
        all.push((Condition::Compared, upper_first(&compared.to_string())));
    }
    if let Some(retried) = &filter.retried {
        all.push((Condition::Retried, upper_first(&retried.to_string())));
    }
    if let Some(new) = filter.new_since {
        all.push((Condition::NewSince, upper_first(&words_of_new(new))));
    }
    all
}

fn words_of_new(new: NewSince) -> String {
    match new.after {
        Some(after) => {
            format!("new since dump {} and after {}", new.dataset.0, dates::date_time_zone(after))
        }
        None => new.to_string(),
    }
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Takes a condition away; one that is not there changes nothing.
pub fn remove(filter: &mut Filter, condition: &Condition) {
    match condition {
        Condition::Time => (filter.from, filter.to) = (None, None),
        Condition::Value(column, value) => {
            if let Some(values) = filter.values_mut(*column) {
                values.retain(|kept| kept != value);
            }
        }
        Condition::Missing(word) => filter.missing.retain(|kept| kept != word),
        Condition::Undated => filter.undated = false,
        Condition::Text => filter.text = None,
        Condition::State(state) => filter.states.retain(|kept| kept != state),
        Condition::Compared => filter.compared = None,
        Condition::Retried => filter.retried = None,
        Condition::NewSince => filter.new_since = None,
    }
}

/// Adds a value to a dimension, or takes it out.
pub fn set_value(filter: &mut Filter, column: Column, value: &str, chosen: bool) {
    if column == Column::State {
        if let Some(state) = labels::parse_record_state(value) {
            filter.states.retain(|kept| *kept != state);
            if chosen {
                filter.states.push(state);
            }
        }
    } else if let Some(values) = filter.values_mut(column) {
        values.retain(|kept| !column.is_same(kept, value));
        if chosen {
            values.push(value.to_owned());
        }
    }
}

/// The chosen values of a dimension, states included.
pub fn chosen(filter: &Filter, column: Column) -> Vec<String> {
    if column == Column::State {
        filter.states.iter().map(|state| labels::record_state_word(*state).to_owned()).collect()
    } else {
        filter.values(column).map(<[String]>::to_vec).unwrap_or_default()
    }
}

/// The filter as one sentence with its time range and zone; says so where there is no condition.
pub fn describe(filter: &Filter) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(range) = dates::range(filter.from, filter.to) {
        parts.push(format!("occurred {range}"));
    }
    if filter.undated {
        parts.push("occurred at no known time".to_owned());
    }
    for column in DIMENSIONS {
        let values: Vec<Cow<str>> =
            filter.values(column).into_iter().flatten().map(|value| labels::value(value)).collect();
        let name = labels::column(column).to_lowercase();
        match values.as_slice() {
            [] => {}
            [one] => parts.push(format!("{name} is {one}")),
            [init @ .., last] => parts.push(format!("{name} is {} or {last}", init.join(", "))),
        }
    }
    if !filter.missing.is_empty() {
        let words: Vec<&str> = filter.missing.iter().map(|word| labels::missing(word)).collect();
        parts.push(format!("missing is {}", words.join(" or ")));
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        parts.push(format!("message contains \u{201c}{text}\u{201d}"));
    }
    if !filter.states.is_empty() {
        let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
        parts.push(format!("state is {}", states.join(" or ")));
    }
    if let Some(compared) = filter.compared {
        parts.push(compared.to_string());
    }
    parts.extend(filter.retried.as_ref().map(ToString::to_string));
    parts.extend(filter.new_since.map(words_of_new));
    if parts.is_empty() { "every error that is not cleared".to_owned() } else { parts.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Compared, DatasetId, Fate, RequestId, Retried, RetryResult, Timestamp};

    fn full() -> Filter {
        Filter {
            from: Timestamp::parse("2026-01-01T00:00:00Z").ok(),
            entities: vec!["Customers V3".into(), "Vendors V2".into()],
            companies: vec![String::new()],
            missing: vec!["CDS Parties = 6057".into()],
            text: Some("lookup".into()),
            states: vec![RecordState::FailedAgain],
            undated: true,
            retried: Some(Retried {
                requests: vec![RequestId(4)],
                after: None,
                result: Some(RetryResult::SameError),
            }),
            new_since: Some(NewSince { dataset: DatasetId(2), after: None }),
            compared: Some(Compared {
                before: DatasetId(1),
                after: DatasetId(3),
                fate: Fate::StillFailing,
            }),
            ..Filter::default()
        }
    }

    #[test]
    fn taking_every_chip_away_leaves_nothing() {
        let mut filter = full();
        let all = conditions(&filter);
        assert_eq!(all.len(), 11);
        assert_eq!(all[8].1, "Still failing from dump 1 to dump 3");
        assert_eq!(all[9].1, "Retried by request 4: same error");
        assert_eq!(all[10].1, "New since dump 2");
        assert_eq!(all[4].1, "Company: (none)");
        for (condition, _) in all {
            remove(&mut filter, &condition);
        }
        assert_eq!(filter, Filter::default());
    }

    #[test]
    fn the_sentence_names_range_zone_and_alternatives() {
        assert_eq!(
            describe(&full()),
            "occurred from 2026-01-01 00:00:00 UTC; occurred at no known time; entity is Customers V3 or Vendors V2; company is (none); \
             missing is CDS Parties = 6057; message contains \u{201c}lookup\u{201d}; state is failed again; \
             still failing from dump 1 to dump 3; retried by request 4: same error; new since dump 2"
        );
        assert_eq!(describe(&Filter::default()), "every error that is not cleared");
    }

    #[test]
    fn choosing_twice_is_choosing_once() {
        let mut filter = Filter::default();
        for column in [Column::Entity, Column::State] {
            set_value(&mut filter, column, "open", true);
            set_value(&mut filter, column, "open", true);
            assert_eq!(chosen(&filter, column), ["open"]);
            set_value(&mut filter, column, "open", false);
            assert!(chosen(&filter, column).is_empty());
        }
        set_value(&mut filter, Column::State, "no state", true);
        assert_eq!(filter, Filter::default());
    }
}
