//! The two readings of a file whose table keeps states.
//!
//! A file that comes alone is held, for it comes once; the members of an archive are unpacked a second time, when the states
//! of all files of their table are known.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hashbrown::HashMap;

use super::super::error::ImportError;
use super::super::options::ImportOptions;
use super::super::streaming::Streaming;
use super::super::text::Decoder;
use super::super::text_plan::{TextParser, TextPlan};
use super::states::{Collector, Newest, Settled, SharedTable, StateColumns};

/// A file of a table whose rows have states.
#[derive(Clone, Debug)]
pub(in crate::import) struct TableFile {
    pub(in crate::import) columns: StateColumns,
    /// Which table it is, among the files that come together.
    key: String,
}

impl TableFile {
    /// Of the file at a path, with these columns, of the table of that name, if it has one.
    pub(in crate::import) fn of(
        path: &str,
        table: Option<&str>,
        columns: &[String],
    ) -> Option<Self> {
        let place = StateColumns::of(columns)?;
        // Folders of a time hold what came then of all tables.
        let is_time = |step: &&str| {
            step.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.' | b':' | b'_' | b'T' | b'Z'))
        };
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let folders: Vec<&str> = folders.split('/').filter(|step| !is_time(step)).collect();
        let table = table.map_or_else(|| columns.join(","), str::to_owned);
        let key = format!("{}/{table}", folders.join("/")).to_lowercase();
        Some(Self { columns: place, key })
    }
}

/// The tables that files of an archive are of.
#[derive(Clone, Default)]
pub(in crate::import) struct Tables {
    by_key: Rc<RefCell<HashMap<String, SharedTable>>>,
    /// Rows whose newest state is known, of all of them.
    known: Rc<Cell<usize>>,
}

impl Tables {
    pub(in crate::import) fn of(&self, file: &TableFile) -> SharedTable {
        let mut tables = self.by_key.borrow_mut();
        let new = || Rc::new(RefCell::new(Newest::counted(&self.known)));
        Rc::clone(tables.entry_ref(&file.key[..]).or_insert_with(new))
    }
}

/// The first reading: of each row the newest state.
pub(in crate::import) struct Collecting {
    decoder: Decoder,
    parser: TextParser,
    columns: StateColumns,
    table: SharedTable,
    head_left: usize,
    name: String,
}

impl Collecting {
    pub(in crate::import) fn new(
        plan: &TextPlan,
        file: TableFile,
        table: SharedTable,
        options: &ImportOptions,
    ) -> Self {
        Self {
            decoder: Decoder::new(plan.encoding, plan.mark_len),
            parser: plan.parser(options),
            columns: file.columns,
            table,
            head_left: plan.decision.head.unwrap_or(0),
            name: options.name.clone(),
        }
    }

    pub(in crate::import) fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let Self { decoder, parser, columns, table, head_left, name } = self;
        let mut collector = Collector { columns, newest: table.borrow_mut(), head_left, name };
        parser.push(decoder.decode(bytes), &mut collector)
    }

    pub(in crate::import) fn finish(&mut self) -> Result<(), ImportError> {
        let Self { decoder, parser, columns, table, head_left, name } = self;
        let mut collector = Collector { columns, newest: table.borrow_mut(), head_left, name };
        parser.push(decoder.finish(), &mut collector)?;
        parser.finish(&mut collector)
    }
}

/// A file that comes alone, on its first reading.
pub(in crate::import) struct Settling {
    plan: TextPlan,
    settled: Settled,
    collecting: Collecting,
    pub(in crate::import) held: Vec<u8>,
}

impl Settling {
    pub(in crate::import) fn new(plan: TextPlan, file: TableFile, options: &ImportOptions) -> Self {
        let table = SharedTable::default();
        let settled = Settled::new(Rc::clone(&table), file.columns.clone());
        let collecting = Collecting::new(&plan, file, table, options);
        Self { plan, settled, collecting, held: Vec::new() }
    }

    pub(in crate::import) fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.held.extend_from_slice(bytes);
        self.collecting.push(bytes)
    }

    /// What is to be read once more, and what reads it.
    pub(in crate::import) fn settle(
        mut self,
        options: &ImportOptions,
    ) -> Result<(Vec<u8>, Streaming), ImportError> {
        self.collecting.finish()?;
        Ok((self.held, Streaming::of_table(self.plan, self.settled, options)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_table_are_known_by_their_folders() {
        let columns = ["Id", "SinkModifiedOn"].map(str::to_owned);
        let key =
            |path: &str, table: Option<&str>| TableFile::of(path, table, &columns).unwrap().key;
        let one = key("x.zip/org/errors/2024-03.csv", Some("errors"));
        for path in
            ["x.zip/org/errors/2024-04.csv", "x.zip/org/2024-03-01T08.00.00Z/errors/2024.csv"]
        {
            assert_eq!(key(path, Some("Errors")), one, "{path}");
        }
        for (path, table) in [
            ("x.zip/other/errors/2024-03.csv", Some("errors")),
            ("x.zip/org/errors/2024-03.csv", Some("accounts")),
            ("x.zip/org/errors/2024-03.csv", None),
        ] {
            assert_ne!(key(path, table), one, "{path}");
        }
        assert!(TableFile::of("x.csv", None, &["Id".to_owned()]).is_none());
    }
}
