//! One owner per origin, by the browser's Web Locks: two engines must never write the same store. And who lives, since a
//! lock becomes free when its realm ends, however that comes.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::task::detach;

/// Asks for the lock and keeps it until this realm ends. The receiver hears when it is granted; it is cancelled where
/// the browser gives no Web Locks here, and then nobody else can be asked either.
pub fn own(name: &str) -> oneshot::Receiver<()> {
    let (sender, granted) = oneshot::channel();
    // Shared, so that a refusal drops it: the browser never lets go of a function that it was handed and did not call.
    let sender = Rc::new(Cell::new(Some(sender)));
    let granting = sender.clone();
    let held = Closure::once_into_js(move |_lock: JsValue| {
        if let Some(sender) = granting.take() {
            let _gone = sender.send(());
        }
        // The lock lasts as long as this promise, which nothing ever settles.
        Promise::new(&mut |_, _| {})
    });
    let asked = request(name, "exclusive", &held);
    detach(async move {
        let refused = match asked {
            Ok(promise) => JsFuture::from(promise).await.err(),
            Err(error) => Some(error),
        };
        if let Some(error) = refused {
            sender.take();
            web_sys::console::warn_2(
                &"this browser gives no Web Locks here; open the desk in one tab only".into(),
                &error,
            );
        }
    });
    granted
}

/// Waits until nobody owns the lock; it is not kept. `false`, at once, where the browser gives no Web Locks here.
pub async fn until_free(name: &str) -> bool {
    let let_go = Closure::once_into_js(|_lock: JsValue| {});
    // Shared, so that everybody who waits for it hears of it.
    match request(name, "shared", &let_go) {
        Ok(promise) => JsFuture::from(promise).await.is_ok(),
        Err(_) => false,
    }
}

fn request(name: &str, mode: &str, granted: &JsValue) -> Result<Promise, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &mode.into())?;
    request.call3(&locks, &name.into(), &options, granted)?.dyn_into()
}
