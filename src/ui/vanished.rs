//! Notices at a start that what was stored here is gone: some browsers remove a database that they find damaged, or to make
//! room, without a word. The page remembers, apart from the database, whether dumps were there.
//!
//! Deliberately absent: the same while the page is open, which the engine notices by itself.

use leptos::prelude::*;

use crate::domain::DatasetId;
use crate::platform::preferences;
use crate::protocol::DatasetView;
use crate::ui::session::Session;

/// Whether dumps were there when last seen: `yes` or `no`.
const DUMPS: &str = "dumpsWereThere";

fn were_there() -> bool {
    preferences::read(DUMPS).as_deref() == Some("yes")
}

impl Session {
    /// A dump came or went. One that is not shown yet has come; it is remembered before anybody is told that it is stored,
    /// for the page may be gone before it is shown.
    pub(super) fn notice_what_came(self, dataset: DatasetId) {
        let is_new = |list: &Vec<DatasetView>| list.iter().all(|shown| shown.id != dataset);
        if self.datasets.with_untracked(|list| list.as_ref().is_some_and(is_new)) && !were_there() {
            preferences::write(DUMPS, "yes");
        }
    }

    /// Compares the first answer with what was there the last time, and remembers every one.
    pub(super) fn notice_what_vanished(self, is_first: bool, is_empty: bool) {
        let were_there = were_there();
        if is_first && is_empty && were_there {
            self.warn(
                "The dumps that were stored here are gone: the browser removed them, or somebody did outside of the desk",
                "Requests and the memory of what was dismissed went with them. Open a hand-over bundle if there is one, or the dumps again",
            );
        }
        if were_there == is_empty {
            preferences::write(DUMPS, if is_empty { "no" } else { "yes" });
        }
    }
}
