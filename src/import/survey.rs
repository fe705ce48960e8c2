//! The first rows of a file, and what they decide: header, mapping, date order, and the questions left.
//!
//! A stream cannot wait for its end, so decisions are made on the first rows and then hold; later rows that contradict them
//! are rejected, never read another way.

use serde::Serialize;
use serde_json::{Value, json};

use super::aliases::Field;
use super::clock::{Clock, Moment};
use super::error::{ImportError, MappingProposal, TimeEvidence};
use super::identity::guid;
use super::likely::is_time;
use super::mapping::{Mapping, USABLE_SCORE, header_score};
use super::options::{DateOrder, ImportOptions};
use super::rows::{Note, RowTaker};
use super::times;

/// Rows looked at at most.
const ROWS: usize = 1_000;

/// Rows among which the header is looked for: titles and filters may stand above it.
const HEADER_ROWS: usize = 20;

/// Collects the first rows.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Columns of JSON, or of a table that is described elsewhere; `None` for tables with a header.
    pub(super) columns: Option<Vec<String>>,
    pub(super) rows: Vec<(u32, Vec<String>)>,
    /// Rows that cannot be read.
    pub(super) rejected: usize,
}

impl RowTaker for Survey {
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError> {
        self.columns = Some(headers.to_vec());
        Ok(())
    }

    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        if !self.is_full() {
            self.rows.push((line, cells.iter().map(|&cell| cell.to_owned()).collect()));
        }
        Ok(())
    }

    fn reject(&mut self, _line: u32, _reason: String) {
        self.rejected += 1;
    }

    fn note(&mut self, _note: Note) {}

    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS
    }
}

/// Something only the user can answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// `MappingNeeded`, `TimeZoneNeeded` or `DateOrderNeeded`.
    pub code: String,
    /// What raises it.
    pub evidence: Value,
}

/// How a file is going to be read.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) mapping: Mapping,
    pub(super) order: Option<DateOrder>,
    /// Rows up to and with the header in tables; `None` for JSON.
    pub(super) head: Option<usize>,
    /// How many of them are titles: neither the header nor Excel's line that names the delimiter.
    pub(super) titles: usize,
    mapping_needed: Option<MappingProposal>,
    /// A column that looks like times, where none is the time of the error.
    pub(super) unused_time: Option<String>,
    /// The first date that can be read in one order only, with its line.
    pub(super) order_shown_by: Option<(u32, String)>,
    zone_needed: Option<TimeEvidence>,
    order_needed: Option<TimeEvidence>,
}

impl Survey {
    /// The place of the row that serves best as header.
    pub(super) fn header(&self, options: &ImportOptions) -> (usize, usize) {
        let mut best = (0, 0);
        for (at, (_, cells)) in self.rows.iter().take(HEADER_ROWS).enumerate() {
            let score = header_score(cells, options);
            if score > best.1 {
                best = (at, score);
            }
            if score >= USABLE_SCORE {
                break;
            }
        }
        if best.1 == 0 {
            let filled =
                |cells: &[String]| cells.iter().filter(|c| !c.trim().is_empty()).count() > 1;
            let at = self.rows.iter().take(HEADER_ROWS).position(|(_, cells)| filled(cells));
            best.0 = at.unwrap_or(0);
        }
        best
    }

    /// Decides what the first rows decide.
    pub(super) fn decide(&self, options: &ImportOptions) -> Result<Decision, ImportError> {
        let empty = || ImportError::EmptyFile { name: options.name.clone() };
        let numbered = self.numbered(options);
        let (headers, head) = match self.columns.as_ref().or(numbered.as_ref()) {
            Some(columns) => (columns, None),
            None => {
                let at = self.header(options).0;
                (&self.rows.get(at).ok_or_else(empty)?.1, Some(at + 1))
            }
        };
        if headers.is_empty() && self.rejected > 0 {
            return Err(ImportError::Damaged {
                name: options.name.clone(),
                what: "none of its rows is a JSON object".to_owned(),
                place: "its beginning".to_owned(),
            });
        }
        let rows = &self.rows[head.unwrap_or(0)..];
        let sample: Vec<&[String]> = rows.iter().map(|(_, cells)| &cells[..]).collect();
        let mut mapping = Mapping::propose(headers, &sample, options)?;
        if numbered.is_some() {
            mapping.is_nameless();
        }
        let mut decision = Decision {
            mapping_needed: mapping.proposal(&sample),
            unused_time: mapping.unused_time(&sample),
            mapping,
            order: options.date_order,
            head,
            titles: self.titles(head),
            order_shown_by: None,
            zone_needed: None,
            order_needed: None,
        };
        if self.columns.is_none() {
            decision.mapping.check_overrides(options)?;
        }
        decision.decide_times(rows, options);
        Ok(decision)
    }

    /// Names for the columns of a table without header: no row names a field, and the first one holds what no header
    /// does.
    fn numbered(&self, options: &ImportOptions) -> Option<Vec<String>> {
        let (_, first) = self.rows.first().filter(|_| self.columns.is_none())?;
        let at = first.iter().position(|cell| is_data(cell))?;
        // A title may hold a date; rows of data hold one in the same column.
        let is_alike =
            |(_, cells): &(u32, Vec<String>)| cells.get(at).is_some_and(|cell| is_data(cell));
        if self.header(options).1 > 0 || !self.rows.iter().take(2).all(is_alike) {
            return None;
        }
        let width = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        Some((1..=width).map(|number| format!("Column {number}")).collect())
    }

    /// Whether the first row names fields and holds nothing that no header does.
    pub(super) fn begins_with_header(&self, options: &ImportOptions) -> bool {
        let Some((_, first)) = self.rows.first() else { return false };
        !first.iter().any(|cell| is_data(cell)) && header_score(first, options) > 0
    }

    fn titles(&self, head: Option<usize>) -> usize {
        let above = head.map_or(0, |head| head - 1);
        let first = self.rows.first().and_then(|(_, cells)| cells.first());
        let names_delimiter = above > 0 && first.is_some_and(|cell| cell.starts_with("sep="));
        above - usize::from(names_delimiter)
    }

    /// The first rows of data as the file has them.
    pub(super) fn data_rows(&self, decision: &Decision) -> &[(u32, Vec<String>)] {
        &self.rows[decision.head.unwrap_or(0)..]
    }
}

/// What stands in rows and in no header.
fn is_data(cell: &str) -> bool {
    guid(cell.trim()).is_some() || is_time(cell.trim())
}

impl Decision {
    fn decide_times(&mut self, rows: &[(u32, Vec<String>)], options: &ImportOptions) {
        let Some(column) = self.mapping.column(Field::OccurredAt) else { return };
        let header = self.mapping.header(column).to_owned();
        let source = self.mapping.source().to_owned();
        let times =
            || rows.iter().filter_map(|(line, cells)| Some((*line, cells.get(column)?.trim())));
        if self.order.is_none() {
            let mut votes = [0_usize; 3];
            let mut undecided = Evidence::default();
            let mut deciding: [Option<(u32, &str)>; 3] = [None; 3];
            for (line, text) in times() {
                let Some(possible) = times::possible_orders(text) else { continue };
                if possible.contains(&true) {
                    undecided.add(line, text);
                }
                // Only one way makes a date of it.
                if let [true, false, _] | [false, true, _] = possible {
                    let order = usize::from(!possible[0]);
                    deciding[order] = deciding[order].or(Some((line, text)));
                }
                for (vote, possible) in votes.iter_mut().zip(possible) {
                    *vote += usize::from(possible);
                }
            }
            let most = votes.iter().copied().max().unwrap_or(0);
            let winners = votes.iter().filter(|&&vote| vote == most).count();
            match (most, winners) {
                (0, _) => {}
                (_, 1) => {
                    let at = votes.iter().position(|&vote| vote == most).unwrap_or(0);
                    self.order = Some([DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd][at]);
                    self.order_shown_by = deciding[at].map(|(line, text)| (line, text.to_owned()));
                }
                _ => self.order_needed = undecided.finish(&header, &source),
            }
        }
        if options.time_zone.is_none() {
            // Any order will do to see that a zone is missing.
            let mut clock = Clock::new(self.order.or(Some(DateOrder::Dmy)), None);
            let mut other = Clock::new(Some(DateOrder::Mdy), None);
            let mut local = Evidence::default();
            for (line, text) in times() {
                if clock.read(text) == Moment::ZoneNeeded
                    || (self.order.is_none() && other.read(text) == Moment::ZoneNeeded)
                {
                    local.add(line, text);
                }
            }
            self.zone_needed = local.finish(&header, &source);
        }
    }

    /// Refuses while something needed is not known.
    pub(super) fn check(&self, options: &ImportOptions) -> Result<(), ImportError> {
        let name = options.name.clone();
        if let Some(proposal) = self.mapping_needed.clone() {
            return Err(ImportError::MappingNeeded { name, proposal });
        }
        if let Some(evidence) = self.zone_needed.clone() {
            return Err(ImportError::TimeZoneNeeded { name, evidence });
        }
        if let Some(evidence) = self.order_needed.clone() {
            return Err(ImportError::DateOrderNeeded { name, evidence });
        }
        Ok(())
    }

    /// All that is to be asked.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        let mut ask = |code: &str, evidence: Value| {
            questions.push(Question { code: code.to_owned(), evidence });
        };
        if let Some(MappingProposal { missing, .. }) = &self.mapping_needed {
            ask("MappingNeeded", json!({ "missing": missing }));
        }
        for (code, evidence) in
            [("TimeZoneNeeded", &self.zone_needed), ("DateOrderNeeded", &self.order_needed)]
        {
            if let Some(TimeEvidence { header, examples, line, .. }) = evidence {
                ask(code, json!({ "header": header, "examples": examples, "line": line }));
            }
        }
        questions
    }
}

#[derive(Default)]
struct Evidence {
    line: u32,
    examples: Vec<String>,
}

impl Evidence {
    fn add(&mut self, line: u32, text: &str) {
        if self.examples.is_empty() {
            self.line = line;
        }
        if self.examples.len() < 3 {
            self.examples.push(text.to_owned());
        }
    }

    fn finish(self, header: &str, source: &str) -> Option<TimeEvidence> {
        let Self { line, examples } = self;
        let (header, source) = (header.to_owned(), source.to_owned());
        (!examples.is_empty()).then_some(TimeEvidence { header, examples, line, source })
    }
}
