//! The references that messages say are missing: which rows name which, and how many.
//!
//! What a message names is read by whoever knows messages ([`Harvester`]), once, chunk by chunk, before or when it is first asked
//! for, and kept until rows come or go or texts are erased. Texts that cannot name any are passed over, which is told once for
//! what many rows say alike.
//! References whose entities differ in letter case alone are one, as they are to a filter.
//!
//! Invariant: the count of a reference is the count of the filter that names it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::rc::Rc;

use hashbrown::HashMap;

use crate::domain::{Filter, MissingReference, RecordId};

use super::Table;
use super::bits::Bits;
use super::chunk::Chunk;
use super::roots::Root;
use super::texts::Texts;

/// Is called with canonical entity and key of each missing reference.
pub type EachReference<'a> = &'a mut dyn FnMut(&str, &str);

/// Who knows what messages name.
#[derive(Clone, Copy, Debug)]
pub struct Harvester {
    /// Whether a text could name a reference. Also asked of texts whose numbers and GUIDs are left out.
    pub could_name: fn(&str) -> bool,
    /// Reads a message, and calls back with each missing reference.
    pub read: fn(&str, EachReference<'_>),
}

/// What all messages name.
#[derive(Debug, Default)]
pub(super) struct Missing {
    pub(super) references: Vec<MissingReference>,
    /// Their numbers, by entity and key.
    sorted: Vec<u32>,
    /// For each chunk, the rows in order and the references that each names, none twice.
    pub(super) rows: Vec<Vec<(u32, u32)>>,
}

/// The missing references among the records of a filter: by count, equally frequent ones by entity and key.
#[derive(Debug)]
pub struct MissingCounts {
    missing: Rc<Missing>,
    counts: Vec<Counted>,
}

/// A reference by its number, as [`MissingCount`] tells it.
#[derive(Debug)]
struct Counted {
    number: u32,
    count: usize,
    root: Option<Root>,
}

/// A missing reference among the records of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingCount<'a> {
    /// The reference.
    pub reference: &'a MissingReference,
    /// Records that name it.
    pub count: usize,
    /// The errors of the missing record, whatever the filter; `None` where there is none.
    pub root: Option<&'a Root>,
}

impl MissingCounts {
    /// How many.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The one at a place.
    pub fn get(&self, at: usize) -> MissingCount<'_> {
        let Counted { number, count, root } = &self.counts[at];
        let reference = &self.missing.references[*number as usize];
        MissingCount { reference, count: *count, root: root.as_ref() }
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = MissingCount<'_>> {
        (0..self.len()).map(|at| self.get(at))
    }
}

impl Table {
    /// By whom messages are read from now on.
    pub fn read_messages_by(&mut self, harvester: Harvester) {
        self.harvester = Some(harvester);
    }

    /// The references that the records of a filter name; of a filter that names references, those that it means. The details
    /// of all chunks must be there.
    pub fn missing_references(&self, filter: &Filter) -> MissingCounts {
        let missing = self.missing();
        let (selection, meant) = (self.selection(filter), self.meant_by(filter));
        let mut counts = vec![0_usize; missing.references.len()];
        for (rows, passing) in missing.rows.iter().zip(selection.chunks()) {
            let named = rows.iter().filter(|(row, _)| passing.get(*row as usize));
            named.for_each(|(_, reference)| counts[*reference as usize] += 1);
        }
        let is_meant = |at: usize| meant.as_ref().is_none_or(|meant| meant[at]);
        let is_found = |at: &u32| counts[*at as usize] > 0 && is_meant(*at as usize);
        let mut found: Vec<u32> = missing.sorted.iter().copied().filter(is_found).collect();
        found.sort_by_key(|at| Reverse(counts[*at as usize]));
        let roots = self.roots(&missing);
        let mut place_of = vec![None; counts.len()];
        found.iter().enumerate().for_each(|(place, at)| place_of[*at as usize] = Some(place));
        let root = |at: u32| {
            let Root { count, newest, misses } = roots.by_reference.get(&at)?;
            let misses = misses.iter().filter_map(|one| place_of[*one]).collect();
            Some(Root { count: *count, newest: *newest, misses })
        };
        let counted =
            |number: u32| Counted { number, count: counts[number as usize], root: root(number) };
        let counts = found.into_iter().map(counted).collect();
        MissingCounts { missing, counts }
    }

    /// The references that one record names.
    pub fn missing_of(&self, id: RecordId) -> Vec<MissingReference> {
        let mut found: Vec<MissingReference> = Vec::new();
        if let (Some(harvester), Some((message, _))) = (self.harvester, self.message_and_code(id)) {
            (harvester.read)(&message, &mut |entity, key| {
                let one = MissingReference { entity: entity.to_owned(), key: key.to_owned() };
                if !found.contains(&one) {
                    found.push(one);
                }
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

    /// Which references a filter means; `None` where it names none.
    pub(super) fn meant_by(&self, filter: &Filter) -> Option<Vec<bool>> {
        let words = Some(&filter.missing).filter(|words| !words.is_empty())?;
        let is_meant = |one: &MissingReference| words.iter().any(|word| one.is_meant_by(word));
        Some(self.missing().references.iter().map(is_meant).collect())
    }

    pub(super) fn missing(&self) -> Rc<Missing> {
        loop {
            if let Some(known) = &self.caches.borrow().missing {
                return Rc::clone(known);
            }
            self.harvest_step();
        }
    }

    /// Whether messages wait to be read for what they say is missing.
    pub fn is_to_be_harvested(&self) -> bool {
        !self.chunks.is_empty()
            && self.caches.borrow().missing.is_none()
            && self.chunks.iter().all(Chunk::is_whole)
    }

    /// Reads the messages of the next chunk that waits for it, for moments in which nothing else is to be done; whether there
    /// was one is told. After the last one the references are sorted.
    pub fn harvest_next(&self) -> bool {
        let is_left = self.is_to_be_harvested();
        if is_left {
            self.harvest_step();
        }
        is_left
    }

    fn harvest_step(&self) {
        let mut harvest = self.caches.borrow_mut().harvest.take().unwrap_or_default();
        if let Some(chunk) = self.chunks.get(harvest.rows.len()) {
            let read = self.harvester.map(|by| harvest.numbers.harvest(chunk, &by));
            harvest.rows.push(read.unwrap_or_default());
        }
        let mut caches = self.caches.borrow_mut();
        if harvest.rows.len() < self.chunks.len() {
            caches.harvest = Some(harvest);
        } else {
            let Harvest { numbers, rows } = harvest;
            caches.missing = Some(Rc::new(Missing::new(numbers.references, rows)));
        }
    }
}

impl Missing {
    fn new(references: Vec<MissingReference>, rows: Vec<Vec<(u32, u32)>>) -> Self {
        let mut sorted: Vec<u32> = (0..references.len() as u32).collect();
        sorted.sort_unstable_by(|a, b| references[*a as usize].cmp(&references[*b as usize]));
        Self { references, sorted, rows }
    }
}

/// What the first chunks name.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    numbers: Numbers,
    rows: Vec<Vec<(u32, u32)>>,
}

/// References by number, and numbers by entity, without regard to letter case, and key.
#[derive(Debug, Default)]
struct Numbers {
    references: Vec<MissingReference>,
    known: HashMap<String, HashMap<String, u32>>,
}

impl Numbers {
    fn number(&mut self, entity: &str, key: &str) -> u32 {
        let mut folded = Cow::Borrowed(entity);
        if entity.bytes().any(|byte| byte.is_ascii_uppercase()) {
            folded.to_mut().make_ascii_lowercase();
        }
        let of_entity = self.known.entry_ref(folded.as_ref()).or_default();
        let next = self.references.len() as u32;
        let number = *of_entity.entry_ref(key).or_insert(next);
        if number == next {
            let (entity, key) = (entity.to_owned(), key.to_owned());
            self.references.push(MissingReference { entity, key });
        }
        number
    }

    /// The rows of a chunk, and what each names.
    fn harvest(&mut self, chunk: &Chunk, harvester: &Harvester) -> Vec<(u32, u32)> {
        let messages = &chunk.details().messages;
        let mut rows: Vec<(u32, u32)> = Vec::new();
        let mut named: Vec<u32> = Vec::new();
        let mut read = |message: &str, named: &mut Vec<u32>| {
            named.clear();
            (harvester.read)(message, &mut |entity, key| {
                let number = self.number(entity, key);
                if !named.contains(&number) {
                    named.push(number);
                }
            });
        };
        let live = (0..chunk.rows()).filter(|row| chunk.is_live(*row));
        match messages {
            Texts::Repeated(texts, codes) => {
                // A text that many rows have is read once.
                let mut known: Vec<Option<Vec<u32>>> = vec![None; texts.len()];
                for row in live {
                    let code = codes.get(row) as usize;
                    let names = known[code].get_or_insert_with(|| {
                        read(texts.get(code), &mut named);
                        named.clone()
                    });
                    rows.extend(names.iter().map(|number| (row as u32, *number)));
                }
            }
            Texts::Templates(templates) => {
                let could: Vec<bool> =
                    templates.parts().0.iter().map(harvester.could_name).collect();
                let mut message = String::new();
                for row in live.filter(|row| could[templates.code(*row)]) {
                    message.clear();
                    templates.read(row, &mut message);
                    read(&message, &mut named);
                    rows.extend(named.iter().map(|number| (row as u32, *number)));
                }
            }
            Texts::Plain(_) | Texts::Guids(_) => {
                for row in live {
                    messages.with(row, |message| read(message, &mut named));
                    rows.extend(named.iter().map(|number| (row as u32, *number)));
                }
            }
        }
        rows
    }
}
