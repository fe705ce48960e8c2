//! A second thread for imports, with the engine's own program: it seals the texts of chunks and writes them, while the
//! engine reads on.
//!
//! Engine → press: `{ id, dataset, headAt, detailsAt, head, raw }`. Press → engine: `{ ready }`, then `{ id, details }`,
//! `{ id, full }` or `{ id, failed }`, each with `raw` as it came, to be filled again. Bytes are transferred, not copied. The thread starts with the first sheet of an
//! import and ends when nothing came for a while, which gives its memory back.
//!
//! Invariant: every sheet is answered, also if the thread dies.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, try_join};
use js_sys::{Array, ArrayBuffer, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{
    DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType,
};

use super::wire;
use crate::dataset::RawDetails;
use crate::domain::DatasetId;
use crate::platform::clock::sleep;
use crate::platform::task::detach;
use crate::store::IndexedDbStore;
use crate::workspace::ports::{Press, Sheet, Store, StoreError};

/// The name of the thread, by which the program knows what it is.
pub(super) const NAME: &str = "press";

/// How long the thread waits for another sheet, in milliseconds.
const PATIENCE_MS: u32 = 3_000;

type Pressed = Result<Vec<u8>, StoreError>;

/// The engine's end.
#[derive(Clone, Default)]
pub(super) struct PressThread(Rc<Inner>);

#[derive(Default)]
struct Inner {
    worker: RefCell<Option<Worker>>,
    /// Whether the thread hears already; what is sent before would be lost.
    is_ready: Cell<bool>,
    unsent: RefCell<Vec<(Object, Array)>>,
    next_id: Cell<u32>,
    waiting: RefCell<HashMap<u32, oneshot::Sender<Pressed>>>,
    /// Buffers that came back: memory that was written once is written faster.
    buffers: RefCell<Vec<ArrayBuffer>>,
}

impl Press for PressThread {
    fn press(&self, sheet: Sheet) -> LocalBoxFuture<'_, Pressed> {
        let id = self.0.next_id.get();
        self.0.next_id.set(id.wrapping_add(1));
        let raw = self.filled(&sheet.raw);
        let (message, transfer) = message_of(id, &sheet, &raw);
        let (sender, pressed) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(id, sender);
        self.send(message, transfer);
        async move { pressed.await.unwrap_or_else(|_| Err(died("it went away"))) }.boxed_local()
    }
}

impl PressThread {
    fn filled(&self, bytes: &[u8]) -> Uint8Array {
        let len = bytes.len() as u32;
        match self.0.buffers.borrow_mut().pop().filter(|buffer| buffer.byte_length() >= len) {
            Some(buffer) => {
                let part = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, len);
                part.copy_from(bytes);
                part
            }
            None => Uint8Array::from(bytes),
        }
    }

    fn send(&self, message: Object, transfer: Array) {
        if self.0.worker.borrow().is_none() {
            match self.start() {
                Ok(worker) => *self.0.worker.borrow_mut() = Some(worker),
                Err(error) => return self.stop(&format!("it cannot be started: {error:?}")),
            }
        }
        if !self.0.is_ready.get() {
            return self.0.unsent.borrow_mut().push((message, transfer));
        }
        let posted = self
            .0
            .worker
            .borrow()
            .as_ref()
            .map(|worker| worker.post_message_with_transfer(&message, &transfer));
        if let Some(Err(error)) = posted {
            self.stop(&format!("it cannot be asked: {error:?}"));
        }
    }

    fn start(&self) -> Result<Worker, JsValue> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(&scope.location().href(), &options)?;
        let own = self.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            own.receive(&event.data());
        });
        let own = self.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            let why = wire::text(&event, "message");
            own.stop(why.as_deref().unwrap_or("it could not be loaded"));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // They live as long as the thread does.
        on_message.forget();
        on_error.forget();
        worker.post_message(&wasm_bindgen::module())?;
        Ok(worker)
    }

    fn receive(&self, message: &JsValue) {
        if wire::get(message, "ready").is_some() {
            self.0.is_ready.set(true);
            for (message, transfer) in self.0.unsent.take() {
                self.send(message, transfer);
            }
            return;
        }
        let answer = if let Some(details) = wire::get(message, "details") {
            Ok(details.unchecked_into::<Uint8Array>().to_vec())
        } else if wire::get(message, "full").is_some() {
            Err(StoreError::Full)
        } else {
            Err(StoreError::Failed(wire::text(message, "failed").unwrap_or_default()))
        };
        if let Some(Ok(raw)) = wire::get(message, "raw").map(JsCast::dyn_into::<Uint8Array>) {
            self.0.buffers.borrow_mut().push(raw.buffer());
        }
        let waiting = wire::id(message).and_then(|id| self.0.waiting.borrow_mut().remove(&id));
        if let Some(waiting) = waiting {
            // The asker may have gone; then nobody needs the answer.
            let _gone = waiting.send(answer);
        }
        self.end_when_idle();
    }

    fn end_when_idle(&self) {
        let (own, last) = (self.clone(), self.0.next_id.get());
        if self.0.waiting.borrow().is_empty() {
            detach(async move {
                sleep(PATIENCE_MS).await;
                if own.0.next_id.get() == last {
                    own.stop("nothing was left to do");
                }
            });
        }
    }

    fn stop(&self, why: &str) {
        if let Some(worker) = self.0.worker.take() {
            worker.terminate();
        }
        self.0.is_ready.set(false);
        self.0.unsent.borrow_mut().clear();
        self.0.buffers.borrow_mut().clear();
        for (_, waiting) in self.0.waiting.take() {
            let _gone = waiting.send(Err(died(why)));
        }
    }
}

fn died(why: &str) -> StoreError {
    StoreError::Failed(format!("the thread that writes imports stopped: {why}"))
}

fn message_of(id: u32, sheet: &Sheet, raw: &Uint8Array) -> (Object, Array) {
    let head = Uint8Array::from(&sheet.head[..]);
    let message = Object::new();
    wire::set(&message, "id", &id.into());
    wire::set(&message, "dataset", &sheet.dataset.0.into());
    wire::set(&message, "headAt", &sheet.head_at.into());
    wire::set(&message, "detailsAt", &sheet.details_at.into());
    wire::set(&message, "head", &head);
    wire::set(&message, "raw", raw);
    (message, Array::of2(&head.buffer(), &raw.buffer()))
}

fn sheet_of(message: &JsValue) -> Option<Sheet> {
    let number = |key| wire::get(message, key).and_then(|value| value.as_f64()).map(|it| it as u32);
    let bytes = |key| Some(wire::get(message, key)?.dyn_into::<Uint8Array>().ok()?.to_vec());
    Some(Sheet {
        dataset: DatasetId(number("dataset")?),
        head_at: number("headAt")?,
        details_at: number("detailsAt")?,
        head: bytes("head")?,
        raw: bytes("raw")?,
    })
}

/// The press's end: answers sheets as they come, over the store that the engine has.
pub(super) fn serve(scope: DedicatedWorkerGlobalScope, database: &'static str) {
    detach(async move {
        let store = Rc::new(IndexedDbStore::open(database).await);
        let answering = scope.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let (scope, store) = (answering.clone(), store.clone());
            detach(async move {
                let message = event.data();
                let pressed = match (&*store, sheet_of(&message)) {
                    (Ok(store), Some(sheet)) => press(store, sheet).await,
                    (Err(error), _) => Err(error.clone()),
                    (_, None) => Err(StoreError::Failed("no sheet was sent".to_owned())),
                };
                answer(&scope, &message, pressed);
            });
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // The thread lives as long as its listener is wanted.
        on_message.forget();
        let ready = Object::new();
        wire::set(&ready, "ready", &JsValue::TRUE);
        post(&scope, &ready, &Array::new());
    });
}

async fn press(store: &IndexedDbStore, sheet: Sheet) -> Pressed {
    let Sheet { dataset, head_at, details_at, head, raw } = sheet;
    let details =
        RawDetails::decode(&raw).map_err(|error| StoreError::Failed(error.to_string()))?;
    drop(raw);
    let details = details.seal().encode();
    try_join(
        store.put_segment(dataset, head_at, &head),
        store.put_segment(dataset, details_at, &details),
    )
    .await?;
    Ok(details)
}

fn answer(scope: &DedicatedWorkerGlobalScope, sheet: &JsValue, pressed: Pressed) {
    let message = Object::new();
    let transfer = Array::new();
    wire::set(&message, "id", &wire::id(sheet).into());
    if let Some(Ok(raw)) = wire::get(sheet, "raw").map(JsCast::dyn_into::<Uint8Array>) {
        transfer.push(&raw.buffer());
        wire::set(&message, "raw", &raw);
    }
    match pressed {
        Ok(details) => {
            let details = Uint8Array::from(&details[..]);
            transfer.push(&details.buffer());
            wire::set(&message, "details", &details);
        }
        Err(StoreError::Full) => wire::set(&message, "full", &JsValue::TRUE),
        Err(StoreError::Failed(why)) => wire::set(&message, "failed", &why.into()),
        Err(other) => wire::set(&message, "failed", &other.to_string().into()),
    }
    post(scope, &message, &transfer);
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &Object, transfer: &Array) {
    if let Err(error) = scope.post_message_with_transfer(message, transfer) {
        web_sys::console::error_2(&"the press cannot post a message".into(), &error);
    }
}
