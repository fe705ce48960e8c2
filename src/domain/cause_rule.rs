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
#[serde(rename_all = "camelCase", try_from = "WrittenRule")]
pub struct CauseRule {
    /// Rises with every rule.
    pub id: u32,
    /// What it does.
    #[serde(flatten)]
    pub action: CauseAction,
}

/// A rule as it is read: reading a flattened field would take a program of its own, on the page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenRule {
    id: u32,
    merge: Option<Merge>,
    split_by: Option<SplitBy>,
    split_text: Option<SplitText>,
}

#[derive(Deserialize)]
struct Merge {
    into: String,
    causes: Vec<String>,
}

#[derive(Deserialize)]
struct SplitBy {
    cause: String,
    column: Column,
}

#[derive(Deserialize)]
struct SplitText {
    cause: String,
    text: String,
}

impl TryFrom<WrittenRule> for CauseRule {
    type Error = &'static str;

    fn try_from(written: WrittenRule) -> Result<Self, Self::Error> {
        let WrittenRule { id, merge, split_by, split_text } = written;
        let action = match (merge, split_by, split_text) {
            (Some(Merge { into, causes }), None, None) => CauseAction::Merge { into, causes },
            (None, Some(SplitBy { cause, column }), None) => CauseAction::SplitBy { cause, column },
            (None, None, Some(SplitText { cause, text })) => CauseAction::SplitText { cause, text },
            _ => return Err("a rule on causes does exactly one thing"),
        };
        Ok(Self { id, action })
    }
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

    #[test]
    fn a_rule_is_read_as_it_was_written_and_does_one_thing() {
        let cause = || "a".to_owned();
        let actions = [
            CauseAction::Merge { into: cause(), causes: vec!["b".into()] },
            CauseAction::SplitBy { cause: cause(), column: Column::Job },
            CauseAction::SplitText { cause: cause(), text: "x".into() },
        ];
        for action in actions {
            let rule = CauseRule { id: 7, action };
            let text = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<CauseRule>(&text).unwrap(), rule);
        }
        let merge = r#""merge":{"into":"a","causes":[]}"#;
        let split = r#""splitBy":{"cause":"a","column":"job"}"#;
        for fields in ["", r#","join":{}"#, &format!(",{merge},{split}")] {
            assert!(serde_json::from_str::<CauseRule>(&format!(r#"{{"id":1{fields}}}"#)).is_err());
        }
    }
}
