//! Which values of a dimension are one to a filter: those that differ in letter case alone, except causes.
//!
//! Whoever counts by value counts these together, so that a count is that of the filter that names any of them.

use std::rc::Rc;

use hashbrown::HashMap;

use super::Table;
use super::dimension::Dimension;

/// For each code the one that stands for its value.
#[derive(Debug)]
pub(super) struct SameValue(Option<Vec<u32>>);

impl SameValue {
    /// The code that stands for this one; the same for all that are one value.
    pub(super) fn of(&self, code: u32) -> u32 {
        self.0.as_ref().map_or(code, |stand_ins| stand_ins[code as usize])
    }

    /// Adds the count of each code to that of the one that stands for its value.
    pub(super) fn join(&self, counts: &mut [usize]) {
        let stand_ins = self.0.iter().flatten().map(|stand_in| *stand_in as usize);
        for (code, stand_in) in stand_ins.enumerate().filter(|(code, stand_in)| code != stand_in) {
            counts[stand_in] += std::mem::take(&mut counts[code]);
        }
    }
}

impl Table {
    /// Which codes of a dimension are one value.
    pub(super) fn same_values(&self, dimension: Dimension) -> Rc<SameValue> {
        if let Some(known) = &self.caches.borrow().same_values[dimension as usize] {
            return Rc::clone(known);
        }
        let made = Rc::new(self.find_same_values(dimension));
        self.caches.borrow_mut().same_values[dimension as usize] = Some(Rc::clone(&made));
        made
    }

    fn find_same_values(&self, dimension: Dimension) -> SameValue {
        if dimension == Dimension::Cause {
            return SameValue(None);
        }
        let names = self.dictionary(dimension);
        let mut known: HashMap<String, u32> = HashMap::with_capacity(names.len());
        let stand_ins: Vec<u32> = (0..)
            .zip(names.iter())
            .map(|(code, name)| *known.entry(name.to_ascii_lowercase()).or_insert(code))
            .collect();
        SameValue((known.len() < stand_ins.len()).then_some(stand_ins))
    }
}
