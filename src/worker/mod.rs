//! The engine's own thread: how the page starts it and talks to it (`client`), how it serves (`serve`, `dispatch`), how tabs share
//! one (`tabs`), and
//! how both speak (`wire`).
//!
//! Invariant: the worker owns everything that must be true; the page asks.

mod client;
mod dispatch;
mod rescue;
mod serve;
mod tabs;
mod wire;

pub use client::{Client, Subscription};
pub use serve::serve;
