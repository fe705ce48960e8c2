//! What the user may say about a dump, and what the importer answers when it is done.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::synapse::TableModel;
use super::zone::ZoneRules;
use super::{ColumnUse, Reject, Warning};

/// The order of day, month and year where digits alone cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// 31/12/2026
    Dmy,
    /// 12/31/2026
    Mdy,
    /// 26/12/31; years of four digits in front need no word.
    Ymd,
}

impl DateOrder {
    /// Reads `dmy`, `mdy` or `ymd`, the words of the scripting API.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "dmy" => Some(Self::Dmy),
            "mdy" => Some(Self::Mdy),
            "ymd" => Some(Self::Ymd),
            _ => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Dmy => "dmy",
            Self::Mdy => "mdy",
            Self::Ymd => "ymd",
        }
    }
}

/// How to read a dump. Everything but the name may stay at its default; what the file leaves open is then asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The file's name, for messages; never looked at to find out the format.
    pub name: String,
    /// The zone of times that carry none.
    pub time_zone: Option<ZoneRules>,
    /// The order of dates that cannot tell.
    pub date_order: Option<DateOrder>,
    /// Header → name of a field of `Record`, or `None` to keep the column as extra. Headers left out keep their proposal.
    pub mapping: Vec<(String, Option<String>)>,
    /// Integration job of rows that name none; else [`DEFAULT_JOB`].
    pub job: Option<String>,
    /// The tables of a `model.json` beside the file: the columns of a file without header are taken from it. Readers of parts
    /// are not told, since such files are not read in parts.
    #[serde(skip)]
    pub model: Option<Rc<TableModel>>,
    /// The file is one of several with the same options: headers of `mapping` that it lacks may be those of another.
    pub is_part: bool,
}

/// The job of records whose dump names none: jobs are told apart only where a dump tells them apart.
pub const DEFAULT_JOB: &str = "Integration job";

/// What an import did, without what the workspace knows better: the dataset, the name and the time it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// `csv`, `xlsx`, `ods`, `json`, `jsonl`, `odata`, `zip`, or the word of a document such as `har`.
    pub format: String,
    /// Delimiter and encoding, or the sheet.
    pub dialect: String,
    /// Rows of the dump, the header and blank rows not counted.
    pub rows_read: u64,
    /// Rows loaded.
    pub loaded: u64,
    /// Rows whose record was there already.
    pub duplicates: u64,
    /// Rows whose record was dismissed at an earlier time.
    pub dismissed_earlier: u64,
    /// Rows that could not be loaded.
    pub rejected: u64,
    /// The first 1,000 of them.
    pub rejects: Vec<Reject>,
    /// What a careful reader should know.
    pub warnings: Vec<Warning>,
    /// What each column was taken for.
    pub columns: Vec<ColumnUse>,
    /// The zone that times without one were read in; `None` where every time carries its own.
    pub time_zone: Option<String>,
}
