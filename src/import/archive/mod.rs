//! Dumps inside archives: gzip, and zip files of several dumps.
//!
//! Each member is read as a file of its own and all of them are one import. What a member turns out to be is up to the
//! importer that reads it, so an archive may hold whatever the importer reads, another archive included.
//!
//! Deliberately absent: workbooks, which are zip files too (`workbook`), and archives that no browser or export writes.
//!
//! Invariant: a member is read whole, with the checksum that the archive keeps of it, or the import fails; a member that is
//! no dump is named in the report.

mod gunzip;
mod members;
mod merging;
mod models;
mod unzip;

#[cfg(test)]
#[path = "../../../tests/import_corpus_support/stored_zip.rs"]
pub(super) mod stored_zip;

use super::error::ImportError;
use super::options::ImportOptions;

pub(super) use gunzip::{Gunzip, gunzip_head, is_gzip};
pub(super) use members::members;
pub(super) use models::Models;
pub(super) use unzip::Unzip;

/// Archives within archives are opened down to here: a download that was packed again is real, more is an attack.
pub(super) const DEEPEST: u8 = 2;

/// What all members of an archive may unpack to.
const UNPACKED_LIMIT_BYTES: u64 = 8 << 30;

/// Packed bytes that are unpacked at once: a thousand times as much may come of them.
const PIECE_BYTES: usize = 16 << 10;

fn damaged(options: &ImportOptions, what: String, place: &str) -> ImportError {
    ImportError::Damaged { name: options.name.clone(), what, place: place.to_owned() }
}

fn too_large(options: &ImportOptions, size: u64) -> ImportError {
    let what = "what it unpacks to".to_owned();
    ImportError::TooLarge { name: options.name.clone(), what, size, limit: UNPACKED_LIMIT_BYTES }
}

/// The options of a member: headers that only other members have are no mistake.
pub(super) fn options_of(options: &ImportOptions, member: &str) -> ImportOptions {
    let name = format!("{}/{member}", options.name);
    ImportOptions { name, is_part: true, ..options.clone() }
}
