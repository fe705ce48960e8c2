//! A text file of which enough was seen: its encoding and parser, and what its first rows decide.
//!
//! Invariant: the plan of a sample is the plan of the file; rows behind the sample never change it.

use super::csv::CsvParser;
use super::error::ImportError;
use super::json::{JsonParser, JsonShape};
use super::loader::Loader;
use super::options::ImportOptions;
use super::rows::RowTaker;
use super::sniff::Sniffed;
use super::survey::{Decision, Survey};
use super::text::{Decoder, Encoding};

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
}

/// A text file of which enough was seen.
pub(super) struct TextPlan {
    pub(super) format: &'static str,
    pub(super) dialect: String,
    pub(super) survey: Survey,
    pub(super) decision: Decision,
    pub(super) encoding: Encoding,
    pub(super) mark_len: usize,
    sniffed: Sniffed,
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
        if survey.rejected > 0 && matches!(sniffed, Sniffed::Json { .. }) {
            // Rows that are no objects: there are rows, though without columns.
            survey.columns.get_or_insert_default();
        }
        let decision = survey.decide(options)?;
        let (format, dialect) = describe(sniffed);
        Ok(Some(Self { format, dialect, survey, decision, encoding, mark_len, sniffed }))
    }

    /// A parser at the beginning of the file.
    pub(super) fn parser(&self, options: &ImportOptions) -> TextParser {
        parser_of(self.sniffed, options)
    }

    /// Warnings that the decisions themselves deserve.
    pub(super) fn warn(&self, loader: &mut Loader) {
        if self.encoding == Encoding::Windows1252 {
            let message = "the text is not UTF-8 and was read as Windows-1252".to_owned();
            loader.account.warn("EncodingGuessed", message);
        }
    }
}

fn parser_of(sniffed: Sniffed, options: &ImportOptions) -> TextParser {
    match sniffed {
        Sniffed::Json { shape, .. } => TextParser::Json(JsonParser::new(&options.name, shape)),
        Sniffed::Delimited { delimiter, .. } => {
            TextParser::Csv(CsvParser::new(&options.name, delimiter))
        }
        Sniffed::Zip | Sniffed::Document { .. } => {
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
    }
}
