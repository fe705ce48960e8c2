//! Causes, guidance, verdicts and missing references: parameters and answers.

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::reading::read_answer;
use crate::domain::{
    ANY_MISSING, CauseRule, Column, Filter, MissingReference, Remedy, RetryVerdict, Timestamp,
    VerdictReason,
};

/// A window of the causes, or of groups along another axis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CausesParams {
    /// Which records.
    pub filter: Filter,
    /// Groups to pass over, the largest first.
    pub offset: usize,
    /// Most groups of the window.
    pub limit: Option<usize>,
    /// What to group by.
    pub by: AxisWord,
    /// Parts of the time for which each group is counted; none without.
    pub buckets: usize,
}

/// What records are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AxisWord {
    /// The cause.
    #[default]
    Cause,
    /// The entity.
    Entity,
    /// The legal entity.
    Company,
    /// The error code.
    ErrorCode,
    /// The day, in UTC.
    Day,
    /// The missing reference.
    Missing,
}

impl AxisWord {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Cause, Self::Entity, Self::Company, Self::ErrorCode, Self::Day, Self::Missing];

    /// The column, where it is one.
    pub const fn column(self) -> Option<Column> {
        match self {
            Self::Cause => Some(Column::Cause),
            Self::Entity => Some(Column::Entity),
            Self::Company => Some(Column::Company),
            Self::ErrorCode => Some(Column::ErrorCode),
            Self::Day | Self::Missing => None,
        }
    }
}

/// A window of the groups, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CausePage {
    /// Groups in all.
    pub total: usize,
    /// Records in all.
    pub records: usize,
    /// First and last known time of them, which the trends are parts of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<(Timestamp, Timestamp)>,
    /// Groups of the window.
    pub causes: Vec<CauseView>,
}

/// Records that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CauseView {
    /// The cause, or the value of another axis.
    pub id: String,
    /// The message with values masked, of the first record where they are grouped otherwise.
    pub template: String,
    /// The entity of the first record. Records of a cause have one entity, unless a rule brought causes together.
    #[serde(default)]
    pub entity: String,
    /// The most frequent category.
    pub category: String,
    /// Whether a retry of its newest errors can help.
    pub retry_verdict: RetryVerdict,
    /// Why.
    pub retry_reason: VerdictReason,
    /// Records.
    pub count: usize,
    /// Their part of all records of the filter, 0 to 1.
    pub share: f64,
    /// The earliest.
    pub first_seen: Option<Timestamp>,
    /// The latest.
    pub last_seen: Option<Timestamp>,
    /// What the first of them misses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_reference: Option<ReferenceView>,
    /// Records in each part of the time, where asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<u32>,
    /// Somebody marked the cause as fixed.
    pub fixed: bool,
    /// Somebody wrote a note on it.
    pub noted: bool,
    /// The filter whose count is `count`.
    pub door: Filter,
}

/// An entity and the key of a record that it lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "said above")]
pub struct ReferenceView {
    pub entity: String,
    pub key: String,
}

/// Whose missing references.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MissingParams {
    /// Of which records. Of a filter that names references, those that it means.
    pub filter: Filter,
    /// References to pass over, those named most first.
    pub offset: usize,
    /// Most references of the window, at most 10,000. Without: of a list all, of a page 100.
    pub limit: Option<usize>,
}

impl MissingParams {
    /// The filter of the records that name any reference of the filter asked with.
    pub fn any(filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        if filter.missing.is_empty() {
            filter.missing = vec![ANY_MISSING.to_owned()];
        }
        filter
    }
}

/// A cause to look into, among the records of a filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CauseParams {
    /// The cause.
    pub id: String,
    /// Which records.
    pub filter: Filter,
}

/// A cause with everything that explains it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CauseDetail {
    /// As in the list.
    #[serde(flatten)]
    pub view: CauseView,
    /// The first records, at most three.
    pub examples: Vec<Example>,
    /// What is known of it, the most particular first.
    pub guidance: Vec<GuidanceCard>,
    /// What users wrote about it.
    pub note: String,
    /// The user's rules in force that speak of it.
    pub rules: Vec<CauseRule>,
}

impl CauseDetail {
    /// Of an answer to `Call::Cause`. It is read twice: reading the fields of both at once would take a program of its own.
    pub fn read(text: &str) -> Result<Option<Self>, Problem> {
        #[derive(Deserialize)]
        struct Rest {
            examples: Vec<Example>,
            guidance: Vec<GuidanceCard>,
            note: String,
            rules: Vec<CauseRule>,
        }
        let view: Option<CauseView> = read_answer(text)?;
        let rest: Option<Rest> = read_answer(text)?;
        Ok(view.zip(rest).map(|(view, rest)| {
            let Rest { examples, guidance, note, rules } = rest;
            Self { view, examples, guidance, note, rules }
        }))
    }
}

/// A record of a cause, with what its cause was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// The record.
    pub id: String,
    /// Its entity.
    pub entity: String,
    /// Its error code.
    pub error_code: String,
    /// Its message in pieces.
    pub pieces: Vec<PieceView>,
    /// What put it under its cause.
    pub placed_by: Placement,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PieceView {
    /// As the message has it.
    pub text: String,
    /// The rule that made a value of it, which does not count for the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
}

/// What put a record under its cause: its fingerprint, and the user's rules after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The cause by fingerprint: error code, stem and entities.
    pub fingerprint: String,
    /// The user's rules that gave it another cause, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<u32>,
}

/// An entry of the catalogue of guidance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuidanceCard {
    /// Its name in the catalogue.
    pub id: String,
    /// The error in a few words.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What is to be done.
    pub fix: String,
    /// Who can do it.
    pub role: String,
    /// Whether a plain retry can work.
    pub remedy: Remedy,
    /// What the entry rests on.
    pub source: String,
}

/// What the engine adds to a record that is looked at alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordInsight {
    /// Whether a retry of it can help.
    pub retry_verdict: RetryVerdict,
    /// Why.
    pub retry_reason: VerdictReason,
    /// Its message in pieces.
    pub pieces: Vec<PieceView>,
    /// What put it under its cause.
    pub placed_by: Placement,
    /// What is known of its error.
    pub guidance: Vec<GuidanceCard>,
    /// What users wrote about its cause.
    pub note: String,
    /// The references that its message says are missing.
    pub missing_references: Vec<ReferenceView>,
}

/// A window of the missing references, the most wanted first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingPage {
    /// References in all.
    pub total: usize,
    /// Records that name one.
    pub records: usize,
    /// References of the window.
    pub references: Vec<MissingView>,
}

/// A reference that errors say is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingView {
    /// The entity that lacks the record.
    pub entity: String,
    /// The record's key.
    pub key: String,
    /// Errors that name it.
    pub count: usize,
    /// The errors of the missing record itself, where there are any: the root, of which the others depend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<RootView>,
    /// The references in a circle with this one, each missing the next, this one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cycle: Vec<ReferenceView>,
}

impl MissingView {
    /// The filter whose count is `count`, under the filter that was asked with.
    pub fn door(&self, filter: &Filter) -> Filter {
        let one = MissingReference { entity: self.entity.clone(), key: self.key.clone() };
        Filter { missing: vec![one.word()], ..filter.clone() }
    }
}

/// Errors of a record that others miss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootView {
    /// How many.
    pub count: usize,
    /// The newest one.
    pub id: String,
    /// Its cause.
    pub cause: String,
    /// Its message.
    pub message: String,
}

/// Causes that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeCausesParams {
    /// The cause that the others end in.
    pub into: String,
    /// The causes that end.
    pub causes: Vec<String>,
}

/// A cause that is several: exactly one of column and text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitCauseParams {
    /// The cause.
    pub cause: String,
    /// One cause for each value of this column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Column>,
    /// A cause of their own for the records whose message holds this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A note on a cause; an empty one removes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetNoteParams {
    /// The cause.
    pub cause_id: String,
    /// The note.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CauseAction;

    #[test]
    fn a_cause_is_read_as_it_was_written() {
        let merge = CauseAction::Merge { into: "a".into(), causes: vec!["b".into()] };
        let split = CauseAction::SplitBy { cause: "c".into(), column: Column::Company };
        let detail = CauseDetail {
            view: CauseView {
                id: "a".into(),
                template: "Lookup {}".into(),
                entity: "Vendors V2".into(),
                category: "Application".into(),
                retry_verdict: RetryVerdict::PointlessUntilFixed,
                retry_reason: VerdictReason::KnownFix,
                count: 3,
                share: 0.25,
                first_seen: Some(Timestamp::EPOCH),
                last_seen: None,
                missing_reference: Some(ReferenceView { entity: "E".into(), key: "K".into() }),
                trend: vec![0, 3],
                fixed: false,
                noted: true,
                door: Filter { causes: vec!["a".into()], ..Filter::default() },
            },
            examples: vec![],
            guidance: vec![],
            note: "Ask Ada".into(),
            rules: vec![CauseRule { id: 1, action: merge }, CauseRule { id: 2, action: split }],
        };
        let text = serde_json::to_string(&detail).expect("JSON");
        assert_eq!(CauseDetail::read(&text).expect("a cause"), Some(detail));
        assert_eq!(CauseDetail::read("null").expect("no cause"), None);
    }
}
