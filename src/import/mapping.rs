//! Which column fills which field.
//!
//! Invariant: every column has exactly one use – a field, extra, or redacted – and is in the report with it.

use hashbrown::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::aliases::{
    DUAL_WRITE_PLUGINS, FALLBACK_RANK, Field, field_of, is_external_entity, is_internal_entity,
    is_namespace, is_plugin_type, normal,
};
use super::error::MappingProposal;
use super::identity::guid;
use super::likely::likely;
use super::options::ImportOptions;
use super::overrides::{invalid, read_overrides};
use super::redact::{is_secret_column, mask};
use super::{ColumnUse, ImportError};

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Field(Field),
    Extra,
    Redacted,
}

#[derive(Clone, Debug)]
struct Column {
    /// Unique: a second `Message` is `Message (2)`.
    header: String,
    role: Role,
    how: &'static str,
}

/// The uses of a file's columns.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    columns: Vec<Column>,
    names: HashSet<String>,
    /// How often each name was given.
    turns: HashMap<String, usize>,
    fields: [Option<usize>; Field::COUNT],
    internal: Option<usize>,
    external: Option<usize>,
    namespace: Option<usize>,
    plugin_type: Option<usize>,
    overrides: HashMap<String, Option<Field>>,
    source: String,
}

impl Mapping {
    /// The uses of these columns; `sample` holds some rows, for columns told by what is in them.
    pub(super) fn propose<S: AsRef<str>>(
        headers: &[S],
        sample: &[&[String]],
        options: &ImportOptions,
    ) -> Result<Self, ImportError> {
        let mut mapping = Self {
            columns: Vec::with_capacity(headers.len()),
            names: HashSet::new(),
            turns: HashMap::new(),
            fields: [None; Field::COUNT],
            internal: None,
            external: None,
            namespace: None,
            plugin_type: None,
            overrides: read_overrides(options)?,
            source: source_of(headers),
        };
        let tells_plugins = |at: &usize| {
            let mut cells = sample.iter().filter_map(|row| row.get(*at));
            cells.any(|cell| cell.contains(DUAL_WRITE_PLUGINS))
        };
        let types = (0..headers.len()).filter(|&at| is_plugin_type(&normal(headers[at].as_ref())));
        mapping.plugin_type = types.into_iter().find(tells_plugins);
        // The best header of each field wins; a field given by hand takes no other.
        let normals: Vec<String> = headers.iter().map(|header| normal(header.as_ref())).collect();
        let mut best: [Option<(usize, usize)>; Field::COUNT] = [None; Field::COUNT];
        for (at, name) in normals.iter().enumerate() {
            if is_secret_column(name) || mapping.overrides.contains_key(headers[at].as_ref().trim())
            {
                continue;
            }
            let Some((field, rank)) = field_of(name) else { continue };
            let slot = &mut best[field as usize];
            if slot.is_none_or(|(known, _)| rank < known) {
                *slot = Some((rank, at));
            }
        }
        for field in mapping.overrides.values().flatten() {
            best[*field as usize] = None;
        }
        if best[Field::Id as usize].is_none()
            && !mapping.overrides.values().flatten().any(|&f| f == Field::Id)
        {
            best[Field::Id as usize] = row_guid(headers, sample).map(|at| (FALLBACK_RANK, at));
        }
        for (at, header) in headers.iter().enumerate() {
            let chosen = best.iter().zip(Field::ALL).find_map(|(slot, field)| {
                slot.filter(|&(_, place)| place == at).map(|(rank, _)| (field, rank))
            });
            mapping.add(header.as_ref(), &normals[at], chosen);
        }
        Ok(mapping)
    }

    /// Takes a column that a later row brought.
    pub(super) fn add_late(&mut self, header: &str) {
        let name = normal(header);
        let chosen = field_of(&name).filter(|&(field, _)| {
            self.fields[field as usize].is_none()
                && !self.overrides.values().flatten().any(|&given| given == field)
        });
        self.add(header, &name, chosen);
    }

    fn add(&mut self, header: &str, name: &str, chosen: Option<(Field, usize)>) {
        let at = self.columns.len();
        let given = self.overrides.get(header.trim()).copied();
        let (role, how) = if is_secret_column(name) {
            (Role::Redacted, "redacted")
        } else if let Some(given) = given
            && given.is_none_or(|field| self.fields[field as usize].is_none())
        {
            (given.map_or(Role::Extra, Role::Field), "option")
        } else if let Some((field, rank)) = chosen {
            let how = if header.trim() == field.name() {
                "exact"
            } else if rank >= FALLBACK_RANK {
                "fallback"
            } else {
                "alias"
            };
            (Role::Field(field), how)
        } else {
            (Role::Extra, "extra")
        };
        if let Role::Field(field) = role {
            self.fields[field as usize] = Some(at);
        }
        if role != Role::Redacted {
            let slots = [
                (&mut self.external, is_external_entity(name)),
                (&mut self.internal, is_internal_entity(name)),
                (&mut self.namespace, is_namespace(name)),
            ];
            for (slot, fits) in slots {
                if fits && slot.is_none() {
                    *slot = Some(at);
                }
            }
        }
        let header = self.unique(header.trim(), at);
        self.columns.push(Column { header, role, how });
    }

    fn unique(&mut self, header: &str, at: usize) -> String {
        let base = if header.is_empty() { format!("Column {}", at + 1) } else { header.to_owned() };
        let mut name = base.clone();
        while !self.names.insert(name.clone()) {
            // Where the search for a free number ended: a file may give one name to all its columns.
            let turn = self.turns.entry_ref(&base).or_insert(1);
            *turn += 1;
            name = format!("{base} ({turn})");
        }
        name
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn header(&self, at: usize) -> &str {
        &self.columns[at].header
    }

    pub(super) fn role(&self, at: usize) -> Role {
        self.columns[at].role
    }

    /// The column of a field.
    pub(super) fn column(&self, field: Field) -> Option<usize> {
        self.fields[field as usize]
    }

    /// The file names its columns nowhere: other files of the same width have nothing in common with it.
    pub(super) fn is_nameless(&mut self) {
        self.source.clear();
    }

    /// Stands for all files with these columns; nothing where they have no names.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Columns of both sides of a map, where the dump has both and no column for the map itself.
    pub(super) fn map_sides(&self) -> Option<(usize, usize)> {
        if self.column(Field::Map).is_some() {
            return None;
        }
        self.internal.zip(self.external)
    }

    pub(super) fn namespace(&self) -> Option<usize> {
        self.namespace
    }

    /// The column that names the plug-in, where the dump is a trace log with plug-ins of dual-write in it.
    pub(super) fn plugin_type(&self) -> Option<usize> {
        self.plugin_type
    }

    /// The uses, for the report.
    pub(super) fn uses(&self) -> Vec<ColumnUse> {
        self.columns
            .iter()
            .map(|column| ColumnUse {
                header: column.header.clone(),
                field: match column.role {
                    Role::Field(field) => Some(field.name().to_owned()),
                    Role::Extra | Role::Redacted => None,
                },
                how: column.how.to_owned(),
            })
            .collect()
    }

    /// Required fields without a column; `entity` stands for "entity or map".
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.column(Field::Message).is_none() {
            missing.push("message".to_owned());
        }
        if self.column(Field::Entity).is_none() && self.column(Field::Map).is_none() {
            missing.push("entity".to_owned());
        }
        missing
    }

    /// What would have to be confirmed so that rows make records: `likely` fields by what is in the columns. `None`: nothing.
    pub(super) fn proposal(&self, rows: &[&[String]]) -> Option<MappingProposal> {
        let missing = self.missing();
        if missing.is_empty() {
            return None;
        }
        let mut columns = self.uses();
        for (at, field) in likely(self, rows) {
            columns[at].field = Some(field.name().to_owned());
            columns[at].how = "content".to_owned();
        }
        let samples = (0..self.columns.len()).map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty());
            let shown = |cell: &String| match self.columns[at].role {
                Role::Redacted => "[redacted]".to_owned(),
                _ => mask(cell).chars().take(SAMPLE_CHARS).collect(),
            };
            cells.take(SAMPLES).map(shown).collect()
        });
        let samples = samples.collect();
        Some(MappingProposal { columns, missing, samples, source: self.source.clone() })
    }

    /// A column that looks like times, where none is the time of the error and none was said to be.
    pub(super) fn unused_time(&self, rows: &[&[String]]) -> Option<String> {
        let is_time = |found: &(usize, Field)| found.1 == Field::OccurredAt;
        let (at, _) = likely(self, rows).into_iter().find(is_time)?;
        (self.columns[at].how != "option").then(|| self.header(at).to_owned())
    }

    /// Refuses options that name headers the file does not have.
    pub(super) fn check_overrides(&self, options: &ImportOptions) -> Result<(), ImportError> {
        let known = |wanted: &str| self.columns.iter().any(|column| column.header == wanted);
        match options.mapping.iter().find(|(header, _)| !known(header.trim())) {
            None => Ok(()),
            Some(_) if options.is_part => Ok(()),
            Some((header, _)) => {
                let headers: Vec<&str> =
                    self.columns.iter().take(30).map(|column| column.header.as_str()).collect();
                Err(invalid(
                    options,
                    format!("there is no header '{header}'; the file has {}", headers.join(", ")),
                ))
            }
        }
    }
}

/// How well a row serves as header: a row that names message and entity wins over any number of other hits.
pub(super) fn header_score(cells: &[String], options: &ImportOptions) -> usize {
    let mut found = [false; Field::COUNT];
    let mut hits = 0;
    for cell in cells {
        let given = options.mapping.iter().find(|(header, _)| header.trim() == cell.trim());
        let field = match given {
            Some((_, Some(name))) => Field::by_name(name),
            Some((_, None)) => None,
            None => field_of(&normal(cell)).map(|(field, _)| field),
        };
        hits += usize::from(given.is_some() && field.is_none());
        if let Some(field) = field
            && !found[field as usize]
        {
            found[field as usize] = true;
            hits += 1;
        }
    }
    let usable = found[Field::Message as usize]
        && (found[Field::Entity as usize] || found[Field::Map as usize]);
    hits + if usable { 1_000 } else { 0 }
}

/// A header that is so good that no better row need be looked for.
pub(super) const USABLE_SCORE: usize = 1_000;

/// The column of row GUIDs of a Dataverse export: its header is `(Do Not Modify) <table>`, with the words in the user's
/// language, and every value is a GUID.
fn row_guid<S: AsRef<str>>(headers: &[S], sample: &[&[String]]) -> Option<usize> {
    headers.iter().position(|header| header.as_ref().trim_start().starts_with('(')).and_then(|_| {
        (0..headers.len()).find(|&at| {
            let mut cells = sample
                .iter()
                .filter_map(|row| row.get(at))
                .filter(|cell| !cell.is_empty())
                .peekable();
            headers[at].as_ref().trim_start().starts_with('(')
                && cells.peek().is_some()
                && cells.all(|cell| guid(cell).is_some())
        })
    })
}

/// Values that show what a column holds, and how much of each.
const SAMPLES: usize = 3;
const SAMPLE_CHARS: usize = 80;

/// The same for files with the same headers in whatever order.
fn source_of<S: AsRef<str>>(headers: &[S]) -> String {
    let mut names: Vec<&str> = headers.iter().map(|header| header.as_ref().trim()).collect();
    names.sort_unstable();
    format!("{:016x}", xxh3_64(names.join("\n").as_bytes()))
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
