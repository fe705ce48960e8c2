//! The descriptions of tables in an archive. Each describes the files of the folder that it lies in, and of those within.
//!
//! One is held at a time, and only while files of its folder are read: Synapse Link puts one into each folder of a time.

use std::cmp::Reverse;
use std::rc::Rc;

use super::super::error::ImportError;
use super::super::options::ImportOptions;
use super::super::synapse::{
    MODEL_HEAD_BYTES, MODEL_LIMIT_BYTES, ModelFault, TableModel, describes_tables,
};
use super::members::Member;
use super::{UNPACKED_LIMIT_BYTES, too_large};

/// The file that describes tables is known by its name: its content is looked at only when it has that.
const MODEL_NAME: &str = "model.json";

/// What describes the tables of an archive.
pub(in crate::import) struct Models {
    /// What the whole archive came with.
    given: Option<Rc<TableModel>>,
    found: Vec<Member>,
    /// The one at hand, by its place among those found.
    last: Option<(usize, Rc<TableModel>)>,
    /// Bytes unpacked for it, over and over.
    unpacked: u64,
    /// Paths of those that describe nothing after all.
    unread: Vec<String>,
}

impl Models {
    /// Takes them out of the members.
    pub(in crate::import) fn take(
        members: &mut Vec<Member>,
        file: &[u8],
        options: &ImportOptions,
    ) -> Result<Self, ImportError> {
        let (mut found, mut others) = (Vec::new(), Vec::with_capacity(members.len()));
        for member in members.drain(..) {
            let is_named = member.path.rsplit('/').next() == Some(MODEL_NAME);
            let is_model =
                is_named && describes_tables(&member.head(file, MODEL_HEAD_BYTES, options)?);
            if is_model { &mut found } else { &mut others }.push(member);
        }
        *members = others;
        let given = options.model.clone();
        Ok(Self { given, found, last: None, unpacked: 0, unread: Vec::new() })
    }

    /// What describes the file at this path.
    pub(in crate::import) fn of(
        &mut self,
        path: &str,
        file: &[u8],
        options: &ImportOptions,
    ) -> Result<Option<Rc<TableModel>>, ImportError> {
        let folder = |at: usize| self.found[at].path.strip_suffix(MODEL_NAME).unwrap_or_default();
        let mut around: Vec<usize> =
            (0..self.found.len()).filter(|&at| path.starts_with(folder(at))).collect();
        around.sort_by_key(|&at| Reverse(folder(at).len()));
        // What the nearest one does not describe, since it cannot be read, the next one may.
        for at in around {
            if self.unread.contains(&self.found[at].path) {
                continue;
            }
            if let Some((_, model)) = self.last.as_ref().filter(|(last, _)| *last == at) {
                return Ok(Some(Rc::clone(model)));
            }
            if let Some(model) = self.read(at, file, options)? {
                self.last = Some((at, Rc::clone(&model)));
                return Ok(Some(model));
            }
        }
        Ok(self.given.clone())
    }

    /// The same files are read once more: what was unpacked for them was measured the first time.
    pub(in crate::import) fn begin_again(&mut self) {
        self.unpacked = 0;
    }

    fn read(
        &mut self,
        at: usize,
        file: &[u8],
        options: &ImportOptions,
    ) -> Result<Option<Rc<TableModel>>, ImportError> {
        let member = &self.found[at];
        let text = member.head(file, MODEL_LIMIT_BYTES + 1, options)?;
        self.unpacked += text.len() as u64;
        if self.unpacked > UNPACKED_LIMIT_BYTES {
            return Err(too_large(options, self.unpacked));
        }
        let name = || format!("{}/{}", options.name, member.path);
        match TableModel::read(&String::from_utf8_lossy(&text)) {
            Ok(model) => Ok(Some(Rc::new(model))),
            Err(ModelFault::NoTables) => {
                self.unread.push(member.path.clone());
                Ok(None)
            }
            Err(ModelFault::TooLarge(size)) => Err(ImportError::TooLarge {
                name: name(),
                what: "the description of the tables".to_owned(),
                size: size.max(member.size),
                limit: MODEL_LIMIT_BYTES as u64,
            }),
            Err(ModelFault::TooMany { what, count, limit }) => {
                Err(ImportError::TooMany { name: name(), what: what.to_owned(), count, limit })
            }
        }
    }

    /// Paths of those that looked like descriptions and are none.
    pub(in crate::import) fn unread(self) -> Vec<String> {
        self.unread
    }
}
