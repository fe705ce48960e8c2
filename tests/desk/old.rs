//! Databases of earlier versions, frozen as those versions wrote them: each must open for ever and answer what it
//! answered then.
//!
//! `tests/stored/version-N.jsonl` is the database, line by line as `store::MemoryStore::export_raw` writes it;
//! `version-N.expected.json` the answers. Both are written once, by
//! `cargo test --test desk -- --ignored writes_the_database_of_this_version`, before a step of the schema or a stored
//! form changes, and never again. An answer may say more than it did, and nothing else than it did.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::fs;
use std::path::{Path, PathBuf};

use error_desk::domain::{Column, DatasetId, Filter, JobId, JobStatus, RequestKind};
use error_desk::import::ImportOptions;
use error_desk::protocol::{
    CausesParams, ConfigureParams, LimitsParams, MergeCausesParams, PlanParams, RampParams,
    SetNoteParams, SplitCauseParams, SubmitParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;
use serde_json::{Value, json};

use crate::answers::{answers, differs};
use crate::chunks::import_in_chunks;
use crate::harness::{Desk, csv, csv_of};
use crate::{entity, one};

/// The schema that this code writes.
const SCHEMA: u32 = 4;

/// The databases there are; the last one is what this code writes. Behind the hyphen: what the others of a version lack.
const VERSIONS: [&str; 5] = ["1", "2", "3", "3-causes", "4"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stored").join(name)
}

/// Something of each kind: datasets of one chunk and of several, one removed, rows dismissed and erased, requests in
/// every state that rests, on the shelf for want of a place and behind a gate, a stopped job, settings, records that were
/// seen again, a dump that was opened twice, causes with a note and with rules.
async fn something_of_everything() -> MemoryStore {
    let store = MemoryStore::new();
    let desk = Desk::open(&store).await;
    let gone = csv_of(&[("Vendors V2", "System", "removed")]).replace("00000000-", "eeeeeeee-");
    desk.import("removed.csv", &gone).await.unwrap();
    desk.remove_dataset(DatasetId(1)).await.unwrap();
    drop(desk);
    import_in_chunks(&store, "errors.csv", &csv(40), 16).await;

    let desk = Desk::open(&store).await;
    let other = ImportOptions {
        name: "others.csv".to_owned(),
        job: Some("Other job".to_owned()),
        ..ImportOptions::default()
    };
    let text = csv_of(&[
        ("Sites", "Concurrency", "Site 1: \u{1f4a5} \"\"failed\"\""),
        ("Sites", "System", "Site 22"),
    ]);
    desk.import_with(other, &text.replace("-0000-4000", "-ffff-4000")).await.unwrap();
    let job = desk.jobs()[0].id.clone();
    let text = |text: &str, names: &str| Filter { text: Some(text.to_owned()), ..entity(names) };
    desk.submit(one(RequestKind::Dismiss, &job.0, text("number 2", "Vendors V2"))).await.unwrap();
    desk.submit(one(RequestKind::Retry, &job.0, text("number 1", "Customers V3"))).await.unwrap();
    desk.finish().await;
    desk.erase().await;
    desk.submit(one(RequestKind::Dismiss, &job.0, text("number 3", "Vendors V2"))).await.unwrap();
    desk.finish().await;
    desk.set_job_status(JobId("Other job".to_owned()), JobStatus::Active).await.unwrap();
    desk.submit(one(RequestKind::Retry, "Other job", text("Site", "Sites"))).await.unwrap();
    desk.set_job_status(JobId("Other job".to_owned()), JobStatus::stopped()).await.unwrap();
    let withdrawn = desk.submit(one(RequestKind::Retry, &job.0, text("number 6", "Customers V3")));
    desk.withdraw(withdrawn.await.unwrap().request_ids[0]).await.unwrap();
    desk.mark_fixed("lock".to_owned(), true).await.unwrap();
    // Two places, so that some wait: a ramp of three steps, and what came after it.
    let limits = Some(LimitsParams { requests_per_job: Some(2), records_per_request: Some(4) });
    desk.configure(ConfigureParams { limits, ..ConfigureParams::default() }).await.unwrap();
    let ramp = Some(RampParams { threshold: Some(90) });
    for params in [
        PlanParams { ramp, ..PlanParams::of(RequestKind::Retry, entity("Customers V3")) },
        PlanParams::of(RequestKind::Dismiss, entity("Vendors V2")),
    ] {
        let plan_id = Some(desk.plan(params).await.unwrap().plan_id);
        desk.submit(SubmitParams { plan_id, ..SubmitParams::default() }).await.unwrap();
    }
    desk.set_job_status(job, JobStatus::stopped()).await.unwrap();
    let limits = Some(LimitsParams { requests_per_job: Some(4), records_per_request: None });
    desk.configure(ConfigureParams { limits, ..ConfigureParams::default() }).await.unwrap();

    // The same records in a later dump, of which another is new; and that dump once more.
    let later = csv(40)
        + &csv_of(&[("Sites", "System", "Site 3")])
            .lines()
            .nth(1)
            .unwrap()
            .replace("-0000-4000", "-dddd-4000");
    desk.import("later.csv", &later).await.unwrap();
    desk.import("later-again.csv", &later).await.unwrap();
    let causes = desk.causes(CausesParams::default()).unwrap().causes;
    let of = |at: usize| causes[at].id.clone();
    desk.set_note(SetNoteParams { cause_id: of(0), text: "Set the group \u{1f4a5}".to_owned() })
        .await
        .unwrap();
    desk.merge_causes(MergeCausesParams { into: of(0), causes: vec![of(1)] }).await.unwrap();
    let split = SplitCauseParams { cause: of(2), by: Some(Column::Company), text: None };
    desk.split_cause(split).await.unwrap();
    store
}

#[test]
#[ignore = "writes the fixture of a version; run once, before the stored form changes"]
fn writes_the_database_of_this_version() {
    block_on(async {
        let store = something_of_everything().await;
        let desk = Desk::open(&store.reopen()).await;
        let expected = serde_json::to_string_pretty(&answers(&desk).await).unwrap() + "\n";
        let written = [("jsonl", store.export_raw(SCHEMA)), ("expected.json", expected)];
        for (kind, text) in written {
            let path = file(&format!("version-{}.{kind}", VERSIONS[VERSIONS.len() - 1]));
            assert!(!path.exists(), "{} is frozen", path.display());
            fs::create_dir_all(file("")).unwrap();
            fs::write(path, text).unwrap();
        }
    });
}

#[test]
fn databases_of_all_versions_answer_what_they_answered() {
    for version in VERSIONS {
        let read =
            |kind: &str| fs::read_to_string(file(&format!("version-{version}.{kind}"))).unwrap();
        let expected: Value = serde_json::from_str(&read("expected.json")).unwrap();
        let store = MemoryStore::from_raw(&read("jsonl")).unwrap();
        block_on(async {
            for restart in 0..2 {
                let desk = Desk::open(&store.reopen()).await;
                assert_eq!(desk.problems(), [], "version {version}");
                let found = answers(&desk).await;
                assert_eq!(differs(&expected, &found), None, "version {version}, start {restart}");
            }
        });
    }
}

#[test]
fn a_frozen_answer_that_changed_is_found() {
    let was = json!({ "rows": [{ "id": 1 }], "more": null });
    assert_eq!(differs(&was, &json!({ "rows": [{ "id": 1, "new": 2 }] })), None);
    for is in [json!({ "rows": [{ "id": 2 }] }), json!({ "rows": [] }), json!({}), json!([])] {
        assert!(differs(&was, &is).is_some(), "{is}");
    }
}
