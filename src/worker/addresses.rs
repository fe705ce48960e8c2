//! Which addresses this page may ask, before anybody is asked: the worker has not the page's policy where only the page
//! states it.

use crate::platform::web_source::address;
use crate::protocol::{Address, Problem, UrlParams};

use super::Client;

impl Client {
    /// The parameters with the address in full and a name for what is there; or why it may not be asked.
    pub fn checked(&self, params: UrlParams) -> Result<UrlParams, Problem> {
        let UrlParams { url, mut options } = params;
        let (url, name) = self.checked_address(&url)?;
        if options.name.is_empty() {
            options.name = name;
        }
        Ok(UrlParams { url, options })
    }

    /// The address in full, and a name for what is there; or why it may not be asked.
    pub(crate) fn checked_address(&self, url: &str) -> Result<(String, String), Problem> {
        let base = base();
        let parts = |text: &str| {
            address(text.trim(), &base)
                .ok_or_else(|| Problem::invalid(format!("'{text}' is no address of the web")))
        };
        let (full, found) = parts(url)?;
        let page: Address = parts(&base)?.1;
        match found.refusal(&page, &policy()) {
            Some(refusal) => Err(refusal),
            None => Ok((full, found.file_name())),
        }
    }
}

fn base() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The policy that the page states itself. What its server says beside is heeded by the browser.
fn policy() -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let stated = document.and_then(|document| {
        let meta = document.query_selector("meta[http-equiv='Content-Security-Policy' i]");
        meta.ok().flatten()?.get_attribute("content")
    });
    stated.unwrap_or_default()
}
