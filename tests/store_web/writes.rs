//! The write helper: what a browser does to transactions, and what is left then.

use error_desk::domain::{DatasetId, Identity, JournalEnd, JournalEntry, RequestId};
use error_desk::store::IndexedDbStore;
use error_desk::workspace::ports::{Commit, Store, StoreError};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{Browser, script};
use crate::contract::Harness;
use crate::contract::things::full_commit;

async fn assert_empty(store: &IndexedDbStore) {
    let stored = store.load().await.unwrap();
    assert_eq!((stored.manifests, stored.requests), (vec![], vec![]));
    assert_eq!((stored.jobs, stored.settings), (vec![], None));
    assert_eq!((stored.dismissals, stored.journal_end), (vec![], JournalEnd::default()));
}

#[wasm_bindgen_test]
async fn a_request_that_fails_later_takes_everything_back() {
    let browser = Browser::new("fails later").await;
    let store = browser.open().await;
    // The fourth value is written, and then added again: the browser finds out after the store has asked for all.
    let body = r#"
        const put = IDBObjectStore.prototype.put;
        let left = 3;
        IDBObjectStore.prototype.put = function (...args) {
            if (left-- > 0) return put.apply(this, args);
            IDBObjectStore.prototype.put = put;
            put.apply(this, args);
            return this.add(...args);
        };"#;
    script(body, &JsValue::NULL).await;
    match store.commit(&full_commit()).await {
        Err(StoreError::Failed(why)) => assert!(why.contains("ConstraintError"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_empty(&store).await;
    store.commit(&full_commit()).await.unwrap();
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_key_that_cannot_be_takes_everything_back() {
    let browser = Browser::new("key").await;
    let store = browser.open().await;
    let mut commit = full_commit();
    commit.requests[1].id = RequestId(1 << 53);
    assert!(matches!(store.commit(&commit).await, Err(StoreError::Failed(_))));
    assert_empty(&store).await;
    let mut commit = full_commit();
    commit.journal.push(JournalEntry { id: u64::MAX, ..commit.journal[0].clone() });
    assert!(matches!(store.commit(&commit).await, Err(StoreError::Failed(_))));
    assert_empty(&store).await;
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn an_abort_by_the_browser_is_an_error() {
    let browser = Browser::new("aborted").await;
    let store = browser.open().await;
    let body = r#"
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...args) {
            IDBObjectStore.prototype.put = put;
            const request = put.apply(this, args);
            request.addEventListener("success", () => this.transaction.abort());
            return request;
        };"#;
    script(body, &JsValue::NULL).await;
    assert!(matches!(store.commit(&full_commit()).await, Err(StoreError::Failed(_))));
    assert_empty(&store).await;
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_disk_too_full_to_clean_up_does_not_keep_the_desk_from_starting() {
    let browser = Browser::new("too full to clean").await;
    let store = browser.open().await;
    store.commit(&full_commit()).await.unwrap();
    store.put_segment(DatasetId(9), 0, b"orphan").await.unwrap();
    let body = r#"
        const remove = IDBObjectStore.prototype.delete;
        IDBObjectStore.prototype.delete = function () {
            IDBObjectStore.prototype.delete = remove;
            throw new DOMException("no space is left", "QuotaExceededError");
        };"#;
    script(body, &JsValue::NULL).await;
    assert_eq!(store.load().await.unwrap().requests, full_commit().requests);
    assert_eq!(store.segment_count().await.unwrap(), 1, "the fault was met");
    store.load().await.unwrap();
    assert_eq!(store.segment_count().await.unwrap(), 0, "next time it goes");
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn every_write_is_strictly_durable() {
    let browser = Browser::new("strict").await;
    let store = browser.open().await;
    let watch = r#"
        globalThis.seen = [];
        globalThis.plain = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...args) {
            const transaction = globalThis.plain.apply(this, args);
            globalThis.seen.push(`${transaction.mode} ${transaction.durability}`);
            return transaction;
        };"#;
    script(watch, &JsValue::NULL).await;
    store.put_segment(DatasetId(1), 0, b"x").await.unwrap();
    store.commit(&full_commit()).await.unwrap();
    store.discard(DatasetId(1)).await.unwrap();
    store.wipe().await.unwrap();
    let body = "IDBDatabase.prototype.transaction = globalThis.plain; return seen.join();";
    let seen = script(body, &JsValue::NULL).await.as_string().unwrap();
    assert_eq!(seen, ["readwrite strict"; 4].join(","));
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_call_that_is_dropped_disturbs_nobody() {
    let browser = Browser::new("dropped call").await;
    let store = browser.open().await;
    let commit = full_commit();
    let mut call = Box::pin(store.commit(&commit));
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    let dismissals = vec![Identity(1)];
    store.commit(&Commit { dismissals, ..Commit::default() }).await.unwrap();
    // All or nothing: the browser was asked for all of it.
    assert_eq!(store.load().await.unwrap().requests, commit.requests);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_segment_that_is_not_bytes_is_damaged() {
    let browser = Browser::new("not bytes").await;
    let store = browser.open().await;
    store.put_segment(DatasetId(1), 0, b"x").await.unwrap();
    let key = script("return [1, 0];", &JsValue::NULL).await;
    browser.overwrite("segments", &key, &"text".into()).await;
    let why = "segment 0 of dataset 1: it is not bytes".to_owned();
    assert_eq!(store.segment(DatasetId(1), 0).await, Err(StoreError::Damaged(why)));
    store.close();
    browser.end().await;
}

/// Buffers that went to the browser are freed at once. Browsers that cannot do that keep the segments all the same.
#[wasm_bindgen_test]
async fn bytes_that_were_handed_over_are_freed() {
    let browser = Browser::new("freed").await;
    let store = browser.open().await;
    let watch = r#"
        const { put } = IDBObjectStore.prototype;
        const { transfer } = ArrayBuffer.prototype;
        globalThis.watched = { given: [], put, transfer };
        IDBObjectStore.prototype.put = function (...args) {
            globalThis.watched.given.push(args[0]);
            return put.apply(this, args);
        };"#;
    let freed = "return globalThis.watched.given.filter((bytes) => bytes.byteLength === 0).length;";
    let unwatch = r#"
        IDBObjectStore.prototype.put = globalThis.watched.put;
        ArrayBuffer.prototype.transfer = globalThis.watched.transfer;
        delete globalThis.watched;"#;
    let both = || vec![(0, vec![1; 60_000]), (1, vec![2; 9])];
    script(watch, &JsValue::NULL).await;
    store.put_segments(DatasetId(1), both()).await.unwrap();
    assert_eq!(script(freed, &JsValue::NULL).await, 2);
    script("delete ArrayBuffer.prototype.transfer;", &JsValue::NULL).await;
    store.put_segments(DatasetId(2), both()).await.unwrap();
    assert_eq!(script(freed, &JsValue::NULL).await, 2, "none of these");
    for dataset in [1, 2] {
        assert_eq!(store.segment(DatasetId(dataset), 0).await.unwrap(), [1; 60_000]);
        assert_eq!(store.segment(DatasetId(dataset), 1).await.unwrap(), [2; 9]);
    }
    script(unwatch, &JsValue::NULL).await;
    store.close();
    browser.end().await;
}
