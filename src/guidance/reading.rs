//! Everything that an import asks of a message, kept by the message's skeleton: dumps say the same few things again and
//! again, with other numbers.
//!
//! Kept are the numbers that a cause is folded from, not the cause: entity and code differ among messages that say the
//! same, and folding is a fraction of scanning.
//!
//! Invariant: a [`Reading`] is what [`code::error_code`], [`category::infer`] and [`cause::cause_of`] answer, whatever
//! was read before.

use std::borrow::Cow;

use hashbrown::HashTable;

use super::category::{self, Sign};
use super::cause::{CauseId, CodePrint, EntityPrint, Fingerprint, read_numbers};
use super::code;
use super::skeleton::Skeleton;
use crate::domain::{Category, quick_hash};

/// Skeletons kept at most, some 350 bytes each: reading a message takes twenty times as long as finding it here.
const MOST: usize = 65_536;

/// Messages read without the memo after it turned out to be of no use.
const REST: usize = 8 * MOST;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The code given, else the one in the message, else nothing.
    pub error_code: &'a str,
    /// The category that the message speaks for; `None` also where it was not asked for.
    pub category: Option<Category>,
    /// What it is grouped under.
    pub cause: CauseId,
}

/// What must not be kept of messages.
pub trait Secrets {
    /// Whether anything announces a secret: without that there is none. For all texts with one skeleton this must be the same.
    fn are_announced(&self, text: &str) -> bool;

    /// The text without its secrets, where some are announced.
    fn mask<'a>(&self, text: &'a str) -> Cow<'a, str>;
}

/// None: of texts that are masked already, or of which nothing is kept.
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn are_announced(&self, _: &str) -> bool {
        false
    }

    fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
}

/// Reads messages one after the other.
#[derive(Default)]
pub struct Reader {
    memo: Memo,
    skeleton: Skeleton,
    /// Of the message at hand where nothing is kept of it.
    passing: Entry,
    numbers: Vec<u64>,
    resting: usize,
}

/// What is kept of a skeleton.
#[derive(Default)]
struct Entry {
    key_len: u16,
    numbers: u16,
    /// Where the memo holds the numbers.
    first_number: u32,
    /// The numbers hold for one message only.
    reads_digits: bool,
    /// Nothing announces a secret.
    is_plain: bool,
    /// Only where the category was asked for.
    sign: Option<Sign>,
    /// Only where none was given.
    code: Option<Box<str>>,
    /// What was answered last, unless it depended on digits: most messages that say the same are about the same.
    last: Option<(EntityPrint, CodePrint, CauseId)>,
}

#[derive(Default)]
struct Memo {
    entries: Vec<Entry>,
    index: HashTable<Place>,
    /// Keys and numbers apart: every message asks for its key, few for their numbers, and memory is far away.
    keys: Vec<u8>,
    numbers: Vec<u64>,
    hits: usize,
}

/// Where an entry and its key are, with a part of the key's hash: nothing far away is looked at in vain, and neither waits
/// for the other.
struct Place {
    tag: u32,
    at: u32,
    key: u32,
}

impl Reader {
    /// Reads a message once its secrets are masked, and says what it is then. What is known to have none is not looked through.
    /// Where no code is given, the message's own counts.
    pub fn read<'a, 'm>(
        &'a mut self,
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        message: &'m str,
        wants_category: bool,
        secrets: &impl Secrets,
    ) -> (Cow<'m, str>, Reading<'a>) {
        let finds_code = given.is_none();
        let known = self.find(message, finds_code, wants_category);
        let is_plain = known.is_some_and(|at| self.memo.entries[at].is_plain);
        let are_announced = !is_plain && secrets.are_announced(message);
        let masked = if are_announced { secrets.mask(message) } else { Cow::Borrowed(message) };
        let kept = match known {
            Some(_) if !are_announced => known,
            _ => self.kept(&masked, finds_code, wants_category),
        };
        if let Some(at) = kept.filter(|_| !are_announced) {
            self.memo.entries[at].is_plain = true;
        }
        let reading = self.read_kept(kept, entity, given, &masked, wants_category);
        (masked, reading)
    }

    fn read_kept<'a>(
        &'a mut self,
        kept: Option<usize>,
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        message: &str,
        wants_category: bool,
    ) -> Reading<'a> {
        let finds_code = given.is_none();
        let entry = match kept {
            Some(at) => &mut self.memo.entries[at],
            None => {
                self.resting = self.resting.saturating_sub(1);
                self.numbers.clear();
                self.passing = Entry::read(message, finds_code, wants_category, &mut self.numbers);
                &mut self.passing
            }
        };
        let code = match given {
            Some((_, code)) => code,
            None => CodePrint::of(entry.code.as_deref().unwrap_or_default()),
        };
        let cause = match entry.last {
            Some((same_entity, same_code, cause)) if (same_entity, same_code) == (entity, code) => {
                cause
            }
            _ => {
                let mut cause = Fingerprint::of(entity, code);
                if kept.is_none() {
                    self.numbers.iter().for_each(|number| cause.add(*number));
                } else if entry.reads_digits {
                    self.numbers.clear();
                    read_numbers(message, &mut self.numbers);
                    self.numbers.iter().for_each(|number| cause.add(*number));
                } else {
                    let numbers = &self.memo.numbers[entry.first_number as usize..];
                    let numbers = &numbers[..usize::from(entry.numbers)];
                    numbers.iter().for_each(|number| cause.add(*number));
                    entry.last = Some((entity, code, cause.id()));
                }
                cause.id()
            }
        };
        let error_code = match given {
            Some((code, _)) => code,
            None => entry.code.as_deref().unwrap_or_default(),
        };
        let category = wants_category.then(|| entry.category(error_code)).flatten();
        Reading { error_code, category, cause }
    }

    /// The place of the message in the memo, if it is there.
    fn find(&mut self, message: &str, finds_code: bool, wants_category: bool) -> Option<usize> {
        if self.resting > 0 {
            return None;
        }
        let key = self.skeleton.of(message, kind(finds_code, wants_category), finds_code)?;
        self.memo.find(quick_hash(key), key)
    }

    /// The place of the message in the memo, read if it is not there yet; `None` where it is not to be kept.
    fn kept(&mut self, message: &str, finds_code: bool, wants_category: bool) -> Option<usize> {
        if self.resting > 0 {
            return None;
        }
        let key = self.skeleton.of(message, kind(finds_code, wants_category), finds_code)?;
        let hash = quick_hash(key);
        if let Some(at) = self.memo.find(hash, key) {
            return Some(at);
        }
        if self.memo.entries.len() == MOST {
            self.resting = if self.memo.hits < MOST { REST } else { 0 };
            self.memo.clear();
        }
        self.numbers.clear();
        let entry = Entry::read(message, finds_code, wants_category, &mut self.numbers);
        Some(self.memo.keep(hash, key, entry, &self.numbers))
    }
}

/// What a skeleton is the key of.
fn kind(finds_code: bool, wants_category: bool) -> u8 {
    u8::from(finds_code) | u8::from(wants_category) << 1
}

impl Entry {
    fn read(message: &str, finds_code: bool, wants_category: bool, numbers: &mut Vec<u64>) -> Self {
        Self {
            reads_digits: read_numbers(message, numbers),
            sign: wants_category.then(|| category::strongest_sign(message)).flatten(),
            code: finds_code
                .then(|| code::error_code(message).map(|code| code.into_owned().into()))
                .flatten(),
            ..Self::default()
        }
    }

    fn category(&self, error_code: &str) -> Option<Category> {
        let code = code::error_code(error_code);
        category::decide(self.sign, code.as_deref().unwrap_or(error_code))
    }
}

impl Memo {
    fn find(&mut self, hash: u64, key: &[u8]) -> Option<usize> {
        let is_it = |place: &Place| {
            let end = place.key as usize + key.len();
            place.tag == hash as u32
                && usize::from(self.entries[place.at as usize].key_len) == key.len()
                && self.keys.get(place.key as usize..end).is_some_and(|known| same(known, key))
        };
        let known = self.index.find(Place::hash(hash as u32), is_it);
        self.hits += usize::from(known.is_some());
        known.map(|place| place.at as usize)
    }

    fn keep(&mut self, hash: u64, key: &[u8], entry: Entry, numbers: &[u64]) -> usize {
        let at = self.entries.len();
        // A key has at most a few hundred bytes, and a message no more numbers than bytes.
        self.entries.push(Entry {
            key_len: key.len() as u16,
            numbers: numbers.len() as u16,
            first_number: self.numbers.len() as u32,
            ..entry
        });
        let place = Place { tag: hash as u32, at: at as u32, key: self.keys.len() as u32 };
        self.keys.extend_from_slice(key);
        self.numbers.extend_from_slice(numbers);
        self.index.insert_unique(Place::hash(place.tag), place, |place| Place::hash(place.tag));
        at
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.index.clear();
        self.keys.clear();
        self.numbers.clear();
        self.hits = 0;
    }
}

impl Place {
    /// All 64 bits depend on the tag; tables take bits from both ends.
    fn hash(tag: u32) -> u64 {
        u64::from(tag).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Whether two keys are the same, in a form that compilers turn into vector code: a call that compares byte by byte
/// would take longer than everything else.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
