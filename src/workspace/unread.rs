//! Stored things other than segments that cannot be read: each is named at the start with a way out, left in the store as
//! it is, and not used. Everything else works.
//!
//! What they might say decides what is safe:
//!
//! | What cannot be read | What follows |
//! |---|---|
//! | a manifest | its records are not shown; its segments stay, and its id is not given again |
//! | a job | it is taken as stopped until somebody sets its status |
//! | a request that is finished or withdrawn | it is not shown; its id is not given again |
//! | any other request | nobody knows which records it holds: no submission is taken |
//! | dismissed identities | nobody knows what is gone for ever: no submission and no import is taken |
//! | the settings | the defaults are in force until somebody changes them |
//! | a line of the journal | its place says so |
//!
//! Requests that were accepted before go on. Deliberately absent: repair, and any removal that nobody asked for.
//!
//! Invariant: what cannot be read is never taken for something that is not there.

use serde_json::json;

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Commit, Damage, DamagedThing, Gateway, Store, StoreError};
use super::state::State;
use crate::domain::{DatasetId, JournalEntry};
use crate::protocol::{Code, DamagedChunk, Event, Problem};

/// Things that a message names; more are counted.
const NAMED: usize = 5;

/// The event of a line of the journal that cannot be read.
const UNREADABLE: &str = "unreadable";

const BEGIN_ANEW: &str = "Export what is stored, then remove everything (both under Settings) and open the dumps, or a bundle, again";

impl State {
    /// Whether all that is stored is known, so that it can be handed over, or go on with what another desk hands over.
    pub(super) fn check_whole(&self) -> Result<(), Problem> {
        let whys: Vec<&str> = self.unread.iter().map(|damage| damage.why.as_str()).collect();
        let damaged = |(dataset, chunks): (&DatasetId, &Vec<DamagedChunk>)| {
            let name = self.manifests.get(dataset).map(|manifest| &manifest.report.name)?;
            let rows: usize = chunks.iter().map(|chunk| chunk.rows).sum();
            Some(format!("{rows} rows of '{name}'"))
        };
        let damaged: Vec<String> = self.damaged.iter().filter_map(damaged).collect();
        let all: Vec<&str> = whys.into_iter().chain(damaged.iter().map(String::as_str)).collect();
        if all.is_empty() {
            return Ok(());
        }
        let message =
            format!("Something stored cannot be read, and a bundle needs it: {}", listed(&all));
        Err(Problem::new(Code::StorageUnavailable, message, BEGIN_ANEW))
    }

    /// Whether it is unknown what some request did.
    pub(super) fn lacks_outcomes(&self) -> bool {
        let is_request = |damage: &Damage| {
            matches!(damage.thing, DamagedThing::Request | DamagedThing::ClosedRequest)
        };
        self.unread.iter().any(is_request)
    }

    /// A thing that is stored anew can be read again.
    pub(super) fn forget_unread(&mut self, commit: &Commit) {
        self.unread.retain(|damage| match &damage.thing {
            DamagedThing::Settings => commit.settings.is_none(),
            DamagedThing::Job(Some(job)) => commit.jobs.iter().all(|stored| stored.id != *job),
            _ => true,
        });
    }

    /// Whether it is known which records are held and which are gone.
    pub(super) fn check_submissions(&self) -> Result<(), Problem> {
        self.check(&[DamagedThing::Request, DamagedThing::Dismissals], "no new request is taken")
    }

    /// Whether it is known which records are gone.
    pub(super) fn check_imports(&self) -> Result<(), Problem> {
        self.check(&[DamagedThing::Dismissals], "no dump is taken, lest records come back")
    }

    fn check(&self, things: &[DamagedThing], so: &str) -> Result<(), Problem> {
        for thing in things {
            let found = self.unread.iter().filter(|damage| damage.thing == *thing);
            let whys: Vec<&str> = found.map(|damage| damage.why.as_str()).collect();
            if !whys.is_empty() {
                let message = format!("{}, so {so}: {}", unknown(thing), listed(&whys));
                return Err(Problem::new(Code::StorageUnavailable, message, BEGIN_ANEW));
            }
        }
        Ok(())
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Says what cannot be read: one problem for each kind of thing.
    pub(super) fn name_unread(&self) {
        let problems = problems_of(&self.see().unread);
        for problem in problems {
            self.announcer.announce(Event::Problem(problem));
        }
    }

    /// A window of the journal. In the place of a line that cannot be read stands one that says so.
    pub(super) async fn journal_window(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<JournalEntry>), StoreError> {
        match self.store.journal(offset, limit).await {
            Err(StoreError::Damaged(_)) => {}
            read => return read,
        }
        let (total, _) = self.store.journal(0, 0).await?;
        let mut entries: Vec<JournalEntry> = Vec::new();
        let mut damaged = Vec::new();
        // Halves of what could not be read, the next one last.
        let mut windows = vec![(offset, offset.saturating_add(limit).min(total))];
        while let Some((from, to)) = windows.pop() {
            match self.store.journal(from, to.saturating_sub(from)).await {
                Err(StoreError::Damaged(_)) if to - from > 1 => {
                    let middle = from + (to - from) / 2;
                    windows.extend([(middle, to), (from, middle)]);
                }
                Err(StoreError::Damaged(why)) => {
                    // Its neighbours tell what it no longer does: lines are numbered from 1, and follow each other.
                    let at = entries.last().map_or_else(|| self.clock.now(), |entry| entry.at);
                    let id = entries.last().map_or(from as u64, |entry| entry.id) + 1;
                    let details = json!({ "why": why });
                    entries.push(JournalEntry {
                        id,
                        at,
                        event: UNREADABLE.to_owned(),
                        details,
                        hash: None,
                    });
                    damaged.push(why);
                }
                read => entries.extend(read?.1),
            }
        }
        if !damaged.is_empty() {
            let whys: Vec<&str> = damaged.iter().map(String::as_str).collect();
            let message = format!("Lines of the journal cannot be read: {}", listed(&whys));
            let hint = "They stay as they are, and every other line is there";
            self.announcer.announce(Event::Problem(problem(message, hint, &whys)));
        }
        Ok((total, entries))
    }
}

fn problems_of(damaged: &[Damage]) -> Vec<Problem> {
    let mut kinds: Vec<&DamagedThing> = Vec::new();
    let mut problems = Vec::new();
    for Damage { thing, .. } in damaged {
        if kinds.iter().any(|kind| is_same(kind, thing)) {
            continue;
        }
        kinds.push(thing);
        let same = damaged.iter().filter(|other| is_same(&other.thing, thing));
        let whys: Vec<&str> = same.map(|damage| damage.why.as_str()).collect();
        let (what, hint) = words(thing);
        problems.push(problem(format!("{what}: {}", listed(&whys)), hint, &whys));
    }
    problems
}

fn is_same(one: &DamagedThing, other: &DamagedThing) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// What follows, and the way out.
fn words(thing: &DamagedThing) -> (String, &'static str) {
    match thing {
        DamagedThing::Manifest(_) => (
            "A stored dump cannot be read and is not shown".to_owned(),
            "Import its file again. What is stored of it stays until everything is removed",
        ),
        DamagedThing::Job(_) => (
            "The status of an integration job cannot be read; it is taken as stopped".to_owned(),
            "Set its status, and its requests go on",
        ),
        DamagedThing::ClosedRequest => (
            "A request that was over cannot be read and is not shown".to_owned(),
            "Nothing else is touched by it. The journal tells what came of it",
        ),
        DamagedThing::Request | DamagedThing::Dismissals => {
            let so = if *thing == DamagedThing::Request {
                "no new request is taken"
            } else {
                "no new request and no dump is taken"
            };
            (format!("{}, so {so}", unknown(thing)), BEGIN_ANEW)
        }
        DamagedThing::Settings => (
            "The settings cannot be read; the defaults are in force".to_owned(),
            "Change a setting: all of them are then stored anew",
        ),
    }
}

/// What nobody knows any more.
fn unknown(thing: &DamagedThing) -> &'static str {
    match thing {
        DamagedThing::Dismissals => {
            "Stored dismissals cannot be read: the desk does not know which records are gone for ever"
        }
        _ => "A stored request cannot be read: the desk does not know which records it holds",
    }
}

fn listed(whys: &[&str]) -> String {
    let more = whys.len().saturating_sub(NAMED);
    let named = whys[..whys.len() - more].join("; ");
    if more == 0 { named } else { format!("{named}; and {more} more") }
}

fn problem(message: String, hint: &str, whys: &[&str]) -> Problem {
    let details = json!({ "damaged": whys });
    Problem::new(Code::StorageUnavailable, message, hint).with_details(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_damaged_things_of_a_kind_are_one_problem() {
        let damage = |thing, number: usize| Damage { thing, why: format!("thing {number}") };
        let mut damaged: Vec<_> = (0..9).map(|n| damage(DamagedThing::ClosedRequest, n)).collect();
        damaged.push(damage(DamagedThing::Settings, 9));
        let problems = problems_of(&damaged);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].message.ends_with("thing 4; and 4 more"), "{}", problems[0]);
        assert_eq!(problems[0].details.as_ref().unwrap()["damaged"].as_array().unwrap().len(), 9);
    }
}
