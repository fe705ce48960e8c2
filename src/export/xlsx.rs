//! A workbook of one sheet: header row that stays in view and filters, times as dates, texts as texts.
//!
//! Source of the limits: Microsoft's "Excel specifications and limits" (1,048,576 rows, 32,767 characters in a cell).
//! Times are UTC; Excel knows no zones.

use std::io::Write;

use super::ExportError;
use super::cells::{Cell, FIELDS, cells};
use super::zip::ZipWriter;
use crate::dataset::Record;
use crate::domain::Timestamp;

/// Rows of a sheet without the header.
pub(super) const RECORD_LIMIT: u64 = 1_048_575;
/// UTF-16 units of a cell.
const CELL_LIMIT: usize = 32_767;
const CUT_MARK: &str = " … [cut: a cell holds 32,767 characters]";

const TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/xl/workbook.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
    r#"<Override PartName="/xl/worksheets/sheet1.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
    r#"<Override PartName="/xl/styles.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#,
);
const RELATIONS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" "#,
    r#"Target="xl/workbook.xml"/></Relationships>"#,
);
const WORKBOOK_RELATIONS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" "#,
    r#"Target="worksheets/sheet1.xml"/><Relationship Id="rId2" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" "#,
    r#"Target="styles.xml"/></Relationships>"#,
);
/// Cell style 1 is the date, 2 the header.
const STYLES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss.000"/></numFmts>"#,
    r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
    r#"<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>"#,
    r#"</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
    r#"<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>"#,
    r#"<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
);
const SHEET_START: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>"#,
    r#"<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#,
    r#"<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>"#,
    r#"<cols><col min="1" max="1" width="18" customWidth="1"/><col min="2" max="2" width="24" customWidth="1"/>"#,
    r#"<col min="3" max="12" width="20" customWidth="1"/><col min="13" max="13" width="90" customWidth="1"/>"#,
    r#"<col min="14" max="17" width="18" customWidth="1"/></cols><sheetData>"#,
);

pub(super) struct XlsxWriter<W> {
    zip: ZipWriter<W>,
    /// Rows so far, the header counted.
    rows: u64,
    line: String,
}

impl<W: Write> XlsxWriter<W> {
    pub(super) fn begin(out: W) -> Result<Self, ExportError> {
        let mut zip = ZipWriter::new(out);
        for (name, content) in [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS),
            ("xl/styles.xml", STYLES),
        ] {
            zip.begin(name)?;
            zip.write(content.as_bytes())?;
        }
        zip.begin("xl/worksheets/sheet1.xml")?;
        zip.write(SHEET_START.as_bytes())?;
        let mut line = String::from("<row r=\"1\">");
        for (column, field) in FIELDS.into_iter().enumerate() {
            push_text_cell(&mut line, column, 1, field, 2);
        }
        line.push_str("</row>");
        zip.write(line.as_bytes())?;
        Ok(Self { zip, rows: 1, line })
    }

    pub(super) fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        if self.rows > RECORD_LIMIT {
            return Err(ExportError::TooManyRecords { limit: RECORD_LIMIT });
        }
        self.rows += 1;
        let row = self.rows;
        let line = &mut self.line;
        line.clear();
        line.push_str("<row r=\"");
        push_display(line, row);
        line.push_str("\">");
        for (column, cell) in cells(record).iter().enumerate() {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => push_text_cell(line, column, row, text, 0),
                Cell::Number(number) => push_value_cell(line, column, row, "", number),
                Cell::Truth(truth) => {
                    push_value_cell(line, column, row, " t=\"b\"", u8::from(*truth))
                }
                Cell::Time(time) => match serial_date(*time) {
                    Some(days) => push_value_cell(line, column, row, " s=\"1\"", days),
                    None => push_text_cell(line, column, row, &time.to_string(), 0),
                },
            }
        }
        line.push_str("</row>");
        self.zip.write(line.as_bytes())
    }

    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        let (last, rows) = (column_letter(FIELDS.len() - 1), self.rows);
        let end = format!("</sheetData><autoFilter ref=\"A1:{last}{rows}\"/></worksheet>");
        self.zip.write(end.as_bytes())?;
        self.zip.begin("xl/workbook.xml")?;
        let workbook = format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
                r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" "#,
                r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
                r#"<sheets><sheet name="Errors" sheetId="1" r:id="rId1"/></sheets><definedNames>"#,
                r#"<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">"#,
                "Errors!$A$1:${last}${rows}</definedName></definedNames></workbook>",
            ),
            last = last,
            rows = rows,
        );
        self.zip.write(workbook.as_bytes())?;
        self.zip.finish()
    }
}

/// The columns of a record end before Z.
fn column_letter(column: usize) -> char {
    char::from(b'A' + column as u8)
}

fn push_display(line: &mut String, value: impl std::fmt::Display) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = write!(line, "{value}");
}

fn push_value_cell(
    line: &mut String,
    column: usize,
    row: u64,
    attributes: &str,
    value: impl std::fmt::Display,
) {
    line.push_str("<c r=\"");
    line.push(column_letter(column));
    push_display(line, row);
    line.push('"');
    line.push_str(attributes);
    line.push_str("><v>");
    push_display(line, value);
    line.push_str("</v></c>");
}

fn push_text_cell(line: &mut String, column: usize, row: u64, text: &str, style: u8) {
    line.push_str("<c r=\"");
    line.push(column_letter(column));
    push_display(line, row);
    if style != 0 {
        line.push_str("\" s=\"");
        push_display(line, style);
    }
    line.push_str("\" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    let kept = kept_len(text);
    push_escaped(line, &text[..kept]);
    if kept < text.len() {
        line.push_str(CUT_MARK);
    }
    line.push_str("</t></is></c>");
}

/// Bytes of the text that fit into a cell, with the mark where it is cut.
fn kept_len(text: &str) -> usize {
    if text.len() <= CELL_LIMIT {
        return text.len();
    }
    let room = CELL_LIMIT - CUT_MARK.chars().count();
    let (mut units, mut kept) = (0, 0);
    for (at, letter) in text.char_indices() {
        if units <= room {
            kept = at;
        }
        units += letter.len_utf16();
        if units > CELL_LIMIT {
            return kept;
        }
    }
    text.len()
}

/// XML text as a spreadsheet reads it: lines end in LF, characters that XML forbids become U+FFFD, and a literal
/// `_x0041_` is escaped because readers take it for a character's number (ECMA-376, ST_Xstring).
fn push_escaped(line: &mut String, text: &str) {
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        let escaped = match letter {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\r' if text[at + 1..].starts_with('\n') => "",
            '\r' => "\n",
            '_' if is_character_number(&text.as_bytes()[at..]) => "_x005F_",
            '\t' | '\n' => continue,
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => "\u{FFFD}",
            _ => continue,
        };
        line.push_str(&text[from..at]);
        line.push_str(escaped);
        from = at + letter.len_utf8();
    }
    line.push_str(&text[from..]);
}

fn is_character_number(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()))
}

/// Days since 1899-12-30, as Excel counts from 1900-03-01 on; `None` for days it counts otherwise or not at all.
fn serial_date(time: Timestamp) -> Option<f64> {
    const DAY_MILLIS: i64 = 86_400_000;
    const FROM_1970: i64 = 25_569;
    let millis = time.millis() + FROM_1970 * DAY_MILLIS;
    let is_counted = (61 * DAY_MILLIS..2_958_466 * DAY_MILLIS).contains(&millis);
    is_counted.then(|| millis as f64 / DAY_MILLIS as f64)
}

#[cfg(test)]
mod tests;
