//! Files out of the page (downloads) and into it (choices and drops), whole; their bytes are read elsewhere (`files`).

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, DataTransfer, File, FileList, HtmlAnchorElement, Url};

/// Offers the blob as a download under a name. The browser copies it before the address is given up.
pub fn save(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Revoking at once would race with the download; a minute is long enough to begin it.
    let revoke = wasm_bindgen::closure::Closure::once_into_js(move || {
        // Nothing is lost if the address was given up already.
        let _revoked = Url::revoke_object_url(&url);
    });
    if let Some(window) = web_sys::window() {
        window.set_timeout_with_callback_and_timeout_and_arguments_0(
            revoke.unchecked_ref(),
            60_000,
        )?;
    }
    Ok(())
}

/// Offers a text as a download under a name.
pub fn save_text(text: &str, kind: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&text.into());
    save(&Blob::new_with_str_sequence_and_options(&parts, &options)?, name)
}

/// The text of a chosen file.
pub async fn text_of(file: &Blob) -> Result<String, JsValue> {
    let text = JsFuture::from(file.text()).await?;
    text.as_string().ok_or_else(|| "no text".into())
}

/// The files of a list.
pub fn of_list(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

/// The files that were dropped or are about to be.
pub fn of_transfer(transfer: Option<DataTransfer>) -> Vec<File> {
    of_list(transfer.and_then(|transfer| transfer.files()))
}

/// Whether what is dragged are files, before it is dropped.
pub fn carries_files(transfer: Option<&DataTransfer>) -> bool {
    transfer.is_some_and(|transfer| {
        transfer.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files"))
    })
}
