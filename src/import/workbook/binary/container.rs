//! The compound file around a binary workbook: which streams it has, and their bytes.
//!
//! Source: [MS-CFB]. A file is sectors; a table says which sector follows which; small streams lie in sectors of their own
//! within a stream of the root.
//!
//! Deliberately absent: writing, times, and storages within the root, in which embedded documents lie.
//!
//! Invariant: nothing that the file claims makes this take more than a few times its own size, or go round for ever.

use super::Fault;

/// How a compound file begins.
pub(in crate::import) const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const MINI_SHIFT: u32 = 6;
/// Streams below this size are small ones.
const SMALL_BYTES: u64 = 4_096;
/// Numbers from here on mark ends and free sectors.
const LAST_SECTOR: u32 = 0xFFFF_FFFA;
const NO_ENTRY: u32 = 0xFFFF_FFFF;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// An opened compound file.
pub(super) struct Container<'a> {
    file: &'a [u8],
    shift: u32,
    /// The sector behind each sector.
    next: Vec<u32>,
    mini_next: Vec<u32>,
    /// The small sectors, one after the other.
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    len: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

impl<'a> Container<'a> {
    /// Opens a file that begins with the signature.
    pub(super) fn open(file: &'a [u8]) -> Result<Self, Fault> {
        Self::read(file).ok_or(Fault::Damaged("its table of sectors cannot be read"))
    }

    fn read(file: &'a [u8]) -> Option<Self> {
        let shift = u32::from(u16_at(file, 30)?);
        if !matches!(shift, 9 | 12) || file.len() < HEADER_BYTES {
            return None;
        }
        let mut found = Self {
            file,
            shift,
            next: Vec::new(),
            mini_next: Vec::new(),
            mini: Vec::new(),
            entries: Vec::new(),
        };
        found.read_table()?;
        let directory = found.chain(u32_at(file, 48)?, u64::MAX)?;
        let root = directory.chunks_exact(ENTRY_BYTES).next().filter(|root| root[66] == ROOT)?;
        let is_old = u16_at(file, 26)? == 3;
        let (start, len) = extent(root, is_old)?;
        // A file without small streams says so by a sector that is none.
        if len > 0 && start < LAST_SECTOR {
            found.mini = found.chain(start, len)?;
            found.mini_next = numbers(&found.chain(u32_at(file, 60)?, u64::MAX)?);
        }
        found.entries = entries(&directory, u32_at(root, 76)?, is_old)?;
        Some(found)
    }

    /// The table is itself in sectors; the header lists the first of them, a chain of sectors the others.
    fn read_table(&mut self) -> Option<()> {
        let mut tables: Vec<u32> = numbers(&self.file[76..HEADER_BYTES]);
        let mut more = u32_at(self.file, 68)?;
        let most = self.sectors();
        let mut left = most + 1;
        while more < LAST_SECTOR {
            left = left.checked_sub(1)?;
            let mut listed = numbers(self.sector(more)?);
            more = listed.pop()?;
            tables.extend(listed.into_iter().filter(|table| *table < LAST_SECTOR));
            if tables.len() > most + HEADER_BYTES {
                return None;
            }
        }
        tables.retain(|table| *table < LAST_SECTOR);
        if tables.len() > most {
            return None;
        }
        for table in tables {
            let listed = numbers(self.sector(table)?);
            self.next.extend(listed);
        }
        Some(())
    }

    fn sectors(&self) -> usize {
        self.file.len() >> self.shift
    }

    /// The last sector of a file may be cut.
    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(1 << self.shift)?;
        let end = start.checked_add(1 << self.shift)?.min(self.file.len());
        self.file.get(start..end).filter(|sector| !sector.is_empty())
    }

    /// The bytes of a chain of sectors, so many at most.
    fn chain(&self, start: u32, len: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let (mut number, mut left) = (start, self.sectors() + 1);
        while number < LAST_SECTOR && (bytes.len() as u64) < len {
            left = left.checked_sub(1)?;
            bytes.extend_from_slice(self.sector(number)?);
            number = *self.next.get(number as usize)?;
        }
        bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Some(bytes)
    }

    fn mini_chain(&self, start: u32, len: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let (mut number, mut left) = (start, (self.mini.len() >> MINI_SHIFT) + 1);
        while number < LAST_SECTOR && (bytes.len() as u64) < len {
            left = left.checked_sub(1)?;
            let at = (number as usize).checked_mul(1 << MINI_SHIFT)?;
            let end = at.checked_add(1 << MINI_SHIFT)?.min(self.mini.len());
            bytes.extend_from_slice(self.mini.get(at..end)?);
            number = *self.mini_next.get(number as usize)?;
        }
        bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Some(bytes)
    }

    /// Whether there is a stream of this name in the root.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The stream of this name in the root.
    pub(super) fn stream(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let entry = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
        let entry = entry.ok_or(Fault::Damaged("a stream of it is missing"))?;
        let bytes = match entry.len < SMALL_BYTES {
            true => self.mini_chain(entry.start, entry.len),
            false => self.chain(entry.start, entry.len),
        };
        bytes
            .filter(|bytes| bytes.len() as u64 == entry.len)
            .ok_or(Fault::Damaged("it ends before its sheets are complete"))
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect()
}

/// Where an entry's stream begins, and how long it is. Before version 4 only half of the number counts.
fn extent(entry: &[u8], is_old: bool) -> Option<(u32, u64)> {
    let len = u64::from(u32_at(entry, 120)?) | u64::from(u32_at(entry, 124)?) << 32;
    Some((u32_at(entry, 116)?, if is_old { len & 0xFFFF_FFFF } else { len }))
}

/// The streams of the root: a tree of entries that name each other.
fn entries(directory: &[u8], top: u32, is_old: bool) -> Option<Vec<Entry>> {
    let all = directory.as_chunks::<ENTRY_BYTES>().0;
    let mut seen = vec![false; all.len()];
    let (mut found, mut open) = (Vec::new(), vec![top]);
    while let Some(number) = open.pop() {
        let Some(entry) = all.get(number as usize) else {
            if number == NO_ENTRY {
                continue;
            }
            return None;
        };
        if std::mem::replace(&mut seen[number as usize], true) {
            continue;
        }
        open.extend([u32_at(entry, 68)?, u32_at(entry, 72)?]);
        if entry[66] != STREAM {
            continue;
        }
        let name_len = usize::from(u16_at(entry, 64)?).min(64) / 2;
        let units = entry.as_chunks::<2>().0.iter().take(name_len).map(|u| u16::from_le_bytes(*u));
        let name = char::decode_utf16(units.take_while(|unit| *unit != 0))
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        let (start, len) = extent(entry, is_old)?;
        found.push(Entry { name, start, len });
    }
    Some(found)
}
