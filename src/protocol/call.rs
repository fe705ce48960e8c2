//! What may be asked of the engine. One variant per method of the scripting API, and two for the stored data as
//! they are, which can be handed out and deleted also where they cannot be used.

use serde::{Deserialize, Serialize};

use super::address::UrlParams;
use super::causes::{
    CauseParams, CausesParams, MergeCausesParams, MissingParams, SetNoteParams, SplitCauseParams,
};
use super::comparison::{CompareParams, LedgerParams};
use super::differences::DifferencesParams;
use super::params::{
    ConfigureParams, ExportParams, FacetsParams, HistogramParams, ImportParams, JobParams,
    MarkFixedParams, MessageGroupsParams, PageParams, PlanParams, PlanRecordsParams, RowsParams,
    SampleParams, StatusParams, SubmitParams, VerifyJournalParams,
};
use super::run_sheet::RunSheetParams;
use crate::domain::{Filter, RequestId};

/// A call by its method's name, with its parameters: `"jobs"`, `{"rows": {…}}`. The answer's type stands with each variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Call {
    /// Loads the file that travels with the call. Answer: `import::ImportReport`.
    ImportFile(ImportParams),
    /// Loads the file at an address. Answer: `import::ImportReport`.
    ImportUrl(UrlParams),
    /// Looks into the file that travels with the call. Answer: `import::Preview`.
    PreviewFile(ImportParams),
    /// Stops the import that is at work; it leaves nothing behind and its call answers `Cancelled`. Answer: `bool`, whether there was one.
    CancelImport,
    /// Loads a generated dump. Answer: `import::ImportReport`.
    LoadSample(SampleParams),
    /// Answer: `Vec<DatasetView>`.
    Datasets,
    /// Answer: null.
    RemoveDataset(u32),
    /// Answer: `usize`.
    Count(Filter),
    /// Answer: `dataset::Page`.
    Rows(RowsParams),
    /// Answer: `dataset::Record` with `extra`, and `RecordInsight` beside its fields; or null.
    Record(String),
    /// Answer: `NamedFacets`.
    Facets(FacetsParams),
    /// Answer: `Vec<Bucket>`.
    Histogram(HistogramParams),
    /// Answer: `MessageGroups`.
    MessageGroups(MessageGroupsParams),
    /// Answer: `CausePage`.
    Causes(CausesParams),
    /// Answer: `CauseDetail`, or null.
    Cause(CauseParams),
    /// Answer: `Vec<MissingView>`.
    MissingReferences(MissingParams),
    /// Answer: `MissingPage`.
    MissingPage(MissingParams),
    /// Answer: `Vec<CauseRule>`.
    CauseRules,
    /// Answer: `CauseRule`.
    MergeCauses(MergeCausesParams),
    /// Answer: `CauseRule`.
    SplitCause(SplitCauseParams),
    /// Answer: null.
    UndoCauseRule(u32),
    /// Answer: null.
    SetNote(SetNoteParams),
    /// Answer: `Vec<JobView>`.
    Jobs,
    /// Answer: null.
    SetJobStatus(StatusParams),
    /// Answer: `PlanView`.
    Plan(PlanParams),
    /// Answer: `PlanIds`.
    PlanRecords(PlanRecordsParams),
    /// Answer: `RunSheetView`.
    RunSheet(RunSheetParams),
    /// Answer: `ComparisonView`.
    CompareDatasets(CompareParams),
    /// Answer: `LedgerView`.
    RetryLedger(LedgerParams),
    /// Answer: `DifferencesView`.
    Differences(DifferencesParams),
    /// Answer: `Vec<Regression>`.
    Regressions,
    /// Answer: `Submitted`.
    Submit(SubmitParams),
    /// Answer: `Vec<RequestView>`.
    Requests(JobParams),
    /// Answer: null.
    Withdraw(RequestId),
    /// Lets a locked step of a ramp go. Answer: null.
    Release(RequestId),
    /// Answer: null, once nothing that may run is left.
    Idle(JobParams),
    /// Answer: null.
    MarkFixed(MarkFixedParams),
    /// Answer: `SettingsView`.
    Settings,
    /// Answer: `SettingsView`.
    Configure(ConfigureParams),
    /// Answer: a `Blob` that travels beside the answer.
    ExportRows(ExportParams),
    /// Answer: `JournalPage`.
    Journal(PageParams),
    /// Answer: `JournalCheck`.
    VerifyJournal(VerifyJournalParams),
    /// Answer: a `Blob` of JSON lines that travels beside the answer.
    ExportJournal,
    /// Answer: a `Blob` with everything this desk holds.
    ExportBundle,
    /// Takes the bundle that travels with the call. Answer: `BundleReport`.
    ImportBundle,
    /// Answer: `StorageView`.
    Storage,
    /// Answer: null.
    Wipe,
    /// Everything that is stored, as it is. Also answered where nothing else is, since the data cannot be opened. Answer: a
    /// `Blob` that travels beside the answer.
    ExportStored,
    /// Deletes the data where they cannot be opened. Answer: null, once the engine has begun anew.
    DeleteStored,
}

impl Call {
    /// Whether the call changes nothing that lasts, so that asking twice is as good as asking once. A plan lasts no
    /// longer than the engine that made it.
    pub fn is_question(&self) -> bool {
        match self {
            Self::PreviewFile(_)
            | Self::Datasets
            | Self::Count(_)
            | Self::Rows(_)
            | Self::Record(_)
            | Self::Facets(_)
            | Self::Histogram(_)
            | Self::MessageGroups(_)
            | Self::Causes(_)
            | Self::Cause(_)
            | Self::MissingReferences(_)
            | Self::MissingPage(_)
            | Self::CauseRules
            | Self::Jobs
            | Self::Plan(_)
            | Self::PlanRecords(_)
            | Self::RunSheet(_)
            | Self::CompareDatasets(_)
            | Self::RetryLedger(_)
            | Self::Regressions
            | Self::Differences(_)
            | Self::Requests(_)
            | Self::Idle(_)
            | Self::Settings
            | Self::ExportRows(_)
            | Self::Journal(_)
            | Self::VerifyJournal(_)
            | Self::ExportJournal
            | Self::ExportBundle
            | Self::ExportStored
            | Self::Storage => true,
            Self::ImportFile(_)
            | Self::ImportUrl(_)
            | Self::ImportBundle
            | Self::CancelImport
            | Self::LoadSample(_)
            | Self::RemoveDataset(_)
            | Self::SetJobStatus(_)
            | Self::Submit(_)
            | Self::Withdraw(_)
            | Self::Release(_)
            | Self::MarkFixed(_)
            | Self::MergeCauses(_)
            | Self::SplitCause(_)
            | Self::UndoCauseRule(_)
            | Self::SetNote(_)
            | Self::Configure(_)
            | Self::DeleteStored
            | Self::Wipe => false,
        }
    }
}

/// How every hand-over bundle begins. Bundles and dumps are opened in the same way, and told apart by this.
pub const BUNDLE_BEGINS: &str = "{\"bundle\":\"dual-write-error-desk\"";
