//! The references that messages say are missing: which rows name which, how many, and the errors of the missing records
//! themselves.
//!
//! What a message names is read by whoever knows messages ([`Harvester`]); it is read once, when it is first asked for, and
//! kept until rows come or go. Errors of one cause say the same, so a cause whose first row names none is passed over.
//!
//! Invariant: the count of a reference is the count of the filter that names it.

use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashMap;

use crate::domain::{Filter, MissingReference, RecordId};

use super::Table;
use super::bits::Bits;
use super::dimension::Dimension;

/// Reads a message, and calls back with canonical entity and key of each missing reference.
pub type Harvester = fn(&str, &mut dyn FnMut(&str, &str));

/// What all messages name.
#[derive(Debug, Default)]
pub(super) struct Missing {
    pub(super) references: Vec<MissingReference>,
    /// For each chunk, the rows in order and the references that each names, none twice.
    pub(super) rows: Vec<Vec<(u32, u32)>>,
}

/// The errors of a missing record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// How many.
    pub count: usize,
    /// The newest of them.
    pub newest: Option<RecordId>,
    /// The references that they name, by their place among those asked for.
    pub misses: Vec<usize>,
}

/// A missing reference among the records of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCount {
    /// The reference.
    pub reference: MissingReference,
    /// Records that name it.
    pub count: usize,
    /// The errors of the missing record, whatever the filter; `None` where there is none.
    pub root: Option<Root>,
}

impl Table {
    /// By whom messages are read from now on.
    pub fn read_messages_by(&mut self, harvester: Harvester) {
        self.harvester = Some(harvester);
    }

    /// The references that the records of a filter name, by count, equally frequent ones by entity and key. The details of
    /// all chunks must be there.
    pub fn missing_references(&self, filter: &Filter) -> Vec<MissingCount> {
        let missing = self.missing();
        let selection = self.selection(filter);
        let mut counts = vec![0_usize; missing.references.len()];
        for (rows, passing) in missing.rows.iter().zip(selection.chunks()) {
            let named = rows.iter().filter(|(row, _)| passing.get(*row as usize));
            named.for_each(|(_, reference)| counts[*reference as usize] += 1);
        }
        let mut found: Vec<usize> = (0..counts.len()).filter(|at| counts[*at] > 0).collect();
        found.sort_unstable_by(|a, b| {
            let order = counts[*b].cmp(&counts[*a]);
            order.then_with(|| missing.references[*a].cmp(&missing.references[*b]))
        });
        let mut roots = self.roots(&missing, &found);
        let count = |(place, at): (usize, &usize)| MissingCount {
            reference: missing.references[*at].clone(),
            count: counts[*at],
            root: roots.remove(&place),
        };
        found.iter().enumerate().map(count).collect()
    }

    /// The references that one record names.
    pub fn missing_of(&self, id: RecordId) -> Vec<MissingReference> {
        let Some((at, row)) = self.live_slot(id).map(super::index::place) else {
            return Vec::new();
        };
        let mut found: Vec<MissingReference> = Vec::new();
        if let Some(harvester) = self.harvester {
            self.chunks[at].details().messages.with(row, |message| {
                harvester(message, &mut |entity, key| {
                    let one = MissingReference { entity: entity.to_owned(), key: key.to_owned() };
                    if !found.contains(&one) {
                        found.push(one);
                    }
                });
            });
        }
        found
    }

    /// The rows of a chunk that name one of the references that the words of a filter mean.
    pub(super) fn rows_missing(&self, at: usize, accepts: &[bool]) -> Bits {
        let mut rows = Bits::none(self.chunks[at].rows());
        let missing = self.missing();
        let named = missing.rows[at].iter().filter(|(_, reference)| accepts[*reference as usize]);
        named.for_each(|(row, _)| rows.set(*row as usize));
        rows
    }

    /// Which references the words of a filter mean.
    pub(super) fn meant(&self, words: &[String]) -> Vec<bool> {
        let missing = self.missing();
        let is_meant = |one: &MissingReference| words.iter().any(|word| one.is_meant_by(word));
        missing.references.iter().map(is_meant).collect()
    }

    pub(super) fn missing(&self) -> Rc<Missing> {
        if let Some(known) = &self.caches.borrow().missing {
            return Rc::clone(known);
        }
        let made = Rc::new(self.harvest());
        self.caches.borrow_mut().missing = Some(Rc::clone(&made));
        made
    }

    fn harvest(&self) -> Missing {
        let Some(harvester) = self.harvester else {
            return Missing { rows: vec![Vec::new(); self.chunks.len()], ..Missing::default() };
        };
        let mut found = Missing::default();
        let mut numbers: HashMap<MissingReference, u32> = HashMap::new();
        // By cause: whether its errors name any.
        let mut speaks: Vec<Option<bool>> = vec![None; self.dictionary(Dimension::Cause).len()];
        for chunk in &self.chunks {
            let (messages, causes) = (&chunk.details().messages, chunk.own_causes());
            let mut rows: Vec<(u32, u32)> = Vec::new();
            for row in (0..chunk.rows()).filter(|row| chunk.is_live(*row)) {
                let cause = causes.get(row) as usize;
                if speaks[cause] == Some(false) {
                    continue;
                }
                let before = rows.len();
                messages.with(row, |message| {
                    harvester(message, &mut |entity, key| {
                        let one =
                            MissingReference { entity: entity.to_owned(), key: key.to_owned() };
                        let next = found.references.len() as u32;
                        let number = *numbers.entry(one).or_insert_with_key(|one| {
                            found.references.push(one.clone());
                            next
                        });
                        if !rows[before..].iter().any(|(_, other)| *other == number) {
                            rows.push((row as u32, number));
                        }
                    });
                });
                speaks[cause].get_or_insert(rows.len() > before);
            }
            found.rows.push(rows);
        }
        found
    }

    /// The errors of missing records, by the place of the reference in `wanted`.
    fn roots(&self, missing: &Missing, wanted: &[usize]) -> BTreeMap<usize, Root> {
        let entities = self.dictionary(Dimension::Entity);
        // Entity and key, as record keys are compared.
        let mut places: HashMap<(u32, String), Vec<usize>> = HashMap::new();
        let mut is_wanted = vec![false; entities.len()];
        let mut place_of: HashMap<u32, usize> = HashMap::new();
        for (place, at) in wanted.iter().enumerate() {
            place_of.insert(*at as u32, place);
            let reference = &missing.references[*at];
            if let Some(code) = entities.find(&reference.entity) {
                is_wanted[code as usize] = true;
                let key = (code, plain_key(&reference.key, ""));
                places.entry(key).or_default().push(place);
            }
        }
        let mut roots: BTreeMap<usize, Root> = BTreeMap::new();
        if places.is_empty() {
            return roots;
        }
        let mut newest: HashMap<usize, (i64, RecordId)> = HashMap::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let codes = &chunk.codes[Dimension::Entity as usize];
            for row in (0..chunk.rows()).filter(|row| chunk.is_live(*row)) {
                let entity = codes.get(row);
                if !is_wanted[entity as usize] {
                    continue;
                }
                let company = self.text(chunk, Dimension::Company, row);
                let key = chunk.details().record_keys.with(row, |key| plain_key(key, company));
                let Some(found) = places.get(&(entity, key)) else { continue };
                let named = &missing.rows[at];
                let first = named.partition_point(|(other, _)| (*other as usize) < row);
                let misses = named[first..].iter().take_while(|(other, _)| *other as usize == row);
                let misses: Vec<usize> =
                    misses.filter_map(|(_, one)| place_of.get(one).copied()).collect();
                let (time, id) = (chunk.columns.times[row], chunk.record_id(row));
                for place in found {
                    let root = roots.entry(*place).or_default();
                    root.count += 1;
                    root.misses.extend(&misses);
                    let so_far = newest.entry(*place).or_insert((time, id));
                    *so_far = (*so_far).max((time, id));
                }
            }
        }
        for (place, root) in &mut roots {
            root.newest = newest.get(place).map(|(_, id)| *id);
            root.misses.sort_unstable();
            root.misses.dedup();
        }
        roots
    }
}

/// A key as keys are compared: parts between `|` or `,` without blanks, letter case, and the record's own company.
fn plain_key(key: &str, company: &str) -> String {
    let parts = key.split(['|', ',']).map(str::trim);
    let own = |part: &&str| {
        !part.is_empty() && (company.is_empty() || !part.eq_ignore_ascii_case(company))
    };
    let parts: Vec<&str> = parts.filter(own).collect();
    parts.join("|").to_lowercase()
}
