//! Of the states that a table has of its rows, the newest.
//!
//! A table is read twice: for the newest state of each row, over all its files, then for the rows.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use xxhash_rust::xxh3::xxh3_128;

use super::super::account::Account;
use super::super::aliases::normal;
use super::super::error::ImportError;
use super::super::loader::Loading;
use super::super::options::DateOrder;
use super::super::rows::{Note, RowTaker};
use super::super::times::{self, TimeText};
use crate::dataset::Pushed;

/// Which of two states is the newer one: changed later, else of a higher version, else further behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Age {
    changed_ms: i64,
    version: u64,
    row: u32,
}

#[derive(Clone, Copy, Debug)]
struct State {
    age: Age,
    is_deleted: bool,
}

/// Rows whose newest state is known, of all tables of a file; each takes some fifty bytes. Tests of it need not have that many.
const MOST_ROWS: usize = if cfg!(test) { 1_000 } else { 8 << 20 };

/// The newest state of each row of a table, and how far the second reading of its files is.
#[derive(Debug, Default)]
pub(in crate::import) struct Newest {
    of: HashMap<u128, State>,
    rows: u32,
    rows_again: u32,
    /// Of this table and of the others that are read with it.
    known: Rc<Cell<usize>>,
}

impl Newest {
    /// Of one table of several, whose rows count together.
    pub(in crate::import) fn counted(known: &Rc<Cell<usize>>) -> Self {
        Self { known: Rc::clone(known), ..Self::default() }
    }
}

/// A table that one file or several are of.
pub(in crate::import) type SharedTable = Rc<RefCell<Newest>>;

/// Where the rows of a file tell their states apart.
#[derive(Clone, Debug)]
pub(in crate::import) struct StateColumns {
    id: usize,
    changed: usize,
    version: Option<usize>,
    deleted: Option<usize>,
}

impl StateColumns {
    /// Of a table with these columns; `None` where it keeps no states: each row has an id and the time of its last change.
    pub(in crate::import) fn of(columns: &[String]) -> Option<Self> {
        let place = |name| columns.iter().position(|column| normal(column) == name);
        Some(Self {
            id: place("id")?,
            changed: place("sinkmodifiedon")?,
            version: place("versionnumber"),
            deleted: place("isdelete"),
        })
    }

    fn id(&self, cells: &[&str]) -> Option<u128> {
        let id = cells.get(self.id)?.trim();
        (!id.is_empty()).then(|| xxh3_128(id.to_ascii_lowercase().as_bytes()))
    }

    /// The header, wherever it stands.
    fn is_header(&self, cells: &[&str]) -> bool {
        // Ids and times are longer, whatever they are dressed in.
        let is = |at: usize, name| {
            cells.get(at).is_some_and(|cell| cell.len() < 32 && normal(cell) == name)
        };
        is(self.id, "id") && is(self.changed, "sinkmodifiedon")
    }

    fn state(&self, cells: &[&str], row: u32) -> State {
        let text =
            |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        let changed_ms = match times::read(text(Some(self.changed)), Some(DateOrder::Mdy)) {
            TimeText::Instant(millis) | TimeText::Local(millis) => millis,
            _ => i64::MIN,
        };
        let version = text(self.version).parse().unwrap_or(0);
        let is_deleted = matches!(text(self.deleted), "True" | "true" | "TRUE" | "1");
        State { age: Age { changed_ms, version, row }, is_deleted }
    }
}

/// Takes the rows of a file and keeps in mind which state of each is the newest.
pub(in crate::import) struct Collector<'a> {
    pub(in crate::import) columns: &'a StateColumns,
    pub(in crate::import) newest: RefMut<'a, Newest>,
    /// Rows in front of the first row of data that are still to come.
    pub(in crate::import) head_left: &'a mut usize,
    pub(in crate::import) name: &'a str,
}

impl RowTaker for Collector<'_> {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        Ok(())
    }

    fn row(&mut self, _: u32, cells: &[&str]) -> Result<(), ImportError> {
        if *self.head_left > 0 {
            *self.head_left -= 1;
            return Ok(());
        }
        if self.columns.is_header(cells) {
            return Ok(());
        }
        let row = self.newest.rows;
        self.newest.rows = row.saturating_add(1);
        let Some(id) = self.columns.id(cells) else { return Ok(()) };
        let state = self.columns.state(cells, row);
        let known = Rc::clone(&self.newest.known);
        match self.newest.of.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(state);
                known.set(known.get() + 1);
            }
            Entry::Occupied(mut entry) if entry.get().age < state.age => {
                entry.insert(state);
            }
            Entry::Occupied(_) => {}
        }
        let count = known.get();
        if count <= MOST_ROWS {
            return Ok(());
        }
        Err(ImportError::TooMany {
            name: self.name.to_owned(),
            what: "rows with states".to_owned(),
            count: count as u64,
            limit: MOST_ROWS as u64,
        })
    }

    fn reject(&mut self, _: u32, _: String) {}

    fn note(&mut self, _: Note) {}
}

/// A file of a table whose newest states are known, on its second reading.
pub(in crate::import) struct Settled {
    columns: StateColumns,
    table: SharedTable,
    older: u64,
    deleted: u64,
}

impl Settled {
    pub(in crate::import) fn new(table: SharedTable, columns: StateColumns) -> Self {
        Self { columns, table, older: 0, deleted: 0 }
    }

    /// Hands on the newest state of each row and accounts for the others.
    pub(in crate::import) fn before<'a>(&'a mut self, loading: Loading<'a>) -> Current<'a> {
        let Self { columns, table, older, deleted } = self;
        Current { columns, newest: table.borrow_mut(), older, deleted, loading }
    }

    /// Says what was passed over.
    pub(in crate::import) fn tell(&self, account: &mut Account) {
        let rows = |count| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        if self.older > 0 {
            let message = format!(
                "{} of the table are older states of rows that were changed later: the newest state by SinkModifiedOn counts",
                rows(self.older)
            );
            account.warn("OlderStates", message);
        }
        if self.deleted > 0 {
            let message = format!(
                "{} deleted in the source (IsDelete): not loaded, and among the rejected ones",
                rows(self.deleted)
            );
            account.warn("DeletedRows", message);
        }
    }
}

/// Stands before the loader: see [`Settled::before`].
pub(in crate::import) struct Current<'a> {
    columns: &'a StateColumns,
    newest: RefMut<'a, Newest>,
    older: &'a mut u64,
    deleted: &'a mut u64,
    loading: Loading<'a>,
}

impl RowTaker for Current<'_> {
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError> {
        self.loading.columns(headers)
    }

    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        if self.loading.loader.is_before_records() {
            return self.loading.row(line, cells);
        }
        if self.columns.is_header(cells) {
            self.loading.reject(line, "the header stands here once more".to_owned());
            return Ok(());
        }
        let row = self.newest.rows_again;
        self.newest.rows_again = row.saturating_add(1);
        let newest = self.columns.id(cells).and_then(|id| self.newest.of.get(&id));
        let Some(newest) = newest else { return self.loading.row(line, cells) };
        if newest.age.row != row {
            *self.older += 1;
            self.loading.loader.pass_over(Pushed::Duplicate)
        } else if newest.is_deleted {
            *self.deleted += 1;
            self.loading.reject(line, "the row was deleted in its source (IsDelete)".to_owned());
            Ok(())
        } else {
            self.loading.row(line, cells)
        }
    }

    fn reject(&mut self, line: u32, reason: String) {
        self.loading.reject(line, reason);
    }

    fn note(&mut self, note: Note) {
        self.loading.note(note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> StateColumns {
        let names = ["Id", "SinkModifiedOn", "versionnumber", "IsDelete"].map(str::to_owned);
        StateColumns::of(&names).unwrap()
    }

    fn collect(table: &SharedTable, rows: &[[&str; 4]]) -> Result<(), ImportError> {
        let columns = columns();
        let mut collector = Collector {
            columns: &columns,
            newest: table.borrow_mut(),
            head_left: &mut 0,
            name: "t.csv",
        };
        rows.iter().try_for_each(|cells| collector.row(1, cells))
    }

    #[test]
    fn the_newest_state_counts() {
        let table = SharedTable::default();
        let rows = [
            ["a", "2024-03-01T08:00:00", "1", "False"],
            ["b", "3/1/2024 8:00:00 AM", "1", ""],
            ["a", "2024-03-02T08:00:00", "2", "False"],
            ["A", "2024-03-01T09:00:00", "3", "True"],
            ["b", "3/1/2024 8:00:00 AM", "2", "True"],
            ["", "2024-03-01T09:00:00", "3", "True"],
            ["c", "", "", ""],
            ["c", "", "", ""],
        ];
        // Over two files as in one.
        collect(&table, &rows[..3]).unwrap();
        collect(&table, &rows[3..]).unwrap();
        let newest = |id: &str| {
            let state = table.borrow().of[&columns().id(&[id]).unwrap()];
            (state.age.row, state.is_deleted)
        };
        assert_eq!(newest("a"), (2, false));
        assert_eq!(newest("b"), (4, true));
        assert_eq!(newest("c"), (7, false));
        assert_eq!(table.borrow().of.len(), 3);
    }

    #[test]
    fn more_rows_than_can_be_kept_are_told_by_their_number() {
        let ids: Vec<String> = (0..=MOST_ROWS).map(|number| number.to_string()).collect();
        let rows: Vec<[&str; 4]> = ids.iter().map(|id| [&id[..], "", "", ""]).collect();
        let table = SharedTable::default();
        collect(&table, &rows[..MOST_ROWS]).unwrap();
        let error = collect(&table, &rows[MOST_ROWS..]).unwrap_err();
        assert_eq!(error.code(), "TooLarge");
        let told = error.to_string();
        assert!(told.contains("1001 rows") && !told.contains("bytes"), "{told}");
        // What several tables of a file take, they take together.
        let known = Rc::default();
        let [one, other] = [0, 1].map(|_| Rc::new(RefCell::new(Newest::counted(&known))));
        collect(&one, &rows[..MOST_ROWS]).unwrap();
        collect(&one, &rows[..MOST_ROWS]).unwrap();
        assert!(collect(&other, &rows[..1]).unwrap_err().to_string().contains("1001 rows"));
    }
}
