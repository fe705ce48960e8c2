//! How long work will take, from how long past work took: nothing is guessed, and without a past run nothing is said.
//!
//! Deliberately absent: clocks, and any model of how fast a server might be.
//!
//! Invariant: only finished requests of the same job and kind count, by the times that they themselves tell; what was
//! rehearsed says nothing of what a server will do.

use super::{JobId, Request, RequestKind, RequestQueue, RequestState};

/// Past runs that are looked at, the latest ones: how fast a job was half a year ago says little.
const RUNS: usize = 10;

/// What past runs came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Runs that were measured.
    pub runs: usize,
    /// Records that they worked on; never 0.
    pub records: u64,
    /// From their starts to their ends, in milliseconds, waiting included.
    pub millis: u64,
}

impl Pace {
    /// Of the latest finished requests among these, which come in the order of their creation.
    pub fn of<'a>(requests: impl DoubleEndedIterator<Item = &'a Request>) -> Option<Self> {
        let measured = requests.rev().filter_map(|request| {
            let finished =
                request.finished_at.filter(|_| request.state == RequestState::Finished)?;
            // A clock that was put back has measured nothing.
            let millis = u64::try_from(finished.millis() - request.started_at?.millis()).ok()?;
            Some((request.batch.len() as u64, millis))
        });
        measured.take(RUNS).fold(None, |pace: Option<Self>, (records, millis)| {
            let Self { runs, records: before, millis: passed } =
                pace.unwrap_or(Self { runs: 0, records: 0, millis: 0 });
            Some(Self { runs: runs + 1, records: before + records, millis: passed + millis })
        })
    }

    /// How long so many records take at this pace, in milliseconds, rounded up.
    pub fn millis_for(self, records: u64) -> u64 {
        let millis = u128::from(records) * u128::from(self.millis);
        u64::try_from(millis.div_ceil(u128::from(self.records.max(1)))).unwrap_or(u64::MAX)
    }
}

impl RequestQueue {
    /// How fast requests of a kind were in a job.
    pub fn pace(&self, job: &JobId, kind: RequestKind, rehearsal: bool) -> Option<Pace> {
        Pace::of(self.requests().filter(|request| {
            request.job == *job && request.kind == kind && request.rehearsal == rehearsal
        }))
    }

    /// Records without an outcome that come before a new request of the job: in its queue, and on its shelf unless they
    /// are locked; and how long they take in milliseconds, `None` where no past run tells.
    pub fn ahead(&self, job: &JobId) -> (u64, Option<u64>) {
        let waiting = self.shelf(job).filter(|request| !self.is_locked(request));
        let all = self.open(job).chain(waiting);
        all.fold((0, Some(0)), |(records, millis), request| {
            let left = request.pending().len() as u64;
            let pace = self.pace(job, request.kind, request.rehearsal);
            let takes = pace.map(|pace| pace.millis_for(left));
            (records + left, millis.zip(takes).map(|(millis, more): (u64, u64)| millis + more))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        DatasetId, Job, JobStatus, QueueChange, QueueLimits, RecordBatch, RecordId, RecordOutcome,
        RequestId, Timestamp,
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("a time")
    }

    /// A request that took so long, or has not finished.
    fn request(id: u64, records: u32, millis: Option<i64>) -> Request {
        let rows = (0..records).map(|row| RecordId::new(DatasetId(id as u32), row)).collect();
        let state = if millis.is_some() { RequestState::Finished } else { RequestState::Queued };
        let outcomes = match millis {
            Some(_) => vec![RecordOutcome::Cleared; records as usize],
            None => vec![],
        };
        Request {
            id: RequestId(id),
            job: JobId("Sales".to_owned()),
            kind: RequestKind::Retry,
            batch: RecordBatch::restored(rows).expect("some records"),
            outcomes,
            state,
            turn: id,
            gate: None,
            filter_text: String::new(),
            reason: None,
            created_at: at(0),
            started_at: millis.map(|_| at(1_000)),
            finished_at: millis.map(|millis| at(1_000 + millis)),
            rehearsal: true,
        }
    }

    #[test]
    fn without_a_finished_run_there_is_no_measure() {
        assert_eq!(Pace::of([].iter()), None);
        assert_eq!(Pace::of([request(1, 5, None)].iter()), None);
        assert_eq!(Pace::of([request(1, 5, Some(-1))].iter()), None, "the clock was put back");
    }

    #[test]
    fn the_latest_runs_are_measured_together() {
        let runs = [request(1, 100, Some(1_000)), request(2, 300, Some(1_000))];
        let pace = Pace::of(runs.iter()).expect("two runs");
        assert_eq!(pace, Pace { runs: 2, records: 400, millis: 2_000 });
        assert_eq!(pace.millis_for(0), 0);
        assert_eq!(pace.millis_for(1), 5);
        assert_eq!(pace.millis_for(10_000), 50_000);
        let many: Vec<Request> = (1..=30).map(|id| request(id, 1, Some(id as i64))).collect();
        let pace = Pace::of(many.iter()).expect("runs");
        assert_eq!((pace.runs, pace.millis), (RUNS, (21..=30).sum()));
        let instant = Pace::of([request(1, 7, Some(0))].iter()).expect("a run");
        assert_eq!(instant.millis_for(1_000_000), 0);
    }

    #[test]
    fn what_is_ahead_is_told_only_where_all_of_it_was_measured() {
        let mut queue = RequestQueue::new(QueueLimits::default());
        let job = JobId("Sales".to_owned());
        assert_eq!(queue.ahead(&job), (0, Some(0)), "nothing takes no time");
        let jobs = vec![Job { id: job.clone(), status: JobStatus::Active }];
        queue.apply(QueueChange { requests: vec![request(1, 10, None)], jobs });
        assert_eq!(queue.ahead(&job), (10, None));
        queue.apply(request(2, 20, Some(400)).into());
        assert_eq!(queue.ahead(&job), (10, Some(200)));
        let other = Request { kind: RequestKind::Dismiss, ..request(3, 5, None) };
        queue.apply(other.into());
        assert_eq!(queue.ahead(&job), (15, None), "a dismissal is no retry");
    }
}
