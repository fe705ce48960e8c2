//! Segments, and the datasets they belong to.

use error_desk::domain::DatasetId;
use error_desk::workspace::ports::{Commit, Store, StoreError};

use super::Harness;
use super::things::manifest;

async fn complete(store: &impl Store, dataset: u32, segments: u32) {
    for index in 0..segments {
        store.put_segment(DatasetId(dataset), index, &[dataset as u8, index as u8]).await.unwrap();
    }
    let manifests = vec![manifest(dataset, segments)];
    store.commit(&Commit { manifests, ..Commit::default() }).await.unwrap();
}

pub(crate) async fn a_segment_is_kept_as_it_is_and_can_be_replaced(harness: &impl Harness) {
    let store = harness.open().await;
    let large: Vec<u8> = (0..1_000_003_u32).map(|byte| (byte % 251) as u8).collect();
    store.put_segment(DatasetId(1), 0, large.clone()).await.unwrap();
    store.put_segment(DatasetId(1), 1, b"before, and longer").await.unwrap();
    store.put_segment(DatasetId(1), 1, b"after").await.unwrap();
    store.put_segment(DatasetId(1), 2, b"").await.unwrap();
    let manifests = vec![manifest(1, 3)];
    store.commit(&Commit { manifests, ..Commit::default() }).await.unwrap();
    drop(store);

    let store = harness.open().await;
    store.load().await.unwrap();
    assert!(store.segment(DatasetId(1), 0).await.unwrap() == large);
    assert_eq!(store.segment(DatasetId(1), 1).await.unwrap(), b"after");
    assert_eq!(store.segment(DatasetId(1), 2).await.unwrap(), b"");
    store.put_segment(DatasetId(1), 0, b"erased").await.unwrap();
    assert_eq!(store.segment(DatasetId(1), 0).await.unwrap(), b"erased");
    assert_eq!(store.segment_count().await.unwrap(), 3);
}

pub(crate) async fn segments_without_a_manifest_go_at_load(harness: &impl Harness) {
    let store = harness.open().await;
    complete(&store, 1, 2).await;
    for dataset in [2, 10] {
        store.put_segment(DatasetId(dataset), 0, b"x").await.unwrap();
        store.put_segment(DatasetId(dataset), u32::MAX, b"y").await.unwrap();
    }
    assert_eq!(store.segment_count().await.unwrap(), 6);
    drop(store);

    let store = harness.open().await;
    let stored = store.load().await.unwrap();
    assert_eq!(stored.manifests, [manifest(1, 2)]);
    assert_eq!(stored.next_dataset, 2, "an import that never ended has not used its id up");
    assert_eq!(store.segment_count().await.unwrap(), 2);
    assert_eq!(store.segment(DatasetId(1), 1).await.unwrap(), [1, 1]);
    assert!(store.segment(DatasetId(2), 0).await.is_err());
}

pub(crate) async fn a_missing_segment_is_named(harness: &impl Harness) {
    let store = harness.open().await;
    complete(&store, 1, 1).await;
    let why = "segment 7 of dataset 1: it is missing".to_owned();
    assert_eq!(store.segment(DatasetId(1), 7).await, Err(StoreError::Damaged(why)));
}

pub(crate) async fn a_removed_dataset_takes_its_segments_and_its_id_along(harness: &impl Harness) {
    let store = harness.open().await;
    for dataset in 1..=3 {
        complete(&store, dataset, 2).await;
    }
    let remove = |ids: [u32; 2]| Commit { removed: ids.map(DatasetId).into(), ..Commit::default() };
    store.commit(&remove([1, 3])).await.unwrap();
    assert_eq!(store.segment_count().await.unwrap(), 2);
    assert!(store.segment(DatasetId(3), 0).await.is_err());
    // Work that was still under way for the removed dataset leaves garbage, not a dataset.
    store.put_segment(DatasetId(3), 0, b"late").await.unwrap();
    drop(store);

    let store = harness.open().await;
    let stored = store.load().await.unwrap();
    assert_eq!(stored.manifests, [manifest(2, 2)]);
    assert_eq!(stored.next_dataset, 4);
    assert_eq!(store.segment_count().await.unwrap(), 2);
    assert_eq!(store.segment(DatasetId(2), 1).await.unwrap(), [2, 1]);
    // Also when the last one goes, and when one goes twice.
    store.commit(&remove([2, 1])).await.unwrap();
    drop(store);
    let stored = harness.open().await.load().await.unwrap();
    assert_eq!((stored.manifests, stored.next_dataset), (vec![], 4));
}

pub(crate) async fn an_import_can_be_discarded(harness: &impl Harness) {
    let store = harness.open().await;
    complete(&store, 1, 2).await;
    store.put_segment(DatasetId(2), 0, b"x").await.unwrap();
    store.put_segment(DatasetId(2), 1, b"y").await.unwrap();
    store.put_segment(DatasetId(3), 0, b"z").await.unwrap();
    store.discard(DatasetId(2)).await.unwrap();
    store.discard(DatasetId(9)).await.unwrap();
    assert_eq!(store.segment_count().await.unwrap(), 3);
    assert_eq!(store.segment(DatasetId(3), 0).await.unwrap(), b"z");
    assert_eq!(store.load().await.unwrap().manifests, [manifest(1, 2)]);
}

pub(crate) async fn a_complete_dataset_cannot_be_discarded(harness: &impl Harness) {
    let store = harness.open().await;
    complete(&store, 1, 2).await;
    assert!(matches!(store.discard(DatasetId(1)).await, Err(StoreError::Failed(_))));
    assert_eq!(store.segment_count().await.unwrap(), 2);
    store.commit(&Commit { removed: vec![DatasetId(1)], ..Commit::default() }).await.unwrap();
    store.put_segment(DatasetId(1), 0, b"late").await.unwrap();
    store.discard(DatasetId(1)).await.unwrap();
    assert_eq!(store.segment_count().await.unwrap(), 0);
}
