//! JSON lines: one record a line, in the form of the scripting API.

use crate::dataset::Record;

#[derive(Default)]
pub(super) struct JsonLinesWriter(Vec<u8>);

impl JsonLinesWriter {
    pub(super) fn record(&mut self, record: &Record) {
        // A record is texts and numbers: writing it into memory cannot fail.
        let written = serde_json::to_writer(&mut self.0, record);
        debug_assert!(written.is_ok());
        self.0.push(b'\n');
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}
