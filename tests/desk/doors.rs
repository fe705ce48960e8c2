//! Every number is a door: along every axis, under every kind of filter, a count opens exactly its rows. And what counts
//! are made of, told by brute force.

use std::collections::BTreeMap;

use error_desk::domain::{
    Column, DatasetId, Filter, NewSince, RecordState, RequestKind, RetryVerdict, Timestamp,
};
use error_desk::protocol::{
    AskedColumn, AxisWord, Call, CauseParams, CauseView, CausesParams, Code, MarkFixedParams,
    MissingParams, PlanParams, SplitCauseParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::chunks::import_in_chunks;
use crate::harness::Desk;

/// Day, or 0 for no time; entity, company, category, key, message.
type Row = (u32, &'static str, &'static str, &'static str, String, String);

fn dump(rows: &[Row]) -> String {
    let mut text = String::from("id,occurred_at,job,entity,company,category,record_key,message\n");
    for (place, (day, entity, company, category, key, message)) in rows.iter().enumerate() {
        let time = match day {
            0 => String::new(),
            day => format!("2026-01-{day:02}T{:02}:00:00Z", place % 24),
        };
        text.push_str(&format!(
            "{place:08x}-0000-4000-8000-000000000000,{time},Sales,{entity},{company},{category},{key},\"{message}\"\n"
        ));
    }
    text
}

fn lookup(table: &str, key: &str) -> String {
    format!("Unable to lookup {table} with values {{{key}}}.")
}

/// Rows without a time, companies and entities that differ in letter case alone, messages that name several references, of
/// entities that differ in letter case, too.
fn mixed() -> Vec<Row> {
    let row = |at: usize| -> Row {
        let company = ["usmf", "USMF", "Usmf", "demf"][at % 4];
        let entity = ["Customers V3", "Vendors V2", "Own Table", "own table"][at / 2 % 4];
        let category = ["System", "Application", "Application", "Concurrency", "System"][at % 5];
        let key = format!("K-{}", at % 9);
        let message = match at % 6 {
            0 => lookup("msdyn_parties", &format!("P-{}", at % 7)),
            1 => format!(
                "{} {}",
                lookup("msdyn_parties", &format!("P-{}", at % 3)),
                lookup("cdm_workers", &format!("W-{}", at % 4))
            ),
            2 => lookup("Ours And Theirs", &format!("Q-{}", at % 2)),
            3 => lookup("ours and theirs", &format!("Q-{}", at % 2)),
            4 => format!("The server took {at} ms"),
            _ => format!("Item 'A{at}' is blocked for 'Sales order'"),
        };
        ([0, 3, 3, 4, 9][at / 3 % 5], entity, company, category, key, message)
    };
    (0..420).map(row).collect()
}

async fn open(rows: &[Row]) -> Desk {
    let desk = Desk::open(&MemoryStore::new()).await;
    let report = desk.import("errors.csv", &dump(rows)).await.expect("an import");
    assert_eq!(report.loaded as usize, rows.len());
    desk
}

fn groups(desk: &Desk, by: AxisWord, filter: &Filter, buckets: usize) -> Vec<CauseView> {
    let params = CausesParams { by, filter: filter.clone(), buckets, ..CausesParams::default() };
    desk.causes(params).expect("causes").causes
}

/// All values of the columns that the filter pane counts.
fn facets(desk: &Desk, filter: &Filter) -> Vec<(Column, String, usize)> {
    let columns =
        [Column::Entity, Column::DataSource, Column::Company, Column::Category, Column::ErrorCode];
    let asked: Vec<AskedColumn> = columns.into_iter().map(AskedColumn::from).collect();
    let found = desk.facets(filter.clone(), &asked).expect("facets");
    let values = |column| {
        let word = AskedColumn::from(column).word;
        let (_, values) = found.iter().find(|(name, _)| **name == word).expect("what was asked");
        values.iter().map(move |one| (column, one.value.clone(), one.count)).collect::<Vec<_>>()
    };
    columns.into_iter().flat_map(values).collect()
}

fn filters() -> Vec<Filter> {
    let plain = Filter::default;
    let time = |text: &str| Timestamp::parse(text).ok();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    vec![
        plain(),
        Filter { companies: words(&["usmf"]), ..plain() },
        Filter { missing: words(&["CDS Parties"]), ..plain() },
        Filter { missing: words(&["CDS Parties = P-1", "Worker = W-3"]), ..plain() },
        Filter { missing: words(&["*"]), ..plain() },
        Filter { from: time("2026-01-03T12:00:00Z"), to: time("2026-01-09T06:00:00Z"), ..plain() },
        Filter { undated: true, ..plain() },
        Filter { text: Some("server".into()), ..plain() },
        Filter { entities: words(&["OWN TABLE"]), states: RecordState::ALL.to_vec(), ..plain() },
        Filter {
            new_since: Some(NewSince {
                dataset: DatasetId(1),
                after: time("2026-01-04T00:00:00Z"),
            }),
            ..plain()
        },
    ]
}

#[test]
fn every_axis_is_made_of_doors_under_every_filter() {
    block_on(async {
        let desk = open(&mixed()).await;
        for filter in filters() {
            let records = desk.count(filter.clone());
            assert!(records > 0, "{filter}");
            for by in AxisWord::ALL {
                let groups = groups(&desk, by, &filter, 0);
                for group in &groups {
                    let told = format!("{by:?} {} of {filter}", group.id);
                    assert_eq!(desk.count(group.door.clone()), group.count, "{told}");
                    let narrower = desk.rows(group.door.clone(), None, 0, 500).expect("rows");
                    assert_eq!(narrower.total, group.count);
                }
                let mut doors: Vec<String> =
                    groups.iter().map(|group| group.door.to_string().to_lowercase()).collect();
                doors.sort();
                doors.dedup();
                assert_eq!(doors.len(), groups.len(), "no two groups are one: {by:?} of {filter}");
                if by != AxisWord::Missing {
                    let sum: usize = groups.iter().map(|group| group.count).sum();
                    assert_eq!(sum, records, "{by:?} of {filter}");
                }
            }
            let asked = MissingParams { filter: filter.clone(), ..MissingParams::default() };
            for one in desk.missing_references(asked).unwrap() {
                assert_eq!(desk.count(one.door(&filter)), one.count, "{} {}", one.entity, one.key);
            }
            for (column, value, count) in facets(&desk, &filter) {
                let mut door = filter.clone();
                *door.values_mut(column).expect("a list") = vec![value];
                assert_eq!(desk.count(door.clone()), count, "{door}");
            }
        }
        let companies = groups(&desk, AxisWord::Company, &Filter::default(), 0);
        let told: Vec<_> = companies.iter().map(|one| (one.id.as_str(), one.count)).collect();
        assert_eq!(told, [("usmf", 315), ("demf", 105)], "as the first of them writes it");
        let listed: Vec<(String, usize)> = facets(&desk, &Filter::default())
            .into_iter()
            .filter_map(|(column, value, count)| {
                (column == Column::Company).then_some((value, count))
            })
            .collect();
        assert_eq!(listed, [("usmf".to_owned(), 315), ("demf".to_owned(), 105)]);
        let days = groups(&desk, AxisWord::Day, &Filter::default(), 0);
        let without = days.iter().find(|day| day.id.is_empty()).expect("rows without a time");
        assert!(without.door.undated && without.first_seen.is_none());
    });
}

#[test]
fn spans_trends_and_categories_are_those_of_the_rows() {
    block_on(async {
        let desk = open(&mixed()).await;
        const BUCKETS: usize = 7;
        for filter in filters().into_iter().filter(|filter| !filter.undated) {
            let page = desk.causes(CausesParams {
                filter: filter.clone(),
                buckets: BUCKETS,
                ..CausesParams::default()
            });
            let (from, to) = page.expect("causes").span.expect("a span");
            for by in AxisWord::ALL {
                for group in groups(&desk, by, &filter, BUCKETS) {
                    let rows = desk.rows(group.door.clone(), None, 0, 500).expect("rows").rows;
                    let times: Vec<Timestamp> =
                        rows.iter().filter_map(|row| row.occurred_at).collect();
                    assert_eq!(group.first_seen, times.iter().min().copied(), "{by:?}");
                    assert_eq!(group.last_seen, times.iter().max().copied(), "{by:?}");
                    let mut trend = vec![0_u32; BUCKETS];
                    for time in times {
                        let place = (time.millis() - from.millis()) as u128 * BUCKETS as u128;
                        trend[(place / (to.millis() - from.millis() + 1) as u128) as usize] += 1;
                    }
                    assert_eq!(group.trend, trend, "{by:?} {} of {filter}", group.id);
                    let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
                    for row in &rows {
                        *categories.entry(&row.category).or_default() += 1;
                    }
                    let most = categories.values().max();
                    assert_eq!(categories.get(group.category.as_str()), most, "{by:?}");
                }
            }
        }
    });
}

#[test]
fn a_message_without_a_key_silences_no_other() {
    block_on(async {
        let mut rows: Vec<Row> = (0..40)
            .map(|at| {
                let message = lookup("msdyn_parties", &format!("P-{at}"));
                (3, "Customers V3", "usmf", "Application", format!("C-{at}"), message)
            })
            .collect();
        rows[0].5 = lookup("msdyn_parties", "");
        rows.push((3, "CDS Parties", "usmf", "System", "P-9".into(), "The server was busy".into()));
        let desk = open(&rows).await;
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        assert_eq!(causes.iter().map(|one| one.count).collect::<Vec<_>>(), [40, 1], "one cause");
        let found = desk.missing_references(MissingParams::default()).unwrap();
        assert_eq!(found.len(), 39);
        let any = Filter { missing: vec!["*".into()], ..Filter::default() };
        assert_eq!(desk.count(any), 39);
        // Plans are ordered by what the cause misses, though its first message does not tell the record.
        let plan = desk.plan(PlanParams::of(RequestKind::Retry, Filter::default())).await.unwrap();
        let tables: Vec<&str> =
            plan.order[0].tables.iter().map(|table| table.entity.as_str()).collect();
        assert_eq!(tables, ["CDS Parties", "Customers V3"]);
    });
}

#[test]
fn what_messages_name_is_known_after_the_last_dump_went() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let text = dump(&mixed());
        let first = desk.import("errors.csv", &text).await.unwrap().dataset_id.unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let split =
            SplitCauseParams { cause: causes[0].id.clone(), by: Some(Column::Company), text: None };
        desk.split_cause(split).await.unwrap();
        let before = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        assert!(before.len() > causes.len());
        let missing = desk.missing_references(MissingParams::default()).unwrap();
        desk.remove_dataset(first).await.unwrap();
        desk.import("errors.csv", &text).await.unwrap();
        let told = |views: Vec<CauseView>| -> Vec<(String, usize)> {
            views.into_iter().map(|view| (view.id, view.count)).collect()
        };
        let after = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        assert_eq!(told(after), told(before));
        assert_eq!(desk.missing_references(MissingParams::default()).unwrap(), missing);
    });
}

#[test]
fn companies_are_one_whatever_their_letter_case_also_where_newer_errors_are_looked_for() {
    block_on(async {
        let row = |day, company, key: &str| -> Row {
            (day, "Sites", company, "System", key.to_owned(), "The server was busy".to_owned())
        };
        let rows =
            [row(1, "USMF", "A"), row(2, "usmf", "A"), row(3, "demf", "A"), row(4, "usmf", "B")];
        let desk = open(&rows).await;
        // First one by one, then, once a plan has worked it out for all, by what is known.
        for _ in 0..2 {
            let verdicts: Vec<RetryVerdict> = (0..4)
                .map(|at| format!("{at:08x}-0000-4000-8000-000000000000"))
                .map(|id| desk.known_record(&id).expect("a record").insight.retry_verdict)
                .collect();
            let mut expected = [RetryVerdict::Eligible; 4];
            expected[0] = RetryVerdict::Superseded;
            assert_eq!(verdicts, expected);
            let all = PlanParams::of(RequestKind::Retry, Filter::default());
            let plan = desk.plan(all).await.unwrap();
            let told = plan.verdicts.iter().find(|one| one.verdict == RetryVerdict::Superseded);
            assert_eq!(told.map(|one| one.count), Some(1));
        }
    });
}

#[test]
fn causes_are_told_before_all_messages_are_read() {
    block_on(async {
        let store = MemoryStore::new();
        // Causes change from chunk to chunk, so that most chunks have no first record of the largest ones.
        let rows: Vec<Row> = (0..400_usize)
            .map(|at| {
                let words = ["apples", "pears", "plums", "figs", "dates"][at / 80];
                let message = format!("The {words} were not delivered to the desk");
                (3, "Sites", "usmf", "System", String::new(), message)
            })
            .collect();
        import_in_chunks(&store, "errors.csv", &dump(&rows), 40).await;
        let whole = Desk::open(&store).await;
        let expected = groups(&whole, AxisWord::Cause, &Filter::default(), 5);
        assert_eq!(expected.len(), 5);
        for (limit, chunks) in [(2, 2), (100, 5)] {
            let store = store.reopen();
            let desk = Desk::open_lazily(&store).await.unwrap();
            let params = CausesParams { limit: Some(limit), buckets: 5, ..CausesParams::default() };
            let before = store.segments_read();
            desk.prepare(&Call::Causes(params.clone())).await;
            assert_eq!(store.segments_read() - before, chunks);
            let told = desk.causes(params).unwrap().causes;
            assert_eq!(told, expected[..told.len()]);
        }
        let store = store.reopen();
        let desk = Desk::open_lazily(&store).await.unwrap();
        let params = CauseParams { id: expected[3].id.clone(), ..CauseParams::default() };
        let before = store.segments_read();
        desk.prepare(&Call::Cause(params.clone())).await;
        assert_eq!(store.segments_read() - before, 1);
        assert_eq!(desk.cause(params.clone()), whole.cause(params));
    });
}

#[test]
fn marks_and_regressions_wait_for_the_messages_that_rules_ask_for() {
    block_on(async {
        let store = MemoryStore::new();
        let rows = |days: std::ops::Range<u32>| -> Vec<Row> {
            let row = |day: u32| -> Row {
                let message = format!("The {} was late", ["apple", "pear"][day as usize % 2]);
                (day, "Sites", "usmf", "System", format!("{}-{day}", days.end), message)
            };
            days.clone().map(row).collect()
        };
        let desk = Desk::open(&store).await;
        let named = |text: &str, prefix: &str| text.replace("-0000-4000-", prefix);
        desk.import("a.csv", &dump(&rows(1..9))).await.unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let pears = causes.iter().find(|one| one.template.contains("pear")).expect("a cause");
        let text = Some("pear was late".to_owned());
        desk.split_cause(SplitCauseParams { cause: pears.id.clone(), by: None, text })
            .await
            .unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let split =
            causes.iter().find(|one| one.template.contains("pear")).expect("a cause").clone();
        assert_ne!(split.id, pears.id);
        drop(desk);

        // Marked right after a start: the mark knows the latest of them.
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        let mark = MarkFixedParams { cause_id: split.id.clone(), fixed: true };
        desk.prepare(&Call::MarkFixed(mark)).await;
        desk.mark_fixed(split.id.clone(), true).await.unwrap();
        let older = named(&dump(&rows(3..6)), "-0001-4000-");
        desk.import("b.csv", &older).await.unwrap();
        assert!(desk.regressions().is_empty(), "nothing is newer than the latest of them");
        let newer = named(&dump(&rows(10..13)), "-0002-4000-");
        desk.import("c.csv", &newer).await.unwrap();
        let told = desk.regressions();
        assert_eq!((told.len(), told[0].count), (1, 1));
        drop(desk);
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        desk.prepare(&Call::Regressions).await;
        assert_eq!(desk.regressions(), told);
    });
}

#[test]
fn a_regression_is_what_nobody_knew_when_it_was_marked() {
    block_on(async {
        let busy = "The server was busy".to_owned();
        let row = |day, key: &str| -> Row {
            (day, "Sites", "usmf", "System", key.to_owned(), busy.clone())
        };
        let named = |rows: &[Row], prefix: &str| dump(rows).replace("-0000-4000-", prefix);
        let desk = Desk::open(&MemoryStore::new()).await;
        let old: Row = (20, "Sites", "usmf", "System", "C".to_owned(), "The disk was slow".into());
        desk.import("a.csv", &dump(&[row(5, "A"), row(0, "B"), old])).await.unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let (busy_cause, other) = (causes[0].id.clone(), causes[1].id.clone());
        desk.mark_fixed(busy_cause.clone(), true).await.unwrap();
        // An error of another cause that was known then, and is of this one since: it is not new.
        let merge = error_desk::protocol::MergeCausesParams {
            into: busy_cause.clone(),
            causes: vec![other],
        };
        desk.merge_causes(merge).await.unwrap();
        assert!(desk.regressions().is_empty());
        // A new error without a time is new all the same.
        let undated = named(&[row(0, "D")], "-0001-4000-");
        desk.import("b.csv", &undated).await.unwrap();
        let told = desk.regressions();
        let opened = desk.datasets()[1].imported_at;
        assert_eq!((told.len(), told[0].count, told[0].first_new), (1, 1, opened));
        // One that is later, and one that is not.
        let dated = named(&[row(6, "E"), row(4, "F")], "-0002-4000-");
        desk.import("c.csv", &dated).await.unwrap();
        let told = desk.regressions();
        let rows = desk.rows(told[0].filter.clone(), None, 0, 9).unwrap().rows;
        let keys: Vec<&str> = rows.iter().map(|row| row.record_key.as_str()).collect();
        assert_eq!((told[0].count, keys), (2, vec!["D", "E"]));
        assert_eq!(told[0].first_new.to_string(), "2026-01-06T00:00:00.000Z");
    });
}

#[test]
fn causes_have_the_same_ids_in_dumps_of_different_days_and_order() {
    block_on(async {
        let rows = mixed();
        let first = open(&rows).await;
        // The other half of the rows comes first, all is a year later, and values are others.
        let mut turned: Vec<Row> = rows[210..].iter().chain(&rows[..210]).cloned().collect();
        for row in &mut turned {
            row.5 = row.5.replace("took ", "took 9").replace("'A", "'B7").replace("{P-", "{Z-");
        }
        let second = Desk::open(&MemoryStore::new()).await;
        let text = dump(&turned).replace("2026-", "2027-").replace("-0000-4000-", "-0009-4000-");
        second.import("other.csv", &text).await.unwrap();
        let ids = |desk: &Desk| -> BTreeMap<String, usize> {
            let causes = groups(desk, AxisWord::Cause, &Filter::default(), 0);
            causes.into_iter().map(|cause| (cause.id, cause.count)).collect()
        };
        assert!(ids(&first).len() > 10);
        assert_eq!(ids(&first), ids(&second));
        // Both in one desk: no new cause, and twice the records.
        first.import("other.csv", &text).await.unwrap();
        let twice: BTreeMap<String, usize> =
            ids(&second).into_iter().map(|(id, count)| (id, count * 2)).collect();
        assert_eq!(ids(&first), twice);
    });
}

#[test]
fn missing_references_come_in_windows_and_long_circles_are_no_burden() {
    block_on(async {
        // Record n of a table misses record n + 1, the last one the first: one circle of all, and a short one beside it.
        const LONG: usize = 6_000;
        let row = |own: String, other: String| -> Row {
            (3, "CDS Parties", "usmf", "Application", own, lookup("msdyn_parties", &other))
        };
        let mut rows: Vec<Row> =
            (0..LONG).map(|at| row(format!("P{at}"), format!("P{}", (at + 1) % LONG))).collect();
        rows.extend((0..3).map(|at| row(format!("S{at}"), format!("S{}", (at + 1) % 3))));
        rows.push(row("S0".into(), "S1".into()));
        rows.push(row("OWN".into(), "OWN".into()));
        let desk = open(&rows).await;
        let params = |offset, limit| MissingParams { offset, limit, ..MissingParams::default() };
        let ask = |offset, limit| desk.missing_references(params(offset, limit)).unwrap();
        let all = ask(0, None);
        assert_eq!(all.len(), LONG + 4);
        assert_eq!(ask(0, Some(2)), all[..2]);
        assert_eq!(ask(7, Some(5)), all[7..12]);
        assert!(ask(LONG + 4, None).is_empty());
        let page = desk.missing_page(params(0, Some(2))).unwrap();
        assert_eq!(
            (page.total, page.records, &page.references[..]),
            (LONG + 4, LONG + 5, &all[..2])
        );
        let page = desk.missing_page(params(0, None)).unwrap();
        assert_eq!(page.references.len(), 100);
        let refused = desk.missing_references(params(0, Some(10_001))).unwrap_err();
        assert_eq!(refused.code, Code::InvalidArgument);
        assert_eq!((all[0].key.as_str(), all[0].count), ("S1", 2));
        let circle: Vec<&str> = all[0].cycle.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(circle, ["S1", "S2", "S0"]);
        let own = all.iter().find(|one| one.key == "OWN").expect("it misses itself");
        assert_eq!(own.cycle.len(), 1);
        // A circle that nobody can look at is not listed.
        assert!(all.iter().filter(|one| one.key.starts_with('P')).all(|one| one.cycle.is_empty()));
    });
}

#[test]
fn a_plan_tells_what_its_records_are() {
    block_on(async {
        let desk = open(&mixed()).await;
        for filter in filters() {
            let plan = desk.plan(PlanParams::of(RequestKind::Retry, filter.clone())).await.unwrap();
            let mut ids = Vec::new();
            for part in 0..plan.parts.len() {
                ids.extend(desk.plan_records(plan.plan_id, part, 0, 500).unwrap().ids);
            }
            assert_eq!(ids.len(), plan.eligible);
            let records: Vec<_> = ids.iter().map(|id| desk.record(id).unwrap()).collect();
            let times = || records.iter().filter_map(|record| record.occurred_at);
            assert_eq!(plan.span, times().min().zip(times().max()), "{filter}");
            for (column, values) in &plan.breakdown {
                let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
                for record in &records {
                    let value = match column {
                        Column::Entity => &record.entity,
                        Column::Category => &record.category,
                        Column::DataSource => &record.data_source,
                        other => panic!("{other:?} is no part of it"),
                    };
                    *expected.entry(value).or_default() += 1;
                }
                let told: BTreeMap<&str, usize> =
                    values.iter().map(|one| (one.value.as_str(), one.count)).collect();
                assert_eq!(told, expected, "{column:?} of {filter}");
                assert!(values.is_sorted_by(|a, b| a.count >= b.count));
            }
            assert_eq!(plan.breakdown.len(), 3);
        }
    });
}

#[test]
fn many_values_of_a_plan_end_in_one_line() {
    block_on(async {
        let tables: Vec<&'static str> = vec![
            "T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T12",
            "T13", "T14", "T15",
        ];
        let rows: Vec<Row> = (0..120)
            .map(|at: usize| {
                // The n-th table has n records.
                let table = (1..=15).find(|last| at < last * (last + 1) / 2).expect("a table") - 1;
                (3, tables[table], "usmf", "System", String::new(), format!("Failed {at}"))
            })
            .collect();
        let desk = open(&rows).await;
        let plan = desk.plan(PlanParams::of(RequestKind::Retry, Filter::default())).await.unwrap();
        let entities =
            &plan.breakdown.iter().find(|(column, _)| **column == Column::Entity).unwrap().1;
        assert_eq!(entities.len(), 12);
        assert_eq!((entities[0].value.as_str(), entities[0].count), ("T15", 15));
        let rest = &entities[11];
        assert_eq!((rest.value.as_str(), rest.count), ("4 others", 1 + 2 + 3 + 4));
        assert_eq!(entities.iter().map(|one| one.count).sum::<usize>(), 120);
    });
}
