//! The records of a binary workbook (BIFF8), and what they are made of: numbers and texts that may go on in records behind.
//!
//! Source: [MS-XLS] 2.1.4 (records), 2.5.293 (rich texts).

use super::Fault;

pub(super) const BEGIN: u16 = 0x0809;
pub(super) const END: u16 = 0x000A;
pub(super) const CONTINUE: u16 = 0x003C;

/// A record: what it is, and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'s> {
    pub(super) kind: u16,
    pub(super) body: &'s [u8],
}

/// The records of a stream from some place on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Records<'s> {
    pub(super) rest: &'s [u8],
}

impl<'s> Records<'s> {
    pub(super) fn from(stream: &'s [u8], place: usize) -> Option<Self> {
        stream.get(place..).map(|rest| Self { rest })
    }

    /// The next record; `None` where the stream ends. One that is cut is a fault.
    pub(super) fn next(&mut self) -> Result<Option<Record<'s>>, Fault> {
        let Some((head, rest)) = self.rest.split_first_chunk::<4>() else { return Ok(None) };
        let [a, b, c, d] = *head;
        let len = usize::from(u16::from_le_bytes([c, d]));
        let body = rest.get(..len).ok_or(Fault::Damaged("a record is cut"))?;
        self.rest = &rest[len..];
        Ok(Some(Record { kind: u16::from_le_bytes([a, b]), body }))
    }

    /// The bodies of the records that go on with the last one.
    pub(super) fn continued(&mut self) -> Result<Vec<&'s [u8]>, Fault> {
        let mut bodies = Vec::new();
        while self.rest.starts_with(&CONTINUE.to_le_bytes()) {
            bodies.extend(self.next()?.map(|record| record.body));
        }
        Ok(bodies)
    }
}

/// Reads a record and those that go on with it from front to back. `None` everywhere: there is less than was wanted.
#[derive(Debug)]
pub(super) struct Fields<'s> {
    here: &'s [u8],
    behind: std::vec::IntoIter<&'s [u8]>,
    units: Vec<u16>,
}

impl<'s> Fields<'s> {
    pub(super) fn of(body: &'s [u8], behind: Vec<&'s [u8]>) -> Self {
        Self { here: body, behind: behind.into_iter(), units: Vec::new() }
    }

    fn byte(&mut self) -> Option<u8> {
        while self.here.is_empty() {
            self.here = self.behind.next()?;
        }
        let (byte, rest) = self.here.split_first()?;
        self.here = rest;
        Some(*byte)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Some(bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.byte()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.bytes().map(f64::from_le_bytes)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > self.here.len() {
            count -= self.here.len();
            self.here = self.behind.next()?;
        }
        self.here = &self.here[count..];
        Some(())
    }

    /// A text with a count of one byte, as names of sheets have.
    pub(super) fn short_text(&mut self, out: &mut String) -> Option<()> {
        let count = self.u8()?;
        self.text_of(count.into(), out)
    }

    /// A text with its formats and readings passed over, added to `out`.
    pub(super) fn text(&mut self, out: &mut String) -> Option<()> {
        let count = self.u16()?;
        self.text_of(count.into(), out)
    }

    fn text_of(&mut self, count: usize, out: &mut String) -> Option<()> {
        const WIDE: u8 = 1;
        const WITH_READING: u8 = 4;
        const WITH_FORMATS: u8 = 8;
        let flags = self.u8()?;
        let formats = if flags & WITH_FORMATS != 0 { self.u16()? } else { 0 };
        let reading = if flags & WITH_READING != 0 { self.u32()? } else { 0 };
        let mut units = std::mem::take(&mut self.units);
        units.clear();
        let mut is_wide = flags & WIDE != 0;
        while units.len() < count {
            if self.here.is_empty() {
                self.here = self.behind.next()?;
                // The rest of the characters may be of the other width.
                is_wide = self.u8()? & WIDE != 0;
                continue;
            }
            let left = count - units.len();
            if is_wide {
                let (pairs, odd) = self.here.as_chunks::<2>();
                if pairs.is_empty() {
                    return None;
                }
                let taken = pairs.len().min(left);
                units.extend(pairs[..taken].iter().map(|pair| u16::from_le_bytes(*pair)));
                self.here = if taken == pairs.len() { odd } else { &self.here[taken * 2..] };
            } else {
                let taken = self.here.len().min(left);
                units.extend(self.here[..taken].iter().map(|byte| u16::from(*byte)));
                self.here = &self.here[taken..];
            }
        }
        let letters = char::decode_utf16(units.iter().copied());
        out.extend(letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
        self.units = units;
        self.skip(usize::from(formats) * 4)?;
        self.skip(reading as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(parts: &[&[u8]]) -> Option<String> {
        let mut out = String::new();
        Fields::of(parts[0], parts[1..].to_vec()).text(&mut out)?;
        Some(out)
    }

    #[test]
    fn texts_go_on_in_records_behind_in_either_width() {
        assert_eq!(text(&[b"\x03\0\0abc"]).unwrap(), "abc");
        assert_eq!(text(&[b"\x02\0\x01\xFC\0\x3D\xD8"]).unwrap(), "ü\u{FFFD}");
        assert_eq!(text(&[b"\x04\0\0ab", b"\x01c\0\xFC\0"]).unwrap(), "abcü");
        assert_eq!(text(&[b"\x04\0\x01\x3D\xD8", b"\x01\0\xDE", b"\0xy"]).unwrap(), "😀xy");
        // A text may end where a record ends.
        assert_eq!(text(&[b"\x02\0\0ab", b"\0"]).unwrap(), "ab");
    }

    #[test]
    fn formats_and_readings_are_passed_over() {
        let mut fields =
            Fields::of(b"\x01\0\x0C\x01\0\x02\0\0\0A\x01\x02\x03\x04\x05\x06\x01\0\0B", Vec::new());
        let mut out = String::new();
        fields.text(&mut out).unwrap();
        fields.text(&mut out).unwrap();
        assert_eq!(out, "AB");
    }

    #[test]
    fn what_is_not_there_is_not_read() {
        for parts in [
            &[&b""[..]][..],
            &[b"\x05\0"],
            &[b"\x05\0\0abc"],
            &[b"\x05\0\0abc", b""],
            &[b"\x05\0\x01a\0b"],
            &[b"\x01\0\x08\xFF\xFFa"],
            &[b"\x01\0\x04\xFF\xFF\xFF\xFFa"],
        ] {
            assert_eq!(text(parts), None, "{parts:?}");
        }
        let mut records = Records::from(b"\x09\x08\xFF\xFFabc", 0).unwrap();
        assert!(records.next().is_err());
        assert!(Records::from(b"", 1).is_none());
    }
}
