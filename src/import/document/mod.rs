//! JSON documents whose errors lie deep inside: verbose errors, initial synchronisation, map lists, lists of messages, and
//! the network logs (HAR) that administrators are told to save.
//!
//! Each becomes a table under the names of `Record`, so that mapping, times and meaning are those of every other dump. A
//! document is read as a whole: such files are small.
//!
//! Deliberately absent: rows that are objects of one list, which stream (`json`).
//!
//! Invariant: what a document says of an error is in its row, or was left out because it holds credentials or payloads.

mod har;
mod initial_sync;
mod kind;
mod map_list;
mod messages;
mod verbose_errors;

use serde_json::Value;

use super::error::ImportError;
use super::options::ImportOptions;
use super::rows::RowTaker;

pub(super) use kind::Kind;

/// Network logs hold pictures and programs, too.
const LIMIT_BYTES: usize = 128 << 20;

/// Far more than errors have; their tree takes up to thirty times as much memory.
const TREE_LIMIT_BYTES: usize = 32 << 20;

/// Columns of all errors together; real documents have a few dozen.
const MOST_COLUMNS: usize = 1_000;

/// The errors of a document, as a table.
#[derive(Debug, Default)]
pub(super) struct Errors {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Values of columns beyond the limit.
    lost_cells: u64,
    /// Code and sentence.
    pub(super) warnings: Vec<(&'static str, String)>,
}

impl Errors {
    /// Adds an error: header and text of each column, empty ones left out.
    fn add(&mut self, cells: &[(&str, &str)]) {
        let mut row: Vec<String> = Vec::new();
        for (header, text) in cells.iter().filter(|(_, text)| !text.is_empty()) {
            let place = match self.columns.iter().position(|known| known == header) {
                Some(place) => place,
                None if self.columns.len() < MOST_COLUMNS => {
                    self.columns.push((*header).to_owned());
                    self.columns.len() - 1
                }
                None => {
                    self.lost_cells += 1;
                    continue;
                }
            };
            if row.len() <= place {
                row.resize(place + 1, String::new());
            }
            (*text).clone_into(&mut row[place]);
        }
        self.rows.push(row);
    }

    fn warn(&mut self, code: &'static str, message: String) {
        self.warnings.push((code, message));
    }

    /// Hands all rows on. The line of a row is its number: the errors of a document need not lie on lines of their own.
    pub(super) fn hand_on(&self, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        taker.columns(&self.columns)?;
        for (row, line) in self.rows.iter().zip(1..) {
            if taker.is_full() {
                break;
            }
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            taker.row(line, &cells)?;
        }
        Ok(())
    }
}

/// Reads the errors of a document.
pub(super) fn read(
    kind: Kind,
    text: &[u8],
    options: &ImportOptions,
) -> Result<Errors, ImportError> {
    if kind != Kind::Har {
        check_tree_size(text.len(), options)?;
    }
    let (text, _) = super::text::mend(text);
    let mut errors = Errors::default();
    let done = match kind {
        Kind::VerboseErrors => verbose_errors::read(&text, &mut errors),
        Kind::InitialSync => each(&text, &mut |value| initial_sync::add(value, &mut errors)),
        Kind::MapList => each(&text, &mut |value| map_list::add(value, &mut errors)),
        Kind::Messages => each(&text, &mut |value| messages::add(value, &mut errors)),
        Kind::Har => har::read(&text, &mut errors),
    };
    done.map_err(|error| ImportError::Damaged {
        name: options.name.clone(),
        what: "it is no complete JSON".to_owned(),
        place: format!("line {}, character {}", error.line(), error.column()),
    })?;
    if errors.lost_cells > 0 {
        let message = format!(
            "the document has more than {MOST_COLUMNS} columns: {} values of further ones were left out",
            errors.lost_cells
        );
        errors.warn("TooManyColumns", message);
    }
    if errors.rows.is_empty() {
        // A document without errors is good news, and not an empty file.
        errors.columns = ["entity", "message"].map(str::to_owned).to_vec();
    }
    Ok(errors)
}

/// Refuses a document that would not fit into memory.
pub(super) fn check_size(size: usize, options: &ImportOptions) -> Result<(), ImportError> {
    check(size, LIMIT_BYTES, options)
}

fn check_tree_size(size: usize, options: &ImportOptions) -> Result<(), ImportError> {
    check(size, TREE_LIMIT_BYTES, options)
}

fn check(size: usize, limit: usize, options: &ImportOptions) -> Result<(), ImportError> {
    if size <= limit {
        return Ok(());
    }
    Err(ImportError::TooLarge {
        name: options.name.clone(),
        what: "the document".to_owned(),
        size: size as u64,
        limit: limit as u64,
    })
}

/// Calls back with each value of a text: usually one, or several one after the other. The members of a list, or of the
/// list that an OData page holds, are given one by one.
fn each(text: &str, take: &mut dyn FnMut(&Value)) -> serde_json::Result<()> {
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value?;
        match list_in(&value) {
            Some(list) => list.iter().for_each(&mut *take),
            None => take(&value),
        }
    }
    Ok(())
}

fn list_in(value: &Value) -> Option<&Vec<Value>> {
    value.as_array().or_else(|| value.get("value")?.as_array())
}

/// The text of a member; what is no text as JSON, what is not there as nothing.
fn text_of(value: &Value, member: &str) -> String {
    value.get(member).map(plain).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// The first member of these that says something.
fn first_of(value: &Value, members: &[&str]) -> String {
    members
        .iter()
        .map(|member| text_of(value, member))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The entity of an error: the side of finance and operations, else the other, else what the message says.
fn entity_of<'a>(finance: &'a str, dataverse: &'a str, message: &'a str) -> &'a str {
    let sides = [finance, dataverse].into_iter().find(|side| !side.is_empty());
    sides.or_else(|| messages::entity_in(message)).unwrap_or(UNNAMED)
}

/// The entity where nothing names one.
const UNNAMED: &str = "(not named)";

/// The members of a list; of anything else, nothing.
fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Which way a leg or a message goes.
const TO_DATAVERSE: &str = "Finance and operations to Dataverse";
const TO_FINANCE: &str = "Dataverse to finance and operations";
