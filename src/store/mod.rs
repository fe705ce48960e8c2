//! Durable state: what every store writes (`stored`), the store in memory, and the store in the browser's IndexedDB.
//!
//! The contract that both pass is `tests/contract`. Deliberately absent: rules, and any knowledge of why something is
//! stored.
//!
//! Invariant: a call that returns an error has changed nothing; a call that returns a value has made it durable, as far
//! as the store is durable at all.

#[cfg(target_family = "wasm")]
mod browser_store;
mod faults;
#[cfg(target_family = "wasm")]
mod indexed_db;
mod memory;
mod part;
mod raw;
mod stored;

pub use faults::{Fault, FaultPlan};
pub use memory::MemoryStore;
pub use part::Part;

#[cfg(target_family = "wasm")]
pub use browser_store::BrowserStore;
#[cfg(target_family = "wasm")]
pub use indexed_db::IndexedDbStore;
