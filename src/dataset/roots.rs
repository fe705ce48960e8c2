//! The errors of missing records themselves: what others wait for may have failed itself.
//!
//! A record is a missing one where its entity is that of the reference and its key says the same, the record's own company
//! aside. Worked out for all references at once and kept: it does not depend on a filter.

use std::rc::Rc;

use hashbrown::HashMap;

use crate::domain::{MissingReference, RecordId};

use super::Table;
use super::dimension::Dimension;
use super::missing::Missing;

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

/// Roots by the number of the reference, and the number of live rows that they were worked out from.
#[derive(Debug)]
pub(super) struct Roots {
    /// `misses` are numbers of references.
    pub(super) by_reference: HashMap<u32, Root>,
    of: usize,
}

/// References of one entity by their plain key.
type ByKey = HashMap<String, Vec<u32>>;

impl Table {
    pub(super) fn roots(&self, missing: &Missing) -> Rc<Roots> {
        let live = self.len();
        // Rows that come or go empty the cache; dismissals make fewer rows live.
        if let Some(known) = self.caches.borrow().roots.clone().filter(|one| one.of == live) {
            return known;
        }
        let made = Rc::new(Roots { by_reference: self.find_roots(missing), of: live });
        self.caches.borrow_mut().roots = Some(Rc::clone(&made));
        made
    }

    fn find_roots(&self, missing: &Missing) -> HashMap<u32, Root> {
        let mut roots: HashMap<u32, Root> = HashMap::new();
        let wanted = self.by_entity(&missing.references);
        if wanted.iter().all(Option::is_none) {
            return roots;
        }
        let mut newest: HashMap<u32, (i64, RecordId)> = HashMap::new();
        let (mut key, mut plain) = (String::new(), String::new());
        for (at, chunk) in self.chunks.iter().enumerate() {
            let codes = &chunk.codes[Dimension::Entity as usize];
            let keys = &chunk.details().record_keys;
            for row in 0..chunk.rows() {
                let Some(of_entity) = &wanted[codes.get(row) as usize] else { continue };
                if !chunk.is_live(row) {
                    continue;
                }
                let company = self.text(chunk, Dimension::Company, row);
                write_plain(keys.read(row, &mut key), company, &mut plain);
                let Some(found) = of_entity.get(plain.as_str()) else { continue };
                let named = &missing.rows[at];
                let first = named.partition_point(|(other, _)| (*other as usize) < row);
                let misses = named[first..].iter().take_while(|(other, _)| *other as usize == row);
                let misses: Vec<usize> = misses.map(|(_, one)| *one as usize).collect();
                let (time, id) = (chunk.columns.times[row], chunk.record_id(row));
                for reference in found {
                    let root = roots.entry(*reference).or_default();
                    root.count += 1;
                    root.misses.extend(&misses);
                    let so_far = newest.entry(*reference).or_insert((time, id));
                    *so_far = (*so_far).max((time, id));
                }
            }
        }
        for (reference, root) in &mut roots {
            root.newest = newest.get(reference).map(|(_, id)| *id);
            root.misses.sort_unstable();
            root.misses.dedup();
        }
        roots
    }

    /// By the code of the entity, the references to it.
    fn by_entity(&self, references: &[MissingReference]) -> Vec<Option<ByKey>> {
        let entities = self.dictionary(Dimension::Entity);
        let mut codes: HashMap<String, Vec<u32>> = HashMap::new();
        for (code, name) in (0..).zip(entities.iter()) {
            codes.entry(name.to_ascii_lowercase()).or_default().push(code);
        }
        let mut wanted: Vec<Option<ByKey>> = vec![None; entities.len()];
        let mut plain = String::new();
        for (number, reference) in (0..).zip(references) {
            let entity = reference.entity.to_ascii_lowercase();
            for code in codes.get(&entity).into_iter().flatten() {
                write_plain(&reference.key, "", &mut plain);
                let of_entity = wanted[*code as usize].get_or_insert_default();
                of_entity.entry_ref(plain.as_str()).or_default().push(number);
            }
        }
        wanted
    }
}

/// Writes a key as keys are compared: parts between `|` or `,` without blanks, letter case, and the record's own company.
fn write_plain(key: &str, company: &str, plain: &mut String) {
    plain.clear();
    for part in key.split(['|', ',']).map(str::trim) {
        let is_own = !company.is_empty() && part.eq_ignore_ascii_case(company);
        if part.is_empty() || is_own {
            continue;
        }
        if !plain.is_empty() {
            plain.push('|');
        }
        if part.is_ascii() {
            plain.extend(part.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        } else {
            plain.push_str(&part.to_lowercase());
        }
    }
}
