//! What a desk works out while nobody asks changes no answer, and is worked out to the end, also after rows came or went.

use std::pin::pin;

use error_desk::domain::{Filter, JobId, RequestKind};
use error_desk::protocol::{
    AxisWord, Call, CausesParams, MergeCausesParams, MissingParams, PlanParams, SubmitParams,
};
use error_desk::sample::SampleDump;
use error_desk::store::MemoryStore;
use futures_executor::block_on;
use futures_util::future::select;
use serde_json::{Value, json};

use crate::harness::{Desk, csv_of, stored_bytes};
use crate::outside::turn_of_others;

fn sample(rows: u32, seed: u64) -> String {
    let (mut dump, mut text) = (SampleDump::new(rows, seed), Vec::new());
    while dump.next_chunk(&mut text) {}
    String::from_utf8(text).expect("text")
}

/// Lets the desk run on its own until nothing is left to prepare.
async fn rest(desk: &Desk) {
    assert!(!desk.is_prepared(), "something is to be done");
    let prepared = async {
        for _ in 0..100_000 {
            if desk.is_prepared() {
                return;
            }
            turn_of_others().await;
        }
        panic!("never prepared");
    };
    select(pin!(desk.run()), pin!(prepared)).await;
}

/// What questions that can be prepared for are answered with.
async fn answers(desk: &Desk) -> Value {
    let mut plans = Vec::new();
    for kind in [RequestKind::Retry, RequestKind::Dismiss] {
        let plan = desk.plan(PlanParams::of(kind, Filter::default())).await.expect("a plan");
        let mut plan = serde_json::to_value(plan).expect("JSON");
        plan.as_object_mut().expect("an object").remove("planId");
        plans.push(plan);
    }
    let causes = CausesParams { by: AxisWord::Cause, buckets: 3, ..CausesParams::default() };
    json!({
        "plans": plans,
        "causes": desk.causes(causes).expect("causes").causes,
        "missing": desk.missing_references(MissingParams::default()).expect("references"),
        "first": desk.rows(Filter::default(), None, 0, 3).expect("rows").rows,
    })
}

async fn dismiss(desk: &Desk, entity: &str) {
    let job: JobId = desk.jobs()[0].id.clone();
    let filter = Filter { entities: vec![entity.to_owned()], ..Filter::default() };
    desk.submit(SubmitParams {
        kind: Some(RequestKind::Dismiss),
        job_id: Some(job),
        filter: Some(filter),
        ..SubmitParams::default()
    })
    .await
    .expect("a request");
    desk.finish().await;
}

#[test]
fn answers_are_the_same_whether_or_not_they_were_prepared_for() {
    block_on(async {
        let asked = Desk::open(&MemoryStore::new()).await;
        let rested = Desk::open(&MemoryStore::new()).await;
        assert!(rested.is_prepared(), "without records nothing is to be prepared");
        for (step, seed) in (0..).zip([1, 2]) {
            for desk in [&asked, &rested] {
                desk.import("errors.csv", &sample(1_500, seed)).await.expect("an import");
                if step > 0 {
                    dismiss(desk, "Customers V3").await;
                }
            }
            rest(&rested).await;
            let expected = answers(&asked).await;
            assert_eq!(answers(&rested).await, expected);
            assert!(expected["missing"].as_array().is_some_and(|found| !found.is_empty()));
        }
    });
}

#[test]
fn who_asks_all_the_time_keeps_no_dismissed_text_from_being_erased() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let rows = [("Vendors V2", "System", "personal-key"), ("Sites", "System", "stays")];
        desk.import("errors.csv", &csv_of(&rows)).await.expect("an import");
        rest(&desk).await;
        dismiss(&desk, "Vendors V2").await;
        let holds = async || {
            let bytes = stored_bytes(&store).await;
            bytes.windows(12).any(|part| part == b"personal-key")
        };
        assert!(holds().await);
        let asking = async {
            // A question every tenth of a second, for a minute.
            for _ in 0..600 {
                desk.prepare(&Call::Settings).await;
                desk.clock.pass(100);
                turn_of_others().await;
                if !holds().await {
                    return;
                }
            }
            panic!("still there");
        };
        select(pin!(desk.run()), pin!(asking)).await;
        assert!(!desk.is_prepared(), "nobody was quiet");
        rest(&desk).await;
    });
}

#[test]
fn causes_are_read_to_the_end_though_rows_and_rules_change_meanwhile() {
    block_on(async {
        let [asked, rested] = [MemoryStore::new(), MemoryStore::new()];
        let (asked, rested) = (Desk::open(&asked).await, Desk::open(&rested).await);
        let change = async |desk: &Desk| {
            let text = (0..1_200)
                .map(|at| {
                    let word: String =
                        format!("{at}").bytes().map(|b| char::from(b + 49)).collect();
                    format!("Sites,usmf,System,2026-01-05T08:00:00Z,Cannot {word} the record\r\n")
                })
                .collect::<String>();
            let text = format!("entity,company,category,occurred_at,message\r\n{text}");
            desk.import("errors.csv", &text).await.expect("an import");
        };
        change(&asked).await;
        change(&rested).await;
        // A few steps, then a rule and a removal, then the rest.
        select(
            pin!(rested.run()),
            pin!(async {
                for _ in 0..6 {
                    turn_of_others().await
                }
            }),
        )
        .await;
        assert!(!rested.is_prepared());
        for desk in [&asked, &rested] {
            let params = CausesParams { limit: Some(3), ..CausesParams::default() };
            let causes = desk.causes(params).expect("causes").causes;
            let merge = MergeCausesParams {
                into: causes[0].id.clone(),
                causes: causes[1..].iter().map(|cause| cause.id.clone()).collect(),
            };
            desk.merge_causes(merge).await.expect("a rule");
            desk.import("more.csv", &sample(700, 3)).await.expect("an import");
            let first = desk.datasets()[0].id;
            desk.remove_dataset(first).await.expect("a removal");
        }
        rest(&rested).await;
        assert_eq!(answers(&rested).await, answers(&asked).await);
    });
}
