//! What is worked out by steps beforehand or at once when it is asked: which records have newer errors, and what messages say
//! is missing; and what is told of records that are listed one by one. All of it against the rows themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use error_desk::dataset::{Harvester, Table};
use error_desk::domain::{Column, DatasetId, Filter, Identity, RecordId, Timestamp};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::rows::{RowData, table};

fn id(row: usize) -> RecordId {
    RecordId::new(DatasetId(1), row as u32)
}

/// Rows of few records, so that most have several errors, at few moments, so that many are equally old.
fn rows() -> impl Strategy<Value = Vec<RowData>> {
    let key = select(&["", "A-1", "a-1", "B-2", "C-3", "D-4"][..]);
    let company = select(&["usmf", "USMF", "dat", ""][..]);
    let time = prop_oneof![1 => Just(None), 9 => (0..20_i64).prop_map(Some)];
    let row = (key, company, 0..2_usize, 0..3_usize, time);
    prop::collection::vec(row, 1..160).prop_map(|rows| {
        let named = |(at, (key, company, job, entity, time)): (usize, (&str, &str, _, _, _))| {
            let mut row = RowData {
                identity: Identity(at as u128 + 1),
                key: key.to_owned(),
                time,
                ..RowData::default()
            };
            row.names[0] = format!("Job {job}");
            row.names[1] = format!("Entity {entity}");
            row.names[4] = company.to_owned();
            row
        };
        rows.into_iter().enumerate().map(named).collect()
    })
}

/// Whether another live row is a newer error of the same record.
fn has_newer(rows: &[RowData], live: &[bool], at: usize) -> bool {
    let record = |row: &RowData| {
        let company = row.names[4].to_ascii_lowercase();
        (row.names[0].clone(), row.names[1].clone(), company, row.key.clone())
    };
    let this = &rows[at];
    live[at]
        && !this.key.is_empty()
        && this.time.is_some()
        && rows.iter().enumerate().any(|(other, row)| {
            live[other] && record(row) == record(this) && (row.time, other) > (this.time, at)
        })
}

fn expected(rows: &[RowData], live: &[bool]) -> Vec<bool> {
    (0..rows.len()).map(|at| has_newer(rows, live, at)).collect()
}

fn superseded(table: &Table, ids: &[RecordId]) -> Vec<bool> {
    let known = table.superseded();
    let rows = table.numbered_candidates(ids, Some(&known)).filter(|row| row.has_newer);
    let newer: BTreeSet<RecordId> = rows.map(|row| row.candidate.id).collect();
    ids.iter().map(|id| newer.contains(id)).collect()
}

fn finish(table: &Table) -> usize {
    let mut steps = 0;
    while table.find_superseded_next() {
        steps += 1;
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn newer_errors_are_found_alike_at_once_by_steps_and_one_by_one(
        rows in rows(),
        chunk_rows in 1_usize..64,
        steps in 0_usize..8,
        dismissed in prop::collection::vec(any::<Index>(), 0..30),
    ) {
        let ids: Vec<RecordId> = (0..rows.len()).map(id).collect();
        let mut live = vec![true; rows.len()];
        let mut at_once = table(&rows, chunk_rows);
        let mut by_steps = table(&rows, chunk_rows);

        prop_assert!(by_steps.is_superseded_to_be_found());
        for one in &ids {
            prop_assert_eq!(by_steps.is_superseded(*one), has_newer(&rows, &live, one.row() as usize));
        }
        // Some rows go while it is being worked out.
        (0..steps).for_each(|_| { by_steps.find_superseded_next(); });
        let gone: Vec<RecordId> = dismissed.iter().map(|index| id(index.index(rows.len()))).collect();
        prop_assert_eq!(superseded(&at_once, &ids), expected(&rows, &live));
        at_once.dismiss(&gone);
        by_steps.dismiss(&gone);
        gone.iter().for_each(|one| live[one.row() as usize] = false);
        finish(&by_steps);
        prop_assert!(!by_steps.is_superseded_to_be_found());

        let expected = expected(&rows, &live);
        prop_assert_eq!(&superseded(&by_steps, &ids), &expected);
        prop_assert_eq!(&superseded(&at_once, &ids), &expected);
        for (one, expected) in ids.iter().zip(&expected) {
            prop_assert_eq!(by_steps.is_superseded(*one), *expected);
        }
    }

    #[test]
    fn what_listed_records_have_in_common_is_counted_whatever_their_order(
        rows in rows(),
        chunk_rows in 1_usize..64,
        listed in prop::collection::vec(any::<Index>(), 0..200),
        dismissed in prop::collection::vec(any::<Index>(), 0..30),
    ) {
        let mut table = table(&rows, chunk_rows);
        let gone: Vec<RecordId> = dismissed.iter().map(|index| id(index.index(rows.len()))).collect();
        table.dismiss(&gone);
        // Two of them are no records: behind the last row, and of another dataset.
        let mut ids: Vec<RecordId> =
            listed.iter().map(|index| id(index.index(rows.len() + 1))).collect();
        ids.insert(ids.len() / 2, RecordId::new(DatasetId(7), 0));
        let known = ids.iter().filter(|one| {
            one.dataset() == DatasetId(1) && (one.row() as usize) < rows.len() && !gone.contains(one)
        });
        let mut tables: BTreeMap<(&str, &str), (usize, RecordId, RecordId)> = BTreeMap::new();
        let mut companies: BTreeMap<&str, usize> = BTreeMap::new();
        let mut times = Vec::new();
        for one in known {
            let row = &rows[one.row() as usize];
            let table = tables.entry((&row.names[0], &row.names[1])).or_insert((0, *one, *one));
            *table = (table.0 + 1, table.1.min(*one), table.2.max(*one));
            *companies.entry(&row.names[4]).or_default() += 1;
            times.extend(row.time);
        }

        let found = table.tables_of(&ids);
        let found: Vec<_> = (found.iter())
            .map(|one| ((&*one.job, &*one.entity), (one.records, one.ends[0], one.ends[1])))
            .collect();
        prop_assert_eq!(found, tables.into_iter().collect::<Vec<_>>());
        let overview = table.overview(&ids, &[Column::Company]);
        let mut found: Vec<_> = overview.values[0].iter().map(|(name, n)| (&**name, *n)).collect();
        found.sort();
        prop_assert_eq!(found, companies.into_iter().collect::<Vec<_>>());
        let moment = |time: Option<&i64>| time.and_then(|time| Timestamp::from_millis(*time));
        prop_assert_eq!(overview.span, moment(times.iter().min()).zip(moment(times.iter().max())));
    }

    #[test]
    fn causes_of_most_records_are_told_by_their_first(
        mut rows in rows(),
        chunk_rows in 1_usize..64,
        most in 0_usize..20,
        dismissed in prop::collection::vec(any::<Index>(), 0..30),
    ) {
        // Some causes have as many records as others.
        rows.iter_mut().for_each(|row| row.names[8] = format!("{} {}", row.names[1], row.key));
        let mut table = table(&rows, chunk_rows);
        let gone: Vec<RecordId> = dismissed.iter().map(|index| id(index.index(rows.len()))).collect();
        table.dismiss(&gone);
        let mut causes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate().filter(|(at, _)| !gone.contains(&id(*at))) {
            causes.entry(&row.names[8]).or_insert((0, at)).0 += 1;
        }
        let mut expected: Vec<_> = causes.into_iter().collect();
        expected.sort_by_key(|(cause, (records, _))| (std::cmp::Reverse(*records), *cause));
        expected.truncate(most);
        let expected: Vec<_> = (expected.into_iter())
            .map(|(cause, (records, first))| (cause.to_owned(), rows[first].names[1].clone(), records, id(first)))
            .collect();
        let found = table.cause_examples(most).into_iter();
        let found: Vec<_> = found.map(|one| (one.cause, one.entity, one.records, one.example)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn newer_errors_of_many_records_take_as_many_steps_as_there_are_chunks() {
    let row = |at: usize| RowData {
        identity: Identity(at as u128 + 1),
        key: format!("K-{}", at % 7_000),
        time: Some((at % 5) as i64),
        ..RowData::default()
    };
    let rows: Vec<RowData> = (0..20_000).map(row).collect();
    let table = table(&rows, 1_000);
    // Each chunk is looked at twice: dealt out, and looked through.
    let steps = finish(&table);
    assert!((30..=60).contains(&steps), "{steps}");
    let ids: Vec<RecordId> = (0..rows.len()).map(id).collect();
    let superseded = superseded(&table, &ids).into_iter().filter(|is_superseded| *is_superseded);
    assert_eq!(superseded.count(), 13_000, "all but the newest of each of 7,000 records");
}

/// Messages name what they miss after a colon, entity and key with a blank between them.
const HARVESTER: Harvester = Harvester {
    could_name: |text| text.contains(": "),
    read: |text, each| {
        if let Some((entity, key)) =
            text.split_once(": ").and_then(|(_, named)| named.split_once(' '))
        {
            each(entity, key);
        }
    },
};

#[test]
fn missing_references_are_alike_by_steps_and_at_once() {
    let row = |at: usize| RowData {
        identity: Identity(at as u128 + 1),
        message: match at % 3 {
            0 => format!("Not found: Customers K{}", at % 50),
            1 => format!("Not found: VENDORS K{}", at % 7),
            _ => format!("Record {at} is locked"),
        },
        ..RowData::default()
    };
    let rows: Vec<RowData> = (0..3_000).map(row).collect();
    let mut tables = [table(&rows, 256), table(&rows, 256)];
    let [by_steps, at_once] = &mut tables;
    by_steps.read_messages_by(HARVESTER);
    at_once.read_messages_by(HARVESTER);

    // Begun by steps, gone on with at once when somebody asks, with rows that went meanwhile.
    assert!(by_steps.is_to_be_harvested());
    (0..5).for_each(|_| assert!(by_steps.harvest_next()));
    for table in [&mut *by_steps, &mut *at_once] {
        table.dismiss(&[id(0), id(1), id(2_999)]);
    }
    let asked = |table: &Table| table.missing_references(&Filter::default());
    let found = asked(by_steps);
    assert!(!by_steps.is_to_be_harvested() && !by_steps.harvest_next());
    let other = asked(at_once);
    assert_eq!(found.iter().collect::<Vec<_>>(), other.iter().collect::<Vec<_>>());
    assert!(found.iter().is_sorted_by_key(|one| (Reverse(one.count), one.reference)));
    assert_eq!(found.len(), 57);
    assert_eq!(found.iter().map(|one| one.count).sum::<usize>(), 1_998);

    // By steps alone.
    let whole = table(&rows, 256);
    let mut steps = 0;
    while whole.harvest_next() {
        steps += 1;
    }
    assert_eq!(steps, 12, "one for each chunk");
}
