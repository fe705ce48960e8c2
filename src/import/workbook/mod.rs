//! Workbooks of Excel (Office Open XML, and the binary ones of 1997 to 2003) and LibreOffice (OpenDocument): the first
//! visible sheet that looks like a dump.
//!
//! The file is in memory, as zip demands; its sheet is unpacked and read as a stream, shared strings are held once.
//!
//! Deliberately absent: formulas (their cached values are read), styles other than dates, .xlsb, passwords.
//!
//! Invariant: nothing outside the file is ever looked up – document types and entities of their own are refused.

mod binary;
mod open_document;
mod package;
mod plain;
mod row;
mod sheet;
mod strings;
mod styles;
mod values;
mod xml;

use super::error::ImportError;
use super::mapping::USABLE_SCORE;
use super::options::ImportOptions;
use super::rows::RowTaker;
use super::survey::{Decision, Survey};
use binary::Book;
pub(super) use binary::SIGNATURE as COMPOUND;
pub(super) use package::Package;
use sheet::SheetReader;
use strings::SharedStrings;
use styles::Styles;

/// A sheet as the workbook lists it.
#[derive(Clone, Debug)]
struct Sheet {
    name: String,
    part: String,
    visible: bool,
}

/// Sheets that are listed.
const MOST_SHEETS: usize = 1_000;

/// Sheets that are looked into for the one that is a dump; each costs reading its beginning.
const MOST_LOOKED_AT: usize = 100;

/// An opened workbook with its sheet chosen.
pub(super) struct Workbook<'a> {
    name: &'a str,
    sheets: Vec<Sheet>,
    chosen: usize,
    kind: Kind<'a>,
}

/// What a workbook needs to read its sheets.
enum Kind<'a> {
    Excel { package: Package<'a>, strings: SharedStrings, styles: Styles, epoch_1904: bool },
    OpenDocument(Package<'a>),
    Binary(Book),
}

impl<'a> Workbook<'a> {
    /// Opens a file as a workbook, or says what else it is.
    pub(super) fn open(file: &'a [u8], options: &'a ImportOptions) -> Result<Self, ImportError> {
        let name = &options.name[..];
        let (kind, sheets) = if file.starts_with(COMPOUND) {
            let (book, sheets) = Book::open(file, name)?;
            (Kind::Binary(book), sheets)
        } else {
            let package = Package::open(file, name)?;
            match package.is_open_document() {
                true => open_document_sheets(package)?,
                false => excel_sheets(package)?,
            }
        };
        let mut workbook = Self { name, sheets, chosen: 0, kind };
        workbook.choose(options)?;
        Ok(workbook)
    }

    /// Takes the first visible sheet with a header that makes records, else the first one with rows.
    fn choose(&mut self, options: &ImportOptions) -> Result<(), ImportError> {
        let mut fallback = None;
        let visible: Vec<usize> =
            (0..self.sheets.len()).filter(|&at| self.sheets[at].visible).collect();
        for at in visible.into_iter().take(MOST_LOOKED_AT) {
            self.chosen = at;
            let mut survey = Survey::default();
            self.read_rows(&mut survey)?;
            if survey.rows.is_empty() {
                continue;
            }
            if survey.header(options).1 >= USABLE_SCORE {
                return Ok(());
            }
            fallback.get_or_insert(at);
        }
        self.chosen =
            fallback.ok_or_else(|| ImportError::EmptyFile { name: self.name.to_owned() })?;
        Ok(())
    }

    /// What the first rows of the sheet decide.
    pub(super) fn decide(
        &self,
        options: &ImportOptions,
    ) -> Result<(Decision, Survey), ImportError> {
        let mut survey = Survey::default();
        self.read_rows(&mut survey)?;
        Ok((survey.decide(options)?, survey))
    }

    /// Reads the sheet from its first row.
    pub(super) fn read_rows(&self, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        let Some(sheet) = self.sheets.get(self.chosen) else { return Ok(()) };
        match &self.kind {
            Kind::Excel { package, strings, styles, epoch_1904 } => {
                let mut reader = SheetReader::new(strings, styles, *epoch_1904);
                reader.read(package, &sheet.part, taker)
            }
            Kind::OpenDocument(package) => open_document::read(package, &sheet.part, taker),
            Kind::Binary(book) => book.read_rows(&sheet.part, self.name, taker),
        }
    }

    /// The format's word in the report.
    pub(super) const fn format(&self) -> &'static str {
        match self.kind {
            Kind::Excel { .. } => "xlsx",
            Kind::OpenDocument(_) => "ods",
            Kind::Binary(_) => "xls",
        }
    }

    pub(super) fn dialect(&self) -> String {
        self.sheets
            .get(self.chosen)
            .map(|sheet| format!("sheet '{}'", sheet.name))
            .unwrap_or_default()
    }

    /// A sentence on visible sheets that are not read, if there are any.
    pub(super) fn sheets_left_out(&self) -> Option<String> {
        let others: Vec<String> = self
            .sheets
            .iter()
            .enumerate()
            .filter(|&(at, sheet)| sheet.visible && at != self.chosen)
            .map(|(_, sheet)| format!("'{}'", sheet.name))
            .collect();
        (!others.is_empty())
            .then(|| format!("only {} was read, not {}", self.dialect(), others.join(", ")))
    }
}

fn open_document_sheets(package: Package<'_>) -> Result<(Kind<'_>, Vec<Sheet>), ImportError> {
    let sheets = open_document::sheets(&package)?;
    if sheets.is_empty() {
        return Err(package.unsupported("an OpenDocument file without sheets"));
    }
    Ok((Kind::OpenDocument(package), sheets))
}

fn excel_sheets(package: Package<'_>) -> Result<(Kind<'_>, Vec<Sheet>), ImportError> {
    let (sheets, epoch_1904, parts) = read_workbook(&package)?;
    let strings = match &parts.strings {
        Some(part) => SharedStrings::read(&package, part)?,
        None => SharedStrings::default(),
    };
    let styles = match &parts.styles {
        Some(part) => Styles::read(&package, part)?,
        None => Styles::default(),
    };
    Ok((Kind::Excel { package, strings, styles, epoch_1904 }, sheets))
}

struct Parts {
    strings: Option<String>,
    styles: Option<String>,
}

/// The list of sheets, whether days count from 1904, and the other parts.
fn read_workbook(package: &Package<'_>) -> Result<(Vec<Sheet>, bool, Parts), ImportError> {
    let root = package.relations("_rels/.rels", "")?;
    let main = root
        .iter()
        .find(|relation| relation.kind == "officeDocument")
        .map_or("xl/workbook.xml", |relation| relation.target.as_str())
        .to_owned();
    if main.ends_with(".bin") {
        return Err(package.unsupported("a binary workbook (.xlsb)"));
    }
    if !package.contains(&main) || !package.contains_folder("xl/") {
        return Err(package.unsupported(package.look_alike()));
    }
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let relations = package.relations(&format!("{prefix}_rels/{file}.rels"), &prefix)?;
    let part = |kind: &str, usual: &str| {
        let told = relations.iter().find(|relation| relation.kind == kind);
        let part = told.map_or_else(|| format!("{prefix}{usual}"), |found| found.target.clone());
        package.contains(&part).then_some(part)
    };
    let parts = Parts {
        strings: part("sharedStrings", "sharedStrings.xml"),
        styles: part("styles", "styles.xml"),
    };

    let mut sheets = Vec::new();
    let mut epoch_1904 = false;
    let mut reader = package.xml(&main)?;
    while let Some(event) = reader.next()? {
        let xml::Event::Start(element) = event else { continue };
        match element.name() {
            "workbookPr" => {
                epoch_1904 = matches!(element.attribute("date1904").as_deref(), Some("1" | "true"));
            }
            "sheet" if sheets.len() < MOST_SHEETS => {
                let name = element.attribute("name").unwrap_or_default();
                let id = element.prefixed_attribute("id").unwrap_or_default();
                let relation = relations.iter().find(|relation| relation.id == id);
                let Some(relation) = relation.filter(|relation| relation.kind == "worksheet")
                else {
                    continue;
                };
                let state = element.attribute("state");
                let shown = matches!(state.as_deref(), None | Some("visible"));
                // Dataverse exports keep option lists in a sheet of this name.
                let visible = shown && name != "hiddenSheet";
                sheets.push(Sheet { name, part: relation.target.clone(), visible });
            }
            _ => {}
        }
    }
    Ok((sheets, epoch_1904, parts))
}
