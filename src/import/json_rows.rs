//! From one JSON object to the cells of a row.
//!
//! Columns are the members' names in the order of their first appearance. Texts without escapes stay slices of the input;
//! nested objects and arrays are kept as compact JSON; null is an empty cell.

use hashbrown::HashMap;
use serde::de::IgnoredAny;

use crate::dataset::same_text;

use super::error::ImportError;
use super::rows::{Note, RowTaker, recycle};
use super::structure::{JsonString, Structure};
use super::text;

/// More members than any dump has columns; a hostile file could invent new ones in each row.
const MAX_COLUMNS: usize = 4_096;

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    end: usize,
    in_scratch: bool,
}

/// Knows the columns met so far.
#[derive(Clone, Debug, Default)]
pub(super) struct JsonRows {
    headers: Vec<String>,
    /// Headers between quotes, as members name them. Empty where a string cannot hold the name as it is.
    quoted: Vec<String>,
    /// Place of a header; `None` for members that are not kept.
    places: HashMap<String, Option<usize>>,
    told: usize,
    spans: Vec<Span>,
    scratch: String,
    cells: Vec<&'static str>,
}

impl JsonRows {
    /// Members met so far, whether they became columns or not.
    pub(super) fn names(&self) -> usize {
        self.places.len()
    }

    /// Reads one row; blank ones are passed over, what is no JSON object is rejected.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        line: u32,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return Ok(());
        }
        let (text, mended) = text::mend(bytes);
        if mended {
            taker.note(Note::Mended { line });
        }
        if self.find_plain_cells(&text).is_some() {
            return self.hand_on(&text, line, taker);
        }
        if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
            let place = match error.line() {
                1 => format!("character {}", error.column()),
                below => format!("character {} of the record's line {below}", error.column()),
            };
            taker.reject(line, format!("not valid JSON at {place}"));
            return Ok(());
        }
        if !text.starts_with('{') {
            taker.reject(line, "a row must be a JSON object".to_owned());
            return Ok(());
        }
        if !self.find_cells(&text) {
            taker.note(Note::TooManyColumns { line });
        }
        if self.told < self.headers.len() {
            self.told = self.headers.len();
            taker.columns(&self.headers)?;
        }
        self.hand_on(&text, line, taker)
    }

    fn hand_on(
        &mut self,
        text: &str,
        line: u32,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let mut cells = recycle(std::mem::take(&mut self.cells));
        cells.extend(self.spans.iter().map(|span| {
            let source = if span.in_scratch { &self.scratch } else { text };
            &source[span.start..span.end]
        }));
        let taken = taker.row(line, &cells);
        self.cells = recycle(cells);
        taken
    }

    /// Finds the members of an object of the form that nearly all rows have: known names, and no values within values.
    /// `None`, and nothing learnt, for every other text: whether it is valid is then to be found out.
    fn find_plain_cells(&mut self, text: &str) -> Option<()> {
        self.scratch.clear();
        self.spans.clear();
        self.spans.resize(self.headers.len(), Span::default());
        let bytes = text.as_bytes();
        let mut strings = Structure::new(bytes, JsonString);
        let after = |at: usize, byte: u8| (bytes.get(at) == Some(&byte)).then_some(at + 1);
        let mut guess = 0;
        let mut at = after(0, b'{')?;
        loop {
            at = skip_spaces(bytes, at);
            let place = match self.quoted.get(guess) {
                // Members mostly come in one order, and then their names need not be looked for.
                Some(name) if begins(text, at, name) => {
                    at += name.len();
                    Some(guess)
                }
                _ => {
                    let key = after(at, b'"')?;
                    let key_end = strings.next_end(key)?;
                    at = after(key_end, b'"')?;
                    *self.places.get(&text[key..key_end])?
                }
            };
            at = after(skip_spaces(bytes, at), b':')?;
            at = skip_spaces(bytes, at);
            let span;
            (span, at) = self.plain_value(text, at, &mut strings)?;
            if let Some(place) = place {
                guess = place + 1;
                self.spans[place] = span;
            }
            at = skip_spaces(bytes, at);
            if bytes.get(at) != Some(&b',') {
                return after(at, b'}').filter(|end| *end == bytes.len()).map(|_| ());
            }
            at += 1;
        }
    }

    /// A string, a whole number or a word, and the place behind it.
    fn plain_value(
        &mut self,
        text: &str,
        at: usize,
        strings: &mut Structure<'_, JsonString>,
    ) -> Option<(Span, usize)> {
        let bytes = text.as_bytes();
        match bytes.get(at)? {
            b'"' => {
                let start = at + 1;
                let mut end = strings.next_end(start)?;
                let has_escapes = bytes[end] == b'\\';
                while bytes[end] == b'\\' {
                    // Numbers of characters may be wrong in more than one way: not here.
                    if !b"\"\\/bfnrt".contains(bytes.get(end + 1)?) {
                        return None;
                    }
                    end = strings.next_end(end + 2)?;
                }
                if bytes[end] != b'"' {
                    return None;
                }
                let span = if has_escapes {
                    let from = self.scratch.len();
                    unescape(&text[start..end], &mut self.scratch);
                    Span { start: from, end: self.scratch.len(), in_scratch: true }
                } else {
                    Span { start, end, in_scratch: false }
                };
                Some((span, end + 1))
            }
            first @ b'0'..=b'9' => {
                let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let end = at + digits;
                let is_whole = !matches!(bytes.get(end), Some(b'.' | b'e' | b'E'));
                let span = Span { start: at, end, in_scratch: false };
                (is_whole && (*first != b'0' || digits == 1)).then_some((span, end))
            }
            b'n' => bytes[at..].starts_with(b"null").then_some((Span::default(), at + 4)),
            _ => {
                let words = [&b"true"[..], b"false"];
                let word = words.iter().find(|word| bytes[at..].starts_with(word))?;
                let end = at + word.len();
                Some((Span { start: at, end, in_scratch: false }, end))
            }
        }
    }

    /// Finds the members of an object that is known to be valid. `false` if some have no place any more.
    fn find_cells(&mut self, text: &str) -> bool {
        self.scratch.clear();
        self.spans.clear();
        self.spans.resize(self.headers.len(), Span::default());
        let mut complete = true;
        let bytes = text.as_bytes();
        let mut guess = 0;
        let mut at = skip_blanks(bytes, 1);
        while bytes.get(at) == Some(&b'"') {
            let key_end = string_end(bytes, at);
            let raw_key = &text[at + 1..key_end - 1];
            at = skip_blanks(bytes, key_end) + 1;
            at = skip_blanks(bytes, at);
            let value_end = value_end(bytes, at);
            // A raw name with escapes is another one than it looks like.
            let is_next = |header: &String| header == raw_key && !raw_key.contains('\\');
            let place = if self.headers.get(guess).is_some_and(is_next) {
                Some(guess)
            } else {
                match self.place_of(raw_key) {
                    Ok(place) => place,
                    Err(Full) => {
                        complete = false;
                        None
                    }
                }
            };
            if let Some(place) = place {
                guess = place + 1;
                let span = self.cell(text, at, value_end);
                self.spans[place] = span;
            }
            at = skip_blanks(bytes, value_end);
            if bytes.get(at) == Some(&b',') {
                at = skip_blanks(bytes, at + 1);
            }
        }
        complete
    }

    fn place_of(&mut self, raw_key: &str) -> Result<Option<usize>, Full> {
        if !raw_key.contains('\\')
            && let Some(&place) = self.places.get(raw_key)
        {
            return Ok(place);
        }
        let mut key = String::new();
        unescape(raw_key, &mut key);
        if let Some(&place) = self.places.get(&key) {
            return Ok(place);
        }
        if self.places.len() >= MAX_COLUMNS {
            return Err(Full);
        }
        // Annotations of OData say nothing about the record, but for the display texts of Dataverse.
        let annotation =
            ["@odata.", "@OData.", "@Microsoft."].iter().any(|mark| key.contains(mark))
                || key.starts_with('@');
        let place = (!annotation || key.ends_with("FormattedValue")).then(|| {
            self.quoted.push(quoted(&key));
            self.headers.push(key.clone());
            self.spans.push(Span::default());
            self.headers.len() - 1
        });
        self.places.insert(key, place);
        Ok(place)
    }

    fn cell(&mut self, text: &str, start: usize, end: usize) -> Span {
        let value = &text[start..end];
        match value.as_bytes().first() {
            Some(b'"') => {
                let inner = &value[1..value.len() - 1];
                if !inner.contains('\\') {
                    return Span { start: start + 1, end: end - 1, in_scratch: false };
                }
                let from = self.scratch.len();
                unescape(inner, &mut self.scratch);
                Span { start: from, end: self.scratch.len(), in_scratch: true }
            }
            Some(b'{' | b'[') => {
                let from = self.scratch.len();
                compact(value, &mut self.scratch);
                Span { start: from, end: self.scratch.len(), in_scratch: true }
            }
            _ if value == "null" => Span::default(),
            _ => Span { start, end, in_scratch: false },
        }
    }
}

/// No place is left for another column.
struct Full;

/// A name between quotes if it is written without escapes; nothing where it cannot be.
fn quoted(name: &str) -> String {
    let is_plain = !name.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\');
    if is_plain { format!("\"{name}\"") } else { String::new() }
}

/// Whether this stands there, if it is anything.
#[inline]
fn begins(text: &str, at: usize, with: &str) -> bool {
    !with.is_empty() && text.get(at..at + with.len()).is_some_and(|found| same_text(found, with))
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The place behind the closing quote of the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[next..]) {
        next += found + 1;
        if bytes[next - 1] == b'"' {
            return next;
        }
        next = (next + 1).min(bytes.len());
    }
    bytes.len()
}

fn value_end(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0_u32;
    let mut next = at;
    while let Some(&byte) = bytes.get(next) {
        match byte {
            b'"' => {
                next = string_end(bytes, next);
                if depth == 0 {
                    return next;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return next,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return next + 1;
                }
            }
            b',' if depth == 0 => return next,
            _ if depth == 0 && byte.is_ascii_whitespace() => return next,
            _ => {}
        }
        next += 1;
    }
    next
}

/// Copies JSON without the blanks between its tokens.
fn compact(value: &str, out: &mut String) {
    let bytes = value.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'"' => string_end(bytes, at),
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => at + 1,
        };
        out.push_str(&value[at..end]);
        at = end;
    }
}

/// Resolves the escapes of a JSON string; surrogates without a partner become replacement characters.
pub(super) fn unescape(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let mut used = at + 2;
        match escape {
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{C}'),
            b'u' => {
                let unit = hex4(rest, at + 2);
                used = at + 6;
                let low = (rest.get(at + 6..at + 8) == Some("\\u")).then(|| hex4(rest, at + 8));
                let code = match (unit, low.flatten()) {
                    (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                        used = at + 12;
                        Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
                    }
                    (unit, _) => unit,
                };
                out.push(code.and_then(char::from_u32).unwrap_or('\u{FFFD}'));
            }
            // A quote, a slash, a backslash; anything else is no JSON and is kept.
            _ => match rest[at + 1..].chars().next() {
                Some(character) => {
                    out.push(character);
                    used = at + 1 + character.len_utf8();
                }
                None => out.push('\\'),
            },
        }
        rest = rest.get(used..).unwrap_or("");
    }
    out.push_str(rest);
}

fn hex4(text: &str, at: usize) -> Option<u32> {
    text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok())
}
