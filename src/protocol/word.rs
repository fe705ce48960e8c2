//! The words that stand for values of few kinds: columns, axes, codes.
//!
//! They go through JSON text like everything else, so that the page needs no second way to read and write values.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The word of a value; empty where it is more than a word.
pub fn word(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let word = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    word.unwrap_or_default().to_owned()
}

/// The value that a word stands for, if any.
pub fn named<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_str(&format!("\"{word}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Column;

    #[test]
    fn words_name_values_and_nothing_else() {
        for column in Column::ALL {
            assert_eq!(named(&word(&column)), Some(column));
        }
        assert_eq!(word(&Column::DataSource), "dataSource");
        assert_eq!(["", "datasource", "job\"", "\",1", "job\\"].map(named::<Column>), [None; 5]);
        assert_eq!(word(&7), "");
    }
}
