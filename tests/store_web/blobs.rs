//! Large parts of datasets are blobs.

use error_desk::domain::DatasetId;
use error_desk::store::IndexedDbStore;
use error_desk::workspace::ports::{Store, StoreError};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{Browser, script};
use crate::contract::Harness;

const DATASET: DatasetId = DatasetId(1);

/// The smallest part that is stored as a blob.
const SMALLEST: usize = 1 << 16;

fn large() -> Vec<u8> {
    (0..SMALLEST as u32).map(|byte| (byte % 251) as u8).collect()
}

/// What the database holds in the place of a segment of the dataset: the name of its class.
async fn kind(browser: &Browser, index: u32) -> String {
    let body = r#"
        const [name, index] = it;
        return new Promise((resolve, reject) => {
            const request = indexedDB.open(name);
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
                const database = request.result;
                const found = database.transaction("segments").objectStore("segments").get([1, index]);
                found.onsuccess = () => { database.close(); resolve(found.result.constructor.name); };
            };
        });"#;
    let it = Array::of2(&browser.name.as_str().into(), &index.into());
    script(body, &it).await.as_string().unwrap()
}

/// What comes of the work while a method of the browser is another one, made of the `real` one.
async fn with_other<T>(owner: &str, method: &str, other: &str, work: impl Future<Output = T>) -> T {
    let replace = format!(
        "const owner = {owner}, real = owner.{method};
        globalThis.restore = () => {{ owner.{method} = real; delete globalThis.restore; }};
        owner.{method} = {other};"
    );
    script(&replace, &JsValue::NULL).await;
    let result = work.await;
    script("globalThis.restore();", &JsValue::NULL).await;
    result
}

#[wasm_bindgen_test]
async fn large_parts_are_blobs_and_small_ones_bytes() {
    let browser = Browser::new("blobs").await;
    let store = browser.open().await;
    let parts = vec![(0, large()), (1, large()[1..].to_vec())];
    store.put_segments(DATASET, parts).await.unwrap();
    assert_eq!(kind(&browser, 0).await, "Blob");
    assert_eq!(kind(&browser, 1).await, "Uint8Array");
    assert!(store.segment(DATASET, 0).await.unwrap() == large());
    assert!(store.segment(DATASET, 1).await.unwrap() == large()[1..]);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn large_parts_of_releases_without_blobs_are_read() {
    let browser = Browser::new("blobs before").await;
    let store = browser.open().await;
    store.put_segment(DATASET, 0, b"to be replaced").await.unwrap();
    let key = Array::of2(&1.into(), &0.into());
    browser.overwrite("segments", &key, &Uint8Array::from(&large()[..])).await;
    assert_eq!(kind(&browser, 0).await, "Uint8Array");
    assert!(store.segment(DATASET, 0).await.unwrap() == large());
    store.close();
    browser.end().await;
}

/// What the other methods counted since this was asked last.
async fn blobs_tried() -> JsValue {
    let body = "const { blobs } = globalThis; delete globalThis.blobs; return blobs;";
    script(body, &JsValue::NULL).await
}

#[wasm_bindgen_test]
async fn a_browser_that_stores_no_blobs_is_given_bytes() {
    let browser = Browser::new("blobs refused").await;
    let store = browser.open().await;
    let refuse = r#"function (value, key) {
        if (!(value instanceof Blob)) return real.call(this, value, key);
        globalThis.blobs = (globalThis.blobs ?? 0) + 1;
        throw new DOMException("no blobs here", "DataCloneError");
    }"#;
    let parts = vec![(0, large()), (1, vec![1]), (2, large())];
    let put = store.put_segments(DATASET, parts);
    with_other("IDBObjectStore.prototype", "put", refuse, put).await.unwrap();
    assert_eq!(blobs_tried().await, 1, "and no more");
    assert_eq!(kind(&browser, 0).await, "Uint8Array");
    assert!(store.segment(DATASET, 0).await.unwrap() == large());
    assert_eq!(store.segment(DATASET, 1).await.unwrap(), [1]);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_blob_that_cannot_be_read_fails_and_one_that_is_gone_is_damage() {
    let browser = Browser::new("blobs unreadable").await;
    let store = browser.open().await;
    store.put_segment(DATASET, 0, large()).await.unwrap();
    let mut failures = Vec::new();
    for name in ["NotReadableError", "NotFoundError"] {
        let fail = format!(r#"() => Promise.reject(new DOMException("no", "{name}"))"#);
        let read = async {
            let failed = store.segment(DATASET, 0).await.unwrap_err();
            (failed, IndexedDbStore::export_raw(&browser.name).await.unwrap())
        };
        let (failed, export) = with_other("Blob.prototype", "arrayBuffer", &fail, read).await;
        failures.push(failed);
        let lines = script("return it.text();", &export).await.as_string().unwrap();
        let line =
            r#"{"shelf":"segments","key":[1,0],"value":{"other":{"unreadable":"NAME: no"}}}"#;
        let line = line.replace("NAME", name);
        assert!(lines.lines().any(|it| it == line), "{lines:.300}");
    }
    let place = "segment 0 of dataset 1";
    let failed = StoreError::Failed(format!("{place}: NotReadableError: no"));
    assert_eq!(failures, [failed, StoreError::Damaged(format!("{place}: its file is gone"))]);
    assert!(store.segment(DATASET, 0).await.unwrap() == large());
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_browser_that_fails_to_store_a_blob_later_is_given_bytes_from_then_on() {
    let browser = Browser::new("blobs failing").await;
    let store = browser.open().await;
    // A request for a key that is there already fails, and with it its transaction.
    let fail = r#"function (value, key) {
        if (!(value instanceof Blob)) return real.call(this, value, key);
        globalThis.blobs = (globalThis.blobs ?? 0) + 1;
        real.call(this, new Uint8Array([7]), key);
        return this.add(value, key);
    }"#;
    let put = async {
        for dataset in [1, 2] {
            let parts = vec![(0, vec![1]), (1, large())];
            store.put_segments(DatasetId(dataset), parts).await.unwrap();
        }
    };
    with_other("IDBObjectStore.prototype", "put", fail, put).await;
    assert_eq!(blobs_tried().await, 1, "and no more");
    assert_eq!(kind(&browser, 1).await, "Uint8Array");
    for dataset in [1, 2] {
        assert_eq!(store.segment(DatasetId(dataset), 0).await.unwrap(), [1]);
        assert!(store.segment(DatasetId(dataset), 1).await.unwrap() == large());
    }
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn a_view_of_memory_that_has_grown_meanwhile_is_not_stored() {
    let browser = Browser::new("blobs grown").await;
    let store = browser.open().await;
    let grow =
        "(...all) => real.apply(Array, all[0] instanceof Uint8Array ? [new Uint8Array()] : all)";
    with_other("Array", "of", grow, store.put_segment(DATASET, 0, large())).await.unwrap();
    assert_eq!(kind(&browser, 0).await, "Uint8Array");
    assert!(store.segment(DATASET, 0).await.unwrap() == large());
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn of_parts_that_were_not_all_put_none_is_stored() {
    let browser = Browser::new("blobs and no more").await;
    let store = browser.open().await;
    let fail = r#"function (value, key) {
        if (value instanceof Blob) return real.call(this, value, key);
        throw new DOMException("not this one", "UnknownError");
    }"#;
    let put = store.put_segments(DATASET, vec![(0, large()), (1, vec![1])]);
    let failed = with_other("IDBObjectStore.prototype", "put", fail, put).await;
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!(store.segment_count().await.unwrap(), 0);
    store.close();
    browser.end().await;
}
