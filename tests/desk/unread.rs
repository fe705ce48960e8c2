//! Things of the store that cannot be read: the desk starts, says so, leaves them alone, and guesses nothing.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use error_desk::domain::{
    DatasetId, Filter, JobId, JobStatus, RequestId, RequestKind, RequestState,
};
use error_desk::protocol::{Code, ConfigureParams, Problem};
use error_desk::store::{MemoryStore, Part};
use error_desk::workspace::ports::Store;
use futures_executor::block_on;

use crate::harness::{Desk, csv};
use crate::{entity, one};

const JOB: &str = "Integration job";
const ROWS: usize = 40;

fn text(text: &str) -> Filter {
    Filter { text: Some(text.to_owned()), ..Filter::default() }
}

/// A dump, a finished dismissal of 11 rows, a finished retry, and one that waits in a stopped job.
async fn stored() -> MemoryStore {
    let store = MemoryStore::new();
    let desk = Desk::open(&store).await;
    desk.import("errors.csv", &csv(ROWS)).await.unwrap();
    desk.submit(one(RequestKind::Dismiss, JOB, text("number 2"))).await.unwrap();
    desk.submit(one(RequestKind::Retry, JOB, text("number 1"))).await.unwrap();
    desk.finish().await;
    desk.erase().await;
    let stopped = JobStatus::stopped();
    desk.submit(one(RequestKind::Retry, JOB, text("number 3"))).await.unwrap();
    desk.set_job_status(JobId(JOB.to_owned()), stopped).await.unwrap();
    store.reopen()
}

/// Opens without the change of settings that the harness makes.
async fn open(store: &MemoryStore) -> Desk {
    Desk::open(store).await
}

fn only(desk: &Desk) -> Problem {
    let problems = desk.problems();
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(!problem.hint.is_empty(), "the way out: {problem}");
    problem.clone()
}

fn line(store: &MemoryStore, start: &str) -> String {
    let lines = store.export_raw(2);
    lines.lines().find(|line| line.starts_with(start)).unwrap().to_owned()
}

async fn tries_to_submit(desk: &Desk) -> Result<(), Problem> {
    desk.set_job_status(JobId(JOB.to_owned()), JobStatus::Active).await?;
    desk.submit(one(RequestKind::Retry, JOB, text("number 6"))).await.map(|_| ())
}

#[test]
fn a_dump_without_a_manifest_stays_stored_and_the_others_are_there() {
    block_on(async {
        let store = stored().await;
        let desk = Desk::open(&store).await;
        let other = csv(9).replace("-0000-4000", "-ffff-4000").replace("failed", "broke");
        desk.import("other.csv", &other).await.unwrap();
        drop(desk);
        let segments = store.segment_count().await.unwrap();
        store.damage(&Part::Manifest(DatasetId(1)));
        for _ in 0..2 {
            let desk = open(&store.reopen()).await;
            assert!(only(&desk).message.contains("manifest of dataset 1"));
            assert_eq!((desk.count(Filter::default()), desk.datasets().len()), (9, 1));
            assert_eq!(store.segment_count().await.unwrap(), segments);
        }
        // The way out: the file again, under an id of its own. What was dismissed stays away.
        let desk = open(&store.reopen()).await;
        let report = desk.import("errors.csv", &csv(ROWS)).await.unwrap();
        assert_eq!(report.dataset_id, Some(DatasetId(3)));
        assert_eq!((report.loaded, report.dismissed_earlier), (29, 11));
        tries_to_submit(&desk).await.unwrap();
    });
}

#[test]
fn a_job_of_unknown_status_does_not_work() {
    block_on(async {
        let store = stored().await;
        let desk = Desk::open(&store).await;
        desk.set_job_status(JobId(JOB.to_owned()), JobStatus::Active).await.unwrap();
        drop(desk);
        store.damage(&Part::Job(JobId(JOB.to_owned())));
        let damaged = line(&store, "{\"shelf\":\"jobs\"");
        let desk = open(&store.reopen()).await;
        assert!(only(&desk).message.contains("job Integration job"));
        assert_eq!(desk.jobs()[0].status, JobStatus::stopped());
        desk.finish().await;
        assert_eq!(desk.requests(None).unwrap()[2].state, RequestState::Queued);
        // Another dump of the job does not start it.
        let more = csv(9).replace("-0000-4000", "-ffff-4000");
        desk.import("more.csv", &more).await.unwrap();
        assert_eq!(line(&store, "{\"shelf\":\"jobs\""), damaged);
        tries_to_submit(&desk).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.requests(None).unwrap()[2].state, RequestState::Finished);
        assert_eq!(Desk::open(&store.reopen()).await.problems(), []);
    });
}

#[test]
fn a_request_that_may_be_open_stops_submissions_and_nothing_else() {
    block_on(async {
        let store = stored().await;
        store.damage(&Part::Request(RequestId(3)));
        let damaged = line(&store, "{\"shelf\":\"requests\",\"key\":3");
        for _ in 0..2 {
            let desk = open(&store.reopen()).await;
            assert!(only(&desk).message.contains("request 3"));
            assert_eq!(desk.requests(None).unwrap().len(), 2);
            let refused = tries_to_submit(&desk).await.unwrap_err();
            assert_eq!(refused.code, Code::StorageUnavailable);
            assert!(refused.message.contains("which records it holds"), "{refused}");
            assert!(refused.message.contains("request 3") && !refused.hint.is_empty(), "{refused}");
            assert_eq!(desk.count(Filter::default()), ROWS - 11 - cleared(&desk));
        }
        let desk = open(&store.reopen()).await;
        let more = csv(9).replace("-0000-4000", "-ffff-4000");
        desk.import("more.csv", &more).await.unwrap();
        assert_eq!(line(&store, "{\"shelf\":\"requests\",\"key\":3"), damaged);
        desk.wipe().await.unwrap();
        desk.import("errors.csv", &csv(ROWS)).await.unwrap();
        desk.submit(one(RequestKind::Retry, JOB, Filter::default())).await.unwrap();
    });
}

fn cleared(desk: &Desk) -> usize {
    desk.requests(None).unwrap().iter().map(|request| request.cleared).sum()
}

#[test]
fn a_request_that_was_over_is_only_missed() {
    block_on(async {
        let store = stored().await;
        // Its text still says that it is finished; its records are gone.
        let whole = line(&store, "{\"shelf\":\"requests\",\"key\":2");
        let at = whole.find("{\"base64\"").unwrap();
        let torn = format!("{}{{\"base64\":\"AAA=\"}}]}}", &whole[..at]);
        let store = MemoryStore::from_raw(&store.export_raw(2).replace(&whole, &torn)).unwrap();
        let desk = open(&store).await;
        assert!(only(&desk).message.contains("request 2"), "{:?}", desk.problems());
        tries_to_submit(&desk).await.unwrap();
        let ids: Vec<u64> = desk.requests(None).unwrap().iter().map(|one| one.id.0).collect();
        assert_eq!(ids, [1, 3, 4], "its number is not given again");
    });
    // Also where it was the last one.
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(ROWS)).await.unwrap();
        desk.submit(one(RequestKind::Retry, JOB, text("number 1"))).await.unwrap();
        desk.finish().await;
        let whole = line(&store, "{\"shelf\":\"requests\",\"key\":1");
        let at = whole.find("{\"base64\"").unwrap();
        let torn = format!("{}{{\"base64\":\"AAA=\"}}]}}", &whole[..at]);
        let store = MemoryStore::from_raw(&store.export_raw(2).replace(&whole, &torn)).unwrap();
        let desk = open(&store).await;
        tries_to_submit(&desk).await.unwrap();
        assert_eq!(desk.requests(None).unwrap()[0].id, RequestId(2));
        assert_eq!(line(&store, "{\"shelf\":\"requests\",\"key\":1"), torn);
    });
}

#[test]
fn unknown_dismissals_stop_submissions_and_imports() {
    block_on(async {
        let store = stored().await;
        store.damage(&Part::Dismissals(1));
        for _ in 0..2 {
            let desk = open(&store.reopen()).await;
            assert!(only(&desk).message.contains("dismissals 1"));
            // What was dismissed is still away, as far as requests and segments tell.
            assert_eq!(desk.count(Filter::default()), ROWS - 11 - cleared(&desk));
            let refused = tries_to_submit(&desk).await.unwrap_err();
            assert!(refused.message.contains("gone for ever"), "{refused}");
            let refused = desk.import("errors.csv", &csv(ROWS)).await.unwrap_err();
            assert_eq!(refused.code, Code::StorageUnavailable);
            assert!(refused.message.contains("dismissals 1"), "{refused}");
        }
        assert!(line(&store, "{\"shelf\":\"dismissals\",\"key\":1").contains("damaged"));
        let desk = open(&store.reopen()).await;
        desk.wipe().await.unwrap();
        desk.import("errors.csv", &csv(ROWS)).await.unwrap();
        tries_to_submit(&desk).await.unwrap();
    });
}

#[test]
fn without_settings_the_defaults_are_in_force() {
    block_on(async {
        let store = stored().await;
        store.damage(&Part::Settings);
        let workspace = error_desk::workspace::Workspace::open(
            store.reopen(),
            crate::harness::Line::default(),
            crate::harness::HandClock::default(),
            crate::harness::Heard::default(),
        );
        assert_eq!(workspace.await.unwrap().settings().dismiss_hold_seconds, 10);
        assert!(
            line(&store, "{\"shelf\":\"meta\",\"key\":\"settings\"").contains("damaged"),
            "nobody set them yet"
        );
        let desk = open(&store.reopen()).await;
        assert!(only(&desk).message.contains("the settings"));
        desk.configure(ConfigureParams::default()).await.unwrap();
        assert_eq!(open(&store.reopen()).await.problems(), []);
    });
}

#[test]
fn what_is_stored_anew_no_longer_keeps_a_bundle_from_being_made() {
    block_on(async {
        let store = stored().await;
        store.damage(&Part::Job(JobId(JOB.to_owned())));
        let desk = open(&store).await;
        let is_made = async || desk.export_bundle(|_| Ok(())).await.is_ok();
        assert!(!is_made().await, "it would lack the job");
        desk.set_job_status(JobId(JOB.to_owned()), JobStatus::Active).await.unwrap();
        assert!(is_made().await);
    });
}

#[test]
fn a_line_of_the_journal_that_cannot_be_read_says_so_in_its_place() {
    block_on(async {
        let store = stored().await;
        let whole = Desk::open(&store).await.journal(0, 100).await.unwrap();
        for numbers in
            [vec![1], vec![4, 5], vec![whole.total as u64], (1..=whole.total as u64).collect()]
        {
            let store = MemoryStore::from_raw(&store.export_raw(2)).unwrap();
            numbers.iter().for_each(|number| store.damage(&Part::Journal(*number)));
            let desk = open(&store).await;
            let page = desk.journal(0, 100).await.unwrap();
            assert_eq!((page.total, page.entries.len()), (whole.total, whole.total));
            for (found, was) in page.entries.iter().zip(&whole.entries) {
                assert_eq!(found.id, was.id);
                if numbers.contains(&was.id) {
                    assert_eq!(found.event, "unreadable");
                    let why = found.details["why"].as_str().unwrap();
                    assert!(why.starts_with(&format!("journal entry {}", was.id)), "{why}");
                } else {
                    assert_eq!(found, was);
                }
            }
            assert!(only(&desk).message.contains(&format!("journal entry {}", numbers[0])));
            assert_eq!(desk.journal(2, 1).await.unwrap().entries[0].id, 3);
            assert!(desk.journal(whole.total, 5).await.unwrap().entries.is_empty());
        }
    });
}

#[test]
fn what_an_unreadable_request_dismissed_is_not_even_seen_at_a_start() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        desk.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        let left = desk.count(Filter::default());
        let gone = 40 - left;
        assert!(gone > 0);
        store.damage(&Part::Request(RequestId(1)));
        // Nothing but the heads is read yet where everything can be.
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        assert_eq!(desk.count(Filter::default()), left);
    });
}
