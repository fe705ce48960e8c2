//! Which of a few elements shows which row: as the window moves, an element that falls out of it on one side comes in on the
//! other, and all others stay what they are.
//!
//! Invariant: a row that stays in a window of the same height stays with its element, and no two rows have the same.

use std::ops::Range;

/// Rows that follow each other, shown by as many elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    first: usize,
    len: usize,
}

impl Ring {
    /// Over the rows that are drawn.
    pub fn over(rows: &Range<usize>) -> Self {
        Self { first: rows.start, len: rows.len() }
    }

    /// How many there are.
    pub fn elements(&self) -> usize {
        self.len
    }

    /// The first row.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Whether a row is drawn.
    pub fn contains(&self, row: usize) -> bool {
        row.wrapping_sub(self.first) < self.len
    }

    /// The row that an element shows. One that is about to go since the window became smaller shows any.
    pub fn row_of(&self, element: usize) -> usize {
        let len = self.len.max(1);
        self.first + (element % len + len - self.first % len) % len
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn elements(ring: Ring) -> BTreeMap<usize, usize> {
        (0..ring.elements()).map(|element| (ring.row_of(element), element)).collect()
    }

    proptest! {
        #[test]
        fn rows_that_stay_keep_their_element(first in 0_usize..2_000_000, len in 1_usize..80, by in 0_usize..200) {
            let (before, after) = (Ring { first, len }, Ring { first: first + by, len });
            let (before, after) = (elements(before), elements(after));
            prop_assert!(before.keys().copied().eq(first..first + len));
            prop_assert!(after.keys().copied().eq(first + by..first + by + len));
            for (row, element) in &after {
                if let Some(earlier) = before.get(row) {
                    prop_assert_eq!(element, earlier);
                }
            }
        }
    }

    #[test]
    fn without_rows_an_element_that_is_about_to_go_still_has_an_answer() {
        assert_eq!(Ring::default().row_of(7), 0);
    }
}
