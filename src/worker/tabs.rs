//! The tabs of this origin among themselves, over a `BroadcastChannel`: one leads and works on the store, the others send
//! it their calls and hear its answers and events.
//!
//! Deliberately absent: who leads, which a lock decides (`platform::locks`); what a call does.
//!
//! Every message is a small object. `protocol` must be the same in all tabs: after an update an old tab may still be open.
//!
//! | Message | From | Says |
//! |---|---|---|
//! | `{ hello }` | who has just come | who leads, please? |
//! | `{ leads }` | the leader | I do |
//! | `{ call, id, file? }` to the leader | a follower | as from a page |
//! | `{ taken, id }` to the asker | the leader | I have the call, and begin |
//! | `{ id, answer, blob? }`, `{ id, problem }` to the asker | the leader | as to a page |
//! | `{ event }` | the leader | as to a page |

use wasm_bindgen::prelude::*;
use web_sys::{Blob, BroadcastChannel, MessageEvent};

use super::wire;

/// The version of these messages and of the calls in them.
const PROTOCOL: u32 = 2;

/// The id of a tab's engine, new with each of its lives.
pub(super) type TabId = String;

/// What another tab said.
pub(super) enum Said {
    /// Somebody came.
    Hello,
    /// This tab leads.
    Leads(TabId),
    /// This tab leads, and speaks another version.
    LeadsOtherwise,
    /// A follower's call, for this tab.
    Call { from: TabId, id: u32, call: String, file: Option<Blob> },
    /// The leader has a call of this tab. One of which this was never said was not begun.
    Taken { id: u32 },
    /// The answer to a call of this tab, as a page takes it.
    Answer { id: u32, message: js_sys::Object },
    /// What happened at the leader, as a page takes it.
    Event(js_sys::Object),
}

/// This tab among the others.
#[derive(Clone)]
pub(super) struct Tabs {
    channel: BroadcastChannel,
    me: TabId,
}

impl Tabs {
    pub(super) fn join(name: &str) -> Result<Self, JsValue> {
        // Told apart, not kept secret.
        let me = format!("{:x}", (js_sys::Math::random() * 2_f64.powi(52)) as u64);
        Ok(Self { channel: BroadcastChannel::new(name)?, me })
    }

    /// The id of this tab's engine.
    pub(super) fn me(&self) -> &TabId {
        &self.me
    }

    /// Hears the others from now on, as long as this realm lives.
    pub(super) fn listen(&self, mut handle: impl FnMut(Said) + 'static) {
        let me = self.me.clone();
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(said) = said(&me, &event.data()) {
                handle(said);
            }
        });
        self.channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
    }

    /// Asks who leads.
    pub(super) fn hello(&self) {
        self.post(self.message("hello", &JsValue::TRUE));
    }

    /// Says that this tab leads.
    pub(super) fn lead(&self) {
        self.post(self.message("leads", &JsValue::TRUE));
    }

    /// Hands a call to the leader.
    pub(super) fn call(&self, leader: &TabId, id: u32, call: &str, file: Option<&Blob>) {
        let message = self.message("call", &call.into());
        wire::set(&message, "to", &leader.into());
        wire::set(&message, "id", &id.into());
        if let Some(file) = file {
            wire::set(&message, "file", file);
        }
        self.post(message);
    }

    /// Says that a call has come, before it is carried out.
    pub(super) fn taken(&self, from: &TabId, id: u32) {
        let message = self.message("taken", &JsValue::TRUE);
        wire::set(&message, "to", &from.into());
        wire::set(&message, "id", &id.into());
        self.post(message);
    }

    /// Sends a message that a page would take on to the tab that asked.
    pub(super) fn answer(&self, to: &TabId, message: &js_sys::Object) {
        let sent = self.message("answer", message);
        wire::set(&sent, "to", &to.into());
        self.post(sent);
    }

    /// Tells all others what happened.
    pub(super) fn tell(&self, message: &js_sys::Object) {
        self.post(self.message("event", message));
    }

    fn message(&self, kind: &str, value: &JsValue) -> js_sys::Object {
        let message = js_sys::Object::new();
        wire::set(&message, "protocol", &PROTOCOL.into());
        wire::set(&message, "from", &self.me.as_str().into());
        wire::set(&message, kind, value);
        message
    }

    fn post(&self, message: js_sys::Object) {
        if let Err(error) = self.channel.post_message(&message) {
            web_sys::console::error_2(&"the engine cannot reach the other tabs".into(), &error);
        }
    }
}

/// Understands a message, if it is for this tab. Of other versions only what says that there is one.
fn said(me: &str, message: &JsValue) -> Option<Said> {
    let has = |key| wire::get(message, key).is_some();
    let is_ours = wire::get(message, "protocol")?.as_f64() == Some(PROTOCOL.into());
    let from = wire::text(message, "from")?;
    if has("leads") {
        return Some(if is_ours { Said::Leads(from) } else { Said::LeadsOtherwise });
    }
    if has("hello") {
        return Some(Said::Hello);
    }
    if !is_ours || wire::text(message, "to").is_some_and(|to| to != me) {
        return None;
    }
    let object = |key| wire::get(message, key)?.dyn_into::<js_sys::Object>().ok();
    if let Some(call) = wire::text(message, "call") {
        let (id, file) = (wire::id(message)?, wire::blob(message, "file"));
        return Some(Said::Call { from, id, call, file });
    }
    if has("taken") {
        return Some(Said::Taken { id: wire::id(message)? });
    }
    if let Some(message) = object("answer") {
        return Some(Said::Answer { id: wire::id(&message)?, message });
    }
    object("event").map(Said::Event)
}
