//! Calls that overlap, and dumps that do: what comes in between takes nothing away unseen.

use error_desk::domain::{DatasetId, Filter, RequestKind};
use error_desk::import::{ImportOptions, ZoneRules};
use error_desk::protocol::{Code, ExportFormat, ExportParams, FacetsParams, PlanParams};
use error_desk::store::MemoryStore;
use futures_executor::block_on;
use futures_util::future::join;

use crate::harness::{Desk, csv};
use crate::{all_of, code, entity, one};

#[test]
fn an_export_is_whole_or_refused() {
    block_on(async {
        for wipe in [false, true] {
            let desk = Desk::open(&MemoryStore::new()).await;
            desk.import("errors.csv", &csv(12_000)).await.unwrap();
            let removal = async {
                if wipe { desk.wipe().await } else { desk.remove_dataset(DatasetId(1)).await }
            };
            let (bytes, removed) =
                join(desk.export(all_of(Filter::default(), ExportFormat::Csv)), removal).await;
            removed.unwrap();
            assert_eq!(code(bytes), Code::Cancelled);
        }
    });
}

#[test]
fn the_copy_of_a_plan_has_the_records_that_it_would_dismiss_and_no_others() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(60)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        let vendors = one(RequestKind::Retry, &job, entity("Vendors V2"));
        desk.submit(vendors).await.unwrap();
        let params = PlanParams::of(RequestKind::Dismiss, Filter::default());
        let plan = desk.plan(params).await.unwrap();
        assert!(plan.eligible < plan.matched, "those of the request are left out");
        let copy = |filter| ExportParams {
            filter,
            plan_id: Some(plan.plan_id),
            format: ExportFormat::Jsonl,
        };
        let bytes = desk.export(copy(Filter::default())).await.unwrap();
        let ids: Vec<String> = String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                record["id"].as_str().unwrap().to_owned()
            })
            .collect();
        let planned = desk.plan_records(plan.plan_id, 0, 0, 1_000).unwrap().ids;
        assert_eq!((plan.parts.len(), ids.len()), (1, plan.eligible));
        assert_eq!(sorted(ids), sorted(planned));
        assert_eq!(code(desk.export(copy(entity("Vendors V2"))).await), Code::InvalidArgument);
        desk.wipe().await.unwrap();
        assert_eq!(code(desk.export(copy(Filter::default())).await), Code::PlanExpired);
    });
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

#[test]
fn what_is_dismissed_meanwhile_is_left_out_of_an_export() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(12_000)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        let last = desk.rows(Filter::default(), None, 11_999, 1).unwrap().rows.remove(0).id;
        let dismissal = async {
            let ids = Some(vec![last.clone()]);
            let params = one(RequestKind::Dismiss, &job.0, Filter::default());
            desk.submit(error_desk::protocol::SubmitParams { filter: None, ids, ..params })
                .await
                .unwrap();
            desk.finish().await;
        };
        let (bytes, ()) =
            join(desk.export(all_of(Filter::default(), ExportFormat::Jsonl)), dismissal).await;
        let text = String::from_utf8(bytes.unwrap()).unwrap();
        assert_eq!(text.lines().count(), 11_999);
        assert!(!text.contains(&last));
        let journal = desk.journal(0, 100).await.unwrap();
        let line = journal.entries.iter().find(|entry| entry.event == "exported").unwrap();
        assert_eq!(line.details["records"], 11_999, "as many as were written");
    });
}

#[test]
fn a_removal_waits_for_the_import_that_leans_on_the_dataset() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("first.csv", &csv(2_000)).await.unwrap();
        let text = csv(2_500);
        let (report, removed) =
            join(desk.import("second.csv", &text), desk.remove_dataset(DatasetId(1))).await;
        removed.unwrap();
        let report = report.unwrap();
        assert_eq!((report.loaded, report.duplicates), (500, 2_000));
        // The removal came after: what the import left out was still there, and its report is true of that moment.
        assert_eq!(desk.count(Filter::default()), 500);
    });
}

#[test]
fn a_cancelled_import_leaves_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = csv(2_000);
        let (report, was_at_work) =
            join(desk.import("errors.csv", &text), async { desk.cancel_import() }).await;
        assert!(was_at_work);
        assert_eq!(code(report), Code::Cancelled);
        assert_eq!((desk.count(Filter::default()), desk.store_facts().await.unwrap().0), (0, 0));
        assert!(!desk.cancel_import(), "nothing is at work");
        desk.import("errors.csv", &text).await.unwrap();
    });
}

#[test]
fn a_dataset_in_use_is_not_removed() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        let refused = desk.remove_dataset(DatasetId(1)).await.unwrap_err();
        assert_eq!(refused.code, Code::AlreadyRequested);
        assert_eq!(*refused.details.unwrap(), serde_json::json!({ "count": 20, "requestId": 1 }));
        desk.finish().await;
        desk.remove_dataset(DatasetId(1)).await.unwrap();
    });
}

#[test]
fn facets_answer_under_the_word_they_were_asked_by() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let params = r#"{ "dimensions": ["entities", "dataSource"] }"#;
        let params: FacetsParams = serde_json::from_str(params).unwrap();
        let facets = desk.facets(params.filter, &params.dimensions).unwrap();
        assert_eq!(facets.keys().collect::<Vec<_>>(), ["dataSource", "entities"]);
        assert_eq!(facets["entities"].len(), 2);
        let params = r#"{ "dimensions": ["message"] }"#;
        let params: FacetsParams = serde_json::from_str(params).unwrap();
        assert_eq!(code(desk.facets(params.filter, &params.dimensions)), Code::InvalidArgument);
    });
}

#[test]
fn messages_that_differ_in_numbers_only_are_one_group() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let all = desk.message_groups(Filter::default(), 0, 10);
        assert_eq!((all.total, all.groups.len()), (1, 1));
        assert_eq!(all.groups[0].template, "Something failed, number #");
        assert_eq!(all.groups[0].count, 40);
        let some = desk.message_groups(entity("Vendors V2"), 0, 10);
        assert_eq!(some.groups[0].count, 20);
        assert_eq!(desk.message_groups(Filter::default(), 1, 10).groups, []);
    });
}

#[test]
fn marked_causes_are_settings_and_survive_a_restart() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.mark_fixed("c1".to_owned(), true).await.unwrap();
        assert!(desk.told_of_settings());
        assert_eq!(desk.settings().fixed_causes, ["c1"]);
        drop(desk);
        let desk = Desk::open(&store.reopen()).await;
        assert_eq!(desk.settings().fixed_causes, ["c1"]);
        desk.mark_fixed("c1".to_owned(), false).await.unwrap();
        assert!(desk.settings().fixed_causes.is_empty());
    });
}

#[test]
fn what_was_dismissed_under_one_time_zone_stays_gone_under_another() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        // Neither ids nor zones: the content is all that tells the records.
        let text = "occurred_at,entity,data_source,company,message\n\
                    2026-02-03 08:00:00,Customers V3,Dataverse,usmf,one\n\
                    2026-02-03 09:00:00,Customers V3,Dataverse,usmf,two\n";
        let zoned = |zone: &str| ImportOptions {
            name: "errors.csv".to_owned(),
            time_zone: Some(ZoneRules::fixed(zone).expect("an offset")),
            ..ImportOptions::default()
        };
        assert_eq!(desk.import_with(zoned("+00:00"), text).await.unwrap().loaded, 2);
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, Filter::default())).await.unwrap();
        desk.finish().await;
        let again = desk.import_with(zoned("+02:00"), text).await.unwrap();
        assert_eq!((again.loaded, again.dismissed_earlier), (0, 2));
    });
}
