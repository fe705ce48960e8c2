//! Answers worked out lately, kept while they hold.

use std::rc::Rc;

use crate::domain::{Column, DatasetId, Filter, Sort};

use super::comparison::Comparison;
use super::conditions::TextHits;
use super::dimension::DIMENSIONS;
use super::groups::{Axis, Group};
use super::index::Slot;
use super::missing::{Harvest, Missing};
use super::order::Order;
use super::roots::Roots;
use super::same_value::SameValue;
use super::selection::Selection;
use super::superseded::{Search, Superseded};

/// What the table keeps between questions.
///
/// Orders and text hits look at what rows say, so they outlive changes of state; selections do not.
#[derive(Debug, Default)]
pub(super) struct Caches {
    pub(super) orders: Recent<Column, Rc<Order>, 4>,
    pub(super) texts: Recent<String, Rc<TextHits>, 3>,
    pub(super) selections: Recent<Filter, Rc<Selection>, 6>,
    pub(super) listings: Recent<(Filter, Sort), Rc<Vec<Slot>>, 3>,
    pub(super) comparisons: Recent<(DatasetId, DatasetId), Rc<Comparison>, 2>,
    pub(super) span: Option<Option<(i64, i64)>>,
    /// By dimension. Names come with rows alone.
    pub(super) same_values: [Option<Rc<SameValue>>; DIMENSIONS],
    pub(super) groups: Recent<(Filter, Axis), Rc<Vec<Group>>, 3>,
    /// What messages say does not change with the state of rows.
    pub(super) missing: Option<Rc<Missing>>,
    /// How far it is read.
    pub(super) harvest: Option<Harvest>,
    pub(super) roots: Option<Rc<Roots>>,
    pub(super) superseded: Option<Rc<Superseded>>,
    /// How far they are looked for.
    pub(super) superseding: Option<Search>,
}

impl Caches {
    /// Rows came or went.
    pub(super) fn rows_changed(&mut self) {
        *self = Self::default();
    }

    /// Rows have other causes, by the user's rules. What they say and when does not change.
    pub(super) fn causes_changed(&mut self) {
        self.orders.retain(|column| *column != Column::Cause);
        self.selections.retain(|filter| filter.causes.is_empty());
        self.listings
            .retain(|(filter, sort)| filter.causes.is_empty() && sort.column != Column::Cause);
        self.groups.retain(|(filter, axis)| {
            filter.causes.is_empty() && *axis != Axis::Column(Column::Cause)
        });
    }

    /// Texts of dismissed rows are gone: nothing that was read out of them stays.
    pub(super) fn texts_erased(&mut self) {
        (self.missing, self.harvest, self.roots) = (None, None, None);
    }

    /// Rows changed state or were dismissed.
    pub(super) fn states_changed(&mut self) {
        self.selections = Recent::default();
        self.listings = Recent::default();
        self.groups = Recent::default();
        self.comparisons = Recent::default();
        self.span = None;
    }
}

/// The last `N` values by key, the newest first.
#[derive(Debug)]
pub(super) struct Recent<K, V, const N: usize>(Vec<(K, V)>);

impl<K, V, const N: usize> Default for Recent<K, V, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, V: Clone, const N: usize> Recent<K, V, N> {
    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        self.0[..=at].rotate_right(1);
        Some(self.0[0].1.clone())
    }

    /// The newest value that suits.
    pub(super) fn newest(&self, suits: impl Fn(&V) -> bool) -> Option<V> {
        self.0.iter().map(|(_, value)| value).find(|value| suits(value)).cloned()
    }

    /// Keeps the values of these keys.
    pub(super) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.0.retain(|(key, _)| keep(key));
    }

    pub(super) fn put(&mut self, key: K, value: V) {
        self.0.truncate(N - 1);
        self.0.insert(0, (key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let mut recent: Recent<u8, u8, 2> = Recent::default();
        recent.put(1, 10);
        recent.put(2, 20);
        assert_eq!(recent.get(&1), Some(10));
        recent.put(3, 30);
        assert_eq!([1, 2, 3].map(|key| recent.get(&key)), [Some(10), None, Some(30)]);
    }
}
