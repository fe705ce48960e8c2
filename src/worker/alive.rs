//! Whether an engine lives: each holds a lock of its own as long as it does, and loses it however it ends.
//!
//! Deliberately absent: who leads, which another lock decides.

use super::serve::DATABASE;
use super::tabs::TabId;
use crate::platform::locks;

/// Takes the lock of this engine, and tells its name; `None` where the browser gives no locks.
pub(super) async fn begin(me: &TabId) -> Option<String> {
    let name = lock_of(me);
    locks::own(&name).await.ok().map(|()| name)
}

/// Waits until the engine of a tab has ended. `false`, at once, where the browser gives no locks.
pub(super) async fn until_ended(tab: &TabId) -> bool {
    locks::until_free(&lock_of(tab)).await
}

fn lock_of(tab: &TabId) -> String {
    format!("{DATABASE} engine {tab}")
}
