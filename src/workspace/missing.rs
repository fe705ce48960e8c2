//! The references that messages say are missing, with the errors of the missing records themselves and the circles that
//! they make.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::causes::{MOST, WINDOW, reference};
use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store};
use crate::dataset::MissingCounts;
use crate::domain::{Filter, rings};
use crate::protocol::{MissingPage, MissingParams, MissingView, Problem, RootView};

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// A window of the references that the records of a filter say are missing, by count.
    /// Without a limit it is all of them.
    pub fn missing_references(&self, params: MissingParams) -> Result<Vec<MissingView>, Problem> {
        let limit = params.limit.unwrap_or(usize::MAX);
        if params.limit.is_some() {
            check_window(limit)?;
        }
        Ok(self.missing_window(params.filter, params.offset, limit).references)
    }

    /// Such a window, with the numbers of everything that was found.
    pub fn missing_page(&self, params: MissingParams) -> Result<MissingPage, Problem> {
        let limit = params.limit.unwrap_or(WINDOW);
        check_window(limit)?;
        Ok(self.missing_window(params.filter, params.offset, limit))
    }

    fn missing_window(&self, filter: Filter, offset: usize, limit: usize) -> MissingPage {
        let records = self.count(MissingParams::any(&filter));
        let state = self.see();
        let found = state.table.missing_references(&state.resolved(filter));
        let from = offset.min(found.len());
        let to = from.saturating_add(limit).min(found.len());
        let circles = circles(&found, from..to);
        let view = |at: usize| {
            let one = found.get(at);
            let root = one.root.and_then(|root| {
                let newest = root.newest?;
                let record = state.table.summaries(&[newest]).into_iter().next()?;
                let (id, cause, message) = (record.id, record.cause, record.message);
                Some(RootView { count: root.count, id, cause, message })
            });
            let named = |at: &usize| reference(found.get(*at).reference.clone());
            MissingView {
                entity: one.reference.entity.clone(),
                key: one.reference.key.clone(),
                count: one.count,
                root,
                cycle: circles.get(&at).into_iter().flatten().map(named).collect(),
            }
        };
        let references = (from..to).map(view).collect();
        MissingPage { total: found.len(), records, references }
    }
}

fn check_window(limit: usize) -> Result<(), Problem> {
    if limit <= MOST {
        return Ok(());
    }
    Err(Problem::invalid(format!(
        "A window has at most {MOST} references, and {limit} were asked for"
    )))
}

/// Longest circle that is named: who looks at a longer one sees no more.
const LONGEST_CIRCLE: usize = 32;

/// The circles among missing references: each misses the next, the last the first. By every reference of the window that is
/// in one, the shortest from it back to it.
fn circles(found: &MissingCounts, window: Range<usize>) -> BTreeMap<usize, Vec<usize>> {
    if found.iter().all(|one| one.root.is_none_or(|root| root.misses.is_empty())) {
        return BTreeMap::new();
    }
    let edges: Vec<Vec<usize>> = found
        .iter()
        .map(|one| one.root.map(|root| root.misses.clone()).unwrap_or_default())
        .collect();
    let mut ring_of = vec![0; edges.len()];
    for (number, ring) in (0..).zip(rings(&edges)) {
        ring.iter().for_each(|at| ring_of[*at] = number);
    }
    let mut circles = BTreeMap::new();
    for start in window {
        // Breadth first, so that the way back is the shortest; what leaves the ring never comes back.
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waiting = VecDeque::from([(start, 1)]);
        'search: while let Some((at, length)) = waiting.pop_front() {
            for &other in edges[at].iter().filter(|other| ring_of[**other] == ring_of[start]) {
                if other == start {
                    let mut way = vec![at];
                    let mut step = at;
                    while step != start {
                        step = from[&step];
                        way.push(step);
                    }
                    way.reverse();
                    circles.insert(start, way);
                    break 'search;
                }
                if length < LONGEST_CIRCLE && other != at && !from.contains_key(&other) {
                    from.insert(other, at);
                    waiting.push_back((other, length + 1));
                }
            }
        }
    }
    circles
}
