//! What became of a record from one dump to another.
//!
//! A record is named by its job, entity, legal entity and key, where the dump gives it a key, and else by its id: so an
//! error that is logged anew, under another id, is still an error of the same record.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::DatasetId;

/// What two dumps say of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// In the first, and not in the second.
    Cleared,
    /// In both, of the same cause.
    StillFailing,
    /// In both, of another cause.
    MessageChanged,
    /// In the second, and in no dump before.
    New,
    /// In the second and not in the first, but in a dump before that.
    CameBack,
}

impl Fate {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 5] =
        [Self::Cleared, Self::StillFailing, Self::MessageChanged, Self::New, Self::CameBack];

    /// As scripts and links read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::StillFailing => "stillFailing",
            Self::MessageChanged => "messageChanged",
            Self::New => "new",
            Self::CameBack => "cameBack",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::StillFailing => "still failing",
            Self::MessageChanged => "message changed",
            Self::New => "new",
            Self::CameBack => "came back",
        }
    }
}

/// The records with one fate between two dumps; of several errors of a record the latest stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Compared {
    /// The first dump.
    pub before: DatasetId,
    /// The second dump.
    pub after: DatasetId,
    /// What became of them.
    pub fate: Fate,
}

impl fmt::Display for Compared {
    /// Such as `still failing from dump 1 to dump 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, after, fate } = self;
        write!(f, "{} from dump {} to dump {}", fate.name(), before.0, after.0)
    }
}
