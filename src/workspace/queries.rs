//! Questions. Nothing here changes anything.

use std::borrow::Cow;

use super::engine::{Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, Store};
use super::state::State;
use crate::dataset::{Page, Record, TemplateGroup};
use crate::domain::{
    Column, DismissHold, Filter, JobId, MissingReference, Request, RequestQueue, Share, Sort,
};
use crate::guidance::aliases::canonical_entity;
use crate::protocol::{
    AskedColumn, Bucket, DatasetView, FacetValue, GateView, JobView, MessageGroup, MessageGroups,
    NamedFacets, Problem, RequestView, RowsParams, SettingsView,
};

/// Most rows of one window.
const WINDOW: usize = 10_000;

/// Most bars of a histogram.
const BUCKETS: usize = 10_000;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Records that match.
    pub fn count(&self, filter: Filter) -> usize {
        let state = self.see();
        state.table.count(&state.resolved(filter))
    }

    /// A window of the matching records.
    pub fn rows(
        &self,
        filter: Filter,
        sort: Option<Sort>,
        offset: usize,
        limit: usize,
    ) -> Result<Page, Problem> {
        let params = RowsParams { filter, sort, offset, limit };
        self.write_rows(params, |page| Page {
            total: page.total,
            rows: page.rows.iter().cloned().map(Record::into_owned).collect(),
        })
    }

    /// The same, written down by `write` where it lies.
    pub fn write_rows<W>(
        &self,
        params: RowsParams,
        write: impl FnOnce(&Page<Cow<'_, str>>) -> W,
    ) -> Result<W, Problem> {
        let RowsParams { filter, sort, offset, limit } = params;
        if limit > WINDOW {
            return Err(Problem::invalid(format!(
                "A window holds at most {WINDOW} rows, and {limit} were asked for"
            )));
        }
        let state = self.see();
        Ok(write(&state.table.lines(&state.resolved(filter), sort, offset, limit)))
    }

    /// One record with everything known of it.
    pub fn record(&self, id: &str) -> Option<Record> {
        let state = self.see();
        state.table.find(id).and_then(|record| state.table.record(record))
    }

    /// Counts by value, each dimension ignoring its own condition.
    pub fn facets(
        &self,
        filter: Filter,
        dimensions: &[AskedColumn],
    ) -> Result<NamedFacets, Problem> {
        if let Some(other) = dimensions.iter().find(|asked| !asked.column.is_dimension()) {
            return Err(Problem::invalid(format!(
                "'{}' is no dimension: it has too many different values to count",
                other.word
            )));
        }
        let columns: Vec<Column> = dimensions.iter().map(|asked| asked.column).collect();
        let state = self.see();
        let facets = state.table.facets(&state.resolved(filter), &columns);
        let values = |values: Vec<crate::dataset::FacetValue>| {
            values
                .into_iter()
                .map(|value| FacetValue { value: value.value, count: value.count })
                .collect()
        };
        let words = dimensions.iter().map(|asked| asked.word.clone());
        Ok(words.zip(facets.into_iter().map(|facet| values(facet.values))).collect())
    }

    /// Records over time, in bars of equal width.
    pub fn histogram(&self, filter: Filter, buckets: usize) -> Result<Vec<Bucket>, Problem> {
        if !(1..=BUCKETS).contains(&buckets) {
            return Err(Problem::invalid(format!(
                "A histogram has 1 to {BUCKETS} bars, and {buckets} were asked for"
            )));
        }
        let state = self.see();
        let bars = state.table.histogram(&state.resolved(filter), buckets);
        Ok(bars
            .into_iter()
            .map(|bar| Bucket { from: bar.from, to: bar.to, count: bar.count })
            .collect())
    }

    /// A window of the groups of messages that differ in numbers and GUIDs only, the largest first.
    pub fn message_groups(&self, filter: Filter, offset: usize, limit: usize) -> MessageGroups {
        let state = self.see();
        let groups = state.table.template_groups(&state.resolved(filter));
        let total = groups.len();
        let window = groups.into_iter().skip(offset).take(limit.min(WINDOW));
        let group =
            |group: TemplateGroup| MessageGroup { template: group.template, count: group.count };
        MessageGroups { total, groups: window.map(group).collect() }
    }

    /// Loaded dumps.
    pub fn datasets(&self) -> Vec<DatasetView> {
        let state = self.see();
        let damaged = |id| state.damaged.get(&id).cloned().unwrap_or_default();
        let view = |manifest: &super::ports::Manifest| DatasetView {
            id: manifest.dataset,
            name: manifest.report.name.clone(),
            rows: manifest.report.loaded,
            imported_at: manifest.imported_at,
            sample: manifest.sample,
            seen_again: manifest.seen_again.len(),
            damaged: damaged(manifest.dataset),
        };
        state.manifests.values().map(view).collect()
    }

    /// Integration jobs.
    pub fn jobs(&self) -> Vec<JobView> {
        let state = self.see();
        let limit = state.queue.limits().requests_per_job;
        state
            .queue
            .jobs()
            .map(|job| {
                let (waiting, waiting_millis) = state.queue.ahead(&job.id);
                JobView {
                    id: job.id.clone(),
                    name: job.id.0.clone(),
                    status: job.status.clone(),
                    open: state.queue.open(&job.id).count(),
                    limit,
                    shelved: state.queue.shelf(&job.id).count(),
                    waiting,
                    waiting_millis,
                }
            })
            .collect()
    }

    /// Requests in the order of their creation.
    pub fn requests(&self, job: Option<&JobId>) -> Result<Vec<RequestView>, Problem> {
        let state = self.see();
        if let Some(job) = job {
            refused(state.queue.job(job).map(|_| ()))?;
        }
        let hold = state.settings.dismiss_hold;
        let wanted =
            state.queue.requests().filter(|request| job.is_none_or(|job| request.job == *job));
        Ok(wanted.map(|request| request_view(&state.queue, request, hold)).collect())
    }

    /// The settings in force.
    pub fn settings(&self) -> SettingsView {
        settings_view(&self.see())
    }

    /// Segments stored, and the kind of store.
    pub async fn store_facts(&self) -> Result<(usize, &'static str), Problem> {
        Ok((self.store.segment_count().await?, self.store.kind()))
    }
}

impl State {
    /// The filter in words that the table knows: aliases of tables are replaced by their names, and retries by the records
    /// that they sent.
    pub(super) fn resolved(&self, filter: Filter) -> Filter {
        let mut filter = by_names(filter);
        filter.among = filter.retried.as_ref().map(|retried| self.retried(retried));
        filter
    }
}

/// The filter with every alias of a table replaced by the table's name.
fn by_names(mut filter: Filter) -> Filter {
    for entity in &mut filter.entities {
        *entity = canonical_entity(entity).into_owned();
    }
    for word in &mut filter.missing {
        let (entity, key) = MissingReference::parts(word);
        let entity = canonical_entity(entity).into_owned();
        *word = match key {
            Some(key) => MissingReference { entity, key: key.to_owned() }.word(),
            None => entity,
        };
    }
    filter
}

pub(super) fn settings_view(state: &State) -> SettingsView {
    SettingsView {
        rehearsal_step_ms: state.settings.rehearsal_step_ms,
        dismiss_hold_seconds: state.settings.dismiss_hold.seconds,
        limits: state.settings.limits,
        fixed_causes: state.settings.fixed_causes.clone(),
    }
}

fn request_view(queue: &RequestQueue, request: &Request, hold: DismissHold) -> RequestView {
    let tally = request.tally();
    let gate = request.gate.map(|gate| {
        let before = queue.request(gate.after).ok();
        GateView {
            after: gate.after,
            after_state: before.map(|before| before.state),
            threshold: gate.threshold,
            share: before.and_then(|before| Share::of(&before.tally())),
            released: gate.released,
            locked: queue.is_locked(request),
        }
    });
    RequestView {
        id: request.id,
        job_id: request.job.clone(),
        kind: request.kind,
        state: request.state,
        records: request.batch.len(),
        done: request.outcomes.len(),
        cleared: tally.cleared,
        failed_again: tally.failed_again,
        skipped: tally.skipped,
        dismissed: tally.dismissed,
        digest: request.batch.digest().to_string(),
        filter_text: request.filter_text.clone(),
        reason: request.reason.clone(),
        created_at: request.created_at,
        started_at: request.started_at,
        finished_at: request.finished_at,
        rehearsal: request.rehearsal,
        held_until: hold.until(request).filter(|_| request.state.is_open()),
        turn: request.turn,
        gate,
    }
}
