//! Cases that random histories seldom or never meet.

use std::collections::BTreeSet;

use error_desk::dataset::{CHUNK_ROWS, Table};
use error_desk::domain::{
    Column, DatasetId, Filter, Identity, RecordId, RecordState, Sort, Timestamp,
};

use super::rows::{RowData, messages, segments, table};

fn text(text: &str) -> Filter {
    Filter { text: Some(text.to_owned()), ..Filter::default() }
}

fn id(row: u32) -> RecordId {
    RecordId::new(DatasetId(1), row)
}

fn numbered(rows: u32) -> Vec<RowData> {
    let row = |at| RowData {
        identity: Identity(u128::from(at) + 1),
        id: format!("E-{at}"),
        time: Some(i64::from(at / 3)),
        names: std::array::from_fn(|name| format!("value {}", at as usize % (name + 2))),
        message: format!("Record {at} cannot be created"),
        ..RowData::default()
    };
    (0..rows).map(row).collect()
}

fn assert_silent(table: &Table) {
    let all = Filter::default();
    assert_eq!((table.len(), table.count(&all), table.span()), (0, 0, None));
    for column in Column::ALL {
        for descending in [false, true] {
            let page = table.rows(&all, Some(Sort { column, descending }), 0, 10);
            assert_eq!((page.total, page.rows), (0, vec![]));
        }
    }
    for facet in table.facets(&all, &Column::ALL) {
        assert_eq!(facet.values, []);
    }
    assert_eq!(table.histogram(&all, 5), []);
    assert_eq!(table.position(&all, None, id(0)), None);
    assert_eq!((table.find(""), table.record(id(0)), table.identity(id(0))), (None, None, None));
}

#[test]
fn an_empty_table_answers_with_nothing() {
    let table = Table::new();
    assert_silent(&table);
    assert_eq!(table.datasets(), []);
    let between = Filter {
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(10),
        jobs: vec!["absent".to_owned()],
        ..Filter::default()
    };
    let counts: Vec<usize> = table.histogram(&between, 2).iter().map(|b| b.count).collect();
    assert_eq!(counts, [0, 0]);
    let facets = table.facets(&between, &[Column::Job]);
    assert_eq!((facets[0].values[0].value.as_str(), facets[0].values[0].count), ("absent", 0));
}

#[test]
fn all_dismissed_is_as_empty_but_remembers() {
    let mut table = table(&numbered(10), 4);
    let all = table.ids(&Filter::default(), None);
    assert_eq!(table.dismiss(&all), 10);
    assert_eq!(table.dismiss(&all), 0);
    assert_eq!(table.set_state(&all, RecordState::Open), 0);
    assert_silent(&table);
    assert_eq!(table.find("E-3"), None);
    assert_eq!(table.datasets(), [(DatasetId(1), 0)]);
    assert_eq!(table.chunks_to_erase().len(), 3);
}

#[test]
fn a_removed_dataset_leaves_nothing() {
    let mut table = table(&numbered(10), 4);
    assert!(!table.remove_dataset(DatasetId(2)));
    assert!(table.remove_dataset(DatasetId(1)));
    assert_silent(&table);
    assert!(!table.contains(Identity(1)));
}

#[test]
fn rows_without_time_are_last_both_ways_and_in_no_stretch_of_time() {
    let mut rows = numbered(9);
    rows[4].time = None;
    rows[0].time = None;
    let table = table(&rows, 4);
    for descending in [false, true] {
        let sort = Sort { column: Column::OccurredAt, descending };
        let ids = table.ids(&Filter::default(), Some(sort));
        assert_eq!(ids[7..], [id(0), id(4)]);
    }
    let timed: usize = table.histogram(&Filter::default(), 3).iter().map(|b| b.count).sum();
    assert_eq!(timed, 7);
    let ever = Filter { from: Timestamp::parse("0000-01-01T00:00:00Z").ok(), ..Filter::default() };
    assert_eq!(table.count(&ever), 7);
}

#[test]
fn a_table_without_any_time_has_no_span() {
    let rows: Vec<RowData> =
        numbered(5).into_iter().map(|row| RowData { time: None, ..row }).collect();
    let table = table(&rows, 2);
    assert_eq!((table.span(), table.histogram(&Filter::default(), 4)), (None, vec![]));
    let sort = Sort { column: Column::OccurredAt, descending: true };
    assert_eq!(table.ids(&Filter::default(), Some(sort)), (0..5).map(id).collect::<Vec<_>>());
}

#[test]
fn the_last_moment_is_in_the_last_bucket_however_far_apart_times_are() {
    let mut rows = numbered(3);
    (rows[0].time, rows[2].time) = (Some(-8_000_000_000_000_000), Some(8_000_000_000_000_000));
    let table = table(&rows, 8);
    let buckets = table.histogram(&Filter::default(), 7);
    assert_eq!(buckets.iter().map(|b| b.count).collect::<Vec<_>>(), [1, 0, 0, 1, 0, 0, 1]);
    assert!(buckets.windows(2).all(|pair| pair[0].to == pair[1].from));
    assert_eq!(buckets[6].to.millis(), 8_000_000_000_000_001);
    let sort = Sort { column: Column::OccurredAt, descending: false };
    assert_eq!(table.ids(&Filter::default(), Some(sort)), (0..3).map(id).collect::<Vec<_>>());
}

#[test]
fn the_last_moment_of_the_calendar_is_counted() {
    let last = 8_210_266_876_799_000;
    let mut rows = numbered(2);
    (rows[0].time, rows[1].time) = (Some(last), Some(last - 9));
    let counts: Vec<usize> =
        table(&rows, 8).histogram(&Filter::default(), 2).iter().map(|b| b.count).collect();
    assert_eq!(counts, [1, 1]);
}

#[test]
fn a_hit_across_two_rows_is_none() {
    let table = messages(&["Customer gr", "oup", "", "CUSTOMER GROUP", "Müller"]);
    assert_eq!(table.ids(&text("customer group"), None), [id(3)]);
    assert_eq!(table.ids(&text("roup"), None), [id(3)]);
    assert_eq!(table.ids(&text("MÜLLER"), None), [id(4)]);
    assert_eq!(table.count(&text(&"longer than every message ".repeat(9))), 0);
    assert_eq!(table.count(&text("")), 5);
}

#[test]
fn many_rows_in_few_different_messages_are_searched_alike() {
    let rows: Vec<String> = (0..3_000)
        .map(|at| ["Posting profile missing", "Tax group äöü is locked", ""][at % 3].to_owned())
        .collect();
    let table = messages(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(table.count(&text("PROFILE")), 1_000);
    assert_eq!(table.count(&text("ÄÖÜ")), 1_000);
    assert_eq!(table.count(&text("x")), 1_000);
    let sort = Sort { column: Column::Message, descending: true };
    let ids = table.ids(&Filter::default(), Some(sort));
    assert_eq!([ids[0], ids[1_000], ids[2_000]], [id(1), id(0), id(2)]);
}

#[test]
fn typing_on_narrows_what_was_found() {
    let rows: Vec<String> = (0..400).map(|at| format!("Köln {at} of {}", at * 7)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let table = messages(&rows);
    for typed in ["1", "13", "13 ", "13 O", "13 of", "3 of 91", "LN 13 o", "ÖLN 13", "öln 1", "x"]
    {
        let expected: Vec<RecordId> = (0..)
            .zip(&rows)
            .filter(|(_, row)| row.to_lowercase().contains(&typed.to_lowercase()))
            .map(|(row, _)| id(row))
            .collect();
        assert_eq!(table.ids(&text(typed), None), expected, "{typed}");
    }
}

#[test]
fn hundreds_of_repeating_messages_keep_their_rows() {
    let rows: Vec<String> = (0..3_000).map(|at| format!("Lookup {} failed", at % 300)).collect();
    let table = messages(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(table.count(&text("lookup 299 ")), 10);
    assert_eq!(table.count(&text("P 29")), 110);
    assert_eq!(table.record(id(1_850)).map(|r| r.message).as_deref(), Some("Lookup 50 failed"));
    let sort = Sort { column: Column::Message, descending: false };
    let ids = table.window_ids(&Filter::default(), Some(sort), 0, 11);
    assert_eq!((ids[0], ids[9], ids[10]), (id(0), id(2_700), id(1)));
}

#[test]
fn a_deep_window_and_a_first_one_are_cut_from_the_same_order() {
    let table = table(&numbered(2_500), 700);
    let all = Filter::default();
    for column in [Column::OccurredAt, Column::Message, Column::Job, Column::State] {
        let sort = Some(Sort { column, descending: true });
        let first = table.window_ids(&all, sort, 0, 100);
        let deep = table.window_ids(&all, sort, 1_990, 100);
        let whole = table.ids(&all, sort);
        assert_eq!((&first[..], &deep[..]), (&whole[..100], &whole[1_990..2_090]));
        assert_eq!(table.window_ids(&all, sort, 2_499, 9), whole[2_499..]);
        assert_eq!(table.window_ids(&all, sort, 2_500, 9), []);
        assert_eq!(table.window_ids(&all, sort, usize::MAX, usize::MAX), []);
    }
}

#[test]
fn columns_of_very_many_values_keep_counting() {
    let rows: Vec<RowData> = (0..70_000_u32)
        .map(|at| RowData {
            identity: Identity(u128::from(at)),
            names: std::array::from_fn(|name| match name {
                7 => format!("0x{at:08x}"),
                8 => format!("cause {}", at % 300),
                _ => String::new(),
            }),
            ..RowData::default()
        })
        .collect();
    let table = table(&rows, CHUNK_ROWS);
    let code = |code: &str| Filter { error_codes: vec![code.to_owned()], ..Filter::default() };
    assert_eq!(table.ids(&code("0X0001116F"), None), [id(69_999)]);
    assert_eq!(table.facets(&Filter::default(), &[Column::ErrorCode])[0].values.len(), 70_000);
    let causes = &table.facets(&Filter::default(), &[Column::Cause])[0].values;
    assert_eq!((causes.len(), causes[0].count, causes[299].count), (300, 234, 233));
    let sort = Sort { column: Column::ErrorCode, descending: true };
    assert_eq!(table.window_ids(&Filter::default(), Some(sort), 0, 1), [id(69_999)]);
}

#[test]
fn like_ids_of_different_records_are_told_apart() {
    let row = |identity, id: &str| RowData {
        identity: Identity(identity),
        id: id.to_owned(),
        ..RowData::default()
    };
    let hex = |identity| Identity(identity).to_string();
    let rows = [
        row(0xAB << 120, "E-1"),
        row(0xCD << 120, "E-1"),
        row((0xCD << 120) | 1, "E-1"),
        row(5, ""),
        row(6, &hex(5)),
        row(7, &hex(8)),
        row(8, ""),
    ];
    let table = table(&rows, 4);
    let shown: Vec<String> =
        table.rows(&Filter::default(), None, 0, 9).rows.into_iter().map(|row| row.id).collect();
    let expected = [
        "E-1".to_owned(),
        "E-1~cd000000".to_owned(),
        format!("E-1~{}", hex((0xCD << 120) | 1)),
        hex(5),
        format!("{}~00000000", hex(5)),
        hex(8),
        format!("{}~00000000", hex(8)),
    ];
    assert_eq!(shown, expected);
    for (row, shown) in (0..).zip(&shown) {
        assert_eq!(table.find(shown), Some(id(row)));
    }
    assert_eq!(table.find(&hex(7)), None);
}

#[test]
fn messages_that_differ_in_numbers_only_are_one_group() {
    let guid = "01234567-89AB-cdef-0123-456789abcdef";
    let mut rows: Vec<String> = (0..3_000)
        .map(|at| {
            format!("Lookup of customer CUST-{at:04} failed for session {guid}; attempt {}", at % 7)
        })
        .collect();
    // Marks of templates, words that stand for arguments, and digits beside a GUID.
    rows.extend(
        ["\u{3}1\u{1}22", "# of {guid}", &format!("{} of 1{guid}2", 5), ""].map(str::to_owned),
    );
    let table = messages(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let groups = table.template_groups(&Filter::default());
    let found: Vec<(&str, usize)> =
        groups.iter().map(|group| (group.template.as_str(), group.count)).collect();
    let expected = [
        ("Lookup of customer CUST-# failed for session {guid}; attempt #", 3_000),
        ("", 1),
        ("\u{3}#\u{1}#", 1),
        ("# of #{guid}#", 1),
        ("# of {guid}", 1),
    ];
    assert_eq!(found, expected);
}

#[test]
fn records_are_found_alike_before_and_after_rows_are_indexed() {
    let guid = |number: u32| format!("{number:08x}-0000-4000-8000-000000000000");
    let rows: Vec<RowData> = (0..40_u32)
        .map(|number| RowData {
            identity: Identity(u128::from(number) << 100 | 1),
            // GUIDs, ids made from the identity, and chunks that have both.
            id: if number % 8 < 5 { guid(number) } else { String::new() },
            ..RowData::default()
        })
        .collect();
    let mut table = table(&rows, 8);
    table.dismiss(&[id(3), id(6)]);
    let wanted: Vec<Identity> = rows.iter().rev().map(|row| row.identity).collect();
    let mut ids: Vec<String> = rows.iter().map(|row| row.identity.to_string()).collect();
    ids.extend((0..40).map(guid));
    ids.extend((0..40).map(|number| guid(number).to_uppercase()));
    ids.push(String::new());
    let found = |table: &Table| {
        let by_id: Vec<_> = ids.iter().map(|id| table.find(id)).collect();
        (by_id, table.ids_of(&wanted))
    };
    assert!(table.is_to_be_indexed());
    let before = found(&table);
    assert!(table.is_to_be_indexed(), "a look at some records indexes none");
    while table.index_next() {}
    assert_eq!(found(&table), before);
    assert_eq!(before.1.len(), 38);
    let different: BTreeSet<_> = before.0.iter().flatten().collect();
    assert_eq!(different.len(), 38);
    // Nobody waits for an index of what stays when another dump goes.
    let other = [RowData { identity: Identity(7), ..RowData::default() }];
    table.append(DatasetId(2), segments(&other, 8).remove(0));
    while table.index_next() {}
    assert!(table.remove_dataset(DatasetId(2)) && table.is_to_be_indexed());
    assert_eq!(found(&table), before);
    while table.index_next() {}
    assert_eq!(found(&table), before);
}
