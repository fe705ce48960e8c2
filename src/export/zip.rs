//! A ZIP file written front to back: no seeking, so the target may be emptied while it grows.
//!
//! Sizes and checksums follow each file's data (data descriptors), as streaming writers do; the times are fixed, so that
//! the same content gives the same bytes. ZIP64 is deliberately absent: a larger file is refused with its size.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::ExportError;

const LIMIT: u64 = u32::MAX as u64;
/// Compressed bytes that are held back at most.
const HELD_BACK: usize = 64 * 1024;
/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;
/// 1980-01-01, the first day there is.
const DATE: u16 = 1 << 5 | 1;

struct Entry {
    name: &'static str,
    offset: u32,
    checksum: u32,
    compressed: u32,
    size: u32,
}

struct Open {
    name: &'static str,
    offset: u32,
    encoder: DeflateEncoder<Vec<u8>>,
    checksum: Crc,
    size: u64,
    compressed: u64,
}

pub(super) struct ZipWriter<W> {
    out: W,
    written: u64,
    entries: Vec<Entry>,
    open: Option<Open>,
}

impl<W: Write> ZipWriter<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { out, written: 0, entries: Vec::new(), open: None }
    }

    /// Begins a file; the one before is closed.
    pub(super) fn begin(&mut self, name: &'static str) -> Result<(), ExportError> {
        self.close()?;
        let offset = small(self.written)?;
        let mut header = Vec::with_capacity(64);
        header.extend_from_slice(b"PK\x03\x04");
        for number in [VERSION, FLAGS, DEFLATED, 0, DATE] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&[0; 12]);
        push_lengths(&mut header, name);
        header.extend_from_slice(name.as_bytes());
        self.put(&header)?;
        let encoder = DeflateEncoder::new(Vec::with_capacity(2 * HELD_BACK), Compression::fast());
        self.open =
            Some(Open { name, offset, encoder, checksum: Crc::new(), size: 0, compressed: 0 });
        Ok(())
    }

    /// Adds to the file that was begun last.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.checksum.update(bytes);
        open.size += bytes.len() as u64;
        if open.size > LIMIT {
            return Err(ExportError::TooLarge { bytes: open.size, limit: LIMIT });
        }
        open.encoder.write_all(bytes)?;
        let held = open.encoder.get_mut();
        if held.len() >= HELD_BACK {
            self.out.write_all(held)?;
            open.compressed += held.len() as u64;
            self.written += held.len() as u64;
            held.clear();
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ExportError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let rest = open.encoder.finish()?;
        self.put(&rest)?;
        let entry = Entry {
            name: open.name,
            offset: open.offset,
            checksum: open.checksum.sum(),
            compressed: small(open.compressed + rest.len() as u64)?,
            size: small(open.size)?,
        };
        let mut descriptor = Vec::from(*b"PK\x07\x08");
        for number in [entry.checksum, entry.compressed, entry.size] {
            descriptor.extend_from_slice(&number.to_le_bytes());
        }
        self.put(&descriptor)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the directory and gives the target back.
    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        self.close()?;
        let start = small(self.written)?;
        let mut directory = Vec::new();
        for entry in &self.entries {
            directory.extend_from_slice(b"PK\x01\x02");
            for number in [VERSION, VERSION, FLAGS, DEFLATED, 0, DATE] {
                directory.extend_from_slice(&number.to_le_bytes());
            }
            for number in [entry.checksum, entry.compressed, entry.size] {
                directory.extend_from_slice(&number.to_le_bytes());
            }
            push_lengths(&mut directory, entry.name);
            // Comment length, disk number, attributes: none.
            directory.extend_from_slice(&[0; 10]);
            directory.extend_from_slice(&entry.offset.to_le_bytes());
            directory.extend_from_slice(entry.name.as_bytes());
        }
        let count = (self.entries.len() as u16).to_le_bytes();
        let size = small(directory.len() as u64)?;
        directory.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        directory.extend_from_slice(&count);
        directory.extend_from_slice(&count);
        directory.extend_from_slice(&size.to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&[0; 2]);
        self.put(&directory)?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// Length of the name; no extra field. Names are ours and short.
fn push_lengths(header: &mut Vec<u8>, name: &str) {
    header.extend_from_slice(&(name.len() as u16).to_le_bytes());
    header.extend_from_slice(&0u16.to_le_bytes());
}

fn small(bytes: u64) -> Result<u32, ExportError> {
    u32::try_from(bytes).map_err(|_| ExportError::TooLarge { bytes, limit: LIMIT })
}
