//! Time of a page or a worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

use crate::domain::Timestamp;
use crate::workspace::ports::Clock;

#[wasm_bindgen]
extern "C" {
    // The same function in both realms; web-sys has it once for each.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &js_sys::Function, millis: u32);

    /// Milliseconds since the page or the worker began, by a clock that is never put back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn elapsed_ms() -> f64;
}

/// The browser's clock and timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(js_sys::Date::now() as i64).unwrap_or(Timestamp::EPOCH)
    }

    async fn sleep(&self, millis: u32) {
        sleep(millis).await;
    }
}

/// Waits; 0 lets pending events be handled first.
pub async fn sleep(millis: u32) {
    if millis == 0 {
        return turn().await;
    }
    let promise = js_sys::Promise::new(&mut |resolve, _| set_timeout(&resolve, millis));
    // A timer resolves and never rejects.
    let _elapsed = JsFuture::from(promise).await;
}

/// Lets pending events be handled. A timer would wait for at least 4 ms where timers follow each other.
async fn turn() {
    let promise = TURNS.with(|turns| {
        let turns = turns.as_ref()?;
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            turns.waiting.borrow_mut().push_back(resolve);
        });
        let posted = turns.channel.port2().post_message(&JsValue::NULL);
        if posted.is_err() {
            turns.waiting.borrow_mut().pop_back();
        }
        posted.ok().map(|()| promise)
    });
    if let Some(promise) = promise {
        let _turned = JsFuture::from(promise).await;
    }
}

thread_local! {
    static TURNS: Option<Turns> = Turns::new();
}

/// One channel for all turns of a realm: to make one takes much longer than a message.
struct Turns {
    channel: MessageChannel,
    waiting: Rc<RefCell<VecDeque<Function>>>,
    _listener: Closure<dyn FnMut()>,
}

impl Turns {
    fn new() -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let waiting = Rc::new(RefCell::new(VecDeque::<Function>::new()));
        let whose = waiting.clone();
        let listener = Closure::new(move || {
            // A message comes for each that waits, in their order.
            let next = whose.borrow_mut().pop_front();
            if let Some(resolve) = next {
                // Resolving a promise throws nothing.
                let _resolved = resolve.call0(&JsValue::NULL);
            }
        });
        channel.port1().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Some(Self { channel, waiting, _listener: listener })
    }
}
