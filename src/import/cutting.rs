//! Where a long text can be cut so that no record is: what the leading thread has to know to let others read parts of it.
//!
//! Deliberately absent: fields. Only where records end is looked for (`quoting`), in a fraction of the time that reading them
//! takes.
//!
//! Invariant: a part ends where the parser ends a record, and where the slices that bytes come in end makes no difference.

use crate::dataset::CHUNK_ROWS;

use super::quoting::Quoting;
use super::structure::BLOCK;

/// Where a part ends even before it has all its rows, so that few long records do not keep one thread busy.
const PART_BYTES: usize = 96 << 20;

/// Finds the ends of parts that have the rows of a full chunk each.
#[derive(Debug)]
pub struct Cutter {
    records: Records,
    part: Tally,
}

#[derive(Debug)]
enum Records {
    Delimited(Quoting),
    Lines,
}

/// How full the part at hand is.
#[derive(Debug)]
struct Tally {
    rows: usize,
    most_bytes: usize,
    /// Records of it, blank ones left out; those in front of the first row of data count below zero.
    count: i64,
    /// Bytes in slices before.
    bytes: usize,
    /// The record at hand holds something.
    is_amid: bool,
    /// It ends with a carriage return, and with the line feed that may follow in the next slice.
    is_due: bool,
}

impl Cutter {
    /// Of text between delimiters with so many records in front of its first row of data.
    pub(super) fn delimited(delimiter: u8, head: usize) -> Self {
        Self::new(Records::Delimited(Quoting::new(delimiter)), head)
    }

    /// Of one record a line.
    pub(super) fn lines() -> Self {
        Self::new(Records::Lines, 0)
    }

    fn new(records: Records, head: usize) -> Self {
        let part = Tally {
            rows: CHUNK_ROWS,
            most_bytes: PART_BYTES,
            count: -(head as i64),
            bytes: 0,
            is_amid: false,
            is_due: false,
        };
        Self { records, part }
    }

    /// The same with parts of so many rows: a test need not read a million rows to have many.
    pub fn with_rows(mut self, rows: usize) -> Self {
        self.part.rows = rows.max(1);
        self
    }

    /// Looks through the next bytes. Where a part ends before, within or with them, the place of its end: bytes from there
    /// on are to be given again.
    pub fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        let first = bytes.first()?;
        let end = match &mut self.records {
            _ if self.part.is_due => Some(usize::from(*first == b'\n')),
            Records::Lines => self.part.cut_lines(bytes),
            Records::Delimited(quoting) => self.part.cut_delimited(bytes, quoting),
        };
        self.part.bytes += bytes.len();
        if end.is_some() {
            self.part.restart();
            if let Records::Delimited(quoting) = &mut self.records {
                quoting.restart();
            }
        }
        end
    }
}

impl Tally {
    fn restart(&mut self) {
        (self.count, self.bytes, self.is_amid, self.is_due) = (0, 0, false, false);
    }

    fn cut_lines(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let start = std::mem::replace(&mut at, end + 1);
            let is_blank = bytes[start..at].iter().all(|byte| matches!(byte, b'\n' | b'\r'));
            self.count += i64::from(self.is_amid || !is_blank);
            self.is_amid = false;
            if self.is_end_of_part(bytes, at) {
                return Some(at);
            }
        }
        // A line feed may follow a carriage return: that is a blank line still.
        self.is_amid |= bytes[at..].iter().any(|byte| *byte != b'\r');
        None
    }

    fn cut_delimited(&mut self, bytes: &[u8], quoting: &mut Quoting) -> Option<usize> {
        let mut start = 0;
        for block in bytes.chunks(BLOCK) {
            let mut ends = quoting.record_ends(block);
            // Of records that hold something: no other end is right before.
            let counted = ends & !(ends << 1 | u64::from(!self.is_amid));
            self.is_amid = ends >> (block.len() - 1) & 1 == 0;
            let is_long = self.bytes + start + BLOCK >= self.most_bytes;
            if !is_long && self.count + i64::from(counted.count_ones()) < self.rows as i64 {
                self.count += i64::from(counted.count_ones());
                ends = 0;
            }
            while ends != 0 {
                let at = ends.trailing_zeros();
                self.count += (counted >> at & 1) as i64;
                ends &= ends - 1;
                let end = start + at as usize + 1;
                if self.is_end_of_part(bytes, end) {
                    return (!self.is_due).then(|| with_line_feed(bytes, end));
                }
            }
            start += block.len();
        }
        None
    }

    /// Whether the part is full with the record that ends there.
    fn is_end_of_part(&mut self, bytes: &[u8], end: usize) -> bool {
        let is_full = self.count >= self.rows as i64 || self.bytes + end >= self.most_bytes;
        self.is_due = is_full && end == bytes.len() && bytes[end - 1] == b'\r';
        is_full
    }
}

/// A record's end, with the line feed that belongs to its carriage return.
fn with_line_feed(bytes: &[u8], end: usize) -> usize {
    let is_pair = bytes[end - 1] == b'\r' && bytes.get(end) == Some(&b'\n');
    end + usize::from(is_pair)
}

#[cfg(test)]
#[path = "cutting_tests.rs"]
mod tests;
