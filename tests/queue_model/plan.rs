//! Plans and batches against naive expectations.

use std::collections::BTreeSet;

use error_desk::domain::{
    BatchError, Candidate, Category, Digest, Exclusion, Plan, PlanOptions, Planner, QueueLimits,
    Ramp, RecordBatch, RecordId, RecordState, Reference, RequestId, RequestKind, RetryVerdict,
    TableOrder, VerdictReason,
};
use proptest::prelude::*;

/// A row as a plan sees it. Its id decides everything else, so that a repeated id is a repeated row.
#[derive(Clone, Debug)]
struct Row {
    id: u64,
    job: &'static str,
    category: Category,
    state: RecordState,
    /// Tables are numbered: each refers to the one before.
    table: usize,
    verdict: (RetryVerdict, VerdictReason),
}

const TABLES: [&str; 3] = ["Customer groups", "Customers", "Orders"];

impl Row {
    /// A requested record is held by one of three requests.
    fn holder(&self) -> Option<u64> {
        (self.state == RecordState::Requested).then_some(1 + self.id % 3)
    }
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
            table: (id * 7 % 3) as usize,
            verdict: match id % 5 {
                0 => (RetryVerdict::PointlessUntilFixed, VerdictReason::Application),
                1 => (RetryVerdict::Superseded, VerdictReason::NewerError),
                _ => (RetryVerdict::Eligible, VerdictReason::System),
            },
        }
    })
}

fn kind() -> impl Strategy<Value = RequestKind> {
    prop_oneof![Just(RequestKind::Retry), Just(RequestKind::Dismiss)]
}

fn limits(records_per_request: usize) -> QueueLimits {
    QueueLimits { records_per_request, ..QueueLimits::default() }
}

fn options(rows: &[Row]) -> PlanOptions {
    let reference = |at: usize| Reference {
        child: TABLES[at].to_owned(),
        parent: TABLES[at - 1].to_owned(),
        records: 1,
    };
    let tables = rows.iter().map(|row| (row.job, TABLES[row.table], None));
    let order = TableOrder::new(tables, &[reference(1), reference(2)]);
    PlanOptions { order, judges: true, ..PlanOptions::default() }
}

fn plan_with(kind: RequestKind, rows: &[Row], limit: usize, options: &PlanOptions) -> Plan {
    let mut planner = Planner::new(kind, options, rows.len());
    rows.iter().for_each(|row| {
        planner.take(&Candidate {
            id: RecordId::from_bits(row.id),
            job: row.job,
            entity: TABLES[row.table],
            category: &row.category,
            state: row.state,
            holder: row.holder().map(RequestId),
            verdict: Some(row.verdict),
        })
    });
    planner.finish(&limits(limit))
}

fn plan_of(kind: RequestKind, rows: &[Row], limit: usize) -> Plan {
    plan_with(kind, rows, limit, &options(rows))
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

        for holder in 1..=3 {
            let held = different.iter().filter(|row| row.holder() == Some(holder)).count();
            let told = plan.overlap.get(&RequestId(holder)).copied().unwrap_or(0);
            prop_assert_eq!(told, held, "the overlap with request {}", holder);
        }
        let requested = plan.excluded.get(&Exclusion::AlreadyRequested).copied().unwrap_or(0);
        prop_assert_eq!(plan.overlap.values().sum::<usize>(), requested);

        // Per job, in the order of names, the allowed records, parents first and then in the dump's order, cut at the limit.
        let mut jobs: Vec<&str> = different.iter().map(|row| row.job).collect();
        jobs.sort();
        jobs.dedup();
        let mut expected: Vec<(String, Vec<u64>)> = vec![];
        for job in jobs {
            let allowed = different.iter().filter(|row| row.job == job && left_out(kind, row).is_none());
            let mut allowed: Vec<(usize, u64)> = allowed.map(|row| (row.table, row.id)).collect();
            // A table that no row of the job has is no place of its own; the order is the same.
            allowed.sort();
            let allowed: Vec<u64> = allowed.into_iter().map(|(_, id)| id).collect();
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
    fn only_what_was_to_be_left_out_is_and_every_verdict_is_told(
        rows in prop::collection::vec(row(), 0..120), limit in 1_usize..12, which in 0_usize..4,
    ) {
        let all = [RetryVerdict::PointlessUntilFixed, RetryVerdict::Superseded];
        let leave_out = all.into_iter().enumerate().filter(|(at, _)| which >> at & 1 == 1).map(|(_, v)| v);
        let heeded = PlanOptions { leave_out: leave_out.collect(), ..options(&rows) };
        let (plan, plain) = (
            plan_with(RequestKind::Retry, &rows, limit, &heeded),
            plan_of(RequestKind::Retry, &rows, limit),
        );
        prop_assert_eq!(plan.matched, plan.eligible() + plan.excluded.values().sum::<usize>());
        prop_assert_eq!(&plan.verdicts, &plain.verdicts, "what is told does not depend on what is left out");
        let ids: BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
        let different = ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id));
        let (mut taken, mut told) = (0, 0);
        for row in different {
            let settled = matches!(row.state, RecordState::Requested | RecordState::Cleared);
            told += usize::from(!settled);
            let heeds = heeded.leave_out.contains(&row.verdict.0);
            taken += usize::from(left_out(RequestKind::Retry, row).is_none() && !heeds);
        }
        prop_assert_eq!((plan.eligible(), plan.verdicts.values().sum::<usize>()), (taken, told));
    }

    #[test]
    fn a_ramp_takes_the_same_records_in_the_same_order(
        rows in prop::collection::vec(row(), 0..160), limit in 1_usize..50, threshold in 1_u8..=100,
    ) {
        let plain = plan_of(RequestKind::Retry, &rows, limit);
        let ramped = PlanOptions { ramp: Some(Ramp { threshold }), ..options(&rows) };
        let plan = plan_with(RequestKind::Retry, &rows, limit, &ramped);
        prop_assert_eq!(plan.digest, plain.digest);
        let all = |plan: &Plan| -> Vec<RecordId> {
            plan.parts.iter().flat_map(|part| part.batch.records().to_vec()).collect()
        };
        prop_assert_eq!(all(&plan), all(&plain));
        // Of each job one record, then ten, then a hundred, then all of the rest, each behind the one before.
        for (at, part) in plan.parts.iter().enumerate() {
            let first = plan.parts.iter().position(|other| other.job == part.job).expect("itself");
            let of_job = plan.parts.iter().filter(|other| other.job == part.job).count();
            let step = at - first;
            let most = [1, 10, 100].get(step).copied().unwrap_or(limit).min(limit);
            let is_last = step + 1 == of_job;
            prop_assert!(part.batch.len() == most || (is_last && part.batch.len() <= most));
            prop_assert_eq!(part.after, (step > 0).then(|| first + step.min(3) - 1));
        }
        prop_assert!(plain.parts.iter().all(|part| part.after.is_none()));
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
                let records: Vec<u64> = batch.ascending().iter().map(|record| record.to_bits()).collect();
                let mut first = BTreeSet::new();
                let kept: Vec<_> = ids.iter().filter(|id| first.insert(**id)).copied().collect();
                prop_assert_eq!(batch.records(), kept, "each at its first place");
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
            table: 0,
            verdict: (RetryVerdict::Eligible, VerdictReason::System),
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
