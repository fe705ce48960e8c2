//! A set of rows of one chunk, one bit a row.

/// Bits beyond the last row are always 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowMask {
    words: Vec<u64>,
    rows: usize,
}

impl RowMask {
    pub(super) fn empty(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows }
    }

    /// The rows that the predicate accepts.
    pub(super) fn of(rows: usize, accepts: impl Fn(usize) -> bool) -> Self {
        let mut mask = Self::empty(rows);
        for (index, word) in mask.words.iter_mut().enumerate() {
            let begin = index * 64;
            for bit in 0..64.min(rows - begin) {
                *word |= u64::from(accepts(begin + bit)) << bit;
            }
        }
        mask
    }

    /// The rows whose value the predicate accepts. Kept apart from `of`: over a slice the loop needs no bounds checks.
    pub(super) fn of_values<T: Copy>(values: &[T], accepts: impl Fn(T) -> bool) -> Self {
        let words = values
            .chunks(64)
            .map(|chunk| {
                chunk
                    .iter()
                    .enumerate()
                    .fold(0, |word, (bit, value)| word | (u64::from(accepts(*value)) << bit))
            })
            .collect();
        Self { words, rows: values.len() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn get(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    pub(super) fn set(&mut self, row: usize, value: bool) {
        let bit = 1 << (row % 64);
        if value {
            self.words[row / 64] |= bit;
        } else {
            self.words[row / 64] &= !bit;
        }
    }

    pub(super) fn push(&mut self, value: bool) {
        if self.rows.is_multiple_of(64) {
            self.words.push(0);
        }
        self.rows += 1;
        self.set(self.rows - 1, value);
    }

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps the rows that are in the other, too.
    pub(super) fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Removes the rows that are in the other.
    pub(super) fn and_not(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// The rows, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words
            .iter()
            .enumerate()
            .flat_map(|(index, word)| Bits(*word).map(move |bit| index * 64 + bit))
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// From stored words; bits beyond the last row are dropped, missing words are 0.
    pub(super) fn from_words(mut words: Vec<u64>, rows: usize) -> Self {
        words.resize(rows.div_ceil(64), 0);
        if let (Some(last), rest @ 1..) = (words.last_mut(), rows % 64) {
            *last &= (1 << rest) - 1;
        }
        Self { words, rows }
    }
}

struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_come_out_in_order() {
        let mask = RowMask::of(130, |row| row % 65 == 0);
        assert_eq!(mask.iter().collect::<Vec<_>>(), [0, 65]);
        assert_eq!(mask.count(), 2);
        let mut pushed = RowMask::default();
        for row in 0..130 {
            pushed.push(row % 65 == 0);
        }
        assert_eq!(pushed, mask);
        assert_eq!(RowMask::from_words(vec![u64::MAX], 3).count(), 3);
    }
}
