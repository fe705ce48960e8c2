//! What cannot be true of a queue that was always changed by its own rules: for one that comes out of a file.
//!
//! Deliberately absent: numbers of open requests and of their records. The limits may have been lowered since.

use super::{Request, RequestQueue, RequestState};

impl RequestQueue {
    /// The first thing that contradicts the queue's invariants, for people.
    pub fn contradiction(&self) -> Option<String> {
        self.requests().find_map(|request| {
            let (id, is_done) = (request.id, request.pending().is_empty());
            if !request.state.holds_records() {
                let lacks = request.state == RequestState::Finished && !is_done;
                return lacks.then(|| format!("request {id} is finished and lacks outcomes"));
            }
            if is_done {
                return Some(format!("request {id} is open and has every outcome"));
            }
            let Ok(job) = self.job(&request.job) else {
                return Some(format!("request {id} is for a job that is not there"));
            };
            let is_fresh = request.outcomes.is_empty() && request.started_at.is_none();
            if request.state == RequestState::Shelved && !is_fresh {
                return Some(format!("request {id} is on the shelf, and was started"));
            }
            let same_turn = |other: &Request| other.id != id && other.turn == request.turn;
            if request.turn < id.0
                || request.state.is_open() && self.open(&request.job).any(same_turn)
            {
                return Some(format!("request {id} has a turn that none can have"));
            }
            if let Some(gate) = &request.gate {
                let before = self.request(gate.after);
                let may_be = before.is_ok_and(|before| before.id < id && before.job == request.job);
                if !may_be || !(1..=100).contains(&gate.threshold) {
                    return Some(format!("request {id} waits for what cannot be a step before it"));
                }
            }
            if request.state == RequestState::Running {
                if !job.status.is_active() {
                    return Some(format!("request {id} is running, and its job is not Active"));
                }
                if self.open(&job.id).next().is_some_and(|first| first.id != id) {
                    return Some(format!("request {id} is running before its turn"));
                }
            }
            let mut records = request.batch.records().iter();
            records.find_map(|record| {
                let holder = self.holder(*record).filter(|holder| *holder != id)?;
                Some(format!("requests {id} and {holder} hold the same record"))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        DatasetId, Gate, Job, JobId, JobStatus, QueueChange, QueueLimits, RecordBatch, RecordId,
        RecordOutcome, RequestId, RequestKind, Timestamp,
    };

    fn request(id: u64, rows: std::ops::Range<u32>, state: RequestState) -> Request {
        let records = rows.map(|row| RecordId::new(DatasetId(1), row)).collect();
        Request {
            id: RequestId(id),
            job: JobId("Sales".to_owned()),
            kind: RequestKind::Retry,
            batch: RecordBatch::new(records, &QueueLimits::default()).unwrap(),
            outcomes: vec![],
            state,
            turn: id,
            gate: None,
            filter_text: String::new(),
            reason: None,
            created_at: Timestamp::EPOCH,
            started_at: None,
            finished_at: None,
            rehearsal: true,
        }
    }

    fn told(status: JobStatus, requests: Vec<Request>) -> String {
        let mut queue = RequestQueue::new(QueueLimits::default());
        let jobs = vec![Job { id: JobId("Sales".to_owned()), status }];
        queue.apply(QueueChange { requests, jobs });
        queue.contradiction().unwrap_or_default()
    }

    #[test]
    fn every_invariant_is_looked_at() {
        use RequestState::{Finished, Queued, Running, Shelved, Withdrawn};
        let active = |requests| told(JobStatus::Active, requests);
        let (first, second) = (request(1, 0..3, Running), request(2, 3..5, Queued));
        assert_eq!(active(vec![first.clone(), second.clone()]), "");
        assert_eq!(active(vec![request(1, 0..3, Withdrawn), request(2, 1..3, Queued)]), "");
        assert!(active(vec![first.clone(), request(2, 2..5, Queued)]).contains("same record"));
        assert!(
            active(vec![second.clone(), request(3, 5..6, Running)]).contains("before its turn")
        );
        assert!(active(vec![request(1, 0..3, Finished)]).contains("lacks outcomes"));
        let done = Request { outcomes: vec![RecordOutcome::Cleared; 3], ..first.clone() };
        assert!(active(vec![done]).contains("every outcome"));
        let elsewhere = Request { job: JobId("Other".to_owned()), ..second };
        assert!(active(vec![elsewhere]).contains("not there"));
        assert!(
            active(vec![first.clone(), request(2, 2..4, Shelved)]).contains("hold the same record")
        );
        let begun = Request { started_at: Some(Timestamp::EPOCH), ..request(2, 5..6, Shelved) };
        assert!(active(vec![begun]).contains("was started"));
        let behind = |after, threshold| Request {
            gate: Some(Gate { after: RequestId(after), threshold, released: false }),
            ..request(2, 5..6, Shelved)
        };
        assert_eq!(active(vec![first.clone(), behind(1, 80)]), "");
        for impossible in [behind(2, 80), behind(9, 80), behind(1, 0), behind(1, 101)] {
            assert!(active(vec![first.clone(), impossible]).contains("a step before it"));
        }
        let (queued, turned) =
            (request(1, 0..3, Queued), |turn| Request { turn, ..request(2, 3..5, Queued) });
        assert_eq!(active(vec![queued.clone(), turned(7)]), "");
        for impossible in [turned(0), turned(1)] {
            assert!(active(vec![queued.clone(), impossible]).contains("a turn that none"));
        }
        let two = vec![Request { turn: 5, ..queued }, turned(5)];
        assert!(active(two).contains("a turn that none"));
        assert!(told(JobStatus::stopped(), vec![first]).contains("not Active"));
    }
}
