//! What dumps prove: planted transitions between them, what retries achieved, causes that came back.

use std::collections::BTreeSet;

use error_desk::domain::{DatasetId, Fate, Filter, RecordState, RequestId, RequestKind, Timestamp};
use error_desk::protocol::{
    Code, CompareParams, ComparisonView, FateView, LedgerParams, LedgerTally,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::harness::Desk;
use crate::run_sheets::{Dice, all_rows};
use crate::{code, entity, one};

/// An error in a dump: its id, the record's key, day, and message.
#[derive(Clone, Copy)]
struct Error(u32, u32, u32, &'static str);

const LOOKUP: &str = "Unable to look up the value of Site in the lookup table";
const LOCK: &str = "The row was locked by another process and the update timed out";

fn dump(errors: &[Error]) -> String {
    let mut text =
        String::from("id,occurred_at,job,entity,company,category,record_key,message\r\n");
    for Error(id, key, day, message) in errors {
        let entity = if key.is_multiple_of(2) { "Customers V3" } else { "Vendors V2" };
        let company = if id.is_multiple_of(3) { "USMF" } else { "usmf" };
        text.push_str(&format!(
            "{id:08x}-0000-4000-8000-000000000000,2026-01-{day:02}T08:00:00Z,Sales,{entity},{company},System,K-{key},{message}\r\n",
        ));
    }
    text
}

fn compare(desk: &Desk, before: u32, after: u32) -> ComparisonView {
    let (before, after) = (DatasetId(before), DatasetId(after));
    desk.compare_datasets(CompareParams { before, after, offset: 0, limit: 10_000 })
        .expect("an answer")
}

fn all(view: &ComparisonView) -> [(Fate, &FateView); 5] {
    let ComparisonView { cleared, still_failing, message_changed, new, came_back, .. } = view;
    let views = [cleared, still_failing, message_changed, new, came_back];
    let mut views = views.into_iter();
    Fate::ALL.map(|fate| (fate, views.next().expect("an answer")))
}

fn counts(view: &ComparisonView) -> [usize; 5] {
    all(view).map(|(_, fate)| fate.count)
}

/// Every count is a door to as many rows, and no row is behind two doors.
fn check_doors(desk: &Desk, view: &ComparisonView) {
    let mut behind = BTreeSet::new();
    for (fate, view) in all(view) {
        assert_eq!(desk.count(view.filter.clone()), view.count, "{fate:?}");
        let rows = desk.rows(view.filter.clone(), None, 0, 10_000).expect("an answer").rows;
        assert!(rows.iter().map(|row| &row.id).eq(&view.ids), "{fate:?}");
        assert!(rows.into_iter().all(|row| behind.insert(row.id)));
    }
}

async fn import(desk: &Desk, errors: &[Error]) -> u32 {
    let report = desk.import("errors.csv", &dump(errors)).await.expect("an answer");
    report.dataset_id.expect("a dataset").0
}

#[test]
fn five_planted_transitions_are_found_exactly() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        // Key 9 is in the oldest dump only; 1 to 8 are in the first of the two that are compared.
        let oldest = import(&desk, &[Error(90, 9, 1, LOCK), Error(91, 1, 1, LOCK)]).await;
        let keys: Vec<Error> = (1..9).map(|key| Error(key, key, 2, LOCK)).collect();
        let before = import(&desk, &keys).await;
        let later = [
            // Seen again under the same id, and once more under the same id with another message.
            Error(1, 1, 2, LOCK),
            Error(2, 2, 2, LOOKUP),
            // Logged anew: the same cause, another cause.
            Error(103, 3, 5, LOCK),
            Error(104, 4, 5, LOOKUP),
            // An old error and a newer one of the same record: the newer one stands for it.
            Error(5, 5, 2, LOCK),
            Error(105, 5, 6, LOOKUP),
            // New, twice the same record; and one that only the oldest dump had.
            Error(110, 10, 6, LOCK),
            Error(111, 10, 7, LOCK),
            Error(109, 9, 7, LOCK),
        ];
        let after = import(&desk, &later).await;
        for desk in [desk, Desk::open(&store.reopen()).await] {
            let view = compare(&desk, before, after);
            assert_eq!(counts(&view), [3, 2, 3, 1, 1], "6, 7, 8; 1, 3; 2, 4, 5; 10; 9");
            assert_eq!((view.before.records, view.after.records), (8, 7));
            assert!(view.notes.is_empty());
            check_doors(&desk, &view);
            let keys = |fate: &FateView| -> Vec<String> {
                fate.ids.iter().map(|id| desk.record(id).unwrap().record_key).collect()
            };
            assert_eq!(keys(&view.cleared), ["K-6", "K-7", "K-8"]);
            assert_eq!(keys(&view.message_changed), ["K-2", "K-4", "K-5"]);
            assert_eq!(keys(&view.new), ["K-10"]);
            assert_eq!(keys(&view.came_back), ["K-9"]);
            assert!(view.new.ids[0].starts_with("0000006f"), "the latest of its errors");
            let view = compare(&desk, oldest, before);
            assert_eq!(counts(&view), [1, 1, 0, 7, 0]);
            check_doors(&desk, &view);
            // A window is one of each count.
            let (before, after) = (DatasetId(before), DatasetId(after));
            let window = CompareParams { before, after, offset: 1, limit: 1 };
            let window = desk.compare_datasets(window).unwrap();
            assert_eq!((window.cleared.count, window.cleared.ids.len()), (3, 1));
            let ask = |before, after, limit| {
                desk.compare_datasets(CompareParams { before, after, offset: 0, limit })
            };
            assert_eq!(code(ask(before, before, 1)), Code::InvalidArgument);
            assert_eq!(code(ask(before, DatasetId(99), 1)), Code::UnknownDataset);
            assert_eq!(code(ask(before, after, 10_001)), Code::InvalidArgument);
        }
    });
}

#[test]
fn a_dump_of_the_same_records_with_other_messages_is_kept() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let told = |message| (1..9).map(|key| Error(key, key, 2, message)).collect::<Vec<_>>();
        let before = import(&desk, &told(LOCK)).await;
        let changed = desk.import("changed.csv", &dump(&told(LOOKUP))).await.unwrap();
        assert_eq!((changed.loaded, changed.duplicates), (0, 8));
        let after = changed.dataset_id.expect("what it says is news").0;
        assert_eq!(counts(&compare(&desk, before, after)), [0, 0, 8, 0, 0]);
    });
}

#[test]
fn a_dump_of_known_records_is_kept_where_it_says_something() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let errors: Vec<Error> = (1..9).map(|key| Error(key, key, 2, LOCK)).collect();
        let before = import(&desk, &errors).await;
        let again = desk.import("again.csv", &dump(&errors)).await.unwrap();
        assert_eq!(
            (again.dataset_id, again.duplicates),
            (None, 8),
            "the same records say nothing new"
        );
        let fewer = desk.import("fewer.csv", &dump(&errors[..3])).await.unwrap();
        assert_eq!((fewer.loaded, fewer.duplicates), (0, 3));
        let after = fewer.dataset_id.expect("five records are missing in it").0;
        let again = desk.import("fewer again.csv", &dump(&errors[..3])).await.unwrap();
        assert_eq!(again.dataset_id, None);
        for desk in [desk, Desk::open(&store.reopen()).await] {
            let view = compare(&desk, before, after);
            assert_eq!(counts(&view), [5, 3, 0, 0, 0]);
            check_doors(&desk, &view);
            assert_eq!(desk.datasets().len(), 2);
            assert_eq!(desk.count(Filter::default()), 8);
        }
        let desk = Desk::open(&store.reopen()).await;
        desk.remove_dataset(DatasetId(before)).await.unwrap();
        assert_eq!(
            desk.compare_datasets(CompareParams {
                before: DatasetId(before),
                after: DatasetId(after),
                offset: 0,
                limit: 1,
            })
            .unwrap_err()
            .code,
            Code::UnknownDataset
        );
        assert_eq!(desk.count(Filter::default()), 0);
    });
}

#[test]
fn what_is_dismissed_has_no_fate_and_a_job_that_is_missing_is_told_of() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let errors: Vec<Error> = (1..9).map(|key| Error(key, key, 2, LOCK)).collect();
        let before = import(&desk, &errors).await;
        let other = dump(&[Error(50, 50, 3, LOCK)]).replace("Sales", "Finance");
        let after = desk.import("other.csv", &other).await.unwrap().dataset_id.unwrap().0;
        desk.submit(one(RequestKind::Dismiss, "Sales", entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        let view = compare(&desk, before, after);
        assert_eq!(counts(&view), [4, 0, 0, 1, 0]);
        check_doors(&desk, &view);
        assert!(view.notes[0].contains("'Sales'"), "{:?}", view.notes);
    });
}

/// The diff of two dumps, restricted to some records.
fn restricted(desk: &Desk, view: &ComparisonView, ids: &BTreeSet<String>) -> LedgerTally {
    let keys = |fate: &FateView| -> BTreeSet<String> {
        fate.ids
            .iter()
            .map(|id| desk.record(id).expect("an answer"))
            .map(|row| row.entity + &row.record_key)
            .collect()
    };
    let (cleared, same, other) =
        (keys(&view.cleared), keys(&view.still_failing), keys(&view.message_changed));
    let mut tally = LedgerTally { sent: ids.len(), ..LedgerTally::default() };
    for row in ids.iter().map(|id| desk.record(id).expect("an answer")) {
        let key = row.entity + &row.record_key;
        tally.cleared += usize::from(cleared.contains(&key));
        tally.same_error += usize::from(same.contains(&key));
        tally.different_error += usize::from(other.contains(&key));
    }
    tally
}

#[test]
fn the_ledger_is_the_difference_of_the_dumps_restricted_to_the_request() {
    block_on(async {
        let mut dice = Dice(3);
        for _ in 0..6 {
            let store = MemoryStore::new();
            let desk = Desk::open(&store).await;
            let errors: Vec<Error> = (1..80)
                .map(|key| Error(key, key, 2, [LOCK, LOOKUP][key as usize % 3 / 2]))
                .collect();
            let before = import(&desk, &errors).await;
            for name in ["Customers V3", "Vendors V2"] {
                desk.submit(one(RequestKind::Retry, "Sales", entity(name))).await.unwrap();
            }
            let sent: Vec<BTreeSet<String>> = ["Customers V3", "Vendors V2"]
                .map(|name| {
                    all_rows(&desk)
                        .into_iter()
                        .filter(|row| row.entity == name)
                        .map(|row| row.id)
                        .collect()
                })
                .into();
            desk.finish().await;
            let ledger = desk.retry_ledger(LedgerParams::default()).unwrap();
            assert!(ledger.requests.iter().all(|entry| entry.proof.is_none()));
            assert!(ledger.requests.iter().all(|entry| entry.result.unproven == entry.result.sent));
            desk.clock.pass(1_000);
            let later: Vec<Error> = errors
                .iter()
                .filter_map(|error| match dice.below(4) {
                    0 => None,
                    1 => Some(*error),
                    2 => Some(Error(error.0 + 500, error.1, 4, error.3)),
                    _ => Some(Error(error.0 + 500, error.1, 4, "Something else: no such currency")),
                })
                .collect();
            let after = import(&desk, &later).await;
            for desk in [desk, Desk::open(&store.reopen()).await] {
                let view = compare(&desk, before, after);
                check_doors(&desk, &view);
                let ledger = desk.retry_ledger(LedgerParams::default()).unwrap();
                assert_eq!(ledger.requests.len(), 2);
                for (entry, ids) in ledger.requests.iter().zip(&sent) {
                    assert_eq!(entry.proof, Some(DatasetId(after)));
                    assert_eq!(entry.result, restricted(&desk, &view, ids));
                    assert!(entry.result.cleared > 0 && entry.result.different_error > 0);
                }
                let sum = |of: fn(&LedgerTally) -> usize| {
                    let by_request: usize =
                        ledger.requests.iter().map(|entry| of(&entry.result)).sum();
                    let by_cause: usize = ledger.causes.iter().map(|entry| of(&entry.result)).sum();
                    assert_eq!(by_request, by_cause);
                    by_cause
                };
                assert_eq!(ledger.causes.len(), 4, "two messages of two entities");
                assert!(ledger.causes.iter().all(|cause| cause.title.is_some()));
                assert_eq!(sum(|t| t.sent), 79);
                assert_eq!(sum(|t| t.cleared + t.same_error + t.different_error), 79);
                let one = LedgerParams {
                    request_ids: Some(vec![RequestId(2)]),
                    ..LedgerParams::default()
                };
                assert_eq!(desk.retry_ledger(one).unwrap().requests, ledger.requests[1..]);
                let unknown = LedgerParams {
                    request_ids: Some(vec![RequestId(7)]),
                    ..LedgerParams::default()
                };
                assert_eq!(code(desk.retry_ledger(unknown)), Code::UnknownRequest);
            }
        }
    });
}

#[test]
fn the_very_same_dump_proves_that_nothing_was_cleared() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let errors: Vec<Error> = (1..9).map(|key| Error(key, key, 2, LOCK)).collect();
        let before = import(&desk, &errors).await;
        desk.submit(one(RequestKind::Retry, "Sales", entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        desk.clock.pass(1_000);
        desk.import("again.csv", &dump(&errors)).await.unwrap();
        let ledger = desk.retry_ledger(LedgerParams::default()).unwrap();
        assert_eq!(ledger.requests[0].proof, Some(DatasetId(before)));
        let expected = LedgerTally { sent: 4, same_error: 4, ..LedgerTally::default() };
        assert_eq!(ledger.requests[0].result, expected);
    });
}

#[test]
fn a_cause_marked_as_fixed_that_has_a_newer_error_is_raised() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        import(&desk, &[Error(2, 2, 2, LOCK), Error(4, 4, 8, LOCK), Error(6, 6, 3, LOOKUP)]).await;
        let cause = desk.record("00000002-0000-4000-8000-000000000000").unwrap().cause;
        desk.mark_fixed(cause.clone(), true).await.unwrap();
        assert!(desk.regressions().is_empty());
        // Another cause, and an error of this one that is older than what was known.
        import(&desk, &[Error(12, 12, 20, LOOKUP), Error(14, 14, 5, LOCK)]).await;
        assert!(desk.regressions().is_empty(), "nothing is newer");
        import(&desk, &[Error(4, 4, 8, LOCK), Error(22, 22, 9, LOCK)]).await;
        for desk in [desk, Desk::open(&store.reopen()).await] {
            let [regression] = &desk.regressions()[..] else { panic!("one cause came back") };
            assert_eq!((&regression.cause, regression.count), (&cause, 1));
            assert_eq!(regression.first_new, Timestamp::parse("2026-01-09T08:00:00Z").unwrap());
            let rows = desk.rows(regression.filter.clone(), None, 0, 10).unwrap().rows;
            assert_eq!(rows.len(), 1);
            assert!(rows[0].id.starts_with("00000016"));
        }
        let desk = Desk::open(&store.reopen()).await;
        // Marked again it is watched as before; taken back and marked, from now on.
        desk.mark_fixed(cause.clone(), true).await.unwrap();
        assert_eq!(desk.regressions().len(), 1);
        desk.mark_fixed(cause.clone(), false).await.unwrap();
        assert!(desk.regressions().is_empty());
        desk.mark_fixed(cause, true).await.unwrap();
        assert!(desk.regressions().is_empty());
        let everything = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        assert_eq!(desk.count(everything), 6);
    });
}
