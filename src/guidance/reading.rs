//! Everything that an import asks of a message, kept by the message's skeleton: dumps say the same few things again and
//! again, with other numbers.
//!
//! Kept are the numbers that a cause is folded from, not the cause: entity and code differ among messages that say the
//! same, and folding is a fraction of scanning.
//!
//! A message is read as its first sentence and what follows that, if these say apart what they say together: then each is
//! kept by itself, and what follows one sentence is known behind others.
//!
//! Invariant: a [`Reading`] is what [`code::error_code`], [`category::infer`] and [`cause::cause_of`] answer, whatever
//! was read before.

use std::borrow::Cow;

use super::category::{self, Sign};
use super::cause::{CauseId, CodePrint, EntityPrint, Fingerprint, read_numbers};
use super::code;
use super::context::Context;
use super::memo::{Entry, Memo};
use super::skeleton::Skeleton;
use crate::domain::Category;

/// Skeletons kept at most, some 350 bytes each: reading a message takes twenty times as long as finding it here.
const MOST: usize = 65_536;

/// Messages read without the memo after it turned out to be of no use.
const PAUSE: usize = 8 * MOST;

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
    /// Whether anything announces a secret: without that there is none. For all texts with one skeleton this must be the same,
    /// and for a text what it is for its first sentence or for what follows that, the full stop included in both.
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
    /// Messages that were found in the memo, and those that were not, since it was last cleared.
    hits: usize,
    misses: usize,
    /// Messages for which the memo is of no use for now.
    pause: usize,
}

/// What is to be known of a message beside its cause.
#[derive(Clone, Copy)]
struct Wanted {
    code: bool,
    category: bool,
}

/// Where the memo holds what is known of a message.
#[derive(Clone, Copy)]
enum Kept {
    Whole(usize),
    /// In its first sentence, and in what follows that.
    Parts(usize, Option<usize>),
}

/// What came of looking for a message in the memo.
enum Found {
    Kept(Kept),
    /// It is not there yet; its skeleton is made.
    New,
    /// It is not to be kept.
    Never,
}

impl Reader {
    /// Reads a message once its secrets are masked, and says what it is then. What is known to have none is not looked through.
    /// Where no code is given, the message's own counts.
    #[inline(never)]
    pub fn read<'a, 'm>(
        &'a mut self,
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        message: &'m str,
        wants_category: bool,
        secrets: &impl Secrets,
    ) -> (Cow<'m, str>, Reading<'a>) {
        let wanted = Wanted { code: given.is_none(), category: wants_category };
        let mut found = self.find(message, wanted);
        let is_plain = matches!(found, Found::Kept(kept) if self.is_plain(kept));
        let are_announced = !is_plain && secrets.are_announced(message);
        let mut masked = Cow::Borrowed(message);
        if are_announced {
            masked = secrets.mask(message);
            found = self.find(&masked, wanted);
        }
        let kept = match found {
            Found::Kept(kept) => Some(kept),
            Found::New => Some(self.learn(&masked, wanted)),
            Found::Never => None,
        };
        if let Some(kept) = kept.filter(|_| !are_announced && !is_plain) {
            for at in kept.places() {
                self.memo.entry_mut(at).is_plain = true;
            }
        }
        let reading = match kept {
            Some(Kept::Parts(sentence, Some(rest))) => {
                self.read_parts((sentence, rest), entity, given, wanted)
            }
            Some(Kept::Whole(at) | Kept::Parts(at, None)) => {
                self.read_kept(at, entity, given, &masked, wanted)
            }
            None => self.read_passing(entity, given, &masked, wanted),
        };
        (masked, reading)
    }

    fn read_parts<'a>(
        &'a mut self,
        (sentence, rest): (usize, usize),
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        wanted: Wanted,
    ) -> Reading<'a> {
        let rank = |at: usize| self.memo.entry(at).code.as_ref().map(|code| code.0);
        // Of lower rank, and of equals the first.
        let with_code = match (rank(sentence), rank(rest)) {
            (Some(one), Some(other)) if other < one => rest,
            (None, Some(_)) => rest,
            _ => sentence,
        };
        let code = print_of(given, self.memo.entry(with_code));
        let cause = self.fold_kept(sentence, entity, code);
        let (one, other) = (self.memo.entry(sentence), self.memo.entry(rest));
        let numbers = self.memo.numbers(rest);
        let (first, more) = numbers.split_at(other.first_clause.into());
        // A clause does not count that says what the one before it says.
        let repeats =
            other.first_clause == one.last_clause && self.memo.numbers(sentence).ends_with(first);
        let cause = fold(cause, if repeats { more } else { numbers });
        let error_code = code_of(given, self.memo.entry(with_code));
        let category = wanted.category.then(|| category_of(&[one, other], error_code)).flatten();
        Reading { error_code, category, cause: cause.id() }
    }

    fn read_kept<'a>(
        &'a mut self,
        at: usize,
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        message: &str,
        wanted: Wanted,
    ) -> Reading<'a> {
        let code = print_of(given, self.memo.entry(at));
        let cause = if self.memo.entry(at).reads_digits {
            self.numbers.clear();
            read_numbers(Context::default(), message, &mut self.numbers);
            fold(Fingerprint::of(entity, code), &self.numbers)
        } else {
            self.fold_kept(at, entity, code)
        };
        reading_of(self.memo.entry(at), cause, given, wanted)
    }

    #[inline(never)]
    fn read_passing<'a>(
        &'a mut self,
        entity: EntityPrint,
        given: Option<(&'a str, CodePrint)>,
        message: &str,
        wanted: Wanted,
    ) -> Reading<'a> {
        self.pause = self.pause.saturating_sub(1);
        self.numbers.clear();
        self.passing = Entry::read(Context::default(), message, wanted, &mut self.numbers);
        let code = print_of(given, &self.passing);
        let cause = fold(Fingerprint::of(entity, code), &self.numbers);
        reading_of(&self.passing, cause, given, wanted)
    }

    /// The fold of what an entry says.
    fn fold_kept(&mut self, at: usize, entity: EntityPrint, code: CodePrint) -> Fingerprint {
        let last = self.memo.entry(at).last;
        if let Some((of_entity, of_code, cause)) = last
            && (of_entity, of_code) == (entity, code)
        {
            return cause;
        }
        let cause = fold(Fingerprint::of(entity, code), self.memo.numbers(at));
        self.memo.entry_mut(at).last = Some((entity, code, cause));
        cause
    }

    fn is_plain(&self, kept: Kept) -> bool {
        kept.places().all(|at| self.memo.entry(at).is_plain)
    }

    fn find(&mut self, message: &str, wanted: Wanted) -> Found {
        if self.pause > 0 || !self.skeleton.read(message, wanted.kind(), wanted.code) {
            return Found::Never;
        }
        let whole = |reader: &mut Self| reader.memo.find(reader.skeleton.whole()).map(Kept::Whole);
        match self.find_parts().or_else(|| whole(self)) {
            Some(kept) => {
                self.hits += 1;
                Found::Kept(kept)
            }
            None => Found::New,
        }
    }

    fn find_parts(&mut self) -> Option<Kept> {
        let sentence = self.memo.find(self.skeleton.sentence()?.0)?;
        let context = self.memo.entry(sentence).context?;
        let Some(key) = self.skeleton.rest(context.bytes()) else {
            return Some(Kept::Parts(sentence, None));
        };
        let rest = self.memo.find(key)?;
        self.memo.entry(rest).may_follow.then_some(Kept::Parts(sentence, Some(rest)))
    }

    /// Reads a message that is not there yet, whose skeleton was made last.
    fn learn(&mut self, message: &str, wanted: Wanted) -> Kept {
        // A message may become three: a sentence, what follows it, and both.
        self.misses += 1;
        if self.memo.len() + 3 > MOST {
            self.pause = if self.hits < self.misses { PAUSE } else { 0 };
            (self.hits, self.misses) = (0, 0);
            self.memo.clear();
        }
        self.learn_parts(message, wanted).unwrap_or_else(|| {
            let key = self.skeleton.whole();
            let none = Context::default();
            Kept::Whole(learnt(&mut self.memo, &mut self.numbers, key, (none, message), wanted))
        })
    }

    /// `None`: its first sentence does not say alone what it says in the message.
    fn learn_parts(&mut self, message: &str, wanted: Wanted) -> Option<Kept> {
        let Self { memo, skeleton, numbers, .. } = self;
        let (key, len) = skeleton.sentence()?;
        let text = (Context::default(), &message[..len]);
        let sentence = learnt(memo, numbers, key, text, wanted);
        let context = memo.entry(sentence).context?;
        let Some(key) = skeleton.rest(context.bytes()) else {
            return Some(Kept::Parts(sentence, None));
        };
        let rest = learnt(memo, numbers, key, (context, &message[len - 1..]), wanted);
        memo.entry(rest).may_follow.then_some(Kept::Parts(sentence, Some(rest)))
    }
}

/// Where the memo holds a text behind what was read before; it is read if it is not there.
fn learnt(
    memo: &mut Memo,
    numbers: &mut Vec<u64>,
    key: &[u8],
    (behind, text): (Context, &str),
    wanted: Wanted,
) -> usize {
    memo.find(key).unwrap_or_else(|| {
        numbers.clear();
        let entry = Entry::read(behind, text, wanted, numbers);
        memo.keep(key, entry, numbers)
    })
}

impl Wanted {
    /// What a key is of.
    fn kind(self) -> u8 {
        u8::from(self.code) | u8::from(self.category) << 1
    }
}

impl Kept {
    fn places(self) -> impl Iterator<Item = usize> {
        let (one, other) = match self {
            Self::Whole(at) => (at, None),
            Self::Parts(sentence, rest) => (sentence, rest),
        };
        std::iter::once(one).chain(other)
    }
}

impl Entry {
    fn read(behind: Context, text: &str, wanted: Wanted, numbers: &mut Vec<u64>) -> Self {
        let scan = read_numbers(behind, text, numbers);
        let may_be_apart = scan.is_short && !scan.reads_digits;
        let code =
            || code::ranked(text).map(|(rank, code)| Box::new((rank, code.into_owned().into())));
        Self {
            reads_digits: scan.reads_digits,
            context: scan.context.filter(|_| may_be_apart),
            may_follow: may_be_apart,
            first_clause: scan.first_clause as u16,
            last_clause: scan.last_clause as u16,
            sign: wanted.category.then(|| category::strongest_sign(text)).flatten(),
            code: wanted.code.then(code).flatten(),
            ..Self::default()
        }
    }
}

fn fold(cause: Fingerprint, numbers: &[u64]) -> Fingerprint {
    numbers.iter().fold(cause, |cause, number| cause.and(*number))
}

/// The code given, else that of the entry.
fn code_of<'a>(given: Option<(&'a str, CodePrint)>, entry: &'a Entry) -> &'a str {
    match given {
        Some((code, _)) => code,
        None => entry.code.as_ref().map_or("", |code| &code.1),
    }
}

fn print_of(given: Option<(&str, CodePrint)>, entry: &Entry) -> CodePrint {
    given.map_or_else(|| CodePrint::of(code_of(None, entry)), |(_, code)| code)
}

fn category_of(entries: &[&Entry], error_code: &str) -> Option<Category> {
    let stronger = |one: Option<Sign>, other: Option<Sign>| match (one, other) {
        (Some((_, one)), Some((_, strength))) if strength > one => other,
        (None, _) => other,
        _ => one,
    };
    let sign = entries.iter().map(|entry| entry.sign).fold(None, stronger);
    let code = code::error_code(error_code);
    category::decide(sign, code.as_deref().unwrap_or(error_code))
}

fn reading_of<'a>(
    entry: &'a Entry,
    cause: Fingerprint,
    given: Option<(&'a str, CodePrint)>,
    wanted: Wanted,
) -> Reading<'a> {
    let error_code = code_of(given, entry);
    let category = wanted.category.then(|| category_of(&[entry], error_code)).flatten();
    Reading { error_code, category, cause: cause.id() }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
