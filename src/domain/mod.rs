//! The rules of dual-write async error handling: what a record, a job, a request and a plan are, and what may be done.
//!
//! Deliberately absent: I/O, async, clocks, randomness, columns. Every function here is a plain computation, so that
//! each documented rule can be tested against a naive model.
//!
//! Invariant: a number or a refusal that the product documents is decided here and nowhere else.

mod batch;
mod cause_rule;
mod comparison;
mod contradiction;
mod dismissal;
mod estimate;
mod gate;
mod job;
mod journal;
mod limits;
mod missing_reference;
mod plan;
mod proof;
mod queue;
mod quick_hash;
mod record;
mod refusal;
mod request;
mod seen_again;
mod shelf;
mod table_order;
mod timestamp;
mod verdict;
mod view_spec;

pub use batch::{BatchError, Digest, RecordBatch};
pub use cause_rule::{CauseAction, CauseRule};
pub use comparison::{Compared, Fate};
pub use dismissal::{DismissalLedger, Identity};
pub use estimate::Pace;
pub use gate::{Gate, Ramp, Share};
pub use job::{Job, JobId, JobStatus};
pub use journal::{BrokenLine, ChainCheck, JournalEnd, JournalEntry, LineHash};
pub use limits::{DismissHold, QueueLimits};
pub use missing_reference::{ANY_MISSING, MissingReference};
pub use plan::{Candidate, Exclusion, Plan, PlanOptions, PlanPart, Planner, exclusion};
pub use proof::{NewSince, Retried, RetryResult};
pub use queue::{DraftGate, QueueChange, RequestDraft, RequestQueue};
pub use quick_hash::{QuickMap, quick_hash, tag_hash};
pub use record::{Category, DatasetId, RecordId, RecordState};
pub use refusal::Refusal;
pub use request::{RecordOutcome, Request, RequestId, RequestKind, RequestState, Tally};
pub use seen_again::{Run, SeenAgain};
pub use table_order::{JobOrder, OrderBasis, Reference, TableOrder, rings};
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use verdict::{Remedy, RetryVerdict, VerdictFacts, VerdictReason};
pub use view_spec::{Column, Filter, Sort};
