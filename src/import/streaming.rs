//! A text that streams through: decoded, parsed, loaded, and told of at its end.
//!
//! Invariant: rows, counts and errors do not depend on how the bytes are cut.

use crate::dataset::RowSink;

use super::account::Pages;
use super::clock::Clock;
use super::error::ImportError;
use super::loader::{Loader, Loading};
use super::options::{DateOrder, ImportOptions, ImportSummary};
use super::survey::Decision;
use super::text::Decoder;
use super::text_plan::{TextParser, TextPlan};

/// A text on its way through a parser into the sink.
pub(super) struct Streaming {
    pub(super) decoder: Decoder,
    pub(super) parser: TextParser,
    pub(super) loader: Loader,
    format: &'static str,
    dialect: String,
}

impl Streaming {
    pub(super) fn new(plan: TextPlan, options: &ImportOptions) -> Self {
        let is_delimited = plan.format == "csv";
        let mut loader = loader_of(&plan.decision, is_delimited, options);
        plan.warn(&mut loader);
        Self {
            decoder: Decoder::new(plan.encoding, plan.mark_len),
            parser: plan.parser(options),
            loader,
            format: plan.format,
            dialect: plan.dialect,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn RowSink) -> Result<(), ImportError> {
        let mut loading = Loading { loader: &mut self.loader, sink };
        self.parser.push(self.decoder.decode(bytes), &mut loading)
    }

    pub(super) fn finish(
        mut self,
        sink: &mut dyn RowSink,
    ) -> Result<(ImportSummary, Pages), ImportError> {
        let mut loading = Loading { loader: &mut self.loader, sink };
        self.parser.push(self.decoder.finish(), &mut loading)?;
        self.parser.finish(&mut loading)?;
        Ok(summary(self.loader, self.format, self.dialect))
    }
}

/// The loader that a decision asks for.
pub(super) fn loader_of(
    decision: &Decision,
    is_delimited: bool,
    options: &ImportOptions,
) -> Loader {
    let clock = Clock::new(decision.order, options.time_zone.clone());
    let mapping = decision.mapping.clone();
    let mut loader = Loader::new(mapping, clock, decision.head, is_delimited, options);
    if let Some(header) = &decision.unused_time {
        let message = format!(
            "no column is the time of the error, though '{header}' looks like times: open the file again with that column as its time"
        );
        loader.account.warn("TimeNotMapped", message);
    }
    if let Some((line, date)) = &decision.order_shown_by {
        let first = if decision.order == Some(DateOrder::Mdy) { "month" } else { "day" };
        let message = format!("line {line} has '{date}', so the {first} comes first in all dates");
        loader.account.warn("DateOrderShown", message);
    }
    if decision.mapping.source().is_empty() {
        let message = "the file has no header row, and its columns are known by their number. If it is a table of Synapse Link, open it together with its model.json: then the newest state of each row counts, and here the first one does";
        loader.account.warn("NoHeader", message.to_owned());
    }
    let above = match decision.titles {
        0 => return loader,
        1 => "1 row".to_owned(),
        more => format!("{more} rows"),
    };
    loader.account.warn("RowsAboveHeader", format!("{above} above the header passed over"));
    loader
}

/// What came of it all.
pub(super) fn summary(mut loader: Loader, format: &str, dialect: String) -> (ImportSummary, Pages) {
    let warnings = loader.account.warnings();
    let (mapping, time_zone) = loader.findings();
    let columns = mapping.uses();
    let account = loader.account;
    let pages = account.pages;
    let summary = ImportSummary {
        format: format.to_owned(),
        dialect,
        rows_read: account.rows_read,
        loaded: account.loaded,
        duplicates: account.duplicates,
        dismissed_earlier: account.dismissed_earlier,
        rejected: account.rejected,
        rejects: account.rejects,
        warnings,
        columns,
        time_zone,
    };
    (summary, pages)
}
