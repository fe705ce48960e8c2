//! The three questions that an import may have to ask, read out of the engine's problem, and their answers.
//!
//! Deliberately absent: guessing. A question that cannot be read stays a problem and is shown as one.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value};

use super::report_words::reason;
use crate::protocol::{Code, ImportParams, Problem};

/// Values of a dump that leave something open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Header of their column.
    pub header: String,
    /// The values as the dump writes them.
    pub examples: Vec<String>,
    /// Line of the first of them.
    pub line: Option<u64>,
}

/// A column of the dump and the field it would be taken for; `None` keeps it as extra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedColumn {
    /// Header in the dump.
    pub header: String,
    /// Word of the field in a mapping.
    pub field: Option<String>,
    /// Why this field: a word of the engine.
    pub how: String,
    /// Some of its values.
    pub samples: Vec<String>,
}

impl ProposedColumn {
    /// Why the column is proposed for its field.
    pub fn reason(&self) -> &str {
        reason(&self.how)
    }
}

/// What the import has to know before it can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// In which zone were times without one exported?
    TimeZone(Evidence),
    /// Is the day or the month first?
    DateOrder(Evidence),
    /// Which column is which field?
    Mapping {
        /// All columns with their proposals.
        columns: Vec<ProposedColumn>,
        /// Fields that are still needed, by their words.
        missing: Vec<String>,
    },
}

impl Question {
    /// The question that a problem asks, if it is one.
    pub fn of(problem: &Problem) -> Option<Self> {
        let details = problem.details.as_deref().unwrap_or(&Value::Null);
        match problem.code {
            Code::TimeZoneNeeded => Some(Self::TimeZone(evidence(details))),
            Code::DateOrderNeeded => Some(Self::DateOrder(evidence(details))),
            Code::MappingNeeded => Some(Self::Mapping {
                columns: columns(details),
                missing: texts(&details["missing"]),
            }),
            _ => None,
        }
    }
}

/// What stands for all files with the same columns, where a problem is a question about one of them.
pub fn source_of(problem: &Problem) -> Option<String> {
    Question::of(problem)?;
    let source = problem.details.as_deref()?["source"].as_str()?;
    (!source.is_empty()).then(|| source.to_owned())
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn evidence(details: &Value) -> Evidence {
    Evidence {
        header: details["header"].as_str().unwrap_or_default().to_owned(),
        examples: texts(&details["examples"]),
        line: details["line"].as_u64(),
    }
}

fn columns(details: &Value) -> Vec<ProposedColumn> {
    details["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(at, column)| {
            Some(ProposedColumn {
                header: column["header"].as_str()?.to_owned(),
                field: column["field"].as_str().map(str::to_owned),
                how: column["how"].as_str().unwrap_or_default().to_owned(),
                samples: texts(&details["samples"][at]),
            })
        })
        .collect()
}

/// The same import with the answered mapping. Every column is answered, so that nothing is proposed anew.
pub fn with_mapping(params: &ImportParams, columns: &[ProposedColumn]) -> ImportParams {
    let mapping: Map<String, Value> = columns
        .iter()
        .map(|column| {
            (column.header.clone(), column.field.clone().map_or(Value::Null, Value::String))
        })
        .collect();
    ImportParams { mapping, ..params.clone() }
}

/// What keeps a mapping from being used: a field taken twice, or no message, or neither entity nor map.
pub fn mapping_fault(columns: &[ProposedColumn]) -> Option<String> {
    let taken = |word: &'static str| {
        columns.iter().filter(move |column| column.field.as_deref() == Some(word))
    };
    for (word, title) in super::labels::FIELDS {
        let headers: Vec<&str> = taken(word).map(|column| column.header.as_str()).collect();
        if headers.len() > 1 {
            return Some(format!("{title} is taken by {}: keep one", headers.join(" and ")));
        }
    }
    if taken("message").next().is_none() {
        return Some("Say which column holds the message".to_owned());
    }
    if taken("entity").chain(taken("map")).next().is_none() {
        return Some("Say which column holds the entity or the table map".to_owned());
    }
    None
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date under both readings, day first and month first; `None` where it does not begin with three numbers or one of
/// the readings is no date.
pub fn both_readings(text: &str) -> Option<(String, String)> {
    let mut numbers = text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(str::parse::<u32>);
    let (first, second) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let year = numbers.next()?.ok()?;
    let year = i32::try_from(if year < 100 { year + 2000 } else { year }).ok()?;
    let reading = |day, month| {
        let month = NaiveDate::from_ymd_opt(year, month, day)?.month0();
        Some(format!("{day} {} {year}", MONTHS[month as usize]))
    };
    Some((reading(first, second)?, reading(second, first)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(code: Code, details: Value) -> Problem {
        Problem::new(code, "", "").with_details(details)
    }

    #[test]
    fn questions_are_read_with_their_evidence() {
        let details =
            json!({ "name": "a.csv", "header": "When", "examples": ["03/04/2026"], "line": 2 });
        let question = Question::of(&problem(Code::DateOrderNeeded, details)).unwrap();
        let Question::DateOrder(evidence) = question else { panic!("{question:?}") };
        assert_eq!((evidence.header.as_str(), evidence.line), ("When", Some(2)));
        assert_eq!(evidence.examples, ["03/04/2026"]);
        assert_eq!(Question::of(&problem(Code::EmptyFile, json!({}))), None);
    }

    #[test]
    fn a_question_without_evidence_is_still_a_question() {
        let bare = Problem::new(Code::TimeZoneNeeded, "", "");
        assert_eq!(Question::of(&bare), Some(Question::TimeZone(Evidence::default())));
    }

    #[test]
    fn a_mapping_goes_back_whole() {
        let details = json!({
            "columns": [
                { "header": "Text", "field": null, "how": "extra" },
                { "header": "Entity", "field": "entity", "how": "exact" },
            ],
            "missing": ["message"],
        });
        let question = Question::of(&problem(Code::MappingNeeded, details)).unwrap();
        let Question::Mapping { mut columns, missing } = question else { panic!("{question:?}") };
        assert_eq!(missing, ["message"]);
        assert_eq!(mapping_fault(&columns).unwrap(), "Say which column holds the message");
        columns[0].field = Some("message".into());
        assert_eq!(mapping_fault(&columns), None);
        let params = ImportParams { time_zone: Some("UTC".into()), ..ImportParams::default() };
        let answered = with_mapping(&params, &columns);
        assert_eq!(answered.time_zone.as_deref(), Some("UTC"));
        assert_eq!(
            serde_json::to_value(&answered.mapping).unwrap(),
            json!({ "Text": "message", "Entity": "entity" })
        );
        columns[1].field = Some("message".into());
        assert_eq!(
            mapping_fault(&columns).unwrap(),
            "Message is taken by Text and Entity: keep one"
        );
    }

    #[test]
    fn an_ambiguous_date_is_shown_both_ways() {
        let (day_first, month_first) = both_readings("03/04/2026 10:00").unwrap();
        assert_eq!((day_first.as_str(), month_first.as_str()), ("3 April 2026", "4 March 2026"));
        assert_eq!(both_readings("13/04/2026"), None);
        assert_eq!(both_readings("soon"), None);
    }
}
