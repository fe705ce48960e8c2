//! A long text read in parts by several threads: what each of them is told, does and answers.
//!
//! The leading thread decides from the first bytes how the file is read, cuts it where records end ([`Cutter`]), hands the
//! parts out as it likes and takes the answers in the order of the file ([`super::Importer::take_part`]). Readers decide from the
//! same bytes and make rows and segments; whether a record is there already only the leading thread knows.
//!
//! What is made of a row depends on rows before it through columns alone: new ones of JSON, and those that the importer adds
//! for what it cannot read. Those of the first rows are known to all. A part in which another appears, or which ends in an
//! error, is of no use: the leading thread reads from there on by itself, and knows the line.
//!
//! Deliberately absent: threads, and who reads what.
//!
//! Invariant: rows, report and errors are those of one thread that reads the whole file.

use serde::{Deserialize, Serialize};

use crate::dataset::{ChunkRef, PartBuilder, Sealed};
use crate::domain::DatasetId;

use super::account::PartBooks;
use super::cutting::Cutter;
use super::importer::SAMPLE_BYTES;
use super::loader::{Loader, Loading};
use super::options::ImportOptions;
use super::sniff::sniff;
use super::streaming::loader_of;
use super::text_plan::{TextParser, TextPlan};

/// Reads one part after the other.
pub struct PartReader {
    parser: TextParser,
    loader: Loader,
    builder: PartBuilder,
    /// Columns, extra columns and names that every part begins with.
    known: (usize, usize, usize),
    /// The part at hand, or one before it, cannot be used.
    is_spoilt: bool,
}

/// What a reader made of a part; nothing that is of use, to begin with.
#[derive(Default)]
pub struct Part {
    /// `None`: one thread would have made something else of it.
    books: Option<Books>,
    pub(super) segments: Vec<Sealed>,
}

/// The account of a part.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Books {
    pub(super) books: PartBooks,
    pub(super) lines: u32,
    pub(super) zone_used: bool,
}

/// How a file that can be read in parts is read.
pub(super) struct Plan {
    pub(super) text: TextPlan,
    pub(super) cutter: Cutter,
    pub(super) parser: TextParser,
    /// It knows the columns that the first rows bring, also those for what cannot be read.
    pub(super) loader: Loader,
}

impl Plan {
    /// `None` for files that cannot be read in parts, and where the first bytes leave anything open.
    pub(super) fn make(head: &[u8], options: &ImportOptions) -> Option<Self> {
        let sample = head.get(..SAMPLE_BYTES).filter(|_| options.model.is_none())?;
        let sniffed = sniff(sample, false, options).ok()??;
        let text = TextPlan::make(sniffed, sample, false, options).ok()??;
        text.decision.check(options).ok()?;
        let (cutter, parser) = text.in_parts()?;
        let loader = || loader_of(&text.decision, text.format == "csv", options);
        let (mut first, mut rows) = (loader(), PartBuilder::default());
        let mut loading = Loading { loader: &mut first, sink: &mut rows };
        text.parser(options).push(&sample[text.mark_len..], &mut loading).ok()?;
        let mut loader = loader();
        loader.know_extras_of(first);
        Some(Self { text, cutter, parser, loader })
    }
}

/// What readers are told: the options, and the bytes to decide from; nothing where these say at once that readers are of no use.
pub(super) fn told(head: &[u8], options: &ImportOptions) -> Option<Vec<u8>> {
    let sample = head.get(..SAMPLE_BYTES).filter(|sample| !is_plainly_none(sample))?;
    let mut told = serde_json::to_vec(options).ok()?;
    let length = told.len() as u32;
    told.extend_from_slice(sample);
    told.extend_from_slice(&length.to_le_bytes());
    Some(told)
}

/// Whether a file that begins so is none that can be read in parts, as far as that is seen at once: packed, a workbook, in
/// another encoding, or one JSON value.
fn is_plainly_none(head: &[u8]) -> bool {
    let first = head.trim_ascii_start().first();
    head.starts_with(b"PK")
        || head[..1_024].contains(&0)
        || first == Some(&b'[')
        || head.starts_with(&[0x1F, 0x8B])
}

impl PartReader {
    /// A reader of the file that it is told of. `None`: that cannot be read in parts, or it was not told so by the same release.
    pub fn new(told: &[u8]) -> Option<Self> {
        let (told, length) = told.split_last_chunk()?;
        let (options, head) = told.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let options: ImportOptions = serde_json::from_slice(options).ok()?;
        let Plan { parser, mut loader, .. } = Plan::make(head, &options)?;
        // Warnings of the whole file are the leading thread's.
        loader.account.close_part();
        let (columns, extras) = loader.width();
        let known = (columns, extras, parser.names());
        Some(Self { parser, loader, builder: PartBuilder::default(), known, is_spoilt: false })
    }

    /// Begins a part; all but the first have no header.
    pub fn begin(&mut self, is_first: bool) {
        self.parser.go_to(1);
        if !is_first {
            self.loader.begin_amid();
        }
    }

    /// Takes the next bytes of the part.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_spoilt {
            return;
        }
        let mut loading = Loading { loader: &mut self.loader, sink: &mut self.builder };
        self.is_spoilt = self.parser.push(bytes, &mut loading).is_err();
    }

    /// What was made of the part; the last one ends where the file does.
    pub fn finish(&mut self, is_last: bool) -> Part {
        if is_last && !self.is_spoilt {
            let rejected = self.loader.account.rejected;
            let mut loading = Loading { loader: &mut self.loader, sink: &mut self.builder };
            let finished = self.parser.finish(&mut loading);
            // What is rejected for want of an end is told with its line of the file.
            self.is_spoilt = finished.is_err() || self.loader.account.rejected > rejected;
        }
        // A header behind so much emptiness is for the eyes of one reader.
        self.is_spoilt |= self.loader.is_before_records();
        let (columns, extras) = self.loader.width();
        self.is_spoilt |= (columns, extras, self.parser.names()) != self.known;
        let books = Books {
            books: self.loader.account.close_part(),
            lines: self.parser.line() - 1,
            zone_used: self.loader.used_zone(),
        };
        let segments = self.builder.take().into_iter().map(Sealed::from).collect();
        if self.is_spoilt { Part::default() } else { Part { books: Some(books), segments } }
    }
}

/// The place of a segment in its part, as long as it has none in a dataset.
fn place(at: usize) -> ChunkRef {
    ChunkRef { dataset: DatasetId(0), chunk: at as u32 }
}

impl Part {
    /// As an answer of one thread to another, in pieces that [`Part::read`] reads: the account, then head and details of each
    /// segment in turn.
    pub fn write(self) -> Vec<Vec<u8>> {
        // Numbers and texts can always be written.
        let mut pieces = vec![serde_json::to_vec(&self.books).unwrap_or_default()];
        for (at, segment) in self.segments.into_iter().enumerate() {
            pieces.extend(segment.store(place(at)).1);
        }
        pieces
    }

    /// Reads the answer of a reader. `None`: it is none.
    #[inline(never)]
    pub fn read(pieces: Vec<Vec<u8>>) -> Option<Self> {
        let mut pieces = pieces.into_iter();
        let books = serde_json::from_slice(&pieces.next()?).ok()?;
        let mut segments = Vec::new();
        while let Some(head) = pieces.next() {
            segments.push(Sealed::decode(place(segments.len()), &head, pieces.next()?).ok()?);
        }
        Some(Self { books, segments })
    }

    pub(super) fn into_books(self) -> Option<(Books, Vec<Sealed>)> {
        Some((self.books?, self.segments))
    }
}
