//! A set of rows of one chunk, one bit each.
//!
//! Invariant: bits at and beyond `len` are zero, so words can be counted and walked without a mask.

/// Up to so many bits of a word are tested one by one.
const SPARSE: u32 = 8;

/// The same where vectors compare sixteen values at a time.
const SPARSE_FOR_VECTORS: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        bits.trim();
        bits
    }

    /// From stored words; bits beyond `len` are dropped.
    pub(super) fn from_words(words: Vec<u64>, len: usize) -> Self {
        debug_assert_eq!(words.len(), len.div_ceil(64));
        let mut bits = Self { words, len };
        bits.trim();
        bits
    }

    fn trim(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1 << used) - 1;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, on: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        if on {
            self.set(self.len - 1);
        }
    }

    pub(super) fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn is_full(&self) -> bool {
        let whole = self.len / 64;
        self.words[..whole].iter().all(|word| *word == u64::MAX) && self.count() == self.len
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(super) fn clear(&mut self) {
        self.words.fill(0);
    }

    pub(super) fn and(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub(super) fn or(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Keeps the bits whose value passes; `values` has one for every bit.
    pub(super) fn and_where<T: Copy>(&mut self, values: &[T], passes: impl Fn(T) -> bool) {
        self.and_where_beyond(SPARSE, values, passes);
    }

    #[inline(always)]
    fn and_where_beyond<T: Copy>(&mut self, sparse: u32, values: &[T], passes: impl Fn(T) -> bool) {
        debug_assert_eq!(self.len, values.len());
        for (word, values) in self.words.iter_mut().zip(values.chunks(64)) {
            match <&[T; 64]>::try_from(values) {
                Ok(values) if word.count_ones() > sparse => *word &= mask(values, &passes),
                _ => {
                    let mut left = *word;
                    while left != 0 {
                        let bit = left & left.wrapping_neg();
                        if !passes(values[left.trailing_zeros() as usize]) {
                            *word ^= bit;
                        }
                        left ^= bit;
                    }
                }
            }
        }
    }

    /// Keeps the bits whose byte is one that is accepted; bytes beyond the list are not.
    pub(super) fn and_accepted(&mut self, bytes: &[u8], accepts: &[bool]) {
        let numbers = (0..=u8::MAX).zip(accepts);
        let wanted: Vec<u8> = numbers.filter(|(_, on)| **on).map(|(byte, _)| byte).collect();
        match wanted[..] {
            [] => self.clear(),
            [only] => self.and_where_beyond(SPARSE_FOR_VECTORS, bytes, |x| x == only),
            // A few comparisons are made for many rows at once, a look-up is not.
            [first, ..] if wanted.len() <= 4 => {
                let [a, b, c, d] = std::array::from_fn(|at| *wanted.get(at).unwrap_or(&first));
                let is_one = |x| (x == a) | (x == b) | (x == c) | (x == d);
                self.and_where_beyond(SPARSE_FOR_VECTORS, bytes, is_one);
            }
            _ => {
                // A table of all bytes needs no check of its bounds.
                let mut accepted = [false; 256];
                accepted.iter_mut().zip(accepts).for_each(|(to, from)| *to = *from);
                self.and_where(bytes, |x| accepted[usize::from(x)]);
            }
        }
    }

    /// Calls `each` with every set bit, ascending.
    pub(super) fn for_each(&self, mut each: impl FnMut(usize)) {
        for (index, word) in self.words.iter().enumerate() {
            let base = index * 64;
            if *word == u64::MAX {
                (base..base + 64).for_each(&mut each);
                continue;
            }
            let mut word = *word;
            while word != 0 {
                each(base + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }

    /// The set bits, ascending.
    pub(super) fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(index * 64 + bit)
            })
        })
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}

/// Which of 64 values pass, in a form that compilers turn into vector instructions.
#[inline]
pub(super) fn mask<T: Copy>(values: &[T; 64], passes: impl Fn(T) -> bool) -> u64 {
    let mut on = [0_u8; 64];
    for (on, value) in on.iter_mut().zip(values) {
        *on = passes(*value).into();
    }
    let mut mask = 0;
    for (at, sixteen) in on.as_chunks().0.iter().enumerate() {
        mask |= u64::from(low_bits(sixteen)) << (at * 16);
    }
    mask
}

/// The low bit of every byte.
#[cfg(target_feature = "simd128")]
#[inline]
fn low_bits(bytes: &[u8; 16]) -> u16 {
    use std::arch::wasm32::{i8x16_bitmask, i8x16_shl, u64x2};
    let [low, high] = halves(bytes);
    i8x16_bitmask(i8x16_shl(u64x2(low, high), 7))
}

/// The low bit of every byte.
#[cfg(not(target_feature = "simd128"))]
#[inline]
fn low_bits(bytes: &[u8; 16]) -> u16 {
    // The product moves the low bit of byte n to bit 56 + n, and no two products meet.
    let [low, high] = halves(bytes).map(|eight| eight.wrapping_mul(0x0102_0408_1020_4080) >> 56);
    (low | high << 8) as u16
}

fn halves(bytes: &[u8; 16]) -> [u64; 2] {
    let (halves, _) = bytes.as_chunks();
    [u64::from_le_bytes(halves[0]), u64::from_le_bytes(halves[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_keep_the_same_rows_whether_many_or_few_are_left() {
        let bytes: Vec<u8> = (0..1_000_u32).map(|at| (at * at % 251) as u8).collect();
        for every in [1, 2, 5, 40] {
            let mut before = Bits::none(bytes.len());
            (0..bytes.len()).step_by(every).for_each(|at| before.set(at));
            for codes in [vec![], vec![0], vec![4, 250, 9], (0..200).collect::<Vec<u8>>()] {
                let accepts: Vec<bool> = (0..=250).map(|code| codes.contains(&code)).collect();
                let mut kept = before.clone();
                kept.and_accepted(&bytes, &accepts);
                let expected: Vec<usize> =
                    before.ones().filter(|at| codes.contains(&bytes[*at])).collect();
                assert_eq!(kept.ones().collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn bits_beyond_the_length_never_count() {
        for len in [0, 1, 63, 64, 65, 130] {
            let all = Bits::all(len);
            assert_eq!(all.count(), len);
            assert_eq!(all.ones().collect::<Vec<_>>(), (0..len).collect::<Vec<_>>());
            let dirty = Bits::from_words(vec![u64::MAX; len.div_ceil(64)], len);
            assert_eq!(dirty, all);
        }
    }

    #[test]
    fn both_walks_see_the_same_bits() {
        let mut bits = Bits::default();
        (0..200).for_each(|at| bits.push(at % 3 == 0 || (64..128).contains(&at)));
        let mut walked = vec![];
        bits.for_each(|at| walked.push(at));
        assert_eq!(walked, bits.ones().collect::<Vec<_>>());
        assert_eq!(walked.len(), bits.count());
    }
}
