//! Of the states that a table has of its rows, the newest.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use xxhash_rust::xxh3::xxh3_128;

use super::super::aliases::normal;
use super::super::error::ImportError;
use super::super::options::DateOrder;
use super::super::rows::{Note, RowTaker};
use super::super::times::{self, TimeText};
use crate::dataset::Pushed;

use super::super::loader::Loading;

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

/// Rows whose newest state is known; each takes some fifty bytes.
const MOST_ROWS: usize = 8 << 20;

/// Takes the rows of a table and keeps in mind which state of each is the newest.
#[derive(Debug)]
pub(in crate::import) struct States {
    id: Option<usize>,
    changed: Option<usize>,
    version: Option<usize>,
    deleted: Option<usize>,
    newest: HashMap<u128, State>,
    rows: u32,
}

impl States {
    /// Of a table with these columns.
    pub(in crate::import) fn of(columns: &[String]) -> Self {
        let place = |name| columns.iter().position(|column| normal(column) == name);
        Self {
            id: place("id"),
            changed: place("sinkmodifiedon"),
            version: place("versionnumber"),
            deleted: place("isdelete"),
            newest: HashMap::new(),
            rows: 0,
        }
    }

    /// Whether these columns are those of such a table: each row has an id and the time of its last change.
    pub(in crate::import) fn fit(columns: &[String]) -> bool {
        let Self { id, changed, .. } = Self::of(columns);
        id.is_some() && changed.is_some()
    }

    fn id(&self, cells: &[&str]) -> Option<u128> {
        let id = cells.get(self.id?)?.trim();
        (!id.is_empty()).then(|| xxh3_128(id.to_ascii_lowercase().as_bytes()))
    }
}

impl RowTaker for States {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        Ok(())
    }

    fn row(&mut self, _: u32, cells: &[&str]) -> Result<(), ImportError> {
        let row = self.rows;
        self.rows = self.rows.saturating_add(1);
        if self.newest.len() >= MOST_ROWS {
            return Err(ImportError::TooLarge {
                name: "the table".to_owned(),
                what: "the number of its rows, counted as bytes,".to_owned(),
                size: self.newest.len() as u64,
                limit: MOST_ROWS as u64,
            });
        }
        let Some(id) = self.id(cells) else { return Ok(()) };
        let text =
            |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        let changed_ms = match times::read(text(self.changed), Some(DateOrder::Mdy)) {
            TimeText::Instant(millis) | TimeText::Local(millis) => millis,
            _ => i64::MIN,
        };
        let version = text(self.version).parse().unwrap_or(0);
        let age = Age { changed_ms, version, row };
        let is_deleted = matches!(text(self.deleted), "True" | "true" | "TRUE" | "1");
        let state = State { age, is_deleted };
        match self.newest.entry(id) {
            Entry::Vacant(entry) => drop(entry.insert(state)),
            Entry::Occupied(mut entry) if entry.get().age < age => drop(entry.insert(state)),
            Entry::Occupied(_) => {}
        }
        Ok(())
    }

    fn reject(&mut self, _: u32, _: String) {}

    fn note(&mut self, _: Note) {}
}

/// Hands on the newest state of each row and accounts for the others.
pub(in crate::import) struct Current<'a> {
    states: &'a States,
    loading: Loading<'a>,
    row: u32,
    older: u64,
    deleted: u64,
}

impl<'a> Current<'a> {
    pub(in crate::import) fn new(states: &'a States, loading: Loading<'a>) -> Self {
        Self { states, loading, row: 0, older: 0, deleted: 0 }
    }

    /// Says what was passed over.
    pub(in crate::import) fn tell(self) {
        let account = &mut self.loading.loader.account;
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

impl RowTaker for Current<'_> {
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError> {
        self.loading.columns(headers)
    }

    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        let row = self.row;
        self.row = self.row.saturating_add(1);
        let newest = self.states.id(cells).and_then(|id| self.states.newest.get(&id));
        let Some(newest) = newest else { return self.loading.row(line, cells) };
        if newest.age.row != row {
            self.older += 1;
            self.loading.loader.pass_over(Pushed::Duplicate)
        } else if newest.is_deleted {
            self.deleted += 1;
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

    #[test]
    fn the_newest_state_counts() {
        let columns = ["Id", "SinkModifiedOn", "versionnumber", "IsDelete"].map(str::to_owned);
        let mut states = States::of(&columns);
        for cells in [
            ["a", "2024-03-01T08:00:00", "1", "False"],
            ["b", "3/1/2024 8:00:00 AM", "1", ""],
            ["a", "2024-03-02T08:00:00", "2", "False"],
            ["A", "2024-03-01T09:00:00", "3", "True"],
            ["b", "3/1/2024 8:00:00 AM", "2", "True"],
            ["", "2024-03-01T09:00:00", "3", "True"],
            ["c", "", "", ""],
            ["c", "", "", ""],
        ] {
            states.row(1, &cells).unwrap();
        }
        let newest = |id: &str| {
            let state = states.newest[&states.id(&[id]).unwrap()];
            (state.age.row, state.is_deleted)
        };
        assert_eq!(newest("a"), (2, false));
        assert_eq!(newest("b"), (4, true));
        assert_eq!(newest("c"), (7, false));
        assert_eq!(states.newest.len(), 3);
    }
}
