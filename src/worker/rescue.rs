//! What the engine still does where the stored data cannot be used: it hands them out as they are, or deletes them.
//!
//! Deliberately absent: every other call, which is answered with the reason.

use super::dispatch::Answer;
use crate::protocol::{Call, Problem};
use crate::store::IndexedDbStore;

/// Carries one of the two calls out; for any other there is none.
pub(super) async fn answer(database: &str, call: Call) -> Option<Result<Answer, Problem>> {
    let nothing = || "null".to_owned();
    match call {
        Call::ExportStored => {
            let exported = IndexedDbStore::export_raw(database).await;
            let answer = exported.map(|blob| Answer { json: nothing(), blob: Some(blob) });
            Some(answer.map_err(Problem::from))
        }
        Call::DeleteStored => {
            let deleted = IndexedDbStore::delete(database).await;
            let answer = deleted.map(|()| Answer { json: nothing(), blob: None });
            Some(answer.map_err(Problem::from))
        }
        _ => None,
    }
}
