//! Detached work. Everything that is not awaited goes through here.

use std::future::Future;

/// Runs the work in the background, on this thread.
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub fn detach(work: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(work);
}
