//! Random lives of a store: commits that work, fail half way, or end the process. After each of them the store holds
//! exactly what a naive model holds, to which only whole commits were applied.

use std::collections::{BTreeMap, BTreeSet};

use error_desk::domain::{DatasetId, Identity, JobStatus, JournalEnd};
use error_desk::store::{Fault, FaultPlan, MemoryStore};
use error_desk::workspace::ports::{Commit, Manifest, Store, StoreError, Stored};
use futures_executor::block_on;
use proptest::prelude::*;

use crate::contract::things::{entry, identities, job, manifest, request, settings};

#[derive(Clone, Debug)]
enum Step {
    Commit(Box<Commit>),
    PutSegments(u32, Vec<u32>),
    Discard(u32),
    Wipe,
}

/// What the step meets.
#[derive(Clone, Debug)]
enum Luck {
    Good,
    Bad { fault: Fault, after_changes: usize },
}

/// The store as a beginner would write it.
#[derive(Clone, Default)]
struct Model {
    stored: Stored,
    segments: BTreeSet<(u32, u32)>,
    given: BTreeSet<u32>,
}

impl Model {
    /// Does the step; `false` where the store must refuse it.
    fn apply(&mut self, step: &Step) -> bool {
        match step {
            Step::Wipe => *self = Self::default(),
            Step::PutSegments(dataset, indices) => {
                self.segments.extend(indices.iter().map(|index| (*dataset, *index)));
            }
            Step::Discard(dataset) => {
                if self.stored.manifests.iter().any(|m| m.dataset.0 == *dataset) {
                    return false;
                }
                self.segments.retain(|(of, _)| of != dataset);
            }
            Step::Commit(commit) => self.commit(commit),
        }
        true
    }

    fn commit(&mut self, commit: &Commit) {
        let stored = &mut self.stored;
        replace(&mut stored.manifests, &commit.manifests, |m: &Manifest| m.dataset);
        replace(&mut stored.jobs, &commit.jobs, |job| job.id.clone());
        replace(&mut stored.requests, &commit.requests, |request| request.id);
        stored.dismissals.extend(&commit.dismissals);
        stored.dismissals.sort_unstable();
        stored.dismissals.dedup();
        stored.settings = commit.settings.clone().or(stored.settings.take());
        for entry in &commit.journal {
            let hash = entry.hash.expect("a chained line");
            stored.journal_end = JournalEnd { id: stored.journal_end.id.max(entry.id), hash };
        }
        self.given.extend(commit.manifests.iter().map(|m| m.dataset.0));
        for dataset in &commit.removed {
            stored.manifests.retain(|m| m.dataset != *dataset);
            self.segments.retain(|(of, _)| *of != dataset.0);
            self.given.insert(dataset.0);
        }
    }

    fn load(&mut self) -> Stored {
        let manifests = &self.stored.manifests;
        self.segments.retain(|(of, _)| manifests.iter().any(|m| m.dataset.0 == *of));
        Stored {
            next_dataset: self.given.last().map_or(1, |last| last + 1),
            next_request: self.stored.requests.last().map_or(1, |last| last.id.0 + 1),
            ..self.stored.clone()
        }
    }
}

fn replace<T: Clone, K: Ord>(old: &mut Vec<T>, new: &[T], key: impl Fn(&T) -> K) {
    let all = old.drain(..).chain(new.iter().cloned());
    let by_key: BTreeMap<K, T> = all.map(|value| (key(&value), value)).collect();
    old.extend(by_key.into_values());
}

fn commit() -> impl Strategy<Value = Commit> {
    let some = |range: std::ops::Range<u32>| proptest::collection::vec(range, 0..3);
    let parts = (some(1..5), some(1..5), some(0..4), some(1..6), some(0..30), some(1..20));
    (parts, any::<bool>()).prop_map(
        |((manifests, removed, jobs, requests, dismissed, journal), set)| Commit {
            manifests: manifests.into_iter().map(|id| manifest(id, 1)).collect(),
            removed: removed.into_iter().map(DatasetId).collect(),
            jobs: jobs.into_iter().map(|n| job(&format!("Job {n}"), JobStatus::Active)).collect(),
            requests: requests.into_iter().map(|id| request(id.into(), id * 7, 3)).collect(),
            dismissals: dismissed.into_iter().flat_map(|n| identity(n.into())).collect(),
            settings: set.then(settings),
            journal: journal.into_iter().map(|id| entry(id.into())).collect(),
        },
    )
}

fn identity(number: u128) -> Vec<Identity> {
    identities(number..number + 1)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => commit().prop_map(|commit| Step::Commit(Box::new(commit))),
        3 => (1_u32..5, proptest::collection::vec(0_u32..3, 1..3))
            .prop_map(|(dataset, indices)| Step::PutSegments(dataset, indices)),
        1 => (1_u32..5).prop_map(Step::Discard),
        1 => Just(Step::Wipe),
    ]
}

fn luck() -> impl Strategy<Value = Luck> {
    let fault = prop_oneof![
        Just(Fault::Fail(StoreError::Full)),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter)
    ];
    let bad =
        (fault, 0_usize..12).prop_map(|(fault, after_changes)| Luck::Bad { fault, after_changes });
    prop_oneof![2 => Just(Luck::Good), 1 => bad]
}

async fn act(store: &MemoryStore, step: &Step) -> Result<(), StoreError> {
    match step {
        Step::Commit(commit) => store.commit(commit).await,
        Step::PutSegments(dataset, indices) => {
            let segments = indices.iter().map(|index| (*index, b"x".to_vec())).collect();
            store.put_segments(DatasetId(*dataset), segments).await
        }
        Step::Discard(dataset) => store.discard(DatasetId(*dataset)).await,
        Step::Wipe => store.wipe().await,
    }
}

async fn assert_same(store: &MemoryStore, model: &mut Model) {
    assert_eq!(store.segment_count().await.unwrap(), model.segments.len(), "before cleaning up");
    let (found, wanted) = (store.load().await.unwrap(), model.load());
    assert_eq!(found.manifests, wanted.manifests);
    assert_eq!(found.jobs, wanted.jobs);
    assert_eq!(found.requests, wanted.requests);
    assert_eq!(found.dismissals, wanted.dismissals);
    assert_eq!(found.settings, wanted.settings);
    assert_eq!(found.next_dataset, wanted.next_dataset);
    assert_eq!(found.journal_end, wanted.journal_end);
    assert_eq!(store.segment_count().await.unwrap(), model.segments.len());
}

async fn live(steps: Vec<(Step, Luck)>) {
    let mut store = MemoryStore::new();
    let mut model = Model::default();
    for (step, luck) in steps {
        let mut after = model.clone();
        let accepted = after.apply(&step);
        if let (Luck::Bad { fault, after_changes }, true) = (&luck, accepted) {
            let (fault, after_changes) = (fault.clone(), *after_changes);
            store.plan_fault(FaultPlan { after_writes: 0, after_changes, fault });
        }
        let answer = act(&store, &step).await;
        let takes_effect = match (&luck, accepted) {
            (_, false) => false,
            (Luck::Good, true) => true,
            (Luck::Bad { fault, .. }, true) => *fault == Fault::CrashAfter,
        };
        assert_eq!(answer.is_ok(), accepted && matches!(luck, Luck::Good), "{step:?}: {answer:?}");
        if takes_effect {
            model = after;
        }
        store = store.reopen();
        assert_same(&store, &mut model).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn only_whole_commits_are_ever_found(
        steps in proptest::collection::vec((step(), luck()), 1..25)
    ) {
        block_on(live(steps));
    }
}
