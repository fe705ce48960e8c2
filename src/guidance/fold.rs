//! Hashes that do not see letter case: of a word, and of a name in which blanks and underscores do not matter either.
//!
//! Both are part of the fingerprint of a cause and must never change; golden ids in `cause` guard them.

/// Mixes one number into a running hash.
#[inline]
pub(super) const fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

/// The hash of a word, ASCII case folded, eight bytes at a time; other letters by their Unicode lower case. Never 0.
#[inline]
pub(super) fn word_hash(word: &[u8]) -> u64 {
    let mut hash = word.len() as u64 ^ 0xA076_1D64_78BD_642F;
    let mut seen = 0;
    let mut rest = word;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        let value = u64::from_le_bytes(*eight);
        seen |= value;
        hash = mix(hash, lower_eight(value));
        rest = after;
    }
    if !rest.is_empty() {
        // The last bytes may be read twice: the length is part of the hash, so nothing is confused.
        let value = match word.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    u64::from(u32::from_le_bytes(*first))
                        | u64::from(u32::from_le_bytes(*last)) << 32
                }
                _ => {
                    let [first, middle, last] =
                        [rest[0], rest[rest.len() / 2], rest[rest.len() - 1]];
                    u64::from(first) | u64::from(middle) << 8 | u64::from(last) << 16
                }
            },
        };
        seen |= value;
        hash = mix(hash, lower_eight(value));
    }
    if seen & NON_ASCII != 0 {
        return unicode_word_hash(word);
    }
    (hash ^ (hash >> 32)).max(1)
}

const NON_ASCII: u64 = 0x8080_8080_8080_8080;

/// Lower-cases eight ASCII bytes at once.
const fn lower_eight(bytes: u64) -> u64 {
    // Per byte: the top bit is set where the byte is `A` or more, and where it is above `Z`.
    let from_a = bytes.wrapping_add(0x3F3F_3F3F_3F3F_3F3F);
    let above_z = bytes.wrapping_add(0x2525_2525_2525_2525);
    let upper = (from_a & !above_z) & NON_ASCII;
    bytes | (upper >> 2)
}

#[cold]
fn unicode_word_hash(word: &[u8]) -> u64 {
    let mut hash = 0x2D35_8DCC_AA6C_78A5;
    for letter in String::from_utf8_lossy(word).chars().flat_map(char::to_lowercase) {
        hash = mix(hash, u64::from(letter));
    }
    hash.max(1)
}

/// The hash of a name of one or more words, built word by word: case, blanks, underscores and hyphens do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameHash(u64);

impl NameHash {
    pub(super) const EMPTY: Self = Self(0xCBF2_9CE4_8422_2325);

    /// The hash of a whole name.
    pub(super) fn of(name: &str) -> Self {
        Self::EMPTY.and(name)
    }

    /// The hash of the name so far with `word` after it.
    pub(super) fn and(self, word: &str) -> Self {
        Self(Self::letters(word).fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        }))
    }

    /// What of a name counts.
    pub(super) fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes()
            .filter(|byte| !matches!(byte, b' ' | b'_' | b'-'))
            .map(|byte| byte.to_ascii_lowercase())
    }

    /// Never 0.
    pub(super) fn value(self) -> u64 {
        mix(self.0, 0).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_count_and_everything_else_does() {
        assert_eq!(word_hash(b"CustCustomerV3Entity"), word_hash(b"custcustomerv3entity"));
        assert_eq!(word_hash("GRÖSSE".as_bytes()), word_hash("grösse".as_bytes()));
        assert_ne!(word_hash(b"abcdefgh"), word_hash(b"abcdefghi"));
        assert_ne!(word_hash(b"ab"), word_hash(b"ba"));
        assert_ne!(word_hash(b"@"), word_hash(b"`"));
        assert_ne!(word_hash(b"[abcdefg"), word_hash(b"{abcdefg"));
    }

    #[test]
    fn eight_bytes_are_lowered_as_one_would_be() {
        for byte in 0..128u8 {
            let all = lower_eight(u64::from_le_bytes([byte; 8]));
            assert_eq!(all.to_le_bytes(), [byte.to_ascii_lowercase(); 8], "{byte}");
        }
    }

    #[test]
    fn a_name_can_be_hashed_word_by_word() {
        assert_eq!(NameHash::of("Customers V3"), NameHash::EMPTY.and("customers").and("v3"));
        assert_eq!(NameHash::of("msdyn_parties"), NameHash::of("MSDYN Parties"));
    }
}
