//! What a desk works out while nobody asks changes no answer, and is worked out to the end, also after rows came or went.

use std::pin::pin;

use error_desk::domain::{Filter, JobId, RequestKind};
use error_desk::protocol::{AxisWord, CausesParams, MissingParams, PlanParams, SubmitParams};
use error_desk::sample::SampleDump;
use error_desk::store::MemoryStore;
use futures_executor::block_on;
use futures_util::future::select;
use serde_json::{Value, json};

use crate::harness::Desk;
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
