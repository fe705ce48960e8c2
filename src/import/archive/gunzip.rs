//! Gzip, as a stream: one member or several one after the other, as `cat` makes them.

use std::io::{Read as _, Write as _};

use flate2::read::MultiGzDecoder as Reading;
use flate2::write::MultiGzDecoder;

use super::super::error::ImportError;
use super::super::importer::{Importer, Within};
use super::super::options::ImportOptions;
use super::{PIECE_BYTES, UNPACKED_LIMIT_BYTES, damaged, too_large};
use crate::dataset::RowSink;

/// Whether these first bytes are those of a gzip file.
pub(in crate::import) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1F\x8B")
}

/// So many bytes of what a gzip file, or the beginning of one, unpacks to. What is cut off or damaged is told by the import;
/// a look at a file that is here as a `whole` tells it, too.
pub(in crate::import) fn gunzip_head(
    packed: &[u8],
    most: usize,
    whole: bool,
    options: &ImportOptions,
) -> Result<Vec<u8>, ImportError> {
    let mut head = Vec::new();
    match Reading::new(packed).take(most as u64).read_to_end(&mut head) {
        Err(error) if whole => Err(damaged_gzip(options, &error)),
        _ => Ok(head),
    }
}

/// Unpacks a gzip file into the importer of what is in it.
pub(in crate::import) struct Gunzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    pub(in crate::import) inner: Box<Importer>,
    unpacked: u64,
}

impl Gunzip {
    pub(in crate::import) fn new(options: &ImportOptions, within: Within) -> Self {
        Self {
            decoder: MultiGzDecoder::new(Vec::new()),
            inner: Box::new(Importer::nested(options.clone(), within)),
            unpacked: 0,
        }
    }

    pub(in crate::import) fn push(
        &mut self,
        packed: &[u8],
        options: &ImportOptions,
        sink: &mut dyn RowSink,
    ) -> Result<(), ImportError> {
        for piece in packed.chunks(PIECE_BYTES) {
            let written = self.decoder.write_all(piece);
            written.map_err(|error| damaged_gzip(options, &error))?;
            self.hand_on(options, sink)?;
        }
        Ok(())
    }

    /// Checks that the file ends where gzip says.
    pub(in crate::import) fn end(
        &mut self,
        options: &ImportOptions,
        sink: &mut dyn RowSink,
    ) -> Result<(), ImportError> {
        self.decoder.try_finish().map_err(|error| damaged_gzip(options, &error))?;
        self.hand_on(options, sink)
    }

    fn hand_on(
        &mut self,
        options: &ImportOptions,
        sink: &mut dyn RowSink,
    ) -> Result<(), ImportError> {
        let mut bytes = std::mem::take(self.decoder.get_mut());
        self.unpacked += bytes.len() as u64;
        if self.unpacked > UNPACKED_LIMIT_BYTES {
            return Err(too_large(options, self.unpacked));
        }
        self.inner.push(&bytes, sink)?;
        bytes.clear();
        *self.decoder.get_mut() = bytes;
        Ok(())
    }
}

fn damaged_gzip(options: &ImportOptions, error: &std::io::Error) -> ImportError {
    damaged(options, format!("it cannot be unpacked ({error})"), "its packed content")
}
