//! A sink that records rows, and the way from bytes to what it recorded.

pub(crate) mod stored_zip;

use std::collections::HashSet;
use std::rc::Rc;

use error_desk::dataset::{Pushed, RowInput, RowSink};
use error_desk::domain::Identity;
use error_desk::import::{
    DateOrder, ImportError, ImportOptions, ImportSummary, Importer, TableModel, ZoneRules,
};
use serde_json::{Map, Value, json};

/// A row as the sink saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) identity: Identity,
    pub(crate) record: Value,
}

/// Keeps every row whose record is new and was not dismissed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Recorder {
    pub(crate) extra: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) seen: HashSet<Identity>,
    pub(crate) dismissed: Vec<Identity>,
}

impl RowSink for Recorder {
    fn extra_columns(&mut self, headers: &[String]) {
        assert!(headers.starts_with(&self.extra), "columns may be added, never changed");
        self.extra = headers.to_vec();
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        assert_eq!(row.extra.len(), self.extra.len());
        if self.dismissed.contains(&row.identity) {
            return Pushed::DismissedEarlier;
        }
        if !self.seen.insert(row.identity) {
            return Pushed::Duplicate;
        }
        let extra: Map<String, Value> = self
            .extra
            .iter()
            .zip(row.extra)
            .filter(|(_, text)| !text.is_empty())
            .map(|(header, text)| (header.clone(), json!(text)))
            .collect();
        let record = json!({
            "row": row.row, "identity": row.identity.to_string(), "id": row.id, "occurredAt": row.occurred_at,
            "job": row.job, "entity": row.entity, "map": row.map, "dataSource": row.data_source,
            "company": row.company, "direction": row.direction, "category": row.category,
            "categoryInferred": row.category_inferred, "errorCode": row.error_code, "recordKey": row.record_key,
            "message": row.message, "retryCount": row.retry_count, "cause": row.cause, "extra": extra,
        });
        self.rows.push(Row { identity: row.identity, record });
        Pushed::Loaded
    }
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) summary: Result<ImportSummary, ImportError>,
    pub(crate) rows: Vec<Row>,
}

impl Outcome {
    pub(crate) fn to_json(&self) -> Value {
        match &self.summary {
            Ok(summary) => {
                // Long texts are shown by their length: the answers are to be read.
                let records: Vec<Value> =
                    self.rows.iter().take(12).map(|row| shortened(&row.record)).collect();
                json!({ "summary": summary, "records": records })
            }
            Err(error) => json!({
                "error": { "code": error.code(), "message": error.to_string(), "details": error.details() }
            }),
        }
    }
}

fn shortened(record: &Value) -> Value {
    match record {
        Value::String(text) if text.len() > 2_000 => json!(format!("{} bytes", text.len())),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), shortened(value))).collect()
        }
        other => other.clone(),
    }
}

/// The options that an expected answer names.
pub(crate) fn options_of(name: &str, options: &Value) -> ImportOptions {
    let text = |key: &str| options[key].as_str();
    ImportOptions {
        name: name.to_owned(),
        time_zone: text("timeZone").map(|zone| ZoneRules::fixed(zone).unwrap()),
        date_order: text("dateOrder").map(|order| DateOrder::parse(order).unwrap()),
        mapping: options["mapping"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(header, field)| (header.clone(), field.as_str().map(str::to_owned)))
            .collect(),
        job: text("job").map(str::to_owned),
        model: text("model").map(|text| Rc::new(TableModel::read(text).unwrap())),
        is_part: false,
    }
}

/// Imports in pieces of `step` bytes.
pub(crate) fn import(
    bytes: &[u8],
    step: usize,
    options: &ImportOptions,
    sink: &mut Recorder,
) -> Result<ImportSummary, ImportError> {
    let mut importer = Importer::new(options.clone());
    for piece in bytes.chunks(step) {
        importer.push(piece, sink)?;
    }
    importer.finish(sink)
}

/// Imports into a fresh sink.
pub(crate) fn run(bytes: &[u8], step: usize, options: &ImportOptions) -> Outcome {
    let mut sink = Recorder::default();
    let summary = import(bytes, step, options, &mut sink);
    Outcome { summary, rows: sink.rows }
}
