//! What `model.json` says of its tables: their columns in order, and where their files are.
//!
//! Of the text nothing but these names is kept, and no tree of it is made: it describes whatever else it likes.
//!
//! Source: the Common Data Model's metadata file, as Synapse Link writes it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::super::aliases::normal;

/// More than the description of all tables of an environment has.
pub const MODEL_LIMIT_BYTES: usize = 64 << 20;

/// Tables, columns of one, and files of one. An environment has some thousand tables; a table has 1,024 columns at most.
const MOST_TABLES: usize = 20_000;
const MOST_COLUMNS: usize = 16_384;
const MOST_FILES: usize = 100_000;

/// Why a text is no description that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// It is something else, or it is cut.
    #[error("it describes no tables")]
    NoTables,
    /// It is longer than is read.
    #[error("it is {0} bytes and the limit is {MODEL_LIMIT_BYTES}")]
    TooLarge(u64),
    /// It lists more than is read.
    #[error("it lists {count} {what} and the limit is {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many are read.
        limit: u64,
    },
}

/// The tables that a `model.json` describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableModel {
    tables: Vec<Table>,
}

/// A table of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Table {
    pub(in crate::import) name: String,
    pub(in crate::import) columns: Vec<String>,
    /// The last two steps of the paths of its files.
    files: Vec<String>,
}

#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    entities: Few<Entity, MOST_TABLES>,
}

#[derive(Deserialize)]
struct Entity {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    attributes: Option<Few<Attribute, MOST_COLUMNS>>,
    #[serde(default)]
    partitions: Few<Partition, MOST_FILES>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Partition {
    #[serde(default, deserialize_with = "text")]
    location: Option<String>,
}

/// A text; what is none is passed over, so that one odd table costs no other its description.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Word {
        Text(String),
        Other(IgnoredAny),
    }
    Ok(match Word::deserialize(deserializer)? {
        Word::Text(text) => Some(text),
        Word::Other(_) => None,
    })
}

/// The first things of a list, and how many it has.
struct Few<T, const MOST: usize> {
    list: Vec<T>,
    count: usize,
}

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self { list: Vec::new(), count: 0 }
    }
}

impl<T, const MOST: usize> Few<T, MOST> {
    fn all(self, what: &'static str) -> Result<Vec<T>, ModelFault> {
        if self.count <= MOST {
            return Ok(self.list);
        }
        Err(ModelFault::TooMany { what, count: self.count as u64, limit: MOST as u64 })
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counting(PhantomData))
    }
}

struct Counting<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Counting<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Few::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut few = Few::default();
        while few.count < MOST {
            let Some(next) = seq.next_element()? else { return Ok(few) };
            few.list.push(next);
            few.count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            few.count += 1;
        }
        Ok(few)
    }
}

impl TableModel {
    /// Reads a `model.json`.
    pub fn read(text: &str) -> Result<Self, ModelFault> {
        if text.len() > MODEL_LIMIT_BYTES {
            return Err(ModelFault::TooLarge(text.len() as u64));
        }
        let described: Described = serde_json::from_str(text.trim_start_matches('\u{FEFF}'))
            .map_err(|_| ModelFault::NoTables)?;
        let mut tables = Vec::new();
        for entity in described.entities.all("tables")? {
            tables.extend(Table::of(entity)?);
        }
        if tables.is_empty() { Err(ModelFault::NoTables) } else { Ok(Self { tables }) }
    }

    /// The table of a file with rows of this width, by its path: the table that names it, else the one whose name is a
    /// step of the path, else the only one of that width.
    pub(in crate::import) fn table_of(&self, path: &str, width: usize) -> Option<&Table> {
        let end = last_steps(path);
        let file = path.rsplit('/').next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let is_step = |table: &Table| {
            path.split('/').chain([stem]).any(|step| step.eq_ignore_ascii_case(&table.name))
        };
        let only = |fits: &dyn Fn(&Table) -> bool| {
            let mut found = self.tables.iter().filter(|table| table.columns.len() == width);
            let first = found.by_ref().find(|table| fits(table));
            first.filter(|_| !found.any(fits))
        };
        only(&|table| table.files.iter().any(|known| known.eq_ignore_ascii_case(&end)))
            .or_else(|| only(&is_step))
            .or_else(|| only(&|_| true))
    }
}

impl Table {
    /// `None`: it is described elsewhere, or some column has no name.
    fn of(entity: Entity) -> Result<Option<Self>, ModelFault> {
        let Entity { name, attributes, partitions } = entity;
        let Some(attributes) = attributes else { return Ok(None) };
        let attributes = attributes.all("columns of a table")?;
        let columns: Option<Vec<String>> = attributes.into_iter().map(|one| one.name).collect();
        let files = partitions.all("files of a table")?.into_iter();
        let files = files.filter_map(|one| {
            let location = one.location?;
            Some(last_steps(location.split(['?', '#']).next().unwrap_or_default()))
        });
        let files = files.collect();
        Ok(name.zip(columns).map(|(name, columns)| Self { name, columns, files }))
    }
}

/// Files of several tables have the same name; with their folder they are told apart.
fn last_steps(path: &str) -> String {
    let mut steps: Vec<&str> = path.rsplit('/').take(2).collect();
    steps.reverse();
    steps.join("/")
}

/// Whether a text that begins so is the `model.json` of Synapse Link: it describes the tables of other files and holds no
/// rows. The page tells by this what to open beside what.
pub fn describes_tables(head: &[u8]) -> bool {
    let head = &head[..head.len().min(MODEL_HEAD_BYTES)];
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    let begins = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    begins.starts_with(b"{") && has(b"\"entities\"") && has(b"\"attributes\"") && has(b"\"name\"")
}

/// Bytes that tell whether a text describes tables.
pub(in crate::import) const MODEL_HEAD_BYTES: usize = 64 << 10;

/// Whether a first row is the header after all, as some copies of such files have one: it names columns of the table, in
/// whatever order.
pub(in crate::import) fn is_header(row: &[String], columns: &[String]) -> bool {
    let names: hashbrown::HashSet<String> = columns.iter().map(|name| normal(name)).collect();
    row.len() == columns.len() && row.iter().all(|cell| names.contains(&normal(cell)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_table_costs_no_other_its_description() {
        let text = r#"{ "entities": [
            { "name": "odd", "attributes": null, "partitions": null },
            { "name": 7, "attributes": [{ "name": "Id" }] },
            { "name": "odd", "attributes": [{ "name": null }, { "name": "Id" }] },
            { "name": "errors", "attributes": [{ "name": "Id" }], "partitions": null },
            { "name": "accounts", "attributes": [{ "name": "Id" }], "partitions": [{ "location": null }] }
        ] }"#;
        let model = TableModel::read(text).unwrap();
        let names: Vec<&str> = model.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["errors", "accounts"]);
        assert_eq!(TableModel::read(r#"{ "entities": null }"#), Err(ModelFault::NoTables));
    }

    fn model() -> TableModel {
        let table = |name: &str, columns: &[&str], location: &str| {
            let attributes: Vec<_> =
                columns.iter().map(|name| serde_json::json!({ "name": name })).collect();
            serde_json::json!({ "$type": "LocalEntity", "name": name, "attributes": attributes,
                                "partitions": [{ "name": "2024", "location": location }] })
        };
        let text = serde_json::json!({ "name": "cdm", "version": "1.0", "entities": [
            table("dualwriteerrorlog", &["Id", "message"], "https://x.example:443/c/dualwriteerrorlog/2024.csv?sig=x"),
            table("account", &["Id", "name"], "https://x.example/c/account/2024.csv"),
            table("wide", &["Id", "a", "b"], "https://x.example/c/wide/2024.csv"),
        ]});
        TableModel::read(&text.to_string()).unwrap()
    }

    #[test]
    fn a_file_belongs_to_the_table_that_names_it() {
        let model = model();
        let columns =
            |path, width| model.table_of(path, width).map(|found| found.columns[1].clone());
        assert_eq!(columns("x.zip/dualwriteerrorlog/2024.csv", 2).unwrap(), "message");
        assert_eq!(columns("account/2025.csv", 2).unwrap(), "name");
        assert_eq!(columns("DualWriteErrorLog.csv", 2).unwrap(), "message");
        // Two tables are that wide: which one it is cannot be known.
        assert_eq!(columns("2024.csv", 2), None);
        assert_eq!(columns("anything.csv", 3).unwrap(), "a");
        // The table that names it has other columns by now.
        assert_eq!(columns("account/2024.csv", 9), None);
    }

    #[test]
    fn what_describes_no_tables_is_no_model() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"entities":[]}"#,
            r#"{"entities":[{"name":"a"}]}"#,
            r#"{"entities":[{"#,
        ] {
            assert_eq!(TableModel::read(text), Err(ModelFault::NoTables), "{text}");
        }
    }

    #[test]
    fn what_is_beyond_the_limits_is_counted() {
        let table = |columns: usize| {
            let attributes = vec![r#"{"name":"c","x":[{}]}"#; columns].join(",");
            format!(r#"{{"name":"t","attributes":[{attributes}]}}"#)
        };
        let read = |tables: &[String]| {
            TableModel::read(&format!(r#"{{"entities":[{}]}}"#, tables.join(",")))
        };
        assert!(read(&[table(MOST_COLUMNS)]).is_ok());
        let told = |result: Result<TableModel, ModelFault>| result.unwrap_err().to_string();
        let limits = "it lists 16385 columns of a table and the limit is 16384";
        assert_eq!(told(read(&[table(1), table(MOST_COLUMNS + 1)])), limits);
        let many = vec![table(1); MOST_TABLES + 2];
        assert_eq!(told(read(&many)), "it lists 20002 tables and the limit is 20000");
        let long = " ".repeat(MODEL_LIMIT_BYTES) + "{}";
        assert_eq!(
            TableModel::read(&long),
            Err(ModelFault::TooLarge(MODEL_LIMIT_BYTES as u64 + 2))
        );
    }
}
