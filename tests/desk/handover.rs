//! Bundles: what one desk hands over, another one takes, whole or not at all.

use error_desk::domain::{Filter, RequestKind};
use error_desk::protocol::{BundleOutcome, Code};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use futures_executor::block_on;

use crate::harness::{Bytes, Desk, csv, csv_of};
use crate::{code, entity, one};

async fn bundle(desk: &Desk) -> Vec<u8> {
    let mut bytes = Vec::new();
    desk.export_bundle(|piece| bytes.extend_from_slice(piece)).await.expect("a bundle");
    bytes
}

/// A desk on which something of everything was done; one dump was removed again.
async fn worked(store: &MemoryStore) -> Desk {
    let desk = Desk::open(store).await;
    desk.import("gone.csv", &csv_of(&[("Vendors V2", "System", "soon gone")])).await.expect("done");
    desk.remove_dataset(error_desk::domain::DatasetId(1)).await.expect("done");
    desk.import("errors.csv", &csv(40)).await.expect("done");
    let job = desk.jobs()[0].id.0.clone();
    desk.mark_fixed("lock".to_owned(), true).await.expect("done");
    desk.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.expect("done");
    let vendors = desk.rows(entity("Vendors V2"), None, 0, 3).expect("rows").rows;
    let ids = vendors.into_iter().map(|row| row.id).collect();
    let some = error_desk::protocol::SubmitParams {
        filter: None,
        ids: Some(ids),
        reason: Some("known".to_owned()),
        ..one(RequestKind::Dismiss, &job, Filter::default())
    };
    desk.submit(some).await.expect("done");
    desk.finish().await;
    desk
}

async fn take(desk: &Desk, bytes: &[u8]) -> BundleOutcome {
    desk.import_bundle(Bytes(bytes)).await.expect("taken").outcome
}

#[test]
fn an_empty_desk_becomes_the_same_and_a_second_time_changes_nothing() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let bytes = bundle(&desk).await;
        assert!(bytes.starts_with(error_desk::protocol::BUNDLE_BEGINS.as_bytes()));
        let store = MemoryStore::new();
        // The harness has changed a setting, which counts as empty.
        let other = Desk::open(&store).await;
        assert_eq!(take(&other, &bytes).await, BundleOutcome::Taken);
        assert_eq!(other.picture().await, desk.picture().await);
        assert_eq!(take(&other, &bytes).await, BundleOutcome::Known);
        assert_eq!(other.picture().await, desk.picture().await);
        assert_eq!(take(&desk, &bytes).await, BundleOutcome::Known, "the desk it comes from");
        assert_eq!(other.verify_journal(None).await.unwrap().broken, None);

        let reopened = Desk::open(&store.reopen()).await;
        assert_eq!(reopened.picture().await, desk.picture().await);
        // What was dismissed there is not brought back here.
        let report = reopened.import("errors.csv", &csv(40)).await.unwrap();
        assert_eq!((report.loaded, report.dismissed_earlier), (0, 3));
        // Ids go on where the other desk ended: also that of the dump that was removed is not given again.
        assert_eq!(reopened.datasets()[0].id.0, 2);
        let more = reopened.import("more.csv", &csv(50)).await.unwrap();
        assert_eq!(more.dataset_id.unwrap().0, 3);
    });
}

#[test]
fn work_goes_to_and_fro() {
    block_on(async {
        let here = worked(&MemoryStore::new()).await;
        let older = bundle(&here).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &older).await;
        there.import("more.csv", &csv(60)).await.unwrap();
        let job = there.jobs()[0].id.0.clone();
        there.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        there.finish().await;
        let newer = bundle(&there).await;

        assert_eq!(take(&there, &older).await, BundleOutcome::Known, "an older one");
        assert_eq!(take(&here, &newer).await, BundleOutcome::Continued);
        assert_eq!(here.picture().await, there.picture().await);
        assert_eq!(here.count(entity("Vendors V2")), 0);
        here.erase().await;
        assert_eq!(here.picture().await, there.picture().await);
    });
}

#[test]
fn two_ways_are_not_merged() {
    block_on(async {
        let here = worked(&MemoryStore::new()).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bundle(&here).await).await;
        there.mark_fixed("there".to_owned(), true).await.unwrap();
        here.mark_fixed("here".to_owned(), true).await.unwrap();
        let bytes = bundle(&there).await;
        let before = here.picture().await;
        assert_eq!(code(here.import_bundle(Bytes(&bytes)).await), Code::InvalidArgument);
        assert_eq!(here.picture().await, before);
    });
}

#[test]
fn an_outcome_that_the_bundle_does_not_know_is_another_way() {
    block_on(async {
        let here = Desk::open(&MemoryStore::new()).await;
        here.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = here.jobs()[0].id.0.clone();
        here.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.unwrap();
        here.round().await;
        let bytes = bundle(&here).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bytes).await;
        there.mark_fixed("there".to_owned(), true).await.unwrap();
        let newer = bundle(&there).await;
        // A step leaves no line, and is work all the same.
        here.clock.pass(1_000);
        here.round().await;
        let before = here.picture().await;
        assert_eq!(code(here.import_bundle(Bytes(&newer)).await), Code::InvalidArgument);
        assert_eq!(here.picture().await, before);
    });
}

#[test]
fn a_damaged_bundle_changes_nothing() {
    block_on(async {
        let bytes = bundle(&worked(&MemoryStore::new()).await).await;
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.wipe().await.unwrap();
        let before = desk.picture().await;
        let places = (0..bytes.len()).step_by(97).chain(bytes.len() - 90..bytes.len());
        for at in places {
            let cut = desk.import_bundle(Bytes(&bytes[..at])).await;
            assert_eq!(code(cut), Code::UnsupportedFormat, "cut at {at}");
            let mut other = bytes.clone();
            other[at] ^= 1;
            let Err(problem) = desk.import_bundle(Bytes(&other)).await else {
                panic!("byte {at} was changed, and nobody saw it")
            };
            assert_eq!(problem.code, Code::UnsupportedFormat, "byte {at}: {problem}");
        }
        let dump = desk.import_bundle(Bytes(csv(3).as_bytes())).await;
        assert_eq!(code(dump), Code::UnsupportedFormat);
        assert_eq!(desk.picture().await, before);
        assert_eq!(desk.store_facts().await.unwrap().0, 0, "no segment stays");
        assert_eq!(take(&desk, &bytes).await, BundleOutcome::Taken);
    });
}

#[test]
fn a_crash_at_any_write_leaves_all_of_the_bundle_or_nothing() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let bytes = bundle(&desk).await;
        let whole = desk.outcome();
        let empty = Desk::open(&MemoryStore::new()).await.outcome();
        let mut wholes = 0;
        for writes in 0.. {
            let store = MemoryStore::new();
            let other = Desk::open(&store).await;
            store.plan_fault(FaultPlan::new(writes, Fault::CrashAfter));
            let taken = other.import_bundle(Bytes(&bytes)).await;
            let is_crashed = store.is_crashed();
            let reopened = Desk::open(&store.reopen()).await;
            let found = reopened.outcome();
            assert!(found == whole || found == empty, "after {writes} writes");
            wholes += usize::from(found == whole);
            if !is_crashed {
                taken.unwrap();
                break;
            }
        }
        assert!(wholes >= 2, "after the commit, and at the end");
    });
}

#[test]
fn a_bundle_holds_no_text_of_what_was_dismissed() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let rows = [
            ("Vendors V2", "System", "secretword one"),
            ("Customers V3", "System", "plainword two"),
        ];
        desk.import("errors.csv", &csv_of(&rows)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        desk.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        let bytes = bundle(&desk).await;
        let store = MemoryStore::new();
        take(&Desk::open(&store).await, &bytes).await;
        let stored = crate::harness::stored_bytes(&store).await;
        let holds = |word: &str| memchr::memmem::find(&stored, word.as_bytes()).is_some();
        assert!(holds("plainword"), "what is searched for would be found");
        assert!(!holds("secretword"));
    });
}
