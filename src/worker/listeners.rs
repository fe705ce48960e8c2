//! Who hears of what happens: the page of this worker, and through the other tabs theirs.

use wasm_bindgen::JsValue;
use web_sys::DedicatedWorkerGlobalScope;

use super::tabs::Tabs;
use super::wire;
use crate::protocol::{Event, Problem};
use crate::workspace::ports::{Announcer, StoreError};

#[derive(Clone)]
pub(super) struct Listeners {
    scope: DedicatedWorkerGlobalScope,
    /// `None` where the browser lets tabs not talk to each other.
    tabs: Option<Tabs>,
}

impl Announcer for Listeners {
    fn announce(&self, event: Event) {
        let Some(message) = event_message(&event) else { return };
        self.post(&message);
        if let Some(tabs) = &self.tabs {
            tabs.tell(&message);
        }
    }
}

impl Listeners {
    pub(super) fn new(scope: DedicatedWorkerGlobalScope, tabs: Option<Tabs>) -> Self {
        Self { scope, tabs }
    }

    /// Tells the page of this worker alone.
    pub(super) fn tell(&self, event: &Event) {
        if let Some(message) = event_message(event) {
            self.post(&message);
        }
    }

    /// The stored data went while this tab leads: only its page still has them, in memory.
    pub(super) fn tell_of_loss(&self, lost: StoreError) {
        let own = Problem::from(lost);
        self.tell(&Event::Problem(own.clone()));
        let hint = "The tab of this desk that follows no other still has them: export there what you need, then reload it";
        let message = event_message(&Event::Problem(Problem { hint: hint.to_owned(), ..own }));
        if let (Some(tabs), Some(message)) = (&self.tabs, message) {
            tabs.tell(&message);
        }
    }

    /// Sends a message to the page of this worker.
    pub(super) fn post(&self, message: &JsValue) {
        if let Err(error) = self.scope.post_message(message) {
            web_sys::console::error_2(&"the engine cannot post a message".into(), &error);
        }
    }
}

fn event_message(event: &Event) -> Option<js_sys::Object> {
    let json = serde_json::to_string(event).ok()?;
    let message = js_sys::Object::new();
    wire::set(&message, "event", &json.into());
    Some(message)
}
