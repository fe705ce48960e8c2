//! One owner per origin, by the browser's Web Locks: two engines must never write the same store.

use futures_channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// Asks for the lock and keeps it until this realm ends. The receiver hears when it is granted; it is cancelled where
/// the browser has no Web Locks, and then nobody else can be asked either.
pub fn own(name: &str) -> oneshot::Receiver<()> {
    let (sender, granted) = oneshot::channel();
    let mut sender = Some(sender);
    let held = Closure::once_into_js(move |_lock: JsValue| {
        if let Some(sender) = sender.take() {
            let _gone = sender.send(());
        }
        // The lock lasts as long as this promise, which nothing ever settles.
        Promise::new(&mut |_, _| {})
    });
    let request = || {
        let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
        let locks = Reflect::get(&navigator, &"locks".into())?;
        let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
        request.call2(&locks, &name.into(), &held)
    };
    if let Err(error) = request() {
        web_sys::console::warn_2(
            &"this browser has no Web Locks; open the desk in one tab only".into(),
            &error,
        );
    }
    granted
}
