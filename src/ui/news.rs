//! What events say is outdated, gathered until nothing has come for a moment (`presentation::gathering`), then asked for at
//! once.

use leptos::prelude::*;

use super::session::Session;
use crate::platform::clock::{elapsed_ms, sleep};
use crate::platform::task::detach;
use crate::presentation::gathering::Gathering;

/// Events that follow at once when somebody begins to answer: records and queue are to be looked at.
const FIRST_WORDS: u8 = 2;

/// What is to be asked for again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    pub(super) rows: bool,
    pub(super) queue: bool,
    pub(super) settings: bool,
}

impl Session {
    /// Somebody begins to answer; nothing but the questions of the start was asked yet.
    pub(super) fn expect_first_words(self) {
        if self.datasets.with_untracked(Option::is_none) {
            self.flights.update_value(|flights| flights.first_words = FIRST_WORDS);
        }
    }

    /// Whoever begins to answer says that everything is to be looked at. What was asked at the start is answered by the very
    /// same, and is not asked twice.
    pub(super) fn is_first_word(self) -> bool {
        let mut is_first = false;
        self.flights.update_value(|flights| {
            is_first = flights.first_words > 0;
            flights.first_words = flights.first_words.saturating_sub(1);
        });
        is_first
    }

    /// Something is outdated; it is asked for in a moment.
    pub(super) fn outdated(self, tell: impl FnOnce(&mut News)) {
        let mut is_first = false;
        self.flights.update_value(|flights| {
            is_first = flights.news.is_none();
            let now = elapsed_ms();
            let begin = || (Gathering::begin(now), News::default());
            let (came, news) = flights.news.get_or_insert_with(begin);
            came.go_on(now);
            tell(news);
        });
        if is_first {
            detach(async move { self.gather().await });
        }
    }

    /// Asks once nothing has come for a moment.
    async fn gather(self) {
        let left = || {
            let came = self.flights.with_value(|flights| flights.news.map(|(came, _)| came));
            came.and_then(|came| came.left(elapsed_ms()))
        };
        while let Some(left) = left() {
            sleep(left.ceil() as u32).await;
        }
        let mut news = None;
        self.flights.update_value(|flights| news = flights.news.take());
        if let Some((_, news)) = news {
            self.ask_for(news);
        }
    }

    fn ask_for(self, news: News) {
        if news.rows || news.settings {
            self.tell_of_change();
        }
        if news.rows {
            self.refresh_view();
        }
        if news.queue {
            self.refresh_queue();
        }
        if news.settings {
            self.refresh_settings();
            self.refresh_regressions();
        }
    }

    /// Lists of what the engine knows, other than the grid, are asked for again.
    pub(super) fn tell_of_change(self) {
        self.told.update(|told| *told += 1);
    }

    /// Follows the filter and what the engine knows.
    pub(super) fn track_data(self) {
        self.filter.track();
        self.told.track();
    }
}
