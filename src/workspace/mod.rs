//! The application over its ports: commands, queries, the runner, recovery.
//!
//! Every change goes the same way: *decide* in the domain, *commit* in one transaction of the store, *apply* in memory,
//! *announce* to the page. Deliberately absent: the web; everything outside comes in through `ports`.
//!
//! Invariant: memory is never ahead of the store.

mod bundle;
mod causes;
mod commands;
mod contrasts;
mod damage;
mod engine;
mod erasure;
mod exporting;
mod importing;
mod journal;
mod ledger;
mod loading;
mod missing;
mod notes;
mod ordering;
mod own_part;
mod plan_view;
mod plans;
pub mod ports;
mod preparing;
mod problems;
mod proof;
mod queries;
mod reading;
mod reading_parts;
mod room;
mod run_sheets;
mod runner;
mod signals;
mod state;
mod submitting;
mod unread;
mod verdicts;

pub use causes::KnownRecord;
pub use engine::Workspace;
pub use exporting::form;
pub use runner::Pause;
