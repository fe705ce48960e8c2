//! A database of its own for each test, and ways to it past the store.

use error_desk::store::{IndexedDbStore, Part};
use idb::{Database, Factory, TransactionMode};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::contract::Harness;

pub(crate) struct Browser {
    pub(crate) name: String,
}

impl Browser {
    /// No database has this name before.
    pub(crate) async fn new(case: &str) -> Self {
        let name = format!("store_web {case}");
        IndexedDbStore::delete(&name).await.unwrap();
        Self { name }
    }

    pub(crate) async fn end(self) {
        IndexedDbStore::delete(&self.name).await.unwrap();
    }

    /// Opens the database past the store, in the given version or the one it has.
    pub(crate) async fn raw(&self, version: Option<u32>) -> Database {
        Factory::new().unwrap().open(&self.name, version).unwrap().await.unwrap()
    }

    /// Overwrites a value past the store.
    pub(crate) async fn overwrite(&self, shelf: &str, key: &JsValue, value: &JsValue) {
        let database = self.raw(None).await;
        let transaction = database.transaction(&[shelf], TransactionMode::ReadWrite).unwrap();
        let store = transaction.object_store(shelf).unwrap();
        let found = store.get(key.clone()).unwrap().await.unwrap();
        assert!(found.is_some(), "there is nothing to damage in {shelf}");
        store.put(value, Some(key)).unwrap().await.unwrap();
        assert!(transaction.await.unwrap().is_committed());
        database.close();
    }
}

/// Runs JavaScript; the body sees its argument as `it` and may return a promise.
pub(crate) async fn script(body: &str, it: &JsValue) -> JsValue {
    let answer = Function::new_with_args("it", body).call1(&JsValue::NULL, it).unwrap();
    match answer.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await.unwrap(),
        Err(value) => value,
    }
}

impl Harness for Browser {
    type S = IndexedDbStore;

    async fn open(&self) -> IndexedDbStore {
        IndexedDbStore::open(&self.name).await.unwrap()
    }

    fn fill_disk_after(&self, _: &IndexedDbStore, changes: usize) {
        let body = r#"
            const put = IDBObjectStore.prototype.put;
            let left = it;
            IDBObjectStore.prototype.put = function (...args) {
                if (left-- > 0) return put.apply(this, args);
                IDBObjectStore.prototype.put = put;
                throw new DOMException("no space is left", "QuotaExceededError");
            };"#;
        Function::new_with_args("it", body).call1(&JsValue::NULL, &changes.into()).unwrap();
    }

    async fn damage(&self, part: &Part) {
        let (shelf, key): (_, JsValue) = match part {
            Part::Manifest(dataset) => ("manifests", dataset.0.into()),
            Part::Job(job) => ("jobs", job.0.as_str().into()),
            Part::Request(request) => ("requests", (request.0 as f64).into()),
            Part::Dismissals(number) => ("dismissals", (*number as f64).into()),
            Part::Journal(number) => ("journal", (*number as f64).into()),
            Part::Settings => ("meta", "settings".into()),
            Part::JournalEnd => ("meta", "end of the journal".into()),
        };
        // Of a type that no stored value has.
        self.overwrite(shelf, &key, &JsValue::from_f64(42.0)).await;
    }
}
