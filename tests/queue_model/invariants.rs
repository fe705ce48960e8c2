//! What must hold of the queue after every applied change, read off its public face.

use std::collections::BTreeMap;

use error_desk::domain::{
    Job, QueueLimits, RecordId, Request, RequestId, RequestQueue, RequestState,
};

use crate::commands::RECORDS;

/// Everything the queue shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Look {
    limits: QueueLimits,
    jobs: Vec<Job>,
    requests: Vec<Request>,
    holders: Vec<Option<RequestId>>,
}

pub(crate) fn look(queue: &RequestQueue) -> Look {
    Look {
        limits: *queue.limits(),
        jobs: queue.jobs().cloned().collect(),
        requests: queue.requests().cloned().collect(),
        holders: (0..RECORDS).map(|bits| queue.holder(RecordId::from_bits(bits))).collect(),
    }
}

/// What was seen at the step before: some invariants are about the way from there to here.
#[derive(Default)]
pub(crate) struct Seen {
    requests: Vec<Request>,
    open: BTreeMap<String, usize>,
}

impl Seen {
    pub(crate) fn check(&mut self, queue: &RequestQueue) {
        let requests: Vec<Request> = queue.requests().cloned().collect();
        one_place_each(&requests);
        complete_when_finished(&requests);
        self.places(queue);
        self.shelf(queue);
        self.history(&requests);
        self.requests = requests;
    }

    /// Open requests of a job stay within the limit; where the limit was lowered they only become fewer.
    fn places(&mut self, queue: &RequestQueue) {
        for job in queue.jobs() {
            let open: Vec<&Request> = queue.open(&job.id).collect();
            let before = self.open.insert(job.id.0.clone(), open.len()).unwrap_or(0);
            let limit = queue.limits().requests_per_job;
            assert!(open.len() <= limit.max(before), "{} open of {limit} in {job:?}", open.len());
            assert!(open.len() <= limit || open.len() <= before);
            let running = |request: &&&Request| request.state == RequestState::Running;
            assert!(open.iter().filter(running).count() <= 1, "two run in {job:?}");
            for (place, request) in open.iter().enumerate() {
                let runs = request.state == RequestState::Running;
                assert!(!runs || place == 0, "{} overtook in {job:?}", request.id);
                assert!(!runs || job.status.is_active(), "{} runs in {job:?}", request.id);
            }
        }
    }

    /// No place of an Active job is free while something that may take it waits, and what waits moves up in its order.
    fn shelf(&self, queue: &RequestQueue) {
        for job in queue.jobs() {
            let mut waiting = queue.shelf(&job.id).filter(|request| !queue.is_locked(request));
            let first = waiting.next().map(|request| request.id);
            let is_free = job.status.is_active() && queue.free_places(&job.id) > 0;
            assert!(!is_free || first.is_none(), "{first:?} waits beside a free place");
            let left = |before: &&Request| {
                let now = queue.request(before.id).map(|now| now.state);
                before.job == job.id
                    && before.state == RequestState::Shelved
                    && now.is_ok_and(|now| now.is_open())
            };
            for moved in self.requests.iter().filter(left) {
                assert!(first.is_none_or(|first| moved.id < first), "{} overtook", moved.id);
            }
        }
        for request in queue.requests().filter(|one| one.state == RequestState::Shelved) {
            assert!(request.outcomes.is_empty() && request.started_at.is_none());
        }
    }

    /// Ids rise and are never given twice, nothing disappears, outcomes only grow, what is closed never changes.
    fn history(&self, requests: &[Request]) {
        assert!(requests.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(requests.len() >= self.requests.len());
        for (before, now) in self.requests.iter().zip(requests) {
            assert_eq!((before.id, &before.job, &before.batch), (now.id, &now.job, &now.batch));
            assert_eq!((before.kind, before.created_at), (now.kind, now.created_at));
            assert!(now.outcomes.starts_with(&before.outcomes), "outcomes of {} changed", now.id);
            assert!(before.started_at.is_none() || before.started_at == now.started_at);
            let may_turn = before.state == RequestState::Shelved;
            assert!(before.turn == now.turn || may_turn, "the order of {} changed", now.id);
            if !before.state.holds_records() {
                assert_eq!(before, now, "a closed request changed");
            }
        }
    }
}

/// A record sits in at most one request that is open or shelved, and closed requests hold nothing.
fn one_place_each(requests: &[Request]) {
    for bits in 0..RECORDS {
        let record = RecordId::from_bits(bits);
        let holders: Vec<RequestId> =
            requests.iter().filter(|request| request.holds(record)).map(|r| r.id).collect();
        assert!(holders.len() <= 1, "record {bits} is in {holders:?}");
    }
}

fn complete_when_finished(requests: &[Request]) {
    for request in requests {
        let (outcomes, records) = (request.outcomes.len(), request.batch.len());
        assert_eq!(request.pending().len(), records - outcomes);
        assert_eq!(request.settled().count(), outcomes);
        let tally = request.tally();
        assert_eq!(tally.cleared + tally.failed_again + tally.skipped + tally.dismissed, outcomes);
        let finished = request.state == RequestState::Finished;
        assert_eq!(finished, outcomes == records && request.state != RequestState::Withdrawn);
        assert_eq!(request.finished_at.is_some(), !request.state.holds_records());
    }
}
