//! What the browser says of this origin's storage, and blobs to hand out.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, StorageEstimate, StorageManager, WorkerGlobalScope};

use crate::protocol::{Code, Problem};
use crate::workspace::ports::Room;

/// The browser's estimate; `None` where it does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Estimate {
    /// Promised not to be evicted.
    pub persisted: Option<bool>,
    /// Bytes used.
    pub usage_bytes: Option<u64>,
    /// Bytes allowed.
    pub quota_bytes: Option<u64>,
}

/// Asks the browser, from a worker.
pub async fn estimate() -> Estimate {
    let Ok(scope) = js_sys::global().dyn_into::<WorkerGlobalScope>() else {
        return Estimate::default();
    };
    let manager: StorageManager = scope.navigator().storage();
    let persisted = match manager.persisted() {
        Ok(promise) => JsFuture::from(promise).await.ok().and_then(|value| value.as_bool()),
        Err(_) => None,
    };
    let estimate: Option<StorageEstimate> = match manager.estimate() {
        Ok(promise) => JsFuture::from(promise).await.ok().map(|value| value.unchecked_into()),
        Err(_) => None,
    };
    Estimate {
        persisted,
        usage_bytes: estimate
            .as_ref()
            .and_then(|estimate| estimate.get_usage())
            .map(|bytes| bytes as u64),
        quota_bytes: estimate
            .as_ref()
            .and_then(|estimate| estimate.get_quota())
            .map(|bytes| bytes as u64),
    }
}

/// Asks the browser, from a page, not to evict what is stored here; some ask the user. Whether it agreed.
pub async fn ask_to_keep() -> bool {
    let Some(window) = web_sys::window() else { return false };
    match window.navigator().storage().persist() {
        Ok(promise) => JsFuture::from(promise).await.is_ok_and(|agreed| agreed.is_truthy()),
        Err(_) => false,
    }
}

/// What the browser lets a dump take.
pub async fn room() -> Room {
    let Estimate { usage_bytes, quota_bytes, .. } = estimate().await;
    let free = |quota: u64| quota.saturating_sub(usage_bytes.unwrap_or(0));
    Room { storage: quota_bytes.map(free), ..Room::default() }
}

/// The bytes as a file of this media type.
pub fn blob(bytes: &[u8], media_type: &str) -> Result<Blob, Problem> {
    blob_of(&Array::of1(&Uint8Array::from(bytes)), media_type)
}

/// Arrays of bytes or blobs, one after the other, as a file of this media type.
pub fn blob_of(parts: &Array, media_type: &str) -> Result<Blob, Problem> {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(parts, &kind).map_err(|_| {
        Problem::new(
            Code::TooLarge,
            "The browser has no room for the file",
            "Close other tabs or free some disk space; a narrower filter makes a smaller file",
        )
    })
}
