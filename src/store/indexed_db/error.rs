//! What the browser says, in the port's words.

use idb::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

use crate::workspace::ports::StoreError;

use super::super::part::Place;

/// Names of `DOMException`, from the IndexedDB specification.
const QUOTA: &str = "QuotaExceededError";
const VERSION: &str = "VersionError";
const INVALID_STATE: &str = "InvalidStateError";
const NOT_FOUND: &str = "NotFoundError";
const DATA_CLONE: &str = "DataCloneError";

/// An error of work in an open database.
pub(super) fn failed(error: Error) -> StoreError {
    let name = name_of(&error);
    match (&error, name.as_deref()) {
        (_, Some(QUOTA)) => StoreError::Full,
        // The connection is closed: by the browser, or because another tab brings a newer version.
        (Error::TransactionOpenFailed(_), Some(INVALID_STATE)) => StoreError::Lost(
            "they were deleted, or another tab runs a later version of the desk".to_owned(),
        ),
        (Error::TransactionOpenFailed(_), Some(NOT_FOUND)) => {
            StoreError::Damaged("a part of the database is missing".to_owned())
        }
        _ => StoreError::Failed(error.to_string()),
    }
}

/// An error of opening or deleting a database.
pub(super) fn unavailable(error: Error) -> StoreError {
    match (&error, name_of(&error).as_deref()) {
        (_, Some(QUOTA)) => StoreError::Full,
        (Error::IndexedDbNotFound(_), _) => {
            StoreError::Unavailable("this browser offers no IndexedDB here".to_owned())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// Why a transaction was aborted; `None` where nobody but us did it.
pub(super) fn aborted(reason: Option<DomException>) -> StoreError {
    match reason {
        Some(reason) => failed(Error::DomException(reason)),
        None => StoreError::Failed("the transaction was aborted".to_owned()),
    }
}

/// Whether the database is newer than the version asked for.
pub(super) fn is_newer(error: &Error) -> bool {
    name_of(error).as_deref() == Some(VERSION)
}

/// Whether the browser stores no values of this kind here.
pub(super) fn is_no_value(error: &Error) -> bool {
    name_of(error).as_deref() == Some(DATA_CLONE)
}

/// An error of reading a blob: its file is gone, or cannot be read now.
pub(super) fn unreadable(place: &Place, error: &JsValue) -> StoreError {
    match error.dyn_ref().map(DomException::name).as_deref() {
        Some(NOT_FOUND) => place.damaged("its file is gone"),
        _ => StoreError::Failed(format!("{place}: {}", words(error))),
    }
}

/// What the browser says of an error.
pub(super) fn words(error: &JsValue) -> String {
    let said = |error: &DomException| format!("{}: {}", error.name(), error.message());
    error.dyn_ref().map_or_else(|| format!("{error:?}"), said)
}

fn name_of(error: &Error) -> Option<String> {
    let value: &JsValue = match error {
        Error::DomException(exception) => exception.as_ref(),
        Error::AddFailed(value)
        | Error::ClearFailed(value)
        | Error::CountFailed(value)
        | Error::DeleteFailed(value)
        | Error::GetAllKeysFailed(value)
        | Error::GetFailed(value)
        | Error::IndexedDbDeleteFailed(value)
        | Error::IndexedDbOpenFailed(value)
        | Error::ObjectStoreCreateFailed(value)
        | Error::ObjectStoreNotFound(value)
        | Error::OpenCursorFailed(value)
        | Error::TransactionOpenFailed(value)
        | Error::UpdateFailed(value) => value,
        _ => return None,
    };
    value.dyn_ref::<DomException>().map(DomException::name)
}
