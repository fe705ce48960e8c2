//! A part of a long text that the leading thread reads itself, a little at a time, while its readers have enough to do.
//!
//! Deliberately absent: when that is (`reading_parts`).
//!
//! Invariant: at most one part is held, of an endless one a bounded piece, and it is what a reader would make of it.

use crate::import::{Part, PartReader};

/// Bytes that are read at a time, so that whoever else wants the thread need not wait for long.
const STEP_BYTES: usize = 1 << 20;

/// Bytes that most parts have no more of. Room that is taken at once is never moved; what stays untouched costs nothing.
const USUAL_BYTES: usize = 36 << 20;

/// The part at hand, if there is one, and who reads it.
pub(super) struct OwnPart {
    told: Vec<u8>,
    /// Made with the first part.
    reader: Option<PartReader>,
    at_hand: Option<AtHand>,
    /// Bytes of the part, kept from part to part so that their room is.
    bytes: Vec<u8>,
    usual_bytes: usize,
}

struct AtHand {
    number: usize,
    /// Bytes that were read.
    read: usize,
    /// All bytes are here; whether it is the last part.
    is_last: Option<bool>,
}

impl OwnPart {
    /// What readers are told, too.
    pub(super) fn new(told: Vec<u8>) -> Self {
        Self { told, reader: None, at_hand: None, bytes: Vec::new(), usual_bytes: USUAL_BYTES }
    }

    /// Whether there is a part, and its number.
    pub(super) fn number(&self) -> Option<usize> {
        self.at_hand.as_ref().map(|part| part.number)
    }

    /// Begins a part. `false`: it cannot be read here.
    pub(super) fn begin(&mut self, number: usize) -> bool {
        if self.reader.is_none() {
            self.reader = PartReader::new(&self.told);
        }
        let Some(reader) = &mut self.reader else { return false };
        reader.begin(number == 0);
        self.bytes.clear();
        self.bytes.reserve(self.usual_bytes);
        self.at_hand = Some(AtHand { number, read: 0, is_last: None });
        true
    }

    /// The next bytes of the part.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        // Of an unusual part what is read need not stay.
        if let Some(part) = self.at_hand.as_mut().filter(|part| part.read >= self.usual_bytes) {
            self.bytes.drain(..part.read);
            part.read = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The part ends with these bytes.
    pub(super) fn end(&mut self, is_last: bool) {
        if let Some(part) = &mut self.at_hand {
            part.is_last = Some(is_last);
        }
    }

    /// Whether no more is to come before some of it is read: a part whose record never ends would take all the memory there is.
    pub(super) fn is_full(&self) -> bool {
        self.unread() > self.usual_bytes
    }

    /// Bytes that are here and not read yet.
    pub(super) fn unread(&self) -> usize {
        self.at_hand.as_ref().map_or(0, |part| self.bytes.len() - part.read)
    }

    /// Reads on. `None`: there is nothing to do; else the part, if this was the end of it.
    pub(super) fn step(&mut self) -> Option<Option<Part>> {
        let part = self.at_hand.as_mut()?;
        let rest = &self.bytes[part.read..];
        let reader = self.reader.as_mut()?;
        if rest.is_empty() && part.is_last.is_none() {
            return None;
        }
        let step = &rest[..rest.len().min(STEP_BYTES)];
        reader.push(step);
        part.read += step.len();
        let end = part.is_last.filter(|_| part.read == self.bytes.len());
        Some(end.map(|is_last| {
            self.at_hand = None;
            reader.finish(is_last)
        }))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::import::{ImportOptions, Importer};

    /// Enough rows to decide how the rest is read.
    pub(in crate::workspace) fn long_text() -> String {
        let rows: String = (0..8_000)
            .map(|at| format!("ERR-{at},2026-02-01T10:00:00Z,Customers V3,m\n"))
            .collect();
        format!("id,occurredAt,entity,message\n{rows}")
    }

    #[test]
    fn of_a_part_whose_record_never_ends_a_bounded_piece_is_held() {
        let text = long_text();
        let options = ImportOptions::default();
        let told = Importer::told_to_readers(text.as_bytes(), &options).expect("enough to decide");
        let mut own = OwnPart { usual_bytes: 100_000, ..OwnPart::new(told) };
        assert!(own.begin(3));
        own.push(b"ERR-X,\"never closed\n");
        let mut most = 0;
        for _ in 0..1_000 {
            own.push(&text.as_bytes()[..7_001]);
            most = most.max(own.bytes.len());
            if own.is_full() {
                assert!(matches!(own.step(), Some(None)));
            }
        }
        assert!(most < 220_000, "{most} bytes of 7 million");
    }
}
