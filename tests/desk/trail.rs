//! The trail is a chain: whatever is changed in it afterwards is found, and where.

use error_desk::domain::{Filter, JournalEnd, LineHash, RequestKind};
use error_desk::protocol::{ExportFormat, JournalCheck, PlanParams, SubmitParams};
use error_desk::store::{MemoryStore, Part};
use futures_executor::block_on;

use crate::harness::{Desk, csv};
use crate::{all_of, entity, one};

/// A desk on which something of everything was done.
async fn worked(store: &MemoryStore) -> Desk {
    let desk = Desk::open(store).await;
    desk.import("errors.csv", &csv(40)).await.expect("done");
    let job = desk.jobs()[0].id.0.clone();
    desk.submit(one(RequestKind::Retry, &job, entity("Customers V3"))).await.expect("done");
    desk.submit(one(RequestKind::Dismiss, &job, entity("Vendors V2"))).await.expect("done");
    desk.finish().await;
    desk.export(all_of(Filter::default(), ExportFormat::Csv)).await.expect("done");
    desk.write_notes().await;
    desk
}

/// The first line that is not as it was written, after a restart.
async fn first_broken(store: &MemoryStore) -> Option<u64> {
    let desk = Desk::open(&store.reopen()).await;
    let JournalCheck { broken, .. } = desk.verify_journal(None).await.expect("done");
    broken.map(|line| line.id)
}

#[test]
fn an_untouched_trail_verifies_also_after_restarts() {
    block_on(async {
        let store = MemoryStore::new();
        let before = worked(&store).await.verify_journal(None).await.unwrap();
        assert_eq!(before.broken, None);
        assert!(before.lines >= 8, "{before:?}");
        let desk = Desk::open(&store.reopen()).await;
        let after = desk.verify_journal(Some(before.end)).await.unwrap();
        assert_eq!(after, before);
        desk.import("more.csv", &csv(50)).await.unwrap();
        let later = desk.verify_journal(Some(before.end)).await.unwrap();
        assert_eq!((later.broken, later.lines), (None, before.lines + 1));
    });
}

#[test]
fn each_line_that_was_changed_damaged_or_removed_is_named() {
    block_on(async {
        let store = MemoryStore::new();
        let lines = worked(&store).await.verify_journal(None).await.unwrap().lines;
        for line in 1..=lines {
            let part = Part::Journal(line);
            let mut text = String::new();
            store.alter(&part, |stored| {
                text = stored.to_owned();
                // The smallest lie: another time, one millisecond off.
                let at = stored.find(",\"event\"").unwrap();
                let digit = if stored.as_bytes()[at - 1] == b'0' { "1" } else { "0" };
                Some(format!("{}{digit}{}", &stored[..at - 1], &stored[at..]))
            });
            assert_eq!(first_broken(&store).await, Some(line), "changed");
            store.alter(&part, |_| Some("{".to_owned()));
            assert_eq!(first_broken(&store).await, Some(line), "damaged");
            store.alter(&part, |_| Some(text.clone()));
            assert_eq!(first_broken(&store).await, None, "restored");
        }
        store.alter(&Part::Journal(lines), |_| None);
        assert_eq!(first_broken(&store).await, Some(lines), "the tail is missed");
        store.alter(&Part::Journal(3), |_| None);
        assert_eq!(first_broken(&store).await, Some(3), "the first is named");
    });
}

#[test]
fn a_whole_new_chain_does_not_agree_with_an_end_that_was_noted() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let end = desk.journal(0, 1).await.unwrap().end;
        let other = JournalEnd { id: 3, hash: LineHash::default() };
        let broken = desk.verify_journal(Some(other)).await.unwrap().broken.unwrap();
        assert_eq!((broken.id, broken.why.as_str()), (3, "another hash was noted for this line"));
        let longer = JournalEnd { id: end.id + 5, ..end };
        let broken = desk.verify_journal(Some(longer)).await.unwrap().broken.unwrap();
        assert_eq!(broken.id, end.id + 1);
    });
}

#[test]
fn lines_from_before_the_chain_go_on_in_it() {
    block_on(async {
        let store = MemoryStore::new();
        worked(&store).await;
        // As version 1 wrote them: without hashes, and no end noted.
        for line in 1..=3 {
            store.alter(&Part::Journal(line), |text| Some(without_hash(text)));
        }
        let lines = Desk::open(&store).await.journal(0, 100).await.unwrap().total as u64;
        for line in 4..=lines {
            store.alter(&Part::Journal(line), |_| None);
        }
        store.alter(&Part::JournalEnd, |_| None);
        let desk = Desk::open(&store.reopen()).await;
        assert!(!desk.verify_journal(None).await.unwrap().chained, "nothing is proven yet");
        desk.import("more.csv", &csv(50)).await.unwrap();
        let check = desk.verify_journal(None).await.unwrap();
        assert_eq!((check.broken, check.lines, check.chained), (None, 4, true));
        store.alter(&Part::Journal(3), |text| Some(text.replace("submitted", "withdrawn")));
        assert_eq!(first_broken(&store).await, Some(4), "the first line with a hash shows it");
    });
}

fn without_hash(text: &str) -> String {
    let at = text.find(",\"hash\"").expect("a chained line");
    format!("{}}}", &text[..at])
}

#[test]
fn the_exported_trail_verifies_by_itself() {
    block_on(async {
        let desk = worked(&MemoryStore::new()).await;
        let bytes = desk.export_journal().await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let mut check = error_desk::domain::ChainCheck::default();
        for line in text.lines() {
            check.check(&serde_json::from_str(line).unwrap()).unwrap();
        }
        let page = desk.journal(0, 100).await.unwrap();
        assert_eq!((check.end(), text.lines().count()), (page.end, page.total));
        assert_eq!(page.entries.last().unwrap().event, "exported", "the export is in it");
    });
}

#[test]
fn credentials_in_what_people_type_are_kept_nowhere() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = Desk::open(&store).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        let typed = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() };
        let plan = |filter| PlanParams::of(RequestKind::Retry, filter);
        let view = desk.plan(plan(typed("AccountKey=c2VjcmV0LW9uZQ=="))).await.unwrap();
        assert!(view.filter_text.contains("AccountKey=[redacted]"), "{}", view.filter_text);
        let looked_for = typed("password=secret-two");
        desk.export(all_of(looked_for, ExportFormat::Csv)).await.unwrap();
        let reason = Some("as told by mail, pwd=secret-three".to_owned());
        let request = SubmitParams { reason, ..one(RequestKind::Retry, &job, Filter::default()) };
        desk.submit(request).await.unwrap();
        let told = desk.requests(None).unwrap()[0].reason.clone().unwrap();
        assert!(told.starts_with("as told by mail, pwd=") && !told.contains("three"), "{told}");
        let stored = store.export_raw(2);
        assert!(stored.contains("as told by mail"), "what was typed stays");
        for secret in ["c2VjcmV0LW9uZQ", "secret-two", "secret-three"] {
            assert!(!stored.contains(secret), "{secret}");
        }
    });
}
