//! Why a file cannot be imported as a whole. Bad rows are no errors: they are told in the summary.

use serde::Serialize;
use serde_json::{Value, json};

use super::ColumnUse;

/// Times or dates of the file that leave a question open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeEvidence {
    /// Header of the column.
    pub header: String,
    /// The first values that show the question, at most three.
    pub examples: Vec<String>,
    /// Line of the first of them.
    pub line: u32,
    /// Stands for all files with the same columns: what is answered for one may be remembered for the others.
    pub source: String,
}

/// Columns found in a file that do not make a record yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingProposal {
    /// What each column would be taken for.
    pub columns: Vec<ColumnUse>,
    /// Fields still needed; `entity` stands for "entity or map".
    pub missing: Vec<String>,
    /// Up to three values of each column; credentials and payloads are masked.
    pub samples: Vec<Vec<String>>,
    /// Stands for all files with the same columns; empty where the file names no columns.
    pub source: String,
}

impl MappingProposal {
    /// What is missing, and the way out.
    fn sentence(&self) -> String {
        let missing = self.missing.join(" and ");
        match self.source.is_empty() {
            true => format!(
                "has no header row: say which column is {missing}, or open it together with the model.json that describes it"
            ),
            false => {
                format!("has no column for {missing}: say which header stands for which field")
            }
        }
    }
}

/// An import that cannot start or go on. Nothing of the file is to be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The bytes are of a kind that is not read.
    #[error("'{name}' looks like {looks_like}, which is not read. {way_out}")]
    UnsupportedFormat {
        /// The file.
        name: String,
        /// What its content looks like.
        looks_like: String,
        /// What to do instead.
        way_out: String,
    },
    /// There is no content.
    #[error("'{name}' is empty: export the errors again and open that file")]
    EmptyFile {
        /// The file.
        name: String,
    },
    /// No column holds the message, or none tells entity or map.
    #[error("'{name}' {}", .proposal.sentence())]
    MappingNeeded {
        /// The file.
        name: String,
        /// What was found out.
        proposal: MappingProposal,
    },
    /// A time carries no zone, and no zone was given.
    #[error(
        "the times in column '{}' of '{name}' carry no time zone (line {}: '{}'): say which zone they were exported in",
        .evidence.header, .evidence.line, .evidence.examples.first().map_or("", String::as_str)
    )]
    TimeZoneNeeded {
        /// The file.
        name: String,
        /// The times.
        evidence: TimeEvidence,
    },
    /// Day and month cannot be told apart.
    #[error(
        "the dates in column '{}' of '{name}' do not tell day from month (line {}: '{}'): say the order, dmy or mdy",
        .evidence.header, .evidence.line, .evidence.examples.first().map_or("", String::as_str)
    )]
    DateOrderNeeded {
        /// The file.
        name: String,
        /// The dates.
        evidence: TimeEvidence,
    },
    /// The file ends early or contradicts its own format.
    #[error(
        "'{name}' is damaged: {what}, at {place}. Nothing was loaded; export or download it again"
    )]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong.
        what: String,
        /// Where: a line, or a part of a workbook.
        place: String,
    },
    /// The file, or what it unpacks to, is larger than can be read here.
    #[error(
        "'{name}' is too large: {what} is {size} bytes and the limit is {limit}. Export fewer rows, or as CSV"
    )]
    TooLarge {
        /// The file.
        name: String,
        /// What is too large.
        what: String,
        /// Bytes seen.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// There are more of something than can be read here.
    #[error(
        "'{name}' is too large: it has {count} {what} and the limit is {limit}. Export fewer of them, or in several files"
    )]
    TooMany {
        /// The file.
        name: String,
        /// What there are too many of.
        what: String,
        /// How many there are, or were counted until it was too many.
        count: u64,
        /// How many are read.
        limit: u64,
    },
    /// An option contradicts the file or itself.
    #[error("option '{option}' does not fit '{name}': {reason}")]
    InvalidOption {
        /// The file.
        name: String,
        /// The option at fault.
        option: String,
        /// Why, and what would fit.
        reason: String,
    },
}

impl ImportError {
    /// The stable word of the scripting API. A damaged file is `UnsupportedFormat` there, and too many are `TooLarge`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } | Self::Damaged { .. } => "UnsupportedFormat",
            Self::EmptyFile { .. } => "EmptyFile",
            Self::MappingNeeded { .. } => "MappingNeeded",
            Self::TimeZoneNeeded { .. } => "TimeZoneNeeded",
            Self::DateOrderNeeded { .. } => "DateOrderNeeded",
            Self::TooLarge { .. } | Self::TooMany { .. } => "TooLarge",
            Self::InvalidOption { .. } => "InvalidArgument",
        }
    }

    /// The numbers and the evidence, in camelCase.
    pub fn details(&self) -> Value {
        match self {
            Self::UnsupportedFormat { name, looks_like, way_out } => {
                json!({ "name": name, "looksLike": looks_like, "wayOut": way_out })
            }
            Self::EmptyFile { name } => json!({ "name": name }),
            Self::MappingNeeded { name, proposal } => {
                json!({ "name": name, "columns": proposal.columns, "missing": proposal.missing,
                        "samples": proposal.samples, "source": proposal.source })
            }
            Self::TimeZoneNeeded { name, evidence } | Self::DateOrderNeeded { name, evidence } => {
                json!({ "name": name, "header": evidence.header, "examples": evidence.examples,
                        "line": evidence.line, "source": evidence.source })
            }
            Self::Damaged { name, what, place } => {
                json!({ "name": name, "what": what, "where": place })
            }
            Self::TooLarge { name, what, size, limit } => {
                json!({ "name": name, "what": what, "size": size, "limit": limit })
            }
            Self::TooMany { name, what, count, limit } => {
                json!({ "name": name, "what": what, "count": count, "limit": limit })
            }
            Self::InvalidOption { name, option, reason } => {
                json!({ "name": name, "option": option, "reason": reason })
            }
        }
    }
}
