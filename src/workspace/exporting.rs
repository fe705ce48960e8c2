//! Records out of the desk, as a file.

use std::collections::BTreeSet;

use serde_json::json;

use super::engine::Workspace;
use super::plans::words_of;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::domain::{DatasetId, Filter};
use crate::export::{ExportError, Format, RecordWriter};
use crate::protocol::{Code, ExportFormat, ExportParams, Problem};

/// Records between two pauses, so that other questions get their turn.
const SLICE: usize = 5_000;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// The matching records, or those of a plan, as the bytes of a file, in the dump's order. The set is frozen at the
    /// call; a record that is dismissed meanwhile is left out, and a dataset that is removed meanwhile ends the export.
    pub async fn export(&self, params: ExportParams) -> Result<Vec<u8>, Problem> {
        let ExportParams { filter, plan_id, format } = params;
        let (words, records) = match plan_id {
            None => {
                let state = self.see();
                (words_of(&filter), state.table.ids(&state.resolved(filter), None))
            }
            Some(plan) if filter == Filter::default() => self.planned(plan)?,
            Some(_) => {
                return Err(Problem::invalid("An export takes either a filter or a plan"));
            }
        };
        let datasets: BTreeSet<DatasetId> = records.iter().map(|record| record.dataset()).collect();
        let wipes = self.wipes.get();
        let mut export = RecordWriter::begin(form(format), Vec::new()).map_err(cannot_export)?;
        let mut written = 0;
        for slice in records.chunks(SLICE) {
            {
                let state = self.see();
                let is_there = |dataset: &DatasetId| state.manifests.contains_key(dataset);
                if self.wipes.get() != wipes || !datasets.iter().all(is_there) {
                    return Err(cut_short(written, records.len()));
                }
                for record in state.table.summaries(slice) {
                    export.record(&record).map_err(cannot_export)?;
                    written += 1;
                }
            }
            self.clock.sleep(0).await;
        }
        let bytes = export.finish().map_err(cannot_export)?;
        let line = json!({ "format": format, "filter": words, "records": written });
        self.note("exported", line);
        Ok(bytes)
    }
}

/// The form that a word of the protocol names.
pub fn form(format: ExportFormat) -> Format {
    match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Jsonl => Format::Jsonl,
        ExportFormat::Xlsx => Format::Xlsx,
    }
}

fn cannot_export(error: ExportError) -> Problem {
    Problem::new(Code::TooLarge, error.to_string(), "Narrow the filter, or export as CSV")
}

fn cut_short(written: usize, wanted: usize) -> Problem {
    Problem::new(
        Code::Cancelled,
        format!("After {written} of {wanted} records a dataset of the export was removed"),
        "Nothing was written. Export again to get what is there now",
    )
}
