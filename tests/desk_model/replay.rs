//! The journal read from its beginning: from its lines alone follows what became of every request, job and dataset.
//!
//! Deliberately absent from the journal, and so from here: the outcomes of a request that is still open. They stand with
//! the request; a line for each step would bury the others.

use std::collections::{BTreeMap, BTreeSet};

use error_desk::domain::{ChainCheck, JobStatus, JournalEntry, RequestKind, RequestState, Tally};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::{Settings, Store, Stored};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Debug)]
struct Told {
    job: String,
    kind: RequestKind,
    records: u64,
    digest: String,
    state: RequestState,
    outcomes: Option<Tally>,
}

/// What the lines read so far tell.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    lines: usize,
    chain: ChainCheck,
    last_moment: i64,
    jobs: BTreeMap<String, JobStatus>,
    requests: BTreeMap<u64, Told>,
    /// Ids in the order in which they came into the queue.
    entered: Vec<u64>,
    datasets: BTreeMap<u32, u64>,
    removed: BTreeSet<u32>,
    settings: Settings,
}

fn read<T: DeserializeOwned>(details: &Value, name: &str) -> T {
    let value = details.get(name).unwrap_or_else(|| panic!("a line without {name}: {details}"));
    serde_json::from_value(value.clone()).unwrap_or_else(|why| panic!("{name} of {details}: {why}"))
}

impl Replay {
    /// Reads the lines that are new, and compares.
    pub(crate) async fn go_on(&mut self, store: &MemoryStore, stored: &Stored) {
        let (_, lines) = store.journal(self.lines, usize::MAX).await.expect("a journal");
        for line in lines {
            self.lines += 1;
            assert_eq!(line.id, self.lines as u64, "lines are numbered without a gap");
            self.chain.check(&line).expect("lines are chained");
            self.take(&line);
            // Lines that waited bear the time of their deed, which is before that of the commit.
            let is_note = matches!(line.event.as_str(), "planned" | "exported");
            assert!(is_note || line.at.millis() >= self.last_moment, "a line from the past");
            self.last_moment = self.last_moment.max(line.at.millis());
        }
        self.chain.finish(stored.journal_end).expect("the trail ends where it is known to end");
        self.compare(stored);
    }

    fn take(&mut self, line: &JournalEntry) {
        let details = &line.details;
        match line.event.as_str() {
            "imported" => self.imported(details),
            "removed" => {
                let dataset = read(details, "dataset");
                assert!(self.datasets.remove(&dataset).is_some(), "removed, and was not there");
                self.removed.insert(dataset);
            }
            "submitted" => {
                let job: String = read(details, "jobId");
                assert_eq!(self.jobs.get(&job), Some(&JobStatus::Active), "{details}");
                let shelved = read(details, "shelved");
                let told = Told {
                    job,
                    kind: read(details, "kind"),
                    records: read(details, "records"),
                    digest: read(details, "digest"),
                    state: if shelved { RequestState::Shelved } else { RequestState::Queued },
                    outcomes: None,
                };
                let id: u64 = read(details, "requestId");
                self.entered.extend((!shelved).then_some(id));
                let last = self.requests.insert(id, told);
                assert!(
                    last.is_none() && self.requests.last_key_value().is_some_and(|(k, _)| *k == id)
                );
            }
            "movedUp" => {
                let id = read(details, "requestId");
                self.turn(id, RequestState::Shelved, RequestState::Queued);
                let job = self.told(id).job.clone();
                assert_eq!(self.jobs[&job], JobStatus::Active, "{id} moved up in {job}");
                self.entered.push(id);
            }
            "released" => {
                let id = read(details, "requestId");
                assert_eq!(self.told(id).state, RequestState::Shelved, "{details}");
            }
            "started" => self.started(read(details, "requestId")),
            "returned" => {
                self.turn(read(details, "requestId"), RequestState::Running, RequestState::Queued);
            }
            "finished" => {
                let id = read(details, "requestId");
                self.turn(id, RequestState::Running, RequestState::Finished);
                self.told(id).outcomes = Some(read(details, "outcomes"));
            }
            "withdrawn" => {
                let told = self.told(read(details, "requestId"));
                assert!(told.state.holds_records(), "{details}");
                told.state = RequestState::Withdrawn;
                told.outcomes = Some(read(details, "outcomes"));
            }
            "jobStatus" => self.job_status(details),
            "configured" => self.settings = read(details, "settings"),
            "markedFixed" => {
                let cause: String = read(details, "cause");
                self.settings.fixed_causes.retain(|known| *known != cause);
                self.settings.fixed_marks.remove(&cause);
                if read(details, "fixed") {
                    self.settings.fixed_marks.insert(cause.clone(), read(details, "mark"));
                    self.settings.fixed_causes.push(cause);
                    self.settings.fixed_causes.sort();
                }
            }
            "planned" | "exported" => {}
            other => panic!("a line of an unknown kind: {other}"),
        }
    }

    fn imported(&mut self, details: &Value) {
        let Some(dataset) = read::<Option<u32>>(details, "dataset") else { return };
        assert!(!self.removed.contains(&dataset), "the id of a removed dataset: {details}");
        assert!(self.datasets.insert(dataset, read(details, "loaded")).is_none(), "{details}");
        for job in read::<Vec<String>>(details, "newJobs") {
            assert!(self.jobs.insert(job, JobStatus::Active).is_none(), "{details}");
        }
    }

    /// Only the first of the queue of an Active job starts.
    fn started(&mut self, id: u64) {
        self.turn(id, RequestState::Queued, RequestState::Running);
        let job = self.told(id).job.clone();
        assert_eq!(self.jobs[&job], JobStatus::Active, "{id} started in {job}");
        let is_open = |other: &&u64| {
            let told = &self.requests[*other];
            told.job == job && told.state.is_open()
        };
        assert_eq!(self.entered.iter().find(is_open), Some(&id), "{id} started before its turn");
    }

    /// A job that stops sends what runs back to its place.
    fn job_status(&mut self, details: &Value) {
        let (job, to): (String, JobStatus) = (read(details, "jobId"), read(details, "to"));
        let from = self.jobs.insert(job.clone(), to.clone());
        assert_eq!(from, Some(read(details, "from")), "{details}");
        let running = |told: &&mut Told| told.job == job && told.state == RequestState::Running;
        for told in self.requests.values_mut().filter(running).filter(|_| !to.is_active()) {
            told.state = RequestState::Queued;
        }
    }

    fn told(&mut self, id: u64) -> &mut Told {
        self.requests.get_mut(&id).unwrap_or_else(|| panic!("request {id} was never submitted"))
    }

    fn turn(&mut self, id: u64, from: RequestState, to: RequestState) {
        let told = self.told(id);
        assert_eq!(told.state, from, "request {id} became {to:?}");
        told.state = to;
    }

    fn compare(&self, stored: &Stored) {
        let told = self.requests.iter().map(|(id, told)| {
            (*id, told.job.as_str(), told.kind, told.records, told.state, told.digest.clone())
        });
        let held = stored.requests.iter().map(|request| {
            let (records, digest) =
                (request.batch.len() as u64, request.batch.digest().to_string());
            (request.id.0, request.job.0.as_str(), request.kind, records, request.state, digest)
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            held.collect::<Vec<_>>(),
            "requests as the journal tells"
        );
        for request in stored.requests.iter().filter(|request| !request.state.holds_records()) {
            let told = self.requests[&request.id.0].outcomes;
            assert_eq!(told, Some(request.tally()), "outcomes of {} in the journal", request.id);
        }
        let held = stored.jobs.iter().map(|job| (job.id.0.clone(), job.status.clone()));
        assert_eq!(self.jobs, held.collect(), "jobs as the journal tells");
        let held = stored.manifests.iter().map(|one| (one.dataset.0, one.report.loaded));
        assert_eq!(self.datasets, held.collect(), "datasets as the journal tells");
        assert_eq!(self.settings, stored.settings.clone().unwrap_or_default(), "settings");
    }
}
