//! Time of a page or a worker.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::domain::Timestamp;
use crate::workspace::ports::Clock;

#[wasm_bindgen]
extern "C" {
    // The same function in both realms; web-sys has it once for each.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &js_sys::Function, millis: u32);
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
    let Ok(channel) = web_sys::MessageChannel::new() else { return };
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
    });
    let posted = channel.port2().post_message(&JsValue::NULL);
    debug_assert!(posted.is_ok(), "null can be posted");
    let _turned = JsFuture::from(promise).await;
    channel.port1().close();
}
