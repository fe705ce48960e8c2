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
use super::synapse::Settled;
use super::text::Decoder;
use super::text_plan::{TextParser, TextPlan, options_of_table};

/// A text on its way through a parser into the sink.
pub(super) struct Streaming {
    pub(super) decoder: Decoder,
    pub(super) parser: TextParser,
    pub(super) loader: Loader,
    format: &'static str,
    dialect: String,
    /// Of the states of its rows only the newest go on to the loader.
    settled: Option<Settled>,
}

impl Streaming {
    pub(super) fn new(plan: TextPlan, options: &ImportOptions) -> Self {
        let is_delimited = plan.format == "csv";
        let described = options_of_table(options, plan.is_described);
        let mut loader = loader_of(&plan.decision, is_delimited, &described);
        plan.warn(&mut loader);
        Self {
            decoder: Decoder::new(plan.encoding, plan.mark_len),
            parser: plan.parser(options),
            loader,
            format: plan.format,
            dialect: plan.dialect,
            settled: None,
        }
    }

    /// Of a table whose states are known.
    pub(super) fn of_table(plan: TextPlan, settled: Settled, options: &ImportOptions) -> Self {
        Self { settled: Some(settled), ..Self::new(plan, options) }
    }

    /// Rows so far.
    pub(super) fn rows_read(&self) -> u64 {
        self.loader.account.rows_read
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn RowSink) -> Result<(), ImportError> {
        let Self { decoder, parser, loader, settled, .. } = self;
        let mut loading = Loading { loader, sink };
        match settled {
            None => parser.push(decoder.decode(bytes), &mut loading),
            Some(settled) => parser.push(decoder.decode(bytes), &mut settled.before(loading)),
        }
    }

    pub(super) fn finish(
        mut self,
        sink: &mut dyn RowSink,
    ) -> Result<(ImportSummary, Pages), ImportError> {
        let Self { decoder, parser, loader, settled, .. } = &mut self;
        let mut loading = Loading { loader: &mut *loader, sink };
        match settled {
            None => {
                parser.push(decoder.finish(), &mut loading)?;
                parser.finish(&mut loading)?;
            }
            Some(settled) => {
                let mut current = settled.before(loading);
                parser.push(decoder.finish(), &mut current)?;
                parser.finish(&mut current)?;
                drop(current);
                settled.tell(&mut loader.account);
            }
        }
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
