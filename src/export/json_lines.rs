//! JSON lines: every record as the scripting API gives it, without `extra`.

use std::io::Write;

use super::ExportError;
use crate::dataset::Record;

pub(super) struct JsonLinesWriter<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> JsonLinesWriter<W> {
    pub(super) const fn begin(out: W) -> Self {
        Self { out, line: Vec::new() }
    }

    pub(super) fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        self.line.clear();
        let written = if record.extra.is_none() {
            serde_json::to_writer(&mut self.line, record)
        } else {
            serde_json::to_writer(&mut self.line, &Record { extra: None, ..record.clone() })
        };
        written.map_err(|source| ExportError::Json { id: record.id.clone(), source })?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        Ok(())
    }

    pub(super) fn finish(self) -> W {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::samples;

    #[test]
    fn a_line_is_the_record_without_extra() {
        let records = [samples::record("1", "=1+1\r\nGröße \u{1}"), samples::bare("2")];
        let mut lines = JsonLinesWriter::begin(Vec::new());
        for record in &records {
            lines.record(record).unwrap();
        }
        let text = String::from_utf8(lines.finish()).unwrap();
        assert!(text.ends_with("}\n"));
        let read: Vec<Record> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read[0], Record { extra: None, ..records[0].clone() });
        assert_eq!(read[1], records[1]);
    }
}
