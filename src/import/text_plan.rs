//! A text file of which enough was seen: its encoding and parser, and what its first rows decide.
//!
//! Invariant: the plan of a sample is the plan of the file; rows behind the sample never change it.

use super::csv::CsvParser;
use super::cutting::Cutter;
use super::error::ImportError;
use super::json::{JsonParser, JsonShape};
use super::loader::Loader;
use super::options::ImportOptions;
use super::rows::RowTaker;
use super::sniff::Sniffed;
use super::survey::{Decision, Survey};
use super::synapse::{TableFile, is_header};
use super::text::{Decoder, Encoding};
use super::zone::ZoneRules;

/// The parser of a text format.
pub(super) enum TextParser {
    Csv(CsvParser),
    Json(JsonParser),
}

impl TextParser {
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        taker: &mut dyn RowTaker,
    ) -> Result<(), ImportError> {
        match self {
            Self::Csv(parser) => parser.push(bytes, taker),
            Self::Json(parser) => parser.push(bytes, taker),
        }
    }

    pub(super) fn finish(&mut self, taker: &mut dyn RowTaker) -> Result<(), ImportError> {
        match self {
            Self::Csv(parser) => parser.finish(taker),
            Self::Json(parser) => parser.finish(taker),
        }
    }

    /// The line that is read next.
    pub(super) fn line(&self) -> u32 {
        match self {
            Self::Csv(parser) => parser.line(),
            Self::Json(parser) => parser.line(),
        }
    }

    /// At the beginning of a record that stands on this line.
    pub(super) fn go_to(&mut self, line: u32) {
        match self {
            Self::Csv(parser) => parser.go_to(line),
            Self::Json(parser) => parser.go_to(line),
        }
    }

    /// Names that are known: what is read depends on them, too.
    pub(super) fn names(&self) -> usize {
        match self {
            Self::Csv(_) => 0,
            Self::Json(parser) => parser.names(),
        }
    }
}

/// A text file of which enough was seen.
pub(super) struct TextPlan {
    pub(super) format: &'static str,
    pub(super) dialect: String,
    pub(super) survey: Survey,
    pub(super) decision: Decision,
    pub(super) encoding: Encoding,
    pub(super) mark_len: usize,
    /// Its columns are described elsewhere.
    pub(super) is_described: bool,
    /// The table, where every change of a row is appended to it.
    pub(super) table: Option<TableFile>,
    sniffed: Sniffed,
    /// The parser that read the sample, where it knows something by then.
    surveyed: TextParser,
}

impl TextPlan {
    /// Looks at the first bytes. `None`: more must be seen.
    pub(super) fn make(
        sniffed: Sniffed,
        sample: &[u8],
        whole: bool,
        options: &ImportOptions,
    ) -> Result<Option<Self>, ImportError> {
        let (Sniffed::Delimited { encoding, mark_len, .. }
        | Sniffed::Json { encoding, mark_len, .. }) = sniffed
        else {
            return Ok(None);
        };
        let mut survey = Survey::default();
        let mut parser = parser_of(sniffed, options);
        let mut decoder = Decoder::new(encoding, mark_len);
        parser.push(decoder.decode(sample), &mut survey)?;
        if whole {
            parser.push(decoder.finish(), &mut survey)?;
            parser.finish(&mut survey)?;
        } else if survey.rows.len() < 2 {
            return Ok(None);
        }
        let is_delimited = matches!(sniffed, Sniffed::Delimited { .. });
        let described = survey.rows.first().filter(|_| is_delimited).and_then(|(_, first)| {
            let table = options.model.as_ref()?.table_of(&options.name, first.len())?;
            let is_headed = is_header(first, &table.columns) || survey.begins_with_header(options);
            (!is_headed).then_some(table)
        });
        let is_described = described.is_some();
        if let Some(table) = described {
            survey.columns = Some(table.columns.clone());
        }
        let (name, path) = (described.map(|table| &table.name[..]), &options.name[..]);
        let options = &options_of_table(options, is_described);
        if survey.rejected > 0 && matches!(sniffed, Sniffed::Json { .. }) {
            // Rows that are no objects: there are rows, though without columns.
            survey.columns.get_or_insert_default();
        }
        let decision = survey.decide(options)?;
        let header = decision.head.and_then(|head| survey.rows.get(head - 1));
        let columns = survey.columns.as_ref().or(header.map(|(_, cells)| cells));
        let table = columns.filter(|_| is_delimited);
        let table = table.and_then(|columns| TableFile::of(path, name, columns));
        let (format, dialect) = describe(sniffed);
        let surveyed = parser;
        Ok(Some(Self {
            format,
            dialect,
            survey,
            decision,
            encoding,
            mark_len,
            is_described,
            table,
            sniffed,
            surveyed,
        }))
    }

    /// A parser at the beginning of the file.
    pub(super) fn parser(&self, options: &ImportOptions) -> TextParser {
        parser_of(self.sniffed, options)
    }

    /// How the file is cut into parts, and a parser that can begin at any of them; `None` where it can be read from its
    /// beginning only.
    pub(super) fn in_parts(&self) -> Option<(Cutter, TextParser)> {
        if self.encoding != Encoding::Utf8 || self.is_described || self.table.is_some() {
            return None;
        }
        match (self.sniffed, &self.surveyed) {
            (Sniffed::Delimited { delimiter, .. }, TextParser::Csv(parser)) => {
                let cutter = Cutter::delimited(delimiter, self.decision.head.unwrap_or(0));
                Some((cutter, TextParser::Csv(parser.afresh())))
            }
            (Sniffed::Json { shape: JsonShape::Lines, .. }, TextParser::Json(parser)) => {
                let mut parser = parser.clone();
                parser.go_to(1);
                Some((Cutter::lines(), TextParser::Json(parser)))
            }
            _ => None,
        }
    }

    /// Warnings that the decisions themselves deserve.
    pub(super) fn warn(&self, loader: &mut Loader) {
        if self.encoding == Encoding::Windows1252 {
            let message = "the text is not UTF-8 and was read as Windows-1252".to_owned();
            loader.account.warn("EncodingGuessed", message);
        }
    }
}

/// The options of a file, which may be a table that is described elsewhere: its times are in UTC.
pub(super) fn options_of_table(options: &ImportOptions, is_described: bool) -> ImportOptions {
    let mut options = options.clone();
    if is_described {
        options.time_zone.get_or_insert_with(ZoneRules::utc);
    }
    options
}

fn parser_of(sniffed: Sniffed, options: &ImportOptions) -> TextParser {
    match sniffed {
        Sniffed::Json { shape, .. } => TextParser::Json(JsonParser::new(&options.name, shape)),
        Sniffed::Delimited { delimiter, .. } => {
            TextParser::Csv(CsvParser::new(&options.name, delimiter))
        }
        Sniffed::Zip | Sniffed::Compound | Sniffed::Document { .. } => {
            TextParser::Csv(CsvParser::new(&options.name, b','))
        }
    }
}

fn describe(sniffed: Sniffed) -> (&'static str, String) {
    match sniffed {
        Sniffed::Delimited { encoding, delimiter, .. } => {
            let delimiter = match delimiter {
                b',' => "comma".to_owned(),
                b';' => "semicolon".to_owned(),
                b'\t' => "tab".to_owned(),
                b'|' => "pipe".to_owned(),
                other => format!("'{}'", char::from(other)),
            };
            ("csv", format!("{delimiter}, {}", encoding.name()))
        }
        Sniffed::Json { encoding, shape, .. } => {
            let format = match shape {
                JsonShape::Array | JsonShape::Objects => "json",
                JsonShape::ODataPage => "odata",
                JsonShape::Lines => "jsonl",
            };
            (format, encoding.name().to_owned())
        }
        Sniffed::Document { encoding, kind, .. } => (kind.word(), encoding.name().to_owned()),
        Sniffed::Zip => ("xlsx", String::new()),
        Sniffed::Compound => ("xls", String::new()),
    }
}
