//! What fails: a full disk, a gateway out of reach. Work waits, is tried again, and nobody is kept from an answer.

use error_desk::domain::{Filter, JobStatus, RequestId, RequestKind, RequestState};
use error_desk::import::ImportOptions;
use error_desk::protocol::{Code, ConfigureParams, ExportFormat, PlanParams};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use error_desk::workspace::Pause;
use error_desk::workspace::ports::{ByteSource, Clock, Room, Store, StoreError};
use futures_executor::block_on;
use futures_util::FutureExt;

use crate::harness::{Desk, csv, csv_of, stored_bytes};
use crate::{all_of, code, entity, one};

#[test]
fn a_full_store_stops_the_work_and_loses_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        store.fail_next(StoreError::Full);
        assert_eq!(code(desk.import("errors.csv", &csv(40)).await), Code::StorageFull);
        assert_eq!(desk.count(Filter::default()), 0, "memory is never ahead of the store");
        assert!(desk.datasets().is_empty());
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        store.fail_next(StoreError::Full);
        assert_eq!(
            code(desk.submit(one(RequestKind::Retry, &job.0, Filter::default())).await),
            Code::StorageFull
        );
        assert!(desk.requests(None).unwrap().is_empty());
        desk.submit(one(RequestKind::Retry, &job.0, Filter::default())).await.unwrap();
        store.fail_next(StoreError::Full);
        let Pause::Until(moment) = desk.round().await else { panic!("tried again and again") };
        assert_eq!(moment.millis() - desk.clock.now().millis(), 5_000);
        let problems = desk.problems();
        let [.., problem] = &problems[..] else { panic!("it is told") };
        assert_eq!(problem.code, Code::StorageFull);
        assert!(problem.message.starts_with("Request 1 of 'Integration job' waits: "), "{problem}");
        desk.set_job_status(job, JobStatus::Active).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.requests(None).unwrap()[0].state, RequestState::Finished);
    });
}

#[test]
fn a_dump_without_room_is_refused_with_its_numbers_and_leaves_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = csv(400);
        let options =
            || ImportOptions { name: "errors.csv".to_owned(), ..ImportOptions::default() };
        let rooms = [
            Room { storage: Some(5_000), ..Room::default() },
            Room { memory: 5_000, ..Room::default() },
        ];
        for room in rooms {
            let problem = desk.import_into(options(), &text, room).await.unwrap_err();
            assert_eq!(problem.code, Code::TooLarge);
            assert!(problem.message.contains("its 400 rows need some"), "{}", problem.message);
            let available = problem.details.unwrap()["available"].as_u64().unwrap();
            assert!((4_900..=5_000).contains(&available), "{available}");
            assert_eq!((desk.datasets().len(), store.segment_count().await), (0, Ok(0)));
        }
        let report = desk.import("errors.csv", &text).await.unwrap();
        assert_eq!((report.loaded, desk.datasets().len()), (400, 1));
    });
}

#[test]
fn segments_that_could_not_be_removed_are_before_their_id_is_used_again() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        // Segments are written before it is known that there is no room; then their removal fails.
        store.plan_fault(FaultPlan::new(1, Fault::Fail(StoreError::Full)));
        let room = Room { memory: 5_000, ..Room::default() };
        let refused = desk.import_into(ImportOptions::default(), &csv(400), room).await;
        assert_eq!((code(refused), store.segment_count().await), (Code::TooLarge, Ok(2)));
        store.fail_next(StoreError::Full);
        assert_eq!(code(desk.import("errors.csv", &csv(40)).await), Code::StorageFull);
        assert_eq!(store.segment_count().await, Ok(2), "nothing comes among them");
        // Of a dump without rows nothing is written.
        let none = desk.import("none.csv", csv(1).lines().next().unwrap()).await.unwrap();
        assert_eq!((none.dataset_id, store.segment_count().await), (None, Ok(0)));
        assert_eq!(desk.import("errors.csv", &csv(40)).await.unwrap().loaded, 40);
    });
}

#[test]
fn a_job_that_fails_is_told_once_and_keeps_no_other_waiting() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        for (job, rows) in [("A", 0..20), ("B", 20..40)] {
            let dump = csv(40);
            let lines: Vec<&str> = dump.split_inclusive('\n').collect();
            let text = [&lines[..1], &lines[rows.start + 1..=rows.end]].concat().concat();
            let options = ImportOptions {
                name: format!("{job}.csv"),
                job: Some(job.to_owned()),
                ..ImportOptions::default()
            };
            desk.import_with(options, &text).await.unwrap();
            desk.submit(one(RequestKind::Retry, job, Filter::default())).await.unwrap();
        }
        let (a, b) = (desk.jobs()[0].id.clone(), desk.jobs()[1].id.clone());
        desk.line.cut.borrow_mut().push(RequestId(1));
        desk.finish().await;
        assert_eq!(desk.requests(Some(&b)).unwrap()[0].state, RequestState::Finished);
        assert_eq!(code(desk.idle(None).await), Code::GatewayUnreachable);
        desk.idle(Some(&b)).await.unwrap();

        let mut pauses = Vec::new();
        for _ in 0..3 {
            let Pause::Until(moment) = desk.round().await else { panic!("it waits") };
            pauses.push(moment.millis() - desk.clock.now().millis());
            desk.clock.sleep(pauses[pauses.len() - 1] as u32).await;
            let again = desk.round().await;
            assert!(matches!(again, Pause::Until(_)), "tried, and failed again: {again:?}");
        }
        assert!(pauses.windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
        assert_eq!(desk.problems().len(), 1, "told once: {:?}", desk.problems());

        // Once the line is there again it goes on, and nobody has to act.
        desk.line.cut.borrow_mut().clear();
        desk.clock.sleep(300_000).await;
        desk.finish().await;
        assert_eq!(desk.requests(Some(&a)).unwrap()[0].state, RequestState::Finished);
        desk.idle(None).await.unwrap();
    });
}

#[test]
fn a_slow_step_keeps_nobody_else_waiting() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let pace = |millis| ConfigureParams {
            rehearsal_step_ms: Some(millis),
            ..ConfigureParams::default()
        };
        desk.configure(pace(60_000)).await.unwrap();
        desk.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, Filter::default())).await.unwrap();
        assert_eq!(desk.round().await, Pause::Step);
        let Pause::Until(due) = desk.round().await else { panic!("the pace is kept") };
        assert_eq!(due.millis() - desk.clock.now().millis(), 60_000);
        let mut idle = std::pin::pin!(desk.idle(None));
        assert!(idle.as_mut().now_or_never().is_none(), "work is left");

        // A second job does not wait for the first one's pace, and another pace holds at once.
        let other = ImportOptions { job: Some("B".to_owned()), ..ImportOptions::default() };
        let text = csv_of(&[("Vendors V2", "System", "alone")]).replace("00000000-", "ffffffff-");
        desk.import_with(other, &text).await.unwrap();
        desk.submit(one(RequestKind::Retry, "B", Filter::default())).await.unwrap();
        assert_eq!(desk.round().await, Pause::Step);
        assert_eq!(desk.requests(None).unwrap()[1].state, RequestState::Finished);
        let done = desk.requests(None).unwrap()[0].done;
        desk.configure(pace(0)).await.unwrap();
        assert_eq!(desk.round().await, Pause::Step);
        assert!(desk.requests(None).unwrap()[0].done > done);
        desk.set_job_status(job, JobStatus::stopped()).await.unwrap();
        desk.idle(None).await.unwrap();
    });
}

#[test]
fn answers_need_no_room_on_the_disk() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let plan = PlanParams::of(RequestKind::Retry, Filter::default());
        let writes = store.writes();
        assert_eq!(desk.plan(plan).await.unwrap().matched, 40);
        let bytes = desk.export(all_of(Filter::default(), ExportFormat::Csv)).await.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 41);
        assert_eq!(store.writes(), writes);
        for _ in 0..3 {
            store.fail_next(StoreError::Full);
            desk.write_notes().await;
        }
        let problems = desk.problems();
        assert_eq!(problems.len(), 1, "the missing lines are told once: {problems:?}");
        assert_eq!(problems[0].code, Code::StorageFull);
        let events = async || -> Vec<String> {
            let page = desk.journal(0, 100).await.unwrap();
            assert!(page.entries.iter().zip(1..).all(|(entry, id)| entry.id == id));
            page.entries.into_iter().map(|entry| entry.event).collect()
        };
        assert_eq!(events().await[2..], ["planned", "exported"]);
        assert_eq!(events().await.len(), 4, "each once");
    });
}

#[test]
fn a_full_disk_does_not_keep_the_desk_from_starting() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, Filter::default())).await.unwrap();
        assert_eq!(desk.round().await, Pause::Step);
        drop(desk);
        let store = store.reopen();
        store.fail_next(StoreError::Full);
        let desk = Desk::try_open(&store).await.expect("it opens");
        assert_eq!(desk.problems()[0].code, Code::StorageFull);
        desk.finish().await;
        assert_eq!(desk.requests(None).unwrap()[0].dismissed, 2_000, "each once");
    });
}

#[test]
fn the_text_of_dismissed_records_leaves_the_store() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let secret = "Unable to lookup a-very-personal-key-4711";
        desk.import(
            "errors.csv",
            &csv_of(&[("Vendors V2", "System", secret), ("Customers V3", "System", "stays")]),
        )
        .await
        .unwrap();
        let holds = async |needle: &str| {
            stored_bytes(&store).await.windows(needle.len()).any(|part| part == needle.as_bytes())
        };
        assert!(holds("personal-key").await && holds("stays").await);
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        desk.erase().await;
        assert!(!holds("personal-key").await && holds("stays").await);
    });
}

#[test]
fn an_erasure_that_fails_is_told_once_and_tried_again() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv_of(&[("Vendors V2", "System", "personal-key")]))
            .await
            .unwrap();
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, Filter::default())).await.unwrap();
        desk.finish().await;
        for _ in 0..3 {
            store.fail_next(StoreError::Full);
            desk.erase().await;
        }
        let holds = async || {
            let bytes = stored_bytes(&store).await;
            bytes.windows(12).any(|part| part == b"personal-key")
        };
        assert!(holds().await);
        assert_eq!(desk.problems().len(), 1);
        desk.erase().await;
        assert!(!holds().await);
    });
}

/// A file that cannot be read to its end.
struct Torn<'a>(Option<&'a [u8]>);

impl ByteSource for Torn<'_> {
    fn total(&self) -> Option<u64> {
        None
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        let bytes = self.0.take().ok_or("the drive is gone")?;
        *buffer = bytes.to_vec();
        Ok(true)
    }
}

#[test]
fn a_file_that_cannot_be_read_leaves_nothing_and_says_so() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        let text = csv(40);
        let source = Torn(Some(text.as_bytes()));
        let refused = desk.import_source(source).await.unwrap_err();
        assert_eq!(refused.code, Code::UnsupportedFormat);
        assert!(refused.message.contains("the drive is gone"), "{refused}");
        assert_eq!((desk.count(Filter::default()), desk.datasets().len()), (0, 0));
    });
}

/// Claims to be a huge archive, and counts how much of it is asked for.
struct Huge {
    head: &'static [u8],
    reads: usize,
}

impl ByteSource for &mut Huge {
    fn total(&self) -> Option<u64> {
        Some(3 << 30)
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        self.reads += 1;
        buffer.clear();
        buffer.extend_from_slice(self.head);
        buffer.resize(1 << 16, b'\n');
        Ok(true)
    }
}

#[test]
fn a_preview_reads_no_more_than_it_needs() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let mut workbook = Huge { head: b"PK\x03\x04", reads: 0 };
        let refused = desk.preview(&mut workbook, ImportOptions::default()).await.unwrap_err();
        assert_eq!((refused.code, workbook.reads), (Code::TooLarge, 1));
        let mut text =
            Huge { head: b"PKey,message,occurred_at\n1,failed,2026-01-01T00:00:00Z", reads: 0 };
        let preview = desk.preview(&mut text, ImportOptions::default()).await.unwrap();
        assert_eq!(preview.format, "csv");
        assert!(text.reads <= 64, "{} slices of 64 kB", text.reads);
    });
}
