//! Answers about files, remembered for all files with the same columns: zone, order of day and month, columns.
//!
//! Deliberately absent: where they are kept (the page does) and when a question arises (the importer knows).
//!
//! Invariant: a remembered answer fills only what an import did not say itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::questions::Question;
use crate::protocol::ImportParams;

/// Kinds of files that are remembered; the oldest are not known, so that the list begins anew beyond.
const MOST: usize = 500;

/// What a file of answers says of itself.
const KIND: &str = "error-desk-answers";

/// What was said about files with the same columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// Zone of times that carry none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// `dmy`, `mdy` or `ymd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<String>,
    /// Header → name of a field, or null for "keep as extra".
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mapping: Map<String, Value>,
}

/// All that is remembered, by what stands for the columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    by_source: BTreeMap<String, Answer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    answers: BTreeMap<String, Answer>,
}

impl Answers {
    /// Reads what [`Self::write`] wrote; a sentence where it is something else.
    pub fn read(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text)
            .map_err(|error| format!("It holds no saved answers of this desk ({error})"))?;
        if written.kind != KIND {
            return Err(format!("It is of kind '{}', not '{KIND}'", written.kind));
        }
        Ok(Self { by_source: written.answers })
    }

    /// All of it as JSON.
    pub fn write(&self) -> String {
        let written = Written { kind: KIND.to_owned(), answers: self.by_source.clone() };
        // Texts and lists of texts cannot fail.
        serde_json::to_string_pretty(&written).unwrap_or_default()
    }

    /// Kinds of files that are known.
    pub fn len(&self) -> usize {
        self.by_source.len()
    }

    /// Nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.by_source.is_empty()
    }

    /// Remembers what an import was told about files with these columns.
    pub fn remember(&mut self, source: &str, params: &ImportParams) {
        if self.by_source.len() >= MOST && !self.by_source.contains_key(source) {
            self.by_source.clear();
        }
        let answer = self.by_source.entry(source.to_owned()).or_default();
        answer.time_zone = params.time_zone.clone().or_else(|| answer.time_zone.take());
        answer.date_order = params.date_order.clone().or_else(|| answer.date_order.take());
        if !params.mapping.is_empty() {
            answer.mapping.clone_from(&params.mapping);
        }
    }

    /// Takes the answers of a file; they win.
    pub fn add(&mut self, others: Self) {
        self.by_source.extend(others.by_source);
    }

    /// The same import with the remembered answer to a question, if there is one that it does not have already.
    pub fn answered(
        &self,
        source: &str,
        question: &Question,
        params: &ImportParams,
    ) -> Option<ImportParams> {
        let known = self.by_source.get(source)?;
        let mut params = params.clone();
        match question {
            Question::TimeZone(_) if params.time_zone.is_none() => {
                params.time_zone = Some(known.time_zone.clone()?);
            }
            Question::DateOrder(_) if params.date_order.is_none() => {
                params.date_order = Some(known.date_order.clone()?);
            }
            Question::Mapping { .. } if params.mapping.is_empty() && !known.mapping.is_empty() => {
                params.mapping.clone_from(&known.mapping);
            }
            _ => return None,
        }
        Some(params)
    }
}

/// A sentence on an import that was answered by what is remembered.
pub fn remembered_words(params: &ImportParams) -> String {
    let zone = params.time_zone.as_ref().map(|zone| format!("times in {zone}"));
    let order = params.date_order.as_deref().map(|order| match order {
        "mdy" => "month first".to_owned(),
        "ymd" => "year first".to_owned(),
        _ => "day first".to_owned(),
    });
    let mapping = (!params.mapping.is_empty()).then(|| "columns as you named them".to_owned());
    let said: Vec<String> = [zone, order, mapping].into_iter().flatten().collect();
    format!(
        "Read as you answered for a file with the same columns: {}. In the settings they can be forgotten",
        said.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::questions::Evidence;
    use super::*;

    fn zone(name: &str) -> ImportParams {
        ImportParams { time_zone: Some(name.into()), ..ImportParams::default() }
    }

    #[test]
    fn what_was_answered_once_answers_files_with_the_same_columns() {
        let mut answers = Answers::default();
        answers.remember("a", &zone("UTC"));
        answers.remember(
            "a",
            &ImportParams { date_order: Some("dmy".into()), ..ImportParams::default() },
        );
        let answers = Answers::read(&answers.write()).unwrap();
        let asked = Question::TimeZone(Evidence::default());
        let bare = ImportParams::default();
        assert_eq!(answers.answered("a", &asked, &bare), Some(zone("UTC")));
        assert_eq!(answers.answered("b", &asked, &bare), None);
        assert_eq!(
            answers.answered("a", &asked, &zone("+02:00")),
            None,
            "it was said and is asked again"
        );
        let order = Question::DateOrder(Evidence::default());
        assert_eq!(
            answers.answered("a", &order, &bare).unwrap().date_order.as_deref(),
            Some("dmy")
        );
        let mapping = Question::Mapping { columns: vec![], missing: vec![] };
        assert_eq!(answers.answered("a", &mapping, &bare), None);
    }

    #[test]
    fn what_was_remembered_is_told() {
        let params = ImportParams { date_order: Some("dmy".into()), ..zone("Europe/Berlin") };
        assert_eq!(
            remembered_words(&params),
            "Read as you answered for a file with the same columns: times in Europe/Berlin, day first. In the settings they can be forgotten"
        );
    }

    #[test]
    fn files_of_answers_are_added_and_others_are_refused() {
        let mut answers = Answers::default();
        answers.remember("a", &zone("UTC"));
        let text = json!({"kind": KIND, "answers": {"a": {"timeZone": "+01:00"}, "b": {"mapping": {"x": "message", "y": null}}}});
        answers.add(Answers::read(&text.to_string()).unwrap());
        assert_eq!((answers.len(), answers.is_empty()), (2, false));
        let asked = Question::TimeZone(Evidence::default());
        assert_eq!(answers.answered("a", &asked, &ImportParams::default()), Some(zone("+01:00")));
        assert!(Answers::read("{}").is_err());
        assert!(Answers::read(r#"{"kind":"x","answers":{}}"#).unwrap_err().contains("kind 'x'"));
    }
}
