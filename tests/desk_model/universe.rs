//! The records there are: few, so that dumps, requests and dismissals meet the same ones again and again.
//!
//! Invariant: a thing is the same in every dump, and every other text of it than its own word is shared with others.

use std::sync::LazyLock;

use error_desk::dataset::Record;
use error_desk::domain::{Filter, RecordState, RetryVerdict};
use futures_executor::block_on;

use crate::harness::{Outside, import, open};

/// How many things there are. Dumps name them by number.
pub(crate) const THINGS: usize = 14;

/// The jobs that things belong to; the last has none, so it stays unknown.
pub(crate) const JOBS: [&str; 4] = ["Alpha", "Beta", "Gamma", "Never seen"];
pub(crate) const ENTITIES: [&str; 2] = ["Customers V3", "Vendors V2"];
pub(crate) const CATEGORIES: [&str; 3] = ["System", "Application", "Concurrency"];
const MESSAGES: [&str; 3] = [
    "The remote server returned an error: (503) Server Unavailable",
    "Unable to write data to entity: field Name must be filled in",
    "Unable to lookup accounts with values {C-1}. The record was not written",
];

/// An error record as dumps tell it.
#[derive(Debug)]
pub(crate) struct Thing {
    pub(crate) id: String,
    pub(crate) job: &'static str,
    pub(crate) entity: &'static str,
    pub(crate) category: &'static str,
    /// A text that no other thing has.
    pub(crate) word: String,
    /// The cause that the desk sees in it. Which one is the business of other tests.
    pub(crate) cause: String,
    /// The desk says that retries are pointless until the cause is fixed.
    pub(crate) is_pointless: bool,
    number: usize,
}

impl Thing {
    fn new(number: usize) -> Self {
        // Two kinds of ids: those that are the same everywhere, and those that must be looked up with their rows.
        let id = match number % 4 {
            3 => format!("5637144{number:03}"),
            _ => format!("{number:08x}-0000-4000-8000-000000000000"),
        };
        Self {
            id,
            // Most belong to the first job, so that its places are fought for.
            job: JOBS[[0, 1, 0, 2, 0, 1, 0][number % 7]],
            entity: ENTITIES[number % 2],
            category: CATEGORIES[[0, 1, 0, 1, 2][number % 5]],
            word: format!("word{}", char::from(b'a' + number as u8)).repeat(2),
            cause: String::new(),
            is_pointless: false,
            number,
        }
    }

    /// Whether its message says that a record of the first table is missing, and it is of the second.
    pub(crate) fn misses_a_parent(&self) -> bool {
        self.entity == ENTITIES[1] && self.number % MESSAGES.len() == 2
    }
}

/// A dump of things, each as often as it is named.
pub(crate) fn dump(things: &[usize]) -> String {
    let mut text = String::from("id,occurred_at,job,entity,category,record_key,message\n");
    for number in things {
        let Thing { id, job, entity, category, word, .. } = &Thing::new(*number);
        let (day, message) = (number % 28 + 1, MESSAGES[number % MESSAGES.len()]);
        text.push_str(&format!(
            "{id},2026-01-{day:02}T08:00:00Z,{job},{entity},{category},{word},\"{message}\"\n"
        ));
    }
    text
}

/// Things by number.
pub(crate) fn thing(number: usize) -> &'static Thing {
    static THINGS_TOLD: LazyLock<Vec<Thing>> = LazyLock::new(|| {
        let outside = Outside::default();
        let numbers: Vec<usize> = (0..THINGS).collect();
        let rows = block_on(async {
            let desk = open(&outside).await;
            import(&desk, &numbers).await.expect("a dump of everything");
            let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
            let rows = desk.rows(all, None, 0, THINGS).expect("rows").rows;
            let advice = |row: &Record| desk.known_record(&row.id).expect("a record").insight;
            rows.into_iter().map(|row| (advice(&row).retry_verdict, row)).collect::<Vec<_>>()
        });
        let told = numbers.into_iter().map(Thing::new).zip(rows);
        told.map(|(thing, (advice, row))| Thing {
            cause: row.cause,
            is_pointless: advice == RetryVerdict::PointlessUntilFixed,
            ..thing
        })
        .collect()
    });
    &THINGS_TOLD[number]
}
