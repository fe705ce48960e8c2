//! Bundles: what one desk hands over, another one takes, whole or not at all.

use error_desk::domain::{Filter, RequestKind};
use error_desk::protocol::{BundleOutcome, Code, ConfigureParams};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use error_desk::workspace::ports::ByteSource;
use futures_executor::block_on;
use futures_util::future::{Either, join, select};
use sha2::{Digest, Sha256};

use crate::harness::{Desk, csv, csv_of, file};
use crate::outside::Bytes;
use crate::{code, entity, one};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn bundle(desk: &Desk) -> Vec<u8> {
    let mut bytes = Vec::new();
    desk.export_bundle(|piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })
    .await
    .expect("a bundle");
    bytes
}

/// A desk on which something of everything was done; one dump was removed again.
async fn worked(store: &MemoryStore) -> Desk {
    let desk = Desk::open(store).await;
    desk.import("gone.csv", &csv_of(&[("Vendors V2", "System", "soon gone")])).await.expect("done");
    desk.remove_dataset(error_desk::domain::DatasetId(1)).await.expect("done");
    desk.import("errors.csv", &csv(40)).await.expect("done");
    let job = desk.jobs()[0].id.0.clone();
    desk.mark_fixed("lock".to_owned(), true).await.expect("done");
    desk.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.expect("done");
    let vendors = desk.rows(entity("Vendors V2"), None, 0, 3).expect("rows").rows;
    let ids = vendors.into_iter().map(|row| row.id).collect();
    let some = error_desk::protocol::SubmitParams {
        filter: None,
        ids: Some(ids),
        reason: Some("known".to_owned()),
        ..one(RequestKind::Dismiss, &job, Filter::default())
    };
    desk.submit(some).await.expect("done");
    desk.finish().await;
    desk
}

async fn take(desk: &Desk, bytes: &[u8]) -> BundleOutcome {
    desk.import_bundle(file(bytes)).await.expect("taken").outcome
}

#[test]
fn an_empty_desk_becomes_the_same_and_a_second_time_changes_nothing() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let bytes = bundle(&desk).await;
        assert!(bytes.starts_with(error_desk::protocol::BUNDLE_BEGINS.as_bytes()));
        let store = MemoryStore::new();
        // Settings were changed, which counts as empty; more often than the bundle's journal has lines.
        let other = Desk::open(&store).await;
        for cause in 0..30 {
            other.mark_fixed(format!("cause {cause}"), true).await.unwrap();
        }
        assert_eq!(take(&other, &bytes).await, BundleOutcome::Taken);
        assert_eq!(other.picture().await, desk.picture().await);
        assert_eq!(take(&other, &bytes).await, BundleOutcome::Known);
        assert_eq!(other.picture().await, desk.picture().await);
        assert_eq!(take(&desk, &bytes).await, BundleOutcome::Known, "the desk it comes from");
        assert_eq!(other.verify_journal(None).await.unwrap().broken, None);

        let reopened = Desk::open(&store.reopen()).await;
        assert_eq!(reopened.picture().await, desk.picture().await);
        // What was dismissed there is not brought back here.
        let report = reopened.import("errors.csv", &csv(40)).await.unwrap();
        assert_eq!((report.loaded, report.dismissed_earlier), (0, 3));
        // Ids go on where the other desk ended: also that of the dump that was removed is not given again.
        assert_eq!(reopened.datasets()[0].id.0, 2);
        let more = reopened.import("more.csv", &csv(50)).await.unwrap();
        assert_eq!(more.dataset_id.unwrap().0, 3);
    });
}

#[test]
fn work_goes_to_and_fro() {
    block_on(async {
        let here = worked(&MemoryStore::new()).await;
        let older = bundle(&here).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &older).await;
        there.import("more.csv", &csv(60)).await.unwrap();
        let job = there.jobs()[0].id.0.clone();
        there.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        there.finish().await;
        let newer = bundle(&there).await;

        assert_eq!(take(&there, &older).await, BundleOutcome::Known, "an older one");
        assert_eq!(take(&here, &newer).await, BundleOutcome::Continued);
        assert_eq!(here.picture().await, there.picture().await);
        assert_eq!(here.count(entity("Vendors V2")), 0);
        here.erase().await;
        assert_eq!(here.picture().await, there.picture().await);
    });
}

#[test]
fn two_ways_are_not_merged() {
    block_on(async {
        let here = worked(&MemoryStore::new()).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bundle(&here).await).await;
        there.mark_fixed("there".to_owned(), true).await.unwrap();
        here.mark_fixed("here".to_owned(), true).await.unwrap();
        let bytes = bundle(&there).await;
        let before = here.picture().await;
        assert_eq!(code(here.import_bundle(file(&bytes)).await), Code::InvalidArgument);
        assert_eq!(here.picture().await, before);
    });
}

#[test]
fn an_outcome_that_the_bundle_does_not_know_is_another_way() {
    block_on(async {
        let here = Desk::open(&MemoryStore::new()).await;
        here.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = here.jobs()[0].id.0.clone();
        here.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.unwrap();
        here.round().await;
        let bytes = bundle(&here).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bytes).await;
        there.mark_fixed("there".to_owned(), true).await.unwrap();
        let newer = bundle(&there).await;
        // A step leaves no line, and is work all the same.
        here.clock.pass(1_000);
        here.round().await;
        let before = here.picture().await;
        assert_eq!(code(here.import_bundle(file(&newer)).await), Code::InvalidArgument);
        assert_eq!(here.picture().await, before);
    });
}

#[test]
fn a_damaged_bundle_changes_nothing() {
    block_on(async {
        let bytes = bundle(&worked(&MemoryStore::new()).await).await;
        let store = MemoryStore::new();
        // With settings and a journal, which would be gone if it had made room for the bundle.
        let desk = Desk::open(&store).await;
        let before = desk.picture().await;
        let places = (0..bytes.len()).step_by(97).chain(bytes.len() - 90..bytes.len());
        for at in places {
            let cut = desk.import_bundle(file(&bytes[..at])).await;
            assert_eq!(code(cut), Code::UnsupportedFormat, "cut at {at}");
            let mut other = bytes.clone();
            other[at] ^= 1;
            let Err(problem) = desk.import_bundle(file(&other)).await else {
                panic!("byte {at} was changed, and nobody saw it")
            };
            assert_eq!(problem.code, Code::UnsupportedFormat, "byte {at}: {problem}");
        }
        let dump = desk.import_bundle(file(csv(3).as_bytes())).await;
        assert_eq!(code(dump), Code::UnsupportedFormat);
        assert_eq!(desk.picture().await, before);
        assert_eq!(desk.store_facts().await.unwrap().0, 0, "no segment stays");
        assert_eq!(take(&desk, &bytes).await, BundleOutcome::Taken);
    });
}

#[test]
fn a_crash_at_any_write_leaves_all_of_the_bundle_or_nothing() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let bytes = bundle(&desk).await;
        let whole = desk.picture().await;
        let empty = Desk::open(&MemoryStore::new()).await.picture().await;
        let mut wholes = 0;
        for writes in 0.. {
            let store = MemoryStore::new();
            let other = Desk::open(&store).await;
            store.plan_fault(FaultPlan::new(writes, Fault::CrashAfter));
            let taken = other.import_bundle(file(&bytes)).await;
            let is_crashed = store.is_crashed();
            let found = Desk::open(&store.reopen()).await.picture().await;
            assert!(found == whole || found == empty, "after {writes} writes");
            wholes += usize::from(found == whole);
            if !is_crashed {
                taken.unwrap();
                break;
            }
        }
        assert!(wholes >= 2, "after the commit, and at the end");
    });
}

#[test]
fn a_bundle_holds_no_text_of_what_was_dismissed() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let rows = [
            ("Vendors V2", "System", "secretword one"),
            ("Customers V3", "System", "plainword two"),
        ];
        desk.import("errors.csv", &csv_of(&rows)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        desk.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        let bytes = bundle(&desk).await;
        let store = MemoryStore::new();
        take(&Desk::open(&store).await, &bytes).await;
        let stored = crate::harness::stored_bytes(&store).await;
        let holds = |word: &str| memchr::memmem::find(&stored, word.as_bytes()).is_some();
        assert!(holds("plainword"), "what is searched for would be found");
        assert!(!holds("secretword"));
    });
}

/// A bundle in whose midst somebody does something with the desk that takes it.
struct Interrupted<'a, F> {
    bytes: Bytes<'a>,
    reads_before: usize,
    act: Option<F>,
}

impl<F: AsyncFnOnce()> ByteSource for Interrupted<'_, F> {
    fn total(&self) -> Option<u64> {
        self.bytes.total()
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        match self.reads_before.checked_sub(1) {
            Some(left) => self.reads_before = left,
            None => {
                if let Some(act) = self.act.take() {
                    act().await;
                }
            }
        }
        self.bytes.read(buffer).await
    }
}

#[test]
fn work_that_is_done_while_a_bundle_comes_in_is_not_overwritten() {
    block_on(async {
        let here = worked(&MemoryStore::new()).await;
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bundle(&here).await).await;
        there.import("more.csv", &csv(60)).await.unwrap();
        let job = there.jobs()[0].id.0.clone();
        there.submit(one(RequestKind::Retry, &job, entity("Vendors V2"))).await.unwrap();
        there.finish().await;
        let newer = bundle(&there).await;
        for reads_before in [0, newer.len() / 4_099 / 2, newer.len() / 4_099] {
            let store = MemoryStore::new();
            let here = Desk::open(&store).await;
            take(&here, &bundle(&worked(&MemoryStore::new()).await).await).await;
            let submit = async || {
                let of = one(RequestKind::Dismiss, &job, entity("Customers V3"));
                here.submit(of).await.expect("a request");
            };
            let source = Interrupted { bytes: file(&newer), reads_before, act: Some(submit) };
            assert_eq!(code(here.import_bundle(source).await), Code::InvalidArgument);
            assert_eq!(here.verify_journal(None).await.unwrap().broken, None);
            assert_eq!(here.requests(None).unwrap().len(), 3, "the newest is that of this desk");
            assert_eq!(here.datasets().len(), 1);
            let before = here.picture().await;
            assert_eq!(Desk::open(&store.reopen()).await.picture().await, before);
        }
    });
}

#[test]
fn open_requests_of_a_bundle_are_carried_out_where_it_is_taken() {
    block_on(async {
        let here = Desk::open(&MemoryStore::new()).await;
        here.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = here.jobs()[0].id.0.clone();
        here.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.unwrap();
        here.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        here.round().await;
        let bytes = bundle(&here).await;
        let there = Desk::open(&MemoryStore::new()).await;
        // Its queue is at work all the time.
        let taken = select(Box::pin(there.import_bundle(file(&bytes))), Box::pin(there.run()));
        let Either::Left((taken, _)) = taken.await else { panic!("the queue has ended") };
        assert_eq!(taken.unwrap().outcome, BundleOutcome::Taken);
        there.finish().await;
        let requests = there.requests(None).unwrap();
        let done: Vec<_> =
            requests.iter().map(|one| (one.skipped, one.done == one.records)).collect();
        assert_eq!(done, [(0, true), (0, true)]);
        assert_eq!(there.count(entity("Vendors V2")), 0);
        assert_eq!(there.verify_journal(None).await.unwrap().broken, None);
    });
}

#[test]
fn what_is_dismissed_while_a_bundle_is_made_does_not_come_back_from_it() {
    block_on(async {
        let here = Desk::open(&MemoryStore::new()).await;
        // Segments of the second are read when those of the first were.
        here.import("some.csv", &csv(40)).await.unwrap();
        here.import("errors.csv", &csv(2_000)).await.unwrap();
        let job = here.jobs()[0].id.0.clone();
        here.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.unwrap();
        // All in one step, and so between two segments of the bundle.
        let at_once = ConfigureParams { rehearsal_step_ms: Some(0), ..ConfigureParams::default() };
        here.configure(at_once).await.unwrap();
        let dismissing = async {
            here.finish().await;
            here.erase().await;
        };
        let (bytes, ()) = join(bundle(&here), dismissing).await;
        assert_eq!(here.count(entity("Vendors V2")), 0);
        let there = Desk::open(&MemoryStore::new()).await;
        take(&there, &bytes).await;
        there.finish().await;
        let request = &there.requests(None).unwrap()[0];
        assert_eq!((request.skipped, request.dismissed), (0, request.records));
        for dataset in [1, 2] {
            there.remove_dataset(error_desk::domain::DatasetId(dataset)).await.unwrap();
        }
        there.import("errors.csv", &csv(2_000)).await.unwrap();
        assert_eq!(there.count(entity("Vendors V2")), 0);
    });
}

#[test]
fn what_no_desk_can_come_to_is_refused() {
    block_on(async {
        let bytes = bundle(&worked(&MemoryStore::new()).await).await;
        let text = String::from_utf8(bytes).unwrap();
        let altered = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            let (lines, _) = text.trim_end().rsplit_once('\n').unwrap();
            let lines = lines.replacen(from, to, 1) + "\n";
            let hash = sha256(lines.as_bytes());
            format!("{lines}{{\"sha256\":\"{hash}\"}}\n")
        };
        let desk = Desk::open(&MemoryStore::new()).await;
        for (from, to, why) in [
            ("\"datasets\":1", "\"datasets\":2", "first line"),
            ("\"at\":[\"manifests\",1]", "\"at\":[\"manifests\",4294967294]", "dataset"),
            ("\\\"segments\\\":2", "\\\"segments\\\":4294967295", "first line"),
            ("\\\"state\\\":\\\"finished\\\"", "\\\"state\\\":\\\"queued\\\"", "contradict"),
        ] {
            let problem = desk.import_bundle(file(altered(from, to).as_bytes())).await.unwrap_err();
            assert_eq!(problem.code, Code::UnsupportedFormat);
            assert!(problem.message.contains(why), "{problem}");
        }
        let more = format!("{text}{{}}\n");
        assert_eq!(code(desk.import_bundle(file(more.as_bytes())).await), Code::UnsupportedFormat);
        assert_eq!(
            take(&desk, altered("\"version\":2", "\"version\":2").as_bytes()).await,
            BundleOutcome::Taken
        );
    });
}
