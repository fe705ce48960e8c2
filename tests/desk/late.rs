//! What can be done right after a start, while the bulk of the records is still in the store.

use error_desk::domain::{Filter, RequestKind, RequestState};
use error_desk::protocol::{Call, PlanParams, RowsParams};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::Store;
use futures_executor::block_on;

use crate::harness::{Desk, csv, stored_bytes};
use crate::{entity, one};

async fn stored(rows: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let desk = Desk::open(&store).await;
    desk.import("errors.csv", &csv(rows)).await.expect("an import");
    store.reopen()
}

#[test]
fn questions_are_answered_before_everything_is_read() {
    block_on(async {
        let store = stored(2_000).await;
        let desk = Desk::open_lazily(&store).await.unwrap();
        assert_eq!(desk.count(entity("Vendors V2")), 1_000);
        let params = RowsParams { limit: 3, ..serde_json::from_str("{}").unwrap() };
        desk.prepare(&Call::Rows(params)).await;
        assert_eq!(desk.rows(Filter::default(), None, 0, 3).unwrap().rows.len(), 3);
        // By another name of the entity, in another chunk's details than those that are there.
        let desk = Desk::open_lazily(&store).await.unwrap();
        let alias = entity("VendVendorV2Entity");
        let params =
            RowsParams { filter: alias.clone(), limit: 3, ..serde_json::from_str("{}").unwrap() };
        desk.prepare(&Call::Rows(params)).await;
        assert_eq!(desk.rows(alias, None, 0, 3).unwrap().total, 1_000);
        let text = Filter { text: Some("NUMBER 1999".to_owned()), ..Filter::default() };
        desk.prepare(&Call::Count(text.clone())).await;
        assert_eq!(desk.count(text), 1);
    });
}

#[test]
fn a_dismissal_right_after_a_start_takes_the_records_that_were_planned() {
    block_on(async {
        let store = stored(2_000).await;
        let desk = Desk::open_lazily(&store).await.unwrap();
        let filter = entity("Vendors V2");
        let plan = PlanParams::of(RequestKind::Dismiss, filter);
        desk.prepare(&Call::Plan(plan.clone())).await;
        let planned = desk.plan(plan).await.unwrap();
        assert_eq!(planned.eligible, 1_000);
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        assert_eq!(desk.requests(None).unwrap()[0].state, RequestState::Finished);
        assert_eq!(desk.count(Filter::default()), 1_000);
        desk.erase().await;
        drop(desk);
        // Gone also for the next start, and for the dump when it comes again.
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        assert_eq!(desk.count(Filter::default()), 1_000);
        desk.load_rest().await;
        assert_eq!(desk.count(Filter::default()), 1_000);
        let again = desk.import("again.csv", &csv(2_000)).await.unwrap();
        assert_eq!((again.duplicates, again.dismissed_earlier, again.loaded), (1_000, 1_000, 0));
    });
}

/// An earlier release wrote the details first, and the head in a transaction of its own.
#[test]
fn a_head_that_does_not_know_yet_what_was_erased_is_written_anew() {
    block_on(async {
        let store = stored(2_000).await;
        let desk = Desk::open(&store).await;
        let (job, dataset) = (desk.jobs()[0].id.clone(), desk.datasets()[0].id);
        let early = store.segment(dataset, 0).await.unwrap();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        desk.erase().await;
        drop(desk);
        let store = store.reopen();
        let late = store.segment(dataset, 0).await.unwrap();
        assert_ne!(early, late);
        store.put_segment(dataset, 0, early).await.unwrap();
        let desk = Desk::open(&store).await;
        assert_eq!(desk.count(Filter::default()), 1_000);
        desk.erase().await;
        assert_eq!(store.segment(dataset, 0).await.unwrap(), late);
        assert_eq!(desk.count(Filter::default()), 1_000);
        let (writes, desk) = (store.writes(), Desk::open(&store.reopen()).await);
        desk.erase().await;
        assert_eq!((store.writes(), desk.count(Filter::default())), (writes, 1_000));
    });
}

#[test]
fn what_was_dismissed_is_gone_before_identities_are_read() {
    block_on(async {
        let store = stored(2_000).await;
        let desk = Desk::open(&store).await;
        let job = desk.jobs()[0].id.clone();
        desk.submit(one(RequestKind::Dismiss, &job.0, entity("Vendors V2"))).await.unwrap();
        desk.finish().await;
        drop(desk);
        // Nothing was erased yet: segments still hold the dismissed rows.
        assert!(stored_bytes(&store).await.windows(11).any(|part| part == b"number 1999"));
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        assert_eq!(desk.count(Filter::default()), 1_000);
        desk.erase().await;
        let params = RowsParams { limit: 9, ..serde_json::from_str("{}").unwrap() };
        desk.prepare(&Call::Rows(params)).await;
        let rows = desk.rows(Filter::default(), None, 0, 9).unwrap().rows;
        assert!(rows.iter().all(|row| row.entity == "Customers V3"));
    });
}
