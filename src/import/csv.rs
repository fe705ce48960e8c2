//! Delimited text (RFC 4180 and what Excel makes of it), fed in chunks of any size.
//!
//! Records that lie whole within a chunk are read in place: fields are slices of it. Only a record cut by the end of a chunk
//! is copied. Line ends are CRLF, LF or CR; blank records are passed over.
//!
//! Invariant: what comes out does not depend on how the input is cut.

use super::error::ImportError;
use super::quoting::Quoting;
use super::rows::{MAX_RECORD_BYTES, Note, RowTaker, count_lines, recycle};
use super::structure::{Delimited, Structure};
use super::text;

/// Where a field lies: in the record, or unescaped in the scratch.
#[derive(Clone, Copy, Debug)]
struct Field {
    start: usize,
    end: usize,
    unescaped: bool,
}

/// What reading a record came to.
enum Read {
    /// The place behind its line end, and whether that is a CR that an LF may follow in the next chunk.
    Whole { end: usize, open_cr: bool },
    /// The bytes end first; the place of a quote that is still open.
    Cut { quote: Option<usize> },
}

/// The push parser.
#[derive(Debug)]
pub(super) struct CsvParser {
    name: String,
    delimiter: u8,
    line: u32,
    /// The beginning of a record whose end is not there yet.
    carry: Vec<u8>,
    quoting: Quoting,
    /// The record in `carry` grew beyond the limit and is passed over; the line of its beginning.
    skipping: Option<u32>,
    skip_lf: bool,
    fields: Vec<Field>,
    /// Where the first quoted field of the record at hand opens: only from there on may it go over several lines.
    first_quote: Option<usize>,
    scratch: Vec<u8>,
    cells: Vec<&'static str>,
}

impl CsvParser {
    pub(super) fn new(name: &str, delimiter: u8) -> Self {
        Self {
            name: name.to_owned(),
            delimiter,
            line: 1,
            carry: Vec::new(),
            quoting: Quoting::new(delimiter),
            skipping: None,
            skip_lf: false,
            fields: Vec::new(),
            first_quote: None,
            scratch: Vec::new(),
            cells: Vec::new(),
        }
    }

    /// The line that is read next.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// At the beginning of a record that stands on this line.
    pub(super) fn go_to(&mut self, line: u32) {
        *self = Self { line, ..self.afresh() };
    }

    /// One at the beginning of the file.
    pub(super) fn afresh(&self) -> Self {
        Self::new(&self.name, self.delimiter)
    }

    /// Reads the next bytes.
    pub(super) fn push(
        &mut self,
        mut chunk: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        chunk = self.drop_lf(chunk);
        if !self.carry.is_empty() || self.skipping.is_some() {
            let end = self.quoting.find_end(chunk);
            self.keep(&chunk[..end.unwrap_or(chunk.len())], taker);
            let Some(end) = end else { return Ok(()) };
            if self.skipping.take().is_some() {
                self.skip_lf = chunk[end - 1] == b'\r';
                self.line = self.line.saturating_add(u32::from(chunk[end - 1] == b'\r'));
            } else {
                let record = std::mem::take(&mut self.carry);
                self.read(&record, taker)?;
                self.carry = record;
                self.carry.clear();
            }
            chunk = self.drop_lf(&chunk[end..]);
        }
        let rest = self.read(chunk, taker)?;
        if !rest.is_empty() {
            let end = self.quoting.find_end(rest);
            debug_assert_eq!(end, None, "a record left over has no end");
            self.keep(rest, taker);
        }
        Ok(())
    }

    /// Reads what is left when no more bytes come.
    pub(super) fn finish(&mut self, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        if let Some(line) = self.skipping {
            if self.quoting.is_quoted() {
                return Err(ImportError::Damaged {
                    name: self.name.clone(),
                    what: "a quoted field is never closed and more than 16 MiB follow it".into(),
                    place: format!("line {line}"),
                });
            }
            return Ok(());
        }
        let record = std::mem::take(&mut self.carry);
        let mut rest = &record[..];
        while !rest.is_empty() {
            rest = self.read(rest, taker)?;
            if rest.is_empty() {
                break;
            }
            rest = self.read_last(rest, taker)?;
        }
        Ok(())
    }

    /// Reads the records that are whole within `bytes`; the rest comes back.
    fn read<'a>(
        &mut self,
        bytes: &'a [u8],
        taker: &mut dyn RowTaker,
    ) -> Result<&'a [u8], ImportError> {
        let mut structure = Structure::new(bytes, Delimited(self.delimiter));
        let mut start = 0;
        while start < bytes.len() {
            match self.read_fields(bytes, start, &mut structure, false) {
                Read::Whole { end, open_cr } => {
                    self.emit(&bytes[start..end], taker)?;
                    self.skip_lf = open_cr;
                    start = end;
                }
                Read::Cut { .. } => return Ok(&bytes[start..]),
            }
        }
        Ok(&[])
    }

    /// Reads the last record of the file, which has no line end. Where a quote stays open only its line is lost: reading
    /// goes on behind it, and that is what comes back.
    fn read_last<'a>(
        &mut self,
        bytes: &'a [u8],
        taker: &mut dyn RowTaker,
    ) -> Result<&'a [u8], ImportError> {
        let mut structure = Structure::new(bytes, Delimited(self.delimiter));
        let Read::Cut { quote: Some(quote) } = self.read_fields(bytes, 0, &mut structure, true)
        else {
            self.emit(bytes, taker)?;
            return Ok(&[]);
        };
        let started = self.line;
        let quote_line = started.saturating_add(count_lines(&bytes[..quote]));
        let reason = format!("the quote opened on line {quote_line} is never closed");
        taker.reject(started, reason);
        let line_end = memchr::memchr2(b'\n', b'\r', &bytes[quote..]);
        let mut next = line_end.map_or(bytes.len(), |at| quote + at + 1);
        if bytes[next - 1] == b'\r' && bytes.get(next) == Some(&b'\n') {
            next += 1;
        }
        self.line = quote_line.saturating_add(1);
        Ok(&bytes[next..])
    }

    /// Finds the fields of the record that begins at `start`; their places count from there.
    fn read_fields(
        &mut self,
        bytes: &[u8],
        start: usize,
        structure: &mut Structure<'_, Delimited>,
        at_end: bool,
    ) -> Read {
        self.fields.clear();
        self.scratch.clear();
        self.first_quote = None;
        // Where nothing more comes, fields end there as well.
        let end_of_all = at_end.then_some(bytes.len());
        let mut at = start;
        loop {
            let mut field = Field { start: at - start, end: at - start, unescaped: false };
            if bytes.get(at) == Some(&b'"') {
                self.first_quote.get_or_insert(at - start);
                let opened = at;
                at += 1;
                let mut piece = at;
                loop {
                    let Some(quote) = structure.next_quote(at) else {
                        return Read::Cut { quote: Some(opened) };
                    };
                    if bytes.get(quote + 1) == Some(&b'"') {
                        if !field.unescaped {
                            field.unescaped = true;
                            field.start = self.scratch.len();
                        }
                        self.scratch.extend_from_slice(&bytes[piece..=quote]);
                        at = quote + 2;
                        piece = at;
                        continue;
                    }
                    if quote + 1 == bytes.len() && !at_end {
                        return Read::Cut { quote: Some(opened) };
                    }
                    at = quote + 1;
                    // Text behind the closing quote is kept as it stands.
                    let tail = at;
                    let Some(end) = structure.next_end(at).or(end_of_all) else {
                        return Read::Cut { quote: None };
                    };
                    at = end;
                    if field.unescaped || end > tail {
                        if !field.unescaped {
                            field.unescaped = true;
                            field.start = self.scratch.len();
                        }
                        self.scratch.extend_from_slice(&bytes[piece..quote]);
                        self.scratch.extend_from_slice(&bytes[tail..end]);
                        field.end = self.scratch.len();
                    } else {
                        (field.start, field.end) = (piece - start, quote - start);
                    }
                    break;
                }
            } else {
                let Some(end) = structure.next_end(at).or(end_of_all) else {
                    return Read::Cut { quote: None };
                };
                field.end = end - start;
                at = end;
            }
            self.fields.push(field);
            let next = bytes.get(at + 1);
            match bytes.get(at) {
                Some(b'\n') => return Read::Whole { end: at + 1, open_cr: false },
                Some(b'\r') if next == Some(&b'\n') => {
                    return Read::Whole { end: at + 2, open_cr: false };
                }
                Some(b'\r') => return Read::Whole { end: at + 1, open_cr: next.is_none() },
                Some(_) => at += 1,
                None => return Read::Whole { end: at, open_cr: false },
            }
        }
    }

    /// Hands the record on whose fields were found last.
    fn emit(&mut self, record: &[u8], taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        let line = self.line;
        self.line = line.saturating_add(match (self.first_quote, record) {
            (None, [.., b'\n' | b'\r']) => 1,
            // An LF may follow in the next chunk; the line ended here.
            (Some(quote), [.., b'\r']) => count_lines(&record[quote..]) + 1,
            // Before the first quote a line end would have ended the record.
            (Some(quote), _) => count_lines(&record[quote..]),
            (None, _) => 0,
        });
        if record.len() > MAX_RECORD_BYTES {
            taker.reject(line, TOO_LONG.to_owned());
            return Ok(());
        }
        let (Ok(whole), Ok(scratch)) =
            (simdutf8::basic::from_utf8(record), simdutf8::basic::from_utf8(&self.scratch))
        else {
            return self.emit_mended(line, record, taker);
        };
        let mut cells = recycle(std::mem::take(&mut self.cells));
        cells.extend(self.fields.iter().map(|field| {
            let source = if field.unescaped { scratch } else { whole };
            &source[field.start..field.end]
        }));
        let taken = if is_blank(&cells) { Ok(()) } else { taker.row(line, &cells) };
        self.cells = recycle(cells);
        taken
    }

    /// The slow way for records that are no UTF-8: each field that is not is read as Windows-1252.
    fn emit_mended(
        &mut self,
        line: u32,
        record: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let texts: Vec<_> = self
            .fields
            .iter()
            .map(|field| {
                let source = if field.unescaped { &self.scratch[..] } else { record };
                text::mend(&source[field.start..field.end])
            })
            .collect();
        let cells: Vec<&str> = texts.iter().map(|(text, _)| text.as_ref()).collect();
        if is_blank(&cells) {
            return Ok(());
        }
        taker.note(Note::Mended { line });
        taker.row(line, &cells)
    }

    fn drop_lf<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        if self.skip_lf && !chunk.is_empty() {
            self.skip_lf = false;
            if chunk[0] == b'\n' {
                return &chunk[1..];
            }
        }
        chunk
    }

    /// Keeps a part of a record until its end comes, or gives the record up.
    fn keep(&mut self, part: &[u8], taker: &mut dyn RowTaker) {
        if self.skipping.is_none() && self.carry.len() + part.len() <= MAX_RECORD_BYTES {
            self.carry.extend_from_slice(part);
            return;
        }
        if self.skipping.is_none() {
            taker.reject(self.line, TOO_LONG.to_owned());
            self.skipping = Some(self.line);
            self.line = self.line.saturating_add(count_lines(&self.carry));
            self.carry = Vec::new();
        }
        self.line = self.line.saturating_add(count_lines(part));
    }
}

const TOO_LONG: &str = "the record is longer than 16 MiB";

fn is_blank(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.bytes().all(|byte| byte.is_ascii_whitespace()))
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
