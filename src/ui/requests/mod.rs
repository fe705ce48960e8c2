//! Requests: the confirmation of a plan, the queue of the jobs.

mod plan_choices;
pub(super) mod plan_dialog;
mod plan_facts;
pub(super) mod queue_panel;
mod request_row;
