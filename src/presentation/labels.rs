//! The words of the screen for what the engine names. Field's terms; nothing is invented.

use std::borrow::Cow;

use super::visible::visible;
use crate::domain::{Category, Column, Exclusion, RecordState, RequestKind, RequestState};

/// Title of a column or dimension.
pub fn column(column: Column) -> &'static str {
    match column {
        Column::Id => "Id",
        Column::OccurredAt => "Occurred at",
        Column::Job => "Integration job",
        Column::Entity => "Entity",
        Column::Map => "Table map",
        Column::DataSource => "Data source",
        Column::Company => "Company",
        Column::Direction => "Direction",
        Column::Category => "Category",
        Column::ErrorCode => "Error code",
        Column::RecordKey => "Record key",
        Column::Message => "Message",
        Column::RetryCount => "Retries",
        Column::Cause => "Cause",
        Column::State => "State",
    }
}

/// Names in the middle of a sentence: `all entities`.
pub fn plural(column: Column) -> &'static str {
    match column {
        Column::Job => "jobs",
        Column::Entity => "entities",
        Column::Map => "table maps",
        Column::DataSource => "data sources",
        Column::Company => "companies",
        Column::Direction => "directions",
        Column::Category => "categories",
        Column::ErrorCode => "error codes",
        Column::Cause => "causes",
        Column::State => "states",
        _ => "values",
    }
}

/// A value as people read it; an empty one has a word of its own.
pub fn value(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed("(none)") } else { visible(text) }
}

/// State of a record.
pub fn record_state(state: RecordState) -> &'static str {
    match state {
        RecordState::Open => "Open",
        RecordState::Requested => "Requested",
        RecordState::Cleared => "Cleared",
        RecordState::FailedAgain => "Failed again",
    }
}

/// The stable word of a record's state, as attributes and links write it.
pub fn record_state_word(state: RecordState) -> &'static str {
    match state {
        RecordState::Open => "open",
        RecordState::Requested => "requested",
        RecordState::Cleared => "cleared",
        RecordState::FailedAgain => "failedAgain",
    }
}

/// The reverse of [`record_state_word`].
pub fn parse_record_state(word: &str) -> Option<RecordState> {
    RecordState::ALL.into_iter().find(|state| record_state_word(*state) == word)
}

/// The stable word of a request's state, as attributes write it.
pub fn request_state_word(state: RequestState) -> &'static str {
    match state {
        RequestState::Shelved => "shelved",
        RequestState::Queued => "queued",
        RequestState::Running => "running",
        RequestState::Finished => "finished",
        RequestState::Withdrawn => "withdrawn",
    }
}

/// State of a request.
pub fn request_state(state: RequestState, held: bool) -> &'static str {
    match state {
        RequestState::Shelved => "On the shelf",
        RequestState::Queued if held => "On hold",
        RequestState::Queued => "Queued",
        RequestState::Running => "Running",
        RequestState::Finished => "Finished",
        RequestState::Withdrawn => "Withdrawn",
    }
}

/// What was done, for messages: `Retry`, `Dismissal`.
pub fn request_noun(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Retry => "retry",
        RequestKind::Dismiss => "dismissal",
    }
}

/// A missing reference, as a filter names it.
pub fn missing(word: &str) -> &str {
    if word == crate::domain::ANY_MISSING { "any reference" } else { word }
}

/// Why records are left out of a plan.
pub fn exclusion(reason: Exclusion) -> &'static str {
    match reason {
        Exclusion::AlreadyRequested => "already in a request that is open or on the shelf",
        Exclusion::NotRetriable => {
            "failed by concurrency: a newer version of the record exists, so dual-write cannot retry it"
        }
        Exclusion::AlreadyCleared => "already cleared by an earlier retry",
        Exclusion::Superseded => "superseded by a newer error of the same record",
        Exclusion::PointlessUntilFixed => "pointless until the cause is fixed",
    }
}

/// The picture of a category; colour is never the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "one per documented category")]
pub enum CategoryIcon {
    Application,
    System,
    Concurrency,
    Conflict,
    Configuration,
    Unknown,
}

/// The picture of a category by its name.
pub fn category_icon(name: &str) -> CategoryIcon {
    match Category::parse(name) {
        Category::Application => CategoryIcon::Application,
        Category::System => CategoryIcon::System,
        Category::Concurrency => CategoryIcon::Concurrency,
        Category::Conflict => CategoryIcon::Conflict,
        Category::Configuration => CategoryIcon::Configuration,
        Category::Unknown | Category::Other(_) => CategoryIcon::Unknown,
    }
}

/// The fields that a column of a dump may be taken for, with their words in `ImportParams::mapping`.
pub const FIELDS: [(&str, &str); 13] = [
    ("id", "Id"),
    ("occurredAt", "Occurred at"),
    ("job", "Integration job"),
    ("entity", "Entity"),
    ("map", "Table map"),
    ("dataSource", "Data source"),
    ("company", "Company"),
    ("direction", "Direction"),
    ("category", "Category"),
    ("errorCode", "Error code"),
    ("recordKey", "Record key"),
    ("message", "Message"),
    ("retryCount", "Retries"),
];

/// The title of a field by its word in a mapping.
pub fn field(word: &str) -> &str {
    FIELDS.iter().find(|(name, _)| *name == word).map_or(word, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_back_from_their_words() {
        for state in RecordState::ALL {
            assert_eq!(parse_record_state(record_state_word(state)), Some(state));
            let word = serde_json::to_value(state).unwrap();
            assert_eq!(word.as_str(), Some(record_state_word(state)), "as the engine writes it");
        }
        for state in [RequestState::Queued, RequestState::Running, RequestState::Finished] {
            let word = serde_json::to_value(state).unwrap();
            assert_eq!(word.as_str(), Some(request_state_word(state)));
        }
    }

    #[test]
    fn every_field_of_a_mapping_is_a_column() {
        for (word, title) in FIELDS {
            let named: Column = serde_json::from_value(word.into()).unwrap();
            assert_eq!(column(named), title);
        }
    }
}
