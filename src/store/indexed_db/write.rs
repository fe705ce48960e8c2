//! The only way anything is written.
//!
//! Invariant: [`Connection::write`] returns a value only after the transaction is *complete* and flushed (strict
//! durability), and an error only after everything the work has put is taken back.

use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use idb::{Database, Transaction};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

use crate::workspace::ports::StoreError;

use super::super::part::{Place, Shelf};
use super::super::stored::Change;
use super::convert::{key_to_js, segments_of, value_to_js};
use super::error::{aborted, failed};
use super::open::patience;

/// An open database. Dropping it closes it, once the transactions under way are done.
pub(super) struct Connection {
    /// The same object as `database`, for what the crate lacks.
    raw: JsValue,
    database: Database,
    /// Why the database is no longer within reach, once it is not.
    lost: Shared<LocalBoxFuture<'static, StoreError>>,
}

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the options of a transaction. The binding in `web-sys` is behind its flag for unstable APIs,
    /// though every browser that runs this app has them; an older one would ignore them.
    type DurableDatabase;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &DurableDatabase,
        names: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<JsValue, JsValue>;
}

impl Connection {
    /// Takes an open `IDBDatabase`. It closes itself when another tab wants to upgrade or delete the database: that tab
    /// runs newer code, and this one is told by its next call.
    pub(super) fn new(raw: JsValue) -> Result<Self, idb::Error> {
        let mut database = Database::try_from(raw.clone())?;
        let same = Database::try_from(raw.clone())?;
        let (sender, lost) = oneshot::channel();
        let sender = Rc::new(Cell::new(Some(sender)));
        let other = Rc::clone(&sender);
        let tell = |sender: &Cell<Option<oneshot::Sender<StoreError>>>, why: &str| {
            if let Some(sender) = sender.take() {
                // Nobody listens where the store is only tested.
                let _ = sender.send(StoreError::Lost(why.to_owned()));
            }
        };
        database.on_version_change(move |event| {
            same.close();
            let to = Reflect::get(&event, &"newVersion".into());
            let is_deletion = to.is_ok_and(|version| version.is_null());
            tell(
                &sender,
                if is_deletion {
                    "another tab deleted them"
                } else {
                    "another tab runs a later version of the desk, which has taken them over"
                },
            );
        });
        database.on_close(move |_| tell(&other, "they were cleared with the data of this site"));
        let lost = async move {
            match lost.await {
                Ok(why) => why,
                Err(_) => pending().await,
            }
        };
        Ok(Self { raw, database, lost: lost.boxed_local().shared() })
    }

    /// Resolves with the reason once the database is no longer within reach.
    pub(super) fn lost(&self) -> impl Future<Output = StoreError> + use<> {
        self.lost.clone()
    }

    /// Waits for the answer of a database, which may go meanwhile and then answer nothing any more. What was under way is
    /// given the time to come to its end: where another tab takes over, it is carried out.
    pub(super) async fn unless_lost<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match select(pin!(answer), self.lost()).await {
            Either::Left((answer, _)) => answer,
            Either::Right((why, answer)) => match select(answer, pin!(patience())).await {
                Either::Left((answer, _)) => answer,
                Either::Right(((), _)) => Err(why),
            },
        }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Runs the work in one transaction. The work must await nothing but answers of this transaction: whenever nothing
    /// is asked, the browser takes it as done.
    pub(super) async fn write<T>(
        &self,
        shelves: &[Shelf],
        work: impl AsyncFnOnce(&Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let raw = self.begin(shelves).map_err(idb::Error::TransactionOpenFailed).map_err(failed)?;
        self.unless_lost(self.carry_out(raw, work)).await
    }

    async fn carry_out<T>(
        &self,
        raw: JsValue,
        work: impl AsyncFnOnce(&Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = Transaction::try_from(raw.clone()).map_err(failed)?;
        let end = end_of(&mut transaction);
        let result = work(&transaction).await;
        if result.is_err() {
            // Leaving without this would keep what was put so far. It fails only where the browser was faster, for
            // example because a request had failed.
            let _ = Transaction::try_from(raw).and_then(Transaction::abort);
        }
        match (result, end.await) {
            (Ok(value), Ok(None)) => Ok(value),
            // The reason of the transaction is the cause, the error of the work only its symptom.
            (_, Ok(Some(Some(reason)))) => Err(aborted(Some(reason))),
            (Ok(_), _) => Err(aborted(None)),
            (Err(error), _) => Err(error),
        }
    }

    fn begin(&self, shelves: &[Shelf]) -> Result<JsValue, JsValue> {
        let names: Array = shelves.iter().map(|shelf| JsValue::from(shelf.name())).collect();
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        self.raw.unchecked_ref::<DurableDatabase>().transaction(&names, "readwrite", &options)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// `None` for complete, `Some` with the browser's reason for aborted.
type End = Option<Option<DomException>>;

/// The end of a transaction. The crate's own future ends too early: at the first error of a request, when the
/// transaction does not yet know its reason, and a full disk shows only there.
fn end_of(transaction: &mut Transaction) -> oneshot::Receiver<End> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let other = Rc::clone(&sender);
    let tell = |sender: &Cell<Option<oneshot::Sender<End>>>, end| {
        if let Some(sender) = sender.take() {
            // Nobody listens any more where the caller was dropped.
            let _ = sender.send(end);
        }
    };
    transaction.on_complete(move |_| tell(&sender, None));
    transaction.on_abort(move |event| {
        let target = event.target().and_then(|target| Transaction::try_from(target).ok());
        tell(&other, Some(target.and_then(|transaction| transaction.error())));
    });
    // The browser calls one of the two, also after the caller was dropped.
    transaction.forget_callbacks();
    receiver
}

/// The shelves a change of which must wait for its turn: all that commits write, so that commits keep their order, and
/// the segments where datasets come or go, so that they come after their segments.
pub(super) fn scope(changes: &[Change]) -> &'static [Shelf] {
    let datasets = |change: &Change| match change {
        Change::Put(place, _) => matches!(place.shelf, Shelf::Manifests | Shelf::Segments),
        Change::Append(..) => false,
        Change::RemoveSegments(_) | Change::Clear(_) => true,
    };
    if changes.iter().any(datasets) { &Shelf::ALL } else { Shelf::ALL_BUT_SEGMENTS }
}

/// Whether any segment goes.
pub(super) fn drop_segments(changes: &[Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::RemoveSegments(_) | Change::Clear(_)))
}

/// Asks for the changes, in order. Answers are not awaited: a request that fails aborts the transaction.
pub(super) fn apply(transaction: &Transaction, changes: &[Change]) -> Result<(), StoreError> {
    let on = |shelf: Shelf| transaction.object_store(shelf.name()).map_err(failed);
    for change in changes {
        match change {
            Change::Put(Place { shelf, key }, value) => {
                let key = key_to_js(key)?;
                on(*shelf)?.put(&value_to_js(value), Some(&key)).map_err(failed)?;
            }
            Change::Append(shelf, value) => {
                on(*shelf)?.put(&value_to_js(value), None).map_err(failed)?;
            }
            Change::RemoveSegments(dataset) => {
                on(Shelf::Segments)?.delete(segments_of(*dataset)?).map_err(failed)?;
            }
            Change::Clear(shelves) => {
                for shelf in *shelves {
                    on(*shelf)?.clear().map_err(failed)?;
                }
            }
        }
    }
    Ok(())
}
