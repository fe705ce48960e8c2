//! Which line ends of delimited text end records: those outside of quotes, found for sixty-four bytes at a time.
//!
//! Most blocks hold no quote and cost a few comparisons; in others only the quotes are gone through.
//!
//! Deliberately absent: fields, which `csv` finds in a record that is whole.
//!
//! Invariant: what is a record's end does not depend on how the text is cut into blocks.

use super::structure::{BLOCK, Delimited, Grammar, Lines};

/// Where the text is behind the last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scan {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote that closes, unless another one follows.
    QuoteSeen,
}

/// Goes through delimited text, block by block.
#[derive(Debug)]
pub(super) struct Quoting {
    delimited: Delimited,
    scan: Scan,
}

impl Quoting {
    /// At the beginning of a record.
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimited: Delimited(delimiter), scan: Scan::FieldStart }
    }

    /// At the beginning of a record once more.
    pub(super) fn restart(&mut self) {
        self.scan = Scan::FieldStart;
    }

    /// The place behind the line end of the record that goes on with these bytes; what follows is another one.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let blocks = bytes.chunks(BLOCK).enumerate();
        let mut ends = blocks.map(|(at, block)| (at * BLOCK, self.record_ends(block)));
        let (start, ends) = ends.find(|(_, ends)| *ends != 0)?;
        self.restart();
        Some(start + ends.trailing_zeros() as usize + 1)
    }

    /// Whether a quote is open.
    pub(super) fn is_quoted(&self) -> bool {
        self.scan == Scan::Quoted
    }

    /// The line ends among the next bytes, at most a block of them, that end records: one bit a byte.
    pub(super) fn record_ends(&mut self, bytes: &[u8]) -> u64 {
        let Some(last) = bytes.len().checked_sub(1) else { return 0 };
        let mut filled = [0; BLOCK];
        let block = bytes.first_chunk().unwrap_or_else(|| {
            filled[..bytes.len()].copy_from_slice(bytes);
            &filled
        });
        let own = !0 >> (BLOCK - 1 - last);
        let (lines, quotes) = Lines.marks(block);
        let (lines, quotes) = (lines & own, quotes & own);
        let inside = match (quotes, self.scan) {
            (0, Scan::Quoted) => return 0,
            (0, _) => 0,
            _ => self.inside(self.delimited.marks(block).0 & own, quotes, own),
        };
        if !matches!(self.scan, Scan::Quoted | Scan::QuoteSeen) || inside >> last & 1 == 0 {
            let is_end = lines >> last & 1 == 1 || bytes[last] == self.delimited.0;
            self.scan = if is_end { Scan::FieldStart } else { Scan::Plain };
        }
        lines & !inside
    }

    /// The bytes from each opening quote to the one that closes it.
    fn inside(&mut self, ends: u64, quotes: u64, own: u64) -> u64 {
        let opening = quotes & (ends << 1 | u64::from(self.scan == Scan::FieldStart));
        let (mut inside, mut at) = (0, 0);
        let from = |at: u32| (!0_u64).checked_shl(at).unwrap_or(0);
        while from(at) & own != 0 {
            match self.scan {
                Scan::Quoted => {
                    let close = quotes & from(at);
                    if close == 0 {
                        return inside | from(at) & own;
                    }
                    let next = close.trailing_zeros() + 1;
                    inside |= from(at) & !from(next);
                    (at, self.scan) = (next, Scan::QuoteSeen);
                }
                Scan::QuoteSeen if quotes >> at & 1 == 1 => {
                    inside |= 1 << at;
                    (at, self.scan) = (at + 1, Scan::Quoted);
                }
                _ => {
                    self.scan = Scan::Plain;
                    let open = opening & from(at);
                    if open == 0 {
                        break;
                    }
                    inside |= open & open.wrapping_neg();
                    (at, self.scan) = (open.trailing_zeros() + 1, Scan::Quoted);
                }
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Byte by byte.
    fn expected(text: &[u8]) -> Vec<usize> {
        let (mut scan, mut ends) = (Scan::FieldStart, Vec::new());
        for (at, byte) in text.iter().enumerate() {
            scan = match (scan, byte) {
                (Scan::Quoted, b'"') => Scan::QuoteSeen,
                (Scan::Quoted, _) | (Scan::FieldStart | Scan::QuoteSeen, b'"') => Scan::Quoted,
                (_, b'\n' | b'\r') => {
                    ends.push(at);
                    Scan::FieldStart
                }
                (_, b';') => Scan::FieldStart,
                _ => Scan::Plain,
            };
        }
        ends
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn ends_are_those_of_a_search_byte_by_byte(
            pieces in prop::collection::vec(
                select(&["a", ";", "\"", "\"\"", "\n", "\r\n", ";\"", "\";", "0123456789abcdefghijklmnopqrstuvwxyz"][..]), 0..80),
            sizes in prop::collection::vec(0..=BLOCK, 1..40),
        ) {
            let text = pieces.concat();
            let mut quoting = Quoting::new(b';');
            let (mut ends, mut at) = (Vec::new(), 0);
            for size in sizes.into_iter().chain(std::iter::repeat(BLOCK)) {
                let block = &text.as_bytes()[at..text.len().min(at + size)];
                let found = quoting.record_ends(block);
                ends.extend((0..BLOCK).filter(|bit| found >> bit & 1 == 1).map(|bit| at + bit));
                at += block.len();
                if at == text.len() {
                    break;
                }
            }
            prop_assert_eq!(ends, expected(text.as_bytes()));
        }
    }
}
