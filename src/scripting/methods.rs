//! The table of methods: their names, and how their arguments become the parameters of a call.

/// A method of the API. Its name is the call's.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

/// How arguments become parameters.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    /// No arguments, no parameters.
    Nothing,
    /// One argument, which is the parameters.
    Value,
    /// One object, which is the parameters; left out, it is empty.
    Object,
    /// A blob, and an object of options.
    File,
    /// An address, and an object of options.
    Address,
    /// A blob.
    Blob,
    /// One argument for each field of the parameters.
    Fields(&'static [&'static str]),
    /// A filter, and one more field.
    FilterAnd(&'static str),
    /// A filter, and an object of further fields.
    FilterAndOptions,
}

impl Takes {
    /// The most arguments.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Value | Self::Object | Self::Blob => 1,
            Self::File | Self::Address | Self::FilterAnd(_) | Self::FilterAndOptions => 2,
            Self::Fields(fields) => fields.len(),
        }
    }
}

/// Every method that exists by now.
pub(super) const METHODS: &[Method] = &[
    Method { name: "importFile", takes: Takes::File },
    Method { name: "importUrl", takes: Takes::Address },
    Method { name: "previewFile", takes: Takes::File },
    Method { name: "cancelImport", takes: Takes::Nothing },
    Method { name: "loadSample", takes: Takes::Object },
    Method { name: "datasets", takes: Takes::Nothing },
    Method { name: "removeDataset", takes: Takes::Value },
    Method { name: "count", takes: Takes::Object },
    Method { name: "rows", takes: Takes::Object },
    Method { name: "record", takes: Takes::Value },
    Method { name: "facets", takes: Takes::FilterAnd("dimensions") },
    Method { name: "histogram", takes: Takes::FilterAnd("buckets") },
    Method { name: "messageGroups", takes: Takes::Object },
    Method { name: "causes", takes: Takes::FilterAndOptions },
    Method { name: "cause", takes: Takes::Object },
    Method { name: "missingReferences", takes: Takes::FilterAndOptions },
    Method { name: "missingPage", takes: Takes::Object },
    Method { name: "causeRules", takes: Takes::Nothing },
    Method { name: "mergeCauses", takes: Takes::Object },
    Method { name: "splitCause", takes: Takes::Object },
    Method { name: "undoCauseRule", takes: Takes::Value },
    Method { name: "setNote", takes: Takes::Fields(&["causeId", "text"]) },
    Method { name: "jobs", takes: Takes::Nothing },
    Method { name: "setJobStatus", takes: Takes::Fields(&["jobId", "status"]) },
    Method { name: "plan", takes: Takes::Object },
    Method { name: "planRecords", takes: Takes::Object },
    Method { name: "runSheet", takes: Takes::Object },
    Method { name: "compareDatasets", takes: Takes::Object },
    Method { name: "retryLedger", takes: Takes::Object },
    Method { name: "differences", takes: Takes::Object },
    Method { name: "regressions", takes: Takes::Nothing },
    Method { name: "submit", takes: Takes::Object },
    Method { name: "requests", takes: Takes::Object },
    Method { name: "withdraw", takes: Takes::Value },
    Method { name: "release", takes: Takes::Value },
    Method { name: "idle", takes: Takes::Object },
    Method { name: "markFixed", takes: Takes::Fields(&["causeId", "fixed"]) },
    Method { name: "settings", takes: Takes::Nothing },
    Method { name: "configure", takes: Takes::Object },
    Method { name: "exportRows", takes: Takes::Object },
    Method { name: "journal", takes: Takes::Object },
    Method { name: "verifyJournal", takes: Takes::Object },
    Method { name: "exportJournal", takes: Takes::Nothing },
    Method { name: "exportBundle", takes: Takes::Nothing },
    Method { name: "importBundle", takes: Takes::Blob },
    Method { name: "storage", takes: Takes::Nothing },
    Method { name: "wipe", takes: Takes::Nothing },
];
