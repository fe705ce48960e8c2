//! What the confirmation of a plan says, and what keeps it from being confirmed.
//!
//! Deliberately absent: the decision itself. The engine decides again at submission; this only says early what it would
//! refuse, from the same numbers.

use crate::domain::{JobId, OrderBasis, RequestKind, RetryVerdict};
use crate::protocol::{EstimateView, JobOrderView, JobView, OverlapView, PlanView};

use super::{labels, numbers};

/// Why a plan cannot be confirmed now, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Every matched record is left out.
    NothingEligible,
    /// Jobs that are not Active.
    NotActive(Vec<JobId>),
}

/// The requests of a plan for one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobShare {
    /// The job.
    pub job: JobId,
    /// Records of each request, in order.
    pub parts: Vec<usize>,
    /// Places that are free.
    pub places: usize,
    /// Requests that would wait on the shelf.
    pub shelved: usize,
}

/// The parts of a plan, job by job in the plan's order.
pub fn shares(plan: &PlanView) -> Vec<JobShare> {
    let mut shares: Vec<JobShare> = Vec::new();
    for part in &plan.parts {
        let at = shares.iter().position(|share| share.job == part.job).unwrap_or_else(|| {
            let (job, places) = (part.job.clone(), part.places);
            shares.push(JobShare { job, parts: vec![], places, shelved: 0 });
            shares.len() - 1
        });
        shares[at].parts.push(part.count);
        shares[at].shelved += usize::from(part.shelved);
    }
    shares
}

impl JobShare {
    /// `7 requests of 10,000 + … + 3,204`.
    pub fn requests(&self) -> String {
        let sizes: Vec<String> = self.parts.iter().map(|part| numbers::count(*part)).collect();
        let told = match sizes.as_slice() {
            [first @ .., last] if sizes.len() > 7 => {
                format!("{}, \u{2026} {last}", first[..5].join(", "))
            }
            _ => sizes.join(" + "),
        };
        format!("{} of {told}", numbers::counted(sizes.len(), "request"))
    }

    /// `5 free places, 2 wait on the shelf and move up by themselves`.
    pub fn places(&self) -> String {
        let free = numbers::counted(self.places, "free place");
        match self.shelved {
            0 => free,
            1 => format!("{free}; 1 waits on the shelf and moves up by itself"),
            more => format!("{free}; {more} wait on the shelf and move up by themselves"),
        }
    }
}

/// Which tables come first, and why: `Customer groups → Customers V3, since 100 errors of …`. Nothing where a job has one
/// table only.
pub fn order_words(order: &JobOrderView) -> Option<(String, String)> {
    if order.tables.len() < 2 {
        return None;
    }
    let mut steps: Vec<Vec<&str>> = Vec::new();
    let mut last = None;
    for table in &order.tables {
        match steps.last_mut().filter(|_| last == Some(table.place)) {
            Some(step) => step.push(&table.entity),
            None => steps.push(vec![&table.entity]),
        }
        last = Some(table.place);
    }
    let name = |step: &Vec<&str>| match step.len() {
        0..=3 => step.join(", "),
        more => format!("{}, {} and {} more", step[0], step[1], more - 2),
    };
    let line: Vec<String> = steps.iter().map(name).collect();
    let why = match (order.basis, order.references.first()) {
        (OrderBasis::Sequence, _) => {
            "the sequence of the job's table maps, as the dump tells it".to_owned()
        }
        (OrderBasis::References, Some(first)) => {
            let more = match order.references.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!(
                "parents first: {} of {} miss a record of {}{more}",
                numbers::counted(first.records, "error"),
                first.child,
                first.parent
            )
        }
        _ => "the dump's order: no error names a parent among these tables".to_owned(),
    };
    let cycles = order.cycles.iter().map(|cycle| {
        format!("; {} refer to each other in a circle and stay together", cycle.join(" and "))
    });
    let line = match order.basis {
        OrderBasis::Dump => "As in the dump".to_owned(),
        _ => line.join(" \u{2192} "),
    };
    Some((line, why + &cycles.collect::<String>()))
}

/// How long a plan takes in one job: `about 3 min 20 s, measured on 4 past runs; 20,000 records wait before it, about 40 s`.
pub fn estimate_words(estimate: &EstimateView) -> String {
    let own = match estimate.millis {
        Some(millis) => {
            let runs = numbers::counted(estimate.runs, "past run");
            format!("about {}, measured on {runs}", numbers::duration(millis))
        }
        None => "no measure yet: no such request of this job has finished".to_owned(),
    };
    match (estimate.ahead, estimate.ahead_millis) {
        (0, _) => own,
        (ahead, millis) => {
            let takes = millis.map_or_else(
                || "no measure yet".to_owned(),
                |millis| format!("about {}", numbers::duration(millis)),
            );
            let records = numbers::counted(ahead as usize, "record");
            format!("{own}; {records} wait before it, {takes}")
        }
    }
}

/// `120 in request 3, queued`.
pub fn overlap_words(overlap: &OverlapView) -> String {
    let state = overlap.state.map_or("", labels::request_state_word);
    format!("{} in request {}, {state}", numbers::count(overlap.records), overlap.request_id)
}

/// Records of a verdict among those that may be retried.
pub fn judged(plan: &PlanView, verdict: RetryVerdict) -> usize {
    plan.verdicts.iter().filter(|one| one.verdict == verdict).map(|one| one.count).sum()
}

/// The first thing that stands in the way, most basic first.
pub fn obstacle(plan: &PlanView, jobs: &[JobView]) -> Option<Obstacle> {
    if plan.eligible == 0 {
        return Some(Obstacle::NothingEligible);
    }
    let inactive: Vec<JobId> = shares(plan)
        .into_iter()
        .filter(|share| jobs.iter().any(|job| job.id == share.job && !job.status.is_active()))
        .map(|share| share.job)
        .collect();
    (!inactive.is_empty()).then_some(Obstacle::NotActive(inactive))
}

/// An obstacle in words: what is the matter, and what to do.
pub fn obstacle_words(obstacle: &Obstacle) -> (String, String) {
    match obstacle {
        Obstacle::NothingEligible => (
            "None of these records can be worked on".to_owned(),
            "The reasons stand below; choose other records or change the filter".to_owned(),
        ),
        Obstacle::NotActive(jobs) => {
            let names: Vec<&str> = jobs.iter().map(|job| job.0.as_str()).collect();
            let (noun, verb) = if names.len() == 1 { ("job", "is") } else { ("jobs", "are") };
            (
                format!("Integration {noun} {} {verb} not Active", names.join(", ")),
                "Requests are taken only while the job is Active: start it in the queue panel"
                    .to_owned(),
            )
        }
    }
}

/// Dismissals of more records than this are confirmed by typing how many they are.
pub const TYPED_ABOVE: usize = 1_000;

/// Whether a dismissal of so many records is one that the typed count must confirm.
pub fn is_typed(kind: RequestKind, eligible: usize) -> bool {
    kind == RequestKind::Dismiss && eligible > TYPED_ABOVE
}

/// Whether the text is exactly this count, written with or without marks between thousands.
pub fn is_count(text: &str, count: usize) -> bool {
    let is_mark =
        |letter| matches!(letter, ',' | '.' | '\'' | '\u{2019}') || char::is_whitespace(letter);
    let digits: String = text.chars().filter(|letter| !is_mark(*letter)).collect();
    digits.parse() == Ok(count)
}

/// The confirming button: `Dismiss 1,204 records`.
pub fn confirm_label(kind: RequestKind, eligible: usize) -> String {
    format!("{kind} {}", numbers::counted(eligible, "record"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobStatus, Reference, RequestId, RequestState};
    use crate::protocol::{Facets, PartView, TablePlace};

    fn plan(parts: &[(&str, usize, usize)]) -> PlanView {
        let eligible = parts.iter().map(|part| part.1).sum();
        PlanView {
            plan_id: 1,
            kind: RequestKind::Retry,
            matched: eligible,
            eligible,
            excluded: vec![],
            parts: parts
                .iter()
                .map(|(job, count, places)| PartView {
                    job: JobId((*job).to_owned()),
                    count: *count,
                    places: *places,
                    shelved: *places == 0,
                    gate: None,
                })
                .collect(),
            digest: String::new(),
            filter_text: String::new(),
            breakdown: Facets::new(),
            span: None,
            verdicts: vec![],
            overlap: vec![],
            order: vec![],
            estimates: vec![],
            threshold: None,
        }
    }

    fn job(name: &str, status: JobStatus) -> JobView {
        JobView {
            id: JobId(name.into()),
            name: name.into(),
            status,
            open: 0,
            limit: 5,
            shelved: 0,
            waiting: 0,
            waiting_millis: Some(0),
        }
    }

    #[test]
    fn parts_are_gathered_by_job() {
        let shares = shares(&plan(&[("A", 10_000, 5), ("A", 3, 5), ("B", 1, 2)]));
        assert_eq!(shares.len(), 2);
        assert_eq!((shares[0].parts.as_slice(), shares[0].places), (&[10_000, 3][..], 5));
    }

    #[test]
    fn the_most_basic_obstacle_is_told() {
        let jobs = [job("A", JobStatus::stopped()), job("B", JobStatus::Active)];
        assert_eq!(obstacle(&plan(&[]), &jobs), Some(Obstacle::NothingEligible));
        let stopped = obstacle(&plan(&[("A", 1, 0), ("B", 1, 1)]), &jobs).unwrap();
        assert_eq!(stopped, Obstacle::NotActive(vec![JobId("A".into())]));
        assert_eq!(obstacle_words(&stopped).0, "Integration job A is not Active");
        assert_eq!(
            obstacle(&plan(&[("B", 10_000, 0), ("B", 1, 0)]), &jobs),
            None,
            "there is a shelf"
        );
    }

    #[test]
    fn what_waits_is_told_with_the_places() {
        let told = |parts: &[(&str, usize, usize)]| {
            let share = shares(&plan(parts)).remove(0);
            format!("{}, {}", share.requests(), share.places())
        };
        assert_eq!(
            told(&[("A", 10_000, 2), ("A", 5, 2)]),
            "2 requests of 10,000 + 5, 2 free places"
        );
        assert_eq!(
            told(&[("A", 1, 0)]),
            "1 request of 1, 0 free places; 1 waits on the shelf and moves up by itself"
        );
        let many = told(&[("A", 3, 0); 9]);
        assert!(many.starts_with("9 requests of 3, 3, 3, 3, 3, \u{2026} 3, "), "{many}");
        assert!(many.ends_with("9 wait on the shelf and move up by themselves"), "{many}");
    }

    #[test]
    fn an_order_is_told_with_its_reason() {
        let place = |(entity, place): (&str, u32)| TablePlace {
            entity: entity.to_owned(),
            place,
            records: 1,
        };
        let order = |basis, tables: &[(&str, u32)]| JobOrderView {
            job: JobId("A".into()),
            basis,
            tables: tables.iter().copied().map(place).collect(),
            references: vec![Reference { child: "B".into(), parent: "A".into(), records: 1_200 }],
            cycles: vec![],
        };
        assert_eq!(order_words(&order(OrderBasis::References, &[("A", 0)])), None);
        let (line, why) =
            order_words(&order(OrderBasis::References, &[("A", 0), ("S", 0), ("B", 1)])).unwrap();
        assert_eq!(line, "A, S \u{2192} B");
        assert_eq!(why, "parents first: 1,200 errors of B miss a record of A");
        let mut round = order(OrderBasis::Dump, &[("A", 0), ("B", 0)]);
        round.cycles = vec![vec!["A".into(), "B".into()]];
        let (line, why) = order_words(&round).unwrap();
        assert_eq!(line, "As in the dump");
        assert!(
            why.ends_with("A and B refer to each other in a circle and stay together"),
            "{why}"
        );
    }

    #[test]
    fn time_is_told_only_where_it_was_measured() {
        let estimate = |millis, runs, ahead, ahead_millis| {
            let job = JobId("A".into());
            estimate_words(&EstimateView { job, records: 5, millis, runs, ahead, ahead_millis })
        };
        assert!(estimate(None, 0, 0, Some(0)).starts_with("no measure yet"));
        assert_eq!(
            estimate(Some(200_000), 4, 0, Some(0)),
            "about 3 min 20 s, measured on 4 past runs"
        );
        let waits = estimate(Some(1_000), 1, 20_000, Some(40_000));
        assert_eq!(
            waits,
            "about 1.0 s, measured on 1 past run; 20,000 records wait before it, about 40 s"
        );
    }

    #[test]
    fn an_overlap_names_its_request() {
        let overlap = OverlapView {
            request_id: RequestId(3),
            state: Some(RequestState::Shelved),
            records: 1_200,
        };
        assert_eq!(overlap_words(&overlap), "1,200 in request 3, shelved");
    }

    #[test]
    fn only_the_exact_count_confirms_a_large_dismissal() {
        assert!(is_typed(RequestKind::Dismiss, 1_001));
        assert!(!is_typed(RequestKind::Dismiss, 1_000));
        assert!(!is_typed(RequestKind::Retry, 1_000_000));
        for text in ["12034", "12,034", "12.034", "12 034", "12\u{202f}034", " 12\u{2019}034 "] {
            assert!(is_count(text, 12_034), "{text}");
        }
        for text in ["", "12,035", "1203", "-12034", "12034 records", "12e3", "0x2f02"] {
            assert!(!is_count(text, 12_034), "{text}");
        }
    }

    #[test]
    fn the_button_says_what_it_does() {
        assert_eq!(confirm_label(RequestKind::Dismiss, 1_204), "Dismiss 1,204 records");
        assert_eq!(confirm_label(RequestKind::Retry, 1), "Retry 1 record");
    }
}
