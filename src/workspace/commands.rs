//! Commands other than import and submission: each is one change, decided, committed, applied, announced.

use serde_json::json;

use super::engine::{Decision, Line, Workspace, moved_up_lines, refused};
use super::ports::{Announcer, Clock, Commit, Gateway, Settings, Store};
use crate::domain::{
    DatasetId, DismissHold, JobId, JobStatus, QueueLimits, Request, RequestId, Share,
};
use crate::protocol::{Code, ConfigureParams, Event, Problem, SettingsView};

/// The longest hold and step that make sense: a day, a minute.
const LONGEST_HOLD_SECONDS: u32 = 86_400;
const LONGEST_STEP_MS: u32 = 60_000;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// A job's new status. Queued requests wait while it is not Active and go on in order when it is again.
    pub async fn set_job_status(&self, job: JobId, status: JobStatus) -> Result<(), Problem> {
        self.change(|state, _| {
            let before = refused(state.queue.job(&job))?.status.clone();
            let line = json!({ "jobId": job, "from": before, "to": status });
            let change = refused(state.queue.set_job_status(&job, status))?;
            let mut lines = vec![("jobStatus", line)];
            lines.extend(moved_up_lines(state, &change));
            Ok((Decision::queue(change), lines))
        })
        .await
    }

    /// Takes a request back; a running one stops after the step it is in.
    pub async fn withdraw(&self, request: RequestId) -> Result<(), Problem> {
        self.change(|state, now| {
            let change = refused(state.queue.withdraw(request, now))?;
            let line = |taken: &Request| {
                let (done, outcomes) = (taken.outcomes.len(), taken.tally());
                ("withdrawn", json!({ "requestId": request, "done": done, "outcomes": outcomes }))
            };
            let taken = change.requests.iter().find(|taken| taken.id == request);
            let mut lines: Vec<Line> = taken.map(line).into_iter().collect();
            lines.extend(moved_up_lines(state, &change));
            Ok((Decision::queue(change), lines))
        })
        .await
    }

    /// Lets a locked step of a ramp go, and all that wait for the same one, whatever share has cleared.
    pub async fn release(&self, request: RequestId) -> Result<(), Problem> {
        self.change(|state, _| {
            let change = refused(state.queue.release(request))?;
            let line = |released: &Request| {
                let gate = released.gate?;
                let before = state.queue.request(gate.after).ok();
                let share = before.and_then(|before| Share::of(&before.tally()));
                let details = json!({
                    "requestId": released.id, "jobId": released.job, "after": gate.after,
                    "threshold": gate.threshold, "share": share,
                });
                Some(("released", details))
            };
            let mut lines: Vec<Line> = change.requests.iter().filter_map(line).collect();
            lines.extend(moved_up_lines(state, &change));
            Ok((Decision::queue(change), lines))
        })
        .await
    }

    /// For the rehearsal: retries of this cause clear from now on, or no longer.
    pub async fn mark_fixed(&self, cause: String, fixed: bool) -> Result<(), Problem> {
        if cause.trim().is_empty() {
            return Err(Problem::invalid("A cause is named by its id"));
        }
        self.change(|state, now| {
            let mut settings = state.settings.clone();
            settings.fixed_causes.retain(|known| *known != cause);
            if fixed {
                settings.fixed_causes.push(cause.clone());
                settings.fixed_causes.sort();
                // Marked again, it stays marked as it was; unmarked and marked, it is watched from now on.
                let mark = || state.mark_of(&cause, now);
                settings.fixed_marks.entry(cause.clone()).or_insert_with(mark);
            } else {
                settings.fixed_marks.remove(&cause);
            }
            let mark = settings.fixed_marks.get(&cause);
            let line = json!({ "cause": cause, "fixed": fixed, "mark": mark });
            Ok((with_settings(settings), vec![("markedFixed", line)]))
        })
        .await?;
        self.tell_settings();
        Ok(())
    }

    /// Changes settings; those not given stay.
    pub async fn configure(&self, params: ConfigureParams) -> Result<SettingsView, Problem> {
        self.change(|state, _| {
            let mut settings = state.settings.clone();
            if let Some(millis) = params.rehearsal_step_ms {
                settings.rehearsal_step_ms = millis;
            }
            if let Some(seconds) = params.dismiss_hold_seconds {
                settings.dismiss_hold = DismissHold { seconds };
            }
            if let Some(limits) = params.limits {
                let QueueLimits { requests_per_job, records_per_request } = settings.limits;
                settings.limits = QueueLimits {
                    requests_per_job: limits.requests_per_job.unwrap_or(requests_per_job),
                    records_per_request: limits.records_per_request.unwrap_or(records_per_request),
                };
            }
            check_settings(&settings)?;
            let change = state.queue.fill(&settings.limits);
            let mut lines = vec![("configured", json!({ "settings": settings }))];
            lines.extend(moved_up_lines(state, &change));
            let mut decision = Decision::queue(change);
            decision.commit.settings = Some(settings);
            Ok((decision, lines))
        })
        .await?;
        self.tell_settings();
        Ok(self.settings())
    }

    /// Settings steer the queue; whoever shows it looks again.
    fn tell_settings(&self) {
        self.announcer.announce(Event::QueueChanged { jobs: vec![] });
    }

    /// Removes a dump with all its records. Refused while an open request holds some of them.
    pub async fn remove_dataset(&self, dataset: DatasetId) -> Result<(), Problem> {
        // An import at work leaves out what is loaded already; it must not lose what it leaned on.
        let _no_import = self.importing.lock().await;
        self.change(|state, _| {
            let Some(manifest) = state.manifests.get(&dataset) else {
                return Err(Problem::new(
                    Code::UnknownDataset,
                    format!("There is no dataset {}", dataset.0),
                    "",
                ));
            };
            refused(state.queue.check_unused(dataset))?;
            let line = json!({ "dataset": dataset, "name": manifest.report.name });
            let commit = Commit { removed: vec![dataset], ..Commit::default() };
            let decision =
                Decision { commit, dataset: Some(dataset), records: true, ..Decision::default() };
            Ok((decision, vec![("removed", line)]))
        })
        .await
    }
}

pub(super) fn with_settings(settings: Settings) -> Decision {
    Decision {
        commit: Commit { settings: Some(settings), ..Commit::default() },
        ..Decision::default()
    }
}

/// Whether the settings are among those that somebody may choose.
pub(super) fn check_settings(settings: &Settings) -> Result<(), Problem> {
    let Settings { rehearsal_step_ms, dismiss_hold, limits, .. } = settings;
    at_most("rehearsalStepMs", *rehearsal_step_ms, LONGEST_STEP_MS)?;
    at_most("dismissHoldSeconds", dismiss_hold.seconds, LONGEST_HOLD_SECONDS)?;
    if limits.requests_per_job == 0 || limits.records_per_request == 0 {
        return Err(Problem::invalid("A limit is at least 1"));
    }
    Ok(())
}

fn at_most(name: &str, value: u32, most: u32) -> Result<(), Problem> {
    if value <= most {
        Ok(())
    } else {
        Err(Problem::invalid(format!("{name} is at most {most}, and {value} was given")))
    }
}
