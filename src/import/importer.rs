//! The push importer: bytes in, rows out to the sink.
//!
//! The first bytes are held back until they decide what the file is and how it is read; then they and all others stream
//! through. A zip file is held until its end, since its directory stands there, and so are a binary workbook, a table of Synapse
//! Link, and a document whose errors lie deep inside it.
//!
//! Invariant: rows, counts and errors do not depend on how the bytes are cut.

use crate::dataset::{RowSink, Session};

use super::account::Pages;
use super::archive::{self, Gunzip, Unzip, is_gzip};
use super::cutting::Cutter;
use super::document::{self, Kind};
use super::error::ImportError;
use super::held::{PACKED, TABLE, check_held_size, import_document, import_workbook};
use super::options::{ImportOptions, ImportSummary};
use super::parts::{self, Part};
use super::sniff::{Sniffed, sniff};
use super::streaming::Streaming;
use super::synapse::{Collecting, Settled, Settling, Tables};
use super::text::{Decoder, Encoding};
use super::text_plan::TextPlan;
use super::workbook::{COMPOUND, Package};

/// Bytes that are looked at before anything is decided.
pub(super) const SAMPLE_BYTES: usize = 256 << 10;

/// Where looking further ends: a file whose first record is longer than any record may be.
const SAMPLE_LIMIT_BYTES: usize = 64 << 20;

/// A long text that several threads may read: see [`Importer::in_parts`].
pub struct InParts {
    /// Takes what they read, in the order of the file.
    pub importer: Importer,
    /// Says where parts end.
    pub cutter: Cutter,
    /// Bytes in front of the first part.
    pub mark_len: usize,
}

/// Bytes of a held file that are read at once.
const SLICE_BYTES: usize = 1 << 20;

/// Reads one dump.
pub struct Importer {
    options: ImportOptions,
    stage: Stage,
    within: Within,
}

/// Where a file stands.
#[derive(Clone, Default)]
pub(super) struct Within {
    /// Archives around it.
    pub(super) depth: u8,
    /// The tables that it shares with other files; alone it shares none.
    pub(super) tables: Option<Tables>,
    /// It is read for the second time: the states of all tables are known.
    pub(super) again: bool,
}

enum Stage {
    /// Collecting the sample.
    Sampling { sample: Vec<u8>, goal: usize },
    /// Text streams through.
    Streaming(Box<Streaming>),
    /// A zip file is collected.
    Holding(Vec<u8>),
    /// A zip file of dumps is read, member by member.
    Unzipping(Box<Unzip>),
    /// What is packed streams through.
    Unpacking { gunzip: Box<Gunzip>, ended: bool },
    /// The states of a table's rows are collected, and the file is held: which is the newest is known at the end.
    Settling(Box<Settling>),
    /// A held table is read once more, from some place on.
    Rereading { held: Vec<u8>, at: usize, streaming: Box<Streaming> },
    /// The states are collected of one of several files.
    Collecting(Box<Collecting>),
    /// A document is collected.
    Gathering { kind: Kind, decoder: Decoder, encoding: Encoding, text: Vec<u8> },
    /// An error was told; nothing more is read.
    Stopped(ImportError),
}

impl Importer {
    /// An importer of one file.
    pub fn new(options: ImportOptions) -> Self {
        Self::nested(options, Within::default())
    }

    /// An importer of a file within others.
    pub(super) fn nested(options: ImportOptions, within: Within) -> Self {
        let stage = Stage::Sampling { sample: Vec::new(), goal: SAMPLE_BYTES };
        Self { options, stage, within }
    }

    /// What [`super::PartReader::new`] is told of a file that begins with these bytes. `None`: there are no parts.
    pub fn told_to_readers(head: &[u8], options: &ImportOptions) -> Option<Vec<u8>> {
        parts::told(head, options)
    }

    /// An importer of a file that begins with these bytes, if others may read its parts. `None`: its bytes are to be pushed
    /// from the first one on.
    pub fn in_parts(head: &[u8], options: &ImportOptions) -> Option<InParts> {
        let parts::Plan { text, cutter, parser, loader } = parts::Plan::make(head, options)?;
        let mark_len = text.mark_len;
        let (decoder, known) = (Decoder::new(text.encoding, 0), loader);
        let mut streaming = Streaming::new(text, options);
        (streaming.decoder, streaming.parser) = (decoder, parser);
        streaming.loader.know_extras_of(known);
        let stage = Stage::Streaming(Box::new(streaming));
        let importer = Self { options: options.clone(), stage, within: Within::default() };
        Some(InParts { importer, cutter, mark_len })
    }

    /// Takes what another thread read of the part that is next. `false`: it is of no use; the bytes of this part and of all
    /// that follow are to be pushed.
    pub fn take_part(&mut self, part: Part, session: &mut Session<'_>) -> bool {
        let Stage::Streaming(streaming) = &mut self.stage else { return false };
        let Streaming { parser, loader, .. } = &mut **streaming;
        let Some((books, segments)) = part.into_books() else { return false };
        let earlier = loader.account.rows_read;
        if earlier + books.books.rows_read > u64::from(u32::MAX) {
            return false;
        }
        for segment in segments {
            let taken = session.take_part(segment, earlier as u32);
            loader.account.loaded += taken.loaded;
            loader.account.duplicates += taken.duplicates;
            loader.account.dismissed_earlier += taken.dismissed_earlier;
        }
        loader.enter(books.books, parser.line() - 1, books.zone_used);
        parser.go_to(parser.line().saturating_add(books.lines));
        true
    }

    /// Rows read so far, rejected ones included.
    pub fn rows_read(&self) -> u64 {
        match &self.stage {
            Stage::Streaming(streaming) | Stage::Rereading { streaming, .. } => {
                streaming.rows_read()
            }
            Stage::Unzipping(unzip) => unzip.rows_read(),
            Stage::Unpacking { gunzip, .. } => gunzip.inner.rows_read(),
            _ => 0,
        }
    }

    /// Takes the next bytes of the file. After an error nothing of the file is to be kept, and every further call tells the
    /// same error.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn RowSink) -> Result<(), ImportError> {
        let pushed = self.try_push(bytes, sink);
        if let Err(error) = &pushed {
            self.stage = Stage::Stopped(error.clone());
        }
        pushed
    }

    fn try_push(&mut self, mut bytes: &[u8], sink: &mut dyn RowSink) -> Result<(), ImportError> {
        while !bytes.is_empty() {
            match &mut self.stage {
                Stage::Sampling { sample, goal } => {
                    let part = bytes.len().min(*goal - sample.len());
                    sample.extend_from_slice(&bytes[..part]);
                    bytes = &bytes[part..];
                    if sample.len() == *goal {
                        self.look(false, sink)?;
                    }
                }
                Stage::Streaming(streaming) => {
                    streaming.push(bytes, sink)?;
                    return Ok(());
                }
                Stage::Holding(file) => {
                    let size = file.len() + bytes.len();
                    check_held_size(PACKED, size as u64, &self.options)?;
                    file.extend_from_slice(bytes);
                    return Ok(());
                }
                Stage::Unpacking { gunzip, .. } => return gunzip.push(bytes, &self.options, sink),
                Stage::Settling(settling) => {
                    let size = settling.held.len() + bytes.len();
                    check_held_size(TABLE, size as u64, &self.options)?;
                    return settling.push(bytes);
                }
                Stage::Collecting(collecting) => return collecting.push(bytes),
                Stage::Gathering { decoder, text, .. } => {
                    text.extend_from_slice(decoder.decode(bytes));
                    return document::check_size(text.len(), &self.options);
                }
                // Bytes come before the end only.
                Stage::Unzipping(_) | Stage::Rereading { .. } => return Ok(()),
                Stage::Stopped(error) => return Err(error.clone()),
            }
        }
        Ok(())
    }

    /// Goes on with what can be read only when no more bytes come, a little of it. `false`: the rest is for
    /// [`finish`](Self::finish), which does all of it at once where this is not called.
    pub fn go_on(&mut self, sink: &mut dyn RowSink) -> Result<bool, ImportError> {
        let gone_on = self.try_go_on(sink);
        if let Err(error) = &gone_on {
            self.stage = Stage::Stopped(error.clone());
        }
        gone_on
    }

    fn try_go_on(&mut self, sink: &mut dyn RowSink) -> Result<bool, ImportError> {
        match &mut self.stage {
            Stage::Sampling { .. } => {
                self.look(true, sink)?;
                Ok(true)
            }
            Stage::Holding(file) => {
                let is_archive = !file.starts_with(COMPOUND)
                    && !Package::open(file, &self.options.name)?.is_document();
                if is_archive {
                    let file = std::mem::take(file);
                    let depth = self.deeper()?;
                    let unzip = Unzip::new(file, &self.options, depth)?;
                    self.stage = Stage::Unzipping(Box::new(unzip));
                }
                Ok(is_archive)
            }
            Stage::Unzipping(unzip) => unzip.go_on(&self.options, sink),
            Stage::Unpacking { gunzip, ended: true } => gunzip.inner.go_on(sink),
            Stage::Unpacking { gunzip, ended } => {
                *ended = true;
                gunzip.end(&self.options, sink)?;
                Ok(true)
            }
            Stage::Settling(_) => {
                let next = Stage::Holding(Vec::new());
                if let Stage::Settling(settling) = std::mem::replace(&mut self.stage, next) {
                    let (held, streaming) = settling.settle(&self.options)?;
                    let streaming = Box::new(streaming);
                    self.stage = Stage::Rereading { held, at: 0, streaming };
                }
                Ok(true)
            }
            Stage::Rereading { held, at, streaming } => {
                let end = held.len().min(*at + SLICE_BYTES);
                streaming.push(&held[*at..end], sink)?;
                *at = end;
                Ok(end < held.len())
            }
            Stage::Streaming(_) | Stage::Collecting(_) | Stage::Gathering { .. } => Ok(false),
            Stage::Stopped(error) => Err(error.clone()),
        }
    }

    /// The depth of what is in this file.
    fn deeper(&self) -> Result<u8, ImportError> {
        if self.within.depth < archive::DEEPEST {
            return Ok(self.within.depth + 1);
        }
        Err(ImportError::UnsupportedFormat {
            name: self.options.name.clone(),
            looks_like: "an archive within other archives".to_owned(),
            way_out: "Unpack it and open the files inside".to_owned(),
        })
    }

    /// Ends the first reading of one of several files, if this was one. `false`: it is done with once it is finished.
    pub(super) fn end_collecting(&mut self) -> Result<bool, ImportError> {
        match &mut self.stage {
            Stage::Collecting(collecting) => collecting.finish().map(|()| true),
            Stage::Unpacking { gunzip, .. } => gunzip.inner.end_collecting(),
            _ => Ok(false),
        }
    }

    /// Tells that no more bytes come, and gives the account.
    pub fn finish(self, sink: &mut dyn RowSink) -> Result<ImportSummary, ImportError> {
        let (mut summary, pages) = self.finish_part(sink)?;
        summary.warnings.extend(pages.warning());
        Ok(summary)
    }

    /// The same of a file that may be one of several.
    pub(super) fn finish_part(
        mut self,
        sink: &mut dyn RowSink,
    ) -> Result<(ImportSummary, Pages), ImportError> {
        while self.go_on(sink)? {}
        match self.stage {
            Stage::Streaming(streaming) | Stage::Rereading { streaming, .. } => {
                streaming.finish(sink)
            }
            Stage::Holding(file) => import_workbook(&file, &self.options, sink),
            Stage::Unzipping(unzip) => unzip.finish(&self.options),
            Stage::Unpacking { gunzip, .. } => {
                let (mut summary, pages) = gunzip.inner.finish_part(sink)?;
                summary.dialect = format!("gzip, {}", summary.dialect);
                Ok((summary, pages))
            }
            Stage::Gathering { kind, mut decoder, encoding, mut text } => {
                text.extend_from_slice(decoder.finish());
                import_document(kind, encoding, &text, &self.options, sink)
            }
            Stage::Stopped(error) => Err(error),
            // Neither is left when nothing goes on any more; a collected file has no account of its own.
            Stage::Sampling { .. } | Stage::Settling(_) | Stage::Collecting(_) => {
                Err(ImportError::EmptyFile { name: self.options.name })
            }
        }
    }

    /// Decides what the file is, if the sample is enough for that.
    fn look(&mut self, whole: bool, sink: &mut dyn RowSink) -> Result<(), ImportError> {
        if matches!(&self.stage, Stage::Sampling { sample, .. } if is_gzip(sample)) {
            let within = Within { depth: self.deeper()?, ..self.within.clone() };
            let gunzip = Box::new(Gunzip::new(&self.options, within));
            let next = Stage::Unpacking { gunzip, ended: false };
            let Stage::Sampling { sample, .. } = std::mem::replace(&mut self.stage, next) else {
                return Ok(());
            };
            return self.try_push(&sample, sink);
        }
        let Stage::Sampling { sample, goal } = &mut self.stage else { return Ok(()) };
        let sniffed = sniff(sample, whole, &self.options)?;
        match sniffed {
            Some(Sniffed::Zip | Sniffed::Compound) => {
                self.stage = Stage::Holding(std::mem::take(sample));
                return Ok(());
            }
            Some(Sniffed::Document { encoding, mark_len, kind }) => {
                let mut decoder = Decoder::new(encoding, mark_len);
                let text = decoder.decode(sample).to_vec();
                self.stage = Stage::Gathering { kind, decoder, encoding, text };
                return Ok(());
            }
            _ => {}
        }
        let plan = match sniffed {
            Some(sniffed) => TextPlan::make(sniffed, sample, whole, &self.options)?,
            None => None,
        };
        let Some(plan) = plan else {
            if *goal >= SAMPLE_LIMIT_BYTES || whole {
                return Err(ImportError::Damaged {
                    name: self.options.name.clone(),
                    what: format!("no rows are found within the first {} bytes", sample.len()),
                    place: "its beginning".to_owned(),
                });
            }
            *goal *= 4;
            return Ok(());
        };
        plan.decision.check(&self.options)?;
        let sample = std::mem::take(sample);
        self.stage = self.stage_of(plan);
        self.try_push(&sample, sink)
    }

    /// How a text is read that is planned so.
    fn stage_of(&self, mut plan: TextPlan) -> Stage {
        let (options, within) = (&self.options, &self.within);
        let Some(file) = plan.table.take() else {
            return Stage::Streaming(Box::new(Streaming::new(plan, options)));
        };
        match &within.tables {
            None => Stage::Settling(Box::new(Settling::new(plan, file, options))),
            Some(tables) if within.again => {
                let settled = Settled::new(tables.of(&file), file.columns);
                Stage::Streaming(Box::new(Streaming::of_table(plan, settled, options)))
            }
            Some(tables) => {
                let table = tables.of(&file);
                Stage::Collecting(Box::new(Collecting::new(&plan, file, table, options)))
            }
        }
    }
}
