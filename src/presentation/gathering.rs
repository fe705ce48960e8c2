//! How long news are gathered before the screen asks for what they outdate.
//!
//! A change comes in two or three events, and often others follow the first: whoever acts is not kept waiting by a screen
//! that redraws itself in between.
//!
//! Invariant: a screen lags behind by no more than `LONGEST_MS`.

/// News that come within this time of those before are gathered with them, in milliseconds.
const MOMENT_MS: f64 = 50.0;

/// The longest that the first of them wait, in milliseconds: a screen that does not follow is worse than a slow answer.
const LONGEST_MS: f64 = 200.0;

/// When news came, in milliseconds of one clock that is never put back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gathering {
    first: f64,
    last: f64,
}

impl Gathering {
    /// The first of them come.
    pub fn begin(now: f64) -> Self {
        Self { first: now, last: now }
    }

    /// Others come.
    pub fn go_on(&mut self, now: f64) {
        self.last = now;
    }

    /// How many milliseconds are to be waited still; `None`: the time has come.
    pub fn left(&self, now: f64) -> Option<f64> {
        let until = (self.last + MOMENT_MS).min(self.first + LONGEST_MS);
        Some(until - now).filter(|left| *left > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_of_one_change_wait_for_one_moment() {
        let mut news = Gathering::begin(10.0);
        assert_eq!(news.left(10.0), Some(50.0));
        news.go_on(11.0);
        assert_eq!(news.left(60.0), Some(1.0));
        assert_eq!(news.left(61.0), None);
        assert_eq!(news.left(5_000.0), None);
    }

    #[test]
    fn news_that_go_on_coming_do_not_wait_for_ever() {
        let mut news = Gathering::begin(0.0);
        for now in (0..200).step_by(40) {
            news.go_on(now.into());
            assert_eq!(news.left(now.into()), Some(f64::from(50.min(200 - now))));
        }
        assert_eq!(news.left(200.0), None);
    }
}
