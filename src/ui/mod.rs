//! The screen.
//!
//! `session` holds the view's state, `queries` only reads from the engine, `actions` and `planning` change what several parts
//! of the screen know of; components show state, call these, and ask for what they alone show and change. Deliberately
//! absent: rules (`domain`), words and arithmetic (`presentation`), and any row beyond the few pages around the screen.
//!
//! Invariant: an answer is shown only under the filter and order it was asked for.

#![expect(unreachable_pub, reason = "the component macro writes `pub` into what it makes")]

mod actions;
mod analysis;
mod causes;
mod clipboard;
mod door;
mod errors;
mod focus;
mod import;
mod latest;
mod news;
mod planning;
mod queries;
mod requests;
mod session;
mod shell;
mod vanished;
mod widgets;

use leptos::prelude::*;

use crate::worker::Client;

use session::Session;

/// Puts the screen on the page; it talks to the engine through `client`.
pub fn mount(client: Client) {
    mount_to_body(move || {
        let session = Session::start(client);
        provide_context(session);
        view! { <shell::Shell /> }
    });
    // What the page showed while the program was loading is no longer needed.
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
}
