//! Versions: older databases are upgraded, newer ones refused, other tabs given way to.

use error_desk::domain::{
    DatasetId, Identity, Job, JobId, JobStatus, JournalEnd, RecordId, RecordOutcome, RequestKind,
    RequestState, Timestamp,
};
use error_desk::store::IndexedDbStore;
use error_desk::workspace::ports::{Commit, Settings, Store, StoreError};
use idb::{Factory, TransactionMode};
use serde_json::Value as JsonValue;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{Browser, script};
use crate::contract::Harness;

/// A database of version 1 as version 1 wrote it. It must be readable for ever, so it is never changed; later versions
/// add fixtures of their own.
const VERSION_1: &str = r#"
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(it, 1);
        request.onerror = () => reject(request.error);
        request.onupgradeneeded = () => {
            const database = request.result;
            for (const name of ["segments", "manifests", "jobs", "requests", "journal", "meta"])
                database.createObjectStore(name);
            database.createObjectStore("dismissals", { autoIncrement: true });
        };
        request.onsuccess = () => {
            const database = request.result;
            const transaction = database.transaction([...database.objectStoreNames], "readwrite");
            const on = (name) => transaction.objectStore(name);
            on("segments").put(new Uint8Array([1, 2, 3]), [2, 0]);
            on("segments").put(new Uint8Array([9]), [3, 0]);
            on("manifests").put('{"state":"removed"}', 1);
            on("manifests").put('{"state":"complete","segments":1,"importedAt":1000,"sample":true,"report":'
                + '{"datasetId":2,"name":"errors.csv","format":"csv","dialect":"comma","rowsRead":4,"loaded":1,'
                + '"duplicates":1,"dismissedEarlier":1,"rejected":1,'
                + '"rejects":[{"row":1,"line":2,"column":null,"reason":"no time"}],'
                + '"warnings":[{"code":"a","message":"b"}],'
                + '"columns":[{"header":"Job","field":"job","how":"exact"}],"timeZone":"UTC","elapsedMs":5}}', 2);
            on("jobs").put('{"status":"Active"}', "Finance");
            on("jobs").put('{"status":"Stopped"}', "Sales");
            on("requests").put(['{"job":"Sales","kind":"dismiss","state":"queued","records":3,'
                + '"digest":"ea0e477e38e5cc068b540e8f2337f55b","outcomes":1,"filterText":"f","reason":"r",'
                + '"createdAt":1,"startedAt":2,"finishedAt":null,"rehearsal":true}',
                new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x10, 1, 0xab, 2, 4])], 7);
            on("dismissals").put(new Uint8Array([1, ...new Array(15).fill(0), ...new Array(16).fill(255)]));
            on("journal").put('{"at":3,"event":"imported","details":{"dataset":2}}', 1);
            on("meta").put('{"rehearsalStepMs":150,"dismissHoldSeconds":10,"requestsPerJob":5,'
                + '"recordsPerRequest":10000,"fixedCauses":[]}', "settings");
            transaction.onabort = () => reject(transaction.error);
            transaction.oncomplete = () => { database.close(); resolve(); };
        };
    });"#;

#[wasm_bindgen_test]
async fn a_database_of_version_1_is_understood() {
    let browser = Browser::new("version 1").await;
    script(VERSION_1, &browser.name.as_str().into()).await;

    let store = browser.open().await;
    let stored = store.load().await.unwrap();
    let [manifest] = stored.manifests.as_slice() else { panic!("{:?}", stored.manifests) };
    assert_eq!((manifest.dataset, manifest.segments, manifest.sample), (DatasetId(2), 1, true));
    assert_eq!(manifest.imported_at.millis(), 1000);
    assert_eq!(manifest.report.name, "errors.csv");
    assert_eq!(manifest.report.rejects[0].reason, "no time");
    let job = |name: &str, status| Job { id: JobId(name.to_owned()), status };
    assert_eq!(
        stored.jobs,
        [job("Finance", JobStatus::Active), job("Sales", JobStatus::stopped())]
    );
    let [request] = stored.requests.as_slice() else { panic!("{:?}", stored.requests) };
    assert_eq!((request.id.0, request.job.0.as_str()), (7, "Sales"));
    assert_eq!((request.kind, request.state), (RequestKind::Dismiss, RequestState::Queued));
    let rows = [0, 1, 300].map(|row| RecordId::new(DatasetId(1), row));
    assert_eq!(request.batch.records(), rows);
    assert_eq!(request.outcomes, [RecordOutcome::Dismissed]);
    assert_eq!((request.filter_text.as_str(), request.reason.as_deref()), ("f", Some("r")));
    assert_eq!(request.created_at.millis(), 1);
    assert_eq!(request.started_at.map(|time| time.millis()), Some(2));
    assert_eq!(stored.dismissals, [Identity(1), Identity(u128::MAX)]);
    assert_eq!(stored.settings, Some(Settings::default()));
    assert_eq!((stored.next_dataset, stored.journal_end.id), (3, 1));
    assert_eq!(store.segment(DatasetId(2), 0).await.unwrap(), [1, 2, 3]);
    assert_eq!(store.segment_count().await.unwrap(), 1, "the orphan is gone");
    let (total, entries) = store.journal(0, 9).await.unwrap();
    assert_eq!((total, entries[0].event.as_str()), (1, "imported"));
    // The line that has no hash is the beginning of the chain.
    assert_eq!(entries[0].hash, None);
    assert_eq!(stored.journal_end, JournalEnd::default().with(&entries[0]));
    // It can be written on, too.
    let dismissals = vec![Identity(2)];
    store.commit(&Commit { dismissals, ..Commit::default() }).await.unwrap();
    assert_eq!(store.load().await.unwrap().dismissals.len(), 3);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn an_upgrade_that_fails_leaves_the_version_before() {
    let browser = Browser::new("failed upgrade").await;
    let body = r#"
        const create = IDBDatabase.prototype.createObjectStore;
        let left = 3;
        IDBDatabase.prototype.createObjectStore = function (...args) {
            if (left-- > 0) return create.apply(this, args);
            IDBDatabase.prototype.createObjectStore = create;
            throw new DOMException("no space is left", "QuotaExceededError");
        };"#;
    script(body, &JsValue::NULL).await;
    assert_eq!(IndexedDbStore::open(&browser.name).await.err(), Some(StoreError::Full));
    // Half a schema would answer "damaged".
    let store = browser.open().await;
    assert_eq!(store.load().await.unwrap().next_dataset, 1);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_newer_database_is_refused_and_left_alone() {
    let browser = Browser::new("newer").await;
    browser.raw(Some(99)).await.close();
    match IndexedDbStore::open(&browser.name).await {
        Err(StoreError::Newer { found: 99, known }) => assert!((1..99).contains(&known)),
        other => panic!("{other:?}"),
    }
    // Nothing of the refusal stays open, so that the way out, deleting, is free.
    let database = browser.raw(None).await;
    assert_eq!(database.version().unwrap(), 99);
    database.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_store_gives_way_to_a_later_version_and_says_so() {
    let browser = Browser::new("gives way").await;
    let store = browser.open().await;
    let later = browser.raw(Some(99)).await;
    assert_eq!(later.version().unwrap(), 99);
    let dismissals = vec![Identity(1)];
    let commit = Commit { dismissals, ..Commit::default() };
    assert!(matches!(store.commit(&commit).await, Err(StoreError::Lost(_))));
    assert!(matches!(store.load().await, Err(StoreError::Lost(_))));
    assert!(matches!(store.segment_count().await, Err(StoreError::Lost(_))));
    later.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_database_that_another_tab_holds_cannot_be_deleted() {
    let browser = Browser::new("held").await;
    browser.open().await.close();
    let held = browser.raw(None).await;
    assert!(matches!(IndexedDbStore::delete(&browser.name).await, Err(StoreError::Unavailable(_))));
    held.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_dropped_store_holds_nothing() {
    let browser = Browser::new("dropped").await;
    drop(browser.open().await);
    let factory = Factory::new().unwrap();
    factory.delete(&browser.name).unwrap().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_browser_without_indexed_db_is_told_apart() {
    let hide = r#"
        Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });"#;
    script(hide, &JsValue::NULL).await;
    let opened = IndexedDbStore::open("nowhere").await;
    script("delete globalThis.indexedDB;", &JsValue::NULL).await;
    match opened {
        Err(StoreError::Unavailable(why)) => assert!(why.contains("no IndexedDB"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn a_database_without_our_object_stores_is_damaged() {
    let browser = Browser::new("foreign").await;
    browser.raw(Some(1)).await.close();
    let store = browser.open().await;
    assert!(matches!(store.load().await, Err(StoreError::Damaged(_))));
    store.close();
    browser.end().await;
}

/// Puts a value under each of the keys on each shelf of ours, past the store.
const FOREIGN: &str = r#"
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(it);
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
            const database = request.result;
            const names = [...database.objectStoreNames];
            const transaction = database.transaction(names, "readwrite");
            for (const name of names) {
                const keys = [0.5, -3, 0, new Date(5), new Uint8Array([1]), [1], [1, 2, 3], [["a"]]];
                keys.push(["jobs", "meta"].includes(name) ? 7 : "of somebody");
                for (const key of keys) transaction.objectStore(name).put("of somebody", key);
            }
            transaction.onabort = () => reject(transaction.error);
            transaction.oncomplete = () => { database.close(); resolve(); };
        };
    });"#;

#[wasm_bindgen_test]
async fn keys_that_are_none_of_ours_keep_nothing_from_being_read() {
    let browser = Browser::new("keys").await;
    let store = browser.open().await;
    let line = JournalEnd::default().next(Timestamp::EPOCH, "imported", JsonValue::Null);
    let job = Job { id: JobId("Sales".to_owned()), status: JobStatus::Active };
    let commit = Commit {
        jobs: vec![job],
        dismissals: vec![Identity(7)],
        journal: vec![line.clone()],
        ..Commit::default()
    };
    store.commit(&commit).await.unwrap();
    let before = store.load().await.unwrap();
    store.close();
    script(FOREIGN, &browser.name.as_str().into()).await;

    let store = browser.open().await;
    assert_eq!(format!("{:?}", store.load().await.unwrap()), format!("{before:?}"));
    assert_eq!(store.journal(0, 10).await.unwrap(), (1, vec![line.clone()]));
    let next = before.journal_end.next(Timestamp::EPOCH, "removed", JsonValue::Null);
    let more =
        Commit { dismissals: vec![Identity(8)], journal: vec![next.clone()], ..Commit::default() };
    store.commit(&more).await.unwrap();
    assert_eq!(store.journal(0, 10).await.unwrap(), (2, vec![line, next]));
    assert_eq!(store.load().await.unwrap().dismissals, [Identity(7), Identity(8)]);
    store.close();

    // Not even a number between two of ours, behind the last one.
    let database = browser.raw(None).await;
    let transaction = database.transaction(&["journal"], TransactionMode::ReadWrite).unwrap();
    let journal = transaction.object_store("journal").unwrap();
    journal.put(&"of somebody".into(), Some(&7.5.into())).unwrap().await.unwrap();
    assert!(transaction.await.unwrap().is_committed());
    database.close();
    let store = browser.open().await;
    assert_eq!(store.load().await.unwrap().journal_end.id, 7, "the next one comes behind it");
    store.close();
    browser.end().await;
}
