//! What the user can do: open, select, withdraw, release, export, remove. Plans have a room of their own (`planning`).
//!
//! Every action leaves filter, order, place and focus as they were, and ends in a result or a problem that is shown.

use leptos::prelude::*;

use crate::dataset::Page;
use crate::domain::{DatasetId, Filter, JobId, JobStatus, RequestId};
use crate::platform::{file_transfer as files, task::detach};
use crate::presentation::numbers;
use crate::presentation::selection::PICK_LIMIT;
use crate::protocol::{
    Call, ConfigureParams, ExportFormat, ExportParams, MarkFixedParams, Problem, RowsParams,
    SettingsView, StatusParams,
};

use super::import::remembered::forget;
use super::session::{ActiveCell, Session};

/// How a row was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    /// This one and no other.
    Only,
    /// This one too, or no longer.
    Toggle,
    /// Everything from the last single pick to here.
    Range,
}

impl Session {
    /// Makes a row the active one and selects as asked. A row that is not loaded is active but cannot be picked yet.
    pub(super) fn pick_row(self, row: usize, pick: Pick) {
        self.active.update(|cell| *cell = ActiveCell { row, in_header: false, ..*cell });
        let id = self.rows.with_untracked(|rows| rows.row(row).map(|record| record.id.clone()));
        let done = match (pick, id) {
            (Pick::Range, _) => {
                self.pick_range_to(row);
                Ok(())
            }
            (Pick::Only, Some(id)) => {
                self.selection.update(|selection| selection.pick_only(row, &id));
                Ok(())
            }
            (Pick::Toggle, Some(id)) => {
                self.selection.try_update(|selection| selection.toggle(row, &id)).unwrap_or(Ok(()))
            }
            (_, None) => Ok(()),
        };
        match done {
            Ok(()) => self.announce_selection(),
            Err(too_many) => self.warn(too_many.to_string(), ""),
        }
    }

    fn pick_range_to(self, row: usize) {
        let anchor = self.selection.with_untracked(|selection| selection.anchor()).unwrap_or(row);
        let (first, last) = (anchor.min(row), anchor.max(row));
        let count = last - first + 1;
        if count > PICK_LIMIT {
            self.warn(
                crate::presentation::selection::TooManyPicked.to_string(),
                "Ctrl+A selects all that match the filter",
            );
            return;
        }
        let loaded: Option<Vec<String>> = self.rows.with_untracked(|rows| {
            (first..=last).map(|row| rows.row(row).map(|record| record.id.clone())).collect()
        });
        if let Some(ids) = loaded {
            self.take_range(ids);
            return;
        }
        let epoch = self.epoch.get_untracked();
        let params = RowsParams {
            filter: self.filter.get_untracked(),
            sort: self.sort.get_untracked(),
            offset: first,
            limit: count,
        };
        detach(async move {
            let answer: Result<Page, Problem> = self.ask(Call::Rows(params)).await;
            if self.epoch.get_untracked() != epoch {
                return;
            }
            match answer {
                Ok(page) => self.take_range(page.rows.into_iter().map(|row| row.id).collect()),
                Err(problem) => self.fail(&problem),
            }
        });
    }

    fn take_range(self, ids: Vec<String>) {
        let taken = self.selection.try_update(|selection| selection.pick_range(ids));
        if let Some(Err(too_many)) = taken {
            self.warn(too_many.to_string(), "");
        } else {
            self.announce_selection();
        }
    }

    /// Selects everything that matches the filter.
    pub(super) fn select_everything(self) {
        self.selection.update(|selection| selection.select_everything());
        self.announce_selection();
    }

    /// Selects nothing.
    pub(super) fn select_nothing(self) {
        self.selection.update(|selection| selection.clear());
        self.announce_selection();
    }

    fn announce_selection(self) {
        let matching = self.total.get_untracked().unwrap_or(0);
        let words = self.selection.with_untracked(|selection| {
            let count = numbers::counted(selection.count(matching), "record");
            if selection.is_everything() {
                format!("All {count} that match are selected")
            } else {
                format!("{count} selected")
            }
        });
        self.announce(words);
    }

    /// Takes a request back.
    pub(super) fn withdraw(self, request: RequestId) {
        detach(async move {
            let answer: Result<Option<()>, Problem> = self.ask(Call::Withdraw(request)).await;
            match answer {
                Ok(_) => self.announce(format!("Request {request} is withdrawn")),
                Err(problem) => self.fail(&problem),
            }
            self.refresh_queue();
            self.refresh_view();
        });
    }

    /// Lets a locked step of a ramp go.
    pub(super) fn release(self, request: RequestId) {
        detach(async move {
            let answer: Result<Option<()>, Problem> = self.ask(Call::Release(request)).await;
            match answer {
                Ok(_) => self.announce(format!("Request {request} goes on")),
                Err(problem) => self.fail(&problem),
            }
            self.refresh_queue();
        });
    }

    /// Starts or stops a job.
    pub(super) fn set_job_status(self, job_id: JobId, status: JobStatus) {
        detach(async move {
            let words = format!("Integration job {job_id} is {status}");
            let call = Call::SetJobStatus(StatusParams { job_id, status });
            let answer: Result<Option<()>, Problem> = self.ask(call).await;
            match answer {
                Ok(_) => self.announce(words),
                Err(problem) => self.fail(&problem),
            }
            self.refresh_queue();
        });
    }

    /// Marks a cause as fixed, which steers the rehearsal and nothing else.
    pub(super) fn mark_fixed(self, cause_id: String, fixed: bool) {
        detach(async move {
            let call = Call::MarkFixed(MarkFixedParams { cause_id, fixed });
            let answer: Result<Option<()>, Problem> = self.ask(call).await;
            match answer {
                // The engine tells that settings changed, and the switch follows.
                Ok(_) => {}
                Err(problem) => {
                    self.fail(&problem);
                    // The switch shows what holds, not what was wished.
                    self.settings.notify();
                }
            }
        });
    }

    /// Exports everything that matches the filter.
    pub(super) fn export(self, format: ExportFormat) {
        let filter = self.filter.get_untracked();
        let params = ExportParams { filter, plan_id: None, format };
        self.save_rows(params, "dual-write-errors");
    }

    /// Offers a copy of the records that a plan would dismiss.
    pub(super) fn export_plan(self, plan: u64) {
        let params = ExportParams {
            filter: Filter::default(),
            plan_id: Some(plan),
            format: ExportFormat::Csv,
        };
        self.save_rows(params, "dual-write-errors-to-dismiss");
    }

    fn save_rows(self, params: ExportParams, name: &'static str) {
        detach(async move {
            let ending = match params.format {
                ExportFormat::Csv => "csv",
                ExportFormat::Jsonl => "jsonl",
                ExportFormat::Xlsx => "xlsx",
            };
            let call = Call::ExportRows(params);
            self.save(call, &format!("{name}.{ending}"), "").await;
        });
    }

    /// Offers everything this desk holds as one file.
    pub(super) fn hand_over(self) {
        detach(async move {
            let then = "; open it in another desk to go on there";
            self.save(Call::ExportBundle, "error-desk-bundle.jsonl", then).await;
        });
    }

    /// Offers the file that the call answers with, and says so; `then` is what can be done with it.
    pub(super) async fn save(self, call: Call, name: &str, then: &str) {
        match self.ask_blob(call).await {
            Ok(blob) => match files::save(&blob, name) {
                Ok(()) => {
                    let size = numbers::bytes(blob.size() as u64);
                    self.succeed(format!("Exported to {name}, {size}{then}"));
                }
                Err(_) => self.warn(
                    format!("The browser did not take the download of {name}"),
                    "Allow downloads for this page and export again",
                ),
            },
            Err(problem) => self.fail(&problem),
        }
    }

    /// Removes a dump. What was dismissed out of it stays dismissed.
    pub(super) fn remove_dataset(self, id: DatasetId, name: String) {
        detach(async move {
            let answer: Result<Option<()>, Problem> = self.ask(Call::RemoveDataset(id.0)).await;
            match answer {
                Ok(_) => self.succeed(format!("Removed {name}")),
                Err(problem) => self.fail(&problem),
            }
            self.refresh_datasets();
        });
    }

    /// Changes settings.
    pub(super) fn configure(self, params: ConfigureParams) {
        detach(async move {
            let answer: Result<SettingsView, Problem> = self.ask(Call::Configure(params)).await;
            match answer {
                Ok(settings) => {
                    self.settings.set(Some(settings));
                    self.announce("The settings are stored");
                    self.refresh_queue();
                }
                Err(problem) => {
                    self.fail(&problem);
                    self.settings.notify();
                }
            }
        });
    }

    /// Removes everything that this app has stored.
    pub(super) fn wipe(self) {
        detach(async move {
            let answer: Result<Option<()>, Problem> = self.ask(Call::Wipe).await;
            match answer {
                Ok(_) => {
                    self.report.set(None);
                    self.reports.set(Vec::new());
                    forget();
                    self.succeed("Everything that was stored here is removed");
                }
                Err(problem) => self.fail(&problem),
            }
            self.load_everything();
        });
    }
}
