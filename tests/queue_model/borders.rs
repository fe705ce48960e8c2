//! The documented limits exactly where they change the answer: five requests, 10,000 records.

use error_desk::domain::{
    DatasetId, JobId, JobStatus, QueueLimits, RecordBatch, RecordId, RecordOutcome, Refusal,
    RequestDraft, RequestId, RequestKind, RequestQueue, Timestamp,
};

fn now() -> Timestamp {
    Timestamp::from_millis(1_772_352_000_000).expect("a time")
}

fn records(rows: std::ops::Range<u32>) -> Vec<RecordId> {
    rows.map(|row| RecordId::new(DatasetId(1), row)).collect()
}

fn draft(job: &str, rows: std::ops::Range<u32>) -> RequestDraft {
    RequestDraft {
        job: JobId(job.to_owned()),
        kind: RequestKind::Retry,
        records: records(rows),
        gate: None,
        filter_text: String::new(),
        reason: None,
        rehearsal: true,
    }
}

fn queue() -> RequestQueue {
    let mut queue = RequestQueue::new(QueueLimits::default());
    for job in ["Customers", "Products"] {
        queue.apply(queue.add_job(JobId(job.to_owned()), JobStatus::Active));
    }
    queue
}

fn full() -> RequestQueue {
    let mut queue = queue();
    for row in 0..5 {
        queue.apply(queue.submit(vec![draft("Customers", row..row + 1)], now()).expect("a place"));
    }
    queue
}

fn queue_full(count: usize, asked: usize) -> Refusal {
    Refusal::QueueFull { job: JobId("Customers".to_owned()), count, asked, limit: 5 }
}

#[test]
fn five_requests_are_taken_and_the_sixth_is_refused() {
    let mut queue = full();
    assert_eq!(queue.submit(vec![draft("Customers", 5..6)], now()), Err(queue_full(5, 1)));
    // The place of another job is another place.
    queue.apply(queue.submit(vec![draft("Products", 5..6)], now()).expect("a place"));
}

#[test]
fn a_running_request_counts_towards_the_five() {
    let mut queue = full();
    queue.apply(queue.start(RequestId(1), now()).expect("the oldest"));
    assert_eq!(queue.submit(vec![draft("Customers", 5..6)], now()), Err(queue_full(5, 1)));
    queue.apply(queue.settle(RequestId(1), &[RecordOutcome::Cleared], now()).expect("running"));
    queue.apply(queue.submit(vec![draft("Customers", 5..6)], now()).expect("a free place"));
    assert_eq!(queue.submit(vec![draft("Customers", 6..7)], now()), Err(queue_full(5, 1)));
}

#[test]
fn five_at_once_are_taken_and_six_at_once_leave_nothing() {
    let mut queue = queue();
    let several = |count| (0..count).map(|row| draft("Customers", row..row + 1)).collect();
    assert_eq!(queue.submit(several(6), now()), Err(queue_full(0, 6)));
    assert_eq!(queue.requests().count(), 0);
    let change = queue.submit(several(5), now()).expect("five places");
    assert_eq!(change.requests.len(), 5);
    queue.apply(change);
    assert_eq!(queue.free_places(&JobId("Customers".to_owned())), 0);
}

#[test]
fn ten_thousand_records_are_taken_and_one_more_is_refused() {
    let mut queue = queue();
    let refused = queue.submit(vec![draft("Customers", 0..10_001)], now());
    assert_eq!(refused, Err(Refusal::TooManyRecords { count: 10_001, limit: 10_000 }));
    queue.apply(queue.submit(vec![draft("Customers", 0..10_000)], now()).expect("within"));
    assert_eq!(queue.request(RequestId(1)).map(|request| request.batch.len()), Ok(10_000));
}

#[test]
fn the_limit_counts_different_records() {
    let mut twice = records(0..10_000);
    twice.extend(records(0..10_000));
    let batch = RecordBatch::new(twice, &QueueLimits::default()).expect("10,000 different ones");
    assert_eq!(batch.len(), 10_000);
}

#[test]
fn a_record_named_twice_is_refused_as_one() {
    let mut queue = queue();
    queue.apply(queue.submit(vec![draft("Customers", 0..3)], now()).expect("a place"));
    let mut again = draft("Customers", 1..5);
    again.records.extend(records(1..5));
    assert_eq!(queue.submit(vec![again], now()), Err(Refusal::AlreadyRequested { count: 2 }));
}

#[test]
fn with_two_jobs_full_the_same_one_is_named_every_time() {
    let mut queue = full();
    for row in 10..15 {
        queue.apply(queue.submit(vec![draft("Products", row..row + 1)], now()).expect("a place"));
    }
    for _ in 0..20 {
        let both = vec![draft("Products", 20..21), draft("Customers", 21..22)];
        assert_eq!(queue.submit(both, now()), Err(queue_full(5, 1)));
    }
}
