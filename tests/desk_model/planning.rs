//! What the model plans and submits: which records, in which requests, and what waits on the shelf.

use error_desk::domain::{JobStatus, RecordState, Refusal, RequestKind, RequestState};

use crate::answers::{expired, invalid, job_id};
use crate::commands::Selection;
use crate::harness::BEGIN;
use crate::model::{Answer, Asked, Gated, LeftOut, Model, No, Parts, Planned, Row, no};
use crate::universe::{ENTITIES, thing};

impl Model {
    pub(crate) fn select(&self, which: &Selection) -> Result<Vec<Row>, No> {
        let accepts = |row: &Row| {
            let (about, state) = (thing(row.thing), self.shown(row));
            let shown = state != RecordState::Cleared;
            match which {
                Selection::All => shown,
                Selection::Job(job) => shown && about.job == *job,
                Selection::Entity(entity) => shown && about.entity == *entity,
                Selection::Category(category) => shown && about.category == *category,
                Selection::State(wanted) => state == *wanted,
                Selection::Listed(things) => things.contains(&row.thing),
            }
        };
        if let Selection::Listed(things) = which
            && !things.iter().all(|number| self.live().any(|row| row.thing == *number))
        {
            return Err(invalid());
        }
        Ok(self.live().filter(|row| accepts(row)).copied().collect())
    }

    /// Whether a record belongs to the table of which some record misses one of the other table: parents go first.
    fn children(&self) -> impl Fn(&Row) -> bool {
        let misses_a_parent = self.live().any(|row| thing(row.thing).misses_a_parent());
        move |row| misses_a_parent && thing(row.thing).entity == ENTITIES[1]
    }

    /// Whether a retry fails again until the cause is fixed. Why is the business of other tests.
    fn is_pointless(&self, row: &Row) -> bool {
        let thing = thing(row.thing);
        thing.is_pointless && !self.rules.fixed.contains(thing.cause.as_str())
    }

    /// What may be worked on, by job and in requests, and what is left out.
    fn split(&self, kind: RequestKind, rows: &[Row], heeds: bool) -> (Parts, LeftOut) {
        let is_retry = kind == RequestKind::Retry;
        let is_child = self.children();
        let mut left_out = LeftOut::default();
        let mut parts: Vec<(&str, Vec<Row>)> = vec![];
        let mut jobs: Vec<&str> = rows.iter().map(|row| thing(row.thing).job).collect();
        jobs.sort();
        jobs.dedup();
        for job in jobs {
            let mut may = vec![];
            for row in rows.iter().filter(|row| thing(row.thing).job == job) {
                if self.is_held(row) {
                    left_out.requested += 1;
                } else if is_retry && self.shown(row) == RecordState::Cleared {
                    left_out.cleared += 1;
                } else if is_retry && thing(row.thing).category == "Concurrency" {
                    left_out.not_retriable += 1;
                } else if is_retry && heeds && self.is_pointless(row) {
                    left_out.pointless += 1;
                } else {
                    may.push(*row);
                }
            }
            // What is dismissed waits for nobody.
            may.sort_by_key(|row| (is_retry && is_child(row), *row));
            parts.extend(may.chunks(self.rules.batch).map(|part| (job, part.to_vec())));
        }
        (parts, left_out)
    }

    pub(crate) fn plan(
        &mut self,
        kind: RequestKind,
        which: &Selection,
        ramp: Option<u8>,
        heeds: bool,
    ) -> Answer {
        if heeds && kind == RequestKind::Dismiss {
            return Err(invalid());
        }
        if ramp.is_some_and(|percent| percent > 100 || kind == RequestKind::Dismiss) {
            return Err(invalid());
        }
        let rows = self.select(which)?;
        let (parts, left_out) = self.split(kind, &rows, heeds);
        let (parts, after) = if ramp.is_some() {
            self.ramped(parts)
        } else {
            let after = vec![None; parts.len()];
            (parts, after)
        };
        let mut told = vec![];
        for (at, (job, part)) in parts.iter().enumerate() {
            let places = self.rules.places.saturating_sub(self.open_of(job).count());
            let before = parts[..at].iter().filter(|(other, _)| other == job).count();
            let shelved = after[at].is_some() || before >= places;
            told.push((*job, part.len(), places, shelved, after[at]));
        }
        let last = self.life.plans.last().copied().unwrap_or_default();
        let id = (last + 1).max((BEGIN + self.now) as u64);
        self.life.plans.push(id);
        let LeftOut { requested, not_retriable, cleared, pointless } = left_out;
        let answer = format!(
            "plan {id} of {}: {told:?}, without {:?}",
            rows.len(),
            (requested, not_retriable, cleared, pointless)
        );
        let threshold = ramp.unwrap_or_default();
        self.life.kept.push_back(Planned { id, kind, parts, after, threshold, left_out });
        if self.life.kept.len() > 8 {
            self.life.kept.pop_front();
        }
        self.life.notes += 1;
        Ok(answer)
    }

    /// Of each job one record, then ten, then a hundred, then the rest; each behind the one before, all of the rest behind
    /// the last of these.
    fn ramped(&self, parts: Parts) -> (Parts, Vec<Option<usize>>) {
        let (mut ramped, mut after): (Parts, Vec<Option<usize>>) = (vec![], vec![]);
        let mut jobs: Vec<&'static str> = parts.iter().map(|(job, _)| *job).collect();
        jobs.dedup();
        for job in jobs {
            let of_job = parts.iter().filter(|(other, _)| *other == job);
            let mut rest: Vec<Row> = of_job.flat_map(|(_, rows)| rows.clone()).collect();
            let (first, mut step) = (ramped.len(), 0);
            while !rest.is_empty() {
                let most = [1, 10, 100].get(step).copied().unwrap_or(self.rules.batch);
                let part = rest.drain(..most.min(self.rules.batch).min(rest.len())).collect();
                ramped.push((job, part));
                after.push((step > 0).then(|| first + step.min(3) - 1));
                step += 1;
            }
        }
        (ramped, after)
    }

    pub(crate) fn submit_plan(&mut self, id: u64) -> Answer {
        let planned = self.life.kept.iter().find(|planned| planned.id == id).cloned();
        let Planned { kind, parts, after, threshold, left_out, .. } =
            planned.ok_or_else(expired)?;
        if parts.is_empty() {
            return Err(nothing(left_out));
        }
        self.enqueue(kind, parts, Some((after, threshold)))
    }

    pub(crate) fn submit_one(
        &mut self,
        kind: RequestKind,
        job: &'static str,
        which: &Selection,
    ) -> Answer {
        self.must_be_active(job)?;
        let (count, limit) = (self.open_of(job).count(), self.rules.places);
        if count >= limit {
            return Err(no(Refusal::QueueFull { job: job_id(job), count, asked: 1, limit }));
        }
        let mut rows = self.select(which)?;
        let matched = rows.len();
        rows.retain(|row| thing(row.thing).job == job);
        let listed = matches!(which, Selection::Listed(_));
        if listed && rows.len() < matched {
            return Err(invalid());
        }
        let (parts, left_out) = self.split(kind, &rows, false);
        if parts.is_empty() || (listed && left_out.all() > 0) {
            return Err(nothing(left_out));
        }
        let records: Vec<Row> = parts.into_iter().flat_map(|(_, rows)| rows).collect();
        let (count, limit) = (records.len(), self.rules.batch);
        if count > limit {
            return Err(no(Refusal::TooManyRecords { count, limit }));
        }
        self.enqueue(kind, vec![(job, records)], None)
    }

    fn must_be_active(&self, job: &str) -> Result<(), No> {
        match self.jobs.get(job) {
            None => Err(no(Refusal::UnknownJob(job_id(job)))),
            Some(true) => Ok(()),
            Some(false) => {
                Err(no(Refusal::JobNotActive { job: job_id(job), status: JobStatus::stopped() }))
            }
        }
    }

    /// Takes requests, all or none; parts of a plan may wait on the shelf, a single request may not.
    fn enqueue(
        &mut self,
        kind: RequestKind,
        parts: Parts,
        steps: Option<(Vec<Option<usize>>, u8)>,
    ) -> Answer {
        if parts.iter().any(|(_, rows)| rows.iter().any(|row| !self.is_live(row))) {
            return Err(expired());
        }
        for (job, _) in &parts {
            self.must_be_active(job)?;
        }
        for (job, _) in &parts {
            let asked = parts.iter().filter(|(other, _)| other == job).count();
            let (count, limit) = (self.open_of(job).count(), self.rules.places);
            if steps.is_none() && count + asked > limit {
                return Err(no(Refusal::QueueFull { job: job_id(job), count, asked, limit }));
            }
        }
        let all = parts.iter().flat_map(|(_, rows)| rows);
        let count = all.filter(|row| self.is_held(row)).count();
        if count > 0 {
            return Err(no(Refusal::AlreadyRequested { count }));
        }
        for (_, rows) in &parts {
            let (count, limit) = (rows.len(), self.rules.batch);
            if count > limit {
                return Err(no(Refusal::TooManyRecords { count, limit }));
            }
        }
        if parts.iter().any(|(_, rows)| self.split(kind, rows, false).1.all() > 0) {
            return Err(expired());
        }
        let first = self.requests.len() as u64 + 1;
        let ids: Vec<u64> = (first..first + parts.len() as u64).collect();
        let created = self.now;
        let (after, threshold) = steps.unwrap_or((vec![None], 0));
        self.act(|model| {
            for (id, ((job, rows), after)) in (first..).zip(parts.into_iter().zip(after)) {
                let (outcomes, state) = (vec![], RequestState::Shelved);
                let (started, ended) = (None, None);
                let gate = after.map(|after| Gated {
                    after: first + after as u64,
                    threshold,
                    released: false,
                });
                model.requests.push(Asked {
                    id,
                    job,
                    kind,
                    rows,
                    outcomes,
                    state,
                    created,
                    started,
                    ended,
                    gate,
                });
            }
            model.move_up();
        })?;
        Ok(format!("{ids:?}"))
    }
}

fn nothing(left_out: LeftOut) -> No {
    let LeftOut { requested, not_retriable, .. } = left_out;
    no(match (requested, not_retriable) {
        (1.., _) => Refusal::AlreadyRequested { count: requested },
        (0, 1..) => Refusal::NotRetriable { count: not_retriable },
        _ => Refusal::NothingSelected,
    })
}
