//! Durable state: the contract every store passes, the memory store, the IndexedDB store.
