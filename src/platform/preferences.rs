//! Small choices of the user, kept by the browser: theme, open panes, answers about files. Never data of a dump.

/// The value kept under a name; `None` also where the browser keeps nothing.
pub fn read(name: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(&key(name)).ok()?
}

/// Keeps a value. Where the browser keeps nothing, the choice lasts until the page is left.
pub fn write(name: &str, value: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage()) {
        // A full or forbidden storage is no reason to trouble anyone over a theme.
        let _kept = storage.set_item(&key(name), value);
    }
}

/// Forgets a value.
pub fn remove(name: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage()) {
        let _removed = storage.remove_item(&key(name));
    }
}

fn key(name: &str) -> String {
    format!("errorDesk.{name}")
}
