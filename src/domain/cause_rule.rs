//! Rules by which a user groups causes otherwise than their fingerprints do: merges and splits, each to be taken back.
//!
//! Rules are followed in their order; each looks at the cause that a record has after the rules before it. A record's own
//! cause is never changed, so that taking a rule back gives the groups that were there before, with the same ids.
//!
//! Deliberately absent: following the rules over a table of records (`dataset`).

use serde::{Deserialize, Serialize};

use super::Column;

/// A rule, with the number that it is taken back by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CauseRule {
    /// Rises with every rule.
    pub id: u32,
    /// What it does.
    #[serde(flatten)]
    pub action: CauseAction,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CauseAction {
    /// Records of these causes belong to one cause.
    #[serde(rename_all = "camelCase")]
    Merge {
        /// The cause they belong to from now on.
        into: String,
        /// The causes that end.
        causes: Vec<String>,
    },
    /// Records of a cause belong to as many causes as the column has values.
    #[serde(rename_all = "camelCase")]
    SplitBy {
        /// The cause that ends.
        cause: String,
        /// A dimension other than the cause and the state.
        column: Column,
    },
    /// Records of a cause whose message holds a text belong to a cause of their own.
    #[serde(rename_all = "camelCase")]
    SplitText {
        /// The cause that the others stay with.
        cause: String,
        /// Part of the message; letter case does not matter.
        text: String,
    },
}

impl CauseAction {
    /// The cause of those records of `cause` that have this value: the same in every version.
    pub fn part(cause: &str, value: &str) -> String {
        // FNV-1a over both, with a byte between that no text holds.
        let bytes = cause.bytes().chain([0xFF]).chain(value.bytes());
        let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        format!("{hash:016x}")
    }

    /// Whether it looks at what messages say.
    pub const fn reads_messages(&self) -> bool {
        matches!(self, Self::SplitText { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_cause_and_the_stored_form_never_change() {
        assert_eq!(CauseAction::part("223c20f66c4c57a3", "usmf"), "f68b3accb7af9d3b");
        assert_ne!(CauseAction::part("a", "b"), CauseAction::part("b", "b"));
        let cause = "223c20f66c4c57a3".to_owned();
        let rule =
            CauseRule { id: 1, action: CauseAction::SplitBy { cause, column: Column::Company } };
        let text = r#"{"id":1,"splitBy":{"cause":"223c20f66c4c57a3","column":"company"}}"#;
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        assert_eq!(serde_json::from_str::<CauseRule>(text).unwrap(), rule);
    }
}
