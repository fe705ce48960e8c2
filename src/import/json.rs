//! JSON dumps, fed in chunks of any size: arrays, OData pages, single objects, and JSON lines.
//!
//! The container is walked here byte by byte; each row's object is cut out and read by [`JsonRows`].
//!
//! Invariant: what comes out does not depend on how the input is cut; a container that ends early is an error, never a
//! shorter list of rows.

use super::error::ImportError;
use super::json_rows::JsonRows;
use super::rows::{MAX_RECORD_BYTES, Note, RowTaker, count_lines};

/// How the rows lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonShape {
    /// `[{…},{…}]`
    Array,
    /// `{"value":[{…}]}`, one page or several.
    ODataPage,
    /// One object, or several one after the other over many lines.
    Objects,
    /// One object a line.
    Lines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a value at the top of the file.
    Top,
    /// Within the array of rows.
    Item {
        first: bool,
    },
    AfterItem,
    /// Within the outer object.
    Key {
        first: bool,
    },
    AfterKey,
    Member,
    AfterMember,
}

/// What a value being cut out is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Row,
    Key,
    Member,
}

/// A value being cut out of the stream.
#[derive(Clone, Copy, Debug)]
struct Cutting {
    target: Target,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// A number or word: it ends before the next delimiter.
    bare: bool,
    too_long: bool,
}

/// The push parser.
#[derive(Clone, Debug)]
pub(super) struct JsonParser {
    name: String,
    shape: JsonShape,
    state: State,
    line: u32,
    cutting: Option<Cutting>,
    /// The beginning of a value, or of a line, that a chunk cuts.
    carry: Vec<u8>,
    key: Vec<u8>,
    rows: JsonRows,
}

impl JsonParser {
    pub(super) fn new(name: &str, shape: JsonShape) -> Self {
        Self {
            name: name.to_owned(),
            shape,
            state: State::Top,
            line: 1,
            cutting: None,
            carry: Vec::new(),
            key: Vec::new(),
            rows: JsonRows::default(),
        }
    }

    /// The line that is read next.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// At the beginning of a record that stands on this line. Columns stay known.
    pub(super) fn go_to(&mut self, line: u32) {
        let rows = std::mem::take(&mut self.rows);
        *self = Self { line, rows, ..Self::new(&self.name, self.shape) };
    }

    /// Members met so far, whether they became columns or not.
    pub(super) fn names(&self) -> usize {
        self.rows.names()
    }

    /// Reads the next bytes.
    pub(super) fn push(
        &mut self,
        chunk: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        if self.shape == JsonShape::Lines {
            return self.push_lines(chunk, taker);
        }
        let mut at = 0;
        while at < chunk.len() {
            if let Some(mut cutting) = self.cutting {
                let end = cutting.find_end(&chunk[at..]).map(|end| at + end);
                let piece = &chunk[at..end.unwrap_or(chunk.len())];
                if self.carry.len() + piece.len() > MAX_RECORD_BYTES {
                    self.give_up(&mut cutting, taker)?;
                }
                let Some(end) = end else {
                    if cutting.too_long {
                        self.line = self.line.saturating_add(count_lines(piece));
                    } else {
                        self.carry.extend_from_slice(piece);
                    }
                    self.cutting = Some(cutting);
                    return Ok(());
                };
                at = end;
                self.cutting = None;
                if cutting.too_long {
                    self.line = self.line.saturating_add(count_lines(piece));
                } else if self.carry.is_empty() {
                    self.value(cutting.target, piece, taker)?;
                } else {
                    let mut value = std::mem::take(&mut self.carry);
                    value.extend_from_slice(piece);
                    self.value(cutting.target, &value, taker)?;
                    value.clear();
                    self.carry = value;
                }
                continue;
            }
            let byte = chunk[at];
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    at += 1;
                }
                b' ' | b'\t' | b'\r' => at += 1,
                _ => {
                    let is_page = self.shape == JsonShape::ODataPage && self.state == State::Top;
                    at += usize::from(self.step(byte)?);
                    if is_page {
                        taker.note(Note::Page);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads what is left when no more bytes come.
    pub(super) fn finish(&mut self, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        if self.shape == JsonShape::Lines {
            let line = std::mem::take(&mut self.carry);
            if self.cutting.take().is_none() {
                self.rows.read(&line, self.line, taker)?;
            }
            return Ok(());
        }
        if let Some(cutting) = self.cutting
            && cutting.bare
            && self.state == State::Top
        {
            self.cutting = None;
            let value = std::mem::take(&mut self.carry);
            return self.value(cutting.target, &value, taker);
        }
        if self.cutting.is_some() || self.state != State::Top {
            self.line = self.line.saturating_add(count_lines(&self.carry));
            return Err(self.damaged("the JSON ends before it is complete"));
        }
        Ok(())
    }

    /// Takes a byte that is no blank, outside values. `true` if it is used up.
    fn step(&mut self, byte: u8) -> Result<bool, ImportError> {
        let mut used = true;
        self.state = match (self.state, byte) {
            (State::Top, b'[') if self.shape == JsonShape::Array => State::Item { first: true },
            (State::Top, b'{') if self.shape == JsonShape::ODataPage => State::Key { first: true },
            (State::Top, b',' | b']' | b'}' | b':') => return Err(self.unexpected(byte)),
            (State::Top, _) if self.shape == JsonShape::Objects => {
                used = false;
                self.cut(Target::Row, byte);
                State::Top
            }
            (State::Item { first: true } | State::AfterItem, b']') => self.after_rows(),
            (State::Item { .. }, b',' | b']' | b'}' | b':') => return Err(self.unexpected(byte)),
            (State::Item { .. }, _) => {
                used = false;
                self.cut(Target::Row, byte);
                State::AfterItem
            }
            (State::AfterItem, b',') => State::Item { first: false },
            (State::Key { first: true } | State::AfterMember, b'}') => State::Top,
            (State::Key { .. }, b'"') => {
                used = false;
                self.cut(Target::Key, byte);
                State::AfterKey
            }
            (State::AfterKey, b':') => State::Member,
            (State::Member, b'[') if self.key == b"\"value\"" => State::Item { first: true },
            (State::Member, b',' | b']' | b'}' | b':') => return Err(self.unexpected(byte)),
            (State::Member, _) => {
                used = false;
                self.cut(Target::Member, byte);
                State::AfterMember
            }
            (State::AfterMember, b',') => State::Key { first: false },
            _ => return Err(self.unexpected(byte)),
        };
        Ok(used)
    }

    fn after_rows(&self) -> State {
        if self.shape == JsonShape::ODataPage { State::AfterMember } else { State::Top }
    }

    fn cut(&mut self, target: Target, first: u8) {
        let bare = !matches!(first, b'{' | b'[' | b'"');
        self.cutting = Some(Cutting {
            target,
            depth: 0,
            in_string: false,
            escaped: false,
            bare,
            too_long: false,
        });
    }

    fn give_up(
        &mut self,
        cutting: &mut Cutting,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        if cutting.too_long {
            return Ok(());
        }
        if cutting.target != Target::Row {
            return Err(self.damaged("a value outside the rows is longer than 16 MiB"));
        }
        taker.reject(self.line, "the record is longer than 16 MiB".to_owned());
        self.line = self.line.saturating_add(count_lines(&self.carry));
        self.carry = Vec::new();
        cutting.too_long = true;
        Ok(())
    }

    /// Takes a whole value.
    fn value(
        &mut self,
        target: Target,
        value: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        match target {
            Target::Key => {
                self.key.clear();
                self.key.extend_from_slice(value);
            }
            Target::Member => {
                let next = [&b"\"@odata.nextLink\""[..], b"\"odata.nextLink\""];
                if next.contains(&&self.key[..]) && value.len() > 2 && value[0] == b'"' {
                    taker.note(Note::NextPage);
                }
            }
            Target::Row => self.rows.read(value, self.line, taker)?,
        }
        self.line = self.line.saturating_add(count_lines(value));
        Ok(())
    }

    fn push_lines(
        &mut self,
        mut chunk: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            let piece = &chunk[..end];
            if self.cutting.take().is_some() {
                // The line was given up; its rest goes unread.
            } else if self.carry.len() + piece.len() > MAX_RECORD_BYTES {
                self.carry = Vec::new();
                taker.reject(self.line, "the record is longer than 16 MiB".to_owned());
            } else if self.carry.is_empty() {
                self.rows.read(piece, self.line, taker)?;
            } else {
                self.carry.extend_from_slice(piece);
                let mut line = std::mem::take(&mut self.carry);
                self.rows.read(&line, self.line, taker)?;
                line.clear();
                self.carry = line;
            }
            self.line = self.line.saturating_add(1);
            chunk = &chunk[end + 1..];
        }
        if self.cutting.is_none() && self.carry.len() + chunk.len() > MAX_RECORD_BYTES {
            self.carry = Vec::new();
            taker.reject(self.line, "the record is longer than 16 MiB".to_owned());
            self.cut(Target::Row, b'{');
        }
        if self.cutting.is_none() {
            self.carry.extend_from_slice(chunk);
        }
        Ok(())
    }

    fn unexpected(&self, byte: u8) -> ImportError {
        let shown = char::from(byte);
        self.damaged(&format!("'{}' stands where JSON does not allow it", shown.escape_default()))
    }

    fn damaged(&self, what: &str) -> ImportError {
        ImportError::Damaged {
            name: self.name.clone(),
            what: what.to_owned(),
            place: format!("line {}", self.line),
        }
    }
}

impl Cutting {
    /// The place behind the value's end, if it is in these bytes.
    fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.bare {
            return bytes.iter().position(|byte| b",]}: \t\r\n".contains(byte));
        }
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
                if bytes[at] == b'\\' {
                    self.escaped = true;
                } else {
                    self.in_string = false;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                at += 1;
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
