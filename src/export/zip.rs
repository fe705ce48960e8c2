//! A ZIP container of deflated entries, each written while its content comes. Without the extensions for more than 4 GiB.
//!
//! Source of the format: APPNOTE.TXT 6.3. (The reader's crate can write archives, too, but an entry there borrows its
//! archive and cannot wait for more records.)

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::ExportError;

/// An entry that is being compressed.
pub(super) struct Entry {
    name: &'static str,
    encoder: DeflateEncoder<Vec<u8>>,
    crc: Crc,
}

impl Entry {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            encoder: DeflateEncoder::new(Vec::new(), Compression::fast()),
            crc: Crc::new(),
        }
    }

    pub(super) fn write(&mut self, text: &str) {
        self.crc.update(text.as_bytes());
        // Into memory: cannot fail.
        let written = self.encoder.write_all(text.as_bytes());
        debug_assert!(written.is_ok());
    }
}

/// Joins entries to an archive.
pub(super) fn archive(entries: Vec<Entry>) -> Result<Vec<u8>, ExportError> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let count = entries.len() as u16;
    for entry in entries {
        let offset = size(out.len())?;
        let plain = entry.crc.amount();
        let crc = entry.crc.sum();
        let data = entry.encoder.finish().map_err(|_| ExportError::TooLarge)?;
        let mut common = Vec::new();
        common.extend_from_slice(&[20, 0, 0, 8, 8, 0]); // version 2.0, UTF-8 names, deflate
        common.extend_from_slice(&[0, 0, 0x21, 0]); // 1980-01-01: no clock here
        common.extend_from_slice(&crc.to_le_bytes());
        common.extend_from_slice(&size(data.len())?.to_le_bytes());
        common.extend_from_slice(&plain.to_le_bytes());
        common.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]); // no extra fields

        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(entry.name.as_bytes());
        out.extend_from_slice(&data);

        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]); // no comment, first disk, no attributes
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(entry.name.as_bytes());
    }
    let begin = size(out.len())?;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&size(directory.len())?.to_le_bytes());
    out.extend_from_slice(&begin.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    size(out.len())?;
    Ok(out)
}

fn size(bytes: usize) -> Result<u32, ExportError> {
    u32::try_from(bytes).map_err(|_| ExportError::TooLarge)
}
