//! What finished retries achieved, as later dumps prove it: request by request, and cause by cause.
//!
//! Invariant: each count opens as many rows, but for records that are gone, which no filter opens. By request a record
//! counts in each that sent it; by cause once, as what its last retry came to.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::engine::{Workspace, refused};
use super::ports::{Announcer, Clock, Gateway, Store};
use super::proof::every_state;
use super::state::State;
use crate::domain::{
    DatasetId, Fate, Filter, RecordId, RecordOutcome, Request, RequestId, RequestKind,
    RequestState, Retried, RetryResult, Timestamp,
};
use crate::protocol::{
    LedgerCause, LedgerDoors, LedgerParams, LedgerRequest, LedgerTally, LedgerView, Problem,
};

/// A dump and the one that proves what became of its records: they are held against each other once.
type Pair = (DatasetId, Option<DatasetId>);

/// Filters on retries of which it is kept what they mean.
const KNOWN: usize = 4;

/// A record that a request sent.
struct Sent {
    record: RecordId,
    /// Which of the finished retries.
    retry: usize,
    /// `None` where the record is gone.
    result: Option<RetryResult>,
}

/// A finished retry, and the dump that proves it.
struct Finished {
    id: RequestId,
    at: Timestamp,
    proof: Option<DatasetId>,
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// What finished retries achieved, as later dumps prove it.
    pub fn retry_ledger(&self, params: LedgerParams) -> Result<LedgerView, Problem> {
        let LedgerParams { request_ids, after } = params;
        let state = self.see();
        if let Some(after) = after {
            state.manifest(after)?;
        }
        let mut jobs = HashMap::new();
        for request in state.queue.requests() {
            jobs.insert(request.id, &request.job);
        }
        for id in request_ids.iter().flatten() {
            refused(state.queue.request(*id))?;
        }
        let (finished, sent) = if request_ids.as_ref().is_some_and(Vec::is_empty) {
            (vec![], vec![])
        } else {
            state.sent(request_ids.as_deref().unwrap_or_default(), after)
        };
        let mut tallies = vec![LedgerTally::default(); finished.len()];
        sent.iter().for_each(|one| tallies[one.retry].add(one.result));
        let mut causes: BTreeMap<&str, LedgerTally> = BTreeMap::new();
        for one in last_of_each(&sent) {
            if let Some(cause) = state.table.cause(one.record) {
                causes.entry(cause).or_default().add(one.result);
            }
        }
        let entry = |(one, result): (&Finished, LedgerTally)| {
            let retried = Retried { requests: vec![one.id], after, result: None };
            Some(LedgerRequest {
                request_id: one.id,
                job_id: (*jobs.get(&one.id)?).clone(),
                finished_at: one.at,
                proof: one.proof,
                result,
                doors: doors(&result, &retried, &every_state()),
            })
        };
        let requests = finished.iter().zip(tallies).filter_map(entry).collect();
        let title = state.titles();
        let of_all = Retried { requests: request_ids.unwrap_or_default(), after, result: None };
        let entry = |(cause, result): (&str, LedgerTally)| {
            let of_cause = Filter { causes: vec![cause.to_owned()], ..every_state() };
            let doors = doors(&result, &of_all, &of_cause);
            LedgerCause { title: title(cause), cause: cause.to_owned(), result, doors }
        };
        let mut causes: Vec<LedgerCause> = causes.into_iter().map(entry).collect();
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.result.sent));
        Ok(LedgerView { requests, causes })
    }
}

impl State {
    /// The records that a filter on retries means. The details of all chunks must be there.
    pub(super) fn retried(&self, retried: &Retried) -> Arc<[RecordId]> {
        let mut known = self.known_retried.borrow_mut();
        if let Some((_, records)) = known.iter().find(|(asked, _)| asked == retried) {
            return Arc::clone(records);
        }
        let made: Arc<[RecordId]> = self.find_retried(retried).into();
        known.truncate(KNOWN - 1);
        known.insert(0, (retried.clone(), Arc::clone(&made)));
        made
    }

    fn find_retried(&self, retried: &Retried) -> Vec<RecordId> {
        let Retried { requests, after, result } = retried;
        let (_, sent) = self.sent(requests, *after);
        let passes = |one: &&Sent| match (result, one.result) {
            (None, result) => result.is_some(),
            (wanted, result) => *wanted == result,
        };
        last_of_each(&sent).into_iter().filter(passes).map(|one| one.record).collect()
    }

    /// What finished retries sent, those of these requests or of all if none is named, and what a later dump says of it.
    fn sent(&self, requests: &[RequestId], after: Option<DatasetId>) -> (Vec<Finished>, Vec<Sent>) {
        let is_wanted = |request: &&Request| {
            is_finished_retry(request) && (requests.is_empty() || requests.contains(&request.id))
        };
        let (mut finished, mut sent) = (Vec::new(), Vec::new());
        let mut of_pairs: BTreeMap<Pair, Vec<usize>> = BTreeMap::new();
        for request in self.queue.requests().filter(is_wanted) {
            let Some(at) = request.finished_at else { continue };
            let proof = match after {
                Some(after) => Some(after).filter(|after| self.was_opened_since(*after, at)),
                None => self.proof_after(at),
            };
            for (record, outcome) in request.settled() {
                if outcome != RecordOutcome::Skipped {
                    of_pairs.entry((record.dataset(), proof)).or_default().push(sent.len());
                    sent.push(Sent { record, retry: finished.len(), result: None });
                }
            }
            finished.push(Finished { id: request.id, at, proof });
        }
        for ((before, proof), places) in of_pairs {
            let records: Vec<RecordId> = places.iter().map(|at| sent[*at].record).collect();
            let fates = match proof {
                Some(after) => self.table.fates_of(&records, before, after),
                None => vec![None; records.len()],
            };
            for ((at, record), fate) in places.into_iter().zip(records).zip(fates) {
                sent[at].result = match fate {
                    Some(Fate::Cleared) => Some(RetryResult::Cleared),
                    Some(Fate::StillFailing) => Some(RetryResult::SameError),
                    Some(_) => Some(RetryResult::DifferentError),
                    None => self.table.state(record).map(|_| RetryResult::Unproven),
                };
            }
        }
        (finished, sent)
    }
}

/// Each record as the last of its retries has it, in the order of retries.
fn last_of_each(sent: &[Sent]) -> Vec<&Sent> {
    let last: HashMap<RecordId, usize> =
        sent.iter().enumerate().map(|(at, one)| (one.record, at)).collect();
    let is_last = |(at, one): &(usize, &Sent)| last.get(&one.record) == Some(at);
    sent.iter().enumerate().filter(is_last).map(|(_, one)| one).collect()
}

impl LedgerTally {
    fn add(&mut self, result: Option<RetryResult>) {
        self.sent += 1;
        *match result {
            Some(RetryResult::Cleared) => &mut self.cleared,
            Some(RetryResult::SameError) => &mut self.same_error,
            Some(RetryResult::DifferentError) => &mut self.different_error,
            Some(RetryResult::Unproven) => &mut self.unproven,
            None => &mut self.gone,
        } += 1;
    }
}

/// What opens the records of a tally.
fn doors(of: &LedgerTally, retried: &Retried, filter: &Filter) -> LedgerDoors {
    let door = |result: Option<RetryResult>| Filter {
        retried: Some(Retried { result, ..retried.clone() }),
        ..filter.clone()
    };
    LedgerDoors {
        sent: (of.gone == 0).then(|| door(None)),
        cleared: door(Some(RetryResult::Cleared)),
        same_error: door(Some(RetryResult::SameError)),
        different_error: door(Some(RetryResult::DifferentError)),
        unproven: door(Some(RetryResult::Unproven)),
    }
}

fn is_finished_retry(request: &Request) -> bool {
    request.kind == RequestKind::Retry && request.state == RequestState::Finished
}
