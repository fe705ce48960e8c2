//! Databases of earlier versions, frozen as those versions wrote them, opened in a real browser: see `tests/desk/old.rs`.

use error_desk::gateway::Rehearsal;
use error_desk::platform::clock::BrowserClock;
use error_desk::protocol::Event;
use error_desk::workspace::Workspace;
use error_desk::workspace::ports::Announcer;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{answers, differs};
use crate::browser::{Browser, script};
use crate::contract::Harness;

struct Nobody;

impl Announcer for Nobody {
    fn announce(&self, event: Event) {
        assert!(!matches!(event, Event::Problem(_)), "{event:?}");
    }
}

/// Makes a database of lines as `store::raw` writes them, in the version that their first one tells. Versions up to 4
/// have the same object stores; from that one on segments may be blobs.
const RESTORE: &str = r#"
    const [name, text] = it;
    const lines = text.trim().split("\n").map((line) => JSON.parse(line));
    const { version } = lines.shift();
    const plain = (value) => Array.isArray(value) ? value.map(plain)
        : typeof value === "object" ? Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)) : value;
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(name, version);
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
            for (const { shelf, key, value } of lines) {
                const it = plain(value);
                const isBlob = version >= 4 && shelf === "segments";
                transaction.objectStore(shelf).put(isBlob ? new Blob([it]) : it, key);
            }
            transaction.onabort = () => reject(transaction.error);
            transaction.oncomplete = () => { database.close(); resolve(); };
        };
    });"#;

#[wasm_bindgen_test]
async fn databases_of_all_versions_answer_what_they_answered() {
    let versions = [
        (
            include_str!("../stored/version-1.jsonl"),
            include_str!("../stored/version-1.expected.json"),
        ),
        (
            include_str!("../stored/version-2.jsonl"),
            include_str!("../stored/version-2.expected.json"),
        ),
        (
            include_str!("../stored/version-3.jsonl"),
            include_str!("../stored/version-3.expected.json"),
        ),
        (
            include_str!("../stored/version-3-causes.jsonl"),
            include_str!("../stored/version-3-causes.expected.json"),
        ),
        (
            include_str!("../stored/version-4.jsonl"),
            include_str!("../stored/version-4.expected.json"),
        ),
    ];
    for (version, (lines, expected)) in (1..).zip(versions) {
        let browser = Browser::new(&format!("frozen {version}")).await;
        let it = js_sys::Array::of2(&browser.name.as_str().into(), &lines.into());
        script(RESTORE, &it).await;
        let expected: Value = serde_json::from_str(expected).unwrap();
        for restart in 0..2 {
            let store = browser.open().await;
            let desk = Workspace::open(store, Rehearsal, BrowserClock, Nobody).await.unwrap();
            desk.load_rest().await;
            let found = answers(&desk).await;
            assert_eq!(differs(&expected, &found), None, "version {version}, start {restart}");
        }
        browser.end().await;
    }
}
