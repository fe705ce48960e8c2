//! CSV by RFC 4180: UTF-8 with BOM (so that Excel reads it as such), commas, CRLF.

use super::{HEADERS, cells};
use crate::dataset::Record;

pub(super) struct CsvWriter(String);

impl CsvWriter {
    pub(super) fn new() -> Self {
        let mut text = String::from("\u{feff}");
        text.push_str(&HEADERS.join(","));
        text.push_str("\r\n");
        Self(text)
    }

    pub(super) fn record(&mut self, record: &Record) {
        for (place, cell) in cells(record).iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.cell(cell);
        }
        self.0.push_str("\r\n");
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// What a spreadsheet would run as a formula gets an apostrophe before it.
    fn cell(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = text.contains([',', '"', '\n', '\r']);
        if quoted {
            self.0.push('"');
        }
        if formula {
            self.0.push('\'');
        }
        if quoted {
            for (place, part) in text.split('"').enumerate() {
                if place > 0 {
                    self.0.push_str("\"\"");
                }
                self.0.push_str(part);
            }
            self.0.push('"');
        } else {
            self.0.push_str(text);
        }
    }
}
