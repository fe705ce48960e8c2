//! The view in the page's address: filter and order, never data.
//!
//! Invariant: what is written reads back as the same view; what cannot be read is left out, never guessed.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::domain::{
    Column, Compared, DatasetId, Fate, Filter, NewSince, RecordState, RequestId, Retried,
    RetryResult, Sort, Timestamp,
};

use super::{conditions, labels};
use crate::protocol::{named, word};

const LISTS: [(&str, Column); 8] = [
    ("job", Column::Job),
    ("entity", Column::Entity),
    ("source", Column::DataSource),
    ("company", Column::Company),
    ("category", Column::Category),
    ("direction", Column::Direction),
    ("code", Column::ErrorCode),
    ("cause", Column::Cause),
];

/// The part of the address after `#`; empty for the plain view.
pub fn write(filter: &Filter, sort: Option<Sort>) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut push = |key: &str, value: String| pairs.push((key.to_owned(), value));
    if let Some(from) = filter.from {
        push("from", from.to_string());
    }
    if let Some(to) = filter.to {
        push("to", to.to_string());
    }
    if filter.undated {
        push("undated", "yes".to_owned());
    }
    for (key, column) in LISTS {
        for value in filter.values(column).into_iter().flatten() {
            push(key, value.clone());
        }
    }
    for word in &filter.missing {
        push("missing", word.clone());
    }
    if let Some(text) = &filter.text {
        push("text", text.clone());
    }
    for state in &filter.states {
        push("state", labels::record_state_word(*state).to_owned());
    }
    if let Some(Compared { before, after, fate }) = filter.compared {
        push("compared", format!("{}-{}-{}", before.0, after.0, fate.code()));
    }
    if let Some(retried) = &filter.retried {
        push("retried", written(retried));
    }
    if let Some(NewSince { dataset, after }) = filter.new_since {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        push("new", format!("{}~{after}", dataset.0));
    }
    if let Some(sort) = sort {
        let word = word(&sort.column);
        push("sort", if sort.descending { format!("-{word}") } else { word });
    }
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    pairs.join("&")
}

/// Reads what [`write`] wrote, with or without the `#`.
pub fn read(hash: &str) -> (Filter, Option<Sort>) {
    let mut filter = Filter::default();
    let mut sort = None;
    for (key, value) in
        hash.trim_start_matches('#').split('&').filter_map(|pair| pair.split_once('='))
    {
        let Some(value) = decode(value) else { continue };
        match key {
            "from" => filter.from = Timestamp::parse(&value).ok(),
            "to" => filter.to = Timestamp::parse(&value).ok(),
            "undated" if value == "yes" => filter.undated = true,
            "missing" if !filter.missing.contains(&value) => filter.missing.push(value),
            "text" if !value.is_empty() => filter.text = Some(value),
            "state" => {
                let known: Option<RecordState> = labels::parse_record_state(&value);
                if let Some(state) = known {
                    conditions::set_value(
                        &mut filter,
                        Column::State,
                        labels::record_state_word(state),
                        true,
                    );
                }
            }
            "compared" => filter.compared = compared(&value),
            "retried" => filter.retried = retried(&value),
            "new" => filter.new_since = new_since(&value),
            "sort" => {
                let word = value.trim_start_matches('-');
                sort =
                    named(word).map(|column| Sort { column, descending: value.starts_with('-') });
            }
            _ => {
                if let Some((_, column)) = LISTS.iter().find(|(name, _)| *name == key) {
                    conditions::set_value(&mut filter, *column, &value, true);
                }
            }
        }
    }
    (filter, sort)
}

fn compared(value: &str) -> Option<Compared> {
    let mut parts = value.split('-');
    let before = DatasetId(parts.next()?.parse().ok()?);
    let after = DatasetId(parts.next()?.parse().ok()?);
    let word = parts.next()?;
    let fate = Fate::ALL.into_iter().find(|fate| fate.code() == word)?;
    parts.next().is_none().then_some(Compared { before, after, fate })
}

/// Requests, dump and result, such as `3.4~2~sameError`; what is not said is empty.
fn written(retried: &Retried) -> String {
    let requests: Vec<String> = retried.requests.iter().map(ToString::to_string).collect();
    let after = retried.after.map(|after| after.0.to_string()).unwrap_or_default();
    format!("{}~{after}~{}", requests.join("."), retried.result.map_or("", RetryResult::code))
}

fn retried(value: &str) -> Option<Retried> {
    let parts: Vec<&str> = value.split('~').collect();
    let &[requests, after, result] = parts.as_slice() else { return None };
    let numbers = requests.split('.').filter(|number| !number.is_empty());
    let requests: Result<Vec<_>, _> = numbers.map(|n| n.parse().map(RequestId)).collect();
    let known = RetryResult::ALL.into_iter().find(|known| known.code() == result);
    Some(Retried {
        requests: requests.ok()?,
        after: if after.is_empty() { None } else { Some(DatasetId(after.parse().ok()?)) },
        result: if result.is_empty() { None } else { Some(known?) },
    })
}

fn new_since(value: &str) -> Option<NewSince> {
    let (dataset, after) = value.split_once('~')?;
    let after = if after.is_empty() { None } else { Some(Timestamp::parse(after).ok()?) };
    Some(NewSince { dataset: DatasetId(dataset.parse().ok()?), after })
}

/// Signs that addresses may hold as they are.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_view_reads_back(
            from in proptest::option::of(0i64..4_000_000_000_000),
            entities in proptest::collection::hash_set("[^A-Z]{0,12}", 0..4),
            companies in proptest::collection::hash_set("[a-z&=#%+ ]{0,6}", 0..3),
            missing in proptest::collection::hash_set(".{1,12}", 0..3),
            text in proptest::option::of(".{1,20}"),
            descending in any::<bool>(),
            compared in proptest::option::of((any::<u32>(), any::<u32>(), 0_usize..5)),
            retried in proptest::option::of((
                proptest::collection::vec(any::<u64>(), 0..3),
                proptest::option::of(any::<u32>()),
                proptest::option::of(0_usize..4),
            )),
            since in proptest::option::of(any::<u32>()),
            undated in any::<bool>(),
        ) {
            let retried = retried.map(|(requests, after, result)| Retried {
                requests: requests.into_iter().map(RequestId).collect(),
                after: after.map(DatasetId),
                result: result.map(|result| RetryResult::ALL[result]),
            });
            let after = from.and_then(Timestamp::from_millis);
            let new_since = since.map(|dataset| NewSince { dataset: DatasetId(dataset), after });
            let compared = compared.map(|(before, after, fate)| Compared {
                before: DatasetId(before),
                after: DatasetId(after),
                fate: Fate::ALL[fate],
            });
            let filter = Filter {
                from: from.and_then(Timestamp::from_millis),
                entities: entities.into_iter().collect(),
                companies: companies.into_iter().collect(),
                missing: missing.into_iter().collect(),
                text,
                states: vec![RecordState::FailedAgain],
                compared,
                retried,
                new_since,
                undated,
                ..Filter::default()
            };
            let sort = Some(Sort { column: Column::OccurredAt, descending });
            prop_assert_eq!(read(&write(&filter, sort)), (filter, sort));
        }

        #[test]
        fn any_address_is_taken(hash in ".{0,80}") {
            let _view = read(&hash);
        }
    }

    #[test]
    fn the_plain_view_is_empty_and_links_are_readable() {
        assert_eq!(write(&Filter::default(), None), "");
        let filter = Filter { entities: vec!["Customers V3".into()], ..Filter::default() };
        let sort = Some(Sort { column: Column::OccurredAt, descending: true });
        assert_eq!(write(&filter, sort), "entity=Customers%20V3&sort=-occurredAt");
        assert_eq!(read("#entity=a&nonsense&what=1&from=yesterday&text=%zz").0.entities, ["a"]);
        // What is no text is left out; a sign that begins no letter is itself.
        assert_eq!(read("text=%FF").0.text, None);
        assert_eq!(read("text=100%").0.text.as_deref(), Some("100%"));
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(read("#undated=yes").0.undated);
        for hash in ["#undated=", "#undated=no", "#undated"] {
            assert!(!read(hash).0.undated, "{hash}");
        }
    }
}
