//! Telling short texts apart without reading them byte by byte: by length and both ends.
//!
//! Columns of few values bring the same words a million times; each time one must be found again.
//!
//! Invariant: texts of one glance are the same text if it is whole.

/// The length and both ends of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    first: u64,
    last: u64,
    len: u32,
}

impl Glance {
    /// At a text.
    #[inline]
    pub fn at(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
                }
                _ => (bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)), 0),
            },
        };
        Self { first, last, len: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }

    /// A number below `slots`, a power of two.
    #[inline]
    pub fn slot(self, slots: usize) -> usize {
        let ends = self.first ^ self.last.rotate_left(29) ^ u64::from(self.len);
        (ends.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & (slots - 1)
    }

    /// Whether the ends are all there is of the text.
    #[inline]
    pub fn is_whole(self) -> bool {
        self.len <= 16
    }
}

/// Whether two texts are the same. Texts of columns are short, and this needs no call.
#[inline]
pub fn same_text(one: &str, other: &str) -> bool {
    same_bytes(one.as_bytes(), other.as_bytes())
}

/// The same of bytes.
#[inline]
pub(super) fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (ones, rest) = one.as_chunks::<8>();
    let (others, other_rest) = other.as_chunks::<8>();
    let number = |eight: &[u8; 8]| u64::from_le_bytes(*eight);
    ones.iter().zip(others).all(|(one, other)| number(one) == number(other))
        && rest.iter().zip(other_rest).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_glances_tell_all_texts_apart() {
        let mut texts = vec![String::new()];
        for len in 1..=20 {
            let text = "abcdefghijklmnopqrst"[..len].to_owned();
            for at in 0..len {
                for other in ["z", "\0"] {
                    texts.push(format!("{}{other}{}", &text[..at], &text[at + 1..]));
                }
            }
            texts.push(text);
        }
        for (one, text) in texts.iter().enumerate() {
            for (other, other_text) in texts.iter().enumerate() {
                let (a, b) = (Glance::at(text), Glance::at(other_text));
                assert_eq!(same_text(text, other_text), one == other, "{text} {other_text}");
                assert!(!a.is_whole() || (a == b) == (one == other), "{text} {other_text}");
                assert!(a.slot(512) < 512);
            }
        }
    }
}
