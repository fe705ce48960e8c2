//! The members of a zip file that may be dumps, in the order in which people count.

use std::cmp::Ordering;
use std::io::Read as _;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

use super::super::error::ImportError;
use super::super::options::ImportOptions;
use super::damaged;

/// More files than anybody exports.
const MOST_MEMBERS: usize = 10_000;

/// Bit of a member's flags: it is encrypted.
const ENCRYPTED: u8 = 1;

/// A member as the directory has it.
pub(in crate::import) struct Member {
    pub(in crate::import) path: String,
    /// Where its packed bytes are in the file.
    pub(super) packed: std::ops::Range<usize>,
    pub(super) method: CompressionMethod,
    crc: u32,
    pub(super) size: u64,
}

impl Member {
    /// So many bytes of its beginning.
    pub(in crate::import) fn head(
        &self,
        file: &[u8],
        most: usize,
        options: &ImportOptions,
    ) -> Result<Vec<u8>, ImportError> {
        let packed = &file[self.packed.clone()];
        let mut head = Vec::new();
        let fault = match self.method {
            CompressionMethod::Store => {
                head.extend_from_slice(&packed[..packed.len().min(most)]);
                None
            }
            CompressionMethod::Deflate => {
                let unpacked = DeflateDecoder::new(packed).take(most as u64).read_to_end(&mut head);
                unpacked.err().map(|error| format!("it cannot be unpacked ({error})"))
            }
            method => Some(format!("its compression {method:?} is not read")),
        };
        let is_whole = head.len() < most;
        let fault = fault.or_else(|| {
            let mut crc = Crc::new();
            crc.update(&head);
            self.fault(&crc, head.len() as u64).filter(|_| is_whole).map(str::to_owned)
        });
        match fault {
            Some(what) => Err(damaged(options, what, &format!("'{}'", self.path))),
            None => Ok(head),
        }
    }

    /// Why what was unpacked is not what was packed, if it is not.
    pub(super) fn fault(&self, crc: &Crc, size: u64) -> Option<&'static str> {
        if size != self.size {
            Some("its length is not what the archive says")
        } else if crc.sum() != self.crc {
            Some("its checksum is not what the archive says")
        } else {
            None
        }
    }
}

/// The members that may be dumps; nothing is unpacked.
pub(in crate::import) fn members(
    file: &[u8],
    options: &ImportOptions,
) -> Result<Vec<Member>, ImportError> {
    let broken = |what: String| damaged(options, what, "the zip directory");
    let archive = ZipArchive::from_slice(file)
        .map_err(|_| broken("the archive ends before its directory".to_owned()))?;
    let (mut members, mut count) = (Vec::new(), 0);
    for entry in archive.entries() {
        let unreadable = |error| broken(format!("an entry cannot be read ({error})"));
        let entry = entry.map_err(unreadable)?;
        let path = String::from_utf8_lossy(entry.file_path().as_ref()).replace('\\', "/");
        if entry.is_dir() || is_beside(&path) {
            continue;
        }
        count += 1;
        if count > MOST_MEMBERS {
            continue;
        }
        let header = usize::try_from(entry.local_header_offset()).unwrap_or(usize::MAX);
        if file.get(header.saturating_add(6)).is_some_and(|flags| flags & ENCRYPTED != 0) {
            return Err(ImportError::UnsupportedFormat {
                name: options.name.clone(),
                looks_like: "an archive with a password".to_owned(),
                way_out: "Unpack it and open the files inside".to_owned(),
            });
        }
        let (start, end) =
            archive.get_entry(entry.wayfinder()).map_err(unreadable)?.compressed_data_range();
        // Numbers beyond memory lie beyond the file.
        let place = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        let packed = place(start)..place(end);
        if file.get(packed.clone()).is_none() {
            return Err(broken(format!("'{path}' lies beyond the end of the file")));
        }
        let (method, crc) = (entry.compression_method(), entry.crc32());
        members.push(Member { path, packed, method, crc, size: entry.uncompressed_size_hint() });
    }
    if count > MOST_MEMBERS {
        return Err(ImportError::TooMany {
            name: options.name.clone(),
            what: "files".to_owned(),
            count: count as u64,
            limit: MOST_MEMBERS as u64,
        });
    }
    members.sort_by(|a, b| natural(&a.path, &b.path));
    Ok(members)
}

/// What operating systems put beside the files.
fn is_beside(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    path.starts_with("__MACOSX/") || file.starts_with('.') || file == "Thumbs.db"
}

/// Numbers in names by their value: page 2 comes before page 10.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let split = |text: &str| {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let zeros = text[..digits].bytes().take_while(|&byte| byte == b'0').count();
            (digits, zeros)
        };
        let ((digits, zeros), (others, other_zeros)) = (split(left), split(right));
        if digits > 0 && others > 0 {
            let (number, other) = (&left[zeros..digits], &right[other_zeros..others]);
            let order = number.len().cmp(&other.len()).then_with(|| number.cmp(other));
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[digits..], &right[others..]);
            continue;
        }
        let (mut chars, mut other_chars) = (left.chars(), right.chars());
        match (chars.next(), other_chars.next()) {
            (Some(one), Some(other)) if one == other => {
                (left, right) = (chars.as_str(), other_chars.as_str());
            }
            (one, other) => return one.cmp(&other).then_with(|| a.cmp(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_in_the_order_of_their_numbers() {
        let mut names = ["p10.json", "p2.json", "p02b.json", "a.json", "p2.json/x", "p", "p1"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a.json", "p", "p1", "p2.json", "p2.json/x", "p02b.json", "p10.json"]);
        assert_eq!(natural("a01", "a1"), "a01".cmp("a1"));
        assert_eq!(natural("a1", "a1"), Ordering::Equal);
    }

    #[test]
    fn files_of_the_operating_system_are_no_dumps() {
        for path in ["__MACOSX/._a.csv", ".DS_Store", "x/.hidden.csv", "Thumbs.db"] {
            assert!(is_beside(path), "{path}");
        }
        assert!(!is_beside("x/a.csv"));
    }
}
