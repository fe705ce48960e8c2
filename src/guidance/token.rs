//! Cuts a message into words, names of tables and masked values.
//!
//! What varies from record to record becomes a value: GUIDs, numbers, times, addresses, record keys, what stands in
//! quotes or braces, legal entities in parentheses. What tells one cause from another stays: words, error codes, HTTP
//! statuses, names of tables, fields and attributes. A stack trace ends the message.
//!
//! Deliberately absent: text output and hashing of the whole; `cause` does both with these tokens, which is why the
//! readable template and the fingerprint always agree.

use super::aliases::table_of;
use super::context::Context;
use super::fold::{NameHash, word_hash};
use super::mask::Mask;
use super::scan::{
    CLASSES, Class, Digits, Text, apostrophe_len, ends_in_guid, has_free_digits, is_company_word,
    is_http_status, is_value_for_any_digits, is_word_byte,
};
use super::vocabulary::{Keyword, Meaning, meaning};

/// How a token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word by its hash; `negated` where it holds a "not" (`can't`).
    Word { hash: u64, negated: bool },
    /// A table by any of its names.
    Table(u16),
    /// Something that varies from record to record.
    Value,
    /// A word that wordings differ in; shown, not counted.
    Filler,
    /// The product's hint where to read on, which only some releases add; neither shown nor counted.
    Hint,
}

/// A piece of the message with the blanks and punctuation before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    from: usize,
    start: usize,
    end: usize,
    pub(super) kind: Kind,
    /// The rule that made it a value.
    pub(super) mask: Option<Mask>,
}

impl Token {
    /// The blanks and punctuation before it.
    pub(super) fn before<'a>(self, tokens: &Tokens<'a>) -> &'a str {
        self.before_in(tokens.text.message)
    }

    /// The same, in the text that the tokens are of.
    pub(super) fn before_in(self, text: &str) -> &str {
        &text[self.from..self.start]
    }

    /// Its own text.
    pub(super) fn text<'a>(self, tokens: &Tokens<'a>) -> &'a str {
        &tokens.text.message[self.start..self.end]
    }
}

/// The tokens of a message.
pub(super) struct Tokens<'a> {
    text: Text<'a>,
    at: usize,
    so_far: Context,
    /// Closing quote of a name that was not masked.
    closing_quote: usize,
    tail: usize,
    /// A token so far depends on digits that `skeleton` masks.
    reads_digits: bool,
}

/// Words of the longest table name.
const LONGEST_NAME: usize = 7;

impl<'a> Tokens<'a> {
    pub(super) fn new(message: &'a str) -> Self {
        Self::behind(Context::default(), message)
    }

    /// The tokens of what follows a sentence, its full stop included.
    pub(super) fn behind(context: Context, text: &'a str) -> Self {
        Self {
            text: Text::behind(context.small_letter, text),
            at: 0,
            so_far: context,
            closing_quote: usize::MAX,
            tail: text.len(),
            reads_digits: false,
        }
    }

    /// What counts for text behind this one, once there are no more tokens. `None` where what follows could change what was
    /// read, or is left out with a stack trace.
    pub(super) fn context(&self) -> Option<Context> {
        let is_read = self.at == self.text.bytes.len();
        let is_settled = is_read && !self.text.is_open() && !self.tail().contains("---");
        is_settled.then(|| Context { small_letter: self.text.small_letter(self.at), ..self.so_far })
    }

    /// Whether a token so far would be another with other digits in their places: then the tokens hold for this message
    /// only, else for every message with its skeleton.
    pub(super) fn reads_digits(&self) -> bool {
        self.reads_digits
    }

    /// The punctuation after the last token, once there are no more; nothing where a stack trace was left out.
    pub(super) fn tail(&self) -> &'a str {
        &self.text.message[self.tail..]
    }

    #[inline]
    fn token(&mut self, from: usize, start: usize, end: usize, kind: Kind) -> Token {
        self.at = end;
        self.so_far.after_value = kind == Kind::Value;
        Token { from, start, end, kind, mask: None }
    }

    fn value(&mut self, from: usize, start: usize, end: usize, mask: Mask) -> Token {
        (self.so_far.value_follows, self.so_far.key_follows) = (false, false);
        // After a key, `and` announces another one.
        self.so_far.key_before = matches!(mask, Mask::Key | Mask::Party);
        (self.so_far.before_previous, self.so_far.previous) = (self.so_far.previous, None);
        Token { mask: Some(mask), ..self.token(from, start, end, Kind::Value) }
    }

    /// `{…}` with its closing brace, unless it is JSON, or a name of the schema.
    fn braced(&self, start: usize) -> Option<usize> {
        let after = self.text.byte(start + 1);
        let is_name = matches!(self.so_far.previous, Some(Keyword::NamesNext | Keyword::FieldNext));
        if !self.so_far.value_follows && (matches!(after, b'"' | b'\\') || is_name) {
            return None;
        }
        self.text.braces_end(start)
    }

    fn quote_announces_name(&self) -> bool {
        match self.so_far.previous {
            Some(Keyword::NamesNext | Keyword::FieldNext) => true,
            Some(Keyword::Type) => self.so_far.before_previous == Some(Keyword::BeforeType),
            _ => false,
        }
    }

    /// `(usmf)`: a legal entity, by its length and its place after a blank.
    fn company(&mut self, start: usize) -> Option<usize> {
        if start == 0 || self.text.byte(start - 1) != b' ' {
            return None;
        }
        let inner = start + 1;
        if self.so_far.value_follows {
            // What ends here may or may not be what was announced: that depends on how many digits there are.
            let run = self.text.run(inner).end;
            self.reads_digits |= self.text.bytes[inner..run].iter().any(u8::is_ascii_digit);
        }
        let len = self.text.bytes[inner..]
            .iter()
            .take(5)
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let word = &self.text.bytes[inner..inner + len];
        if !(2..=4).contains(&len) || self.text.byte(inner + len) != b')' || is_http_status(word) {
            return None;
        }
        meaning(word_hash(word)).table.is_none().then_some(inner + len + 1)
    }

    /// The end of the value that begins with this punctuation.
    #[inline(never)]
    fn opened_value(&mut self, at: usize, byte: u8) -> Option<(usize, Mask)> {
        match byte {
            b'{' => self.braced(at).map(|end| (end, Mask::Braced)),
            b'(' => self.company(at).map(|end| (end, Mask::Company)),
            b':' => {
                if self.so_far.names_record {
                    self.so_far.names_record = false;
                    (self.so_far.value_follows, self.so_far.key_follows) = (true, true);
                }
                None
            }
            _ if at == self.closing_quote => None,
            quote => {
                let close = if quote == b'"' { "\"" } else { "'" };
                let end = self.text.quoted(at, 1, close)?;
                if quote == b'"' && self.text.is_json_quote(at, end) {
                    return None;
                }
                if self.quote_announces_name() {
                    self.closing_quote = end - 1;
                    self.so_far.value_follows = false;
                    return None;
                }
                Some((end, Mask::Quoted))
            }
        }
    }

    /// The end of the value that the words before announced.
    #[inline(never)]
    fn announced_value(&self, at: usize) -> Option<usize> {
        if !self.so_far.value_follows {
            return None;
        }
        let key_end = if self.so_far.key_follows { self.text.record_key_end(at) } else { None };
        Some(key_end.unwrap_or_else(|| self.text.clause_end(at))).filter(|end| *end > at)
    }

    #[inline(never)]
    fn word(&mut self, from: usize, start: usize) -> Option<Token> {
        let run = self.text.run(start);
        let mut end = run.end;
        // Mail addresses and hosts vary by environment.
        if let Some(end) = self.text.host_end(end) {
            return Some(self.value(from, start, end, Mask::Address));
        }
        if run.has_digit {
            let is_announced =
                matches!(self.so_far.previous, Some(Keyword::Status | Keyword::Http));
            let bytes = &self.text.bytes[start..end];
            match self.text.classify(start, &run, is_announced) {
                Digits::Value => {
                    self.reads_digits |=
                        run.first_hyphen.is_none() && !is_value_for_any_digits(bytes);
                    end = self.text.value_end(end);
                    return Some(self.value(from, start, end, Mask::Number));
                }
                Digits::Word => self.reads_digits |= has_free_digits(bytes),
                Digits::NumberedWord(stem) => {
                    self.reads_digits |= has_free_digits(bytes);
                    end = stem;
                }
            }
        } else if let Some(hyphen) = run.first_hyphen {
            end = hyphen;
        }
        let mut hash = word_hash(&self.text.bytes[start..end]);
        let known = meaning(hash);
        if (known.table.is_some() || known.starts_name)
            && let Some((table, end)) = self.table_name(start, end, known)
        {
            self.remember(None);
            return Some(self.token(from, start, end, Kind::Table(table)));
        }
        if !run.has_digit
            && let Some((end, mask)) = self.bare_value(start, end, known.keyword)
        {
            return Some(self.value(from, start, end, mask));
        }
        let mut negated = false;
        let mut filler = false;
        let mut keyword = known.keyword;
        match keyword {
            Some(Keyword::Article) => {
                self.so_far.names_record = false;
                // What stands before an article still announces what stands after it.
                return Some(self.token(from, start, end, Kind::Filler));
            }
            Some(Keyword::Cannot) => {
                hash = word_hash(b"can");
                negated = true;
            }
            Some(Keyword::Look)
                if self.text.bytes[end..].starts_with(b" up")
                    && !is_word_byte(self.text.byte(end + 3)) =>
            {
                end += 3;
                hash = word_hash(b"lookup");
                keyword = Some(Keyword::Lookup);
            }
            Some(Keyword::HalfDay) if self.so_far.after_value => {
                return Some(self.value(from, start, end, Mask::Number));
            }
            Some(Keyword::Http) if self.text.bytes[end..].starts_with(b"://") => {
                let end = self.text.address_end(end);
                return Some(self.value(from, start, end, Mask::Address));
            }
            Some(Keyword::For) if self.text.bytes[end..].starts_with(HINT) => {
                let start_of_address = end + HINT.len();
                let end = self.text.address_end(start_of_address);
                // What was announced before the hint still is, so that the letter before it counts.
                self.reads_digits |= ends_in_guid(&self.text.bytes[start_of_address..end]);
                return Some(self.token(from, start, end, Kind::Hint));
            }
            Some(Keyword::At) if self.text.is_stack_frame(end) => return None,
            Some(Keyword::End) if self.text.message[from..start].contains("---") => return None,
            Some(Keyword::Stack)
                if end - start > 5 || self.text.bytes[end..].starts_with(b" trace") =>
            {
                return None;
            }
            Some(Keyword::Values) => {
                filler = self.so_far.previous == Some(Keyword::Lookup);
                self.so_far.value_follows = self.so_far.previous == Some(Keyword::With);
            }
            Some(Keyword::Status) if self.so_far.previous == Some(Keyword::Postal) => {
                keyword = None
            }
            Some(Keyword::NamesNext) if self.so_far.previous == Some(Keyword::Legal) => {
                keyword = Some(Keyword::Company);
            }
            Some(Keyword::Found) => {
                self.so_far.value_follows = self.text.rest(end).starts_with(':')
            }
            Some(Keyword::In) => {
                self.so_far.names_record |= self.so_far.previous == Some(Keyword::Record)
            }
            _ => {}
        }
        if self.so_far.previous == Some(Keyword::Company)
            && is_company_word(&self.text.bytes[start..end])
        {
            return Some(self.value(from, start, end, Mask::Company));
        }
        // Contractions: the word before "n't" and a "not".
        if let Some(apostrophe) = apostrophe_len(&self.text.bytes[end..]) {
            let letter = self.text.byte(end + apostrophe).to_ascii_lowercase();
            let ends = !is_word_byte(self.text.byte(end + apostrophe + 1));
            if letter == b't' && ends && self.text.bytes[end - 1].eq_ignore_ascii_case(&b'n') {
                let stem = if keyword == Some(Keyword::Can) { end } else { end - 1 };
                hash = word_hash(&self.text.bytes[start..stem]);
                negated = true;
                end += apostrophe + 1;
            } else if letter == b's' && ends {
                end += apostrophe + 1;
            }
        }
        self.remember(keyword);
        let kind = if filler { Kind::Filler } else { Kind::Word { hash, negated } };
        Some(self.token(from, start, end, kind))
    }

    /// The end of the bare value that a word is the beginning of, see `bare`.
    #[inline(never)]
    fn bare_value(
        &self,
        start: usize,
        end: usize,
        keyword: Option<Keyword>,
    ) -> Option<(usize, Mask)> {
        let first = self.text.bytes[start];
        if start < self.closing_quote && self.closing_quote != usize::MAX {
            // A name of the schema in quotes.
            return None;
        }
        if first.is_ascii_lowercase() {
            // Most words.
            let is_field = keyword.is_none()
                && match self.so_far.previous {
                    Some(Keyword::FieldNext) => self.text.is_field_name(start, end),
                    Some(Keyword::BeforeType | Keyword::For) => self.text.is_small_id(start, end),
                    _ => false,
                };
            return is_field.then_some((end, Mask::Field));
        }
        let (of, from) = (Some(Keyword::BeforeType), Some(Keyword::PartyNext));
        let announces_any = self.so_far.previous == of
            || self.so_far.previous == from
            || self.so_far.previous == Some(Keyword::For)
            || matches!(self.so_far.previous, Some(Keyword::KeyNext | Keyword::Record))
            || self.so_far.key_before;
        let announces = announces_any || self.so_far.previous == Some(Keyword::FieldNext);
        if keyword.is_none() && first.is_ascii() {
            let is_field = if announces && self.so_far.previous == Some(Keyword::FieldNext) {
                self.text.is_field_name(start, end)
            } else {
                let is_subject = start > 1
                    && self.text.bytes[start - 2..start] == *b": "
                    && matches!(self.text.bytes[end..], [b' ', b'a'..=b'z', ..]);
                (announces || is_subject || self.text.is_assigned(end))
                    && self.text.is_identifier(start, end)
            };
            if is_field {
                return Some((end, Mask::Field));
            }
            let may_be_key = announces_any || self.so_far.previous == Some(Keyword::In);
            if may_be_key && self.text.is_key_in_capitals(start, end) {
                return Some((end, Mask::Key));
            }
        }
        let may_be_party = self.so_far.previous == of
            || self.so_far.previous == from
            || self.so_far.previous == Some(Keyword::For);
        if !may_be_party || keyword.is_some_and(|keyword| keyword != Keyword::Article) {
            return None;
        }
        let party = self.text.party_end(start)?;
        // `The "Blue" Yonder` is a name, `The field` is none.
        let is_name = keyword.is_none() || party > end;
        is_name.then_some((party, Mask::Party))
    }

    fn remember(&mut self, keyword: Option<Keyword>) {
        // `USD and EUR`.
        self.so_far.key_before &=
            keyword.is_none() && self.so_far.previous.is_none() && self.so_far.after_value;
        (self.so_far.before_previous, self.so_far.previous) = (self.so_far.previous, keyword);
    }

    /// The longest name of a table that begins here, with `(external name)` where that is one as well.
    #[inline(never)]
    fn table_name(
        &mut self,
        start: usize,
        first_end: usize,
        known: Meaning,
    ) -> Option<(u16, usize)> {
        let mut best = known.table.map(|table| (table, first_end));
        if known.starts_name {
            let mut name = NameHash::EMPTY.and(&self.text.message[start..first_end]);
            let mut end = first_end;
            for _ in 1..LONGEST_NAME {
                let mut next = end;
                while matches!(self.text.byte(next), b' ' | b'-') && next - end < 3 {
                    next += 1;
                }
                let len = self.text.bytes[next..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric())
                    .count();
                if next == end || len == 0 {
                    break;
                }
                // Digits of names follow a `V`, as in "Customers V3"; here it stands apart from them.
                self.reads_digits |= self.text.byte(next).is_ascii_digit()
                    && self.text.byte(end - 1).eq_ignore_ascii_case(&b'v');
                end = next + len;
                name = name.and(&self.text.message[next..end]);
                if let Some(table) = table_of(name) {
                    best = Some((table, end));
                }
            }
        }
        let (table, end) = best?;
        if self.text.bytes[end..].starts_with(b" (") {
            let inner = end + 2;
            let len = self.text.bytes[inner..].iter().take_while(|b| is_word_byte(**b)).count();
            if self.text.byte(inner + len) == b')'
                && meaning(word_hash(&self.text.bytes[inner..inner + len])).table.is_some()
            {
                return Some((table, inner + len + 1));
            }
        }
        Some((table, end))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let from = self.at;
        let mut at = from;
        while let Some(&byte) = self.text.bytes.get(at) {
            match CLASSES[usize::from(byte)] {
                // An escaped line end or tab of JSON is no letter.
                Class::Gap
                    if byte == b'\\' && matches!(self.text.byte(at + 1), b'n' | b'r' | b't') =>
                {
                    at += 1;
                }
                Class::Gap | Class::Hyphen => {}
                Class::Opening => {
                    if let Some((end, mask)) = self.opened_value(at, byte) {
                        return Some(self.value(from, at, end, mask));
                    }
                }
                class => {
                    if class == Class::Unicode {
                        let letter = self.text.message[at..].chars().next().unwrap_or(' ');
                        if let Some((end, mask)) = self.text.unicode_value(at, letter) {
                            return Some(self.value(from, at, end, mask));
                        }
                        if !letter.is_alphanumeric() {
                            at += letter.len_utf8();
                            continue;
                        }
                    }
                    if let Some(end) = self.announced_value(at) {
                        return Some(self.value(from, at, end, Mask::Announced));
                    }
                    return self.word(from, at);
                }
            }
            at += 1;
        }
        (self.at, self.tail) = (at, from);
        None
    }
}

const HINT: &[u8] = b" information on troubleshooting see ";
