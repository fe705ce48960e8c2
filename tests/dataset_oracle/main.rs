//! Every question of the engine against plain code over plain rows.

mod oracle;

use error_desk::dataset::{DatasetBuilder, Pushed, RowInput, RowSink, Segment, Table};
use error_desk::domain::{
    Column, DatasetId, DismissalLedger, Filter, Identity, RecordId, RecordState, Sort, Timestamp,
};
use oracle::{Oracle, Row};
use proptest::prelude::*;

const CHUNK: usize = 7;

fn few(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = Row> {
    (
        (
            proptest::option::weighted(0.8, 0_i64..40),
            few(&["Job A", "job b", ""]),
            few(&["Customers V3", "Vendors V2", "Ä"]),
        ),
        (
            few(&["m1", "m2"]),
            few(&["finops", "dataverse", ""]),
            few(&["usmf", "demf", ""]),
            few(&["in", "out"]),
        ),
        (
            few(&["System", "Application", "Concurrency"]),
            any::<bool>(),
            few(&["0x1", "0x2", ""]),
            few(&["c1", "c2", "c3"]),
        ),
        (
            few(&["", "A-1", "a-1", "B", "ÄÖ", "A-11"]),
            few(&[
                "",
                "Unable to lookup",
                "LOOKUP failed",
                "Müller",
                "MÜLLER fehlt",
                "look",
                "up and away",
                "\u{212a}",
            ]),
            proptest::option::of(0_u32..4),
        ),
        (0_u128..60, prop_oneof![Just(String::new()), (0..25).prop_map(|id| format!("id{id}"))]),
    )
        .prop_map(
            |(
                (time, job, entity),
                (map, source, company, direction),
                (category, inferred, code, cause),
                rest,
                who,
            )| {
                let (record_key, message, retry_count) = rest;
                Row {
                    dataset: DatasetId(0),
                    place: 0,
                    source_row: 0,
                    // The upper digits differ, too, for ids that two identities share.
                    identity: Identity((who.0 << 100) | who.0),
                    own_id: who.1,
                    shared: false,
                    time: time.map(|time| time * 1000 - 5000),
                    coded: [job, entity, map, source, company, direction, category, code, cause],
                    inferred,
                    record_key,
                    message,
                    retry_count,
                    state: RecordState::Open,
                    dismissed: false,
                }
            },
        )
}

fn input(row: &Row) -> RowInput<'_> {
    let [job, entity, map, data_source, company, direction, category, error_code, cause] =
        row.coded.each_ref().map(String::as_str);
    RowInput {
        identity: row.identity,
        id: &row.own_id,
        occurred_at: row.time.and_then(Timestamp::from_millis),
        job,
        entity,
        map,
        data_source,
        company,
        direction,
        category,
        category_inferred: row.inferred,
        error_code,
        record_key: &row.record_key,
        message: &row.message,
        retry_count: row.retry_count,
        cause,
        row: row.source_row,
        extra: std::slice::from_ref(&"x"),
    }
}

/// Loads the same rows into both, as datasets of the given sizes.
fn load(rows: Vec<Row>, sizes: &[usize]) -> (Table, Oracle) {
    let mut table = Table::with_chunk_rows(CHUNK);
    let mut oracle = Oracle::default();
    let ledger = DismissalLedger::default();
    let mut rows = rows.into_iter();
    for (number, size) in sizes.iter().enumerate() {
        let dataset = DatasetId(number as u32 + 1);
        let mut builder = DatasetBuilder::with_chunk_rows(dataset, CHUNK);
        for (source_row, mut row) in rows.by_ref().take(*size).enumerate() {
            row.dataset = dataset;
            row.source_row = source_row as u32 + 1;
            let expected = oracle.push(row.clone());
            let mut session = builder.session(&table, &ledger);
            session.extra_columns(&["note".to_owned()]);
            assert_eq!(session.push(&input(&row)), expected);
        }
        for segment in builder.finish() {
            // Through storage, as in life.
            let segment =
                Segment::decode(&segment.encode()).expect("what was encoded is a segment");
            let _ids: Vec<RecordId> = table.append(dataset, segment).collect();
        }
    }
    (table, oracle)
}

fn filter() -> impl Strategy<Value = Filter> {
    let list = |words: &'static [&'static str]| prop_oneof![2 => Just(vec![]), 1 => proptest::collection::vec(few(words), 1..3)];
    let moment = || {
        proptest::option::weighted(0.3, 0_i64..45)
            .prop_map(|time| time.and_then(|t| Timestamp::from_millis(t * 1000 - 6000)))
    };
    (
        (moment(), moment(), list(&["Job A", "JOB B", "x"]), list(&["Customers V3", "vendors v2", "Ä", "ä"])),
        (list(&["finops", ""]), list(&["USMF", ""]), list(&["System", "application"]), list(&["in"])),
        (list(&["0x1", ""]), list(&["c1", "c3"])),
        proptest::option::weighted(0.4, few(&["lookup", "LOOK", "ü", "up", "k", "", "nowhere", "Müller"])),
        prop_oneof![3 => Just(vec![]), 1 => proptest::collection::vec(proptest::sample::select(&RecordState::ALL[..]), 1..4)],
    )
        .prop_map(|(a, b, c, text, states)| Filter {
            from: a.0,
            to: a.1,
            jobs: a.2,
            entities: a.3,
            data_sources: b.0,
            companies: b.1,
            categories: b.2,
            directions: b.3,
            error_codes: c.0,
            causes: c.1,
            text,
            states,
        })
}

/// Something done to records by place.
#[derive(Clone, Debug)]
enum Change {
    State(Vec<proptest::sample::Index>, RecordState),
    Dismiss(Vec<proptest::sample::Index>),
    Remove(u32),
}

fn change() -> impl Strategy<Value = Change> {
    let some = || proptest::collection::vec(any::<proptest::sample::Index>(), 0..6);
    prop_oneof![
        (some(), proptest::sample::select(&RecordState::ALL[..]))
            .prop_map(|(rows, state)| Change::State(rows, state)),
        some().prop_map(Change::Dismiss),
        (1_u32..4).prop_map(Change::Remove),
    ]
}

fn apply(change: &Change, table: &mut Table, oracle: &mut Oracle) {
    let ids = |rows: &[proptest::sample::Index], oracle: &Oracle| -> Vec<RecordId> {
        if oracle.rows.is_empty() {
            vec![]
        } else {
            rows.iter().map(|row| row.get(&oracle.rows).id()).collect()
        }
    };
    match change {
        Change::State(rows, state) => {
            let ids = ids(rows, oracle);
            table.set_state(&ids, *state);
            oracle.each(&ids, |row| row.state = *state);
        }
        Change::Dismiss(rows) => {
            let ids = ids(rows, oracle);
            table.dismiss(&ids);
            oracle.each(&ids, |row| row.dismissed = true);
        }
        Change::Remove(dataset) => {
            table.remove_dataset(DatasetId(*dataset));
            oracle.rows.retain(|row| row.dataset != DatasetId(*dataset));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_the_oracles(
        rows in proptest::collection::vec(row(), 0..60),
        sizes in proptest::collection::vec(0_usize..30, 0..4),
        changes in proptest::collection::vec(change(), 0..5),
        filters in proptest::collection::vec(filter(), 1..4),
        buckets in 1_usize..9, offset in 0_usize..20, limit in 0_usize..20,
    ) {
        let (mut table, mut oracle) = load(rows, &sizes);
        // Ask before and after each change, so that a stale answer shows.
        for round in 0..=changes.len() {
            prop_assert_eq!(table.len(), oracle.live().count());
            prop_assert_eq!(table.span(), oracle.span());
            for filter in &filters {
                prop_assert_eq!(table.count(filter), oracle.matching(filter).len());
                prop_assert_eq!(table.facets(filter, &Column::ALL), oracle.facets(filter));
                prop_assert_eq!(table.histogram(filter, buckets), oracle.histogram(filter, buckets));
                for sort in oracle::sorts() {
                    let expected = oracle.ordered(filter, sort);
                    let window = table.rows(filter, sort, offset, limit);
                    prop_assert_eq!(window.total, expected.len());
                    let shown: Vec<_> = expected.iter().skip(offset).take(limit).map(|row| row.record()).collect();
                    prop_assert_eq!(window.rows, shown, "{:?}", sort);
                    prop_assert_eq!(table.rows(filter, sort, 0, 3).rows, expected.iter().take(3).map(|row| row.record()).collect::<Vec<_>>());
                    let ids: Vec<_> = expected.iter().map(|row| row.id()).collect();
                    prop_assert_eq!(table.ids(filter, sort), ids);
                }
            }
            for row in &oracle.rows {
                let shown = table.record(row.id());
                prop_assert_eq!(shown.is_none(), row.dismissed);
                prop_assert_eq!(table.find(&row.shown_id()), (!row.dismissed).then(|| row.id()));
                prop_assert_eq!(table.identity(row.id()), Some(row.identity));
                prop_assert!(table.contains(row.identity));
                if let Some(record) = shown {
                    prop_assert_eq!(record.extra.as_ref().and_then(|extra| extra.get("note")).and_then(|v| v.as_str()), Some("x"));
                    prop_assert_eq!(error_desk::dataset::Record { extra: None, ..record }, row.record());
                }
            }
            if let Some(change) = changes.get(round) {
                apply(change, &mut table, &mut oracle);
            }
        }
    }

    #[test]
    fn an_erased_segment_keeps_places_and_loses_texts(
        rows in proptest::collection::vec(row(), 1..30), gone in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let (mut table, mut oracle) = load(rows, &[30]);
        let ids: Vec<RecordId> = gone.iter().map(|row| row.get(&oracle.rows).id()).collect();
        table.dismiss(&ids);
        oracle.each(&ids, |row| row.dismissed = true);
        let mut again = Table::with_chunk_rows(CHUNK);
        for index in 0.. {
            let Some(segment) = table.erased_segment(DatasetId(1), index) else { break };
            let _ids: Vec<_> = again.append(DatasetId(1), Segment::decode(&segment.encode()).unwrap()).collect();
        }
        for row in &oracle.rows {
            prop_assert_eq!(again.record(row.id()).is_none(), row.dismissed);
            prop_assert_eq!(again.identity(row.id()), Some(row.identity));
        }
        let everything = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        prop_assert_eq!(again.count(&everything), oracle.live().count());
    }

    #[test]
    fn a_changed_byte_is_noticed(rows in proptest::collection::vec(row(), 1..12), place in any::<proptest::sample::Index>(), by in 1_u8..) {
        let mut builder = DatasetBuilder::new(DatasetId(1));
        let (table, ledger) = (Table::new(), DismissalLedger::default());
        for row in &rows {
            builder.session(&table, &ledger).push(&input(row));
        }
        for segment in builder.finish() {
            let mut bytes = segment.encode();
            let at = place.index(bytes.len());
            bytes[at] ^= by;
            prop_assert!(Segment::decode(&bytes).is_err());
            bytes[at] ^= by;
            prop_assert!(Segment::decode(&bytes[..at]).is_err(), "cut off");
            prop_assert_eq!(Segment::decode(&bytes), Ok(segment));
        }
    }
}

#[test]
fn what_the_ledger_knows_stays_away() {
    let mut ledger = DismissalLedger::default();
    ledger.extend([Identity(7)]);
    let table = Table::new();
    let mut builder = DatasetBuilder::new(DatasetId(1));
    let row = |identity| RowInput {
        identity: Identity(identity),
        id: "",
        occurred_at: None,
        job: "",
        entity: "",
        map: "",
        data_source: "",
        company: "",
        direction: "",
        category: "",
        category_inferred: false,
        error_code: "",
        record_key: "",
        message: "",
        retry_count: None,
        cause: "",
        row: 1,
        extra: &[],
    };
    let mut session = builder.session(&table, &ledger);
    assert_eq!(session.push(&row(7)), Pushed::DismissedEarlier);
    assert_eq!(session.push(&row(8)), Pushed::Loaded);
    assert_eq!(session.push(&row(8)), Pushed::Duplicate);
}

#[test]
fn missing_values_come_last_both_ways() {
    for descending in [false, true] {
        let sort = Some(Sort { column: Column::Company, descending });
        let mut builder = DatasetBuilder::new(DatasetId(1));
        let (mut table, ledger) = (Table::new(), DismissalLedger::default());
        for (identity, company) in [(1, ""), (2, "b"), (3, "a"), (4, "")] {
            let row = RowInput {
                identity: Identity(identity),
                id: "",
                occurred_at: None,
                job: "",
                entity: "",
                map: "",
                data_source: "",
                company,
                direction: "",
                category: "",
                category_inferred: false,
                error_code: "",
                record_key: "",
                message: "",
                retry_count: None,
                cause: "",
                row: 1,
                extra: &[],
            };
            builder.session(&table, &ledger).push(&row);
        }
        for segment in builder.finish() {
            let _ids: Vec<_> = table.append(DatasetId(1), segment).collect();
        }
        let order: Vec<String> = table
            .rows(&Filter::default(), sort, 0, 9)
            .rows
            .into_iter()
            .map(|row| row.company)
            .collect();
        let expected = if descending { ["b", "a", "", ""] } else { ["a", "b", "", ""] };
        assert_eq!(order, expected);
    }
}
