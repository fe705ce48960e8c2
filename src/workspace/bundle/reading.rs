//! A bundle, line by line, checked against its own hash.
//!
//! Invariant: [`Item::End`] comes only after every line was read and the hash of all of them was right.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Footer, Header, KIND, SegmentLine, VERSION, hex};
use crate::domain::DatasetId;
use crate::protocol::{Code, Problem};
use crate::workspace::ports::ByteSource;

/// The longest line: 384 MiB of a segment, in Base64. With what is made of it, it fits into the memory of a tab.
const LONGEST_LINE: usize = 1 << 29;

pub(super) enum Item {
    /// A stored value, as the store writes it.
    Value(String),
    Segment {
        dataset: DatasetId,
        index: u32,
        bytes: Vec<u8>,
    },
    End,
}

pub(super) struct Reader<B> {
    source: B,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were taken already.
    taken: usize,
    hash: Sha256,
    line: usize,
}

impl<B: ByteSource> Reader<B> {
    pub(super) fn new(source: B) -> Self {
        Self { source, buffer: Vec::new(), taken: 0, hash: Sha256::new(), line: 0 }
    }

    pub(super) async fn header(&mut self) -> Result<Header, Problem> {
        let line = self.next_line().await?.unwrap_or_default();
        let header: Header = serde_json::from_slice(&self.buffer[line]).map_err(|_| {
            Problem::new(
                Code::UnsupportedFormat,
                "The file is no hand-over bundle of this desk",
                "Open dumps of errors with Open file; a bundle is made by Export, Hand-over bundle",
            )
        })?;
        if header.bundle != KIND || header.version > VERSION {
            return Err(Problem::new(
                Code::UnsupportedFormat,
                format!(
                    "The bundle is of kind '{}', version {}; this desk reads '{KIND}' up to version {VERSION}",
                    header.bundle, header.version
                ),
                "Open it with the version of the desk that made it, or a later one",
            ));
        }
        Ok(header)
    }

    pub(super) async fn next(&mut self) -> Result<Item, Problem> {
        let before = self.hash.clone();
        let Some(place) = self.next_line().await? else {
            return Err(self.damaged("it ends before its last line"));
        };
        let line = &self.buffer[place];
        if line.starts_with(b"{\"segment\":") {
            let SegmentLine { segment: (dataset, index), bytes } = self.parse(line)?;
            let bytes = STANDARD.decode(&*bytes).map_err(|error| self.damaged(error))?;
            return Ok(Item::Segment { dataset: DatasetId(dataset), index, bytes });
        }
        if line.starts_with(b"{\"sha256\":") {
            let Footer { sha256 } = self.parse(line)?;
            if hex(before.finalize()) != sha256 {
                return Err(self.damaged("its content is not what was written"));
            }
            return match self.next_line().await? {
                None => Ok(Item::End),
                Some(_) => Err(self.damaged("it comes after the last one")),
            };
        }
        String::from_utf8(line.to_vec()).map(Item::Value).map_err(|error| self.damaged(error))
    }

    pub(super) fn damaged(&self, why: impl std::fmt::Display) -> Problem {
        Problem::new(
            Code::UnsupportedFormat,
            format!("The bundle is damaged in line {}: {why}", self.line),
            "Nothing was taken from it. Copy the file again, or have the bundle made anew",
        )
    }

    fn parse<'a, T: Deserialize<'a>>(&self, line: &'a [u8]) -> Result<T, Problem> {
        serde_json::from_slice(line).map_err(|error| self.damaged(error))
    }

    /// Where the next line lies in the buffer, without its end; `None` where the file ends.
    async fn next_line(&mut self) -> Result<Option<Range<usize>>, Problem> {
        self.line += 1;
        let mut searched = self.taken;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                let end = searched + at;
                let line = self.taken..end;
                self.hash.update(&self.buffer[self.taken..=end]);
                self.taken = end + 1;
                return Ok(Some(line));
            }
            self.buffer.drain(..self.taken);
            self.taken = 0;
            searched = self.buffer.len();
            if searched > LONGEST_LINE {
                return Err(self.damaged("a line is longer than any that is written"));
            }
            let mut more = Vec::new();
            if !self.source.read(&mut more).await.map_err(|why| self.damaged(why))? {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(self.damaged("it is cut off")),
                };
            }
            self.buffer.extend_from_slice(&more);
        }
    }
}
