//! What the queue panel says: places, the shelf, and steps of a ramp that wait.

use super::numbers;
use crate::domain::RequestState;
use crate::protocol::{GateView, JobView, RequestView};

/// A place of a job: free, or taken by a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// From 1.
    pub number: usize,
    /// The request that has it.
    pub request: Option<RequestView>,
}

impl Place {
    /// The stable word of its state.
    pub fn word(&self) -> &'static str {
        match &self.request {
            None => "free",
            Some(request) if request.state == RequestState::Running => "running",
            Some(request) if request.held_until.is_some() => "held",
            Some(_) => "queued",
        }
    }

    /// What it is, in a sentence.
    pub fn title(&self) -> String {
        match &self.request {
            None => format!("Place {}: free", self.number),
            Some(request) => format!(
                "Place {}: {}, request {} ({} of {})",
                self.number,
                self.word(),
                request.id,
                request.kind,
                numbers::counted(request.records, "record")
            ),
        }
    }
}

/// The places of a job, each with its request: those open, in their turn.
pub fn places(limit: usize, requests: &[RequestView]) -> Vec<Place> {
    let mut open: Vec<&RequestView> =
        requests.iter().filter(|request| request.state.is_open()).collect();
    open.sort_by_key(|request| request.turn);
    (0..limit.max(open.len()))
        .map(|index| Place {
            number: index + 1,
            request: open.get(index).map(|request| (*request).clone()),
        })
        .collect()
}

/// What waits beside the places, and how long it takes: `2 on the shelf · 43,204 records wait, about 3 min 20 s`. Nothing
/// where nothing waits.
pub fn shelf_words(job: &JobView) -> String {
    let mut parts = Vec::new();
    if job.shelved > 0 {
        parts.push(format!("{} on the shelf", numbers::count(job.shelved)));
    }
    if job.waiting > 0 {
        let records = numbers::counted(job.waiting as usize, "record");
        let takes = match job.waiting_millis {
            Some(millis) => format!("about {}", numbers::duration(millis)),
            None => "no measure yet".to_owned(),
        };
        parts.push(format!("{records} to go, {takes}"));
    }
    parts.join(" \u{b7} ")
}

/// What a step of a ramp waits for, with the share that was measured.
pub fn gate_words(gate: &GateView) -> String {
    let GateView { after, threshold, .. } = gate;
    let measured = match (gate.after_state, gate.share) {
        (Some(RequestState::Withdrawn), None) => format!("request {after} was withdrawn"),
        (_, None) => format!("nothing of request {after} is measured yet"),
        (_, Some(share)) => format!(
            "{} of {} of request {after} cleared ({} %)",
            numbers::count(share.cleared),
            numbers::count(share.retried),
            share.percent()
        ),
    };
    format!("Locked: {measured}, {threshold} % needed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobId, JobStatus, RequestId, RequestKind, Share, Timestamp};

    fn request(id: u64, turn: u64, state: RequestState) -> RequestView {
        RequestView {
            id: RequestId(id),
            job_id: JobId("Sales".into()),
            kind: RequestKind::Retry,
            state,
            records: 10,
            done: 0,
            cleared: 0,
            failed_again: 0,
            skipped: 0,
            dismissed: 0,
            digest: String::new(),
            filter_text: String::new(),
            reason: None,
            created_at: Timestamp::EPOCH,
            started_at: None,
            finished_at: None,
            rehearsal: true,
            held_until: None,
            turn,
            gate: None,
        }
    }

    #[test]
    fn places_are_taken_in_turn_and_the_shelf_takes_none() {
        let list = [
            request(1, 1, RequestState::Finished),
            request(2, 5, RequestState::Queued),
            request(3, 3, RequestState::Shelved),
            request(4, 4, RequestState::Running),
        ];
        let told: Vec<_> = places(3, &list).iter().map(Place::title).collect();
        assert_eq!(
            told,
            [
                "Place 1: running, request 4 (Retry of 10 records)",
                "Place 2: queued, request 2 (Retry of 10 records)",
                "Place 3: free"
            ]
        );
    }

    #[test]
    fn what_waits_is_counted_and_timed_where_it_was_measured() {
        let job = |shelved, waiting, waiting_millis| JobView {
            id: JobId("Sales".into()),
            name: "Sales".into(),
            status: JobStatus::Active,
            open: 0,
            limit: 5,
            shelved,
            waiting,
            waiting_millis,
        };
        assert_eq!(shelf_words(&job(0, 0, Some(0))), "");
        assert_eq!(shelf_words(&job(0, 1, None)), "1 record to go, no measure yet");
        assert_eq!(
            shelf_words(&job(2, 43_204, Some(200_000))),
            "2 on the shelf \u{b7} 43,204 records to go, about 3 min 20 s"
        );
    }

    #[test]
    fn a_locked_step_says_the_measured_share() {
        let gate = |share, after_state| GateView {
            after: RequestId(2),
            after_state: Some(after_state),
            threshold: 80,
            share,
            released: false,
            locked: true,
        };
        let seven = Some(Share { cleared: 7, retried: 10 });
        assert_eq!(
            gate_words(&gate(seven, RequestState::Finished)),
            "Locked: 7 of 10 of request 2 cleared (70 %), 80 % needed"
        );
        assert_eq!(
            gate_words(&gate(None, RequestState::Shelved)),
            "Locked: nothing of request 2 is measured yet, 80 % needed"
        );
        assert!(gate_words(&gate(None, RequestState::Withdrawn)).contains("was withdrawn"));
    }
}
