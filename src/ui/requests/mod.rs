//! Requests: the confirmation of a plan, the queue of the jobs.

pub(super) mod plan_dialog;
pub(super) mod queue_panel;
mod request_row;
