//! The page's end: starts the worker, asks it, hears its events.
//!
//! Deliberately absent: retries of lost calls. A worker that dies answers every open call with `EngineStopped`; a fresh
//! one is started by [`Client::restart`], and the store has kept everything that was durable.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;
use js_sys::JsString;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, ErrorEvent, MessageEvent, Worker};

use super::wire;
use crate::platform::{locks, task::detach};
use crate::protocol::{Call, Code, Event, Problem, read_answer};

#[wasm_bindgen]
extern "C" {
    /// Of `boot.js`: the engine's thread, which may have begun before. Its messages and errors go to the two functions,
    /// from the first one on, once the caller is done.
    #[wasm_bindgen(catch, js_name = startEngineThread)]
    fn start_engine_thread(
        on_message: &js_sys::Function,
        on_error: &js_sys::Function,
    ) -> Result<Worker, JsValue>;
}

/// An answer as it arrived: JSON text, still the page's own, and a blob where the call makes one.
pub(crate) struct RawAnswer {
    pub(crate) json: JsString,
    pub(crate) blob: Option<Blob>,
}

type Waiting = oneshot::Sender<Result<RawAnswer, Problem>>;
type Listener = Rc<dyn Fn(&JsString)>;
type Handlers = (Closure<dyn FnMut(MessageEvent)>, Closure<dyn FnMut(ErrorEvent)>);

#[derive(Default)]
struct Inner {
    worker: RefCell<Option<Worker>>,
    ready: Cell<bool>,
    unsent: RefCell<Vec<js_sys::Object>>,
    next_id: Cell<u32>,
    waiting: RefCell<HashMap<u32, Waiting>>,
    listeners: RefCell<Vec<(u32, Listener)>>,
    next_listener: Cell<u32>,
    handlers: RefCell<Option<Handlers>>,
    /// Workers ended so far.
    life: Cell<u32>,
}

/// What is asked for and not here yet.
type Asking<T> = LocalBoxFuture<'static, Result<T, Problem>>;

/// An answer that is read as `T` once it is here. Only the reading is made for each type, to keep the program small.
struct Asked<T> {
    text: Asking<String>,
    of: PhantomData<fn() -> T>,
}

impl<T> Asked<T> {
    fn new(text: Asking<String>) -> Self {
        Self { text, of: PhantomData }
    }
}

impl<T: DeserializeOwned> Future for Asked<T> {
    type Output = Result<T, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.text.as_mut().poll(context).map(|text| read_answer(&text?))
    }
}

/// A handle to the engine; clones talk to the same one.
#[derive(Clone, Default)]
pub struct Client(Rc<Inner>);

/// Hears events until it is dropped.
pub struct Subscription {
    client: Client,
    id: u32,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.client.0.listeners.borrow_mut().retain(|(id, _)| *id != self.id);
    }
}

impl Client {
    /// Starts the engine. Calls may be made at once; they are sent when it is up.
    pub fn spawn() -> Self {
        let client = Self::default();
        client.restart();
        client
    }

    /// Ends the worker, if there is one, and starts a fresh one. Open calls answer `EngineStopped`.
    pub fn restart(&self) {
        self.stop("the engine was restarted");
        let weak = Rc::downgrade(&self.0);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(inner) = weak.upgrade() {
                Self(inner).receive(&event.data());
            }
        });
        let weak = Rc::downgrade(&self.0);
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            if let Some(inner) = weak.upgrade() {
                let client = Self(inner);
                // An error of loading, rather than of running, has no message.
                let why = wire::text(&event, "message")
                    .unwrap_or_else(|| "it could not be loaded".to_owned());
                client.stop(&why);
                client.tell_problem(&stopped(&why));
            }
        });
        let started = start_engine_thread(
            on_message.as_ref().unchecked_ref(),
            on_error.as_ref().unchecked_ref(),
        );
        match started {
            Ok(worker) => {
                *self.0.worker.borrow_mut() = Some(worker);
                *self.0.handlers.borrow_mut() = Some((on_message, on_error));
            }
            Err(error) => {
                self.tell_problem(&stopped(&format!("{error:?}")));
            }
        }
    }

    /// Whether a worker is there (it may still be starting).
    pub fn is_alive(&self) -> bool {
        self.0.worker.borrow().is_some()
    }

    /// Asks, and reads the answer as `T` (the type stands with each variant of [`Call`]).
    pub fn ask<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> impl Future<Output = Result<T, Problem>> + use<T> {
        Asked::new(self.ask_text(call, None))
    }

    /// Asks with a file, for imports and previews.
    pub fn ask_with_file<T: DeserializeOwned>(
        &self,
        call: &Call,
        file: &Blob,
    ) -> impl Future<Output = Result<T, Problem>> + use<T> {
        Asked::new(self.ask_text(call, Some(file)))
    }

    /// Asks, and hands the answer on as it arrives, as JSON text.
    pub fn ask_text(&self, call: &Call, file: Option<&Blob>) -> Asking<String> {
        let (client, call, file) = (self.clone(), to_json(call), file.cloned());
        Box::pin(async move {
            let answer = client.send(&call?.into(), file.as_ref()).await?;
            Ok(answer.json.into())
        })
    }

    /// Asks for a file, for exports.
    pub fn ask_blob(&self, call: &Call) -> Asking<Blob> {
        let (client, call) = (self.clone(), to_json(call));
        Box::pin(async move {
            let answer = client.send(&call?.into(), None).await?;
            answer.blob.ok_or_else(|| Problem::new(Code::Internal, "the engine sent no file", ""))
        })
    }

    /// Hears events until the subscription is dropped.
    pub fn on_event(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        self.on_event_text(move |event| match serde_json::from_str(&String::from(event)) {
            Ok(event) => listener(&event),
            Err(error) => web_sys::console::error_1(&format!("unreadable event: {error}").into()),
        })
    }

    /// Hears events, as JSON text, until the subscription is dropped.
    pub(crate) fn on_event_text(&self, listener: impl Fn(&JsString) + 'static) -> Subscription {
        let id = self.0.next_listener.get();
        self.0.next_listener.set(id + 1);
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        Subscription { client: self.clone(), id }
    }

    /// Sends a call as JSON text and waits for its answer.
    pub(crate) async fn send(
        &self,
        call: &JsString,
        file: Option<&Blob>,
    ) -> Result<RawAnswer, Problem> {
        if !self.is_alive() {
            return Err(stopped("it is not running"));
        }
        let id = self.0.next_id.get();
        self.0.next_id.set(id.wrapping_add(1));
        let message = js_sys::Object::new();
        wire::set(&message, "id", &id.into());
        wire::set(&message, "call", call);
        if let Some(file) = file {
            wire::set(&message, "file", file);
        }
        let (sender, answer) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(id, sender);
        if self.0.ready.get() {
            self.post(&message);
        } else {
            self.0.unsent.borrow_mut().push(message);
        }
        answer.await.unwrap_or_else(|_| Err(stopped("it went away")))
    }

    fn post(&self, message: &js_sys::Object) {
        let posted = self.0.worker.borrow().as_ref().map(|worker| worker.post_message(message));
        if let Some(Err(error)) = posted {
            let problem =
                Problem::invalid(format!("the call cannot be sent to the engine: {error:?}"));
            self.resolve(wire::id(message), Err(problem));
        }
    }

    fn receive(&self, message: &JsValue) {
        if wire::get(message, "ready").is_some() {
            self.0.ready.set(true);
            for message in self.0.unsent.take() {
                self.post(&message);
            }
        } else if let Some(lock) = wire::text(message, "alive") {
            self.watch(lock);
        } else if let Some(event) = wire::json(message, "event") {
            self.tell(&event);
        } else if let Some(problem) = wire::text(message, "problem") {
            let problem = serde_json::from_str(&problem).unwrap_or_else(|error| {
                Problem::new(Code::Internal, format!("unreadable problem: {error}"), "")
            });
            self.resolve(wire::id(message), Err(problem));
        } else if let Some(json) = wire::json(message, "answer") {
            self.resolve(
                wire::id(message),
                Ok(RawAnswer { json, blob: wire::blob(message, "blob") }),
            );
        }
    }

    /// Waits for the lock that the worker holds as long as it lives: one that ends without a word is noticed.
    fn watch(&self, lock: String) {
        let (weak, life) = (Rc::downgrade(&self.0), self.0.life.get());
        detach(async move {
            let free = locks::until_free(&lock).await;
            let Some(client) = weak.upgrade().map(Self) else { return };
            // One that was ended on purpose has a successor.
            if free && client.0.life.get() == life && client.is_alive() {
                let why = "it ended without a word";
                client.stop(why);
                client.tell_problem(&stopped(why));
            }
        });
    }

    fn resolve(&self, id: Option<u32>, result: Result<RawAnswer, Problem>) {
        let waiting = id.and_then(|id| self.0.waiting.borrow_mut().remove(&id));
        if let Some(waiting) = waiting {
            // The asker may have gone; then nobody needs the answer.
            let _gone = waiting.send(result);
        }
    }

    /// Tells of a problem as the engine would.
    fn tell_problem(&self, problem: &Problem) {
        if let Ok(problem) = serde_json::to_string(problem) {
            self.tell(&format!("{{\"problem\":{problem}}}").into());
        }
    }

    fn tell(&self, event: &JsString) {
        let listeners: Vec<Listener> =
            self.0.listeners.borrow().iter().map(|(_, listener)| listener.clone()).collect();
        for listener in listeners {
            listener(event);
        }
    }

    fn stop(&self, why: &str) {
        if let Some(worker) = self.0.worker.borrow_mut().take() {
            worker.terminate();
            self.0.life.set(self.0.life.get() + 1);
        }
        self.0.ready.set(false);
        self.0.unsent.borrow_mut().clear();
        for (_, waiting) in self.0.waiting.take() {
            let _gone = waiting.send(Err(stopped(why)));
        }
    }
}

fn stopped(why: &str) -> Problem {
    Problem::new(
        Code::EngineStopped,
        format!("The engine stopped: {why}"),
        "Everything that was confirmed is stored. Start the engine again, or reload the page",
    )
}

fn to_json(call: &Call) -> Result<String, Problem> {
    serde_json::to_string(call)
        .map_err(|error| Problem::invalid(format!("the call cannot be written: {error}")))
}
