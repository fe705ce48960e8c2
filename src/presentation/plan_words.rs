//! What the confirmation of a plan says, and what keeps it from being confirmed.
//!
//! Deliberately absent: the decision itself. The engine decides again at submission; this only says early what it would
//! refuse, from the same numbers.

use crate::domain::{JobId, RequestKind};
use crate::protocol::{JobView, PlanView};

use super::numbers;

/// Why a plan cannot be confirmed now, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Every matched record is left out.
    NothingEligible,
    /// Jobs that are not Active.
    NotActive(Vec<JobId>),
    /// Jobs with fewer free places than the plan has requests for them.
    TooFewPlaces(Vec<(JobId, usize, usize)>),
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
}

/// The parts of a plan, job by job in the plan's order.
pub fn shares(plan: &PlanView) -> Vec<JobShare> {
    let mut shares: Vec<JobShare> = Vec::new();
    for part in &plan.parts {
        match shares.iter_mut().find(|share| share.job == part.job) {
            Some(share) => share.parts.push(part.count),
            None => shares.push(JobShare {
                job: part.job.clone(),
                parts: vec![part.count],
                places: part.places,
            }),
        }
    }
    shares
}

/// The first thing that stands in the way, most basic first.
pub fn obstacle(plan: &PlanView, jobs: &[JobView]) -> Option<Obstacle> {
    if plan.eligible == 0 {
        return Some(Obstacle::NothingEligible);
    }
    let shares = shares(plan);
    let inactive: Vec<JobId> = shares
        .iter()
        .filter(|share| jobs.iter().any(|job| job.id == share.job && !job.status.is_active()))
        .map(|share| share.job.clone())
        .collect();
    if !inactive.is_empty() {
        return Some(Obstacle::NotActive(inactive));
    }
    let short: Vec<_> = shares
        .into_iter()
        .filter(|share| share.parts.len() > share.places)
        .map(|share| (share.job, share.parts.len(), share.places))
        .collect();
    (!short.is_empty()).then_some(Obstacle::TooFewPlaces(short))
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
        Obstacle::TooFewPlaces(short) => {
            let texts: Vec<String> = short
                .iter()
                .map(|(job, needed, places)| {
                    format!(
                        "{job} needs {} and has {} free",
                        numbers::counted(*needed, "place"),
                        numbers::count(*places)
                    )
                })
                .collect();
            (
                format!("The queue has too few free places: {}", texts.join("; ")),
                "Wait until requests finish, withdraw one, or narrow the filter".to_owned(),
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
    use crate::domain::JobStatus;
    use crate::protocol::{Facets, PartView};

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
                })
                .collect(),
            digest: String::new(),
            filter_text: String::new(),
            breakdown: Facets::new(),
            span: None,
        }
    }

    fn job(name: &str, status: JobStatus) -> JobView {
        JobView { id: JobId(name.into()), name: name.into(), status, open: 0, limit: 5 }
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
        let full = obstacle(&plan(&[("B", 10_000, 1), ("B", 1, 1)]), &jobs).unwrap();
        assert_eq!(full, Obstacle::TooFewPlaces(vec![(JobId("B".into()), 2, 1)]));
        assert!(obstacle_words(&full).0.ends_with("B needs 2 places and has 1 free"));
        assert_eq!(obstacle(&plan(&[("B", 1, 1)]), &jobs), None);
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
