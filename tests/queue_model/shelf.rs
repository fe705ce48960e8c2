//! The shelf and the ramp exactly where they change what runs next.

use error_desk::domain::{
    DatasetId, DraftGate, JobId, JobStatus, QueueChange, QueueLimits, RecordId, RecordOutcome,
    Refusal, RequestDraft, RequestId, RequestKind, RequestQueue, RequestState, Timestamp,
};

use RecordOutcome::{Cleared, FailedAgain};
use RequestState::{Finished, Queued, Running, Shelved, Withdrawn};

fn now() -> Timestamp {
    Timestamp::from_millis(1_772_352_000_000).expect("a time")
}

fn job() -> JobId {
    JobId("Customers".to_owned())
}

fn draft(rows: std::ops::Range<u32>, gate: Option<DraftGate>) -> RequestDraft {
    RequestDraft {
        job: job(),
        kind: RequestKind::Retry,
        records: rows.map(|row| RecordId::new(DatasetId(1), row)).collect(),
        gate,
        filter_text: String::new(),
        reason: None,
        rehearsal: true,
    }
}

fn empty() -> RequestQueue {
    let mut queue = RequestQueue::new(QueueLimits::default());
    queue.apply(queue.add_job(job(), JobStatus::Active));
    queue
}

fn states(queue: &RequestQueue) -> Vec<RequestState> {
    queue.requests().map(|request| request.state).collect()
}

fn turns(queue: &RequestQueue) -> Vec<u64> {
    queue.open(&job()).map(|request| request.id.0).collect()
}

/// Runs the first of the queue to its end.
fn finish(queue: &mut RequestQueue, outcome: RecordOutcome) -> RequestId {
    let id = queue.next(&job()).expect("one that may run");
    queue.apply(queue.start(id, now()).expect("the first"));
    let records = queue.request(id).expect("it").batch.len();
    queue.apply(queue.settle(id, &vec![outcome; records], now()).expect("running"));
    id
}

/// Seven requests of one record.
fn seven() -> RequestQueue {
    let mut queue = empty();
    let drafts = (0..7).map(|row| draft(row..row + 1, None)).collect();
    queue.apply(queue.submit_or_shelve(drafts, now()).expect("a shelf"));
    queue
}

#[test]
fn of_seven_five_are_queued_and_two_wait_and_all_run_in_order() {
    let mut queue = seven();
    assert_eq!(states(&queue)[..], [Queued, Queued, Queued, Queued, Queued, Shelved, Shelved]);
    assert_eq!(queue.free_places(&job()), 0);
    // What waits holds its records and takes no place.
    assert_eq!(queue.holder(RecordId::new(DatasetId(1), 6)), Some(RequestId(7)));
    let again = queue.submit_or_shelve(vec![draft(6..8, None)], now());
    assert_eq!(again, Err(Refusal::AlreadyRequested { count: 1 }));
    let single = queue.submit(vec![draft(7..8, None)], now());
    assert!(matches!(single, Err(Refusal::QueueFull { count: 5, asked: 1, limit: 5, .. })));
    let ran: Vec<u64> = (0..7).map(|_| finish(&mut queue, FailedAgain).0).collect();
    assert_eq!(ran, [1, 2, 3, 4, 5, 6, 7]);
    assert!(states(&queue).iter().all(|state| *state == Finished));
}

#[test]
fn what_came_later_waits_behind_what_came_before() {
    let mut queue = seven();
    queue.apply(queue.submit_or_shelve(vec![draft(7..8, None)], now()).expect("a shelf"));
    queue.apply(queue.withdraw(RequestId(3), now()).expect("queued"));
    assert_eq!(turns(&queue), [1, 2, 4, 5, 6]);
    queue.apply(queue.withdraw(RequestId(7), now()).expect("shelved"));
    queue.apply(queue.withdraw(RequestId(1), now()).expect("queued"));
    assert_eq!(turns(&queue), [2, 4, 5, 6, 8]);
    assert_eq!(queue.holder(RecordId::new(DatasetId(1), 6)), None);
}

#[test]
fn nothing_moves_up_in_a_stopped_job_and_all_of_it_once_it_is_active_again() {
    let mut queue = seven();
    queue.apply(queue.set_job_status(&job(), JobStatus::stopped()).expect("known"));
    for id in [1, 2] {
        queue.apply(queue.withdraw(RequestId(id), now()).expect("queued"));
    }
    assert_eq!(states(&queue)[5..], [Shelved, Shelved]);
    queue.apply(queue.set_job_status(&job(), JobStatus::Active).expect("known"));
    assert_eq!(turns(&queue), [3, 4, 5, 6, 7]);
}

#[test]
fn more_places_are_taken_at_once() {
    let mut queue = seven();
    let limits = QueueLimits { requests_per_job: 6, ..QueueLimits::default() };
    let change = queue.fill(&limits);
    queue.set_limits(limits);
    queue.apply(change);
    assert_eq!(states(&queue)[5..], [Queued, Shelved]);
}

fn behind(after: usize) -> Option<DraftGate> {
    Some(DraftGate { after, threshold: 80 })
}

/// One record, then ten, then two requests of the rest.
fn ramp() -> RequestQueue {
    let mut queue = empty();
    let drafts = vec![
        draft(0..1, None),
        draft(1..11, behind(0)),
        draft(11..14, behind(1)),
        draft(14..17, behind(1)),
    ];
    queue.apply(queue.submit_or_shelve(drafts, now()).expect("a shelf"));
    queue
}

#[test]
fn a_step_goes_once_enough_of_the_one_before_has_cleared() {
    let mut queue = ramp();
    assert_eq!(states(&queue), [Queued, Shelved, Shelved, Shelved]);
    finish(&mut queue, Cleared);
    assert_eq!(states(&queue), [Finished, Queued, Shelved, Shelved]);
    queue.apply(queue.start(RequestId(2), now()).expect("the first"));
    let mut outcomes = vec![Cleared; 8];
    outcomes.extend([FailedAgain; 2]);
    queue.apply(queue.settle(RequestId(2), &outcomes, now()).expect("running"));
    assert_eq!(states(&queue), [Finished, Finished, Queued, Queued], "eighty percent are enough");
}

#[test]
fn below_the_share_steps_stay_locked_until_somebody_releases_them() {
    let mut queue = ramp();
    finish(&mut queue, Cleared);
    queue.apply(queue.start(RequestId(2), now()).expect("the first"));
    let mut outcomes = vec![Cleared; 7];
    outcomes.extend([FailedAgain; 3]);
    queue.apply(queue.settle(RequestId(2), &outcomes, now()).expect("running"));
    assert_eq!(states(&queue), [Finished, Finished, Shelved, Shelved]);
    assert_eq!(queue.next(&job()), None);
    // A locked step keeps nobody else from the places.
    queue.apply(queue.submit(vec![draft(20..21, None)], now()).expect("a free place"));
    queue.apply(queue.start(RequestId(5), now()).expect("the only one"));
    let change = queue.release(RequestId(4)).expect("locked");
    queue.apply(change);
    assert_eq!(states(&queue), [Finished, Finished, Queued, Queued, Running]);
    // The order does not change unseen: what was locked comes behind what came meanwhile.
    assert_eq!(turns(&queue), [5, 3, 4]);
    queue.apply(queue.submit(vec![draft(21..22, None)], now()).expect("a free place"));
    assert_eq!(turns(&queue), [5, 3, 4, 6]);
    assert_eq!(queue.release(RequestId(4)), Err(Refusal::NotLocked { request: RequestId(4) }));
}

#[test]
fn a_step_behind_a_withdrawn_one_stays_locked() {
    let mut queue = ramp();
    queue.apply(queue.withdraw(RequestId(1), now()).expect("queued"));
    assert_eq!(states(&queue), [Withdrawn, Shelved, Shelved, Shelved]);
    queue.apply(queue.release(RequestId(2)).expect("locked"));
    assert_eq!(states(&queue), [Withdrawn, Queued, Shelved, Shelved]);
    queue.apply(queue.withdraw(RequestId(3), now()).expect("locked ones too"));
    assert_eq!(states(&queue)[2], Withdrawn);
}

#[test]
fn a_decision_that_is_not_applied_leaves_everything() {
    let queue = seven();
    let before: Vec<_> = queue.requests().cloned().collect();
    let QueueChange { requests, .. } = queue.withdraw(RequestId(1), now()).expect("queued");
    assert_eq!(requests.len(), 2, "the one that goes and the one that moves up");
    assert_eq!(queue.requests().cloned().collect::<Vec<_>>(), before);
}
