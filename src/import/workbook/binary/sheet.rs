//! The rows of a binary sheet: the same texts that a sheet of XML with these cells would give.

use super::super::super::error::ImportError;
use super::super::super::rows::RowTaker;
use super::super::row::{MAX_COLUMNS, Text, emit, place};
use super::super::strings::SharedStrings;
use super::super::styles::Styles;
use super::super::values::{push_date, push_number, written};
use super::Fault;
use super::records::{BEGIN, END, Fields, Record, Records};

const FORMULA: u16 = 0x0006;
const MANY_NUMBERS: u16 = 0x00BD;
const RICH_STRING: u16 = 0x00D6;
const SHARED_STRING: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOLEAN: u16 = 0x0205;
const STRING_OF_FORMULA: u16 = 0x0207;
const SHORT_NUMBER: u16 = 0x027E;

/// What the sheets of a workbook share.
pub(super) struct Shared<'a> {
    pub(super) strings: &'a SharedStrings,
    pub(super) styles: &'a Styles,
    pub(super) epoch_1904: bool,
}

/// Why a sheet cannot be read to its end.
pub(super) enum Stop {
    Fault(Fault),
    Taker(ImportError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

const CUT: Fault = Fault::Damaged("a cell is cut");

/// Reads one sheet.
pub(super) struct SheetReader<'a> {
    shared: &'a Shared<'a>,
    /// Number of the row at hand, from 0; cells of a row stand together.
    row: Option<u16>,
    texts: Vec<Text>,
    own: String,
    room: Vec<&'static str>,
    /// The cell whose formula gave a text, which comes in a record of its own.
    awaiting: Option<(u16, usize)>,
}

impl<'a> SheetReader<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            row: None,
            texts: Vec::new(),
            own: String::new(),
            room: Vec::new(),
            awaiting: None,
        }
    }

    /// Hands the rows on until there are no more, or no more are wanted.
    pub(super) fn read(
        mut self,
        mut records: Records<'_>,
        taker: &mut dyn RowTaker,
    ) -> Result<(), Stop> {
        // A sheet begins and ends like a chart within it.
        let mut depth = 0_u32;
        while let Some(record) = records.next()? {
            match record.kind {
                BEGIN => depth = depth.saturating_add(1),
                END if depth <= 1 => return self.emit(taker),
                END => depth -= 1,
                _ if depth > 1 => {}
                _ => {
                    self.take(record, &mut records, taker)?;
                    if taker.is_full() {
                        return Ok(());
                    }
                }
            }
        }
        Err(Fault::Damaged("a sheet ends before it is complete").into())
    }

    fn take(
        &mut self,
        record: Record<'_>,
        records: &mut Records<'_>,
        taker: &mut dyn RowTaker,
    ) -> Result<(), Stop> {
        if record.kind == STRING_OF_FORMULA {
            let Some((row, column)) = self.awaiting.take() else { return Ok(()) };
            let mut fields = Fields::of(record.body, records.continued()?);
            return self.add_text(row, column, &mut fields, taker);
        }
        if !matches!(
            record.kind,
            FORMULA
                | MANY_NUMBERS
                | RICH_STRING
                | SHARED_STRING
                | NUMBER
                | LABEL
                | BOOLEAN
                | SHORT_NUMBER
        ) {
            return Ok(());
        }
        let behind = match record.kind {
            RICH_STRING | LABEL => records.continued()?,
            _ => Vec::new(),
        };
        let mut fields = Fields::of(record.body, behind);
        let (row, column) = (fields.u16().ok_or(CUT)?, usize::from(fields.u16().ok_or(CUT)?));
        if record.kind == MANY_NUMBERS {
            // The last two bytes are the last column.
            let count = record.body.len().saturating_sub(6) / 6;
            for column in column..column + count {
                let style = fields.u16().ok_or(CUT)?;
                let number = short_number(fields.u32().ok_or(CUT)?);
                self.add_number(row, column, style, number, taker)?;
            }
            return Ok(());
        }
        let style = fields.u16().ok_or(CUT)?;
        match record.kind {
            SHARED_STRING => {
                let at = fields.u32().ok_or(CUT)? as usize;
                if self.shared.strings.get(at).is_none() {
                    let what = "a cell names a shared string that does not exist";
                    return Err(Fault::Damaged(what).into());
                }
                self.add(row, column, taker, |_| Text::Shared(at))
            }
            RICH_STRING | LABEL => self.add_text(row, column, &mut fields, taker),
            NUMBER => {
                let number = fields.f64().ok_or(CUT)?;
                self.add_number(row, column, style, number, taker)
            }
            SHORT_NUMBER => {
                let number = short_number(fields.u32().ok_or(CUT)?);
                self.add_number(row, column, style, number, taker)
            }
            BOOLEAN => {
                let [value, is_error] = fields.bytes().ok_or(CUT)?;
                let word = if is_error == 0 { boolean(value) } else { error(value) };
                self.add_word(row, column, word, taker)
            }
            // A formula.
            _ => match fields.bytes::<8>().ok_or(CUT)? {
                [0, .., 0xFF, 0xFF] => {
                    self.awaiting = Some((row, column));
                    Ok(())
                }
                [1, _, value, .., 0xFF, 0xFF] => self.add_word(row, column, boolean(value), taker),
                [2, _, value, .., 0xFF, 0xFF] => self.add_word(row, column, error(value), taker),
                [.., 0xFF, 0xFF] => Ok(()),
                number => self.add_number(row, column, style, f64::from_le_bytes(number), taker),
            },
        }
    }

    fn add_text(
        &mut self,
        row: u16,
        column: usize,
        fields: &mut Fields<'_>,
        taker: &mut dyn RowTaker,
    ) -> Result<(), Stop> {
        // Where no more rows are wanted, the text is not read at all.
        let mut is_cut = false;
        self.add(row, column, taker, |own| {
            let start = own.len();
            is_cut = fields.text(own).is_none();
            Text::Own(start, own.len())
        })?;
        if is_cut { Err(CUT.into()) } else { Ok(()) }
    }

    fn add_word(
        &mut self,
        row: u16,
        column: usize,
        word: &str,
        taker: &mut dyn RowTaker,
    ) -> Result<(), Stop> {
        self.add(row, column, taker, |own| {
            let start = own.len();
            own.push_str(word);
            Text::Own(start, own.len())
        })
    }

    fn add_number(
        &mut self,
        row: u16,
        column: usize,
        style: u16,
        number: f64,
        taker: &mut dyn RowTaker,
    ) -> Result<(), Stop> {
        let Shared { styles, epoch_1904, .. } = *self.shared;
        self.add(row, column, taker, |own| {
            let start = own.len();
            let number = written(number);
            match styles.is_date(style.into()) {
                true => push_date(&number, epoch_1904, own),
                false => push_number(&number, own),
            }
            Text::Own(start, own.len())
        })
    }

    /// Adds a cell; the first one of a row hands on the row before.
    fn add(
        &mut self,
        row: u16,
        column: usize,
        taker: &mut dyn RowTaker,
        make: impl FnOnce(&mut String) -> Text,
    ) -> Result<(), Stop> {
        if column >= MAX_COLUMNS {
            return Err(Fault::Damaged("a cell lies beyond the last column of a sheet").into());
        }
        match self.row {
            Some(before) if row < before => {
                return Err(Fault::Damaged("its rows are not in their order").into());
            }
            Some(before) if row == before => {}
            _ => {
                self.emit(taker)?;
                if taker.is_full() {
                    return Ok(());
                }
                self.row = Some(row);
            }
        }
        let text = make(&mut self.own);
        place(&mut self.texts, column, text);
        Ok(())
    }

    fn emit(&mut self, taker: &mut dyn RowTaker) -> Result<(), Stop> {
        let Some(row) = self.row else { return Ok(()) };
        let Self { shared, texts, own, room, .. } = self;
        let line = u32::from(row) + 1;
        let emitted = emit(texts, own, shared.strings, room, line, taker);
        texts.clear();
        own.clear();
        emitted.map_err(Stop::Taker)
    }
}

/// A number in four bytes: the upper half of a float, or an integer, either of them times a hundred.
fn short_number(bits: u32) -> f64 {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

const fn boolean(value: u8) -> &'static str {
    if value == 0 { "FALSE" } else { "TRUE" }
}

const fn error(value: u8) -> &'static str {
    match value {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::survey::Survey;
    use super::*;

    #[test]
    fn short_numbers_are_of_four_kinds() {
        for (bits, number) in [
            (0x3FF0_0000, 1.0),
            (0x3FF0_0001, 0.01),
            (123_456 << 2 | 2, 123_456.0),
            (123_456 << 2 | 3, 1_234.56),
            ((-5_i32).cast_unsigned() << 2 | 2, -5.0),
        ] {
            assert_eq!(short_number(bits), number);
        }
    }

    /// A sheet with so many rows of one text each, written as a cell or as what a formula gave.
    fn sheet(rows: u16, by_formula: bool) -> Vec<u8> {
        let mut stream = Vec::new();
        let mut record = |kind: u16, body: &[u8]| {
            stream.extend(kind.to_le_bytes());
            stream.extend((body.len() as u16).to_le_bytes());
            stream.extend(body);
        };
        record(BEGIN, &[]);
        for row in 0..rows {
            let mut cell = row.to_le_bytes().to_vec();
            cell.extend([0; 4]);
            if by_formula {
                cell.extend([0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
                record(FORMULA, &cell);
                record(STRING_OF_FORMULA, b"\x04\0\0text");
            } else {
                cell.extend(b"\x04\0\0text");
                record(LABEL, &cell);
            }
        }
        record(END, &[]);
        stream
    }

    #[test]
    fn a_cell_behind_the_rows_that_are_wanted_is_not_cut() {
        let (strings, styles) = (SharedStrings::default(), Styles::default());
        let shared = Shared { strings: &strings, styles: &styles, epoch_1904: false };
        for by_formula in [false, true] {
            for rows in [1_000, 1_001, 1_005] {
                let (stream, mut survey) = (sheet(rows, by_formula), Survey::default());
                let read = SheetReader::new(&shared).read(Records { rest: &stream }, &mut survey);
                assert!(read.is_ok(), "{rows} rows, {by_formula}");
                assert_eq!(survey.rows.len(), 1_000);
                assert!(survey.rows.iter().all(|(_, cells)| cells == &["text"]));
            }
        }
    }
}
