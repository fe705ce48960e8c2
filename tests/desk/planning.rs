//! What plans follow from: which tables come first, what a retry would come to, how long it takes.

use std::collections::BTreeMap;

use error_desk::domain::{
    Column, Exclusion, Filter, OrderBasis, RequestKind, RetryVerdict, VerdictReason,
};
use error_desk::protocol::{
    CausesParams, Code, MergeCausesParams, PlanParams, PlanView, SubmitParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::doors::{Row, filters, mixed, open};
use crate::harness::{Desk, csv, csv_of};
use crate::{code, one};

const GROUPS: &str = "Customer groups";
const CUSTOMERS: &str = "Customers V3";
const ORDERS: &str = "CDS sales order headers";

fn all(kind: RequestKind) -> PlanParams {
    PlanParams::of(kind, Filter::default())
}

/// The tables of a plan's records in the order of work.
fn tables(desk: &Desk, plan: &PlanView) -> Vec<String> {
    let parts = (0..plan.parts.len())
        .map(|part| desk.plan_records(plan.plan_id, part, 0, 10_000).expect("a part").ids);
    parts.flatten().map(|id| desk.record(&id).expect("a record").entity).collect()
}

/// Orders that miss their customer, customers that miss their group, groups that just failed, in turn.
fn family(rows: usize) -> String {
    let row = |at: usize| match at % 3 {
        0 => (ORDERS, "Application", "Unable to lookup accounts with values {C-1}"),
        1 => (CUSTOMERS, "Application", "Unable to look up msdyn_customergroups with values {20}."),
        _ => (GROUPS, "System", "The server was busy"),
    };
    csv_of(&(0..rows).map(row).collect::<Vec<_>>())
}

/// A family of 300 after a restart: what is read out of messages is still in the store.
async fn restarted() -> (MemoryStore, Desk) {
    let store = MemoryStore::new();
    Desk::open(&store).await.import("errors.csv", &family(300)).await.expect("a dump");
    let store = store.reopen();
    let desk = Desk::open_lazily(&store).await.expect("a desk");
    (store, desk)
}

#[test]
fn no_child_comes_before_its_parent() {
    block_on(async {
        let (store, desk) = restarted().await;
        let job = desk.jobs()[0].id.clone();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        let order: Vec<String> = [GROUPS, CUSTOMERS, ORDERS].map(str::to_owned).to_vec();
        let mut found = tables(&desk, &plan);
        assert_eq!(found.len(), 300);
        found.dedup();
        assert_eq!(found, order, "each table once, parents first");
        let told = &plan.order[0];
        assert_eq!((told.basis, &told.job), (OrderBasis::References, &job));
        assert_eq!(
            told.tables.iter().map(|table| &table.entity).collect::<Vec<_>>(),
            order.iter().collect::<Vec<_>>()
        );
        let references: Vec<_> = told
            .references
            .iter()
            .map(|one| (one.child.as_str(), one.parent.as_str(), one.records))
            .collect();
        assert_eq!(references, [(ORDERS, CUSTOMERS, 100), (CUSTOMERS, GROUPS, 100)]);
        // A single request is worked on in the same order.
        let request = one(RequestKind::Retry, &job.0, Filter::default());
        desk.submit(request).await.unwrap();
        drop(desk);
        let stored = store.reopen();
        let desk = Desk::open(&stored).await;
        assert_eq!(desk.requests(None).unwrap()[0].digest, plan.digest);
        let stored = error_desk::workspace::ports::Store::load(&stored).await.unwrap();
        let rows: Vec<u32> = stored.requests[0].batch.records().iter().map(|id| id.row()).collect();
        let kinds: Vec<u32> = rows.iter().map(|row| row % 3).collect();
        assert!(kinds.windows(2).all(|pair| pair[0] >= pair[1]), "groups, customers, orders");
    });
}

#[test]
fn a_dismissal_has_no_order_and_is_planned_without_a_look_at_messages() {
    block_on(async {
        let (store, desk) = restarted().await;
        let read = store.segments_read();
        let plan = desk.plan(all(RequestKind::Dismiss)).await.unwrap();
        assert_eq!((plan.eligible, plan.order.len()), (300, 0));
        assert_eq!(store.segments_read(), read);
        assert_eq!(desk.plan(all(RequestKind::Retry)).await.unwrap().order.len(), 1);
        assert!(store.segments_read() > read);
        let dumped: Vec<&str> = (0..300).map(|at| [ORDERS, CUSTOMERS, GROUPS][at % 3]).collect();
        assert_eq!(tables(&desk, &plan), dumped);
    });
}

#[test]
fn causes_that_the_user_merged_still_tell_of_their_own_tables() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &family(300)).await.unwrap();
        let cause = |entity: &str| {
            let filter = Filter { entities: vec![entity.to_owned()], ..Filter::default() };
            let params = CausesParams { filter, ..CausesParams::default() };
            desk.causes(params).unwrap().causes[0].id.clone()
        };
        let (into, other) = (cause(CUSTOMERS), cause(ORDERS));
        let merge = MergeCausesParams { into, causes: vec![other] };
        desk.merge_causes(merge).await.expect("a rule");
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        let mut found = tables(&desk, &plan);
        found.dedup();
        assert_eq!(found, [GROUPS, CUSTOMERS, ORDERS]);
    });
}

#[test]
fn the_sequence_that_a_dump_tells_comes_first() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let text = family(30);
        let mut lines = text.lines();
        let mut told = format!("{},Table sequence\r\n", lines.next().expect("headers"));
        for line in lines {
            // The other way round.
            let number = if line.contains(ORDERS) { 1 } else { 2 };
            told += &format!("{line},{number}\r\n");
        }
        desk.import("errors.csv", &told).await.unwrap();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        assert_eq!(plan.order[0].basis, OrderBasis::Sequence);
        let mut found = tables(&desk, &plan);
        found.dedup();
        // Customers and their groups have one number: among them errors tell.
        assert_eq!(found, [ORDERS, GROUPS, CUSTOMERS]);
    });
}

#[test]
fn a_cycle_is_named_and_left_in_the_order_of_the_dump() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let rows = [
            (CUSTOMERS, "Application", "Unable to lookup msdyn_customergroups with values {1}"),
            (GROUPS, "Application", "Unable to lookup accounts with values {1}"),
            (CUSTOMERS, "System", "The server was busy"),
        ];
        desk.import("errors.csv", &csv_of(&rows)).await.unwrap();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        assert_eq!(plan.order[0].cycles, [[GROUPS, CUSTOMERS]]);
        assert_eq!(tables(&desk, &plan), [CUSTOMERS, GROUPS, CUSTOMERS]);
    });
}

#[test]
fn a_hundred_mixed_rows_sixty_go_and_forty_are_left_out() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let row = |at: usize| match at {
            0..40 => ("Vendors V2", "Concurrency", "The version is not the latest"),
            40..70 => ("Vendors V2", "Application", "It was refused"),
            _ => ("Vendors V2", "System", "The server was busy"),
        };
        desk.import("errors.csv", &csv_of(&(0..100).map(row).collect::<Vec<_>>())).await.unwrap();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        let left_out: Vec<_> = plan.excluded.iter().map(|one| (one.reason, one.count)).collect();
        assert_eq!((plan.eligible, left_out), (60, vec![(Exclusion::NotRetriable, 40)]));
        let told: Vec<_> =
            plan.verdicts.iter().map(|one| (one.verdict, one.reason, one.count)).collect();
        let expected = [
            (RetryVerdict::Eligible, VerdictReason::System, 30),
            (RetryVerdict::PointlessUntilFixed, VerdictReason::Application, 30),
            (RetryVerdict::NotRetriable, VerdictReason::Concurrency, 40),
        ];
        assert_eq!(told, expected);

        let leave_out = vec![RetryVerdict::PointlessUntilFixed, RetryVerdict::Superseded];
        let heeding = PlanParams { leave_out, ..all(RequestKind::Retry) };
        let plan = desk.plan(heeding.clone()).await.unwrap();
        let left_out: Vec<_> = plan.excluded.iter().map(|one| (one.reason, one.count)).collect();
        let expected =
            [(Exclusion::NotRetriable, 40), (Exclusion::PointlessUntilFixed, 30)].to_vec();
        assert_eq!((plan.eligible, left_out), (30, expected));
        // A cause that is fixed is worth a retry.
        let cause = desk
            .rows(
                Filter { categories: vec!["Application".into()], ..Filter::default() },
                None,
                0,
                1,
            )
            .unwrap()
            .rows
            .remove(0)
            .cause;
        desk.mark_fixed(cause, true).await.unwrap();
        assert_eq!(desk.plan(heeding).await.unwrap().eligible, 60);
        let submitted = SubmitParams { plan_id: Some(plan.plan_id), ..SubmitParams::default() };
        desk.submit(submitted).await.unwrap();
        assert_eq!(desk.requests(None).unwrap()[0].records, 30, "as it was shown");
    });
}

#[test]
fn an_older_error_of_the_same_record_is_told_and_left_out_where_that_is_wished() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let mut text =
            String::from("id,occurred_at,entity,company,category,record_key,message\r\n");
        for (at, key) in ["A", "A", "B", "", ""].into_iter().enumerate() {
            text +=
                &format!("00{at},2026-01-0{}T08:00:00Z,Sites,usmf,System,{key},busy\r\n", at + 1);
        }
        desk.import("errors.csv", &text).await.unwrap();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        assert_eq!((plan.eligible, plan.excluded.len()), (5, 0));
        let superseded = plan.verdicts.iter().find(|one| one.verdict == RetryVerdict::Superseded);
        assert_eq!(superseded.map(|one| one.count), Some(1));
        let heeding =
            PlanParams { leave_out: vec![RetryVerdict::Superseded], ..all(RequestKind::Retry) };
        let plan = desk.plan(heeding).await.unwrap();
        assert_eq!(
            desk.plan_records(plan.plan_id, 0, 0, 9).unwrap().ids,
            ["001", "002", "003", "004"]
        );
    });
}

#[test]
fn what_is_forbidden_cannot_be_named_as_what_to_leave_out() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(10)).await.unwrap();
        for (kind, verdict) in [
            (RequestKind::Retry, RetryVerdict::NotRetriable),
            (RequestKind::Retry, RetryVerdict::Eligible),
            (RequestKind::Dismiss, RetryVerdict::Superseded),
        ] {
            let params = PlanParams { leave_out: vec![verdict], ..all(kind) };
            assert_eq!(code(desk.plan(params).await), Code::InvalidArgument);
        }
    });
}

#[test]
fn time_is_told_once_a_run_was_measured() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(100)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        let estimate = &plan.estimates[0];
        assert_eq!((estimate.records, estimate.millis, estimate.runs), (80, None, 0));
        assert_eq!((estimate.ahead, estimate.ahead_millis), (0, Some(0)));
        desk.submit(one(RequestKind::Retry, &job.0, crate::entity("Vendors V2"))).await.unwrap();
        assert_eq!((desk.jobs()[0].waiting, desk.jobs()[0].waiting_millis), (40, None));
        desk.round().await;
        desk.clock.pass(8_000);
        desk.finish().await;
        let ran = &desk.requests(None).unwrap()[0];
        let took = ran.finished_at.unwrap().millis() - ran.started_at.unwrap().millis();
        let plan = desk.plan(all(RequestKind::Retry)).await.unwrap();
        let estimate = &plan.estimates[0];
        let expected = (took as u64 * estimate.records).div_ceil(40);
        assert_eq!((estimate.millis, estimate.runs), (Some(expected), 1));
        assert_eq!(desk.jobs()[0].waiting_millis, Some(0));
        // A retry says nothing of how long a dismissal takes.
        let dismissal = desk.plan(all(RequestKind::Dismiss)).await.unwrap();
        assert_eq!(dismissal.estimates[0].millis, None);
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
