//! Causes as the user groups them: the rules of `domain::CauseRule`, followed over every chunk.
//!
//! A chunk whose causes the rules change keeps its own beside, so that a rule taken back leaves no trace. What is stored are
//! the own ones.
//!
//! Invariant: every answer of the table speaks of causes after the rules; a chunk without details has yet to follow those
//! that read messages.

use std::cell::OnceCell;

use hashbrown::HashMap;

use crate::domain::{CauseAction, CauseRule, RecordId};

use super::Table;
use super::bits::Bits;
use super::chunk::Chunk;
use super::dictionary::Dictionary;
use super::dimension::Dimension;
use super::index::place;
use super::needle::Needle;
use super::packed::Packed;

const CAUSE: usize = Dimension::Cause as usize;

impl Table {
    /// Follows these rules from now on, and no others.
    pub fn set_cause_rules(&mut self, rules: &[CauseRule]) {
        if self.cause_rules == rules {
            return;
        }
        // Rules that come behind those in force start from where these have led.
        let known = if rules.starts_with(&self.cause_rules) { self.cause_rules.len() } else { 0 };
        self.cause_rules = rules.to_vec();
        for at in 0..self.chunks.len() {
            self.regroup_from(at, known);
        }
        self.caches.get_mut().causes_changed();
    }

    /// Whether a rule in force looks at what messages say.
    pub(super) fn groups_by_message(&self) -> bool {
        self.cause_rules.iter().any(|rule| rule.action.reads_messages())
    }

    /// Groups the rows of a chunk anew, from their own causes.
    pub(super) fn regroup(&mut self, at: usize) {
        self.regroup_from(at, 0);
    }

    /// Groups the rows of a chunk by the rules from one on, those before it being followed already; from the first one on
    /// anew.
    fn regroup_from(&mut self, at: usize, first: usize) {
        let chunk = &mut self.chunks[at];
        if first == 0
            && let Some(own) = chunk.own_causes.take()
        {
            chunk.codes[CAUSE] = own;
            chunk.forget_counts(Dimension::Cause);
        }
        if self.cause_rules.len() <= first {
            return;
        }
        let mut codes = Vec::with_capacity(chunk.rows());
        chunk.codes[CAUSE].for_each(|code| codes.push(code));
        let mut changed = false;
        for rule in &self.cause_rules[first..] {
            changed |= follow(&rule.action, chunk, &mut self.dictionaries, &mut codes);
        }
        if changed {
            let before = std::mem::replace(&mut chunk.codes[CAUSE], Packed::new(&codes));
            chunk.own_causes.get_or_insert(before);
            chunk.forget_counts(Dimension::Cause);
        }
    }

    /// The cause that a record has of its own, and the rules that gave it another, in their order.
    pub fn cause_path(&self, id: RecordId) -> Option<(&str, Vec<u32>)> {
        let (at, row) = place(self.live_slot(id)?);
        let chunk = &self.chunks[at];
        let own = self.dictionary(Dimension::Cause).get(chunk.own_causes().get(row));
        let (mut cause, mut rules) = (own.to_owned(), Vec::new());
        for rule in &self.cause_rules {
            let next = match &rule.action {
                CauseAction::Merge { into, causes } => {
                    causes.contains(&cause).then(|| into.clone())
                }
                CauseAction::SplitBy { cause: split, column } if *split == cause => {
                    Dimension::of(*column)
                        .map(|by| CauseAction::part(split, self.text(chunk, by, row)))
                }
                CauseAction::SplitText { cause: split, text } if *split == cause => {
                    let message = chunk.details().messages.get(row);
                    let holds = Needle::new(text).is_some_and(|needle| needle.is_in(&message));
                    holds.then(|| CauseAction::part(split, text))
                }
                _ => None,
            };
            if let Some(next) = next.filter(|next| *next != cause) {
                cause = next;
                rules.push(rule.id);
            }
        }
        Some((own, rules))
    }
}

/// Follows a rule over the causes of a chunk; whether any changed is told.
fn follow(
    action: &CauseAction,
    chunk: &Chunk,
    dictionaries: &mut [Dictionary],
    codes: &mut [u32],
) -> bool {
    let mut changed = false;
    let mut set = |code: &mut u32, to: u32| {
        changed |= *code != to;
        *code = to;
    };
    match action {
        CauseAction::Merge { into, causes } => {
            let ended: Vec<u32> =
                causes.iter().filter_map(|cause| dictionaries[CAUSE].find(cause)).collect();
            if !codes.iter().any(|code| ended.contains(code)) {
                return false;
            }
            let into = dictionaries[CAUSE].intern(into);
            codes.iter_mut().filter(|code| ended.contains(code)).for_each(|code| set(code, into));
        }
        CauseAction::SplitBy { cause, column } => {
            let (Some(split), Some(by)) = (dictionaries[CAUSE].find(cause), Dimension::of(*column))
            else {
                return false;
            };
            let mut parts: HashMap<u32, u32> = HashMap::new();
            for (row, code) in codes.iter_mut().enumerate().filter(|(_, code)| **code == split) {
                let value = chunk.codes[by as usize].get(row);
                let part = *parts.entry(value).or_insert_with(|| {
                    let part = CauseAction::part(cause, dictionaries[by as usize].get(value));
                    dictionaries[CAUSE].intern(&part)
                });
                set(code, part);
            }
        }
        CauseAction::SplitText { cause, text } => {
            let (Some(split), true, Some(needle)) =
                (dictionaries[CAUSE].find(cause), chunk.is_whole(), Needle::new(text))
            else {
                return false;
            };
            let mut of_cause = Bits::all(codes.len());
            of_cause.and_where(codes, |code| code == split);
            if of_cause.is_empty() {
                return false;
            }
            let messages = &chunk.details().messages;
            // Where most rows are of other causes, their messages need not be looked at.
            if of_cause.count() * messages.rows_searched_at_once() <= of_cause.len() {
                of_cause = messages.search_among(&needle, &of_cause);
            } else {
                of_cause.and(&messages.search(&needle));
            }
            let part = OnceCell::new();
            for row in of_cause.ones() {
                let part = *part
                    .get_or_init(|| dictionaries[CAUSE].intern(&CauseAction::part(cause, text)));
                set(&mut codes[row], part);
            }
        }
    }
    changed
}
