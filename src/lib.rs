//! Dual-write Error Desk: triage, retry and dismiss dual-write async errors in the browser.
//!
//! The modules, from the rules outwards; arrows point up this list only (`tests/layering.rs` holds the table).

pub mod domain;

pub mod analysis;
pub mod dataset;
pub mod guidance;

pub mod export;
pub mod import;
pub mod sample;

pub mod protocol;
pub mod workspace;

pub mod gateway;
pub mod store;

pub mod presentation;

#[cfg(target_family = "wasm")]
pub mod platform;
#[cfg(target_family = "wasm")]
pub mod scripting;
#[cfg(target_family = "wasm")]
pub mod ui;
#[cfg(target_family = "wasm")]
pub mod worker;

/// Starts the page: its end of the engine, the scripting API, the screen.
#[cfg(target_family = "wasm")]
pub fn start_page() {
    console_error_panic_hook::set_once();
    let client = worker::Client::spawn();
    if let Err(error) = scripting::install(&client) {
        web_sys::console::error_2(&"the scripting API cannot be installed".into(), &error);
    }
    ui::mount(client);
}

/// Starts the engine, in a worker; or, where an engine started the worker for that, a reader of parts of files.
#[cfg(target_family = "wasm")]
pub fn start_engine() {
    use wasm_bindgen::JsCast;

    console_error_panic_hook::set_once();
    match js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        Ok(scope) if worker::is_reader(&scope) => worker::read_parts(scope),
        Ok(scope) => worker::serve(scope),
        Err(_) => web_sys::console::error_1(&"the engine runs in a worker only".into()),
    }
}
