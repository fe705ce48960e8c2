//! Plans and batches against naive expectations.

use std::collections::BTreeSet;

use error_desk::domain::{
    BatchError, Candidate, Category, Digest, Exclusion, Plan, QueueLimits, RecordBatch, RecordId,
    RecordState, RequestKind,
};
use proptest::prelude::*;

/// A row as a plan sees it. Its id decides everything else, so that a repeated id is a repeated row.
#[derive(Clone, Debug)]
struct Row {
    id: u64,
    job: &'static str,
    category: Category,
    state: RecordState,
}

fn row() -> impl Strategy<Value = Row> {
    (0_u64..4_096).prop_map(|id| {
        let categories = [
            Category::Application,
            Category::System,
            Category::Concurrency,
            Category::Conflict,
            Category::Unknown,
            Category::Other("Concurrency of a kind".to_owned()),
        ];
        Row {
            id,
            job: ["Customers", "Products", "", "Årsbokslut"][(id % 4) as usize],
            category: categories[(id / 4 % 6) as usize].clone(),
            state: RecordState::ALL[(id / 24 % 4) as usize],
        }
    })
}

fn kind() -> impl Strategy<Value = RequestKind> {
    prop_oneof![Just(RequestKind::Retry), Just(RequestKind::Dismiss)]
}

fn limits(records_per_request: usize) -> QueueLimits {
    QueueLimits { records_per_request, ..QueueLimits::default() }
}

fn plan_of(kind: RequestKind, rows: &[Row], limit: usize) -> Plan {
    let candidate = |row: &'_ Row| (RecordId::from_bits(row.id), row.job, row.state);
    let candidates = rows.iter().map(|row| {
        let (id, job, state) = candidate(row);
        Candidate { id, job, category: &row.category, state }
    });
    Plan::new(kind, candidates, &limits(limit))
}

/// The rules once more, as sentences of the documentation: what is in an open request is never taken; concurrency
/// failures and what was cleared are never retried.
fn left_out(kind: RequestKind, row: &Row) -> Option<Exclusion> {
    if row.state == RecordState::Requested {
        return Some(Exclusion::AlreadyRequested);
    }
    if kind == RequestKind::Dismiss {
        return None;
    }
    if row.state == RecordState::Cleared {
        return Some(Exclusion::AlreadyCleared);
    }
    (row.category == Category::Concurrency).then_some(Exclusion::NotRetriable)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_plan_takes_exactly_what_the_rules_allow(
        rows in prop::collection::vec(row(), 0..120), kind in kind(), limit in 1_usize..12,
    ) {
        let plan = plan_of(kind, &rows, limit);
        let ids: BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
        let different: Vec<&Row> = ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id)).collect();

        prop_assert_eq!(plan.matched, ids.len());
        let excluded: usize = plan.excluded.values().sum();
        prop_assert_eq!(plan.matched, plan.eligible() + excluded);
        for reason in [Exclusion::AlreadyRequested, Exclusion::NotRetriable, Exclusion::AlreadyCleared] {
            let expected = different.iter().filter(|row| left_out(kind, row) == Some(reason)).count();
            prop_assert_eq!(plan.excluded.get(&reason).copied().unwrap_or(0), expected);
        }

        // Per job, in the order of names, the allowed records in the dump's order, cut at the limit.
        let mut jobs: Vec<&str> = different.iter().map(|row| row.job).collect();
        jobs.sort();
        jobs.dedup();
        let mut expected: Vec<(String, Vec<u64>)> = vec![];
        for job in jobs {
            let allowed = different.iter().filter(|row| row.job == job && left_out(kind, row).is_none());
            let allowed: Vec<u64> = allowed.map(|row| row.id).collect();
            expected.extend(allowed.chunks(limit).map(|chunk| (job.to_owned(), chunk.to_vec())));
        }
        let parts: Vec<(String, Vec<u64>)> = plan
            .parts
            .iter()
            .map(|part| (part.job.0.clone(), part.batch.records().iter().map(|id| id.to_bits()).collect()))
            .collect();
        prop_assert_eq!(parts, expected);

        let taken: Vec<RecordId> = different
            .iter()
            .filter(|row| left_out(kind, row).is_none())
            .map(|row| RecordId::from_bits(row.id))
            .collect();
        prop_assert_eq!(plan.digest, Digest::of_sorted(&taken));
    }

    #[test]
    fn the_parts_of_a_plan_are_disjoint_and_hold_nothing_forbidden(
        rows in prop::collection::vec(row(), 0..120), kind in kind(), limit in 1_usize..12,
    ) {
        let plan = plan_of(kind, &rows, limit);
        let mut taken = BTreeSet::new();
        for part in &plan.parts {
            prop_assert!(part.batch.len() <= limit);
            for record in part.batch.records() {
                prop_assert!(taken.insert(*record), "{record:?} is in two parts");
                let row = rows.iter().find(|row| row.id == record.to_bits()).expect("it was given");
                prop_assert_eq!(row.job, &part.job.0);
                prop_assert!(row.state != RecordState::Requested);
                prop_assert!(kind == RequestKind::Dismiss || row.category != Category::Concurrency);
            }
        }
    }

    #[test]
    fn a_plan_does_not_depend_on_the_order_of_the_rows(
        mut rows in prop::collection::vec(row(), 0..60), kind in kind(), limit in 1_usize..12,
    ) {
        let forwards = plan_of(kind, &rows, limit);
        rows.reverse();
        prop_assert_eq!(plan_of(kind, &rows, limit), forwards);
    }

    #[test]
    fn a_batch_is_the_set_of_its_records_or_no_batch(
        bits in prop::collection::vec(0_u64..60, 0..40), limit in 1_usize..30,
    ) {
        let ids: Vec<RecordId> = bits.iter().map(|bits| RecordId::from_bits(*bits)).collect();
        let set: BTreeSet<u64> = bits.iter().copied().collect();
        match RecordBatch::new(ids.clone(), &limits(limit)) {
            Ok(batch) => {
                prop_assert!(!set.is_empty() && set.len() <= limit);
                let records: Vec<u64> = batch.records().iter().map(|record| record.to_bits()).collect();
                prop_assert_eq!(records, set.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(batch.len(), set.len());
                for bits in 0..60 {
                    prop_assert_eq!(batch.contains(RecordId::from_bits(bits)), set.contains(&bits));
                }
                prop_assert_eq!(RecordBatch::restored(ids), Some(batch));
            }
            Err(BatchError::Empty) => {
                prop_assert!(set.is_empty());
                prop_assert_eq!(RecordBatch::restored(ids), None);
            }
            Err(BatchError::TooMany { count, limit: told }) => {
                prop_assert!(set.len() > limit);
                prop_assert_eq!((count, told), (set.len(), limit));
                // What was stored under a higher limit comes back whole.
                prop_assert_eq!(RecordBatch::restored(ids).map(|batch| batch.len()), Some(set.len()));
            }
        }
    }

    #[test]
    fn equal_sets_have_equal_digests_and_others_do_not(
        one in prop::collection::btree_set(0_u64..20, 1..8), other in prop::collection::btree_set(0_u64..20, 1..8),
    ) {
        let digest = |set: &BTreeSet<u64>| {
            let ids = set.iter().rev().map(|bits| RecordId::from_bits(*bits)).collect();
            RecordBatch::new(ids, &limits(100)).expect("within").digest()
        };
        prop_assert_eq!(digest(&one) == digest(&other), one == other);
    }
}

#[test]
fn a_plan_is_cut_after_exactly_ten_thousand() {
    let rows: Vec<Row> = (0..10_001)
        .map(|id| Row {
            id,
            job: "Customers",
            category: Category::System,
            state: RecordState::Open,
        })
        .collect();
    let sizes = |count: usize| {
        let plan =
            plan_of(RequestKind::Retry, &rows[..count], QueueLimits::default().records_per_request);
        plan.parts.iter().map(|part| part.batch.len()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(10_000), [10_000]);
    assert_eq!(sizes(10_001), [10_000, 1]);
}
