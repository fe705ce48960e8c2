//! The engine's program: runs in the worker and serves it, without a screen.

fn main() {
    #[cfg(target_family = "wasm")]
    error_desk::start_engine();
}
