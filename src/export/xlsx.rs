//! An Excel workbook of one sheet: texts inline, times as dates in UTC, a frozen header with a filter.
//!
//! Source of the format: ECMA-376 part 1 (SpreadsheetML).

use std::fmt::Write as _;

use super::zip::{Entry, archive};
use super::{ExportError, HEADERS, RETRY_COUNT, TIME, cells};
use crate::dataset::Record;

/// Rows of a sheet, and characters of a cell. Source: Excel specifications and limits.
const MAX_ROWS: usize = 1_048_576;
const MAX_CELL: usize = 32_767;
/// Ends a text that did not fit into its cell.
const CUT: &str = " … [cut]";

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Errors" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// Style 1 is a date with milliseconds, style 2 the header.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>"#;
const SHEET_BEGIN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="1" width="18" customWidth="1"/><col min="2" max="2" width="24" customWidth="1"/><col min="3" max="12" width="20" customWidth="1"/><col min="13" max="13" width="80" customWidth="1"/><col min="14" max="16" width="14" customWidth="1"/></cols><sheetData>"#;

/// Excel's day 0 is 1899-12-30.
const EXCEL_EPOCH_DAYS: f64 = 25_569.0;
const DAY_MS: f64 = 86_400_000.0;

pub(super) struct XlsxWriter {
    sheet: Entry,
    rows: usize,
    line: String,
}

impl XlsxWriter {
    pub(super) fn new() -> Self {
        let mut sheet = Entry::new("xl/worksheets/sheet1.xml");
        sheet.write(SHEET_BEGIN);
        sheet.write("<row r=\"1\">");
        for header in HEADERS {
            sheet.write(&format!("<c t=\"inlineStr\" s=\"2\"><is><t>{header}</t></is></c>"));
        }
        sheet.write("</row>");
        Self { sheet, rows: 1, line: String::new() }
    }

    pub(super) fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        if self.rows == MAX_ROWS {
            return Err(ExportError::TooManyRows { limit: MAX_ROWS });
        }
        self.rows += 1;
        self.line.clear();
        self.line.push_str("<row>");
        for (place, cell) in cells(record).iter().enumerate() {
            let written = match (place, record.occurred_at) {
                (TIME, Some(time)) => {
                    let serial = time.millis() as f64 / DAY_MS + EXCEL_EPOCH_DAYS;
                    write!(self.line, "<c s=\"1\"><v>{serial}</v></c>")
                }
                (RETRY_COUNT, _) if !cell.is_empty() => write!(self.line, "<c><v>{cell}</v></c>"),
                _ if cell.is_empty() => write!(self.line, "<c/>"),
                _ => {
                    self.line.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                    escape(&mut self.line, cell);
                    write!(self.line, "</t></is></c>")
                }
            };
            debug_assert!(written.is_ok(), "into memory");
        }
        self.line.push_str("</row>");
        self.sheet.write(&self.line);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        let last = char::from(b'A' + HEADERS.len() as u8 - 1);
        self.sheet.write(&format!(
            "</sheetData><autoFilter ref=\"A1:{last}{}\"/></worksheet>",
            self.rows
        ));
        let part = |name, text| {
            let mut entry = Entry::new(name);
            entry.write(text);
            entry
        };
        archive(vec![
            part("[Content_Types].xml", CONTENT_TYPES),
            part("_rels/.rels", RELATIONSHIPS),
            part("xl/workbook.xml", WORKBOOK),
            part("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONSHIPS),
            part("xl/styles.xml", STYLES),
            self.sheet,
        ])
    }
}

/// XML text: markup escaped, characters that XML cannot hold written as Excel writes them, cut to what a cell holds.
fn escape(out: &mut String, text: &str) {
    let too_long = text.chars().count() > MAX_CELL;
    let shown = if too_long { MAX_CELL - CUT.chars().count() } else { usize::MAX };
    for letter in text.chars().take(shown) {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\t' | '\n' => out.push(letter),
            '\r' => out.push_str("_x000D_"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _infallible = write!(out, "_x{:04X}_", letter as u32);
            }
            _ => out.push(letter),
        }
    }
    if too_long {
        out.push_str(CUT);
    }
}
