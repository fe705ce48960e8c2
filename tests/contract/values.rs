//! What is committed comes back.

use error_desk::domain::{
    DatasetId, Gate, Identity, JobStatus, JournalEnd, JournalEntry, RecordBatch, RecordId,
    RecordOutcome, Request, RequestId, RequestKind, RequestState,
};
use error_desk::workspace::ports::{Commit, Manifest, Settings, Store, Stored};

use super::Harness;
use super::things::{
    end, entry, full_commit, identities, job, manifest, request, settings, sorted, time,
};

pub(super) fn assert_new(stored: &Stored) {
    assert_eq!(stored.manifests, []);
    assert_eq!(stored.jobs, []);
    assert_eq!(stored.requests, []);
    assert_eq!(stored.dismissals, []);
    assert_eq!(stored.settings, None);
    assert_eq!((stored.next_dataset, stored.journal_end), (1, JournalEnd::default()));
}

pub(crate) async fn a_new_store_is_empty(harness: &impl Harness) {
    let store = harness.open().await;
    assert_new(&store.load().await.unwrap());
    assert_eq!(store.journal(0, 10).await.unwrap(), (0, vec![]));
    assert_eq!(store.segment_count().await.unwrap(), 0);
    assert!(["memory", "indexedDb"].contains(&store.kind()));
}

pub(crate) async fn everything_comes_back(harness: &impl Harness) {
    let store = harness.open().await;
    store.put_segment(DatasetId(2), 0, b"x").await.unwrap();
    let commit = full_commit();
    store.commit(&commit).await.unwrap();
    drop(store);

    let store = harness.open().await;
    let stored = store.load().await.unwrap();
    assert_eq!(stored.manifests, commit.manifests);
    assert_eq!(stored.jobs, [commit.jobs[1].clone(), commit.jobs[0].clone()], "by name");
    assert_eq!(stored.requests, commit.requests);
    assert_eq!(stored.dismissals, sorted(commit.dismissals));
    assert_eq!(stored.settings, commit.settings);
    assert_eq!((stored.next_dataset, stored.journal_end), (3, end(3)));
    assert_eq!(store.journal(0, 10).await.unwrap(), (2, commit.journal));
}

pub(crate) async fn large_requests_come_back(harness: &impl Harness) {
    let store = harness.open().await;
    let requests: Vec<Request> =
        (1..=5).map(|id| request(id, 10_000, 2_000 * id as usize)).collect();
    store.commit(&Commit { requests: requests.clone(), ..Commit::default() }).await.unwrap();
    drop(store);
    assert_eq!(harness.open().await.load().await.unwrap().requests, requests);
}

pub(crate) async fn extreme_values_come_back(harness: &impl Harness) {
    let far = 8_210_266_876_799_000;
    let records = [(0, 0), (1, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX)];
    let odd = Request {
        kind: RequestKind::Dismiss,
        batch: RecordBatch::restored(
            // Worked on in an order of its own.
            records
                .into_iter()
                .rev()
                .map(|(set, row)| RecordId::new(DatasetId(set), row))
                .collect(),
        )
        .unwrap(),
        outcomes: vec![RecordOutcome::Dismissed],
        state: RequestState::Withdrawn,
        filter_text: "\u{0} \u{2028} \u{1f4a5} \"'\\".to_owned(),
        reason: Some(String::new()),
        created_at: time(-far),
        started_at: Some(time(far)),
        finished_at: Some(time(0)),
        rehearsal: false,
        ..request(1, 1, 0)
    };
    let states = [RequestState::Running, RequestState::Finished, RequestState::Queued];
    let others = states.into_iter().zip(2..);
    let others = others.map(|(state, id)| Request { state, ..request(id, 1, 1) });
    let gate = Some(Gate { after: RequestId(4), threshold: 100, released: true });
    let shelved =
        Request { state: RequestState::Shelved, gate, turn: (1 << 53) - 1, ..request(5, 2, 0) };
    let commit = Commit {
        manifests: vec![Manifest { segments: 0, ..manifest(u32::MAX - 1, 0) }],
        jobs: vec![
            job("", JobStatus::Other(String::new())),
            // By UTF-16 these two sort the other way round.
            job("\u{ffee}", JobStatus::Active),
            job("\u{1f4a5}", JobStatus::Other("Wartet – später".to_owned())),
        ],
        requests: std::iter::once(odd).chain(others).chain([shelved]).collect(),
        dismissals: vec![Identity(0), Identity(u128::MAX)],
        settings: Some(Settings { rehearsal_step_ms: u32::MAX, ..Settings::default() }),
        journal: vec![JournalEntry { id: 9_007_199_254_740_991, ..entry(1) }],
        removed: vec![],
    };
    let store = harness.open().await;
    store.commit(&commit).await.unwrap();
    drop(store);

    let store = harness.open().await;
    let stored = store.load().await.unwrap();
    assert_eq!(stored.manifests, commit.manifests);
    assert_eq!(stored.jobs, commit.jobs);
    assert_eq!(stored.requests, commit.requests);
    assert_eq!(stored.dismissals, commit.dismissals);
    assert_eq!(stored.settings, commit.settings);
    assert_eq!((stored.next_dataset, stored.journal_end.id), (u32::MAX, 9_007_199_254_740_991));
    assert_eq!(store.journal(0, 1).await.unwrap().1, commit.journal);
}

pub(crate) async fn a_value_replaces_the_one_with_its_id(harness: &impl Harness) {
    let store = harness.open().await;
    store.commit(&full_commit()).await.unwrap();
    let changed = Request { state: RequestState::Running, ..request(2, 3, 3) };
    let again = Commit {
        manifests: vec![manifest(2, 4)],
        jobs: vec![job("Finance", JobStatus::Other("Paused".to_owned()))],
        requests: vec![changed.clone()],
        settings: Some(Settings::default()),
        ..Commit::default()
    };
    store.commit(&again).await.unwrap();
    drop(store);

    let stored = harness.open().await.load().await.unwrap();
    assert_eq!(stored.manifests, again.manifests);
    assert_eq!(stored.jobs, [again.jobs[0].clone(), job("Sales", JobStatus::stopped())]);
    assert_eq!(stored.requests, [request(1, 5, 2), changed]);
    assert_eq!(stored.settings, again.settings);
}

pub(crate) async fn dismissals_only_grow(harness: &impl Harness) {
    let store = harness.open().await;
    let dismiss = |dismissals| Commit { dismissals, ..Commit::default() };
    store.commit(&dismiss(identities(0..50_000))).await.unwrap();
    store.commit(&dismiss(identities(49_990..50_010))).await.unwrap();
    store.commit(&dismiss(identities(0..3))).await.unwrap();
    store
        .commit(&dismiss([identities(50_010..50_011), identities(50_010..50_011)].concat()))
        .await
        .unwrap();
    drop(store);
    let stored = harness.open().await.load().await.unwrap();
    assert!(stored.dismissals == sorted(identities(0..50_011)), "each of them, once");
}

pub(crate) async fn the_journal_is_read_in_windows(harness: &impl Harness) {
    let store = harness.open().await;
    for ids in [1..4, 4..5, 5..13] {
        let journal = ids.map(entry).collect();
        store.commit(&Commit { journal, ..Commit::default() }).await.unwrap();
    }
    drop(store);

    let store = harness.open().await;
    let window = |ids: std::ops::Range<u64>| (12, ids.map(entry).collect::<Vec<_>>());
    assert_eq!(store.journal(0, 12).await.unwrap(), window(1..13));
    assert_eq!(store.journal(0, 3).await.unwrap(), window(1..4));
    assert_eq!(store.journal(1, 1).await.unwrap(), window(2..3));
    assert_eq!(store.journal(8, 3).await.unwrap(), window(9..12), "past 9 numbers sort as numbers");
    assert_eq!(store.journal(10, 100).await.unwrap(), window(11..13));
    assert_eq!(store.journal(10, usize::MAX).await.unwrap(), window(11..13));
    assert_eq!(store.journal(12, 1).await.unwrap(), window(1..1));
    assert_eq!(store.journal(usize::MAX, 1).await.unwrap(), window(1..1));
    assert_eq!(store.journal(0, 0).await.unwrap(), window(1..1));
    assert_eq!(store.load().await.unwrap().journal_end, end(12));
}

pub(crate) async fn wipe_leaves_a_new_store(harness: &impl Harness) {
    let store = harness.open().await;
    store.commit(&full_commit()).await.unwrap();
    store.put_segment(DatasetId(2), 0, b"x").await.unwrap();
    store.wipe().await.unwrap();
    assert_new(&store.load().await.unwrap());
    assert_eq!(store.segment_count().await.unwrap(), 0);
    drop(store);

    let store = harness.open().await;
    assert_new(&store.load().await.unwrap());
    assert_eq!(store.journal(0, 10).await.unwrap(), (0, vec![]));
    store.commit(&full_commit()).await.unwrap();
    assert_eq!(store.load().await.unwrap().settings, Some(settings()));
}

pub(crate) async fn an_empty_commit_changes_nothing(harness: &impl Harness) {
    let store = harness.open().await;
    store.commit(&Commit::default()).await.unwrap();
    assert_new(&store.load().await.unwrap());
}

pub(crate) async fn commits_in_flight_keep_their_order(harness: &impl Harness) {
    let store = harness.open().await;
    let with = |outcomes, journal| Commit {
        requests: vec![request(1, 100, outcomes)],
        journal: vec![entry(journal)],
        ..Commit::default()
    };
    let (one, two, three) = (with(10, 1), with(20, 2), with(30, 3));
    let (one, two, three, segment, stored) = futures_util::join!(
        store.commit(&one),
        store.commit(&two),
        store.commit(&three),
        store.put_segment(DatasetId(1), 0, b"x"),
        store.load(),
    );
    assert_eq!((one, two, three, segment), (Ok(()), Ok(()), Ok(()), Ok(())));
    let stored = stored.unwrap();
    assert_eq!(
        stored.requests,
        [request(1, 100, 30)],
        "the last one wins, and a later load sees it"
    );
    assert_eq!(stored.journal_end, end(3));
}

pub(crate) async fn a_replacement_leaves_nothing_of_before_but_segments(harness: &impl Harness) {
    let store = harness.open().await;
    store.commit(&full_commit()).await.unwrap();
    store.put_segment(DatasetId(1), 0, b"new").await.unwrap();
    let commit = Commit {
        manifests: vec![manifest(1, 1)],
        dismissals: vec![Identity(77)],
        journal: vec![entry(1)],
        ..Commit::default()
    };
    store.replace(&commit).await.unwrap();
    drop(store);

    let store = harness.open().await;
    let stored = store.load().await.unwrap();
    assert_eq!((stored.manifests, stored.dismissals), (commit.manifests, commit.dismissals));
    assert_eq!((stored.jobs, stored.requests, stored.settings), (vec![], vec![], None));
    assert_eq!(stored.journal_end, end(1));
    assert_eq!(store.journal(0, 10).await.unwrap(), (1, commit.journal));
    assert_eq!(store.segment(DatasetId(1), 0).await.unwrap(), b"new");
}
