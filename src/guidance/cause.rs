//! The cause an error shares with others: a fingerprint of its code, its stem and its entities.
//!
//! Two errors have one cause if nothing but values differs between them: keys, GUIDs, numbers, times, companies. The
//! table that a lookup misses stays part of the cause, the missing key does not. Names of a table are one name, and so
//! are wordings that differ by letter case, punctuation, articles, `look up`/`lookup` or `can not`/`can't`/`cannot`.
//!
//! Invariant: ids are stable between versions (people link to them, exports hold them); the golden ids below guard that.

use std::fmt;
use std::str::FromStr;

use super::aliases::{entity_fingerprint, table_fingerprint};
use super::code;
use super::context::Context;
use super::fold::{mix, word_hash};
use super::token::{Kind, Tokens};

pub use super::mask::Mask;

/// A cause. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseId(pub u64);

/// The text is no id of a cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no cause: its id has 16 hexadecimal digits")]
pub struct InvalidCauseId(pub String);

impl CauseId {
    /// Writes the 16 digits into `buffer`, for callers that must not allocate.
    pub fn write_hex(self, buffer: &mut [u8; 16]) -> &str {
        for (place, digit) in buffer.iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(self.0 >> (60 - 4 * place)) as usize & 15];
        }
        str::from_utf8(buffer).unwrap_or_default()
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for CauseId {
    type Err = InvalidCauseId;

    fn from_str(text: &str) -> Result<Self, InvalidCauseId> {
        let digits = text.trim();
        let is_id = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u64::from_str_radix(digits, 16) {
            Ok(id) if is_id => Ok(Self(id)),
            _ => Err(InvalidCauseId(text.to_owned())),
        }
    }
}

/// Tokens that count. A cause shows itself early; what follows is traces and payloads, which are cut at different
/// lengths by the tools that export them.
const TOKENS: usize = 160;

/// The cause of an error of `entity` (any of its names) with this code (may be empty) and message.
pub fn cause_of(entity: &str, error_code: &str, message: &str) -> CauseId {
    let cause = Fingerprint::of(EntityPrint::of(entity), CodePrint::told(error_code, message));
    let mut numbers = Vec::new();
    read_numbers(Context::default(), message, &mut numbers);
    numbers.iter().fold(cause, |cause, number| cause.and(*number)).id()
}

/// What of an entity counts; the same for all of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityPrint(u64);

impl EntityPrint {
    /// Of any of its names.
    pub fn of(entity: &str) -> Self {
        Self(entity_fingerprint(entity))
    }
}

/// What of an error code counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePrint(u64);

impl CodePrint {
    /// Of a code, in any of its forms.
    pub fn of(error_code: &str) -> Self {
        Self::told(error_code, "")
    }

    /// Of the code given, else of the one in the message.
    fn told(error_code: &str, message: &str) -> Self {
        let given = error_code.trim();
        let code = if given.is_empty() {
            code::error_code(message)
        } else {
            code::error_code(given).or(Some(given.into()))
        };
        Self(code.map_or(0, |code| word_hash(code.as_bytes())))
    }
}

/// The running hash of entity, code, and the numbers of the message in their order.
#[derive(Clone, Copy)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) fn of(entity: EntityPrint, code: CodePrint) -> Self {
        Self(mix(mix(0x6475_616C_2D77_7269, entity.0), code.0))
    }

    #[inline]
    pub(super) fn and(self, number: u64) -> Self {
        Self(mix(self.0, number))
    }

    pub(super) fn id(self) -> CauseId {
        CauseId(mix(self.0, 0))
    }
}

/// What [`read_numbers`] found beside the numbers.
pub(super) struct Scan {
    /// The numbers depend on digits that the skeleton masks.
    pub(super) reads_digits: bool,
    /// How many numbers the first clause has, and how many the last.
    pub(super) first_clause: usize,
    pub(super) last_clause: usize,
    /// There are few enough tokens to be read apart from as many others.
    pub(super) is_short: bool,
    /// What counts of this text for text behind it, where it says alone what it says in front of that.
    pub(super) context: Option<Context>,
}

/// Tokens of a part of a message that is read apart: of two parts, no more than count of the whole.
const TOKENS_APART: usize = TOKENS / 2;

/// Adds the numbers that stand for what counts of a text behind what was read so far: of a message, behind nothing.
pub(super) fn read_numbers(behind: Context, text: &str, numbers: &mut Vec<u64>) -> Scan {
    let mut after_value = behind.counted_value;
    let text = error_text(text);
    let mut tokens = Tokens::behind(behind, text);
    let mut clauses = Clauses::new(numbers);
    let mut count = 0;
    for token in tokens.by_ref().take(TOKENS) {
        count += 1;
        if ends_clause(token.before_in(text)) {
            clauses.end(numbers);
        }
        if after_value && token.kind == Kind::Value {
            continue;
        }
        match token.kind {
            Kind::Word { hash: word, negated } => {
                numbers.push(word);
                if negated {
                    numbers.push(word_hash(b"not"));
                }
            }
            // The salts keep a table apart from a word of the same letters, and a value from everything.
            Kind::Table(table) => numbers.push(table_fingerprint(table) ^ 0x7461_626C_6500_0000),
            Kind::Value => numbers.push(0x7661_6C75_6500_0000),
            Kind::Filler | Kind::Hint => continue,
        }
        after_value = token.kind == Kind::Value;
    }
    clauses.end(numbers);
    let context = tokens.context();
    Scan {
        reads_digits: tokens.reads_digits(),
        first_clause: clauses.first,
        last_clause: numbers.len() - clauses.before,
        is_short: count <= TOKENS_APART,
        context: context.map(|context| Context { counted_value: after_value, ..context }),
    }
}

/// Finds clauses that say the same as the one before: an error may name several keys that one table misses.
struct Clauses {
    /// Where the last clause and the one at hand begin.
    before: usize,
    this: usize,
    /// How many numbers the first clause has.
    first: usize,
}

impl Clauses {
    fn new(numbers: &[u64]) -> Self {
        Self { before: numbers.len(), this: numbers.len(), first: 0 }
    }

    /// Ends a clause, and takes it back where it repeats the one before; whether it did is told.
    fn end(&mut self, numbers: &mut Vec<u64>) -> bool {
        if numbers.len() == self.this {
            return false;
        }
        if self.first == 0 {
            self.first = numbers.len() - self.this;
        }
        let repeats = numbers[self.before..self.this] == numbers[self.this..];
        if repeats {
            numbers.truncate(self.this);
        } else {
            (self.before, self.this) = (self.this, numbers.len());
        }
        repeats
    }
}

/// Whether a clause ends in what stands before a token.
fn ends_clause(before: &str) -> bool {
    before.bytes().any(|byte| matches!(byte, b'.' | b';' | b'\n'))
}

/// The message with everything masked that varies from record to record:
/// `Unable to lookup msdyn_parties with values {…}`.
pub fn template(message: &str) -> String {
    let mut template = String::with_capacity(message.len().min(256));
    let mut after_value = false;
    let mut tokens = Tokens::new(error_text(message));
    let mut numbers = Vec::new();
    let (mut clauses, mut clause) = (Clauses::new(&numbers), 0);
    for _ in 0..TOKENS {
        let Some(token) = tokens.next() else { break };
        if ends_clause(token.before(&tokens)) {
            if clauses.end(&mut numbers) {
                template.truncate(clause);
            }
            clause = template.len();
        }
        if (after_value && token.kind == Kind::Value) || token.kind == Kind::Hint {
            continue;
        }
        match token.kind {
            Kind::Word { hash, negated } => numbers.push(hash ^ u64::from(negated)),
            Kind::Table(table) => numbers.push(table_fingerprint(table)),
            Kind::Value => numbers.push(0),
            Kind::Filler | Kind::Hint => {}
        }
        push_punctuation(&mut template, token.before(&tokens));
        if token.kind == Kind::Value {
            push_mask(&mut template, token.text(&tokens));
        } else {
            template.push_str(token.text(&tokens));
        }
        after_value = token.kind == Kind::Value;
    }
    if clauses.end(&mut numbers) {
        template.truncate(clause);
    }
    // Quotes and brackets that close belong to the sentence; how many dots follow depends on the wording.
    let is_end =
        |letter: char| letter.is_whitespace() || matches!(letter, '.' | ',' | ';' | ':' | '-');
    push_punctuation(&mut template, tokens.tail().trim_end_matches(is_end));
    template.truncate(template.trim_end_matches(is_end).len());
    template
}

/// A piece of a message, as [`pieces`] cuts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// As the message has it.
    pub text: String,
    /// The rule that made a value of it, which does not count; `None` for what counts.
    pub mask: Option<Mask>,
}

/// The message in pieces that show what its cause was read from: values with the rule that masked each, and the text
/// between them. What is left out altogether, such as a stack trace, is in none.
pub fn pieces(message: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut tokens = Tokens::new(error_text(message));
    let mut push = |text: &str, mask: Option<Mask>| match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.mask.is_none() && mask.is_none() => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), mask }),
    };
    for _ in 0..TOKENS {
        let Some(token) = tokens.next() else { break };
        push(token.before(&tokens), None);
        push(token.text(&tokens), token.mask);
    }
    push(tokens.tail(), None);
    pieces
}

/// The first error text of a verbose error (`{"entityName":…,"recordResponses":[{"errorMessage":"…`), which may be
/// broken JSON; any other message as it is.
fn error_text(message: &str) -> &str {
    const FIELD: &str = "\"errorMessage\":\"";
    if !message.trim_start().starts_with('{') {
        return message;
    }
    let Some(at) = message.find(FIELD) else { return message };
    let text = &message[at + FIELD.len()..];
    // The field that follows is a surer end than a quote: quotes within are not always escaped.
    text.find("\",\"logDateTime\"").map_or(text, |end| &text[..end])
}

/// Blanks of any length and line ends become one blank.
fn push_punctuation(template: &mut String, text: &str) {
    for letter in text.chars() {
        if !letter.is_whitespace() {
            template.push(letter);
        } else if !template.is_empty() && !template.ends_with(' ') {
            template.push(' ');
        }
    }
}

/// `…`, within the quotes, braces or parentheses of the value.
fn push_mask(template: &mut String, value: &str) {
    let mut letters = value.chars();
    let pair = match (letters.next(), letters.next_back()) {
        (Some(open), Some(close)) => matches!(
            (open, close),
            ('{', '}')
                | ('(', ')')
                | ('\'', '\'')
                | ('"', '"')
                | ('“', '”')
                | ('‘', '’')
                | ('«', '»')
        )
        .then_some((open, close)),
        _ => None,
    };
    match pair {
        Some((open, close)) => template.extend([open, '…', close]),
        None => template.push('…'),
    }
}

#[cfg(test)]
mod tests;
