//! A long dump that others read in parts is what one thread makes of it: every stored byte, every line of the report.

mod model;

use error_desk::domain::{Filter, RequestKind};
use error_desk::import::ImportReport;
use error_desk::protocol::Problem;
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::Store;
use futures_executor::block_on;

use self::model::{InTurns, Rewound, whole};
use crate::harness::Desk;
use crate::one;
use crate::outside::turn_of_others;

const HEADER: &str = "id,occurredAt,entity,dataSource,recordKey,message,retryCount,Note\r\n";

fn line(at: usize) -> String {
    let entity = ["Customers V3", "Vendors V2", "Released products V2"][at % 3];
    format!(
        "ERR-{at:07},2026-02-{:02}T10:{:02}:00Z,{entity},Finance,KEY-{:05},\"Unable to look up {entity} with values KEY-{at:05}, attempt {}\r\nThe remote server returned \"\"{}\"\" for the record of this company, and nothing was written to the other side of the map\",{},{}\r\n",
        at % 28 + 1,
        at % 60,
        at * 7 % 99_991,
        at % 9,
        at % 5,
        at % 4,
        if at.is_multiple_of(50) { "seen" } else { "" },
    )
}

/// A dump in which some lines stand in the place of others.
fn dump(rows: usize, other: impl Fn(usize) -> Option<String>) -> String {
    let lines = (0..rows).map(|at| other(at).unwrap_or_else(|| line(at)));
    HEADER.to_owned() + &lines.collect::<String>()
}

fn json_lines(rows: usize, other: impl Fn(usize) -> Option<String>) -> String {
    let line = |at| {
        format!(
            "{{\"id\":\"ERR-{at:07}\",\"occurredAt\":\"2026-02-{:02}T10:00:00Z\",\"entity\":\"Customers V3\",\"message\":\"Unable to write \\\"data\\\" of KEY-{at:05}, {}: the remote server has rejected the record and says nothing more about it\",\"retryCount\":{}}}\n",
            at % 28 + 1,
            at % 9,
            at % 4,
        )
    };
    (0..rows).map(|at| other(at).unwrap_or_else(|| line(at))).collect()
}

/// Everything that was stored of the latest dataset, and its report but for the time it took.
async fn made(store: &MemoryStore, report: Result<ImportReport, Problem>) -> String {
    let mut parts = Vec::new();
    if let Some(dataset) = report.as_ref().ok().and_then(|report| report.dataset_id) {
        let mut index = 0;
        while let Ok(part) = store.segment(dataset, index).await {
            parts.push(part);
            index += 1;
        }
    }
    let report = report.map(|report| ImportReport { elapsed_ms: 0, ..report });
    let sums: Vec<_> = parts.iter().map(|part| xxhash_rust::xxh3::xxh3_64(part)).collect();
    format!("{report:#?} {sums:?}")
}

/// A desk that knows some of the records and has dismissed others.
async fn begun(store: &MemoryStore) -> Desk {
    let desk = Desk::open(store).await;
    let some = dump(60, |_| None);
    desk.import("before.csv", &some).await.expect("an import");
    let vendors = Filter { entities: vec!["Vendors V2".to_owned()], ..Filter::default() };
    desk.submit(one(RequestKind::Dismiss, "Integration job", vendors)).await.expect("a request");
    desk.finish().await;
    desk
}

#[track_caller]
fn check(text: &str, expected_parts: impl Into<Option<bool>>) {
    let expected_parts = expected_parts.into();
    block_on(async {
        let store = MemoryStore::new();
        let desk = begun(&store).await;
        let alone = desk.import("errors.csv", text).await;
        let alone = made(&store, alone).await;
        for (count, rows, slice, ahead) in [
            (1, 400, 50_000, usize::MAX),
            (2, 1_000, 4_099, usize::MAX),
            (3, 171, 70_001, usize::MAX),
            (1, 300, 9_001, 20_000),
            (2, 150, 30_001, 60_000),
        ] {
            let store = MemoryStore::new();
            let desk = begun(&store).await;
            let readers = InTurns { ahead, slow: ahead < usize::MAX, ..InTurns::of(count, rows) };
            let source = whole(text, slice);
            let report = desk.import_in_parts(source, &readers).await;
            let in_parts = made(&store, report).await;
            assert!(in_parts == alone, "{count} readers\n{in_parts}\n{alone}");
            // What is not needed yet stays where it is, whoever answers first.
            assert!(readers.fetched.borrow().is_sorted(), "{:?}", readers.fetched);
            let in_parts = readers.parts.get() > 1;
            assert_eq!(in_parts, expected_parts.unwrap_or(in_parts), "{}", readers.parts.get());
        }
    });
}

#[test]
fn a_plain_dump_is_read_in_parts() {
    check(&dump(3_000, |_| None), true);
    check(&format!("\u{FEFF}{}", dump(3_000, |_| None)), true);
    check(&json_lines(3_000, |_| None), true);
}

#[test]
fn what_a_reader_wrote_is_stored_as_one_thread_would_write_it() {
    // Nothing is there, and all is one part: its rows stay as they came.
    let text = dump(2_000, |_| None);
    block_on(async {
        let store = MemoryStore::new();
        let alone = Desk::open(&store).await.import("errors.csv", &text).await;
        let alone = made(&store, alone).await;
        let store = MemoryStore::new();
        let (desk, readers) = (Desk::open(&store).await, InTurns::of(1, 5_000));
        let source = whole(&text, 300_001);
        let report = desk.import_in_parts(source, &readers).await;
        assert_eq!(readers.parts.get(), 1);
        assert_eq!(made(&store, report).await, alone);
        let again = Desk::open(&store).await;
        assert_eq!(again.count(Filter::default()), 2_000);
        assert_eq!(again.problems(), []);
    });
}

#[test]
fn rows_that_count_otherwise_are_counted_alike() {
    let others = |at: usize| match at {
        // There twice, and once more far away.
        700..730 | 2_500..2_510 => Some(line(at % 100 + 90)),
        1_000..1_003 => Some("\r\n".to_owned()),
        1_100 => Some(",,,\r\n".to_owned()),
        1_200 => Some("a,b,c,d,e,f,g,h,i,j\r\n".to_owned()),
        1_300 => Some("short,2026-02-01T10:00:00Z,Customers V3\r\n".to_owned()),
        1_400 => Some(line(at).replace("attempt", "password=secret1 attempt")),
        2_999 => Some(line(at).trim_end().to_owned()),
        _ => None,
    };
    check(&dump(3_000, others), true);
    let broken = |at: usize| (at % 500 == 499).then(|| "{\"id\":\n".to_owned());
    check(&json_lines(3_000, broken), true);
    check(json_lines(3_000, |_| None).trim_end(), true);
}

#[test]
fn what_changes_the_columns_is_read_alone_from_there_on() {
    let unread = |at: usize| (at == 1_700).then(|| line(at).replace("2026-02-", "on the "));
    check(&dump(3_000, unread), true);
    let late = |at: usize| {
        (at == 2_000)
            .then(|| "{\"id\":\"x\",\"entity\":\"E\",\"message\":\"m\",\"later\":1}\n".to_owned())
    };
    check(&json_lines(3_000, late), true);
}

#[test]
fn what_the_first_rows_bring_is_known_to_all() {
    let unread = |at: usize| (at % 200 == 150).then(|| line(at).replace("2026-02-", "on the "));
    check(&dump(3_000, unread), true);
    let counts = |at: usize| (at % 300 == 99).then(|| line(at).replace("map\",", "map\",many"));
    check(&dump(3_000, counts), true);
}

#[test]
fn a_quote_that_stays_open_costs_its_line_and_tells_it() {
    let open = |at: usize| (at == 2_990).then(|| "ERR-X,\"never closed\r\n".to_owned());
    check(&dump(3_000, open), true);
}

#[test]
fn a_header_behind_parts_of_nothing_is_found_by_one_reader() {
    let nothing = ",,,,,,,\r\n".repeat(420);
    // Others may have read a part or two in vain by then.
    check(&format!("{nothing}{}", dump(3_000, |_| None)), None);
}

#[test]
fn an_error_far_behind_is_told_with_its_line() {
    let local = |at: usize| (at == 2_500).then(|| line(at).replace(":00Z", ":00"));
    check(&dump(3_000, local), true);
}

#[test]
fn what_cannot_be_cut_is_read_alone() {
    let array = json_lines(3_000, |_| None).trim_end().replace("}\n", "},\n");
    check(&format!("[{array}]"), false);
}

#[test]
fn a_reader_that_ends_loses_nothing() {
    block_on(async {
        let text = dump(3_000, |_| None);
        let store = MemoryStore::new();
        let report = begun(&store).await.import("errors.csv", &text).await;
        let alone = made(&store, report).await;
        for lives in [0, 1, 4] {
            let store = MemoryStore::new();
            let desk = begun(&store).await;
            let readers = InTurns::of(2, 300);
            readers.lives.set(lives);
            let source = whole(&text, 9_001);
            let report = desk.import_in_parts(source, &readers).await;
            assert!(made(&store, report).await == alone, "{lives}");
        }
    });
}

/// Imports a text whose parts of 200 rows are read by slow readers and by who hands them out; how many parts others read.
#[track_caller]
fn read_along(text: &str, count: usize, slice: usize, lives: usize) -> usize {
    block_on(async {
        let store = MemoryStore::new();
        let report = begun(&store).await.import("errors.csv", text).await;
        let alone = made(&store, report).await;
        let store = MemoryStore::new();
        let desk = begun(&store).await;
        // For parts of 60 kB in proportion to what readers of a million rows are given ahead.
        let ahead = if count == 1 { 40_000 } else { count * 60_000 };
        let readers = InTurns { ahead, slow: true, ..InTurns::of(count, 200) };
        readers.lives.set(lives);
        let source = whole(text, slice);
        let report = desk.import_in_parts(source, &readers).await;
        assert!(made(&store, report).await == alone, "{count}, {slice}, {lives}");
        readers.parts.get()
    })
}

#[test]
fn who_hands_parts_out_reads_some_of_them_when_there_is_nothing_else_to_do() {
    let text = dump(6_000, |_| None);
    for (count, slice) in [(1, 9_001), (1, 200_000), (3, 9_001)] {
        let by_others = read_along(&text, count, slice, usize::MAX);
        assert!((2..=25).contains(&by_others), "{by_others} of 30 were read by others");
    }
    assert_eq!(read_along(&text, 1, 9_001, 7), 7);
}

#[test]
fn what_is_of_no_use_is_found_out_in_whoever_s_part_it_is() {
    for place in (300..5_900).step_by(700) {
        let unread = |at: usize| (at == place).then(|| line(at).replace("2026-02-", "on the "));
        read_along(&dump(6_000, unread), 1, 9_001, usize::MAX);
    }
    // The part of who hands them out is the last one: its record never ends.
    let open = |at: usize| (at == 150).then(|| "ERR-X,\"never closed\r\n".to_owned());
    read_along(&dump(6_000, open), 1, 9_001, usize::MAX);
}

#[test]
fn what_is_there_is_read_and_taken_while_the_source_stalls() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = dump(6_000, |_| None);
        let readers = InTurns { ahead: 400_000, slow: true, ..InTurns::of(3, 200) };
        let source =
            Rewound { bytes: text.as_bytes(), place: 0, slice: 50_001, stalls_at: 900_000 };
        let import = desk.import_in_parts(source, &readers);
        let cancel = async {
            for _ in 0..2_000 {
                turn_of_others().await;
            }
            let rows = desk.rows_told();
            assert!(desk.cancel_import());
            rows
        };
        let (report, rows) = futures_util::future::join(import, cancel).await;
        assert_eq!(crate::code(report), error_desk::protocol::Code::Cancelled);
        assert!(rows > 1_500, "{rows} rows were taken");
    });
}

#[test]
fn readers_come_up_when_an_import_has_its_turn_and_end_with_it() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = dump(3_000, |_| None);
        let (one, other) = (InTurns::of(1, 300), InTurns::of(1, 300));
        let source = || whole(&text, 9_001);
        let watch = async {
            while one.stopped.get() == 0 {
                assert_eq!((one.prepared.get(), other.prepared.get()), (1, 0));
                turn_of_others().await;
            }
        };
        let imports = futures_util::future::join(
            desk.import_in_parts(source(), &one),
            desk.import_in_parts(source(), &other),
        );
        let ((first, second), ()) = futures_util::future::join(imports, watch).await;
        assert_eq!(first.expect("an import").loaded, 3_000);
        assert_eq!(second.expect("an import").loaded, 0);
        assert_eq!((other.prepared.get(), other.stopped.get()), (1, 1));
    });
}

#[test]
fn an_import_in_parts_can_be_cancelled() {
    cancelled(false);
}

#[test]
fn nobody_who_cancels_waits_for_readers_that_say_nothing() {
    cancelled(true);
}

fn cancelled(silent: bool) {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = dump(3_000, |_| None);
        let readers = InTurns::of(2, 300);
        readers.silent.set(silent);
        let source = whole(&text, 9_001);
        let import = desk.import_in_parts(source, &readers);
        let cancel = async {
            // Until all is read, where nobody answers.
            for _ in 0..if silent { 200 } else { 1 } {
                turn_of_others().await;
            }
            desk.cancel_import()
        };
        let (report, cancelled) = futures_util::future::join(import, cancel).await;
        assert!(cancelled);
        assert_eq!(crate::code(report), error_desk::protocol::Code::Cancelled);
        assert_eq!(store.segment_count().await, Ok(0));
        assert_eq!(desk.import("errors.csv", &text).await.expect("an import").loaded, 3_000);
    });
}
