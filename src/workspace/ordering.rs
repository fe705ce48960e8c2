//! Which tables of a selection come first, read out of the data: the sequence of a job's table maps where the dump tells it,
//! else what errors say is missing. Only retries have an order.
//!
//! Records of one cause miss the same tables, so one message of each cause is read, once. Deliberately absent: how an order
//! follows (`domain`).

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::dataset::{CauseExample, JobTable, Record};
use crate::domain::{RecordId, Reference, RequestKind, TableOrder};
use crate::guidance::harvest::missing_tables;

/// Causes whose messages are looked at, those of most records first.
pub(super) const ORDERING_CAUSES: usize = 4_096;

/// Headers of the column that tells a map's place in its job, by their letters alone.
const SEQUENCE: [&str; 6] = [
    "sequence",
    "tablesequence",
    "mapsequence",
    "tablemapsequence",
    "executionsequence",
    "sequencenumber",
];

/// The tables that records of a cause miss, by cause.
#[derive(Default)]
pub(super) struct Parents(HashMap<String, BTreeSet<String>>);

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// The order of the tables of these records. What is dismissed waits for nobody: it has none.
    pub(super) async fn table_order(&self, kind: RequestKind, records: &[RecordId]) -> TableOrder {
        if kind == RequestKind::Dismiss {
            return TableOrder::default();
        }
        let (tables, causes) = {
            let state = self.see();
            let tables = state.table.tables_of(records);
            // A single table needs no order.
            let is_ordered = tables.windows(2).any(|pair| pair[0].job == pair[1].job);
            let causes =
                if is_ordered { state.table.cause_examples(ORDERING_CAUSES) } else { vec![] };
            (tables, causes)
        };
        if causes.is_empty() {
            return order(&tables, |_| None, &[]);
        }
        let unread: Vec<RecordId> = {
            let parents = self.parents.borrow();
            let unread = causes.iter().filter(|one| !parents.0.contains_key(&one.cause));
            unread
                .map(|one| one.example)
                .chain(tables.iter().flat_map(|table| table.ends))
                .collect()
        };
        self.load_records(&unread).await;
        let state = self.see();
        causes.iter().for_each(|one| self.read_parents(&state, &one.cause, one.example));
        let references = references(&causes, &self.parents.borrow());
        order(&tables, |table| sequence_of(&state, table), &references)
    }

    /// Reads which tables a cause misses, where that is not known yet.
    pub(super) fn read_parents(&self, state: &State, cause: &str, example: RecordId) {
        let mut parents = self.parents.borrow_mut();
        if parents.0.contains_key(cause) {
            return;
        }
        // One that could not be read is looked for again the next time.
        let Some((message, _)) = state.table.message_and_code(example) else { return };
        // Errors of one cause miss records of the same tables, though one of them may not tell which record.
        let mut missing = BTreeSet::new();
        missing_tables(&message, &mut |table, _| {
            missing.insert(table.to_owned());
        });
        parents.0.insert(cause.to_owned(), missing);
    }
}

fn order(
    tables: &[JobTable],
    sequence: impl Fn(&JobTable) -> Option<u32>,
    references: &[Reference],
) -> TableOrder {
    let told =
        tables.iter().map(|table| (table.job.as_str(), table.entity.as_str(), sequence(table)));
    TableOrder::new(told, references)
}

fn references(causes: &[CauseExample], parents: &Parents) -> Vec<Reference> {
    let mut records: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in causes {
        for parent in parents.0.get(&one.cause).into_iter().flatten() {
            *records.entry((&one.entity, parent)).or_default() += one.records;
        }
    }
    let reference = |((child, parent), records): ((&str, &str), usize)| Reference {
        child: child.to_owned(),
        parent: parent.to_owned(),
        records,
    };
    records.into_iter().map(reference).collect()
}

/// The number of the table's map in its job. The same at both ends of the records, or it is a number of something else.
fn sequence_of(state: &State, table: &JobTable) -> Option<u32> {
    let told = |id: RecordId| state.table.record(id).as_ref().and_then(sequence_in);
    let [first, last] = table.ends.map(told);
    first.filter(|_| first == last)
}

fn sequence_in(record: &Record) -> Option<u32> {
    let is_sequence = |header: &str| {
        let letters = header.chars().filter(char::is_ascii_alphabetic);
        let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
        SEQUENCE.contains(&letters.as_str())
    };
    let extra = record.extra.as_ref()?;
    let (_, value) = extra.iter().find(|(header, _)| is_sequence(header))?;
    value.as_str()?.trim().parse().ok()
}
