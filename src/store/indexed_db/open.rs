//! Opening, upgrading and deleting a database.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use idb::event::VersionChangeEvent;
use idb::{Database, DatabaseEvent, Error, Event, Factory, Request};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

use crate::workspace::ports::StoreError;

use super::error::{is_newer, unavailable};
use super::schema;
use super::write::Connection;

/// How long another tab may take to give way. It does so at once, but the browser says "blocked" already while a
/// transaction of that tab comes to its end.
const PATIENCE_MS: i32 = 2_000;

#[wasm_bindgen]
extern "C" {
    /// Of the window or of the worker; the binding in `web-sys` is bound to one of them.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, millis: i32) -> JsValue;
}

/// Opens the database in the version this code knows; makes or upgrades it where needed.
pub(super) async fn open(name: &str) -> Result<Connection, StoreError> {
    let factory = Factory::new().map_err(unavailable)?;
    match request(&factory, name, Some(schema::VERSION)).await? {
        Ok(connection) => Ok(connection),
        Err(error) if is_newer(&error) => Err(newer(name).await?),
        Err(error) => Err(unavailable(error)),
    }
}

/// Opens the database in the version it has, to look at what is there.
pub(super) async fn open_as_it_is(name: &str) -> Result<Connection, StoreError> {
    let factory = Factory::new().map_err(unavailable)?;
    request(&factory, name, None).await?.map_err(unavailable)
}

/// Deletes the database. Other tabs that run this app close it by themselves.
pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
    let factory = Factory::new().map_err(unavailable)?;
    let mut request = factory.delete(name).map_err(unavailable)?;
    let (blocked, is_blocked) = oneshot::channel();
    request.on_blocked(move |_| {
        after_patience(move || {
            let _ = blocked.send(());
        });
    });
    match select(request.into_future(), is_blocked).await {
        Either::Left((result, _)) => result.map_err(unavailable),
        Either::Right((Ok(()), _)) => Err(in_use()),
        Either::Right((Err(_), request)) => request.await.map_err(unavailable),
    }
}

/// Makes the browser begin a new file for what it writes to this origin's databases. Chromium that was killed in the midst
/// of a write goes on behind the torn record, into a file that it cannot read to its end later (google/leveldb#1287);
/// whenever a database is deleted, however small, it begins a new one. It answers first: until the new one is there, some
/// milliseconds later, on a busy machine half a second, a second kill can still cost what is stored.
pub(super) async fn begin_new_log(name: &str) -> Result<(), StoreError> {
    let passing = format!("{name}, passing");
    let factory = Factory::new().map_err(unavailable)?;
    factory.open(&passing, Some(1)).map_err(unavailable)?.await.map_err(unavailable)?.close();
    delete(&passing).await
}

/// The inner error is the browser's answer to the request, the outer one ends the matter.
async fn request(
    factory: &Factory,
    name: &str,
    version: Option<u32>,
) -> Result<Result<Connection, Error>, StoreError> {
    let mut request = factory.open(name, version).map_err(unavailable)?;
    let (sender, receiver) = oneshot::channel::<Result<Result<Connection, Error>, StoreError>>();
    let sender = Rc::new(Cell::new(Some(sender)));
    // The first to speak is heard. A connection that comes too late is dropped, which closes it.
    let tell = move |answer| {
        if let Some(sender) = sender.take() {
            let _ = sender.send(answer);
        }
    };
    let failed_step: Rc<RefCell<Option<Error>>> = Rc::default();
    request.on_upgrade_needed({
        let failed_step = Rc::clone(&failed_step);
        let is_looked_at = version.is_none();
        move |event| *failed_step.borrow_mut() = upgrade(&event, is_looked_at).err()
    });
    request.on_blocked({
        let tell = tell.clone();
        move |_| after_patience(move || tell(Err(in_use())))
    });
    request.on_success({
        let tell = tell.clone();
        move |event| tell(Ok(event.target().and_then(|r| r.result()).and_then(Connection::new)))
    });
    request.on_error(move |event| {
        // A failed step aborts the upgrade; its own error says more than the abort.
        let step = failed_step.borrow_mut().take();
        let error = step.unwrap_or_else(|| match event.target().and_then(|r| r.error()) {
            Ok(Some(exception)) => Error::DomException(exception),
            Ok(None) => Error::DomExceptionNotFound,
            Err(error) => error,
        });
        tell(Ok(Err(error)));
    });
    request.forget_callbacks();
    receiver.await.unwrap_or_else(|_| Ok(Err(Error::OneshotChannelReceiveError)))
}

/// Runs the steps that are missing; takes all of them back where one fails. Where the database is only looked at, there is
/// none: nothing is made, and the request fails.
fn upgrade(event: &VersionChangeEvent, is_looked_at: bool) -> Result<(), Error> {
    let request = event.target()?;
    let database: Database = event.database()?;
    let transaction = request.transaction().ok_or(Error::DomExceptionNotFound)?;
    if is_looked_at {
        return transaction.abort().map(|_| ());
    }
    let result = schema::upgrade(&database, &transaction, event.old_version()?);
    if result.is_err() {
        transaction.abort()?;
    }
    result
}

/// The refusal of a database that later code has written, with its version.
async fn newer(name: &str) -> Result<StoreError, StoreError> {
    let connection = open_as_it_is(name).await?;
    let found = connection.database().version().map_err(unavailable)?;
    Ok(StoreError::Newer { found, known: schema::VERSION })
}

/// As long as another tab, or a transaction, may take to come to its end.
pub(super) async fn patience() {
    let (sender, passed) = oneshot::channel();
    after_patience(move || {
        let _ = sender.send(());
    });
    let _ = passed.await;
}

fn after_patience(then: impl FnOnce() + 'static) {
    set_timeout(&Closure::once_into_js(then), PATIENCE_MS);
}

fn in_use() -> StoreError {
    StoreError::Unavailable("another tab holds the stored data; close it and reload".to_owned())
}
