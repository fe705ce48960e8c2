//! Every number is a door: along every axis, under every kind of filter, a count opens exactly its rows. And what counts
//! are made of, told by brute force.

use std::collections::BTreeMap;

use error_desk::domain::{
    Column, DatasetId, Filter, NewSince, RecordState, RequestKind, RetryVerdict, Timestamp,
};
use error_desk::protocol::{
    AskedColumn, AxisWord, CauseView, CausesParams, Code, MissingParams, PlanParams,
    SplitCauseParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::harness::Desk;

/// Day, or 0 for no time; entity, company, category, key, message.
pub(crate) type Row = (u32, &'static str, &'static str, &'static str, String, String);

pub(crate) fn dump(rows: &[Row]) -> String {
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
pub(crate) fn mixed() -> Vec<Row> {
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

pub(crate) async fn open(rows: &[Row]) -> Desk {
    let desk = Desk::open(&MemoryStore::new()).await;
    let report = desk.import("errors.csv", &dump(rows)).await.expect("an import");
    assert_eq!(report.loaded as usize, rows.len());
    desk
}

pub(crate) fn groups(desk: &Desk, by: AxisWord, filter: &Filter, buckets: usize) -> Vec<CauseView> {
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

pub(crate) fn filters() -> Vec<Filter> {
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
