//! The zip file of a workbook: its parts, unpacked as streams under limits.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;
use hashbrown::HashMap;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

use super::super::error::ImportError;
use super::xml::{Event, XmlReader};

/// Below this no part is a bomb, however well it was packed.
const HARMLESS_BYTES: u64 = 16 << 20;

/// Real sheets pack 5 to 50 times; a bomb about 1,000 times.
const RATIO_LIMIT: u64 = 250;

/// A million rows of long texts are 1 to 2 GB of XML.
const PART_LIMIT_BYTES: u64 = 4 << 30;

/// One text or tag of XML.
const PIECE_LIMIT_BYTES: u64 = 32 << 20;

/// A workbook has a handful of parts; Office itself writes hundreds at most.
const PARTS_LIMIT: usize = 10_000;

struct Part {
    /// What the directory claims; a liar is found out while unpacking.
    unpacked_len: u64,
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

/// An opened zip file.
pub(in crate::import) struct Package<'a> {
    name: String,
    archive: ZipSliceArchive<&'a [u8]>,
    parts: HashMap<String, Part>,
}

/// A link between parts.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type, such as `worksheet`.
    pub(super) kind: String,
    /// Path of the part within the file.
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(in crate::import) fn open(file: &'a [u8], name: &str) -> Result<Self, ImportError> {
        let damaged = |what: String| damaged(name, what, "the zip directory");
        let archive = ZipArchive::from_slice(file)
            .map_err(|_| damaged("the zip file ends before its directory".to_owned()))?;
        let mut parts = HashMap::new();
        for entry in archive.entries() {
            let entry =
                entry.map_err(|error| damaged(format!("an entry cannot be read ({error})")))?;
            if parts.len() >= PARTS_LIMIT {
                return Err(ImportError::TooMany {
                    name: name.to_owned(),
                    what: "files".to_owned(),
                    count: archive.entries().count() as u64,
                    limit: PARTS_LIMIT as u64,
                });
            }
            let path = String::from_utf8_lossy(entry.file_path().as_ref()).replace('\\', "/");
            let part = Part {
                unpacked_len: entry.uncompressed_size_hint(),
                wayfinder: entry.wayfinder(),
                method: entry.compression_method(),
            };
            // Part names differ in more than case; some writers are careless about it.
            parts.insert(path.trim_start_matches('/').to_ascii_lowercase(), part);
        }
        Ok(Self { name: name.to_owned(), archive, parts })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn contains(&self, part: &str) -> bool {
        self.parts.contains_key(&part.to_ascii_lowercase())
    }

    pub(super) fn contains_folder(&self, prefix: &str) -> bool {
        self.parts.keys().any(|part| part.starts_with(prefix))
    }

    /// Whether the zip file is the form of one document, not an archive of several files.
    pub(in crate::import) fn is_document(&self) -> bool {
        ["_rels/.rels", "[content_types].xml", "xl/workbook.xml", "content.xml"]
            .iter()
            .any(|part| self.contains(part))
    }

    /// Whether it is a spreadsheet of LibreOffice. A text of it has the same part; it has no sheets then.
    pub(super) fn is_open_document(&self) -> bool {
        self.contains(super::open_document::CONTENT) && !self.contains_folder("xl/")
    }

    /// What a zip file that is no workbook is.
    pub(super) fn look_alike(&self) -> &'static str {
        if self.contains("xl/workbook.bin") {
            "a binary workbook (.xlsb)"
        } else if self.contains_folder("word/") {
            "a Word document"
        } else if self.contains_folder("ppt/") {
            "a PowerPoint presentation"
        } else if self.contains("content.xml") {
            "an OpenDocument file"
        } else {
            "a zip archive"
        }
    }

    pub(super) fn unsupported(&self, looks_like: &str) -> ImportError {
        let way_out = if looks_like == "a zip archive" {
            "Unpack it and open the file inside"
        } else {
            "Save the table as XLSX or CSV and open that file"
        };
        ImportError::UnsupportedFormat {
            name: self.name.clone(),
            looks_like: looks_like.to_owned(),
            way_out: way_out.to_owned(),
        }
    }

    /// The links of a part; none if it has none.
    pub(super) fn relations(&self, part: &str, folder: &str) -> Result<Vec<Relation>, ImportError> {
        let mut relations = Vec::new();
        if !self.contains(part) {
            return Ok(relations);
        }
        let mut reader = self.xml(part)?;
        while let Some(event) = reader.next()? {
            let Event::Start(element) = event else { continue };
            if element.name() != "Relationship"
                || element.attribute("TargetMode").as_deref() == Some("External")
            {
                continue;
            }
            if relations.len() >= PARTS_LIMIT {
                break;
            }
            let kind = element.attribute("Type").unwrap_or_default();
            let target = element.attribute("Target").unwrap_or_default();
            relations.push(Relation {
                id: element.attribute("Id").unwrap_or_default(),
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: resolve(folder, &target),
            });
        }
        Ok(relations)
    }

    /// Opens a part as XML.
    pub(super) fn xml(&self, part: &str) -> Result<XmlReader<'_>, ImportError> {
        let damaged = |what: String| damaged(&self.name, what, part);
        let found = self
            .parts
            .get(&part.to_ascii_lowercase())
            .ok_or_else(|| damaged("a part of the workbook is missing".to_owned()))?;
        let entry = self
            .archive
            .get_entry(found.wayfinder)
            .map_err(|error| damaged(format!("a part of the workbook cannot be read ({error})")))?;
        let packed = entry.data();
        let unpacked: Box<dyn Read + '_> = match found.method {
            CompressionMethod::Deflate => {
                Box::new(entry.verifying_reader(DeflateDecoder::new(packed)))
            }
            CompressionMethod::Store => Box::new(entry.verifying_reader(packed)),
            method => return Err(damaged(format!("its compression {method:?} is not read"))),
        };
        let packed_len = packed.len() as u64;
        let limit = PART_LIMIT_BYTES.min(HARMLESS_BYTES.max(packed_len * RATIO_LIMIT));
        if found.unpacked_len > limit {
            return Err(ImportError::TooLarge {
                name: self.name.clone(),
                what: format!("{part} unpacked"),
                size: found.unpacked_len,
                limit,
            });
        }
        let piece = Rc::new(Cell::new(0));
        let limited =
            Limited { inner: unpacked, read: 0, limit, piece: Rc::clone(&piece), over: None };
        Ok(XmlReader::new(BufReader::with_capacity(64 << 10, limited), piece, &self.name, part))
    }
}

/// A link's target as a path from the root of the package.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let joined = format!("{folder}{target}");
    let mut path: Vec<&str> = Vec::new();
    for step in joined.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            _ => path.push(step),
        }
    }
    path.join("/")
}

pub(super) fn damaged(name: &str, what: String, place: &str) -> ImportError {
    ImportError::Damaged { name: name.to_owned(), what, place: place.to_owned() }
}

/// A stream that stops at a limit.
pub(super) struct Limited<'a> {
    inner: Box<dyn Read + 'a>,
    read: u64,
    limit: u64,
    /// Bytes since the XML reader last came to an end of something.
    piece: Rc<Cell<u64>>,
    pub(super) over: Option<(u64, u64)>,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        self.piece.set(self.piece.get() + count as u64);
        if self.read > self.limit {
            self.over = Some((self.read, self.limit));
        } else if self.piece.get() > PIECE_LIMIT_BYTES {
            self.over = Some((self.piece.get(), PIECE_LIMIT_BYTES));
        }
        match self.over {
            Some(_) => Err(io::Error::other("a limit of the importer is reached")),
            None => Ok(count),
        }
    }
}

/// Where the XML of a part comes from.
pub(super) type Source<'a> = BufReader<Limited<'a>>;

/// XML that is no part of a package, so many bytes of it ahead at most.
#[cfg(test)]
pub(super) fn xml_of(text: &str, ahead: usize) -> XmlReader<'_> {
    let piece = Rc::new(Cell::new(0));
    let inner = Box::new(text.as_bytes());
    let limit = PART_LIMIT_BYTES;
    let limited = Limited { inner, read: 0, limit, piece: Rc::clone(&piece), over: None };
    XmlReader::new(BufReader::with_capacity(ahead, limited), piece, "book.xlsx", "part")
}

const _: fn() = || {
    fn is_buffered<T: BufRead>() {}
    is_buffered::<Source<'static>>();
};
