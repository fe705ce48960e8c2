//! Pure view logic: what the screen says, where its rows stand, which keys do what.
//!
//! Deliberately absent: the web (everything here compiles and is tested natively) and every rule of the product
//! (`domain`). Invariant: a function of this module is a plain computation on what it is given.

pub mod analysis_words;
pub mod answers;
pub mod bundle_words;
pub mod cause_words;
pub mod columns;
pub mod conditions;
pub mod dates;
pub mod gathering;
pub mod histogram;
pub mod journal_words;
pub mod keymap;
pub mod labels;
pub mod numbers;
pub mod plan_words;
pub mod questions;
pub mod queue_words;
pub mod report_words;
pub mod ring;
pub mod row_cache;
pub mod selection;
pub mod trail;
pub mod url_state;
pub mod viewport;
pub mod visible;
