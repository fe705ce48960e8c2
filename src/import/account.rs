//! Counts, rejects and warnings of one import.
//!
//! Invariant: a row is counted once, as loaded, duplicate, dismissed earlier or rejected; warnings of one kind are one
//! warning with a count and the first line, however many rows they concern.

use crate::dataset::Pushed;

use serde::{Deserialize, Serialize};

use super::rows::Note;
use super::{ImportError, Reject, Warning};

/// How many rejects are told one by one.
pub(super) const REJECTS_TOLD: usize = 1_000;

/// Row counts at which the exports of the product are known or suspected to stop; sheets of both kinds are full with 65,535
/// and 1,048,575 rows below the header.
const SUSPICIOUS_COUNTS: [u64; 6] = [5_000, 10_000, 50_000, 65_535, 100_000, 1_048_575];

/// A kind of oddity that many rows may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    Mended,
    UnreadTime,
    UnreadCount,
    DoubtfulTime,
    ShortRow,
    RoundedId,
    CutMessage,
    MaskedToken,
    TooManyColumns,
}

impl Oddity {
    const ALL: [Self; 9] = [
        Self::Mended,
        Self::UnreadTime,
        Self::UnreadCount,
        Self::DoubtfulTime,
        Self::ShortRow,
        Self::RoundedId,
        Self::CutMessage,
        Self::MaskedToken,
        Self::TooManyColumns,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Mended => "EncodingMixed",
            Self::UnreadTime => "TimeUnread",
            Self::UnreadCount => "RetryCountUnread",
            Self::DoubtfulTime => "LocalTimeDoubtful",
            Self::ShortRow => "CellsMissing",
            Self::RoundedId => "IdRounded",
            Self::CutMessage => "MessageCut",
            Self::MaskedToken => "TokenMasked",
            Self::TooManyColumns => "TooManyColumns",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Mended => "text that is not UTF-8 was read as Windows-1252",
            Self::UnreadTime => {
                "the time could not be read; the row is loaded without one and the text is kept as extra"
            }
            Self::UnreadCount => {
                "the retry count could not be read; the row is loaded without one and the text is kept as extra"
            }
            Self::DoubtfulTime => {
                "the local time exists twice or never because clocks were changed; the earlier reading was taken"
            }
            Self::ShortRow => "cells are missing at the end of the row; they were read as empty",
            Self::RoundedId => {
                "the id was rounded by a spreadsheet (such as 5.6E+09) and is no id any more; the content tells the records apart"
            }
            Self::CutMessage => {
                "the message has 32,767 characters, where a spreadsheet cell cuts it off"
            }
            Self::MaskedToken => "a token or password inside a text was masked and is not stored",
            Self::TooManyColumns => "members beyond the 4,096th name were left out",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Tally {
    count: u64,
    first_line: u32,
}

/// The books of an import.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) rows_read: u64,
    pub(super) loaded: u64,
    pub(super) duplicates: u64,
    pub(super) dismissed_earlier: u64,
    pub(super) rejected: u64,
    pub(super) rejects: Vec<Reject>,
    oddities: [Tally; Oddity::ALL.len()],
    early: Vec<Warning>,
    pub(super) pages: Pages,
}

/// The books of a part of a file. Rows and lines count from its beginning; what becomes of rows that can be loaded is not
/// known yet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PartBooks {
    pub(super) rows_read: u64,
    rejected: u64,
    rejects: Vec<Reject>,
    oddities: Vec<Tally>,
}

/// Pages of an answer that came in several, in one file or more.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pages {
    here: u32,
    /// How many of them name a next one.
    links: u32,
}

impl Pages {
    pub(super) fn add(&mut self, other: Self) {
        self.here = self.here.saturating_add(other.here);
        self.links = self.links.saturating_add(other.links);
    }

    /// All pages name a next one, so that one at least is missing.
    pub(super) fn warning(self) -> Option<Warning> {
        let Self { here, links } = self;
        if links == 0 || links < here {
            return None;
        }
        let message = if here <= 1 {
            "the file names a next page (@odata.nextLink): it is one page of more".to_owned()
        } else {
            format!("each of the {here} pages names a next one (@odata.nextLink): there are more")
        };
        Some(Warning { code: "MorePages".to_owned(), message })
    }
}

impl Account {
    /// Counts a row and gives its number.
    pub(super) fn begin_row(&mut self, name: &str) -> Result<u32, ImportError> {
        self.rows_read += 1;
        u32::try_from(self.rows_read).map_err(|_| ImportError::TooMany {
            name: name.to_owned(),
            what: "rows".to_owned(),
            count: self.rows_read,
            limit: u64::from(u32::MAX),
        })
    }

    pub(super) fn settle(&mut self, pushed: Pushed) {
        match pushed {
            Pushed::Loaded => self.loaded += 1,
            Pushed::Duplicate => self.duplicates += 1,
            Pushed::DismissedEarlier => self.dismissed_earlier += 1,
        }
    }

    /// Closes the books of a part, and begins those of the next.
    pub(super) fn close_part(&mut self) -> PartBooks {
        let Self { rows_read, rejected, rejects, oddities, .. } = std::mem::take(self);
        PartBooks { rows_read, rejected, rejects, oddities: oddities.to_vec() }
    }

    /// Enters the books of the part that follows, which has so many lines before it.
    pub(super) fn enter(&mut self, part: PartBooks, lines: u32) {
        let rows = u32::try_from(self.rows_read).unwrap_or(u32::MAX);
        self.rows_read += part.rows_read;
        self.rejected += part.rejected;
        let room = REJECTS_TOLD.saturating_sub(self.rejects.len());
        self.rejects.extend(part.rejects.into_iter().take(room).map(|reject| Reject {
            row: reject.row.saturating_add(rows),
            line: reject.line.saturating_add(lines),
            ..reject
        }));
        for (own, part) in self.oddities.iter_mut().zip(part.oddities) {
            if own.count == 0 {
                own.first_line = part.first_line.saturating_add(lines);
            }
            own.count += part.count;
        }
    }

    /// Settles a row as rejected.
    pub(super) fn reject(&mut self, line: u32, column: Option<&str>, reason: String) {
        self.rejected += 1;
        if self.rejects.len() < REJECTS_TOLD {
            let row = u32::try_from(self.rows_read).unwrap_or(u32::MAX);
            self.rejects.push(Reject { row, line, column: column.map(str::to_owned), reason });
        }
    }

    pub(super) fn odd(&mut self, oddity: Oddity, line: u32) {
        let tally = &mut self.oddities[oddity as usize];
        if tally.count == 0 {
            tally.first_line = line;
        }
        tally.count += 1;
    }

    pub(super) fn note(&mut self, note: Note) {
        match note {
            Note::Mended { line } => self.odd(Oddity::Mended, line),
            Note::TooManyColumns { line } => self.odd(Oddity::TooManyColumns, line),
            Note::Page => self.pages.add(Pages { here: 1, links: 0 }),
            Note::NextPage => self.pages.add(Pages { here: 0, links: 1 }),
        }
    }

    /// A warning about the file as a whole.
    pub(super) fn warn(&mut self, code: &str, message: String) {
        self.early.push(Warning { code: code.to_owned(), message });
    }

    /// All warnings, those of the whole file first.
    pub(super) fn warnings(&mut self) -> Vec<Warning> {
        let mut warnings = std::mem::take(&mut self.early);
        let mut warn = |code: &str, message: String| {
            warnings.push(Warning { code: code.to_owned(), message });
        };
        if self.rows_read == 0 {
            warn("NoRows", "the file has a header and no rows".to_owned());
        }
        if SUSPICIOUS_COUNTS.contains(&self.rows_read) {
            let message = format!(
                "the file has exactly {} rows: the export may have stopped at a limit",
                self.rows_read
            );
            warn("PossiblyTruncated", message);
        }
        for oddity in Oddity::ALL {
            let Tally { count, first_line } = self.oddities[oddity as usize];
            if count > 0 {
                let rows = if count == 1 { "1 row" } else { &format!("{count} rows") };
                warn(
                    oddity.code(),
                    format!("{rows}, first on line {first_line}: {}", oddity.sentence()),
                );
            }
        }
        warnings
    }
}
