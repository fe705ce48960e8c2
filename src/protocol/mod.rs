//! What crosses from the page to the engine and back: calls, answers, events, problems.
//!
//! The forms are those of the public scripting API (camelCase JSON), so that the screen, scripts and tests talk to the
//! same engine in the same words. Deliberately absent: transport (`worker`) and any decision.
//!
//! Invariant: unknown keys in a call are refused, never ignored.

mod address;
mod answer;
mod call;
mod causes;
mod comparison;
mod differences;
mod event;
mod params;
mod plan_answer;
mod problem;
mod reading;
mod run_sheet;
mod word;

pub use address::{Address, UrlParams};
pub use answer::{
    Bucket, BundleOutcome, BundleReport, ChunkPart, DamagedChunk, DatasetView, FacetValue, Facets,
    JobView, JournalCheck, JournalPage, MessageGroup, MessageGroups, NamedFacets, PlanIds,
    RequestView, SettingsView, StorageView, Submitted,
};
pub use call::{BUNDLE_BEGINS, Call};
pub use causes::{
    AxisWord, CauseDetail, CausePage, CauseParams, CauseView, CausesParams, Example, GuidanceCard,
    MergeCausesParams, MissingPage, MissingParams, MissingView, PieceView, Placement,
    RecordInsight, ReferenceView, RootView, SetNoteParams, SplitCauseParams,
};
pub use comparison::{
    CompareParams, ComparedDump, ComparisonView, FateView, LedgerCause, LedgerDoors, LedgerParams,
    LedgerRequest, LedgerTally, LedgerView, Regression,
};
pub use differences::{DifferencesParams, DifferencesView, Finding};
pub use event::{Event, ImportProgress};
pub use params::{
    AskedColumn, ConfigureParams, ExportFormat, ExportParams, FacetsParams, HistogramParams,
    ImportParams, JobParams, LimitsParams, MarkFixedParams, MessageGroupsParams, PageParams,
    PlanParams, PlanRecordsParams, RampParams, RowsParams, SampleParams, Selection, StatusParams,
    SubmitParams, VerifyJournalParams,
};
pub use plan_answer::{
    EstimateView, Excluded, GateView, JobOrderView, OverlapView, PartGate, PartView, PlanView,
    TablePlace, VerdictCount,
};
pub use problem::{Code, Problem};
pub use reading::read_answer;
pub use run_sheet::{
    RunSheetMethod, RunSheetParams, RunSheetStep, RunSheetView, Unreached, UnreachedReason,
};
pub use word::{named, word};
