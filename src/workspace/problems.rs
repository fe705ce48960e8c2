//! Every failure's face: from the errors of the layers to `protocol::Problem`.

use serde_json::json;

use super::ports::{GatewayError, StoreError};
use crate::domain::Refusal;
use crate::import::ImportError;
use crate::protocol::{Code, Problem};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let message = sentence(&refusal.to_string());
        let (code, hint, details) = match &refusal {
            Refusal::JobNotActive { job, status } => (
                Code::JobNotActive,
                "Start the job, then submit again",
                Some(json!({ "jobId": job, "status": status })),
            ),
            Refusal::QueueFull { job, count, asked, limit } => (
                Code::QueueFull,
                "Wait until a request is finished, withdraw one, or submit a plan, whose parts can wait on the shelf",
                Some(json!({ "jobId": job, "count": count, "asked": asked, "limit": limit })),
            ),
            Refusal::TooManyRecords { count, limit } => (
                Code::TooManyRecords,
                "Narrow the filter, for example by date-time, or submit it in parts",
                Some(json!({ "count": count, "limit": limit })),
            ),
            Refusal::NothingSelected => {
                (Code::NothingSelected, "Choose records, or widen the filter", None)
            }
            Refusal::AlreadyRequested { count } => (
                Code::AlreadyRequested,
                "Choose other records, or withdraw the request that holds them",
                Some(json!({ "count": count })),
            ),
            Refusal::DatasetInUse { request, count } => (
                Code::AlreadyRequested,
                "Wait until it is finished, or withdraw it, then remove the dataset",
                Some(json!({ "count": count, "requestId": request })),
            ),
            Refusal::NotRetriable { count } => (
                Code::NotRetriable,
                "A newer version of the record exists; dismiss the error once that version is synchronised",
                Some(json!({ "count": count })),
            ),
            Refusal::UnknownJob(_) => (Code::UnknownJob, "", None),
            Refusal::UnknownRequest(_) => (Code::UnknownRequest, "", None),
            Refusal::WrongState { state, .. } => (
                Code::InvalidArgument,
                "Only shelved, queued and running requests can be withdrawn",
                Some(json!({ "state": state })),
            ),
            Refusal::NotLocked { .. } => {
                (Code::InvalidArgument, "Only locked steps of a ramp can be released", None)
            }
            Refusal::NotNext { .. } | Refusal::TooManyOutcomes { .. } => (Code::Internal, "", None),
        };
        Self { code, message, hint: hint.to_owned(), details: details.map(Box::new) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (code, hint) = match &error {
            StoreError::Full => {
                (Code::StorageFull, "Free some disk space or remove datasets you no longer need")
            }
            StoreError::Unavailable(_) => (
                Code::StorageUnavailable,
                "Allow this site to store data, or leave private browsing, and reload",
            ),
            StoreError::Lost(_) => (
                Code::StorageUnavailable,
                "What you see is only in this page's memory: export what you still need, then reload the page",
            ),
            StoreError::Newer { .. } => (
                Code::NewerDatabase,
                "Reload to get the latest version of the app, which opens them",
            ),
            StoreError::Damaged(_) => {
                (Code::StorageUnavailable, "Everything else can be used as before")
            }
            StoreError::Failed(_) => (Code::StorageUnavailable, "Reload the page and try again"),
        };
        Self::new(code, sentence(&error.to_string()), hint)
    }
}

impl Problem {
    /// What keeps the store as a whole from being opened. Damage found later concerns a single thing, and leaves the
    /// desk in use.
    pub(crate) fn of_opening(error: StoreError) -> Self {
        let is_beyond_use = matches!(error, StoreError::Newer { .. } | StoreError::Damaged(_));
        let is_damaged = matches!(error, StoreError::Damaged(_));
        let mut problem = Self::from(error);
        if is_damaged {
            problem.hint = "Export what is stored, then delete it and begin anew".to_owned();
        }
        if is_beyond_use { problem.beyond_use() } else { problem }
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        let code = match error {
            GatewayError::Unreachable(_) => Code::GatewayUnreachable,
            GatewayError::Refused(_) => Code::GatewayRefused,
        };
        Self::new(
            code,
            sentence(&error.to_string()),
            "The request keeps its place and goes on later",
        )
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        // The importer says its code as the word that scripts read.
        let code = serde_json::from_value(error.code().into()).unwrap_or(Code::Internal);
        Self::new(code, sentence(&error.to_string()), "").with_details(error.details())
    }
}

/// With a capital at the beginning, as a sentence for people.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_of_a_single_thing_leaves_the_desk_in_use() {
        let damaged = StoreError::Damaged("line 5 of the journal cannot be read".to_owned());
        assert!(!Problem::from(damaged).is_beyond_use());
    }

    #[test]
    fn only_the_data_themselves_are_ever_beyond_use() {
        let is_beyond_use = |error: StoreError| Problem::of_opening(error).is_beyond_use();
        assert!(is_beyond_use(StoreError::Newer { found: 3, known: 2 }));
        assert!(is_beyond_use(StoreError::Damaged("a part is missing".to_owned())));
        for passing in [StoreError::Unavailable, StoreError::Failed] {
            assert!(!is_beyond_use(passing("the connection was closed".to_owned())));
        }
        assert!(!is_beyond_use(StoreError::Full));
    }
}
