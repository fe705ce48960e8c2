//! The rows of a sheet, as texts.
//!
//! Cells that are missing between others are empty; rows without any text are passed over. A row's line is its number in the
//! sheet. Dates come out as `2026-01-31T08:00:00`, without zone, to the millisecond where there is one.

use std::fmt::Write as _;

use chrono::{DateTime, Timelike as _};

use super::super::error::ImportError;
use super::super::rows::{MAX_RECORD_BYTES, RowTaker, recycle};
use super::super::times;
use super::package::Package;
use super::strings::{SharedStrings, read_text, resolve_escapes};
use super::styles::Styles;
use super::xml::{Event, XmlReader};

/// The width of a sheet (XFD).
const MAX_COLUMNS: usize = 16_384;

/// Days between the epochs of 1900 and 1904.
const DAYS_TO_1904: f64 = 1_462.0;

#[derive(Clone, Copy, Debug, Default)]
enum Text {
    #[default]
    Nothing,
    Shared(usize),
    Own(usize, usize),
}

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

/// Reads one sheet.
pub(super) struct SheetReader<'a> {
    strings: &'a SharedStrings,
    styles: &'a Styles,
    epoch_1904: bool,
    texts: Vec<Text>,
    own: String,
    value: String,
    cells: Vec<&'static str>,
}

impl<'a> SheetReader<'a> {
    pub(super) fn new(strings: &'a SharedStrings, styles: &'a Styles, epoch_1904: bool) -> Self {
        Self {
            strings,
            styles,
            epoch_1904,
            texts: Vec::new(),
            own: String::new(),
            value: String::new(),
            cells: Vec::new(),
        }
    }

    /// Hands the rows on until there are no more, or no more are wanted.
    pub(super) fn read(
        &mut self,
        package: &Package<'_>,
        part: &str,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let mut reader = package.xml(part)?;
        let mut row = 0_u32;
        let mut in_data = false;
        loop {
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
                    "sheetData" => in_data = !element.is_empty,
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
                        element.each_raw(|key, value| match key {
                            "r" => found.column = column_of(value).unwrap_or(found.column),
                            "s" => found.style = value.parse().unwrap_or(0),
                            "t" => {
                                found.kind = match value {
                                    "s" => Kind::Shared,
                                    "inlineStr" => Kind::Inline,
                                    "b" => Kind::Boolean,
                                    "str" | "e" | "d" => Kind::Plain,
                                    _ => Kind::Number,
                                }
                            }
                            _ => {}
                        });
                        cell = Some((found, element.is_empty));
                    }
                    _ => {}
                },
                Some(Event::End("row")) if in_data => {
                    self.emit(row, taker)?;
                    if taker.is_full() {
                        return Ok(());
                    }
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
                if self.texts.len() <= found.column {
                    self.texts.resize(found.column + 1, Text::Nothing);
                }
                self.texts[found.column] = text;
            }
        }
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
                Some(Event::Text(text)) if in_value => self.value.push_str(text),
                Some(_) => {}
            }
            if is_rich {
                read_text(reader, "is", &mut self.own)?;
            }
        }
        match cell.kind {
            _ if self.value.is_empty() => {}
            Kind::Shared => {
                let at = self.value.trim().parse::<usize>().ok();
                return match at.filter(|&at| self.strings.get(at).is_some()) {
                    Some(at) => Ok(Text::Shared(at)),
                    None => Err(reader.damaged("a cell names a shared string that does not exist")),
                };
            }
            Kind::Inline => self.own.push_str(&self.value),
            Kind::Plain => {
                self.own.push_str(&self.value);
                resolve_escapes(&mut self.own, start);
            }
            Kind::Boolean => {
                self.own.push_str(if self.value.trim() == "1" { "TRUE" } else { "FALSE" });
            }
            Kind::Number if self.styles.is_date(cell.style) => {
                push_date(self.value.trim(), self.epoch_1904, &mut self.own);
            }
            Kind::Number => push_number(self.value.trim(), &mut self.own),
        }
        Ok(Text::Own(start, self.own.len()))
    }

    fn emit(&mut self, row: u32, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        let mut cells = recycle(std::mem::take(&mut self.cells));
        cells.extend(self.texts.iter().map(|text| match *text {
            Text::Nothing => "",
            Text::Shared(at) => self.strings.get(at).unwrap_or_default(),
            Text::Own(start, end) => &self.own[start..end],
        }));
        let taken = if cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            Ok(())
        } else if cells.iter().map(|cell| cell.len()).sum::<usize>() > MAX_RECORD_BYTES {
            taker.reject(row, "the record is longer than 16 MiB".to_owned());
            Ok(())
        } else {
            // Formatted but empty cells at the end say nothing.
            let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
            taker.row(row, &cells[..filled])
        };
        self.cells = recycle(cells);
        taken
    }
}

/// The column of a reference such as `AB12`, from 0.
fn column_of(reference: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in reference.bytes().take_while(u8::is_ascii_alphabetic).take(4) {
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    column.checked_sub(1)
}

/// A number as people write it: long integers without exponent or fraction where that is exact.
fn push_number(raw: &str, out: &mut String) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        out.push_str(raw);
        return;
    }
    match raw.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() <= EXACT => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", value as i64);
        }
        Ok(value) if value.is_finite() && value.abs() < 1e15 && value.abs() >= 1e-5 => {
            let _ = write!(out, "{value}");
        }
        _ => out.push_str(raw),
    }
}

/// A serial number as local date and time; a time of day where there is no day.
fn push_date(raw: &str, epoch_1904: bool, out: &mut String) {
    let Ok(mut days) = raw.parse::<f64>() else {
        out.push_str(raw);
        return;
    };
    if epoch_1904 {
        days += DAYS_TO_1904;
    }
    let time = (0.0..3_000_000.0)
        .contains(&days)
        .then(|| DateTime::from_timestamp_millis(times::serial(days)))
        .flatten();
    let Some(time) = time else {
        out.push_str(raw);
        return;
    };
    let form = match (days < 1.0, time.nanosecond()) {
        (true, _) => "%H:%M:%S",
        (false, 0) => "%Y-%m-%dT%H:%M:%S",
        (false, _) => "%Y-%m-%dT%H:%M:%S%.3f",
    };
    let _ = write!(out, "{}", time.format(form));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_columns() {
        for (reference, column) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA1", Some(26)),
            ("XFD1", Some(16_383)),
            ("1", None),
        ] {
            assert_eq!(column_of(reference), column, "{reference}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (raw, shown) in [
            ("5637144576", "5637144576"),
            ("5.637144576E9", "5637144576"),
            ("5637144576.0", "5637144576"),
            ("-2147220970", "-2147220970"),
            ("0.1", "0.1"),
            ("1.2345678901234567E+17", "1.2345678901234567E+17"),
            ("12345678901234567890", "12345678901234567890"),
            ("nonsense", "nonsense"),
        ] {
            let mut out = String::new();
            push_number(raw, &mut out);
            assert_eq!(out, shown);
        }
    }

    #[test]
    fn serials_become_dates_in_both_epochs() {
        for (raw, epoch_1904, shown) in [
            ("46082.333333333336", false, "2026-03-01T08:00:00"),
            ("44620.333333333336", true, "2026-03-01T08:00:00"),
            ("46082.33333478009", false, "2026-03-01T08:00:00.125"),
            ("59", false, "1900-02-28T00:00:00"),
            ("61", false, "1900-03-01T00:00:00"),
            ("0.5", false, "12:00:00"),
            ("-5", false, "-5"),
            ("1e300", false, "1e300"),
        ] {
            let mut out = String::new();
            push_date(raw, epoch_1904, &mut out);
            assert_eq!(out, shown, "{raw}");
        }
    }
}
