//! A reference that an error misses, in the words of a filter.

/// What stands between entity and key.
const IS: &str = " = ";

/// The word of a filter for every missing reference.
pub const ANY_MISSING: &str = "*";

/// An entity and the key of the record that is absent: `CDS Parties = 000006057`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MissingReference {
    /// By its canonical name.
    pub entity: String,
    /// As messages write it.
    pub key: String,
}

impl MissingReference {
    /// As filters hold it.
    pub fn word(&self) -> String {
        format!("{}{IS}{}", self.entity, self.key)
    }

    /// Entity and key out of a filter's word; without a key every record of the entity is meant.
    pub fn parts(word: &str) -> (&str, Option<&str>) {
        word.split_once(IS).map_or((word, None), |(entity, key)| (entity, Some(key)))
    }

    /// Whether a filter's word means this reference.
    pub fn is_meant_by(&self, word: &str) -> bool {
        let (entity, key) = Self::parts(word);
        word == ANY_MISSING
            || (self.entity.eq_ignore_ascii_case(entity) && key.is_none_or(|key| self.key == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_meant_by_its_own_word_its_entity_and_the_star() {
        let one = MissingReference { entity: "CDS Parties".into(), key: "A = 1".into() };
        for word in [one.word().as_str(), "cds parties", ANY_MISSING] {
            assert!(one.is_meant_by(word), "{word}");
        }
        for word in ["CDS Parties = 1", "Worker", "CDS Parties = "] {
            assert!(!one.is_meant_by(word), "{word}");
        }
    }
}
