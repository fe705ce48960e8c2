//! A dump at an address, read as it arrives.
//!
//! Deliberately absent: which addresses may be asked (`protocol::address`), and answers to questions of servers: what needs
//! more than the browser has, such as a token, is downloaded and opened as a file.
//!
//! Invariant: nothing but the address is sent elsewhere, and no redirection leads to another server.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCredentials, RequestMode,
    RequestRedirect, Url,
};

use super::thrown::words;
use crate::protocol::{Address, Code, Problem};
use crate::workspace::ports::ByteSource;

thread_local! {
    /// The request at work. One import is at work at a time.
    static AT_WORK: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Ends the request at work, if there is one: a server that is silent would be waited for.
pub fn stop() {
    if let Some(request) = AT_WORK.take() {
        request.abort();
    }
}

/// The address in its parts; relative ones lead on from `base`. `None`: it is none.
pub fn address(text: &str, base: &str) -> Option<(String, Address)> {
    let url = Url::new_with_base(text, base).ok()?;
    let address = Address {
        scheme: url.protocol(),
        host: url.hostname(),
        port: url.port(),
        path: url.pathname(),
        has_user: !url.username().is_empty() || !url.password().is_empty(),
    };
    Some((url.href(), address))
}

/// A file at an address.
pub struct WebSource {
    url: String,
    shown: String,
    is_own: bool,
    reader: Option<ReadableStreamDefaultReader>,
    request: Option<AbortController>,
    total: Option<u64>,
    read: u64,
    fault: Rc<RefCell<Option<Problem>>>,
}

impl WebSource {
    /// Asks when it is first read.
    pub fn new(url: &str) -> Result<Self, Problem> {
        let own = own_origin();
        let (url, address) =
            address(url, &own).ok_or_else(|| Problem::invalid(format!("'{url}' is no address")))?;
        let (shown, is_own) = (address.shown(), address.origin() == own);
        Ok(Self {
            url,
            shown,
            is_own,
            reader: None,
            request: None,
            total: None,
            read: 0,
            fault: Rc::default(),
        })
    }

    /// Why it could not be read, in more than the words of the port.
    pub fn fault(&self) -> Rc<RefCell<Option<Problem>>> {
        self.fault.clone()
    }

    fn request(&self, signal: &AbortController) -> RequestBuilder {
        let request = Request::get(&self.url)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .abort_signal(Some(&signal.signal()));
        match self.is_own {
            // A redirection to another server is an error in this mode.
            true => request.mode(RequestMode::SameOrigin),
            false => request
                .mode(RequestMode::Cors)
                .credentials(RequestCredentials::Omit)
                .redirect(RequestRedirect::Error),
        }
    }

    async fn open(&mut self) -> Result<ReadableStreamDefaultReader, Problem> {
        let signal = AbortController::new().map_err(|error| self.unreachable(&words(&error)))?;
        AT_WORK.replace(Some(signal.clone()));
        self.request = Some(signal.clone());
        let answer = self.request(&signal).send().await;
        let answer = answer.map_err(|error| self.unreachable(&error.to_string()))?;
        if !answer.ok() {
            return Err(self.refused(&answer));
        }
        // Packed for the way, its length says nothing of what comes out.
        let headers = answer.headers();
        self.total = match headers.get("content-encoding") {
            None => headers.get("content-length").and_then(|length| length.parse().ok()),
            Some(_) => None,
        };
        let stream = answer.body().ok_or_else(|| self.unreachable("the answer has no content"))?;
        Ok(stream.get_reader().unchecked_into())
    }

    fn unreachable(&self, why: &str) -> Problem {
        let hint = if self.is_own {
            "Check the address and the connection; a redirection to another server is not followed"
                .to_owned()
        } else {
            format!(
                "That server must allow {} to read its files (CORS), and the content policy with which this page is served must name that server in connect-src. Or download the file and open it here",
                own_origin()
            )
        };
        let message = format!("'{}' could not be fetched ({why})", self.shown);
        Problem::new(Code::AddressUnreachable, message, hint)
            .with_details(json!({ "address": self.shown }))
    }

    fn broken(&self, why: &str) -> Problem {
        let message = format!("'{}' could not be read to its end: {why}", self.shown);
        let hint = "Nothing was stored. Open it again, or download the file and open it here";
        Problem::new(Code::AddressUnreachable, message, hint)
            .with_details(json!({ "address": self.shown, "bytesRead": self.read }))
    }

    /// Keeps the problem for whoever can tell it in full; the port has no more than words.
    fn fail(&self, problem: Problem) -> String {
        let why = problem.message.clone();
        self.fault.replace(Some(problem));
        why
    }

    fn refused(&self, answer: &Response) -> Problem {
        let (status, text) = (answer.status(), answer.status_text());
        let hint = match status {
            401 | 403 => "Sign in there, or download the file and open it here",
            404 | 410 => "Check the address; links for downloads are often short-lived",
            _ => "Try again later, or download the file and open it here",
        };
        let message = format!("'{}' answered {status} {text}", self.shown);
        Problem::new(Code::AddressUnreachable, message.trim_end().to_owned(), hint)
            .with_details(json!({ "address": self.shown, "status": status }))
    }

    async fn next_piece(
        &mut self,
        reader: &ReadableStreamDefaultReader,
    ) -> Result<Option<Uint8Array>, String> {
        let piece = JsFuture::from(reader.read()).await.map_err(|error| {
            format!("the connection broke after {} bytes ({})", self.read, words(&error))
        })?;
        let get = |name: &str| Reflect::get(&piece, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if get("done").is_truthy() {
            return Ok(None);
        }
        let bytes = get("value").unchecked_into::<Uint8Array>();
        self.read += u64::from(bytes.length());
        Ok(Some(bytes))
    }
}

impl Drop for WebSource {
    fn drop(&mut self) {
        // What is not wanted any more need not arrive, the rest of a refusal neither.
        if let Some(request) = self.request.take() {
            request.abort();
        }
    }
}

impl ByteSource for WebSource {
    fn total(&self) -> Option<u64> {
        self.total.filter(|total| *total >= self.read)
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        buffer.clear();
        let reader = match self.reader.clone() {
            Some(reader) => reader,
            None => match self.open().await {
                Ok(reader) => {
                    self.reader = Some(reader.clone());
                    reader
                }
                Err(problem) => return Err(self.fail(problem)),
            },
        };
        // What is there is handed on at once: nobody knows when more comes.
        loop {
            let piece = match self.next_piece(&reader).await {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok(false),
                Err(why) => return Err(self.fail(self.broken(&why))),
            };
            if piece.length() > 0 {
                buffer.resize(piece.length() as usize, 0);
                piece.copy_to(buffer);
                return Ok(true);
            }
        }
    }
}

/// The origin of the page or of the worker.
fn own_origin() -> String {
    let origin = Reflect::get(&js_sys::global(), &"origin".into()).ok();
    origin.and_then(|origin| origin.as_string()).unwrap_or_default()
}
