//! The page's program: mounts the screen and offers the scripting API. The engine is a program of its own (`engine.rs`).

fn main() {
    #[cfg(target_family = "wasm")]
    error_desk::start_page();
}
