//! The kind of failure, read out of a message where a dump does not say it.
//!
//! The groups follow the taxonomy of the documented messages: concurrency is a lost race of versions; system is
//! platform, network and throttling; application is missing references, validation, duplicates, permissions, formats;
//! configuration is link, map, schema and version, which blocks a whole map rather than a record. Conflict is never
//! inferred: its texts are not published.
//!
//! Deliberately absent: certainty. The caller marks what comes from here as inferred.

use std::sync::OnceLock;

use super::code::error_code as code_in;
use super::fold::word_hash;
use crate::domain::Category;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Application,
    System,
    Concurrency,
    Configuration,
}

impl From<Kind> for Category {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Application => Self::Application,
            Kind::System => Self::System,
            Kind::Concurrency => Self::Concurrency,
            Kind::Configuration => Self::Configuration,
        }
    }
}

/// How much a sign is worth; the strongest sign of a message decides, among equals the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Says only that something failed.
    Generic,
    /// A transport failure: the reason unless the text gives another one.
    Weak,
    /// Names the reason.
    Strong,
    /// Says what the whole message is about.
    Decisive,
}

use Kind::{Application, Concurrency, Configuration, System};
use Strength::{Decisive, Generic, Strong, Weak};

/// Signs by their words, in lower case.
pub(super) const PHRASES: &[(&str, Kind, Strength)] = &[
    // Concurrency
    ("update conflict occurred", Concurrency, Decisive),
    ("rowversion property", Concurrency, Decisive),
    ("concurrent share requests", Concurrency, Decisive),
    ("not the latest version", Concurrency, Decisive),
    ("preconditionfailed", Concurrency, Strong),
    // System
    ("isv code", System, Weak),
    ("connection attempt failed", System, Decisive),
    ("did not properly respond", System, Decisive),
    ("exceeded the limit of", System, Decisive),
    ("execution time of incoming requests", System, Decisive),
    ("high resource utilization", System, Decisive),
    ("validateclosed", System, Decisive),
    ("timeout expired", System, Decisive),
    ("sql timeout", System, Decisive),
    ("timed out", System, Decisive),
    ("operation was canceled", System, Strong),
    ("bad gateway", System, Strong),
    ("service unavailable", System, Strong),
    ("server unavailable", System, Strong),
    ("server is busy", System, Strong),
    ("gateway timeout", System, Strong),
    ("too many requests", System, Strong),
    ("toomanyrequests", System, Strong),
    ("serviceunavailable", System, Strong),
    ("badgateway", System, Strong),
    ("gatewaytimeout", System, Strong),
    ("internalservererror", System, Weak),
    ("internal server error", System, Weak),
    ("[bad request]", System, Weak),
    // Application: references
    ("unable to lookup", Application, Strong),
    ("unable to look up", Application, Strong),
    ("resolve the guid", Application, Strong),
    ("lookup was not found", Application, Strong),
    ("lookup value was not found", Application, Strong),
    ("is not found in the related table", Application, Strong),
    ("companyinfo_fk", Application, Strong),
    ("found in dataverse", Application, Strong),
    ("party record not found", Application, Strong),
    ("unable to sync with entity", Application, Strong),
    // Application: validation, duplicates
    ("must be filled in", Application, Strong),
    ("validatewrite failed", Application, Strong),
    ("validatefield failed", Application, Strong),
    ("is mandatory and must", Application, Strong),
    ("update has been canceled", Application, Strong),
    ("is blocked for", Application, Strong),
    ("integrity constraints", Application, Strong),
    ("not found in the record of type", Application, Strong),
    ("cannot update a party", Application, Strong),
    ("already exists", Application, Strong),
    ("same key has already been added", Application, Strong),
    ("unique values", Application, Strong),
    // Application: permissions
    ("not a member of the organization", Application, Strong),
    ("missing prv", Application, Strong),
    ("is missing prv", Application, Strong),
    ("privilege", Application, Strong),
    ("forbidden", Application, Strong),
    ("unauthorized", Application, Strong),
    ("tokenexchange", Application, Strong),
    ("token exchange", Application, Strong),
    ("correct permissions", Application, Strong),
    ("refused to connect", Application, Strong),
    ("indicate success", Application, Weak),
    // Application: type, format, size
    ("convert the literal", Application, Strong),
    ("validating input parameters", Application, Strong),
    ("message size exceeded", Application, Strong),
    ("maximum partitions", Application, Decisive),
    ("attempts to get data from", Application, Strong),
    // Configuration
    ("unable to generate payload", Configuration, Decisive),
    ("payload creation failed", Configuration, Decisive),
    ("secureconfig organization", Configuration, Decisive),
    ("isn't discoverable", Configuration, Decisive),
    ("isn\u{2019}t discoverable", Configuration, Decisive),
    ("is not discoverable", Configuration, Decisive),
    ("dualwriteprojectconfiguration", Configuration, Decisive),
    ("invalid column name", Configuration, Decisive),
    ("enabled for dual-write", Configuration, Decisive),
    ("missing source field", Configuration, Decisive),
    ("missing destination field", Configuration, Decisive),
    ("project validation failed", Configuration, Decisive),
    ("lookup metadata", Configuration, Decisive),
    ("plugin registration failed", Configuration, Strong),
    ("version mismatch", Configuration, Decisive),
    ("mapping errors", Configuration, Decisive),
    ("platform version", Configuration, Decisive),
    ("business events registration", Configuration, Decisive),
    ("project configurations found", Configuration, Decisive),
    ("invalid source filter", Configuration, Decisive),
    ("virtual fields", Configuration, Decisive),
    ("at least one field mapped", Configuration, Decisive),
    ("connection validation failed", Configuration, Decisive),
    ("integration keys are missing", Configuration, Decisive),
    ("integration key field", Configuration, Decisive),
    ("data partition", Configuration, Decisive),
    ("field in destination entity", Configuration, Decisive),
    ("parsing dataverse entity source filter", Configuration, Decisive),
    ("missing for integration key", Configuration, Decisive),
    ("missing organization mapping", Configuration, Decisive),
    ("missing versionnumber field", Configuration, Decisive),
    ("data type mismatch", Configuration, Decisive),
    ("missing default transform", Configuration, Decisive),
    // Nothing but that it failed
    ("unable to write data to entity", Application, Generic),
    ("write failed for", Application, Generic),
    ("writes to", Application, Generic),
    ("cannot create a record", Application, Generic),
    ("cannot edit a record", Application, Generic),
    ("request failed with status code", Application, Generic),
];

/// Codes that decide alone.
const CODES: &[(&str, Kind)] = &[
    ("0x80060882", Concurrency),
    ("0x80048105", Concurrency),
    ("0x80060880", Concurrency),
    ("0x80072321", System),
    ("0x80072322", System),
    ("0x80072326", System),
    ("0x80044151", System),
    ("0x8004023e", System),
    ("0x80040237", Application),
    ("0x80072560", Application),
    ("0x80040220", Application),
    ("DW9003", Application),
    ("HTTP 412", Concurrency),
];

/// What an HTTP status says where no text says more.
fn of_status(code: &str) -> Option<Kind> {
    Some(match code.strip_prefix("HTTP ")? {
        "408" | "429" => System,
        status if status.starts_with('5') => System,
        _ => Application,
    })
}

/// The category that a message and an error code (either may be empty) speak for; `None` where nothing is known.
pub fn infer(message: &str, error_code: &str) -> Option<Category> {
    let given = error_code.trim();
    let code = code_in(if given.is_empty() { message } else { given });
    decide(strongest_sign(message), code.as_deref().unwrap_or(given))
}

/// What the strongest sign of a message and its code speak for.
pub(super) fn decide(sign: Option<Sign>, code: &str) -> Option<Category> {
    if let Some((_, kind)) = CODES.iter().find(|(known, _)| code.eq_ignore_ascii_case(known)) {
        return Some((*kind).into());
    }
    if code.starts_with("DIPV") || (code.starts_with("DW") && code.contains("EV")) {
        return Some(Category::Configuration);
    }
    match (sign, of_status(code)) {
        (Some((kind, strength)), _) if strength >= Weak => Some(kind.into()),
        (_, Some(kind)) => Some(kind.into()),
        (Some((kind, _)), None) => Some(kind.into()),
        // A Dataverse code without a known text is a refusal of the target: business, not platform.
        (None, None) => code.starts_with("0x").then_some(Category::Application),
    }
}

/// A reason stands near the beginning of a message; what comes later is a trace or a payload.
const SCANNED_BYTES: usize = 4_096;

/// What a message says, and how plainly.
pub(super) type Sign = (Kind, Strength);

pub(super) fn strongest_sign(message: &str) -> Option<Sign> {
    let phrases = Phrases::get();
    let bytes = message.as_bytes();
    let scanned = &bytes[..bytes.len().min(SCANNED_BYTES)];
    let mut best: Option<Sign> = None;
    let mut at = 0;
    while at < scanned.len() {
        if !scanned[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let start = at;
        while at < scanned.len() && (scanned[at].is_ascii_alphanumeric() || scanned[at] == b'_') {
            at += 1;
        }
        if !phrases.may_begin_with(&scanned[start..at]) {
            continue;
        }
        for phrase in phrases.beginning_with(word_hash(&scanned[start..at])) {
            let (text, kind, strength) = PHRASES[usize::from(*phrase)];
            let is_better = best.is_none_or(|(_, so_far)| strength > so_far);
            if is_better && matches_at(bytes, start, text) {
                if strength == Decisive {
                    return Some((kind, strength));
                }
                best = Some((kind, strength));
            }
        }
    }
    best
}

/// Whether the phrase stands there, in any letter case.
fn matches_at(bytes: &[u8], start: usize, phrase: &str) -> bool {
    let phrase = phrase.as_bytes();
    let start = if phrase[0] == b'[' { start.wrapping_sub(1) } else { start };
    bytes
        .get(start..start.wrapping_add(phrase.len()))
        .is_some_and(|found| found.eq_ignore_ascii_case(phrase))
}

/// Phrases by the hash of their first word.
struct Phrases {
    slots: Vec<(u64, Vec<u8>)>,
    /// By first letter, one bit per length of a first word: most words are passed over without a hash.
    lengths: [u32; 32],
}

impl Phrases {
    const SLOTS: usize = 512;

    fn get() -> &'static Self {
        static PHRASES_BY_WORD: OnceLock<Phrases> = OnceLock::new();
        PHRASES_BY_WORD.get_or_init(Self::build)
    }

    fn build() -> Self {
        let mut phrases = Self { slots: vec![(0, Vec::new()); Self::SLOTS], lengths: [0; 32] };
        for (number, (text, ..)) in (0u8..).zip(PHRASES) {
            let text = text.trim_start_matches('[');
            let len = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            let hash = word_hash(&text.as_bytes()[..len]);
            let slot = phrases.slot(hash);
            phrases.lengths[usize::from(text.as_bytes()[0] & 31)] |= 1 << len;
            phrases.slots[slot].0 = hash;
            phrases.slots[slot].1.push(number);
        }
        phrases
    }

    fn may_begin_with(&self, word: &[u8]) -> bool {
        word.len() < 32 && self.lengths[usize::from(word[0] & 31)] >> word.len() & 1 == 1
    }

    fn beginning_with(&self, hash: u64) -> &[u8] {
        &self.slots[self.slot(hash)].1
    }

    fn slot(&self, hash: u64) -> usize {
        let mut slot = (hash >> 32) as usize % Self::SLOTS;
        while self.slots[slot].0 != 0 && self.slots[slot].0 != hash {
            slot = (slot + 1) % Self::SLOTS;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_outweighs_the_transport_that_carried_it() {
        let message = "Unable to write data to entity msdyn_parties.Unable to lookup cdm_workers with values {1}.\
                       Writes failed: The remote server returned an error: (500) Internal Server Error";
        assert_eq!(infer(message, ""), Some(Category::Application));
        let message = "Unable to write data to entity uoms. Request failed with status code InternalServerError";
        assert_eq!(infer(message, ""), Some(Category::System));
    }

    #[test]
    fn statuses_decide_where_no_text_does() {
        for (code, expected) in [
            ("HTTP 429", Category::System),
            ("HTTP 503", Category::System),
            ("HTTP 412", Category::Concurrency),
            ("HTTP 403", Category::Application),
            ("0x80072322", Category::System),
            ("-2147015902", Category::System),
            ("0x8004FFFF", Category::Application),
            ("DIPV1012", Category::Configuration),
            ("DWDVEV1001", Category::Configuration),
        ] {
            assert_eq!(infer("", code), Some(expected), "{code}");
        }
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        assert_eq!(infer("", ""), None);
        assert_eq!(infer("Something went wrong", "E-17"), None);
    }

    #[test]
    fn every_phrase_is_lower_case_and_reachable() {
        for (text, ..) in PHRASES {
            assert_eq!(*text, text.to_lowercase());
            assert!(strongest_sign(&format!("[{text}]")).is_some(), "{text}");
        }
    }
}
