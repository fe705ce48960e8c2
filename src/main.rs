//! One program for both realms: in a window it mounts the screen, in a worker it serves the engine.

fn main() {
    #[cfg(target_family = "wasm")]
    error_desk::start();
}
