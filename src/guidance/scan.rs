//! Where a piece of a message ends: runs of letters, values in quotes and braces, addresses, clauses.
//!
//! Plain questions about the text at one place; what the words before it announce is the business of `token`.

use std::cell::Cell;

use super::mask::Mask;

/// Longest text in quotes or braces that is taken for a value: enough for a list of keys, short enough that a brace
/// without an end costs little.
const LONGEST_VALUE: usize = 500;

/// A message, to be asked about.
pub(super) struct Text<'a> {
    pub(super) message: &'a str,
    pub(super) bytes: &'a [u8],
    /// Whether the last letter before it is a small one.
    small_letter_before: Option<bool>,
    /// Something was looked for up to the end in vain.
    is_open: Cell<bool>,
}

/// A run of letters and digits.
pub(super) struct Run {
    pub(super) end: usize,
    pub(super) first_hyphen: Option<usize>,
    pub(super) has_digit: bool,
}

impl<'a> Text<'a> {
    /// What follows other text, whose last letter may be a small one.
    pub(super) const fn behind(small_letter_before: Option<bool>, message: &'a str) -> Self {
        Self { message, bytes: message.as_bytes(), small_letter_before, is_open: Cell::new(false) }
    }

    /// Whether an answer so far could be another if the text went on behind a full stop, a blank and a capital letter: all
    /// other questions are answered before that.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Whether the last letter before this place is a small one; `None` if there is none.
    pub(super) fn small_letter(&self, at: usize) -> Option<bool> {
        let letter = self.bytes[..at].iter().rev().find(|byte| byte.is_ascii_alphabetic());
        letter.map_or(self.small_letter_before, |byte| Some(byte.is_ascii_lowercase()))
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        // A NUL is in no class of characters, so it serves as the end.
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self, at: usize) -> &'a str {
        self.message[at..].trim_start_matches(' ')
    }

    /// The run of letters, digits and `_`, and of hyphens between them, that begins here.
    pub(super) fn run(&self, start: usize) -> Run {
        let mut run = Run { end: start, first_hyphen: None, has_digit: false };
        while let Some(&byte) = self.bytes.get(run.end) {
            match CLASSES[usize::from(byte)] {
                Class::Letter => {
                    // Most of every message: a loop of its own is what makes it fast.
                    let rest = &self.bytes[run.end..];
                    run.end += rest
                        .iter()
                        .take_while(|byte| CLASSES[usize::from(**byte)] == Class::Letter)
                        .count();
                }
                Class::Digit => {
                    run.has_digit = true;
                    run.end += 1;
                }
                Class::Hyphen
                    if run.end > start && self.byte(run.end + 1).is_ascii_alphanumeric() =>
                {
                    run.first_hyphen.get_or_insert(run.end);
                    run.end += 1;
                }
                Class::Unicode => match self.message[run.end..].chars().next() {
                    Some(letter) if letter.is_alphanumeric() => run.end += letter.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        run
    }

    /// What a run with digits in it is.
    #[inline(never)]
    pub(super) fn classify(&self, start: usize, run: &Run, is_announced: bool) -> Digits {
        let (end, has_hyphen) = (run.end, run.first_hyphen.is_some());
        let run = &self.bytes[start..end];
        let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits == run.len() {
            let alone = start > 0 && self.byte(start - 1) == b'(' && self.byte(end) == b')';
            return if is_http_status(run) && (is_announced || alone) {
                Digits::Word
            } else {
                Digits::Value
            };
        }
        if has_hyphen {
            return Digits::Value;
        }
        let is_code = match run {
            [b'0', b'x' | b'X', hex @ ..] => {
                hex.len() <= 8 && hex.iter().all(u8::is_ascii_hexdigit)
            }
            [b'v' | b'V', digit] => digit.is_ascii_digit(),
            [b'D', b'I', b'P', b'V', ..] | [b'D', b'W', _, _, b'E', b'V', ..] => run.len() <= 10,
            [b'D', b'W', number @ ..] => number.len() == 4 && digits == 4,
            _ => false,
        };
        if is_code {
            return Digits::Word;
        }
        let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let is_identifier = run[0].is_ascii_alphabetic()
            && letters >= 6
            && letters >= 3 * digits
            && run.iter().any(u8::is_ascii_lowercase);
        if !is_identifier {
            return Digits::Value;
        }
        // `RecordError0`, `RecordError1` number the same thing; `msdyn_field1` is a name.
        let stem = run.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
        if stem < run.len() && !run.contains(&b'_') {
            Digits::NumberedWord(start + stem)
        } else {
            Digits::Word
        }
    }

    /// Where a value goes on after a run: `2.0.133`, `1,200,000`, `12/31/2154`, `A1|B2`.
    pub(super) fn value_end(&self, mut end: usize) -> usize {
        loop {
            let (joint, next) = (self.byte(end), self.byte(end + 1));
            let joined = match joint {
                b'.' | b',' | b':' => next.is_ascii_digit(),
                b'/' | b'|' | b'\\' | b'@' | b'#' | b'+' | b'&' => is_word_byte(next),
                _ => false,
            };
            if !joined {
                return end;
            }
            end = self.run(end + 1).end;
        }
    }

    /// The end of a host or a mail address whose first part ends at `end`.
    pub(super) fn host_end(&self, end: usize) -> Option<usize> {
        if !matches!(self.byte(end), b'.' | b'@') || !self.byte(end + 1).is_ascii_alphanumeric() {
            return None;
        }
        let tail = self.bytes[end..].iter().position(|byte| !is_host_byte(*byte));
        let mut stop = tail.map_or(self.bytes.len(), |len| end + len);
        while stop > end && matches!(self.bytes[stop - 1], b'.' | b'-') {
            stop -= 1;
        }
        if let Some(dots) = memchr::memmem::find(&self.bytes[end..stop], b"..") {
            stop = end + dots;
        }
        let host = &self.bytes[end..stop];
        let is_host = host.contains(&b'@')
            || [&b".com"[..], b".net", b".org"].iter().any(|tld| host.ends_with(tld));
        is_host.then_some(stop)
    }

    pub(super) fn address_end(&self, start: usize) -> usize {
        let mut end = start;
        for (offset, &byte) in self.bytes[start..].iter().enumerate() {
            let stop = byte.is_ascii_whitespace()
                || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b')' | b']')
                || (byte == b'.' && self.byte(start + offset + 1).is_ascii_uppercase());
            if stop {
                break;
            }
            end = start + offset + 1;
        }
        while matches!(self.bytes[end - 1], b'.' | b',' | b';') {
            end -= 1;
        }
        if memchr::memmem::find(&self.bytes[start..end], b"$filter=").is_some() {
            return self.condition_end(end);
        }
        end
    }

    /// The end of a condition of OData whose first word ends here: ` eq '000056' and b eq 5`.
    fn condition_end(&self, mut end: usize) -> usize {
        const OPERATORS: [&[u8]; 8] =
            [b" eq ", b" ne ", b" gt ", b" ge ", b" lt ", b" le ", b" and ", b" or "];
        while let Some(operator) =
            OPERATORS.iter().find(|operator| self.bytes[end..].starts_with(operator))
        {
            let operand = end + operator.len();
            let word_end = self.bytes[operand..]
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b')' | b'.'));
            let word_end = word_end.map_or(self.bytes.len(), |len| operand + len);
            let quoted =
                if self.byte(operand) == b'\'' { self.quoted(operand, 1, "'") } else { None };
            end = quoted.unwrap_or(word_end);
            if end == operand {
                break;
            }
        }
        end
    }

    /// The end of `{…}`, its closing brace included.
    pub(super) fn braces_end(&self, start: usize) -> Option<usize> {
        let window = &self.bytes[start..self.bytes.len().min(start + LONGEST_VALUE)];
        let mut depth = 0;
        for (offset, &byte) in window.iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(start + offset + 1);
                    }
                }
                _ => {}
            }
        }
        self.is_open.set(true);
        None
    }

    /// A quoted text with its closing quote; `None` where the character is no opening quote.
    pub(super) fn quoted(&self, start: usize, open_len: usize, close: &str) -> Option<usize> {
        let before = if start == 0 { b' ' } else { self.byte(start - 1) };
        let inner = start + open_len;
        // What ends a word, a sentence or a bracket stands before a closing quote.
        let closes = before.is_ascii_alphanumeric()
            || matches!(before, b'.' | b'!' | b'?' | b')' | b'}' | b']' | b'%' | b'"' | b'\'')
            || self.message[..start].ends_with('…');
        if open_len == 1 && closes {
            return None;
        }
        if self.byte(inner).is_ascii_whitespace() {
            return None;
        }
        let window = &self.bytes[inner..self.bytes.len().min(inner + LONGEST_VALUE)];
        let mut from = 0;
        // `"Litware "Home" Ltd"`: what opens within closes within, if enough quotes follow.
        let (mut opened, mut closed) = (0_u32, None);
        loop {
            let Some(found) = memchr::memmem::find(&window[from..], close.as_bytes()) else {
                self.is_open.set(true);
                return closed;
            };
            let found = from + found;
            let end = inner + found + close.len();
            if close == "\""
                && found > 0
                && window[found - 1] == b' '
                && is_word_byte(self.byte(end))
            {
                opened += 1;
            }
            // An apostrophe within a word does not close, nor does a doubled quote.
            let is_doubled = open_len == 1
                && self.byte(end) == close.as_bytes()[0]
                && is_word_byte(self.byte(end + 1));
            if !is_word_byte(self.byte(end)) && !is_doubled {
                if opened == 0 {
                    return Some(end);
                }
                opened -= 1;
                closed = closed.or(Some(end));
            }
            from = found + close.len() + usize::from(is_doubled);
        }
    }

    /// The end of the value that begins with this letter beyond ASCII: quotation marks, and what a template masked or a
    /// dump has cut.
    #[inline(never)]
    pub(super) fn unicode_value(&self, at: usize, letter: char) -> Option<(usize, Mask)> {
        if letter == '…' {
            return Some((at + letter.len_utf8(), Mask::Ellipsis));
        }
        let (_, close) = QUOTES.iter().find(|(open, _)| *open == letter)?;
        self.quoted(at, letter.len_utf8(), close).map(|end| (end, Mask::Quoted))
    }

    /// Whether the double quote at `start` opens or closes a string of JSON: such strings hold the message itself.
    pub(super) fn is_json_quote(&self, start: usize, end: usize) -> bool {
        let mut before =
            self.bytes[..start].iter().rev().filter(|byte| !byte.is_ascii_whitespace());
        match before.next() {
            Some(b'{' | b'[' | b'\\') => return true,
            Some(b':') if before.next() == Some(&b'"') => return true,
            Some(b',') if self.bytes[start - 1] == b',' => return true,
            _ => {}
        }
        self.byte(end) == b':'
    }

    /// The end of a key before a sentence about the record.
    pub(super) fn record_key_end(&self, start: usize) -> Option<usize> {
        let window = &self.bytes[start..self.bytes.len().min(start + LONGEST_VALUE)];
        let end = memchr::memmem::find(window, b". The record ").map(|len| start + len);
        if end.is_none() {
            self.is_open.set(true);
        }
        end
    }

    /// The end of the clause that begins here: a value without quotes or braces.
    pub(super) fn clause_end(&self, start: usize) -> usize {
        let window = &self.bytes[start..self.bytes.len().min(start + LONGEST_VALUE)];
        let mut end = window.len();
        for (offset, &byte) in window.iter().enumerate() {
            let next = self.byte(start + offset + 1);
            match byte {
                b'\n' | b'\r' | b';' => end = offset,
                // The end of a string of JSON, which may hold the message.
                b'"' if matches!(next, 0 | b',' | b'}' | b']') => end = offset,
                b'.' if next == 0
                    || next == b'.'
                    || next.is_ascii_whitespace()
                    || next.is_ascii_uppercase() =>
                {
                    end = offset;
                }
                _ => continue,
            }
            break;
        }
        let mut end = start + end;
        while !self.message.is_char_boundary(end) {
            end -= 1;
        }
        end
    }

    /// `at Namespace.Class.Method(`.
    pub(super) fn is_stack_frame(&self, end: usize) -> bool {
        let rest = self.rest(end).as_bytes();
        let len = rest.iter().take(300).take_while(|b| is_frame_byte(**b)).count();
        end < self.bytes.len() && rest.get(len) == Some(&b'(') && rest[..len].contains(&b'.')
    }
}

/// How a byte counts when runs and gaps are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Letter,
    Digit,
    Hyphen,
    /// Part of a character beyond ASCII.
    Unicode,
    /// May begin a value: quotes, braces, parentheses, colons.
    Opening,
    Gap,
}

pub(super) static CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'-' => Class::Hyphen,
            b'{' | b'\'' | b'"' | b'(' | b':' => Class::Opening,
            0x80.. => Class::Unicode,
            _ => Class::Gap,
        };
        byte += 1;
    }
    classes
};

/// Whether a run without hyphens holds digits that a skeleton masks: those that follow no letter.
pub(super) fn has_free_digits(run: &[u8]) -> bool {
    run.first().is_some_and(u8::is_ascii_digit)
        || run.array_windows().any(|[a, b]| *a == b'_' && b.is_ascii_digit())
}

/// What a run with digits in it is.
pub(super) enum Digits {
    /// It varies from record to record.
    Value,
    /// A code, a version or a name.
    Word,
    /// A word up to this place, and a number.
    NumberedWord(usize),
}

/// Whether a run without hyphens is a value whatever stands for its free digits.
///
/// Digits alone are one unless they are a status, which skeletons tell from other numbers; a run that begins with a digit
/// is no name; and of the others only those of few letters are certain, however many digits there are.
pub(super) fn is_value_for_any_digits(run: &[u8]) -> bool {
    let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    !run[0].is_ascii_alphabetic() || !has_free_digits(run) || (letters < 6 && run[0] != b'D')
}

/// Quotation marks beyond ASCII.
const QUOTES: [(char, &str); 4] = [('“', "”"), ('‘', "’"), ('«', "»"), ('„', "“")];

/// Whether the last letter of an address may belong to a GUID, which a skeleton masks.
pub(super) fn ends_in_guid(address: &[u8]) -> bool {
    let last = address.iter().rposition(u8::is_ascii_alphabetic);
    let is_guid = |guid: &[u8]| HYPHENS.iter().all(|at| guid[*at] == b'-');
    address.windows(GUID_LEN).zip(0..).any(|(guid, start)| {
        last.is_some_and(|at| (start..start + GUID_LEN).contains(&at)) && is_guid(guid)
    })
}

/// Letters of a GUID, and the places of its hyphens.
pub(super) const GUID_LEN: usize = 36;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'@' | b'_')
}

const fn is_frame_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'`' | b'<' | b'>' | b'+' | b'$' | b'[' | b']')
}

pub(super) fn is_http_status(run: &[u8]) -> bool {
    matches!(run, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'])
}

pub(super) fn apostrophe_len(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&b'\'') {
        Some(1)
    } else if bytes.starts_with("’".as_bytes()) {
        Some("’".len())
    } else {
        None
    }
}

/// A legal entity's code after the word "company"; short English words are none.
pub(super) fn is_company_word(word: &[u8]) -> bool {
    const COMMON: [&[u8]; 36] = [
        b"code", b"name", b"that", b"with", b"does", b"from", b"have", b"must", b"this", b"when",
        b"data", b"type", b"will", b"been", b"were", b"only", b"has", b"was", b"may", b"can",
        b"not", b"for", b"and", b"the", b"are", b"its", b"who", b"had", b"but", b"did", b"key",
        b"set", b"yet", b"you", b"any", b"all",
    ];
    let is_code =
        matches!(word.len(), 3 | 4) || (word.len() < 3 && word.iter().all(u8::is_ascii_uppercase));
    is_code
        && word.len() >= 2
        && word.iter().all(u8::is_ascii_alphanumeric)
        && !COMMON.iter().any(|common| word.eq_ignore_ascii_case(common))
}
