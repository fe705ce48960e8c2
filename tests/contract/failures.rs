//! Full disks and damaged values.

use error_desk::domain::{DatasetId, Job, JobId, JobStatus, RequestId};
use error_desk::store::Part;
use error_desk::workspace::ports::{Commit, DamagedThing, Store, StoreError};

use super::Harness;
use super::things::{end, entry, full_commit, identities, job, manifest, request};
use super::values::assert_new;

/// What `full_commit` would change.
fn before() -> Commit {
    Commit {
        manifests: vec![manifest(1, 1)],
        jobs: vec![job("Sales", JobStatus::Active)],
        requests: vec![request(1, 5, 0)],
        dismissals: identities(0..3),
        journal: vec![entry(1)],
        ..Commit::default()
    }
}

pub(crate) async fn a_full_disk_at_any_change_of_a_commit_leaves_nothing(harness: &impl Harness) {
    let store = harness.open().await;
    store.put_segment(DatasetId(1), 0, b"kept").await.unwrap();
    store.commit(&before()).await.unwrap();
    // The commit writes 11 values: 2 in the place of manifests (one marks the removed dataset), 2 jobs, 2 requests,
    // 2 lines of the journal and its end, the settings, the dismissals.
    for changes in 0..11 {
        harness.fill_disk_after(&store, changes);
        assert_eq!(store.commit(&full_commit()).await, Err(StoreError::Full), "after {changes}");
        let reopened = harness.open().await;
        for store in [&store, &reopened] {
            let stored = store.load().await.unwrap();
            assert_eq!(stored.manifests, before().manifests, "after {changes}");
            assert_eq!(stored.jobs, before().jobs, "after {changes}");
            assert_eq!(stored.requests, before().requests, "after {changes}");
            assert_eq!(stored.dismissals.len(), 3, "after {changes}");
            assert_eq!(stored.settings, None, "after {changes}");
            assert_eq!((stored.next_dataset, stored.journal_end), (2, end(1)), "after {changes}");
            assert_eq!(store.journal(0, 9).await.unwrap(), (1, vec![entry(1)]), "after {changes}");
            assert_eq!(store.segment(DatasetId(1), 0).await.unwrap(), b"kept", "after {changes}");
        }
    }
    store.commit(&full_commit()).await.unwrap();
    let stored = harness.open().await.load().await.unwrap();
    assert_eq!((stored.manifests.len(), stored.journal_end), (1, end(3)), "the same commit again");
}

pub(crate) async fn a_full_disk_keeps_the_segments_that_were_there(harness: &impl Harness) {
    let store = harness.open().await;
    let both = |text: &[u8]| vec![(0, text.to_vec()), (1, text.to_vec())];
    store.put_segments(DatasetId(1), both(b"before")).await.unwrap();
    for changes in 0..2 {
        harness.fill_disk_after(&store, changes);
        let put = store.put_segments(DatasetId(1), both(b"after")).await;
        assert_eq!(put, Err(StoreError::Full), "after {changes}");
        for index in 0..2 {
            let kept = store.segment(DatasetId(1), index).await.unwrap();
            assert_eq!(kept, b"before", "{index} after {changes}");
        }
    }
    store.put_segments(DatasetId(1), both(b"after")).await.unwrap();
    assert_eq!(store.segment(DatasetId(1), 0).await.unwrap(), b"after");
    assert_eq!(store.segment(DatasetId(1), 1).await.unwrap(), b"after");
}

/// Each thing in turn: named, not used, left where it is, and no other is touched by it.
pub(crate) async fn a_damaged_value_is_named_and_left(harness: &impl Harness) {
    let parts = [
        // First, for as long as the store is new their number is known.
        (Part::Dismissals(1), DamagedThing::Dismissals, "dismissals 1: "),
        (
            Part::Manifest(DatasetId(2)),
            DamagedThing::Manifest(Some(DatasetId(2))),
            "manifest of dataset 2: ",
        ),
        (
            Part::Job(JobId("Finance".to_owned())),
            DamagedThing::Job(Some(JobId("Finance".to_owned()))),
            "job Finance: ",
        ),
        (Part::Request(RequestId(2)), DamagedThing::Request, "request 2: "),
        (Part::Settings, DamagedThing::Settings, "the settings: "),
    ];
    for (part, thing, name) in parts {
        let store = harness.open().await;
        store.wipe().await.unwrap();
        store.commit(&full_commit()).await.unwrap();
        store.put_segment(DatasetId(2), 0, b"kept").await.unwrap();
        store.put_segment(DatasetId(9), 0, b"orphan").await.unwrap();
        let whole = store.load().await.unwrap();
        assert_eq!(whole.damaged, []);
        drop(store);
        harness.damage(&part).await;

        // Again and again: it is never taken away.
        for _ in 0..2 {
            let store = harness.open().await;
            let stored = store.load().await.unwrap();
            let [damage] = &stored.damaged[..] else { panic!("{part:?}: {:?}", stored.damaged) };
            assert_eq!(damage.thing, thing);
            assert!(damage.why.starts_with(name), "{}", damage.why);
            let is = |other: &Part| part == *other;
            assert_eq!(stored.manifests.is_empty(), is(&Part::Manifest(DatasetId(2))));
            assert_eq!(stored.requests.len(), if is(&Part::Request(RequestId(2))) { 1 } else { 2 });
            assert_eq!(stored.dismissals.is_empty(), is(&Part::Dismissals(1)));
            assert_eq!(stored.settings.is_none(), is(&Part::Settings));
            let finance = JobId("Finance".to_owned());
            let is_stopped = is(&Part::Job(finance.clone()));
            let status = if is_stopped { JobStatus::stopped() } else { JobStatus::Active };
            assert!(stored.jobs.contains(&Job { id: finance, status }), "{:?}", stored.jobs);
            assert_eq!(
                (stored.next_request, stored.next_dataset, stored.journal_end),
                (whole.next_request, whole.next_dataset, whole.journal_end),
                "no id is given again"
            );
            assert_eq!(store.segment(DatasetId(2), 0).await.unwrap(), b"kept");
            assert_eq!(store.segment_count().await.unwrap(), 1);
        }
    }
}

pub(crate) async fn a_damaged_journal_entry_spoils_only_its_windows(harness: &impl Harness) {
    let store = harness.open().await;
    let journal = (1..=4).map(entry).collect();
    store.commit(&Commit { journal, ..Commit::default() }).await.unwrap();
    drop(store);
    harness.damage(&Part::Journal(3)).await;

    let store = harness.open().await;
    assert_eq!(store.load().await.unwrap().journal_end, end(4));
    assert_eq!(store.journal(0, 2).await.unwrap(), (4, vec![entry(1), entry(2)]));
    assert_eq!(store.journal(3, 9).await.unwrap(), (4, vec![entry(4)]));
    match store.journal(0, 9).await {
        Err(StoreError::Damaged(why)) => assert!(why.starts_with("journal entry 3: "), "{why}"),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_damaged_store_can_be_wiped(harness: &impl Harness) {
    let store = harness.open().await;
    store.commit(&full_commit()).await.unwrap();
    harness.damage(&Part::Request(RequestId(1))).await;
    assert_eq!(store.load().await.unwrap().damaged.len(), 1);
    store.wipe().await.unwrap();
    assert_new(&store.load().await.unwrap());
}
