//! Things to store.

use error_desk::domain::{
    CauseAction, CauseRule, DatasetId, DismissHold, Identity, Job, JobId, JobStatus, JournalEnd,
    JournalEntry, QueueLimits, RecordBatch, RecordId, RecordOutcome, Request, RequestId,
    RequestKind, RequestState, SeenAgain, Timestamp,
};
use error_desk::import::{ColumnUse, ImportReport, Reject, Warning};
use error_desk::workspace::ports::{Commit, FixedMark, Manifest, Settings};

pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

pub(crate) fn job(name: &str, status: JobStatus) -> Job {
    Job { id: JobId(name.to_owned()), status }
}

/// A request of the first `records` rows of dataset 1, with outcomes for the first `outcomes`.
pub(crate) fn request(id: u64, records: u32, outcomes: usize) -> Request {
    let all = [
        RecordOutcome::Cleared,
        RecordOutcome::FailedAgain,
        RecordOutcome::Skipped,
        RecordOutcome::Dismissed,
    ];
    Request {
        id: RequestId(id),
        job: JobId("Sales".to_owned()),
        kind: RequestKind::Retry,
        batch: RecordBatch::restored(
            (0..records).map(|row| RecordId::new(DatasetId(1), row)).collect(),
        )
        .unwrap(),
        outcomes: all.into_iter().cycle().take(outcomes).collect(),
        state: RequestState::Queued,
        turn: id,
        gate: None,
        filter_text: "Entity is Customers".to_owned(),
        reason: None,
        created_at: time(1_772_352_000_000),
        started_at: None,
        finished_at: None,
        rehearsal: true,
    }
}

pub(crate) fn manifest(dataset: u32, segments: u32) -> Manifest {
    Manifest {
        dataset: DatasetId(dataset),
        segments,
        imported_at: time(1_772_352_000_000),
        sample: dataset.is_multiple_of(2),
        report: ImportReport {
            dataset_id: Some(DatasetId(dataset)),
            name: "Fehler \"März\" \u{1f4a5}.csv".to_owned(),
            format: "csv".to_owned(),
            dialect: "semicolon, UTF-8".to_owned(),
            rows_read: 10,
            loaded: 6,
            duplicates: 1,
            dismissed_earlier: 2,
            rejected: 1,
            rejects: vec![Reject {
                row: 4,
                line: 5,
                column: Some("Created".to_owned()),
                reason: "'yesterday' is no time".to_owned(),
            }],
            warnings: vec![Warning { code: "noJob".to_owned(), message: "No job.".to_owned() }],
            columns: vec![ColumnUse {
                header: "Legal entity".to_owned(),
                field: Some("company".to_owned()),
                how: "alias".to_owned(),
            }],
            time_zone: Some("Europe/Berlin".to_owned()),
            elapsed_ms: 12,
        },
        seen_again: SeenAgain::new(
            (0..dataset % 3).map(|row| RecordId::new(DatasetId(1), row * 2)).collect(),
            Default::default(),
        ),
        confirmed_at: None,
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        rehearsal_step_ms: 1,
        dismiss_hold: DismissHold { seconds: 0 },
        limits: QueueLimits { requests_per_job: 3, records_per_request: 20_000 },
        fixed_causes: vec!["lock".to_owned(), "missing-reference".to_owned()],
        fixed_marks: [(
            "lock".to_owned(),
            FixedMark { at: time(5), last_seen: Some(time(-3)), newer_from: DatasetId(2) },
        )]
        .into(),
        others: serde_json::Map::new(),
        cause_rules: vec![CauseRule {
            id: 7,
            action: CauseAction::Merge { into: "lock".to_owned(), causes: vec!["b".to_owned()] },
        }],
        cause_notes: [("lock".to_owned(), "Ask the night shift.".to_owned())].into(),
    }
}

pub(crate) fn entry(id: u64) -> JournalEntry {
    let before = JournalEnd { id: id - 1, ..JournalEnd::default() };
    before.next(time(id as i64), "submitted", serde_json::json!({ "requests": [id], "note": null }))
}

/// The end of a journal whose last line is `entry(id)`.
pub(crate) fn end(id: u64) -> JournalEnd {
    JournalEnd { id, hash: entry(id).hash.expect("a chained line") }
}

/// Different ones, spread over all 128 bits.
pub(crate) fn identities(range: std::ops::Range<u128>) -> Vec<Identity> {
    range
        .map(|number| Identity(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
        .collect()
}

pub(crate) fn sorted(mut identities: Vec<Identity>) -> Vec<Identity> {
    identities.sort_unstable();
    identities
}

/// A commit with something of each kind, so that a part of it would show.
pub(crate) fn full_commit() -> Commit {
    Commit {
        manifests: vec![manifest(2, 1)],
        removed: vec![DatasetId(1)],
        jobs: vec![job("Sales", JobStatus::stopped()), job("Finance", JobStatus::Active)],
        requests: vec![request(1, 5, 2), request(2, 3, 0)],
        dismissals: identities(10..20),
        settings: Some(settings()),
        journal: vec![entry(2), entry(3)],
    }
}
