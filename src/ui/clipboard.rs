//! Texts into the clipboard.

use leptos::prelude::*;

use super::session::Session;
use crate::platform::task::detach;

/// Copies a text and says so by its name, such as `Message`.
pub(super) fn copy(session: Session, text: String, name: &'static str) {
    detach(async move {
        let promise = window().navigator().clipboard().write_text(&text);
        match wasm_bindgen_futures::JsFuture::from(promise).await {
            Ok(_) => session.announce(format!("{name} copied")),
            Err(_) => session.warn(
                format!("The browser did not let the {} be copied", name.to_lowercase()),
                "Select the text and copy it with the keyboard",
            ),
        }
    });
}
