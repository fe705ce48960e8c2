//! What must hold after every command, read off the store and the desk's public face, without the model's help.

use std::collections::{BTreeMap, BTreeSet};

use error_desk::dataset::Record;
use error_desk::domain::{
    Column, JobId, JobStatus, RecordId, RecordOutcome, Request, RequestState,
};
use error_desk::workspace::ports::Stored;

use crate::asking::everything;
use crate::harness::Desk;

/// What was seen at the command before: some invariants are about the way from there to here.
#[derive(Default)]
pub(crate) struct Seen {
    before: Stored,
    /// Ids of records by number, as long as they could be listed.
    ids: BTreeMap<RecordId, String>,
    gone: BTreeSet<String>,
    last_request: u64,
    last_dataset: u32,
    /// The turn of the request of each job that finished last.
    finished: BTreeMap<JobId, u64>,
}

impl Seen {
    /// What a bundle that was just taken holds is not new, and was made under the limits of its own time.
    pub(crate) fn after(taken: Stored) -> Self {
        let last_request = taken.requests.iter().map(|request| request.id.0).max();
        let last_dataset = taken.manifests.iter().map(|manifest| manifest.dataset.0).max();
        Self {
            last_request: last_request.unwrap_or_default(),
            last_dataset: last_dataset.unwrap_or_default(),
            before: taken,
            ..Self::default()
        }
    }

    pub(crate) fn check(
        &mut self,
        desk: &Desk,
        stored: Stored,
        segments: usize,
        rows: Option<&[Record]>,
    ) {
        self.places(&stored);
        nothing_waits_beside_a_free_place(&stored);
        self.batches(&stored);
        in_one_open_request(&stored.requests);
        the_oldest_runs_alone(&stored);
        self.nothing_moves_in_a_stopped_job(&stored);
        self.order(&stored);
        self.ids_rise(&stored);
        complete_when_finished(&stored.requests);
        self.history(&stored.requests);
        each_dismissal_is_in_the_ledger(&stored);
        let wanted: u32 = stored.manifests.iter().map(|manifest| manifest.segments).sum();
        assert_eq!(segments, wanted as usize, "segments without a dataset, or missing ones");
        memory_is_the_store(desk, &stored);
        self.the_dismissed_stay_away(desk, &stored, rows);
        self.before = stored;
    }

    fn requests_before(&self, job: &JobId) -> usize {
        open_of(&self.before, job).count()
    }

    /// Open requests of a job stay within the limit; where the limit was lowered they only become fewer.
    fn places(&self, stored: &Stored) {
        let Some(settings) = &stored.settings else { return };
        for job in &stored.jobs {
            let (open, before) = (open_of(stored, &job.id).count(), self.requests_before(&job.id));
            let limit = settings.limits.requests_per_job.max(before);
            assert!(open <= limit, "{open} open requests of {}, of {limit}", job.id);
        }
    }

    /// New requests hold no more records than one may.
    fn batches(&self, stored: &Stored) {
        let Some(settings) = &stored.settings else { return };
        for request in stored.requests.iter().filter(|request| request.id.0 > self.last_request) {
            let (count, limit) = (request.batch.len(), settings.limits.records_per_request);
            assert!(count <= limit, "{} holds {count} of {limit}", request.id);
        }
    }

    /// Outcomes and starts need an Active job: before the command or after it.
    fn nothing_moves_in_a_stopped_job(&self, stored: &Stored) {
        let is_active = |stored: &Stored, id: &JobId| {
            let job = stored.jobs.iter().find(|job| job.id == *id);
            job.is_some_and(|job| job.status == JobStatus::Active)
        };
        for (before, now) in self.before.requests.iter().zip(&stored.requests) {
            let moved = now.outcomes.len() > before.outcomes.len()
                || now.started_at.is_some() && before.started_at.is_none();
            let may = is_active(&self.before, &now.job) || is_active(stored, &now.job);
            assert!(!moved || may, "{} moved while its job stood still", now.id);
        }
    }

    /// Nothing starts before one whose turn is earlier is closed, and requests finish in their turn.
    fn order(&mut self, stored: &Stored) {
        for request in &stored.requests {
            if request.started_at.is_some() && request.state.is_open() {
                let first = open_of(stored, &request.job).next().map(|first| first.id);
                assert_eq!(first, Some(request.id), "{} overtook", request.id);
            }
        }
        let was_finished = |request: &Request| {
            let before = self.before.requests.iter().find(|before| before.id == request.id);
            before.is_some_and(|before| before.state == RequestState::Finished)
        };
        let finished =
            stored.requests.iter().filter(|request| request.state == RequestState::Finished);
        for request in finished.filter(|request| !was_finished(request)) {
            let last = self.finished.insert(request.job.clone(), request.turn);
            assert!(last.is_none_or(|last| last < request.turn), "{} finished late", request.id);
        }
    }

    /// Ids rise and are never given twice, over crashes and restarts too.
    fn ids_rise(&mut self, stored: &Stored) {
        assert!(stored.requests.windows(2).all(|pair| pair[0].id < pair[1].id));
        let known: Vec<_> = self.before.requests.iter().map(|request| request.id).collect();
        let new = stored.requests.iter().filter(|request| !known.contains(&request.id));
        for request in new {
            assert!(request.id.0 > self.last_request, "{} was given before", request.id);
            self.last_request = request.id.0;
        }
        let known: Vec<_> = self.before.manifests.iter().map(|manifest| manifest.dataset).collect();
        let new = stored.manifests.iter().filter(|manifest| !known.contains(&manifest.dataset));
        for manifest in new {
            let dataset = manifest.dataset.0;
            assert!(dataset > self.last_dataset, "dataset {dataset} was given before");
            self.last_dataset = dataset;
        }
    }

    /// Nothing disappears, an outcome once given never changes, what is closed stays as it is.
    fn history(&self, requests: &[Request]) {
        assert!(requests.len() >= self.before.requests.len(), "a request disappeared");
        for (before, now) in self.before.requests.iter().zip(requests) {
            assert_eq!((before.id, &before.job, &before.batch), (now.id, &now.job, &now.batch));
            assert_eq!((before.kind, before.created_at), (now.kind, now.created_at));
            assert!(now.outcomes.starts_with(&before.outcomes), "outcomes of {} changed", now.id);
            assert!(before.started_at.is_none() || before.started_at == now.started_at);
            let may_turn = before.state == RequestState::Shelved;
            assert!(before.turn == now.turn || may_turn, "the order of {} changed", now.id);
            let was_closed = !before.state.holds_records();
            assert!(!was_closed || before == now, "{} was closed and changed", now.id);
        }
    }

    /// A record that was dismissed is in no row, count, facet or bar, and cannot be asked for by its id.
    fn the_dismissed_stay_away(&mut self, desk: &Desk, stored: &Stored, rows: Option<&[Record]>) {
        let count = desk.count(everything());
        let facets = desk.facets(everything(), &[Column::State.into()]).expect("facets");
        assert_eq!(facets["state"].iter().map(|value| value.count).sum::<usize>(), count);
        let bars = desk.histogram(everything(), 3).expect("a histogram");
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), count);
        let settled = stored.requests.iter().flat_map(Request::settled);
        let gone = settled.filter(|(_, outcome)| *outcome == RecordOutcome::Dismissed);
        let gone: BTreeSet<RecordId> = gone.map(|(record, _)| record).collect();
        self.gone.extend(gone.iter().filter_map(|record| self.ids.get(record)).cloned());
        let Some(rows) = rows else { return };
        assert_eq!(rows.len(), count);
        for row in rows {
            assert!(!self.gone.contains(&row.id), "{} was dismissed and is back", row.id);
        }
        for id in &self.gone {
            assert!(desk.record(id).is_none(), "{id} was dismissed and is found");
        }
        self.remember(rows, stored, &gone);
    }

    /// Which record has which id: rows come in the order of records, and the dismissed are not among them.
    fn remember(&mut self, rows: &[Record], stored: &Stored, gone: &BTreeSet<RecordId>) {
        let loaded = stored.manifests.iter().flat_map(|manifest| {
            (0..manifest.report.loaded as u32).map(|row| RecordId::new(manifest.dataset, row))
        });
        let live = loaded.filter(|record| !gone.contains(record));
        let new = live.zip(rows);
        for (record, row) in new {
            self.ids.entry(record).or_insert_with(|| row.id.clone());
        }
    }
}

fn open_of<'a>(stored: &'a Stored, job: &JobId) -> impl Iterator<Item = &'a Request> + use<'a> {
    let of_job = |request: &&Request| request.job == *job && request.state.is_open();
    let mut open: Vec<&Request> = stored.requests.iter().filter(of_job).collect();
    open.sort_by_key(|request| request.turn);
    open.into_iter()
}

/// What waits on the shelf of an Active job waits for a place, or for a step before it.
fn nothing_waits_beside_a_free_place(stored: &Stored) {
    let limits = stored.settings.clone().unwrap_or_default().limits;
    for job in stored.jobs.iter().filter(|job| job.status == JobStatus::Active) {
        let is_free = open_of(stored, &job.id).count() < limits.requests_per_job;
        let shelved = stored
            .requests
            .iter()
            .filter(|request| request.job == job.id && request.state == RequestState::Shelved);
        for request in shelved {
            let before = |id| stored.requests.iter().find(|one| one.id == id);
            let is_open = request.gate.is_none_or(|gate| gate.is_open(before(gate.after)));
            assert!(!is_free || !is_open, "{} waits beside a free place", request.id);
            assert!(request.outcomes.is_empty() && request.started_at.is_none());
        }
    }
}

fn in_one_open_request(requests: &[Request]) {
    let open = requests.iter().filter(|request| request.state.holds_records());
    let mut held = BTreeSet::new();
    for record in open.flat_map(|request| request.batch.records()) {
        assert!(held.insert(*record), "{record:?} is in two open requests");
    }
}

fn the_oldest_runs_alone(stored: &Stored) {
    for job in &stored.jobs {
        for (place, request) in open_of(stored, &job.id).enumerate() {
            let runs = request.state == RequestState::Running;
            assert!(!runs || place == 0, "{} overtook in {}", request.id, job.id);
            assert!(!runs || job.status == JobStatus::Active, "{} runs in {}", request.id, job.id);
        }
    }
}

fn complete_when_finished(requests: &[Request]) {
    for request in requests {
        let (outcomes, records) = (request.outcomes.len(), request.batch.len());
        let tally = request.tally();
        assert_eq!(tally.cleared + tally.failed_again + tally.skipped + tally.dismissed, outcomes);
        match request.state {
            RequestState::Finished => assert_eq!(outcomes, records, "{} is finished", request.id),
            _ => assert!(outcomes < records, "{} is through and not finished", request.id),
        }
        assert_eq!(request.finished_at.is_some(), !request.state.holds_records());
    }
}

/// As many identities as records were dismissed: each once, and in the same transaction as its outcome.
fn each_dismissal_is_in_the_ledger(stored: &Stored) {
    let dismissed = stored.requests.iter().map(|request| request.tally().dismissed).sum::<usize>();
    assert_eq!(stored.dismissals.len(), dismissed, "the ledger and the outcomes");
}

/// What the desk shows is what the next life would find.
fn memory_is_the_store(desk: &Desk, stored: &Stored) {
    let shown = desk.requests(None).expect("requests");
    let shown = shown.iter().map(|view| (view.id, view.state, view.done, view.digest.clone()));
    let held = stored.requests.iter().map(|request| {
        (request.id, request.state, request.outcomes.len(), request.batch.digest().to_string())
    });
    assert!(shown.eq(held), "requests in memory and in the store");
    let shown = desk.jobs().into_iter().map(|view| (view.id, view.status));
    assert!(shown.eq(stored.jobs.iter().map(|job| (job.id.clone(), job.status.clone()))));
    let shown = desk.datasets().into_iter().map(|view| view.id);
    assert!(shown.eq(stored.manifests.iter().map(|manifest| manifest.dataset)));
    let (shown, held) = (desk.settings(), stored.settings.clone().unwrap_or_default());
    assert_eq!((shown.limits, shown.fixed_causes), (held.limits, held.fixed_causes));
    assert_eq!(shown.dismiss_hold_seconds, held.dismiss_hold.seconds);
    assert_eq!(shown.rehearsal_step_ms, held.rehearsal_step_ms);
}
