//! The errors: filter, time axis, grid, one record in full.

pub(super) mod chips;
pub(super) mod detail;
pub(super) mod empty;
mod facets;
pub(super) mod filters;
pub(super) mod grid;
mod grid_foot;
mod grid_head;
mod grid_keys;
mod grid_order;
mod grid_row;
mod histogram;
pub(super) mod marks;
