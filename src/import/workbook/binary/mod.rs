//! Binary workbooks of Excel 97 to 2003 (.xls): a stream of records within a compound file.
//!
//! Source: [MS-XLS] (BIFF8). Read are sheets, shared strings, the formats that tell dates, and cells with the values that
//! formulas had when the file was saved.
//!
//! Deliberately absent: formulas themselves, charts, earlier versions (their texts are in code pages), passwords.
//!
//! Invariant: rows are those that the same sheet saved as .xlsx gives.

mod container;
mod records;
mod sheet;

use hashbrown::HashMap;

use super::super::error::ImportError;
use super::super::rows::RowTaker;
use super::Sheet;
use super::strings::SharedStrings;
use super::styles::Styles;
use container::Container;
pub(in crate::import) use container::SIGNATURE;
use records::{BEGIN, END, Fields, Record, Records};
use sheet::{Shared, SheetReader, Stop};

const DATE_MODE: u16 = 0x0022;
const ENCRYPTED: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const STYLE: u16 = 0x00E0;
const STRINGS: u16 = 0x00FC;
const FORMAT: u16 = 0x041E;

/// The version whose texts are Unicode.
const BIFF8: u16 = 0x0600;

/// A sheet has 65,536 rows at most; the file, its tables and its stream are held at the same time.
const LIMIT_BYTES: usize = 128 << 20;

/// More sheets than memory of such a program had room for.
const MOST_SHEETS: usize = 10_000;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Damaged(&'static str),
    /// It is something else; what it looks like, and the way out.
    Foreign(&'static str, &'static str),
}

const SAVE: &str = "Save the table as XLSX or CSV and open that file";
const WITHOUT_PASSWORD: Fault =
    Fault::Foreign("a workbook with a password", "Save it without a password and open that file");

/// An opened workbook.
pub(super) struct Book {
    stream: Vec<u8>,
    strings: SharedStrings,
    styles: Styles,
    epoch_1904: bool,
}

impl Book {
    /// Opens a compound file as a workbook, or says what else it is. A sheet's part is where it begins in the stream.
    pub(super) fn open(file: &[u8], name: &str) -> Result<(Self, Vec<Sheet>), ImportError> {
        if file.len() > LIMIT_BYTES {
            return Err(ImportError::TooLarge {
                name: name.to_owned(),
                what: "the binary workbook".to_owned(),
                size: file.len() as u64,
                limit: LIMIT_BYTES as u64,
            });
        }
        let stream = workbook_stream(file).map_err(|fault| told(fault, name))?;
        let mut book = Self {
            stream: Vec::new(),
            strings: SharedStrings::default(),
            styles: Styles::default(),
            epoch_1904: false,
        };
        let sheets = book.read_globals(&stream, name)?;
        book.stream = stream;
        Ok((book, sheets))
    }

    fn read_globals(&mut self, stream: &[u8], name: &str) -> Result<Vec<Sheet>, ImportError> {
        let told = |fault| told(fault, name);
        let cut = || told(Fault::Damaged("a record is cut"));
        let mut records = Records { rest: stream };
        let (mut sheets, mut styles, mut formats) = (Vec::new(), Vec::new(), HashMap::new());
        let first = records.next().map_err(told)?;
        let version = first.filter(|first| first.kind == BEGIN).and_then(|first| number(&first));
        match version {
            Some(BIFF8) => {}
            Some(_) => return Err(told(Fault::Foreign("an Excel workbook older than 1997", SAVE))),
            None => return Err(told(Fault::Damaged("its workbook does not begin"))),
        }
        loop {
            let Some(record) = records.next().map_err(told)? else {
                return Err(told(Fault::Damaged("it ends before its list of sheets does")));
            };
            match record.kind {
                END => break,
                ENCRYPTED => return Err(told(WITHOUT_PASSWORD)),
                DATE_MODE => self.epoch_1904 = number(&record) == Some(1),
                FORMAT => {
                    let mut fields = Fields::of(record.body, Vec::new());
                    let mut code = String::new();
                    let id = fields.u16().ok_or_else(cut)?;
                    fields.text(&mut code).ok_or_else(cut)?;
                    formats.insert(id, code);
                }
                STYLE => {
                    let mut fields = Fields::of(record.body, Vec::new());
                    let ids = (fields.u16(), fields.u16());
                    styles.push(ids.1.ok_or_else(cut)?);
                }
                SHEET if sheets.len() < MOST_SHEETS => {
                    sheets.extend(listed(&record).ok_or_else(cut)?);
                }
                STRINGS => {
                    let behind = records.continued().map_err(told)?;
                    self.read_strings(&record, behind, name)?;
                }
                _ => {}
            }
        }
        self.styles = Styles::of(&styles, &formats);
        Ok(sheets)
    }

    fn read_strings(
        &mut self,
        record: &Record<'_>,
        behind: Vec<&[u8]>,
        name: &str,
    ) -> Result<(), ImportError> {
        let cut = || told(Fault::Damaged("its shared strings are cut"), name);
        let mut fields = Fields::of(record.body, behind);
        let (_uses, count) = (fields.u32(), fields.u32().ok_or_else(cut)?);
        let mut text = String::new();
        for _ in 0..count {
            text.clear();
            fields.text(&mut text).ok_or_else(cut)?;
            self.strings.push(&text, name)?;
        }
        Ok(())
    }

    /// Reads a sheet from its first row.
    pub(super) fn read_rows(
        &self,
        part: &str,
        name: &str,
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        let Self { stream, strings, styles, epoch_1904 } = self;
        let shared = Shared { strings, styles, epoch_1904: *epoch_1904 };
        let place = part.parse().ok().filter(|place| *place < stream.len());
        let begins = place.and_then(|place| Records::from(stream, place)).filter(|records| {
            records.clone().next().is_ok_and(|first| first.is_some_and(|it| it.kind == BEGIN))
        });
        let Some(records) = begins else {
            return Err(told(Fault::Damaged("a sheet is not where the workbook says"), name));
        };
        SheetReader::new(&shared).read(records, taker).map_err(|stop| match stop {
            Stop::Fault(fault) => told(fault, name),
            Stop::Taker(error) => error,
        })
    }
}

/// A sheet of cells in the list of sheets; `Some(None)` for charts and modules.
fn listed(record: &Record<'_>) -> Option<Option<Sheet>> {
    let mut fields = Fields::of(record.body, Vec::new());
    let part = fields.u32()?.to_string();
    let (state, kind) = (fields.u8()? & 3, fields.u8()?);
    let mut name = String::new();
    fields.short_text(&mut name)?;
    // Dataverse exports keep option lists in a sheet of this name.
    let visible = state == 0 && name != "hiddenSheet";
    Some((kind == 0).then_some(Sheet { name, part, visible }))
}

fn number(record: &Record<'_>) -> Option<u16> {
    record.body.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn workbook_stream(file: &[u8]) -> Result<Vec<u8>, Fault> {
    let container = Container::open(file)?;
    if container.contains("Workbook") {
        return container.stream("Workbook");
    }
    for (stream, fault) in [
        ("EncryptedPackage", WITHOUT_PASSWORD),
        ("Book", Fault::Foreign("an Excel workbook older than 1997", SAVE)),
        ("WordDocument", Fault::Foreign("a Word document", SAVE)),
        ("PowerPoint Document", Fault::Foreign("a PowerPoint presentation", SAVE)),
        ("__properties_version1.0", Fault::Foreign("a mail of Outlook", SAVE)),
    ] {
        if container.contains(stream) {
            return Err(fault);
        }
    }
    Err(Fault::Foreign("a compound file without a workbook", SAVE))
}

fn told(fault: Fault, name: &str) -> ImportError {
    let name = name.to_owned();
    match fault {
        Fault::Damaged(what) => {
            ImportError::Damaged { name, what: what.to_owned(), place: "the workbook".to_owned() }
        }
        Fault::Foreign(looks_like, way_out) => ImportError::UnsupportedFormat {
            name,
            looks_like: looks_like.to_owned(),
            way_out: way_out.to_owned(),
        },
    }
}
