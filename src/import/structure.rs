//! Where delimiters, line ends and quotes are: found for sixty-four bytes at a time, then asked for one by one.
//!
//! Fields are short, so that a search for the end of each costs more to set up than to do.
//!
//! Invariant: answers are those of a search byte by byte.

const BLOCK: usize = 64;

/// Bytes being looked through. It knows one block of them at a time.
#[derive(Debug)]
pub(super) struct Structure<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    /// Where the known block begins.
    start: usize,
    /// Delimiters and line ends of the known block, one bit a byte.
    ends: u64,
    quotes: u64,
}

impl<'a> Structure<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let mut structure = Self { bytes, delimiter, start: 0, ends: 0, quotes: 0 };
        structure.look_at(0);
        structure
    }

    /// The next delimiter or line end from there on.
    #[inline]
    pub(super) fn next_end(&mut self, at: usize) -> Option<usize> {
        self.next(at, |block| block.ends)
    }

    /// The next double quote from there on.
    #[inline]
    pub(super) fn next_quote(&mut self, at: usize) -> Option<usize> {
        self.next(at, |block| block.quotes)
    }

    #[inline]
    fn next(&mut self, at: usize, of: impl Fn(&Self) -> u64) -> Option<usize> {
        let block = at & !(BLOCK - 1);
        if block != self.start {
            self.look_at(block);
        }
        let mut found = of(self) & (!0 << (at % BLOCK));
        while found == 0 {
            if self.bytes.len() - self.start.min(self.bytes.len()) <= BLOCK {
                return None;
            }
            self.look_at(self.start + BLOCK);
            found = of(self);
        }
        Some(self.start + found.trailing_zeros() as usize)
    }

    fn look_at(&mut self, start: usize) {
        self.start = start;
        let rest = self.bytes.get(start..).unwrap_or_default();
        (self.ends, self.quotes) = match rest.first_chunk::<BLOCK>() {
            Some(block) => marks(block, self.delimiter),
            None => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                let (ends, quotes) = marks(&block, self.delimiter);
                // What was filled up is no text, should zeros delimit.
                (ends & ((1 << rest.len()) - 1), quotes)
            }
        };
    }
}

/// Ends and quotes of a block.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn marks(block: &[u8; BLOCK], delimiter: u8) -> (u64, u64) {
    use std::arch::wasm32::{i8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128_or};

    let (mut ends, mut quotes) = (0, 0);
    for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| part[at + byte]));
        let bytes = u64x2(number(0), number(8));
        let is = |byte| u8x16_eq(bytes, u8x16_splat(byte));
        let is_end = v128_or(is(delimiter), v128_or(is(b'\n'), is(b'\r')));
        ends |= u64::from(i8x16_bitmask(is_end)) << (at * 16);
        quotes |= u64::from(i8x16_bitmask(is(b'"'))) << (at * 16);
    }
    (ends, quotes)
}

/// Ends and quotes of a block, in a form that compilers turn into vector code.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn marks(block: &[u8; BLOCK], delimiter: u8) -> (u64, u64) {
    let mut kinds = [0_u8; BLOCK];
    for (kind, &byte) in kinds.iter_mut().zip(block) {
        let is_end = (byte == delimiter) | (byte == b'\n') | (byte == b'\r');
        *kind = u8::from(is_end) | u8::from(byte == b'"') << 1;
    }
    let (mut ends, mut quotes) = (0, 0);
    // The low bits of eight bytes as the bits of one: the product moves that of byte n to bit 56 + n, and no two meet.
    let gathered =
        |eight: u64| (eight & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    for (at, eight) in kinds.as_chunks().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        ends |= gathered(eight) << (at * 8);
        quotes |= gathered(eight >> 1) << (at * 8);
    }
    (ends, quotes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_are_those_of_a_search_byte_by_byte(
            bytes in prop::collection::vec(prop::sample::select(&b"ab,;\n\r\"\0\xFF\xAC"[..]), 0..300),
            delimiter in prop::sample::select(&b",;\0"[..]),
            at in prop::collection::vec(0..310_usize, 1..20),
        ) {
            let mut structure = Structure::new(&bytes, delimiter);
            for at in at {
                let find = |is: &dyn Fn(u8) -> bool| {
                    (at..bytes.len()).find(|place| is(bytes[*place]))
                };
                let is_end = |byte| [delimiter, b'\n', b'\r'].contains(&byte);
                prop_assert_eq!(structure.next_end(at), find(&is_end));
                prop_assert_eq!(structure.next_quote(at), find(&|byte| byte == b'"'));
            }
        }
    }
}
