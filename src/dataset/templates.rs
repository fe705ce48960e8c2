//! Messages as templates and arguments: what many rows say alike is held once, and of each row what is its own.
//!
//! The template of a text is the text with a mark in the place of every GUID and every run of digits; those are its
//! arguments, held as they were written, in order, with a space between them. A text that has such marks of its own is
//! its own template, told by a first letter that no other template has.
//!
//! Deliberately absent: search across marks (`straddle`), and the order of texts (`text_order`).
//!
//! Invariant: a text built from template and arguments is, byte for byte, the text that was split.

#[cfg(test)]
mod tests;

use super::bits::Bits;
use super::needle::Needle;
use super::packed::Packed;
use super::splitter::Splitter;
use super::straddle::Straddle;
use super::text_arena::TextArena;
use super::text_ranks::{Beginning, Then};

/// Stands for a run of digits.
pub(super) const NUMBER: u8 = 1;

/// Stands for a GUID.
pub(super) const GUID: u8 = 2;

/// First letter of a template without arguments whose text has one of these three letters.
pub(super) const VERBATIM: u8 = 3;

/// Between arguments; no argument has it.
pub(super) const BETWEEN: u8 = b' ';

/// Shorter texts are mostly argument.
const WORTH_SPLITTING: usize = 48;

/// Whether so many texts of so many bytes may be worth it.
pub(super) fn are_worth_splitting(rows: usize, bytes: usize) -> bool {
    bytes >= rows * WORTH_SPLITTING && bytes <= i32::MAX as usize
}

/// Whether some rows, which take this, save enough to go on. Templates repeat more and more as rows go on; arguments do not.
pub(super) fn saves(held: usize, plain: usize) -> bool {
    held * 6 <= plain * 5
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Templates {
    /// Different templates in the order of their first rows.
    templates: TextArena,
    /// The template of each row.
    codes: Packed,
    /// The arguments of each row.
    arguments: TextArena,
}

impl Templates {
    /// `None` where this would not take clearly less room than the texts themselves.
    pub(super) fn new(rows: &TextArena) -> Option<Self> {
        let len = rows.text().len();
        if !are_worth_splitting(rows.len(), len) {
            return None;
        }
        Self::split(rows, saves).filter(|split| split.saves_clearly(len))
    }

    /// Whether these take clearly less room than texts of so many bytes.
    pub(super) fn saves_clearly(&self, plain: usize) -> bool {
        self.held_bytes() < (plain + self.rows() * 4) / 3 * 2
    }

    /// Whether it pays or not.
    #[cfg(test)]
    pub(super) fn of_any(rows: &TextArena) -> Option<Self> {
        Self::split(rows, |_, _| true)
    }

    /// `None` where `pays` says no to the bytes that some rows take and what they would take as they are.
    fn split(rows: &TextArena, pays: impl Fn(usize, usize) -> bool) -> Option<Self> {
        let mut splitter = Splitter::with_room(rows.len(), rows.text().len() / 4);
        splitter.take(rows, pays).then(|| splitter.finish())
    }

    /// What a splitter made.
    pub(super) fn of_parts(templates: TextArena, codes: Packed, arguments: TextArena) -> Self {
        Self { templates, codes, arguments }
    }

    /// From stored parts; `None` if they do not fit together.
    pub(super) fn from_parts(
        templates: TextArena,
        codes: Packed,
        arguments: TextArena,
    ) -> Option<Self> {
        let fits = codes.len() == arguments.len()
            && codes.max().is_none_or(|most| (most as usize) < templates.len());
        fits.then_some(Self { templates, codes, arguments })
    }

    pub(super) fn parts(&self) -> (&TextArena, &Packed, &TextArena) {
        (&self.templates, &self.codes, &self.arguments)
    }

    pub(super) fn rows(&self) -> usize {
        self.arguments.len()
    }

    /// Adds the text of a row to a text.
    pub(super) fn read(&self, row: usize, into: &mut String) {
        let template = self.templates.get(self.code(row));
        if let Some(own) = template.strip_prefix(char::from(VERBATIM)) {
            into.push_str(own);
            return;
        }
        let arguments = self.arguments.get(row);
        into.reserve(template.len() + arguments.len());
        let mut arguments = Pieces(Some(arguments));
        let mut copied = 0;
        for mark in memchr::memchr2_iter(NUMBER, GUID, template.as_bytes()) {
            into.push_str(&template[copied..mark]);
            into.push_str(arguments.next().unwrap_or_default());
            copied = mark + 1;
        }
        into.push_str(&template[copied..]);
    }

    pub(super) fn is_empty(&self, row: usize) -> bool {
        self.templates.get(self.code(row)).is_empty()
    }

    /// The templates with their marks; those that are a text of their own as an error.
    pub(super) fn marked(&self) -> impl Iterator<Item = Result<&str, &str>> {
        self.templates
            .iter()
            .map(|template| template.strip_prefix(char::from(VERBATIM)).map_or(Ok(template), Err))
    }

    /// What all texts of each template begin with.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = Beginning<'_>> {
        self.templates.iter().map(|template| {
            if let Some(own) = template.strip_prefix(char::from(VERBATIM)) {
                return Beginning::of(own);
            }
            let bytes = template.as_bytes();
            match memchr::memchr2(NUMBER, GUID, bytes) {
                None => Beginning { text: bytes, then: Then::Nothing },
                Some(at) if bytes[at] == NUMBER => {
                    Beginning { text: &bytes[..at], then: Then::Digit }
                }
                Some(at) => Beginning { text: &bytes[..at], then: Then::Guid },
            }
        })
    }

    pub(super) fn code(&self, row: usize) -> usize {
        self.codes.get(row) as usize
    }

    /// At least as many bytes as the text of a row has.
    pub(super) fn room(&self, row: usize) -> usize {
        self.templates.get(self.code(row)).len() + self.arguments.get(row).len()
    }

    /// The rows whose text holds the needle.
    pub(super) fn search(&self, needle: &Needle) -> Bits {
        if needle.letters().any(|letter| is_mark(letter as u32)) {
            return self.codes.among(&self.own_templates_with(needle));
        }
        let mut templates = needle.search(&self.templates);
        let mut rows = if needle.may_be_argument() {
            needle.search(&self.arguments)
        } else {
            Bits::none(self.rows())
        };
        rows.or(&self.codes.among(&templates));
        if let Some(straddle) = Straddle::new(needle) {
            let possible = straddle.possible(&self.templates, |template| {
                templates.get(template) || self.is_own(template)
            });
            templates.clear();
            possible.templates().for_each(|template| templates.set(template));
            self.codes.among(&templates).for_each(|row| {
                let arguments = Pieces(Some(self.arguments.get(row)));
                if !rows.get(row) && possible.holds(self.code(row), arguments) {
                    rows.set(row);
                }
            });
        }
        rows
    }

    fn is_own(&self, template: usize) -> bool {
        self.templates.get(template).as_bytes().first() == Some(&VERBATIM)
    }

    /// The templates that are whole texts and hold a needle that has letters which are marks elsewhere.
    fn own_templates_with(&self, needle: &Needle) -> Bits {
        let mut hits = Bits::none(self.templates.len());
        for (at, template) in self.templates.iter().enumerate() {
            let own = template.strip_prefix(char::from(VERBATIM));
            if own.is_some_and(|own| needle.is_in(own)) {
                hits.set(at);
            }
        }
        hits
    }

    /// A copy in which the rows `gone` are empty, and templates that only they had.
    pub(super) fn without(&self, gone: &Bits) -> Self {
        let mut used = Bits::none(self.templates.len());
        (0..self.rows()).filter(|row| !gone.get(*row)).for_each(|row| used.set(self.code(row)));
        let mut templates = self.templates.keeping(|template| used.get(template));
        let known = templates.iter().position(str::is_empty);
        let empty = known.unwrap_or(templates.len());
        if known.is_none() {
            templates.push("");
        }
        let mut row = 0;
        let codes = self.codes.by_row(|code| {
            row += 1;
            if gone.get(row - 1) { empty as u32 } else { code }
        });
        Self { templates, codes, arguments: self.arguments.keeping(|row| !gone.get(row)) }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.templates.held_bytes() + self.codes.held_bytes() + self.arguments.held_bytes()
    }
}

/// The arguments of a row one by one; what `str::split` does, without looking for a letter of any width.
#[derive(Clone)]
struct Pieces<'a>(Option<&'a str>);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        let Some(end) = memchr::memchr(BETWEEN, rest.as_bytes()) else {
            return self.0.take();
        };
        self.0 = Some(&rest[end + 1..]);
        Some(&rest[..end])
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a str> {
        if let Some(last) = skipped.checked_sub(1) {
            let rest = self.0.take()?;
            let end = memchr::memchr_iter(BETWEEN, rest.as_bytes()).nth(last)?;
            self.0 = Some(&rest[end + 1..]);
        }
        self.next()
    }
}

fn is_mark(letter: u32) -> bool {
    (u32::from(NUMBER)..=u32::from(VERBATIM)).contains(&letter)
}

pub(super) fn is_own_template(text: &[u8]) -> bool {
    text.iter().any(|byte| is_mark((*byte).into()))
}
