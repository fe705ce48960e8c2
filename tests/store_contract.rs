//! The contract of stores on the store in memory, and what that store has beyond it: faults on purpose.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod contract;
#[path = "store_contract/crashes.rs"]
mod crashes;

use contract::Harness;
use error_desk::domain::{DatasetId, Identity};
use error_desk::store::{Fault, FaultPlan, MemoryStore, Part};
use error_desk::workspace::ports::{Commit, Store, StoreError};
use futures_executor::block_on;

#[derive(Default)]
struct InMemory(MemoryStore);

impl Harness for InMemory {
    type S = MemoryStore;

    async fn open(&self) -> MemoryStore {
        self.0.reopen()
    }

    fn fill_disk_after(&self, store: &MemoryStore, changes: usize) {
        let fault = Fault::Fail(StoreError::Full);
        store.plan_fault(FaultPlan { after_writes: 0, after_changes: changes, fault });
    }

    async fn damage(&self, part: &Part) {
        self.0.damage(part);
    }
}

macro_rules! run {
    ($($case:ident),* $(,)?) => {
        $(#[test] fn $case() { block_on(contract::$case(&InMemory::default())) })*
    };
}
contract::for_each_case!(run);

fn dismiss(number: u128) -> Commit {
    Commit { dismissals: vec![Identity(number)], ..Commit::default() }
}

fn dismissed(store: &MemoryStore) -> Vec<u128> {
    let stored = block_on(store.reopen().load()).unwrap();
    stored.dismissals.into_iter().map(|identity| identity.0).collect()
}

#[test]
fn a_fault_hits_the_write_it_is_planned_for_and_no_other() {
    let store = MemoryStore::new();
    store.plan_fault(FaultPlan::new(2, Fault::Fail(StoreError::Failed("odd".to_owned()))));
    let answers: Vec<_> =
        (1..=4).map(|number| block_on(store.commit(&dismiss(number))).is_ok()).collect();
    assert_eq!(answers, [true, true, false, true]);
    assert_eq!(dismissed(&store), [1, 2, 4]);
    assert_eq!(store.writes(), 4);
}

#[test]
fn fail_next_fails_every_kind_of_write_once() {
    let store = MemoryStore::new();
    block_on(store.put_segment(DatasetId(1), 0, b"x")).unwrap();
    store.fail_next(StoreError::Full);
    assert_eq!(block_on(store.put_segment(DatasetId(1), 1, b"y")), Err(StoreError::Full));
    store.fail_next(StoreError::Full);
    assert_eq!(block_on(store.discard(DatasetId(1))), Err(StoreError::Full));
    store.fail_next(StoreError::Full);
    assert_eq!(block_on(store.wipe()), Err(StoreError::Full));
    assert_eq!(block_on(store.segment_count()), Ok(1));
    assert_eq!(block_on(store.wipe()), Ok(()));
    assert_eq!(block_on(store.segment_count()), Ok(0));
}

#[test]
fn a_crash_ends_the_life_and_the_next_one_finds_what_was_durable() {
    for (fault, found) in [(Fault::CrashBefore, vec![1]), (Fault::CrashAfter, vec![1, 2])] {
        let store = MemoryStore::new();
        let same_life = store.clone();
        store.plan_fault(FaultPlan { after_writes: 1, after_changes: 1, fault });
        block_on(store.commit(&dismiss(1))).unwrap();
        assert!(!store.is_crashed());
        block_on(store.commit(&dismiss(2))).unwrap_err();
        assert!(same_life.is_crashed());
        for life in [&store, &same_life] {
            assert!(matches!(block_on(life.load()), Err(StoreError::Unavailable(_))));
            block_on(life.commit(&dismiss(3))).unwrap_err();
            block_on(life.segment(DatasetId(1), 0)).unwrap_err();
            block_on(life.segment_count()).unwrap_err();
            block_on(life.journal(0, 1)).unwrap_err();
            block_on(life.discard(DatasetId(1))).unwrap_err();
            block_on(life.wipe()).unwrap_err();
        }
        assert_eq!(dismissed(&store), found);
        let next_life = store.reopen();
        block_on(next_life.commit(&dismiss(4))).unwrap();
        assert_eq!(dismissed(&store).last(), Some(&4));
    }
}

#[test]
fn a_crash_after_wiping_has_wiped() {
    let store = MemoryStore::new();
    block_on(store.commit(&dismiss(1))).unwrap();
    store.plan_fault(FaultPlan::new(0, Fault::CrashAfter));
    block_on(store.wipe()).unwrap_err();
    assert_eq!(dismissed(&store), [] as [u128; 0]);
}
