//! Little-endian numbers and columns in bytes, and back with every length checked before anything is allocated.

use super::bits::Bits;
use super::guids::Guids;
use super::packed::Packed;
use super::segment_codec::SegmentError;
use super::templates::Templates;
use super::text_arena::TextArena;
use super::texts::Texts;

#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Numbers of a known count, in a loop that compilers turn into a copy of the whole.
    pub(super) fn all<const N: usize>(&mut self, values: impl ExactSizeIterator<Item = [u8; N]>) {
        let start = self.0.len();
        self.0.resize(start + values.len() * N, 0);
        let (places, _) = self.0[start..].as_chunks_mut::<N>();
        for (place, value) in places.iter_mut().zip(values) {
            *place = value;
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn bits(&mut self, bits: &Bits) {
        self.all(bits.words().iter().map(|word| word.to_le_bytes()));
    }

    pub(super) fn packed(&mut self, packed: &Packed) {
        match packed {
            Packed::Same { value, .. } => {
                self.u8(0);
                self.u32(*value);
            }
            Packed::U8(values) => {
                self.u8(1);
                self.0.extend_from_slice(values);
            }
            Packed::U16(values) => {
                self.u8(2);
                self.all(values.iter().map(|value| value.to_le_bytes()));
            }
            Packed::U32(values) => {
                self.u8(4);
                self.all(values.iter().map(|value| value.to_le_bytes()));
            }
        }
    }

    pub(super) fn arena(&mut self, arena: &TextArena) {
        self.u32(arena.len() as u32);
        self.all(arena.offsets()[1..].iter().map(|end| end.to_le_bytes()));
        self.text(arena.text());
    }

    pub(super) fn texts(&mut self, texts: &Texts) {
        match texts {
            Texts::Plain(texts) => {
                self.u8(0);
                self.arena(texts);
            }
            Texts::Repeated(texts, codes) => {
                self.u8(1);
                self.arena(texts);
                self.packed(codes);
            }
            Texts::Templates(texts) => {
                let (templates, codes, arguments) = texts.parts();
                self.u8(2);
                self.arena(templates);
                self.packed(codes);
                self.arena(arguments);
            }
            Texts::Guids(guids) => {
                let (numbers, other_rows, other_texts) = guids.parts();
                self.u8(3);
                self.all(numbers.iter().map(|number| number.to_le_bytes()));
                self.arena(other_texts);
                self.all(other_rows.iter().map(|row| row.to_le_bytes()));
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

type Read<T> = Result<T, SegmentError>;

impl<'a> Reader<'a> {
    /// The next bytes. Whatever is asked for must be there, so no length read can make an allocation larger than
    /// what was given.
    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(SegmentError::Damaged("length"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn at_end(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(SegmentError::Damaged("bytes left over")) }
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, rest) =
            self.0.split_first_chunk::<N>().ok_or(SegmentError::Damaged("length"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn all<const N: usize, T>(
        &mut self,
        count: usize,
        to: impl Fn([u8; N]) -> T,
    ) -> Read<Vec<T>> {
        let len = count.checked_mul(N).ok_or(SegmentError::Damaged("length"))?;
        let (values, _) = self.take(len)?.as_chunks::<N>();
        Ok(values.iter().map(|value| to(*value)).collect())
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn text(&mut self) -> Read<String> {
        let len = self.u32()? as usize;
        let text = simdutf8::basic::from_utf8(self.take(len)?);
        Ok(text.map_err(|_| SegmentError::Damaged("text"))?.to_owned())
    }

    pub(super) fn bits(&mut self, rows: usize) -> Read<Bits> {
        Ok(Bits::from_words(self.all(rows.div_ceil(64), u64::from_le_bytes)?, rows))
    }

    pub(super) fn packed(&mut self, rows: usize) -> Read<Packed> {
        Ok(match self.u8()? {
            0 => Packed::Same { value: self.u32()?, len: rows },
            1 => Packed::U8(self.take(rows)?.to_vec()),
            2 => Packed::U16(self.all(rows, u16::from_le_bytes)?),
            4 => Packed::U32(self.all(rows, u32::from_le_bytes)?),
            _ => return Err(SegmentError::Damaged("width of numbers")),
        })
    }

    pub(super) fn arena(&mut self) -> Read<TextArena> {
        let count = self.u32()? as usize;
        let ends = self.all(count, u32::from_le_bytes)?;
        TextArena::from_parts(&ends, self.text()?).ok_or(SegmentError::Damaged("text borders"))
    }

    pub(super) fn texts(&mut self, rows: usize) -> Read<Texts> {
        let texts = match self.u8()? {
            0 => Some(Texts::Plain(self.arena()?)),
            1 => Texts::from_repeated(self.arena()?, self.packed(rows)?),
            2 => Templates::from_parts(self.arena()?, self.packed(rows)?, self.arena()?)
                .map(Texts::Templates),
            3 => {
                let numbers = self.all(rows, u128::from_le_bytes)?;
                let other_texts = self.arena()?;
                let other_rows = self.all(other_texts.len(), u32::from_le_bytes)?;
                Guids::from_parts(numbers, other_rows, other_texts).map(Texts::Guids)
            }
            _ => return Err(SegmentError::Damaged("kind of text column")),
        };
        texts.filter(|texts| texts.rows() == rows).ok_or(SegmentError::Damaged("text column"))
    }
}
