//! The rows of a sheet, as texts.
//!
//! Cells that are missing between others are empty; rows without any text are passed over. A row's line is its number in the
//! sheet. Dates come out as `2026-01-31T08:00:00`, without zone, to the millisecond where there is one.

use super::super::error::ImportError;
use super::super::rows::{MAX_RECORD_BYTES, RowTaker};
use super::package::Package;
use super::plain::{self, Plain};
use super::row::{MAX_COLUMNS, Text, emit, place};
use super::strings::{SharedStrings, read_text, resolve_escapes};
use super::styles::Styles;
use super::values::{column_of, push_date, push_number};
use super::xml::{Event, XmlReader};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Inline,
    Boolean,
    /// Text of a formula, an error, an ISO date: as it stands.
    Plain,
}

struct Cell {
    column: usize,
    kind: Kind,
    style: usize,
}

impl Cell {
    /// Takes up an attribute.
    fn note(&mut self, key: &str, value: &str) {
        match key {
            "r" => self.column = column_of(value).unwrap_or(self.column),
            "s" => self.style = value.parse().unwrap_or(0),
            "t" => {
                self.kind = match value {
                    "s" => Kind::Shared,
                    "inlineStr" => Kind::Inline,
                    "b" => Kind::Boolean,
                    "str" | "e" | "d" => Kind::Plain,
                    _ => Kind::Number,
                }
            }
            _ => {}
        }
    }
}

/// After so many unusual elements, one after the other, no usual one is expected: looking for them has its price.
pub(super) const MOST_UNUSUAL: u32 = 100;

/// Texts of one row.
const MOST_ROW_BYTES: usize = 4 * MAX_RECORD_BYTES;

/// Reads one sheet.
pub(super) struct SheetReader<'a> {
    strings: &'a SharedStrings,
    styles: &'a Styles,
    epoch_1904: bool,
    texts: Vec<Text>,
    own: String,
    other_texts: Vec<Text>,
    other_own: String,
    value: String,
    cells: Vec<&'static str>,
    /// Unusual rows since the last usual one.
    unusual: u32,
}

impl<'a> SheetReader<'a> {
    pub(super) fn new(strings: &'a SharedStrings, styles: &'a Styles, epoch_1904: bool) -> Self {
        Self {
            strings,
            styles,
            epoch_1904,
            texts: Vec::new(),
            own: String::new(),
            other_texts: Vec::new(),
            other_own: String::new(),
            value: String::new(),
            cells: Vec::new(),
            unusual: 0,
        }
    }

    /// Hands the rows on until there are no more, or no more are wanted.
    pub(super) fn read(
        &mut self,
        package: &Package<'_>,
        part: &str,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        self.read_rows(package.xml(part)?, taker)
    }

    fn read_rows(
        &mut self,
        mut reader: XmlReader<'_>,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let mut row = 0_u32;
        let mut in_data = false;
        let mut between_rows = false;
        loop {
            if between_rows {
                between_rows = false;
                if self.read_plain_rows(&mut reader, &mut row, taker)? {
                    return Ok(());
                }
            }
            let mut cell = None;
            match reader.next()? {
                None => {
                    // Every sheet has its data, if only empty.
                    return if in_data {
                        Err(reader.damaged("it ends within the rows"))
                    } else {
                        Ok(())
                    };
                }
                Some(Event::Start(element)) => match element.name() {
                    "sheetData" => {
                        in_data = !element.is_empty;
                        between_rows = in_data;
                    }
                    "row" if in_data => {
                        row = row.saturating_add(1);
                        element.each_raw(|key, value| {
                            if key == "r"
                                && let Ok(number) = value.parse::<u32>()
                            {
                                row = number;
                            }
                        });
                        self.texts.clear();
                        self.own.clear();
                    }
                    "c" if in_data => {
                        let mut found =
                            Cell { column: self.texts.len(), kind: Kind::Number, style: 0 };
                        element.each_raw(|key, value| found.note(key, value));
                        cell = Some((found, element.is_empty));
                    }
                    _ => {}
                },
                Some(Event::End("row")) if in_data => {
                    self.emit(row, taker)?;
                    if taker.is_full() {
                        return Ok(());
                    }
                    between_rows = true;
                }
                // Reading goes on to the end, where the checksum is compared.
                Some(Event::End("sheetData")) => in_data = false,
                Some(_) => {}
            }
            if let Some((found, is_empty)) = cell {
                if found.column >= MAX_COLUMNS {
                    return Err(reader.damaged("a cell lies beyond the last column of a sheet"));
                }
                let text =
                    if is_empty { Text::Nothing } else { self.read_cell(&mut reader, &found)? };
                // Such a row is rejected as a whole; one that has no end would fill the memory.
                if self.own.len() > MOST_ROW_BYTES {
                    return Err(reader.damaged("a row is longer than 64 MiB"));
                }
                place(&mut self.texts, found.column, text);
            }
        }
    }

    /// Reads rows in their usual form, as far as they lie ahead. Whether no more are wanted.
    fn read_plain_rows(
        &mut self,
        reader: &mut XmlReader<'_>,
        row: &mut u32,
        taker: &mut dyn RowTaker,
    ) -> Result<bool, ImportError> {
        while self.unusual < MOST_UNUSUAL {
            // Until it is known that this one is not: also where no row ends in what lies ahead.
            self.unusual += 1;
            let Some((element, len)) = plain::element(reader.ahead(), &plain::ROW_END) else {
                break;
            };
            self.change_row();
            self.texts.clear();
            self.own.clear();
            let Some(number) = self.read_plain_row(element, *row) else {
                self.change_row();
                break;
            };
            self.unusual = 0;
            reader.pass(len);
            *row = number;
            self.emit(number, taker)?;
            if taker.is_full() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Between the row read last, which malformed sheets may go on with, and room for the next.
    fn change_row(&mut self) {
        std::mem::swap(&mut self.texts, &mut self.other_texts);
        std::mem::swap(&mut self.own, &mut self.other_own);
    }

    /// The number of a row whose cells are read; `None` where anything of it is unusual.
    fn read_plain_row(&mut self, mut rest: Plain<'_>, before: u32) -> Option<u32> {
        let mut row = before.saturating_add(1);
        if !rest.takes("<row") {
            return None;
        }
        let is_empty = rest.attributes(|key, value| {
            if key == "r"
                && let Ok(number) = value.parse::<u32>()
            {
                row = number;
            }
        })?;
        if is_empty {
            return None;
        }
        loop {
            rest.skip_blanks();
            if !rest.takes("<c") {
                return (rest.takes("</row>") && rest.is_at_end()).then_some(row);
            }
            let mut cell = Cell { column: self.texts.len(), kind: Kind::Number, style: 0 };
            let is_empty = rest.attributes(|key, value| cell.note(key, value))?;
            if cell.column >= MAX_COLUMNS {
                return None;
            }
            let text = if is_empty { Text::Nothing } else { self.plain_text(&mut rest, &cell)? };
            place(&mut self.texts, cell.column, text);
        }
    }

    fn plain_text(&mut self, rest: &mut Plain<'_>, cell: &Cell) -> Option<Text> {
        let start = self.own.len();
        let mut value = "";
        if rest.takes("<v>") {
            value = rest.text()?;
            if !rest.takes("</v>") {
                return None;
            }
        } else if rest.takes("<is>") {
            rest.rich_text(&mut self.own)?;
            resolve_escapes(&mut self.own, start);
            if !rest.takes("</is>") {
                return None;
            }
        }
        if !rest.takes("</c>") {
            return None;
        }
        if memchr::memchr(b'&', value.as_bytes()).is_none() {
            return self.text_of(cell, value, start);
        }
        let mut resolved = std::mem::take(&mut self.value);
        resolved.clear();
        let text = plain::push_text(value, &mut resolved)
            .and_then(|()| self.text_of(cell, &resolved, start));
        self.value = resolved;
        text
    }

    /// Reads what is in a cell, up to its end.
    fn read_cell(&mut self, reader: &mut XmlReader<'_>, cell: &Cell) -> Result<Text, ImportError> {
        let start = self.own.len();
        self.value.clear();
        let mut in_value = false;
        loop {
            let mut is_rich = false;
            match reader.next()? {
                None => return Err(reader.damaged("it ends within a cell")),
                Some(Event::Start(element)) if !element.is_empty => match element.name() {
                    "v" => in_value = true,
                    "is" => is_rich = true,
                    _ => {}
                },
                Some(Event::End("v")) => in_value = false,
                Some(Event::End("c")) => break,
                Some(Event::Text(text)) if in_value => {
                    self.value.push_str(text);
                    if self.value.len() > MOST_ROW_BYTES {
                        return Err(reader.damaged("a cell is longer than 64 MiB"));
                    }
                }
                Some(_) => {}
            }
            if is_rich {
                read_text(reader, "is", &mut self.own)?;
            }
        }
        let value = std::mem::take(&mut self.value);
        let text = self.text_of(cell, &value, start);
        self.value = value;
        text.ok_or_else(|| reader.damaged("a cell names a shared string that does not exist"))
    }

    /// What a cell of this value shows, behind what was added from `start` on; `None` where it names a string that is not there.
    fn text_of(&mut self, cell: &Cell, value: &str, start: usize) -> Option<Text> {
        match cell.kind {
            _ if value.is_empty() => {}
            Kind::Shared => {
                let at = value.trim().parse::<usize>().ok()?;
                return self.strings.get(at).map(|_| Text::Shared(at));
            }
            Kind::Inline => self.own.push_str(value),
            Kind::Plain => {
                self.own.push_str(value);
                resolve_escapes(&mut self.own, start);
            }
            Kind::Boolean => self.own.push_str(if value.trim() == "1" { "TRUE" } else { "FALSE" }),
            Kind::Number if self.styles.is_date(cell.style) => {
                push_date(value.trim(), self.epoch_1904, &mut self.own);
            }
            Kind::Number => push_number(value.trim(), &mut self.own),
        }
        Some(Text::Own(start, self.own.len()))
    }

    fn emit(&mut self, row: u32, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        emit(&self.texts, &self.own, self.strings, &mut self.cells, row, taker)
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
