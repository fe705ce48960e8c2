//! A database that cannot be used is handed out as it is, and deleted.

use error_desk::domain::{DatasetId, RequestId};
use error_desk::store::{IndexedDbStore, MemoryStore, Part};
use error_desk::workspace::ports::{Store, StoreError};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{Browser, script};
use crate::contract::Harness;
use crate::contract::things::full_commit;

async fn exported(browser: &Browser) -> Vec<String> {
    let blob = IndexedDbStore::export_raw(&browser.name).await.unwrap();
    assert_eq!(blob.type_(), "application/x-ndjson");
    let text = script("return it.text();", &blob).await.as_string().unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Values of every kind in object stores that this code does not know.
const LATER: &str = r#"
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(it, 99);
        request.onerror = () => reject(request.error);
        request.onupgradeneeded = () => {
            const later = request.result.createObjectStore("later");
            later.put("text", "a");
            later.put(new Uint8Array([1, 2]), 7);
            later.put([["x", 0.5], new Uint8Array([255]).buffer], [1, "b"]);
            later.put({ answer: [42] }, 8);
            later.put(["y", new Blob([new Uint8Array([1, 2])])], 9);
            request.result.createObjectStore("empty");
        };
        request.onsuccess = () => { request.result.close(); resolve(); };
    });"#;

#[wasm_bindgen_test]
async fn a_later_database_is_exported_without_being_understood_and_can_be_deleted() {
    let browser = Browser::new("raw later").await;
    script(LATER, &browser.name.as_str().into()).await;
    let refused = IndexedDbStore::open(&browser.name).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })), "{refused:?}");
    for _ in 0..2 {
        let [head, lines @ ..] = &exported(&browser).await[..] else { panic!("no line") };
        assert_eq!(head, r#"{"database":"store_web raw later","version":99}"#);
        assert_eq!(
            lines,
            [
                r#"{"shelf":"later","key":7,"value":{"base64":"AQI="}}"#,
                r#"{"shelf":"later","key":8,"value":{"other":{"answer":[42]}}}"#,
                r#"{"shelf":"later","key":9,"value":["y",{"base64":"AQI="}]}"#,
                r#"{"shelf":"later","key":"a","value":"text"}"#,
                r#"{"shelf":"later","key":[1,"b"],"value":[["x",0.5],{"base64":"/w=="}]}"#,
            ]
        );
    }
    IndexedDbStore::delete(&browser.name).await.unwrap();
    let store = browser.open().await;
    assert_eq!(store.load().await.unwrap().next_dataset, 1, "it begins anew");
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn what_is_exported_is_what_the_store_in_memory_reads() {
    let browser = Browser::new("raw own").await;
    let store = browser.open().await;
    store.commit(&full_commit()).await.unwrap();
    // More than one part of a blob, and more than one value at a time.
    let large: Vec<u8> = (0..5_000_000_u32).map(|byte| (byte % 251) as u8).collect();
    store.put_segment(DatasetId(2), 0, large.clone()).await.unwrap();
    for index in 1..40 {
        store.put_segment(DatasetId(2), index, &[index as u8; 9]).await.unwrap();
    }
    // While it is open, as from the settings.
    let lines = exported(&browser).await.join("\n");
    let copy = MemoryStore::from_raw(&lines).unwrap();
    assert!(copy.segment(DatasetId(2), 0).await.unwrap() == large);
    assert_eq!(copy.segment(DatasetId(2), 39).await.unwrap(), [39; 9]);
    assert_eq!(copy.segment_count().await, store.segment_count().await);
    let (found, was) = (copy.load().await.unwrap(), store.load().await.unwrap());
    assert_eq!(found.manifests, was.manifests);
    assert_eq!((found.requests, found.jobs), (was.requests, was.jobs));
    assert_eq!((found.dismissals, found.settings), (was.dismissals, was.settings));
    assert_eq!(copy.journal(0, 9).await, store.journal(0, 9).await);
    store.close();
    browser.end().await;
}

#[wasm_bindgen_test]
async fn damage_is_exported_as_it_is() {
    let browser = Browser::new("raw damaged").await;
    let store = browser.open().await;
    store.commit(&full_commit()).await.unwrap();
    store.close();
    browser.damage(&Part::Request(RequestId(1))).await;
    let lines = exported(&browser).await;
    assert!(lines.contains(&r#"{"shelf":"requests","key":1,"value":42}"#.to_owned()), "{lines:?}");
    browser.end().await;
}

#[wasm_bindgen_test]
async fn looking_at_a_database_that_is_not_there_makes_none() {
    let browser = Browser::new("raw none").await;
    assert!(IndexedDbStore::export_raw(&browser.name).await.is_err());
    let names = "return indexedDB.databases().then((all) => all.some(({ name }) => name === it));";
    let is_there = script(names, &browser.name.as_str().into()).await;
    assert_eq!(is_there.as_bool(), Some(false));
    browser.end().await;
}
