//! What `model.json` says of its tables: their columns in order, and where their files are.
//!
//! Source: the Common Data Model's metadata file, as Synapse Link writes it.

use serde_json::Value;

use super::super::aliases::normal;

/// More than the description of all tables of an environment has.
const LIMIT_BYTES: usize = 64 << 20;

/// The tables that a `model.json` describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableModel {
    tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    name: String,
    columns: Vec<String>,
    /// The last two steps of the paths of its files.
    files: Vec<String>,
}

impl TableModel {
    /// Reads a `model.json`; `None` where the text is something else.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LIMIT_BYTES {
            return None;
        }
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).ok()?;
        let entities = value.get("entities")?.as_array()?;
        let tables = entities.iter().filter_map(Table::read).collect::<Vec<_>>();
        (!tables.is_empty()).then_some(Self { tables })
    }

    /// The columns of a file with rows of this width, by its path: the table that names it, else the one whose name is a
    /// step of the path, else the only one of that width.
    pub(in crate::import) fn columns_of(&self, path: &str, width: usize) -> Option<&[String]> {
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
            .map(|table| &table.columns[..])
    }
}

impl Table {
    fn read(entity: &Value) -> Option<Self> {
        let text = |value: &Value, member: &str| value.get(member)?.as_str().map(str::to_owned);
        let attributes = entity.get("attributes")?.as_array()?;
        let columns: Option<Vec<String>> =
            attributes.iter().map(|attribute| text(attribute, "name")).collect();
        let partitions = entity.get("partitions").and_then(Value::as_array);
        let files = partitions.into_iter().flatten().filter_map(|partition| {
            let location = text(partition, "location")?;
            Some(last_steps(location.split(['?', '#']).next().unwrap_or_default()))
        });
        Some(Self { name: text(entity, "name")?, columns: columns?, files: files.collect() })
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
    let head = &head[..head.len().min(64 << 10)];
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    let begins = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    begins.starts_with(b"{") && has(b"\"entities\"") && has(b"\"attributes\"") && has(b"\"name\"")
}

/// Whether a first row is the header after all, as some copies of such files have one.
pub(in crate::import) fn is_header(row: &[String], columns: &[String]) -> bool {
    let alike = |(cell, column): (&String, &String)| normal(cell) == normal(column);
    row.len() == columns.len() && row.iter().zip(columns).all(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let columns = |path, width| model.columns_of(path, width).map(|found| found[1].clone());
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
        for text in ["", "[]", "{}", r#"{"entities":[]}"#, r#"{"entities":[{"name":"a"}]}"#] {
            assert_eq!(TableModel::read(text), None, "{text}");
        }
    }
}
