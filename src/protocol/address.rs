//! Addresses of dumps: which of them a page may ask, and what is said of those that it may not.
//!
//! Source: Content Security Policy level 3, `connect-src` and how a source matches.
//!
//! Deliberately absent: the asking. Whoever asks also heeds what the browser forbids; this is here so that nothing is asked
//! in vain, and so that a refusal says who can allow what.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::params::ImportParams;
use super::problem::{Code, Problem};

/// An address to open, and how to read what is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UrlParams {
    /// The address, `http` or `https`.
    pub url: String,
    /// Options of the import.
    #[serde(default)]
    pub options: ImportParams,
}

/// An address in its parts, as the browser tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// With its colon: `https:`.
    pub scheme: String,
    /// `example.com`.
    pub host: String,
    /// Empty where it is the scheme's own.
    pub port: String,
    /// `/dumps/monday.csv`.
    pub path: String,
    /// It holds a user's name or password.
    pub has_user: bool,
}

impl Address {
    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let colon = if self.port.is_empty() { "" } else { ":" };
        format!("{}//{}{colon}{}", self.scheme, self.host, self.port)
    }

    /// The address without what may hold a signature or a secret.
    pub fn shown(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// The name of the file that it leads to: its last step, else the host.
    pub fn file_name(&self) -> String {
        let last = self.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if last.is_empty() { self.host.clone() } else { decoded(last) }
    }

    /// Why a page may not ask this address, if it may not. `policy` is the page's own content policy.
    pub fn refusal(&self, page: &Self, policy: &str) -> Option<Problem> {
        let shown = self.shown();
        if !matches!(&self.scheme[..], "http:" | "https:") {
            return Some(Problem::new(
                Code::InvalidArgument,
                format!("'{shown}' is no address of the web"),
                "Give one that begins with https:// or http://, or open the file itself",
            ));
        }
        if self.has_user {
            return Some(Problem::new(
                Code::InvalidArgument,
                format!("The address of '{shown}' holds a name or a password"),
                "Leave it out: browsers do not send it",
            ));
        }
        let origin = self.origin();
        if origin == page.origin() || allows(policy, page, self) {
            return None;
        }
        let problem = Problem::new(
            Code::AddressForbidden,
            format!(
                "'{shown}' is on another server, and the content policy of this page forbids to ask any but its own"
            ),
            format!(
                "Download the file and open it here. Or whoever hosts this page adds {origin} to connect-src of its content policy, in index.html and in the header, and that server allows {} to read its files (CORS)",
                page.origin()
            ),
        );
        Some(problem.with_details(json!({ "address": shown, "origin": origin })))
    }
}

/// Percent-encoded letters as themselves; what is no text stays as it is.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Whether a content policy lets a page ask an address of another origin.
fn allows(policy: &str, page: &Address, address: &Address) -> bool {
    let directives: Vec<Vec<&str>> =
        policy.split(';').map(|one| one.split_ascii_whitespace().collect()).collect();
    let of = |name: &str| {
        directives
            .iter()
            .find(|words| words.first().is_some_and(|first| first.eq_ignore_ascii_case(name)))
    };
    match of("connect-src").or_else(|| of("default-src")) {
        Some(words) => words[1..].iter().any(|source| matches(source, page, address)),
        // A page without such a policy asks whom it likes.
        None => true,
    }
}

fn matches(source: &str, page: &Address, address: &Address) -> bool {
    let source = source.to_ascii_lowercase();
    if source == "*" {
        return true;
    }
    if let Some(scheme) = source.strip_suffix(':').filter(|scheme| !scheme.contains('/')) {
        return is_scheme(&format!("{scheme}:"), &address.scheme);
    }
    if source.starts_with('\'') {
        // 'self' was compared before; the others are about programs and styles.
        return false;
    }
    let (scheme, rest) = match source.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}:"), rest),
        None => (page.scheme.clone(), &source[..]),
    };
    let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = place.split_once(':').unwrap_or((place, ""));
    let is_host = match host.strip_prefix("*.") {
        Some(parent) => address
            .host
            .strip_suffix(parent)
            .is_some_and(|left| left.len() > 1 && left.ends_with('.')),
        None => host == address.host.to_ascii_lowercase(),
    };
    let is_path = match path.strip_suffix('/') {
        _ if path.is_empty() => true,
        Some(folder) => address.path.to_ascii_lowercase().starts_with(&format!("{folder}/")),
        None => path == address.path.to_ascii_lowercase(),
    };
    is_scheme(&scheme, &address.scheme) && is_host && is_port(port, address) && is_path
}

/// A port that is left out is the scheme's own, on either side; that of the safe form stands for that of the other.
fn is_port(allowed: &str, address: &Address) -> bool {
    let own = if address.scheme == "https:" { "443" } else { "80" };
    let port = if address.port.is_empty() { own } else { &address.port };
    let allowed = if allowed.is_empty() { own } else { allowed };
    allowed == "*" || allowed == port || (allowed == "80" && port == "443")
}

/// The safe form of a scheme may always be used for the other.
fn is_scheme(allowed: &str, scheme: &str) -> bool {
    allowed == scheme || (allowed == "http:" && scheme == "https:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Address {
        let (scheme, rest) = url.split_once("//").unwrap();
        let (place, path) = rest.split_at(rest.find('/').unwrap());
        let (host, port) = place.split_once(':').unwrap_or((place, ""));
        let [scheme, host, port, path] = [scheme, host, port, path].map(str::to_owned);
        Address { scheme, host, port, path, has_user: false }
    }

    #[test]
    fn other_servers_are_asked_only_where_the_policy_names_them() {
        let page = address("https://desk.example/app/");
        let elsewhere = address("https://files.example/dumps/monday.csv");
        for (policy, allowed) in [
            ("default-src 'none'; connect-src 'self'", false),
            ("default-src 'none'", false),
            ("connect-src 'self' https://files.example", true),
            ("connect-src 'self' files.example", true),
            ("connect-src https://*.example", true),
            ("connect-src https://*.files.example", false),
            ("connect-src http://files.example", true),
            ("connect-src https://files.example:8443", false),
            ("connect-src https://files.example:*", true),
            ("connect-src https://files.example:443", true),
            ("connect-src files.example:443", true),
            ("connect-src http://files.example:80", true),
            ("connect-src http://files.example", true),
            ("connect-src https://files.example:8443", false),
            ("connect-src https://files.example/dumps/", true),
            ("connect-src https://files.example/other/", false),
            ("connect-src https:", true),
            ("CONNECT-SRC *", true),
            ("img-src *", true),
            ("", true),
        ] {
            assert_eq!(elsewhere.refusal(&page, policy).is_none(), allowed, "{policy}");
        }
        let own = address("https://desk.example/dumps/monday.csv");
        assert_eq!(own.refusal(&page, "connect-src 'self'"), None);
    }

    #[test]
    fn a_refusal_names_who_can_allow_it_and_no_secret() {
        let page = address("https://desk.example/");
        let problem = address("https://files.example:8443/a.csv")
            .refusal(&page, "connect-src 'self'")
            .unwrap();
        let told = problem.to_string();
        assert_eq!(problem.code, Code::AddressForbidden);
        for part in ["https://files.example:8443", "connect-src", "CORS", "https://desk.example"] {
            assert!(told.contains(part), "{told}");
        }
        let file = address("file:///etc/passwd").refusal(&page, "");
        assert_eq!(file.unwrap().code, Code::InvalidArgument);
        let user = Address { has_user: true, ..page.clone() };
        assert_eq!(user.refusal(&page, "").unwrap().code, Code::InvalidArgument);
    }

    #[test]
    fn the_file_is_named_by_the_last_step() {
        for (url, name) in [
            ("https://x.example/a/Fehler%20M%C3%A4rz.csv", "Fehler März.csv"),
            ("https://x.example/a/100%.csv", "100%.csv"),
            ("https://x.example/a/%FF%2", "%FF%2"),
            ("https://x.example/", "x.example"),
        ] {
            assert_eq!(address(url).file_name(), name);
        }
    }
}
