//! Whole numbers of a chunk's rows in the fewest bytes: none where all are the same, else one, two or four each.

use super::bits::Bits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    /// Every row has this value.
    Same {
        value: u32,
        len: usize,
    },
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Packed {
    pub(super) fn new(values: &[u32]) -> Self {
        let first = values.first().copied().unwrap_or_default();
        let (mut most, mut same) = (0, true);
        for value in values {
            most = most.max(*value);
            same &= *value == first;
        }
        if same {
            Self::Same { value: first, len: values.len() }
        } else if u8::try_from(most).is_ok() {
            Self::U8(values.iter().map(|value| *value as u8).collect())
        } else if u16::try_from(most).is_ok() {
            Self::U16(values.iter().map(|value| *value as u16).collect())
        } else {
            Self::U32(values.to_vec())
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Same { len, .. } => *len,
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::U32(values) => values.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> u32 {
        match self {
            Self::Same { value, .. } => *value,
            Self::U8(values) => values[at].into(),
            Self::U16(values) => values[at].into(),
            Self::U32(values) => values[at],
        }
    }

    /// Calls `each` with every row's value, in order.
    pub(super) fn for_each(&self, mut each: impl FnMut(u32)) {
        match self {
            Self::Same { value, len } => (0..*len).for_each(|_| each(*value)),
            Self::U8(values) => values.iter().for_each(|value| each((*value).into())),
            Self::U16(values) => values.iter().for_each(|value| each((*value).into())),
            Self::U32(values) => values.iter().for_each(|value| each(*value)),
        }
    }

    /// The same rows with other values.
    pub(super) fn map(&self, mut to: impl FnMut(u32) -> u32) -> Self {
        match self {
            Self::Same { value, len } => return Self::Same { value: to(*value), len: *len },
            Self::U8(codes) if !codes.is_empty() => {
                // By a table of all answers, where they fit: most columns are such, and every start maps them all.
                let most = largest(codes).unwrap_or_default();
                let table: Vec<u32> = (0..=most).map(|code| to(code.into())).collect();
                let bytes: Option<Vec<u8>> =
                    table.iter().map(|value| u8::try_from(*value).ok()).collect();
                let is_one = table.windows(2).all(|pair| pair[0] == pair[1]);
                if let Some(bytes) = bytes.filter(|_| !is_one) {
                    let mut all = [0; 256];
                    all[..bytes.len()].copy_from_slice(&bytes);
                    return Self::U8(codes.iter().map(|code| all[usize::from(*code)]).collect());
                }
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(self.len());
        self.for_each(|value| values.push(to(value)));
        Self::new(&values)
    }

    /// The same number of rows with other values, asked for row by row.
    pub(super) fn by_row(&self, mut to: impl FnMut(u32) -> u32) -> Self {
        let mut values = Vec::with_capacity(self.len());
        self.for_each(|value| values.push(to(value)));
        Self::new(&values)
    }

    /// The rows whose value is one of these.
    pub(super) fn among(&self, values: &Bits) -> Bits {
        let mut rows = if values.is_empty() {
            return Bits::none(self.len());
        } else {
            Bits::all(self.len())
        };
        match self {
            Self::Same { value, .. } => {
                if !values.get(*value as usize) {
                    rows.clear();
                }
            }
            Self::U8(codes) => rows.and_where(codes, |code| values.get(code.into())),
            Self::U16(codes) => rows.and_where(codes, |code| values.get(code.into())),
            Self::U32(codes) => rows.and_where(codes, |code| values.get(code as usize)),
        }
        rows
    }

    /// The largest value; `None` without rows.
    pub(super) fn max(&self) -> Option<u32> {
        match self {
            Self::Same { value, len } => (*len > 0).then_some(*value),
            Self::U8(values) => largest(values).map(u32::from),
            Self::U16(values) => largest(values).map(u32::from),
            Self::U32(values) => largest(values),
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Same { .. } => 0,
            Self::U8(values) => values.capacity(),
            Self::U16(values) => values.capacity() * 2,
            Self::U32(values) => values.capacity() * 4,
        }
    }
}

/// The largest of unsigned numbers, whose default is the smallest. Many are looked at at a time, as by the library's own
/// maximum they are not: it is asked of every column at every start.
fn largest<T: Copy + Default + Ord>(values: &[T]) -> Option<T> {
    (!values.is_empty()).then(|| values.iter().fold(T::default(), |most, value| most.max(*value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_follows_the_largest_value() {
        for (values, bytes) in [
            (vec![], 0),
            (vec![70_000; 5], 0),
            (vec![0, 255], 2),
            (vec![0, 256], 4),
            (vec![65_536, 0], 8),
        ] {
            let packed = Packed::new(&values);
            assert_eq!(packed.held_bytes(), bytes, "{values:?}");
            assert_eq!(packed.max(), values.iter().copied().max());
            let mut back = vec![];
            packed.for_each(|value| back.push(value));
            assert_eq!(back, values);
            assert_eq!((0..packed.len()).map(|at| packed.get(at)).collect::<Vec<_>>(), values);
            assert_eq!(packed.map(|value| value), packed);
        }
    }
}
