//! What the engine says unasked.

use serde::{Deserialize, Serialize};

use super::Problem;
use crate::domain::{DatasetId, JobId};

/// Something changed: `{"queueChanged": {"jobs": ["…"]}}`. The page asks for what it shows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// An import goes on.
    ImportProgress(ImportProgress),
    /// A job or a request changed.
    QueueChanged {
        /// Jobs concerned.
        jobs: Vec<JobId>,
    },
    /// Records came, went, or changed their state.
    DatasetChanged {
        /// The dataset that came or went; `None` where states changed.
        dataset: Option<DatasetId>,
    },
    /// The tab's own engine works on the store (`true`), or that of another tab does.
    Leading(bool),
    /// Something failed that nobody asked for just now.
    Problem(Problem),
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportProgress {
    /// The file's name.
    pub name: String,
    /// Bytes read so far.
    pub bytes_read: u64,
    /// Bytes of the file; 0 where unknown.
    pub bytes_total: u64,
    /// Rows read so far.
    pub rows_read: u64,
    /// Milliseconds since the beginning.
    pub elapsed_ms: u64,
}
