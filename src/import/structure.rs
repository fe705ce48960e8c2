//! Where the bytes are that structure a text (delimiters, line ends, quotes): found for sixty-four bytes at a time, then
//! asked for one by one.
//!
//! Fields are short, so that a search for the end of each costs more to set up than to do.
//!
//! Invariant: answers are those of a search byte by byte.

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// What structures a text.
pub(super) trait Grammar {
    /// The bytes of a block that end something, and the quotes in it, one bit a byte.
    fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64);
}

/// Text between delimiters: they and line ends are ends.
#[derive(Debug)]
pub(super) struct Delimited(pub(super) u8);

/// Line ends alone.
#[derive(Debug)]
pub(super) struct Lines;

/// Strings of JSON: whatever they cannot hold as it is, is an end.
#[derive(Debug)]
pub(super) struct JsonString;

/// Bytes that a credential may be announced by: every one of them is an end, a colon only behind a double quote or a blank
/// (a control counts as one), or as the first byte of a block.
#[derive(Debug)]
pub(super) struct Announcing;

/// Bytes being looked through. It knows one block of them at a time.
#[derive(Debug)]
pub(super) struct Structure<'a, G> {
    bytes: &'a [u8],
    grammar: G,
    /// Where the known block begins.
    start: usize,
    ends: u64,
    quotes: u64,
}

impl<'a, G: Grammar> Structure<'a, G> {
    pub(super) fn new(bytes: &'a [u8], grammar: G) -> Self {
        let mut structure = Self { bytes, grammar, start: 0, ends: 0, quotes: 0 };
        structure.look_at(0);
        structure
    }

    /// The next end from there on.
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
            Some(block) => self.grammar.marks(block),
            None => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                let (ends, quotes) = self.grammar.marks(&block);
                // What was filled up is no text, should zeros be ends.
                (ends & ((1 << rest.len()) - 1), quotes)
            }
        };
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors {
    use std::arch::wasm32::{i8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128, v128_or};

    use super::{Announcing, BLOCK, Delimited, Grammar, JsonString, Lines};

    impl Grammar for Delimited {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let ends = bits(block, |bytes| {
                v128_or(is(bytes, self.0), v128_or(is(bytes, b'\n'), is(bytes, b'\r')))
            });
            (ends, bits(block, |bytes| is(bytes, b'"')))
        }
    }

    impl Grammar for Lines {
        #[inline]
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let ends = bits(block, |bytes| v128_or(is(bytes, b'\n'), is(bytes, b'\r')));
            (ends, bits(block, |bytes| is(bytes, b'"')))
        }
    }

    impl Grammar for JsonString {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let ends = bits(block, |bytes| {
                let is_control = u8x16_lt(bytes, u8x16_splat(b' '));
                v128_or(is_control, v128_or(is(bytes, b'"'), is(bytes, b'\\')))
            });
            (ends, 0)
        }
    }

    impl Grammar for Announcing {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let ends = bits(block, |bytes| {
                // Of one letter both cases: no other byte becomes it.
                let is_b = is(v128_or(bytes, u8x16_splat(b' ')), b'b');
                v128_or(is_b, v128_or(is(bytes, b'='), is(bytes, b'J')))
            });
            let colons = bits(block, |bytes| is(bytes, b':'));
            let before =
                bits(block, |bytes| v128_or(is(bytes, b'"'), u8x16_lt(bytes, u8x16_splat(b'!'))));
            (ends | colons & (before << 1 | 1), 0)
        }
    }

    fn is(bytes: v128, byte: u8) -> v128 {
        u8x16_eq(bytes, u8x16_splat(byte))
    }

    #[inline]
    fn bits(block: &[u8; BLOCK], passes: impl Fn(v128) -> v128) -> u64 {
        block.as_chunks::<16>().0.iter().enumerate().fold(0, |bits, (at, part)| {
            let number =
                |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| part[at + byte]));
            bits | u64::from(i8x16_bitmask(passes(u64x2(number(0), number(8))))) << (at * 16)
        })
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod numbers {
    use super::{Announcing, BLOCK, Delimited, Grammar, JsonString, Lines};

    impl Grammar for Delimited {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            bits(block, |byte| {
                let is_end = (byte == self.0) | (byte == b'\n') | (byte == b'\r');
                u8::from(is_end) | u8::from(byte == b'"') << 1
            })
        }
    }

    impl Grammar for Lines {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let is_end = |byte| (byte == b'\n') | (byte == b'\r');
            bits(block, |byte| u8::from(is_end(byte)) | u8::from(byte == b'"') << 1)
        }
    }

    impl Grammar for JsonString {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            bits(block, |byte| u8::from((byte < b' ') | (byte == b'"') | (byte == b'\\')))
        }
    }

    impl Grammar for Announcing {
        fn marks(&self, block: &[u8; BLOCK]) -> (u64, u64) {
            let (ends, colons) = bits(block, |byte| {
                let announces = (byte | b' ' == b'b') | (byte == b'=') | (byte == b'J');
                u8::from(announces) | u8::from(byte == b':') << 1
            });
            let (before, _) = bits(block, |byte| u8::from((byte == b'"') | (byte <= b' ')));
            (ends | colons & (before << 1 | 1), 0)
        }
    }

    /// The two low bits of what each byte is, in a form that compilers turn into vector code.
    fn bits(block: &[u8; BLOCK], kind: impl Fn(u8) -> u8) -> (u64, u64) {
        let mut kinds = [0_u8; BLOCK];
        for (to, byte) in kinds.iter_mut().zip(block) {
            *to = kind(*byte);
        }
        let (mut low, mut high) = (0, 0);
        // The low bits of eight bytes as the bits of one: the product moves that of byte n to bit 56 + n, and no two meet.
        let gathered =
            |eight: u64| (eight & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        for (at, eight) in kinds.as_chunks().0.iter().enumerate() {
            let eight = u64::from_le_bytes(*eight);
            low |= gathered(eight) << (at * 8);
            high |= gathered(eight >> 1) << (at * 8);
        }
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_are_those_of_a_search_byte_by_byte(
            bytes in prop::collection::vec(prop::sample::select(&b"ab,;\n\r\"\0\xFF\xAC\\ =JBj:\x02"[..]), 0..300),
            delimiter in prop::sample::select(&b",;\0"[..]),
            at in prop::collection::vec(0..310_usize, 1..20),
        ) {
            let mut structure = Structure::new(&bytes, Delimited(delimiter));
            let mut strings = Structure::new(&bytes, JsonString);
            let mut announcing = Structure::new(&bytes, Announcing);
            for at in at {
                let find = |is: &dyn Fn(u8) -> bool| {
                    (at..bytes.len()).find(|place| is(bytes[*place]))
                };
                let is_end = |byte| [delimiter, b'\n', b'\r'].contains(&byte);
                prop_assert_eq!(structure.next_end(at), find(&is_end));
                prop_assert_eq!(structure.next_quote(at), find(&|byte| byte == b'"'));
                let is_special = |byte| byte < b' ' || byte == b'"' || byte == b'\\';
                prop_assert_eq!(strings.next_end(at), find(&is_special));
                let announces = |place: &usize| match bytes[*place] {
                    b':' => place.is_multiple_of(BLOCK) || bytes[place - 1] == b'"' || bytes[place - 1] <= b' ',
                    byte => b"=JBb".contains(&byte),
                };
                prop_assert_eq!(announcing.next_end(at), (at..bytes.len()).find(announces));
            }
        }
    }
}
