//! The engine's own thread: how the page starts it and talks to it (`client`), which addresses it may ask (`addresses`), how
//! it serves (`serve`, `dispatch`), how it has long files read by further threads (`readers`, `part_thread`), who hears of what
//! happens (`listeners`), how tabs share one engine (`tabs`, `open_calls`, `alive`), what is left to do where the stored data
//! cannot be used (`rescue`), and how all of them speak (`wire`).
//!
//! Invariant: the worker owns everything that must be true; the page asks.

mod addresses;
mod alive;
mod client;
mod dispatch;
mod listeners;
mod open_calls;
mod part_thread;
mod readers;
mod rescue;
mod serve;
mod tabs;
mod wire;

pub use client::{Client, Subscription};
pub use part_thread::{is_reader, read_parts};
pub use serve::serve;
