//! Causes, their doors, the rules on them, verdicts, and what messages say is missing.

use std::collections::{BTreeMap, BTreeSet};

use error_desk::domain::{Column, Filter, RetryVerdict, VerdictReason};
use error_desk::protocol::{
    AxisWord, CauseParams, CauseView, CausesParams, Code, MergeCausesParams, MissingParams,
    SetNoteParams, SplitCauseParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::harness::Desk;

/// Entity, company, category, key, message; each row a minute after the one before.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, String);

fn dump(rows: &[Row<'_>]) -> String {
    let mut text =
        String::from("id,occurred_at,job,entity,company,category,record_key,message\r\n");
    for (place, (entity, company, category, key, message)) in rows.iter().enumerate() {
        let (day, minute) = (1 + place / 1_000, place % 1_000);
        text.push_str(&format!(
            "R{place},2026-01-{day:02}T{:02}:{:02}:00Z,Sales,{entity},{company},{category},{key},\"{}\"\r\n",
            minute / 60,
            minute % 60,
            message.replace('"', "\"\"")
        ));
    }
    text
}

fn all(desk: &Desk, by: AxisWord) -> Vec<CauseView> {
    let page = desk.causes(CausesParams { by, buckets: 7, ..CausesParams::default() });
    let page = page.expect("causes");
    assert_eq!(page.total, page.causes.len());
    page.causes
}

fn planted() -> Vec<Row<'static>> {
    let mut rows: Vec<Row<'static>> = Vec::new();
    for number in 0..240_u32 {
        let company = ["usmf", "demf", "frrt"][number as usize % 3];
        let entity = ["Customers V3", "accounts", "Vendors V2"][number as usize % 3];
        let (category, message) = match number % 4 {
            0 => (
                "Application",
                format!("Unable to lookup msdyn_parties with values {{P-{}}}.", number % 20),
            ),
            1 => ("System", format!("The server took {number} ms")),
            2 => (
                "Concurrency",
                "An update conflict occurred due to another user process".to_owned(),
            ),
            _ => ("Application", format!("Item 'A{number}' is blocked for 'Sales order'")),
        };
        rows.push((entity, company, category, "", message));
    }
    rows
}

async fn open(rows: &[Row<'_>]) -> (MemoryStore, Desk) {
    let store = MemoryStore::default();
    let desk = Desk::open(&store).await;
    let report = desk.import("errors.csv", &dump(rows)).await.expect("an import");
    assert_eq!(report.loaded as usize, rows.len());
    (store, desk)
}

#[test]
fn every_count_opens_its_rows_along_every_axis() {
    block_on(async {
        let (_, desk) = open(&planted()).await;
        for by in AxisWord::ALL {
            let groups = all(&desk, by);
            let expected = match by {
                // Two entities, of which one has two names, and four texts.
                AxisWord::Cause => 8,
                AxisWord::Entity => 2,
                AxisWord::Company => 3,
                AxisWord::ErrorCode | AxisWord::Day => 1,
                AxisWord::Missing => 5,
            };
            assert_eq!(groups.len(), expected, "{by:?}");
            for group in &groups {
                assert_eq!(desk.count(group.door.clone()), group.count, "{by:?} {}", group.id);
                assert_eq!(group.trend.iter().sum::<u32>() as usize, group.count, "{by:?}");
                assert!(group.first_seen <= group.last_seen && group.first_seen.is_some());
            }
            let sum: usize = groups.iter().map(|group| group.count).sum();
            if by != AxisWord::Missing {
                assert_eq!(sum, 240, "{by:?}");
                let share: f64 = groups.iter().map(|group| group.share).sum();
                assert!((share - 1.0).abs() < 1e-9);
            }
        }
        let filter = Filter { companies: vec!["usmf".into()], ..Filter::default() };
        let params = CausesParams { filter, limit: Some(2), offset: 1, ..CausesParams::default() };
        let page = desk.causes(params).expect("causes");
        assert_eq!((page.total, page.causes.len(), page.records), (4, 2, 80));
        for cause in &page.causes {
            assert_eq!(desk.count(cause.door.clone()), cause.count);
        }
    });
}

#[test]
fn a_cause_is_explained() {
    block_on(async {
        let (_, desk) = open(&planted()).await;
        let causes = all(&desk, AxisWord::Cause);
        let lookup = causes.iter().find(|cause| cause.template.contains("lookup")).expect("one");
        assert_eq!(lookup.template, "Unable to lookup msdyn_parties with values {…}");
        assert_eq!(lookup.entity, "Customers V3");
        assert_eq!(lookup.retry_verdict, RetryVerdict::PointlessUntilFixed);
        assert_eq!(
            lookup.missing_reference.as_ref().map(|one| one.entity.as_str()),
            Some("CDS Parties")
        );
        let params = CauseParams { id: lookup.id.clone(), ..CauseParams::default() };
        let detail = desk.cause(params.clone()).expect("a cause");
        assert_eq!(detail.view.count, lookup.count);
        assert_eq!(detail.guidance[0].id, "missing-lookup");
        assert_eq!(detail.examples.len(), 3);
        for example in &detail.examples {
            assert_eq!(example.placed_by.fingerprint, lookup.id);
            let whole: String = example.pieces.iter().map(|piece| piece.text.as_str()).collect();
            let record = desk.record(&example.id).expect("a record");
            assert_eq!(whole, record.message);
            let masked: Vec<_> =
                example.pieces.iter().filter_map(|piece| piece.mask.clone()).collect();
            assert_eq!(masked, ["braced"]);
        }
        desk.mark_fixed(lookup.id.clone(), true).await.expect("marked");
        let detail = desk.cause(params).expect("a cause");
        assert_eq!(detail.view.retry_verdict, RetryVerdict::Eligible);
        assert_eq!(detail.view.retry_reason, VerdictReason::CauseFixed);
        let unknown = CauseParams { id: "ffffffffffffffff".into(), ..CauseParams::default() };
        assert_eq!(desk.cause(unknown), None);
    });
}

#[test]
fn merges_and_splits_are_taken_back_without_a_trace() {
    block_on(async {
        let (store, desk) = open(&planted()).await;
        let before = all(&desk, AxisWord::Cause);
        let ids = |views: &[CauseView]| -> BTreeMap<String, usize> {
            views.iter().map(|view| (view.id.clone(), view.count)).collect()
        };
        let (into, other) = (before[0].id.clone(), before[1].id.clone());
        let merge = MergeCausesParams { into: into.clone(), causes: vec![other.clone()] };
        let merged = desk.merge_causes(merge).await.expect("a rule");
        let now = all(&desk, AxisWord::Cause);
        assert_eq!(now.len(), before.len() - 1);
        assert_eq!(now[0].count, before[0].count + before[1].count);
        assert_eq!(desk.count(now[0].door.clone()), now[0].count);
        let rows = desk.rows(now[0].door.clone(), None, 0, 1_000).expect("rows").rows;
        assert!(rows.iter().all(|row| row.cause == into));
        let ways: BTreeSet<_> = rows
            .iter()
            .map(|row| desk.known_record(&row.id).expect("a record").insight.placed_by)
            .map(|way| (way.fingerprint, way.rules))
            .collect();
        assert_eq!(ways, [(into.clone(), vec![]), (other, vec![merged.id])].into());

        let split = SplitCauseParams { cause: into.clone(), by: Some(Column::Company), text: None };
        let split = desk.split_cause(split).await.expect("a rule");
        let parts = all(&desk, AxisWord::Cause);
        assert!(parts.len() > now.len() && parts.iter().all(|part| part.id != into));
        for part in &parts {
            assert_eq!(desk.count(part.door.clone()), part.count);
        }
        assert_eq!(parts.iter().map(|part| part.count).sum::<usize>(), 240);
        // Each part of the cause that was split tells of the rule that made it, and no other cause does.
        for part in &parts {
            let detail = desk.cause(CauseParams { id: part.id.clone(), ..CauseParams::default() });
            let about: Vec<u32> =
                detail.expect("a cause").rules.iter().map(|rule| rule.id).collect();
            let is_part = !now.iter().any(|cause| cause.id == part.id);
            assert_eq!(about.contains(&split.id), is_part, "{}", part.id);
        }

        // What was stored is grouped in the same way after a start, and what comes later, too.
        drop(desk);
        let desk = Desk::open(&store).await;
        assert_eq!(ids(&all(&desk, AxisWord::Cause)), ids(&parts));
        desk.undo_cause_rule(split.id).await.expect("undone");
        assert_eq!(ids(&all(&desk, AxisWord::Cause)), ids(&now));
        desk.undo_cause_rule(merged.id).await.expect("undone");
        assert_eq!(all(&desk, AxisWord::Cause), before);
        assert!(desk.cause_rules().is_empty());
        let again = desk.undo_cause_rule(merged.id).await.expect_err("gone");
        assert_eq!(again.code, Code::InvalidArgument);
    });
}

#[test]
fn a_split_by_a_text_waits_for_the_messages() {
    block_on(async {
        let (store, desk) = open(&planted()).await;
        let before = all(&desk, AxisWord::Cause);
        let lookup = before.iter().find(|cause| cause.template.contains("lookup")).expect("one");
        let text = Some("{p-4}".to_owned());
        let split = SplitCauseParams { cause: lookup.id.clone(), by: None, text };
        let rule = desk.split_cause(split).await.expect("a rule");
        let after = all(&desk, AxisWord::Cause);
        assert_eq!(after.len(), before.len() + 1);
        let filter = Filter { causes: vec![lookup.id.clone()], ..Filter::default() };
        let left = desk.count(filter.clone());
        let named = Filter { text: Some("{P-4}".into()), ..filter.clone() };
        assert!(left < lookup.count && desk.count(named) == 0);
        let desk = Desk::open_lazily(&store).await.expect("a desk");
        desk.prepare(&error_desk::protocol::Call::Count(filter.clone())).await;
        assert_eq!(desk.count(filter.clone()), left);
        desk.undo_cause_rule(rule.id).await.expect("undone");
        assert_eq!(desk.count(filter), lookup.count);
        for wrong in [
            SplitCauseParams { cause: "x".into(), by: None, text: Some("  ".into()) },
            SplitCauseParams { cause: "x".into(), by: Some(Column::State), text: None },
            SplitCauseParams { cause: "x".into(), by: Some(Column::Message), text: None },
        ] {
            let refused = desk.split_cause(wrong).await.expect_err("no split");
            assert_eq!(refused.code, Code::InvalidArgument);
        }
    });
}

#[test]
fn rules_and_erased_texts_leave_the_stored_causes_alone() {
    block_on(async {
        let (store, desk) = open(&planted()).await;
        let before = all(&desk, AxisWord::Cause);
        let merge = MergeCausesParams {
            into: before[0].id.clone(),
            causes: before[1..].iter().map(|cause| cause.id.clone()).collect(),
        };
        let rule = desk.merge_causes(merge).await.expect("a rule");
        assert_eq!(all(&desk, AxisWord::Cause).len(), 1);
        let filter = Filter { companies: vec!["frrt".into()], ..Filter::default() };
        let dismissal = crate::one(error_desk::domain::RequestKind::Dismiss, "Sales", filter);
        desk.submit(dismissal).await.expect("a request");
        desk.finish().await;
        desk.erase().await;
        drop(desk);
        let desk = Desk::open(&store).await;
        desk.undo_cause_rule(rule.id).await.expect("undone");
        let left: usize = all(&desk, AxisWord::Cause).iter().map(|cause| cause.count).sum();
        assert_eq!((left, all(&desk, AxisWord::Cause).len()), (160, 4));
    });
}

#[test]
fn what_is_missing_is_what_was_planted() {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut truth: BTreeMap<(String, String), usize> = BTreeMap::new();
    let keys: Vec<String> = (0..14)
        .map(|number| match number % 4 {
            0 => format!("{number:09}"),
            1 => format!("LOC-{number}"),
            2 => format!("PC{number},0f8fad5b-d9cb-469f-a165-7086772895{number:02}"),
            _ => format!("Channel {number} hierarchy|Weight Benches"),
        })
        .collect();
    for number in 0..3_000_usize {
        let key = &keys[(number * number) % 14];
        let (entity, message) = match number % 5 {
            0 => (
                "Worker",
                format!(
                    "Unable to write data to entity x.Unable to look up cdm_workers with values {{{key}}}.Writes"
                ),
            ),
            1 => (
                "CDS Parties",
                format!(
                    "Unable to lookup msdyn_parties with values {{ {key} }}. Unable to lookup msdyn_parties with values {{{key}}}."
                ),
            ),
            2 => (
                "Customer groups",
                format!(
                    "Warning: The value '{key}' in field 'F' is not found in the related table 'Customer groups'."
                ),
            ),
            3 => (
                "a.b",
                format!(
                    "Couldn't resolve the guid for the field: a.b. The lookup value was not found: {key}. Try this URL(s)"
                ),
            ),
            _ => {
                rows.push((
                    "Vendors V2",
                    "usmf",
                    "System",
                    "",
                    format!("Nothing is missing but {key}"),
                ));
                continue;
            }
        };
        *truth.entry((entity.to_owned(), key.clone())).or_default() += 1;
        rows.push(("Vendors V2", "usmf", "Application", "", message));
    }
    block_on(async {
        let (_, desk) = open(&rows).await;
        let found = desk.missing_references(MissingParams::default()).unwrap();
        let harvest: BTreeMap<_, _> =
            found.iter().map(|one| ((one.entity.clone(), one.key.clone()), one.count)).collect();
        assert_eq!(harvest, truth);
        assert!(found.is_sorted_by(|a, b| a.count >= b.count));
        for one in &found {
            assert_eq!(
                desk.count(one.door(&Filter::default())),
                one.count,
                "{} {}",
                one.entity,
                one.key
            );
            let rows = desk.rows(one.door(&Filter::default()), None, 0, 10_000).expect("rows").rows;
            assert!(rows.iter().all(|row| row.message.contains(&one.key)));
        }
        let any = Filter { missing: vec!["*".into()], ..Filter::default() };
        assert_eq!(desk.count(any), truth.values().sum::<usize>());
        let alias = Filter { missing: vec!["cdm_workers".into()], ..Filter::default() };
        let workers = truth.iter().filter(|((entity, _), _)| entity == "Worker");
        assert_eq!(desk.count(alias), workers.map(|(_, count)| count).sum::<usize>());
    });
}

#[test]
fn a_missing_record_that_failed_itself_is_the_root_and_circles_are_named() {
    let lookup =
        |table: &str, key: &str| format!("Unable to lookup {table} with values {{{key}}}.");
    let rows: Vec<Row<'_>> = vec![
        ("Customers V3", "usmf", "Application", "C-1|usmf", lookup("msdyn_parties", "P-1")),
        ("Customers V3", "usmf", "Application", "C-2|usmf", lookup("msdyn_parties", "P-1")),
        ("CDS Parties", "usmf", "Application", "P-1|usmf", "Field 'Name' must be filled in".into()),
        ("CDS Parties", "usmf", "Application", "P-1|usmf", "Field 'Type' must be filled in".into()),
        ("CDS Parties", "usmf", "Application", "P-7", lookup("cdm_workers", "W-7")),
        ("Worker", "usmf", "Application", "W-7", lookup("msdyn_parties", "P-7")),
        ("Vendors V2", "usmf", "Application", "V-1", lookup("vendors_of_ours", "Q")),
    ];
    block_on(async {
        let (_, desk) = open(&rows).await;
        let found = desk.missing_references(MissingParams::default()).unwrap();
        let of = |key: &str| found.iter().find(|one| one.key == key).expect("a reference");
        let root = of("P-1").root.clone().expect("a root");
        assert_eq!((of("P-1").count, root.count, root.id.as_str()), (2, 2, "R3"));
        assert!(root.message.contains("Type") && of("P-1").cycle.is_empty());
        assert!(of("Q").root.is_none());
        let circle = |key: &str| -> Vec<String> {
            of(key).cycle.iter().map(|one| format!("{} {}", one.entity, one.key)).collect()
        };
        assert_eq!(circle("P-7"), ["CDS Parties P-7", "Worker W-7"]);
        assert_eq!(circle("W-7"), ["Worker W-7", "CDS Parties P-7"]);
    });
}

#[test]
fn a_record_knows_whether_a_retry_can_help() {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for number in 0..400_usize {
        let key = ["", "K-1", "K-2", "K-3", "K-4"][(number * 7) % 5];
        let company = ["usmf", "demf"][(number / 3) % 2];
        let entity = ["Customers V3", "Vendors V2"][(number / 5) % 2];
        let category = ["System", "Concurrency", "Application"][(number / 2) % 3];
        rows.push((entity, company, category, key, format!("Failed, number {number}")));
    }
    block_on(async {
        let (_, desk) = open(&rows).await;
        for (place, (entity, company, category, key, _)) in rows.iter().enumerate() {
            let newer =
                rows[place + 1..].iter().any(|(e, c, _, k, _)| (e, c, k) == (entity, company, key));
            let expected = match *category {
                "Concurrency" => RetryVerdict::NotRetriable,
                _ if newer && !key.is_empty() => RetryVerdict::Superseded,
                "System" => RetryVerdict::Eligible,
                _ => RetryVerdict::PointlessUntilFixed,
            };
            let known = desk.known_record(&format!("R{place}")).expect("a record");
            assert_eq!(known.insight.retry_verdict, expected, "R{place}");
        }
        let json = serde_json::to_value(desk.known_record("R0")).expect("JSON");
        for field in
            ["id", "message", "extra", "retryVerdict", "retryReason", "guidance", "placedBy"]
        {
            assert!(json.get(field).is_some(), "{field}");
        }
    });
}

#[test]
fn notes_outlive_retries_and_starts() {
    block_on(async {
        let (store, desk) = open(&planted()).await;
        let cause = all(&desk, AxisWord::Cause)[0].clone();
        let note = |text: &str| SetNoteParams { cause_id: cause.id.clone(), text: text.into() };
        desk.set_note(note(" Ask Ada. ")).await.expect("noted");
        let retry = crate::one(error_desk::domain::RequestKind::Retry, "Sales", Filter::default());
        desk.submit(retry).await.expect("a request");
        desk.finish().await;
        drop(desk);
        let desk = Desk::open(&store).await;
        let states = error_desk::domain::RecordState::ALL.to_vec();
        let params =
            CauseParams { id: cause.id.clone(), filter: Filter { states, ..Filter::default() } };
        assert_eq!(desk.cause(params.clone()).expect("a cause").note, "Ask Ada.");
        desk.set_note(note("")).await.expect("removed");
        assert_eq!(desk.cause(params).expect("a cause").note, "");
        let endless = desk.set_note(note(&"x".repeat(10_001))).await.expect_err("too long");
        assert_eq!(endless.code, Code::InvalidArgument);
    });
}
