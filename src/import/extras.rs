//! The extra columns of records: those that no field takes, and what the loader itself keeps beside a field.
//!
//! Invariant: columns may be added, never changed; whoever takes rows is told before the first row that has them.

use crate::dataset::RowSink;

use super::aliases::Field;
use super::mapping::{Mapping, Role};

/// Where the value of an extra column comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extra {
    Column(usize),
    /// The text of a field that could not be read.
    Unread(Field),
    /// A time as the dump writes it, where reading it took a decision or dropped digits.
    Written,
    /// The whole of a verbose error.
    Verbose,
}

/// The extra columns so far.
#[derive(Debug, Default)]
pub(super) struct Extras {
    list: Vec<Extra>,
    headers: Vec<String>,
    /// How many of them were told; `None`: not even that there are none.
    told: Option<usize>,
}

impl Extras {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Extra> {
        self.list.iter()
    }

    /// Takes over those that are known from the first rows.
    pub(super) fn take_over(&mut self, known: Self) {
        (self.list, self.headers) = (known.list, known.headers);
    }

    pub(super) fn add_columns_from(&mut self, first: usize, mapping: &Mapping) {
        for at in first..mapping.len() {
            if mapping.role(at) == Role::Extra {
                self.list.push(Extra::Column(at));
                self.headers.push(mapping.header(at).to_owned());
            }
        }
    }

    /// Makes sure that there is a column for what the loader itself keeps.
    pub(super) fn want(&mut self, extra: Extra, mapping: &Mapping) {
        if self.list.contains(&extra) {
            return;
        }
        let header = |field| mapping.column(field).map_or("", |at| mapping.header(at));
        self.headers.push(match extra {
            Extra::Unread(field) => format!("{} (unread)", header(field)),
            Extra::Written => format!("{} (as written)", header(Field::OccurredAt)),
            Extra::Verbose => format!("{} (verbose)", header(Field::Message)),
            Extra::Column(at) => mapping.header(at).to_owned(),
        });
        self.list.push(extra);
    }

    /// Tells whoever takes the rows, where it does not know them all.
    pub(super) fn tell(&mut self, sink: &mut dyn RowSink) {
        if self.told != Some(self.headers.len()) {
            self.told = Some(self.headers.len());
            sink.extra_columns(&self.headers);
        }
    }
}
