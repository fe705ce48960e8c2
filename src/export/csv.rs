//! CSV as RFC 4180 has it, for spreadsheets: byte-order mark, comma, CRLF.

use std::io::Write;

use super::ExportError;
use super::cells::{Cell, FIELDS, cells};
use crate::dataset::Record;

pub(super) struct CsvWriter<W> {
    out: W,
    /// The line being built: one write per record.
    line: Vec<u8>,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn begin(mut out: W) -> Result<Self, ExportError> {
        // Without the mark Excel reads the file in the system's code page.
        out.write_all("\u{FEFF}".as_bytes())?;
        out.write_all(FIELDS.join(",").as_bytes())?;
        out.write_all(b"\r\n")?;
        Ok(Self { out, line: Vec::new() })
    }

    pub(super) fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        self.line.clear();
        for (place, cell) in cells(record).iter().enumerate() {
            if place > 0 {
                self.line.push(b',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => push_text(&mut self.line, text),
                Cell::Number(number) => write!(self.line, "{number}")?,
                Cell::Truth(truth) => write!(self.line, "{truth}")?,
                Cell::Time(time) => write!(self.line, "{time}")?,
            }
        }
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)?;
        Ok(())
    }

    pub(super) fn finish(self) -> W {
        self.out
    }
}

fn push_text(line: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let is_formula =
        matches!(bytes.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n'));
    // Where the list separator is a semicolon or a tab, a spreadsheet begins a cell behind one that is not quoted, and
    // what follows could be a formula.
    let is_quoted =
        bytes.iter().any(|byte| matches!(byte, b',' | b';' | b'\t' | b'"' | b'\r' | b'\n'));
    if is_quoted {
        line.push(b'"');
    }
    if is_formula {
        line.push(b'\'');
    }
    let mut from = 0;
    for at in memchr::memchr_iter(b'"', bytes) {
        line.extend_from_slice(&bytes[from..=at]);
        line.push(b'"');
        from = at + 1;
    }
    line.extend_from_slice(&bytes[from..]);
    if is_quoted {
        line.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::samples;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut line = Vec::new();
        push_text(&mut line, text);
        assert_eq!(String::from_utf8(line).unwrap(), expected);
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"yes\"", "\"say \"\"yes\"\"\"");
        check("two\r\nlines", "\"two\r\nlines\"");
        check("Größe 株", "Größe 株");
    }

    #[test]
    fn formulas_are_neutralised() {
        for start in ["=", "+", "-", "@"] {
            check(&format!("{start}cmd"), &format!("'{start}cmd"));
        }
        check("\tcmd", "\"'\tcmd\"");
        check("a;=cmd", "\"a;=cmd\"");
        check("a\t=cmd", "\"a\t=cmd\"");
        check("\rcmd", "\"'\rcmd\"");
        check("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"");
        check("a=b", "a=b");
    }

    #[test]
    fn a_file_has_mark_header_and_rows() {
        let mut csv = CsvWriter::begin(Vec::new()).unwrap();
        csv.record(&samples::record("1", "Hello, \"you\"")).unwrap();
        csv.record(&samples::bare("=2")).unwrap();
        let text = String::from_utf8(csv.finish()).unwrap();
        let lines: Vec<_> = text.strip_prefix('\u{FEFF}').unwrap().split("\r\n").collect();
        assert_eq!(lines[0], FIELDS.join(","));
        assert_eq!(
            lines[1],
            "1,2026-03-01T08:15:30.250Z,Project invoicing,Customers V3,Customers V3 (accounts),Dataverse,usmf,\
             Dataverse to finance and operations,Application,true,0x80040265,US-001,\"Hello, \"\"you\"\"\",3,\
             0123456789abcdef,failedAgain,3:17"
        );
        assert!(lines[2].starts_with("'=2,,"));
        assert_eq!(lines[3], "");
        assert!(!text.contains("payload"), "extra stays inside");
    }
}
