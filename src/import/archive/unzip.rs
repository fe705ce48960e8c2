//! A zip file of dumps, member by member, in steps: the desk answers questions between two of them.

use std::io::Write as _;

use flate2::Crc;
use flate2::write::DeflateDecoder;
use rawzip::CompressionMethod;

use super::super::account::Pages;
use super::super::error::ImportError;
use super::super::importer::{Importer, Within};
use super::super::options::{ImportOptions, ImportSummary};
use super::super::synapse::Tables;
use super::members::{Member, members};
use super::merging::{ExtraColumns, MemberSink, Whole};
use super::models::Models;
use super::{PIECE_BYTES, UNPACKED_LIMIT_BYTES, damaged, options_of, too_large};
use crate::dataset::RowSink;

/// Packed bytes of one step.
const STEP_BYTES: usize = 64 * PIECE_BYTES;

/// Reads the members of a zip file.
pub(in crate::import) struct Unzip {
    file: Vec<u8>,
    models: Models,
    members: std::vec::IntoIter<Member>,
    /// Members to be read once more, when the states of all tables are known.
    again: Vec<Member>,
    current: Option<Current>,
    columns: ExtraColumns,
    whole: Whole,
    unpacked: u64,
    within: Within,
}

/// The member at hand.
struct Current {
    member: Member,
    /// Packed bytes taken.
    taken: usize,
    /// `None`: it is stored as it is.
    inflater: Option<DeflateDecoder<Vec<u8>>>,
    crc: Crc,
    size: u64,
    importer: Importer,
}

impl Unzip {
    pub(in crate::import) fn new(
        file: Vec<u8>,
        options: &ImportOptions,
        depth: u8,
    ) -> Result<Self, ImportError> {
        let mut members = members(&file, options)?;
        let models = Models::take(&mut members, &file, options)?;
        Ok(Self {
            file,
            models,
            members: members.into_iter(),
            again: Vec::new(),
            current: None,
            columns: ExtraColumns::default(),
            whole: Whole::default(),
            unpacked: 0,
            within: Within { depth, tables: Some(Tables::default()), again: false },
        })
    }

    pub(in crate::import) fn rows_read(&self) -> u64 {
        let current = self.current.as_ref().map_or(0, |current| current.importer.rows_read());
        self.whole.rows_read + current
    }

    /// Reads a little. `false`: all was read.
    pub(in crate::import) fn go_on(
        &mut self,
        options: &ImportOptions,
        sink: &mut dyn RowSink,
    ) -> Result<bool, ImportError> {
        if self.current.is_none() {
            let Some(member) = self.members.next() else { return Ok(self.begin_again()) };
            self.columns.next_member();
            let model = self.models.of(&member.path, &self.file, options)?;
            let options = ImportOptions { model, ..options.clone() };
            self.current = Some(Current::new(member, &options, self.within.clone())?);
        }
        let Some(current) = &mut self.current else { return Ok(false) };
        let rows_before = self.whole.rows_read;
        let mut sink = MemberSink { columns: &mut self.columns, rows_before, sink };
        let left = UNPACKED_LIMIT_BYTES - self.unpacked;
        let size = current.size;
        let stepped = current.step(&self.file, left, &mut sink);
        self.unpacked += current.size - size;
        sink.columns.check(options)?;
        let left_out = match stepped {
            Ok(true) => return Ok(true),
            Ok(false) => None,
            Err(Fault::Bomb(size)) => return Err(too_large(options, self.unpacked + size)),
            Err(Fault::Packed(what)) => {
                return Err(damaged(options, what, &format!("'{}'", current.member.path)));
            }
            Err(Fault::Content(error)) => Some(error),
        };
        let Some(Current { member, mut importer, .. }) = self.current.take() else {
            return Ok(false);
        };
        let finished = match left_out {
            Some(error) => Err(error),
            None if importer.end_collecting()? => {
                self.again.push(member);
                return Ok(true);
            }
            None => importer.finish_part(&mut sink),
        };
        match finished {
            Ok((summary, pages)) => self.whole.add(&member.path, summary, pages),
            // It is no dump, and no row of it was taken.
            Err(
                error @ (ImportError::UnsupportedFormat { .. }
                | ImportError::EmptyFile { .. }
                | ImportError::MappingNeeded { .. }),
            ) => self.whole.leave_out(&member.path, error),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Goes on with what is to be read once more; it was measured the first time. `false`: nothing is.
    fn begin_again(&mut self) -> bool {
        self.members = std::mem::take(&mut self.again).into_iter();
        (self.unpacked, self.within.again) = (0, true);
        self.models.begin_again();
        self.members.len() > 0
    }

    /// The account of everything.
    pub(in crate::import) fn finish(
        mut self,
        options: &ImportOptions,
    ) -> Result<(ImportSummary, Pages), ImportError> {
        let nothing = || ImportError::EmptyFile { name: options.name.clone() };
        for path in self.models.unread() {
            let error = ImportError::UnsupportedFormat {
                name: format!("{}/{path}", options.name),
                looks_like:
                    "a description of tables that cannot be read: it is cut off, or describes none"
                        .to_owned(),
                way_out: "Copy the folder again".to_owned(),
            };
            self.whole.leave_out(&path, error);
        }
        self.whole.finish()?.ok_or_else(nothing)
    }
}

/// What is wrong with a member.
enum Fault {
    /// More than may be unpacked, so many bytes at least.
    Bomb(u64),
    /// The archive is broken.
    Packed(String),
    /// What it holds cannot be imported.
    Content(ImportError),
}

impl Current {
    fn new(member: Member, options: &ImportOptions, within: Within) -> Result<Self, ImportError> {
        let inflater = match member.method {
            CompressionMethod::Store => None,
            CompressionMethod::Deflate => Some(DeflateDecoder::new(Vec::new())),
            method => {
                let what = format!("its compression {method:?} is not read");
                return Err(damaged(options, what, &format!("'{}'", member.path)));
            }
        };
        let importer = Importer::nested(options_of(options, &member.path), within);
        Ok(Self { member, taken: 0, inflater, crc: Crc::new(), size: 0, importer })
    }

    /// `false`: the member was read to its end.
    fn step(&mut self, file: &[u8], left: u64, sink: &mut dyn RowSink) -> Result<bool, Fault> {
        let packed = &file[self.member.packed.clone()];
        if self.taken == packed.len() {
            // The rest of a workbook or an archive within.
            return self.importer.go_on(sink).map_err(Fault::Content);
        }
        let end = packed.len().min(self.taken + STEP_BYTES);
        let before = self.size;
        for piece in packed[self.taken..end].chunks(PIECE_BYTES) {
            let mut unpacked = Vec::new();
            let bytes = match &mut self.inflater {
                None => piece,
                Some(inflater) => {
                    let written = inflater.write_all(piece);
                    written.map_err(|error| {
                        Fault::Packed(format!("it cannot be unpacked ({error})"))
                    })?;
                    unpacked = std::mem::take(inflater.get_mut());
                    &unpacked
                }
            };
            self.take(bytes, left, before, sink)?;
            if let Some(inflater) = &mut self.inflater {
                unpacked.clear();
                *inflater.get_mut() = unpacked;
            }
        }
        self.taken = end;
        if end < packed.len() {
            return Ok(true);
        }
        if let Some(mut inflater) = self.inflater.take() {
            let finished = inflater.try_finish();
            finished.map_err(|error| Fault::Packed(format!("it cannot be unpacked ({error})")))?;
            let rest = std::mem::take(inflater.get_mut());
            self.take(&rest, left, before, sink)?;
        }
        match self.member.fault(&self.crc, self.size) {
            Some(fault) => Err(Fault::Packed(fault.to_owned())),
            None => self.importer.go_on(sink).map_err(Fault::Content),
        }
    }

    fn take(
        &mut self,
        bytes: &[u8],
        left: u64,
        before: u64,
        sink: &mut dyn RowSink,
    ) -> Result<(), Fault> {
        self.crc.update(bytes);
        self.size += bytes.len() as u64;
        if self.size - before > left {
            return Err(Fault::Bomb(self.size - before));
        }
        self.importer.push(bytes, sink).map_err(Fault::Content)
    }
}
