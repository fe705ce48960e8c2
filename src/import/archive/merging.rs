//! Several accounts as one, and the rows of several files as those of one.

use hashbrown::{HashMap, HashSet};

use super::super::account::{Pages, REJECTS_TOLD};
use super::super::error::ImportError;
use super::super::options::{ImportOptions, ImportSummary};
use super::super::{ColumnUse, Reject, Warning};
use crate::dataset::{Pushed, RowInput, RowSink};

/// Files that are named one by one.
const NAMED: usize = 5;

/// Warnings about all files together.
const WARNINGS_TOLD: usize = 200;

/// Extra columns of all files together: as many as the widest sheet has.
const MOST_COLUMNS: usize = 16_384;

/// The account of all members so far.
#[derive(Default)]
pub(super) struct Whole {
    pub(super) rows_read: u64,
    loaded: u64,
    duplicates: u64,
    dismissed_earlier: u64,
    rejected: u64,
    rejects: Vec<Reject>,
    warnings: Vec<Warning>,
    columns: Vec<ColumnUse>,
    /// Header and field of each of them.
    known: HashSet<(String, Option<String>)>,
    time_zone: Option<String>,
    pages: Pages,
    names: Vec<String>,
    read: usize,
    left_out: Vec<(String, ImportError)>,
}

impl Whole {
    pub(super) fn add(&mut self, member: &str, part: ImportSummary, pages: Pages) {
        let rows_before = u32::try_from(self.rows_read).unwrap_or(u32::MAX);
        self.rows_read += part.rows_read;
        self.loaded += part.loaded;
        self.duplicates += part.duplicates;
        self.dismissed_earlier += part.dismissed_earlier;
        self.rejected += part.rejected;
        let room = REJECTS_TOLD - self.rejects.len();
        self.rejects.extend(part.rejects.into_iter().take(room).map(|reject| Reject {
            row: reject.row.saturating_add(rows_before),
            reason: format!("in '{member}': {}", reject.reason),
            ..reject
        }));
        self.warnings.extend(part.warnings.into_iter().map(|warning| Warning {
            message: format!("'{member}': {}", warning.message),
            ..warning
        }));
        for column in part.columns {
            if self.known.insert((column.header.clone(), column.field.clone())) {
                self.columns.push(column);
            }
        }
        self.time_zone = self.time_zone.take().or(part.time_zone);
        self.pages.add(pages);
        if self.names.len() < NAMED {
            let details = [part.format, part.dialect].join(", ");
            self.names.push(format!("{member} ({})", details.trim_end_matches(", ")));
        }
        self.read += 1;
    }

    /// A member that is no dump.
    pub(super) fn leave_out(&mut self, member: &str, error: ImportError) {
        self.left_out.push((member.to_owned(), error));
    }

    /// The account; the first reason where no member is a dump.
    pub(super) fn finish(mut self) -> Result<Option<(ImportSummary, Pages)>, ImportError> {
        if self.read == 0 {
            let needs_mapping = |(_, error): &(String, ImportError)| {
                matches!(error, ImportError::MappingNeeded { .. })
            };
            let told = self.left_out.iter().position(needs_mapping).unwrap_or(0);
            return match self.left_out.into_iter().nth(told) {
                Some((_, error)) => Err(error),
                None => Ok(None),
            };
        }
        for (member, error) in self.left_out {
            let message = match error {
                ImportError::UnsupportedFormat { looks_like, .. } => {
                    format!("'{member}' was not read: it looks like {looks_like}")
                }
                ImportError::MappingNeeded { proposal, .. } => format!(
                    "'{member}' was not read: it has no column for {}. If it is a dump, open it alone",
                    proposal.missing.join(" and ")
                ),
                ImportError::EmptyFile { .. } => format!("'{member}' was not read: it is empty"),
                other => format!("'{member}' was not read: {other}"),
            };
            self.warnings.push(Warning { code: "MemberNotRead".to_owned(), message });
        }
        tell_few(&mut self.warnings);
        let more = self.read - self.names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let files = if self.read == 1 { "1 file" } else { &format!("{} files", self.read) };
        let summary = ImportSummary {
            format: "zip".to_owned(),
            dialect: format!("{files}: {}{more}", self.names.join(", ")),
            rows_read: self.rows_read,
            loaded: self.loaded,
            duplicates: self.duplicates,
            dismissed_earlier: self.dismissed_earlier,
            rejected: self.rejected,
            rejects: self.rejects,
            warnings: self.warnings,
            columns: self.columns,
            time_zone: self.time_zone,
        };
        Ok(Some((summary, self.pages)))
    }
}

/// A report is to be read: of very many warnings some are told, and how many there are.
fn tell_few(warnings: &mut Vec<Warning>) {
    let more = warnings.len().saturating_sub(WARNINGS_TOLD);
    if more == 0 {
        return;
    }
    warnings.truncate(WARNINGS_TOLD);
    let message = format!("{more} more such remarks on its files are not listed");
    warnings.push(Warning { code: "MoreWarnings".to_owned(), message });
}

/// The extra columns of all members: each member knows its own only.
#[derive(Default)]
pub(super) struct ExtraColumns {
    headers: Vec<String>,
    /// Where each of them is.
    known: HashMap<String, usize>,
    /// Where the columns of the member at hand are among all.
    places: Vec<usize>,
}

impl ExtraColumns {
    pub(super) fn next_member(&mut self) {
        self.places.clear();
    }

    /// Refuses files that have hardly a column in common: each row has a place for all of them.
    pub(super) fn check(&self, options: &ImportOptions) -> Result<(), ImportError> {
        if self.headers.len() <= MOST_COLUMNS {
            return Ok(());
        }
        Err(ImportError::TooMany {
            name: options.name.clone(),
            what: "different columns in its files".to_owned(),
            count: self.headers.len() as u64,
            limit: MOST_COLUMNS as u64,
        })
    }
}

/// The sink of a member.
pub(super) struct MemberSink<'a> {
    pub(super) columns: &'a mut ExtraColumns,
    pub(super) rows_before: u64,
    pub(super) sink: &'a mut dyn RowSink,
}

impl RowSink for MemberSink<'_> {
    fn extra_columns(&mut self, headers: &[String]) {
        let ExtraColumns { headers: all, known, places } = &mut *self.columns;
        for header in &headers[places.len().min(headers.len())..] {
            let place = *known.entry_ref(header).or_insert_with(|| {
                all.push(header.clone());
                all.len() - 1
            });
            places.push(place);
        }
        self.sink.extra_columns(all);
    }

    fn push(&mut self, row: &RowInput<'_>) -> Pushed {
        let ExtraColumns { headers, places, .. } = &*self.columns;
        let mut extra = vec![""; headers.len()];
        for (&place, &text) in places.iter().zip(row.extra) {
            extra[place] = text;
        }
        let number = self.rows_before + u64::from(row.row);
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.sink.push(&RowInput { row: number, extra: &extra, ..*row })
    }
}
