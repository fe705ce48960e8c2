//! Notices at a start that what was stored here is gone: some browsers remove a database that they find damaged, or to make
//! room, without a word. The page remembers, apart from the database, whether dumps were there.
//!
//! Deliberately absent: the same while the page is open, which the engine notices by itself.

use crate::platform::preferences;
use crate::ui::session::Session;

/// Whether dumps were there when last seen: `yes` or `no`.
const DUMPS: &str = "dumpsWereThere";

impl Session {
    /// Compares the first answer with what was there the last time, and remembers every one.
    pub(super) fn notice_what_vanished(self, is_first: bool, is_empty: bool) {
        let were_there = preferences::read(DUMPS).as_deref() == Some("yes");
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
