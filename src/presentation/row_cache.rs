//! The few pages of rows that the page keeps, and which ones to ask for next.
//!
//! Invariant: rows of another filter or order are never shown; rows that may have changed since are shown until newer
//! ones arrive, never longer than it takes to ask.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::dataset::Record;

/// Rows of one page.
pub const PAGE_ROWS: usize = 100;
/// Pages kept; the ones farthest from the screen go first.
const KEPT_PAGES: usize = 24;

#[derive(Clone, Debug)]
struct LoadedPage {
    rows: Vec<Arc<Record>>,
    edition: u64,
}

/// Pages by number. An *edition* is a state of the data under an unchanged filter and order.
#[derive(Clone, Debug, Default)]
pub struct RowCache {
    pages: BTreeMap<usize, LoadedPage>,
    edition: u64,
}

impl RowCache {
    /// Forgets everything: the filter or the order changed.
    pub fn clear(&mut self) {
        self.pages.clear();
        self.edition += 1;
    }

    /// The data changed under the same filter and order: pages stay on show and are asked for again.
    pub fn outdate(&mut self) {
        self.edition += 1;
    }

    /// The edition that an answer asked for now will be of.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// The row, if its page is here.
    pub fn row(&self, index: usize) -> Option<Arc<Record>> {
        self.pages.get(&(index / PAGE_ROWS))?.rows.get(index % PAGE_ROWS).cloned()
    }

    /// Puts a page in; one that is newer already stays. Pages far from it are dropped beyond the number kept.
    pub fn insert(&mut self, page: usize, rows: Vec<Record>, edition: u64) {
        if self.pages.get(&page).is_some_and(|kept| kept.edition > edition) {
            return;
        }
        let rows = rows.into_iter().map(Arc::new).collect();
        self.pages.insert(page, LoadedPage { rows, edition });
        while self.pages.len() > KEPT_PAGES {
            let farthest = self.pages.keys().copied().max_by_key(|kept| kept.abs_diff(page));
            if let Some(farthest) = farthest {
                self.pages.remove(&farthest);
            }
        }
    }

    /// The page to ask for next so that `visible` of `total` rows can be shown: what is missing on the screen first,
    /// then what is outdated there, then the neighbours. `None` where nothing is needed. Pages on their way are left out.
    pub fn next_page(
        &self,
        visible: Range<usize>,
        total: usize,
        asked: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        if total == 0 || visible.is_empty() {
            return None;
        }
        let last = (total - 1) / PAGE_ROWS;
        let (first_shown, last_shown) =
            (visible.start / PAGE_ROWS, ((visible.end - 1) / PAGE_ROWS).min(last));
        let shown = first_shown..=last_shown;
        let is_free = |page: &usize| !asked(*page);
        let is_missing = |page: &usize| !self.pages.contains_key(page);
        let is_old =
            |page: &usize| self.pages.get(page).is_none_or(|kept| kept.edition < self.edition);
        let neighbours =
            [Some(last_shown + 1).filter(|page| *page <= last), first_shown.checked_sub(1)];
        shown
            .clone()
            .find(|page| is_missing(page) && is_free(page))
            .or_else(|| shown.clone().find(|page| is_old(page) && is_free(page)))
            .or_else(|| neighbours.into_iter().flatten().find(|page| is_old(page) && is_free(page)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Source;
    use crate::domain::{DatasetId, RecordState};

    fn record(row: usize) -> Record {
        Record {
            id: row.to_string(),
            occurred_at: None,
            job: String::new(),
            entity: String::new(),
            map: String::new(),
            data_source: String::new(),
            company: String::new(),
            direction: String::new(),
            category: String::new(),
            category_inferred: false,
            error_code: String::new(),
            record_key: String::new(),
            message: String::new(),
            retry_count: None,
            cause: String::new(),
            state: RecordState::Open,
            source: Source { dataset: DatasetId(1), row: row as u32 },
            extra: None,
        }
    }

    fn page(number: usize) -> Vec<Record> {
        (number * PAGE_ROWS..(number + 1) * PAGE_ROWS).map(record).collect()
    }

    #[test]
    fn the_screen_comes_first_then_its_neighbours() {
        let mut cache = RowCache::default();
        let (visible, total) = (250..290, 10_000);
        assert_eq!(cache.next_page(visible.clone(), total, |_| false), Some(2));
        cache.insert(2, page(2), cache.edition());
        assert_eq!(cache.row(255).unwrap().id, "255");
        assert_eq!(cache.next_page(visible.clone(), total, |_| false), Some(3));
        assert_eq!(cache.next_page(visible.clone(), total, |page| page == 3), Some(1));
        cache.insert(3, page(3), cache.edition());
        cache.insert(1, page(1), cache.edition());
        assert_eq!(cache.next_page(visible, total, |_| false), None);
    }

    #[test]
    fn outdated_rows_stay_on_show_and_are_asked_for_again() {
        let mut cache = RowCache::default();
        cache.insert(0, page(0), cache.edition());
        cache.outdate();
        assert!(cache.row(7).is_some());
        assert_eq!(cache.next_page(0..30, 100, |_| false), Some(0));
        cache.insert(0, page(0), cache.edition());
        assert_eq!(cache.next_page(0..30, 100, |_| false), None);
    }

    #[test]
    fn an_older_answer_does_not_replace_a_newer_one() {
        let mut cache = RowCache::default();
        let old = cache.edition();
        cache.outdate();
        cache.insert(0, page(5), cache.edition());
        cache.insert(0, page(0), old);
        assert_eq!(cache.row(0).unwrap().id, "500");
    }

    #[test]
    fn memory_stays_small_and_the_screen_stays() {
        let mut cache = RowCache::default();
        for number in 0..200 {
            cache.insert(number, page(number), 0);
        }
        assert_eq!(cache.pages.len(), KEPT_PAGES);
        assert!(cache.row(199 * PAGE_ROWS).is_some() && cache.row(0).is_none());
    }

    #[test]
    fn nothing_is_asked_beyond_the_end() {
        let cache = RowCache::default();
        assert_eq!(cache.next_page(0..0, 0, |_| false), None);
        assert_eq!(cache.next_page(0..20, 20, |page| page == 0), None);
    }
}
