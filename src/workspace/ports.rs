//! What the application needs of the outside. Adapters implement it; nothing here knows how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    Category, CauseRule, DatasetId, DismissHold, Identity, Job, JobId, JournalEnd, JournalEntry,
    QueueLimits, RecordId, RecordOutcome, Request, RequestId, SeenAgain, Timestamp,
};
use crate::import::ImportReport;
use crate::protocol::Event;

/// A dataset that is complete and durable. It is written last, after all its segments; segments without a manifest are
/// what an interrupted import left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The dataset.
    pub dataset: DatasetId,
    /// Number of its segments, numbered from 0.
    pub segments: u32,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// Made by the generator.
    pub sample: bool,
    /// The import's account.
    pub report: ImportReport,
    /// Records of earlier dumps that it showed again, which were not loaded a second time.
    pub seen_again: SeenAgain,
    /// When a dump of the very same records was last opened again, which adds no dataset.
    pub confirmed_at: Option<Timestamp>,
}

/// What the user may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Milliseconds that a step of the rehearsal takes.
    pub rehearsal_step_ms: u32,
    /// Seconds that a dismissal waits.
    pub dismiss_hold: DismissHold,
    /// Limits of the queue.
    pub limits: QueueLimits,
    /// Causes marked as fixed, by id, sorted.
    pub fixed_causes: Vec<String>,
    /// What was known of each of them when it was marked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed_marks: BTreeMap<String, FixedMark>,
    /// How the user groups causes, in the order in which it was said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cause_rules: Vec<CauseRule>,
    /// What users wrote about causes, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cause_notes: BTreeMap<String, String>,
    /// What a later version of the desk keeps beside them: not understood here, and not lost either.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// What was known of a cause when it was marked as fixed, so that it shows when it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FixedMark {
    /// When it was marked.
    pub at: Timestamp,
    /// The latest of its errors that was known.
    pub last_seen: Option<Timestamp>,
    /// Datasets with this id or a larger one came later.
    pub newer_from: DatasetId,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rehearsal_step_ms: 150,
            dismiss_hold: DismissHold::default(),
            limits: QueueLimits::default(),
            fixed_causes: Vec::new(),
            fixed_marks: BTreeMap::new(),
            cause_rules: Vec::new(),
            cause_notes: BTreeMap::new(),
            others: Map::new(),
        }
    }
}

/// Everything that becomes durable together: one transaction, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Datasets that are complete.
    pub manifests: Vec<Manifest>,
    /// Datasets to remove with their segments. Their ids are never given again.
    pub removed: Vec<DatasetId>,
    /// Jobs, new or changed, by id.
    pub jobs: Vec<Job>,
    /// Requests, new or changed, by id.
    pub requests: Vec<Request>,
    /// Identities dismissed; those known already change nothing.
    pub dismissals: Vec<Identity>,
    /// The settings, if they changed.
    pub settings: Option<Settings>,
    /// New lines of the journal, each the next of the one before.
    pub journal: Vec<JournalEntry>,
}

/// Everything a start needs, without the segments. The default is what a new store holds.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Datasets by id.
    pub manifests: Vec<Manifest>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Requests by id.
    pub requests: Vec<Request>,
    /// All identities ever dismissed.
    pub dismissals: Vec<Identity>,
    /// The settings, if any were ever stored.
    pub settings: Option<Settings>,
    /// What cannot be read. It is in none of the other fields, but for jobs, which are taken as stopped.
    pub damaged: Vec<Damage>,
    /// Larger than every id of a request; 1 in a new store.
    pub next_request: u64,
    /// Larger than every id of a dataset that ever had a manifest; 1 in a new store.
    pub next_dataset: u32,
    /// The latest line of the journal that was ever written.
    pub journal_end: JournalEnd,
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            manifests: Vec::new(),
            jobs: Vec::new(),
            requests: Vec::new(),
            dismissals: Vec::new(),
            settings: None,
            damaged: Vec::new(),
            next_request: 1,
            next_dataset: 1,
            journal_end: JournalEnd::default(),
        }
    }
}

/// A stored thing that cannot be read. It stays in the store as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What it is.
    pub thing: DamagedThing,
    /// Its name, and what is wrong with it.
    pub why: String,
}

/// What is damaged, as far as anybody must act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DamagedThing {
    /// The manifest of a dataset, or of one that nobody can tell.
    Manifest(Option<DatasetId>),
    /// A job, or one that nobody can tell.
    Job(Option<JobId>),
    /// A request that is not known to be closed: it may hold any record.
    Request,
    /// A request that is finished or withdrawn: it holds no record.
    ClosedRequest,
    /// Some of the dismissed identities.
    Dismissals,
    /// The settings.
    Settings,
}

/// Why the store could not do it. Nothing of the call took effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The browser's quota or the disk is exhausted.
    #[error("the browser's storage is full")]
    Full,
    /// There is no durable storage here, or it was taken away.
    #[error("the browser's storage cannot be used: {0}")]
    Unavailable(String),
    /// The stored data were there and are no longer within reach: deleted, or taken over by a later version.
    #[error("the stored data are gone: {0}")]
    Lost(String),
    /// The database was written by a later version of this app.
    #[error("the stored data are of version {found}, and this app knows versions up to {known}")]
    Newer {
        /// Version found.
        found: u32,
        /// Latest version known.
        known: u32,
    },
    /// Something stored cannot be read.
    #[error("stored data are damaged: {0}")]
    Damaged(String),
    /// Anything else, in the store's words.
    #[error("the browser's storage failed: {0}")]
    Failed(String),
}

/// Durable state. One method is one transaction: it returns after the data are durable, or with an error and nothing
/// changed.
#[expect(async_fn_in_trait, reason = "one thread; nobody asks for Send")]
pub trait Store {
    /// Everything but the segments. Removes segments that have no manifest; those of a damaged one stay. A thing that
    /// cannot be read does not keep the others from being read.
    async fn load(&self) -> Result<Stored, StoreError>;

    /// Writes or replaces segments of a dataset. Before the manifest is committed they belong to nothing. Their bytes are let
    /// go as soon as they are handed on, before they are durable.
    async fn put_segments(
        &self,
        dataset: DatasetId,
        segments: Vec<(u32, Vec<u8>)>,
    ) -> Result<(), StoreError>;

    /// The same with a single one.
    async fn put_segment(
        &self,
        dataset: DatasetId,
        index: u32,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.put_segments(dataset, vec![(index, bytes.into())]).await
    }

    /// Reads one segment; a missing one is `Damaged`.
    async fn segment(&self, dataset: DatasetId, index: u32) -> Result<Vec<u8>, StoreError>;

    /// Removes the segments of a dataset that has no manifest (an import that failed or was cancelled).
    async fn discard(&self, dataset: DatasetId) -> Result<(), StoreError>;

    /// Makes everything of the commit durable together.
    async fn commit(&self, commit: &Commit) -> Result<(), StoreError>;

    /// The same, and nothing stays of what was stored before but segments.
    async fn replace(&self, commit: &Commit) -> Result<(), StoreError>;

    /// A window of the journal, oldest first, and the number of all entries.
    async fn journal(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<JournalEntry>), StoreError>;

    /// Number of segments stored.
    async fn segment_count(&self) -> Result<usize, StoreError>;

    /// Removes everything. Afterwards the store is as new.
    async fn wipe(&self) -> Result<(), StoreError>;

    /// What a commit would write, but for segments, as lines of text for a bundle.
    fn write_lines(&self, commit: &Commit) -> Result<Vec<String>, StoreError>;

    /// Reads such lines, of this version or an earlier one; the journal comes in its order.
    fn read_lines(&self, lines: &[String]) -> Result<(Stored, Vec<JournalEntry>), StoreError>;

    /// What the store is: `indexedDb` or `memory`.
    fn kind(&self) -> &'static str;
}

/// What a dump may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that may still be stored; `None` where the browser does not tell.
    pub storage: Option<u64>,
    /// Bytes of memory that all records may take together.
    pub memory: u64,
}

impl Default for Room {
    /// A program in WebAssembly can address 4 GiB. A quarter of it is left for slices of files, answers, and tables that
    /// grow.
    fn default() -> Self {
        Self { storage: None, memory: 3 << 30 }
    }
}

/// A record as a retry carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryItem {
    /// The record.
    pub record: RecordId,
    /// Its category.
    pub category: Category,
    /// Its cause is marked as fixed.
    pub cause_fixed: bool,
}

/// Why a step could not be carried out; the request stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No answer.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server said no.
    #[error("the server refused: {0}")]
    Refused(String),
}

/// Carries retries out.
#[expect(async_fn_in_trait, reason = "one thread; nobody asks for Send")]
pub trait Gateway {
    /// Retries the records and tells the outcome of each, in their order. Idempotent by request and record: asked again
    /// after a crash it answers the same and does nothing twice.
    async fn retry(
        &self,
        request: RequestId,
        items: &[RetryItem],
    ) -> Result<Vec<RecordOutcome>, GatewayError>;

    /// Nothing is sent; outcomes come from the stated model.
    fn is_rehearsal(&self) -> bool;

    /// Most records of one step where steps have a pace. 10,000 records are 20 steps of 500: enough to see progress, few
    /// enough to be quick.
    fn step_records(&self) -> usize {
        500
    }
}

/// Time.
#[expect(async_fn_in_trait, reason = "one thread; nobody asks for Send")]
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits, and lets other work go on meanwhile. 0 yields once.
    async fn sleep(&self, millis: u32);
}

/// The bytes of a file or of a generated dump.
#[expect(async_fn_in_trait, reason = "one thread; nobody asks for Send")]
pub trait ByteSource {
    /// Bytes in all; `None` where unknown.
    fn total(&self) -> Option<u64>;

    /// The next bytes in `buffer`, replacing what it holds; `false` at the end. An error names what could not be read.
    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String>;

    /// The next bytes are those from this place on. `false`: nothing can be read a second time here.
    fn go_to(&mut self, _place: u64) -> bool {
        false
    }
}

/// Other threads that read parts of a file ([`crate::import::PartReader`]).
#[expect(async_fn_in_trait, reason = "one thread; nobody asks for Send")]
pub trait Readers {
    /// Files of fewer bytes are not worth the trouble.
    fn least_bytes(&self) -> u64 {
        32 << 20
    }

    /// How many rows a part has, if not those of a chunk: a test need not read a million rows to have many.
    fn rows_of_a_part(&self) -> Option<usize> {
        None
    }

    /// How many bytes are given to so many of them ahead of what they have read.
    fn ahead_bytes(&self, count: usize) -> usize {
        // Several need about a part each, so that each has one while the others are served; one needs enough until the thread
        // that serves it is through with something else.
        if count == 1 { 16 << 20 } else { count * (24 << 20) }
    }

    /// A file of so many bytes is about to be read that they may be of use: they take their time to come up. Whether they are is
    /// known with its first bytes.
    fn prepare(&self) {}

    /// Tells them what they read. The number of those there are, 0 for none: then they are ended and nothing else is asked.
    fn tell(&self, told: &[u8]) -> usize;

    /// What one of them is given next belongs to a part that begins here. It reads one part after the other.
    fn begin_part(&self, reader: usize, is_first: bool);

    /// The next bytes of its part.
    fn push(&self, reader: usize, bytes: &[u8]);

    /// The part ends with these bytes.
    fn end_part(&self, reader: usize, is_last: bool);

    /// The next that any of them says. May be dropped and asked again.
    async fn heard(&self) -> FromReader;

    /// Ends them.
    fn stop(&self);
}

/// Brings the pieces that a reader made of a part, as [`crate::import::Part::write`] gave them, from where they lie: they take
/// no room here until their turn has come.
pub type Fetch = Box<dyn FnOnce() -> Vec<Vec<u8>>>;

/// What a reader says.
pub enum FromReader {
    /// So many bytes are read.
    Read(usize),
    /// Its answer to its next part.
    Part(usize, Fetch),
    /// It ended, for this reason.
    Ended(String),
}

/// No other threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReaders;

impl Readers for NoReaders {
    fn tell(&self, _: &[u8]) -> usize {
        0
    }

    fn begin_part(&self, _: usize, _: bool) {}

    fn push(&self, _: usize, _: &[u8]) {}

    fn end_part(&self, _: usize, _: bool) {}

    async fn heard(&self) -> FromReader {
        FromReader::Ended("there is none".to_owned())
    }

    fn stop(&self) {}
}

/// Tells the page what changed.
pub trait Announcer {
    /// Never blocks, never fails: nobody may be listening.
    fn announce(&self, event: Event);
}
