//! Run sheets of plans and of requests, held against a count row by row.

use std::collections::{HashMap, HashSet};

use error_desk::dataset::Record;
use error_desk::domain::{Filter, RequestId, RequestKind, Timestamp};
use error_desk::protocol::{Code, PlanParams, RunSheetParams, RunSheetStep, RunSheetView};
use error_desk::sample::SampleDump;
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::harness::{Desk, csv};
use crate::{code, entity, one};

/// A generated dump as text.
pub(crate) fn sample(rows: u32, seed: u64) -> String {
    let (mut dump, mut bytes) = (SampleDump::new(rows, seed), Vec::new());
    while dump.next_chunk(&mut bytes) {}
    String::from_utf8(bytes).expect("text")
}

pub(crate) fn all_rows(desk: &Desk) -> Vec<Record> {
    let mut all = Vec::new();
    loop {
        let page = desk.rows(Filter::default(), None, all.len(), 10_000).expect("an answer");
        if page.rows.is_empty() {
            return all;
        }
        all.extend(page.rows);
    }
}

async fn planned(desk: &Desk, kind: RequestKind, ids: Vec<String>) -> (u64, HashSet<String>) {
    let plan = desk
        .plan(PlanParams {
            filter: None,
            ids: Some(ids),
            ..PlanParams::of(kind, Filter::default())
        })
        .await
        .expect("an answer");
    let mut chosen = HashSet::new();
    for part in 0..plan.parts.len() {
        chosen.extend(desk.plan_records(plan.plan_id, part, 0, 10_000).expect("an answer").ids);
    }
    (plan.plan_id, chosen)
}

fn sheet(desk: &Desk, plan_id: u64, max_steps: Option<usize>) -> RunSheetView {
    desk.run_sheet(RunSheetParams { plan_id: Some(plan_id), request_ids: None, max_steps })
        .expect("an answer")
}

/// Counts what the steps hit, as anybody would who enters them.
fn check(rows: &[Record], chosen: &HashSet<String>, sheet: &RunSheetView) {
    type Key<'a> = (&'a str, &'a str, &'a str);
    let mut steps: HashMap<Key<'_>, Vec<(&RunSheetStep, usize, usize)>> = HashMap::new();
    for step in &sheet.steps {
        let key = (step.job.as_str(), step.entity.as_str(), step.data_source.as_str());
        steps.entry(key).or_default().push((step, 0, 0));
    }
    let mut reached = 0;
    for row in rows {
        let key = (row.job.as_str(), row.entity.as_str(), row.data_source.as_str());
        let is_chosen = chosen.contains(&row.id);
        for (step, hits, bystanders) in steps.entry(key).or_default() {
            if step.from.is_none_or(|from| row.occurred_at >= Some(from))
                && step.to.is_none_or(|to| row.occurred_at < Some(to))
            {
                *hits += 1;
                *bystanders += usize::from(!is_chosen);
                reached += usize::from(is_chosen);
            }
        }
    }
    for (step, hits, bystanders) in steps.into_values().flatten() {
        assert_eq!((step.expected, step.bystanders), (hits, bystanders), "{step:?}");
        assert!(hits <= 10_000);
    }
    let unreached: usize = sheet.unreached.iter().map(|unreached| unreached.count).sum();
    assert_eq!(reached + unreached, chosen.len());
    assert_eq!((sheet.records, sheet.gone), (chosen.len(), 0));
    assert_eq!(sheet.bystanders, sheet.steps.iter().map(|step| step.bystanders).sum::<usize>());
}

/// Numbers by chance, the same ones in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 33) as usize % end
    }
}

#[test]
fn bystanders_of_200_selections_of_20_000_rows_are_those_that_anybody_would_count() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("sample.csv", &sample(20_000, 11)).await.unwrap();
        let rows = all_rows(&desk);
        assert_eq!(rows.len(), 20_000);
        let mut dice = Dice(5);
        for turn in 0..200 {
            let kind = if turn % 3 == 0 { RequestKind::Dismiss } else { RequestKind::Retry };
            let pivot = rows[dice.below(rows.len())].clone();
            let from = dice.below(rows.len() - 1_200);
            let window = &rows[from..from + 1 + dice.below(1_200)];
            let chosen: Vec<String> = match turn % 4 {
                0 => rows
                    .iter()
                    .filter(|row| row.cause == pivot.cause)
                    .take(900)
                    .map(|row| row.id.clone())
                    .collect(),
                1 => (0..1 + dice.below(300))
                    .map(|_| rows[dice.below(rows.len())].id.clone())
                    .collect(),
                2 => window.iter().map(|row| row.id.clone()).collect(),
                _ => window
                    .iter()
                    .filter(|row| row.company == pivot.company || row.entity == pivot.entity)
                    .map(|row| row.id.clone())
                    .chain([pivot.id.clone()])
                    .collect(),
            };
            let (plan, chosen) = planned(&desk, kind, chosen).await;
            let finest = sheet(&desk, plan, None);
            check(&rows, &chosen, &finest);
            if turn % 4 != 1 {
                continue;
            }
            let most = 1 + dice.below(finest.steps.len().max(1));
            let coarser = sheet(&desk, plan, Some(most));
            check(&rows, &chosen, &coarser);
            assert!(coarser.bystanders >= finest.bystanders);
        }
    });
}

#[test]
fn a_selection_that_filters_can_separate_has_no_bystanders() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("sample.csv", &sample(20_000, 3)).await.unwrap();
        let rows = all_rows(&desk);
        let mut times: Vec<Timestamp> = rows.iter().filter_map(|row| row.occurred_at).collect();
        times.sort_unstable();
        let whole = |time: Timestamp| Timestamp::from_millis(time.millis() / 1_000 * 1_000);
        let filter = Filter {
            from: whole(times[4_000]),
            to: whole(times[9_000]),
            entities: vec![rows[17].entity.clone()],
            ..Filter::default()
        };
        let plan = PlanParams::of(RequestKind::Dismiss, filter);
        let plan = desk.plan(plan).await.unwrap();
        assert!(plan.eligible > 20, "{}", plan.eligible);
        let sheet = sheet(&desk, plan.plan_id, None);
        assert_eq!((sheet.bystanders, sheet.unreached.len()), (0, 0));
        assert_eq!(sheet.steps.iter().map(|step| step.expected).sum::<usize>(), plan.eligible);
    });
}

#[test]
fn what_cannot_be_retried_is_a_bystander_and_what_is_dismissed_is_none() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(28)).await.unwrap();
        let all = PlanParams::of(RequestKind::Retry, Filter::default());
        let plan = desk.plan(all.clone()).await.unwrap();
        let before = desk.run_sheet(RunSheetParams {
            plan_id: Some(plan.plan_id),
            max_steps: Some(2),
            ..RunSheetParams::default()
        });
        let before = before.unwrap();
        let bystanders = 28 - plan.eligible;
        assert_eq!((before.steps.len(), before.bystanders), (2, bystanders));
        assert!(bystanders > 0, "each fifth row is a concurrency failure");
        let gone = Filter { categories: vec!["Concurrency".to_owned()], ..Filter::default() };
        let job = desk.jobs()[0].id.0.clone();
        desk.submit(one(RequestKind::Dismiss, &job, gone)).await.unwrap();
        desk.finish().await;
        let after = sheet(&desk, plan.plan_id, None);
        assert_eq!((after.steps.len(), after.bystanders), (2, 0));
        assert!(after.markdown.starts_with("# Run sheet: Retry of"), "{}", after.markdown);
        assert_eq!(after.markdown.matches("| ☐ |").count(), 2);
    });
}

#[test]
fn a_sheet_is_made_of_requests_too() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        desk.import("errors.csv", &csv(40)).await.unwrap();
        let job = desk.jobs()[0].id.0.clone();
        desk.submit(one(RequestKind::Retry, &job, entity("Vendors V2"))).await.unwrap();
        desk.submit(one(RequestKind::Dismiss, &job, entity("Customers V3"))).await.unwrap();
        let of = |ids: &[u64]| {
            desk.run_sheet(RunSheetParams {
                request_ids: Some(ids.iter().map(|id| RequestId(*id)).collect()),
                ..RunSheetParams::default()
            })
        };
        let queued = of(&[1]).unwrap();
        desk.finish().await;
        let finished = of(&[1]).unwrap();
        assert_eq!(finished, queued, "what was rehearsed still stands in the tab");
        assert!(finished.steps.iter().all(|step| step.entity == "Vendors V2"));
        assert_eq!(of(&[2]).unwrap().gone, 20, "what is dismissed cannot be reached");
        assert_eq!(code(of(&[1, 2])), Code::InvalidArgument);
        assert_eq!(code(of(&[9])), Code::UnknownRequest);
        assert_eq!(code(of(&[])), Code::InvalidArgument);
        assert_eq!(code(desk.run_sheet(RunSheetParams::default())), Code::InvalidArgument);
        let unknown = RunSheetParams { plan_id: Some(7), ..RunSheetParams::default() };
        assert_eq!(code(desk.run_sheet(unknown)), Code::PlanExpired);
    });
}
