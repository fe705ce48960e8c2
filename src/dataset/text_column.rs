//! Texts of many rows in one arena: offsets and bytes, nothing per row on the heap.

/// A column of texts. Invariant: `ends` ascends, its last entry is the arena's length, every text is UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TextColumn {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl TextColumn {
    pub(super) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len() as u32);
    }

    /// From stored parts; `None` where they break the invariant.
    pub(super) fn from_parts(ends: Vec<u32>, bytes: Vec<u8>) -> Option<Self> {
        let text = std::str::from_utf8(&bytes).ok()?;
        let mut before = 0;
        for &end in &ends {
            if end < before || !text.is_char_boundary(end as usize) {
                return None;
            }
            before = end;
        }
        (before as usize == bytes.len()).then_some(Self { ends, bytes })
    }

    pub(super) fn parts(&self) -> (&[u32], &[u8]) {
        (&self.ends, &self.bytes)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes that one more text may have without overflowing the offsets.
    pub(super) fn room(&self) -> usize {
        u32::MAX as usize - self.bytes.len()
    }

    pub(super) fn bytes_of(&self, row: usize) -> &[u8] {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.bytes[begin..self.ends[row] as usize]
    }

    pub(super) fn get(&self, row: usize) -> &str {
        // The invariant makes this total; an empty text would be the mildest sign of a broken one.
        std::str::from_utf8(self.bytes_of(row)).unwrap_or_default()
    }

    /// All texts in one, for scans over row borders.
    pub(super) fn arena(&self) -> &[u8] {
        &self.bytes
    }

    /// Row that the byte at `place` of the arena belongs to, searching from row `from` on, and the end of that row's text.
    pub(super) fn row_at(&self, place: usize, from: usize) -> (usize, usize) {
        let row = from + self.ends[from..].partition_point(|end| *end as usize <= place);
        (row, self.ends[row] as usize)
    }

    /// The same with the rows that `keep` refuses made empty.
    pub(super) fn blanked(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut column = Self::default();
        for row in 0..self.len() {
            column.push(if keep(row) { self.get(row) } else { "" });
        }
        column
    }

    pub(super) fn shrink(&mut self) {
        self.ends.shrink_to_fit();
        self.bytes.shrink_to_fit();
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.ends.capacity() * 4 + self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_places_find_their_row() {
        let mut column = TextColumn::default();
        for text in ["", "ab", "", "ü", ""] {
            column.push(text);
        }
        assert_eq!((0..5).map(|row| column.get(row)).collect::<Vec<_>>(), ["", "ab", "", "ü", ""]);
        assert_eq!(column.row_at(0, 0), (1, 2));
        assert_eq!(column.row_at(2, 0), (3, 4));
        assert_eq!(column.blanked(|row| row != 1).get(3), "ü");
    }

    #[test]
    fn broken_parts_are_refused() {
        assert!(TextColumn::from_parts(vec![1, 3], "aü".into()).is_some());
        assert!(TextColumn::from_parts(vec![2, 3], "aü".into()).is_none(), "inside a character");
        assert!(TextColumn::from_parts(vec![1], "aü".into()).is_none(), "bytes left over");
        assert!(TextColumn::from_parts(vec![3, 1], "aü".into()).is_none(), "descending");
        assert!(TextColumn::from_parts(vec![1], vec![0xff]).is_none(), "no UTF-8");
    }
}
