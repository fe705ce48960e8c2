//! Tells when an element changes its size.

use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

/// Hears of an element's size until it is dropped.
pub struct ResizeWatch {
    observer: ResizeObserver,
    _heard: Closure<dyn FnMut()>,
}

impl Drop for ResizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls at once and after every change with width and height of the element's inside, in CSS pixels.
pub fn watch(
    element: &Element,
    mut changed: impl FnMut(f64, f64) + 'static,
) -> Result<ResizeWatch, JsValue> {
    let watched = element.clone();
    let heard = Closure::<dyn FnMut()>::new(move || {
        changed(f64::from(watched.client_width()), f64::from(watched.client_height()));
    });
    let observer = ResizeObserver::new(heard.as_ref().unchecked_ref())?;
    observer.observe(element);
    Ok(ResizeWatch { observer, _heard: heard })
}
