//! Import: bytes in, segments out as they are made, the manifest last.
//!
//! Until the manifest is committed nothing of the dump can be seen, and an interrupted import leaves only segments that
//! the next start removes.

use futures_util::FutureExt;
use serde_json::json;

use super::engine::{Decision, Workspace};
use super::loading::head_of;
use super::ports::{
    Announcer, ByteSource, Clock, Gateway, Manifest, NoReaders, Readers, Room, Store,
};
use super::state::State;
use crate::dataset::{Segment, Table};
use crate::domain::{DatasetId, Job, JobId, JobStatus, SeenAgain};
use crate::guidance::alike::{alike, odd_letters};
use crate::import::{
    ImportOptions, ImportReport, ImportSummary, Preview, Warning, preview_wants_more,
};
use crate::protocol::{Code, Problem};

/// What an import made before its manifest.
pub(super) struct Loaded {
    pub(super) summary: ImportSummary,
    pub(super) segments: Vec<Segment>,
    /// Of what was stored, in hexadecimal digits.
    pub(super) digest: String,
    /// Records of earlier dumps that were in it again.
    pub(super) seen_again: SeenAgain,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Loads a dump. Resolves when its rows can be queried and are durable. One import at a time; others wait.
    pub async fn import(
        &self,
        source: impl ByteSource,
        options: ImportOptions,
        sample: bool,
        room: Room,
    ) -> Result<ImportReport, Problem> {
        self.import_with(source, options, sample, room, &NoReaders).await
    }

    /// The same with the help of other threads, where the file is long and can be read in parts.
    pub async fn import_with(
        &self,
        mut source: impl ByteSource,
        options: ImportOptions,
        sample: bool,
        room: Room,
        readers: &impl Readers,
    ) -> Result<ImportReport, Problem> {
        let _alone = self.importing.lock().await;
        self.cancelled.set(false);
        self.see().check_imports()?;
        self.see().check_losses()?;
        self.remove_left_over().await?;
        let began = self.clock.now();
        let name = options.name.clone();
        let problem_name = name.clone();
        let dataset = DatasetId(self.see().next_dataset);
        // Erased, so that it stays apart from what awaits it: browsers compile again what runs often, and the larger a function
        // is the longer that takes, on a core that the import needs.
        let reading = self.read_dump(&mut source, options, dataset, room, readers).boxed_local();
        let made = match reading.await {
            Ok(loaded) => {
                let elapsed_ms = (self.clock.now().millis() - began.millis()).max(0) as u64;
                self.publish(dataset, loaded, name, sample, elapsed_ms).await
            }
            Err(problem) => Err(problem),
        };
        let made = made.map_err(|problem| told_of(&problem_name, problem));
        if made.as_ref().map_or(true, |report| report.dataset_id.is_none()) {
            self.discard(dataset).await;
        }
        made
    }

    /// Removes what an import wrote that came to nothing. Where that fails, it is tried again before the id is used the
    /// next time, and the next start removes it as well.
    pub(super) async fn discard(&self, dataset: DatasetId) {
        if self.store.discard(dataset).await.is_err() {
            self.left_over.borrow_mut().insert(dataset);
        }
    }

    /// No segment of an import that came to nothing may be found among those of the next one under its id.
    pub(super) async fn remove_left_over(&self) -> Result<(), Problem> {
        let next = || self.left_over.borrow().first().copied();
        while let Some(dataset) = next() {
            self.store.discard(dataset).await?;
            self.left_over.borrow_mut().remove(&dataset);
        }
        Ok(())
    }

    /// Looks into a file: what it is, how its columns would be taken, what must be asked.
    pub async fn preview(
        &self,
        mut source: impl ByteSource,
        options: ImportOptions,
    ) -> Result<Preview, Problem> {
        let mut head = Vec::new();
        let mut slice = Vec::new();
        // A workbook can only be read as a whole; of texts the beginning is enough.
        while preview_wants_more(&head, source.total(), &options)? {
            let more =
                source.read(&mut slice).await.map_err(|why| unreadable(&options.name, &why))?;
            if !more {
                break;
            }
            head.extend_from_slice(&slice);
        }
        Ok(crate::import::preview(&head, &options)?)
    }

    /// Stops the import that is at work, if there is one.
    pub fn cancel_import(&self) -> bool {
        let at_work = self.importing.try_lock().is_none();
        self.cancelled.set(at_work);
        at_work
    }

    pub(super) fn check_cancelled(&self, name: &str) -> Result<(), Problem> {
        if !self.cancelled.get() {
            return Ok(());
        }
        let message = format!("The import of '{name}' was cancelled");
        Err(Problem::new(Code::Cancelled, message, "Nothing was stored"))
    }

    async fn publish(
        &self,
        dataset: DatasetId,
        loaded: Loaded,
        name: String,
        sample: bool,
        elapsed_ms: u64,
    ) -> Result<ImportReport, Problem> {
        let Loaded { summary, segments, digest, seen_again } = loaded;
        let stored = head_of(segments.len() as u32);
        let confirmed =
            if summary.loaded == 0 { self.see().same_records(&seen_again) } else { None };
        let says_something = summary.loaded > 0 || (!seen_again.is_empty() && confirmed.is_none());
        let made = says_something.then_some(dataset);
        let mut report = account(summary, made, name, elapsed_ms);
        if sample {
            // A generated dump has as many rows as were asked for; a round number tells nothing.
            report.warnings.retain(|warning| warning.code != "PossiblyTruncated");
        }
        report.warnings.extend(look_alikes(&self.see().table, &segments));
        let mut line = json!({
            "dataset": made, "name": report.name, "rowsRead": report.rows_read, "loaded": report.loaded,
            "duplicates": report.duplicates, "dismissedEarlier": report.dismissed_earlier, "rejected": report.rejected,
        });
        let jobs = job_names(&segments);
        let manifest_report = report.clone();
        self.change_with(
            |state, now| {
                let mut decision = Decision::default();
                if made.is_some() {
                    decision.commit.jobs = new_jobs(state, jobs);
                    decision.jobs = decision.commit.jobs.iter().map(|job| job.id.clone()).collect();
                    line["newJobs"] = json!(decision.jobs);
                    line["digest"] = json!(digest);
                    decision.commit.manifests = vec![Manifest {
                        dataset,
                        segments: stored,
                        imported_at: now,
                        sample,
                        report: manifest_report,
                        seen_again,
                        confirmed_at: None,
                    }];
                    decision.dataset = made;
                } else if let Some(known) = confirmed.and_then(|known| state.manifests.get(&known))
                {
                    let known = Manifest { confirmed_at: Some(now), ..known.clone() };
                    decision.commit.manifests = vec![known];
                }
                Ok((decision, vec![("imported", line)]))
            },
            |state| state.take_in(dataset, segments),
        )
        .await?;
        Ok(report)
    }
}

/// Names of the dump that look like others, there or in what is loaded, and are not the same.
#[inline(never)]
fn look_alikes(table: &Table, segments: &[Segment]) -> Option<Warning> {
    let (loaded, mut told) = (table.names(), Vec::new());
    for (column, loaded) in loaded.into_iter().enumerate() {
        let own: Vec<&str> =
            segments.iter().flat_map(|segment| segment.names()[column].clone()).collect();
        let groups = alike(own.iter().copied().chain(loaded));
        let is_new = |group: &Vec<&str>| group.iter().any(|name| own.contains(name));
        for group in groups.into_iter().filter(is_new) {
            let names = group.into_iter().map(|name| match odd_letters(name).join(", ") {
                letters if letters.is_empty() => format!("'{name}'"),
                letters => format!("'{name}' (with {letters})"),
            });
            told.push(names.collect::<Vec<_>>().join(" and "));
        }
    }
    (!told.is_empty()).then(|| Warning {
        code: "LookAlikes".to_owned(),
        message: format!(
            "these names look alike and are not the same, and filters tell them apart: {}",
            told.join("; ")
        ),
    })
}

fn job_names(segments: &[Segment]) -> Vec<String> {
    let mut names: Vec<String> =
        segments.iter().flat_map(|segment| segment.job_names().map(str::to_owned)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Jobs that the desk has not seen. A dump does not tell their status: they are taken as Active until someone stops them.
fn new_jobs(state: &State, names: Vec<String>) -> Vec<Job> {
    names
        .into_iter()
        .flat_map(|name| state.queue.add_job(JobId(name), JobStatus::Active).jobs)
        .collect()
}

fn account(
    summary: ImportSummary,
    dataset_id: Option<DatasetId>,
    name: String,
    elapsed_ms: u64,
) -> ImportReport {
    ImportReport {
        dataset_id,
        name,
        format: summary.format,
        dialect: summary.dialect,
        rows_read: summary.rows_read,
        loaded: summary.loaded,
        duplicates: summary.duplicates,
        dismissed_earlier: summary.dismissed_earlier,
        rejected: summary.rejected,
        rejects: summary.rejects,
        warnings: summary.warnings,
        columns: summary.columns,
        time_zone: summary.time_zone,
        elapsed_ms,
    }
}

/// A store that cannot take a dump, with the name of the dump.
fn told_of(name: &str, problem: Problem) -> Problem {
    if problem.code != Code::StorageFull {
        return problem;
    }
    Problem {
        message: format!("There is no room for '{name}': {}", lower_first(&problem.message)),
        hint: "Nothing of it was stored. Remove a dump that is no longer needed, or free some disk space, and open it again".to_owned(),
        ..problem
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn unreadable(name: &str, why: &str) -> Problem {
    Problem::new(
        Code::UnsupportedFormat,
        format!("The file '{name}' could not be read to its end: {why}"),
        "Nothing was stored. Check that the file is still there and not open elsewhere, then open it again",
    )
}
