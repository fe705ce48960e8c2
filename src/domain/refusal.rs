//! The expected noes of the domain. Each carries its numbers; its face to users and scripts is a `Problem`.

use super::{JobId, JobStatus, RequestId, RequestState};

/// Why something was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Retry and dismiss work only while the job is Active.
    #[error("integration job '{job}' is {status}, and requests are taken only while it is Active")]
    JobNotActive {
        /// The job.
        job: JobId,
        /// Its status.
        status: JobStatus,
    },
    /// All places of the job are taken.
    #[error(
        "integration job '{job}' has {count} open requests of at most {limit}; {asked} more cannot be queued"
    )]
    QueueFull {
        /// The job.
        job: JobId,
        /// Requests that are open already.
        count: usize,
        /// Requests asked for.
        asked: usize,
        /// Places of a job.
        limit: usize,
    },
    /// More records than one request may hold.
    #[error("{count} records are more than the {limit} that one request may hold")]
    TooManyRecords {
        /// Records asked for.
        count: usize,
        /// The most one request may hold.
        limit: usize,
    },
    /// Nothing to work on.
    #[error("no record is selected")]
    NothingSelected,
    /// Records sit in a request, in the queue or on the shelf.
    #[error("{count} of the records are in an open or shelved request already")]
    AlreadyRequested {
        /// How many.
        count: usize,
    },
    /// A dataset whose records a request holds cannot be removed.
    #[error("request {request} works on {count} of its records")]
    DatasetInUse {
        /// The first such request.
        request: RequestId,
        /// Records of the dataset in open and shelved requests.
        count: usize,
    },
    /// Records whose category cannot be retried.
    #[error("{count} of the records failed by concurrency, which cannot be retried")]
    NotRetriable {
        /// How many.
        count: usize,
    },
    /// The job is unknown.
    #[error("there is no integration job '{0}'")]
    UnknownJob(JobId),
    /// The request is unknown.
    #[error("there is no request {0}")]
    UnknownRequest(RequestId),
    /// Another request of the job comes first.
    #[error("request {request} is not next: {next} of the same job comes first")]
    NotNext {
        /// Asked for.
        request: RequestId,
        /// First in order.
        next: RequestId,
    },
    /// The request is not in the state that the step needs.
    #[error("request {request} is {state:?} and cannot be changed that way")]
    WrongState {
        /// The request.
        request: RequestId,
        /// Its state.
        state: RequestState,
    },
    /// The request waits for no step of a ramp.
    #[error("request {request} is not a locked step, so there is nothing to release")]
    NotLocked {
        /// The request.
        request: RequestId,
    },
    /// More outcomes than records without one.
    #[error("request {request} got {given} outcomes for {pending} records")]
    TooManyOutcomes {
        /// The request.
        request: RequestId,
        /// Outcomes given.
        given: usize,
        /// Records without one.
        pending: usize,
    },
}
