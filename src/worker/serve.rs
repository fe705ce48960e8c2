//! The worker's end: opens the store, runs the queue, answers calls as they come.

use std::rc::Rc;

use futures_util::future::{Either, select};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::dispatch::{Answer, answer};
use super::{rescue, wire};
use crate::gateway::Rehearsal;
use crate::platform::clock::{BrowserClock, sleep};
use crate::platform::locks;
use crate::platform::task::detach;
use crate::protocol::{Call, Code, Event, Problem};
use crate::store::{BrowserStore, IndexedDbStore, MemoryStore};
use crate::workspace::Workspace;
use crate::workspace::ports::{Announcer, StoreError};

/// Name of the database of this origin.
pub(super) const DATABASE: &str = "dual-write-error-desk";

/// Tells the page what changed.
#[derive(Clone)]
struct PagePost(DedicatedWorkerGlobalScope);

impl Announcer for PagePost {
    fn announce(&self, event: Event) {
        if let Ok(json) = serde_json::to_string(&event) {
            let message = js_sys::Object::new();
            wire::set(&message, "event", &json.into());
            self.post(&message);
        }
    }
}

impl PagePost {
    fn post(&self, message: &js_sys::Object) {
        if let Err(error) = self.0.post_message(message) {
            web_sys::console::error_2(&"the engine cannot post a message".into(), &error);
        }
    }

    fn answer(&self, id: u32, result: Result<Answer, Problem>) {
        let message = js_sys::Object::new();
        wire::set(&message, "id", &id.into());
        match result {
            Ok(Answer { json, blob }) => {
                wire::set(&message, "answer", &json.into());
                if let Some(blob) = blob {
                    wire::set(&message, "blob", &blob);
                }
            }
            Err(problem) => {
                let json = serde_json::to_string(&problem).unwrap_or_default();
                wire::set(&message, "problem", &json.into());
            }
        }
        self.post(&message);
    }
}

/// How long a reload may wait for the engine of the page it replaces to end, in milliseconds.
const PATIENCE_MS: u32 = 1_500;

/// Serves the engine in this worker, once no other tab's engine owns the store.
pub fn serve(scope: DedicatedWorkerGlobalScope) {
    detach(async move {
        let page = PagePost(scope.clone());
        let owned = locks::own(DATABASE);
        let owned = match select(owned, Box::pin(sleep(PATIENCE_MS))).await {
            Either::Left(_) => None,
            Either::Right((_, owned)) => Some(owned),
        };
        if let Some(owned) = owned {
            fail(&scope, &page, other_tab());
            // A cancelled wait means that there are no locks, so nobody can own the store.
            let _granted = owned.await;
        }
        match IndexedDbStore::open(DATABASE).await {
            Ok(store) => start(scope, page, BrowserStore::IndexedDb(store)).await,
            Err(StoreError::Unavailable(why)) => {
                page.announce(Event::Problem(Problem::new(
                    Code::StorageUnavailable,
                    format!("The browser gives no durable storage ({why}); everything is kept in memory only"),
                    "What you do here is gone when the tab closes. Allow storage for this site and reload to keep it",
                )));
                start(scope, page, BrowserStore::Memory(MemoryStore::default())).await;
            }
            Err(error) => fail(&scope, &page, error.into()),
        }
    });
}

fn other_tab() -> Problem {
    Problem::new(
        Code::NotLeader,
        "The desk is open in another tab, which works on the stored data",
        "Go on in that tab, or close it: this one then takes over",
    )
}

async fn start(scope: DedicatedWorkerGlobalScope, page: PagePost, store: BrowserStore) {
    match Workspace::open(store, Rehearsal, BrowserClock, page.clone()).await {
        Ok(workspace) => {
            let workspace = Rc::new(workspace);
            listen(&scope, &page, &workspace);
            detach(async move { workspace.run().await });
        }
        Err(problem) => fail(&scope, &page, problem),
    }
}

fn listen(
    scope: &DedicatedWorkerGlobalScope,
    page: &PagePost,
    workspace: &Rc<Workspace<BrowserStore, Rehearsal, BrowserClock, PagePost>>,
) {
    let (page_of_calls, workspace) = (page.clone(), workspace.clone());
    on_call(scope, move |id, call, file| {
        let (page, workspace) = (page_of_calls.clone(), workspace.clone());
        detach(async move {
            let result = match call {
                Ok(call) => answer(&workspace, call, file).await,
                Err(problem) => Err(problem),
            };
            page.answer(id, result);
        });
    });
    ready(page);
    // What the page showed before may be of an engine that could not answer.
    page.announce(Event::DatasetChanged { dataset: None });
    page.announce(Event::QueueChanged { jobs: vec![] });
}

/// The engine cannot work: every call is answered with the reason, so that nobody waits for ever. Data beyond use can be
/// handed out or deleted.
fn fail(scope: &DedicatedWorkerGlobalScope, page: &PagePost, problem: Problem) {
    let (answering, reason) = (page.clone(), problem.clone());
    on_call(scope, move |id, call, _| {
        let (page, reason) = (answering.clone(), reason.clone());
        detach(async move {
            let done = match call {
                Ok(call) if reason.is_beyond_use() => rescue::answer(DATABASE, call).await,
                _ => None,
            };
            page.answer(id, done.unwrap_or(Err(reason)));
        });
    });
    ready(page);
    page.announce(Event::Problem(problem));
}

fn ready(page: &PagePost) {
    let message = js_sys::Object::new();
    wire::set(&message, "ready", &JsValue::TRUE);
    page.post(&message);
}

fn on_call(
    scope: &DedicatedWorkerGlobalScope,
    mut handle: impl FnMut(u32, Result<Call, Problem>, Option<web_sys::Blob>) + 'static,
) {
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let Some(id) = wire::id(&message) else { return };
        let text = wire::text(&message, "call").unwrap_or_default();
        let call = serde_json::from_str::<Call>(&text).map_err(|error| {
            Problem::invalid(format!("The engine does not understand the call: {error}"))
        });
        handle(id, call, wire::blob(&message, "file"));
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The worker lives as long as its listener is wanted.
    listener.forget();
}
