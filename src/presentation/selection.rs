//! Which records the user has selected: single ones, or everything that matches the filter.
//!
//! Deliberately absent: rows that are not loaded (the caller asks the engine for their ids). Invariant: single picks
//! never exceed [`PICK_LIMIT`], no id is picked twice, and ids keep the order in which they were picked.

use hashbrown::HashSet;

/// The most records that are listed one by one; a longer list is better told as "all that match".
pub const PICK_LIMIT: usize = 10_000;

/// More single records than are listed one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "at most 10,000 records can be picked one by one; narrow the filter and select all that match"
)]
pub struct TooManyPicked;

/// What is selected, and where a range begins.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    ids: Vec<String>,
    set: HashSet<String>,
    everything: bool,
    anchor: Option<usize>,
}

impl Selection {
    /// Nothing is selected.
    pub fn is_empty(&self) -> bool {
        !self.everything && self.ids.is_empty()
    }

    /// Everything that matches the filter is selected.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Single picks, in the order of picking; empty where everything is selected.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Selected records, where `matching` match the filter.
    pub fn count(&self, matching: usize) -> usize {
        if self.everything { matching } else { self.ids.len() }
    }

    /// Whether the record, which matches the filter, is selected.
    pub fn contains(&self, id: &str) -> bool {
        self.everything || self.set.contains(id)
    }

    /// The row where a range begins: the last one that was picked alone.
    pub fn anchor(&self) -> Option<usize> {
        self.anchor
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        *self = Self { anchor: self.anchor, ..Self::default() };
    }

    /// Selects everything that matches.
    pub fn select_everything(&mut self) {
        *self = Self { everything: true, anchor: self.anchor, ..Self::default() };
    }

    /// Selects the record at `row` and nothing else.
    pub fn pick_only(&mut self, row: usize, id: &str) {
        *self = Self { anchor: Some(row), ..Self::default() };
        self.ids.push(id.to_owned());
        self.set.insert(id.to_owned());
    }

    /// Adds the record at `row`, or takes it out. Where everything was selected, single picks begin anew with it.
    pub fn toggle(&mut self, row: usize, id: &str) -> Result<(), TooManyPicked> {
        if self.everything {
            self.pick_only(row, id);
            return Ok(());
        }
        if self.set.remove(id) {
            self.ids.retain(|picked| picked != id);
        } else if self.ids.len() >= PICK_LIMIT {
            return Err(TooManyPicked);
        } else {
            self.ids.push(id.to_owned());
            self.set.insert(id.to_owned());
        }
        self.anchor = Some(row);
        Ok(())
    }

    /// Selects exactly these records, as a range does; the anchor stays. More than the limit change nothing.
    pub fn pick_range(
        &mut self,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), TooManyPicked> {
        let mut picked = Self { anchor: self.anchor, ..Self::default() };
        for id in ids {
            if picked.set.insert(id.clone()) {
                picked.ids.push(id);
            }
        }
        if picked.ids.len() > PICK_LIMIT {
            return Err(TooManyPicked);
        }
        *self = picked;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_keep_their_order_and_come_out_again() {
        let mut selection = Selection::default();
        selection.pick_only(3, "c");
        selection.toggle(1, "a").unwrap();
        selection.toggle(2, "b").unwrap();
        selection.toggle(1, "a").unwrap();
        assert_eq!(selection.ids(), ["c", "b"]);
        assert!(!selection.contains("a") && selection.contains("b"));
        assert_eq!(selection.anchor(), Some(1));
        selection.pick_only(9, "z");
        assert_eq!(selection.ids(), ["z"]);
    }

    #[test]
    fn everything_is_a_count_not_a_list() {
        let mut selection = Selection::default();
        selection.select_everything();
        assert!(selection.contains("whatever") && selection.ids().is_empty());
        assert_eq!(selection.count(63_204), 63_204);
        selection.toggle(0, "a").unwrap();
        assert_eq!((selection.is_everything(), selection.count(63_204)), (false, 1));
    }

    #[test]
    fn a_range_replaces_and_is_capped_without_losing_what_was() {
        let mut selection = Selection::default();
        selection.pick_only(0, "0");
        let too_many = (0..=PICK_LIMIT).map(|row| row.to_string());
        assert_eq!(selection.pick_range(too_many), Err(TooManyPicked));
        assert_eq!(selection.ids(), ["0"]);
        selection.pick_range((0..PICK_LIMIT).map(|row| row.to_string())).unwrap();
        assert_eq!(selection.count(0), PICK_LIMIT);
        assert_eq!(selection.toggle(0, "one more"), Err(TooManyPicked));
        assert_eq!(selection.anchor(), Some(0));
    }
}
