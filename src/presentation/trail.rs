//! What is drawn while the rows of the window's place are on their way.
//!
//! A thumb can be dragged past more rows in a frame than an answer holds. Instead of blanks the grid shows the latest place
//! whose rows are here, a frame or two behind the thumb; when none come for a while, the window's own place as it is.

use std::collections::VecDeque;

use super::viewport::Viewport;

/// Places remembered: more than a window passes while a question is under way.
const MOST: usize = 64;

/// The place that is drawn, and those that the window took since.
#[derive(Clone, Debug)]
pub struct Trail {
    drawn: Viewport,
    since: VecDeque<Viewport>,
}

impl Trail {
    /// Draws the given place.
    pub fn new(viewport: Viewport) -> Self {
        Self { drawn: viewport, since: VecDeque::new() }
    }

    /// What to draw now that the window is at `window` and `is_here` tells of which places the rows are here.
    pub fn follow(&mut self, window: Viewport, is_here: impl Fn(&Viewport) -> bool) -> Viewport {
        if self.since.back().unwrap_or(&self.drawn) != &window {
            if self.since.len() == MOST {
                self.since.pop_front();
            }
            self.since.push_back(window);
        }
        if is_here(&window) || !self.drawn.is_alike(&window) || !is_here(&self.drawn) {
            return self.give_up();
        }
        if let Some(latest) = self.since.iter().rposition(&is_here) {
            self.drawn = self.since[latest];
            self.since.drain(..=latest);
        }
        self.drawn
    }

    /// Draws the window's place, with or without its rows.
    pub fn give_up(&mut self) -> Viewport {
        self.drawn = self.since.pop_back().unwrap_or(self.drawn);
        self.since.clear();
        self.drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(row: usize) -> Viewport {
        Viewport::new(1_000_000, 30.0, 600.0).revealing(0).moved_by(row as f64 * 30.0)
    }

    fn trail() -> Trail {
        Trail::new(at(0))
    }

    #[test]
    fn rows_that_are_here_are_drawn_at_once() {
        let mut trail = trail();
        assert_eq!(trail.follow(at(500), |_| true), at(500));
    }

    #[test]
    fn a_dragged_thumb_is_followed_by_the_latest_rows_that_came() {
        let mut trail = trail();
        let here = |known: &'static [usize]| {
            move |place: &Viewport| known.contains(&place.visible().start)
        };
        for row in [1_000, 2_000, 3_000, 4_000] {
            assert_eq!(trail.follow(at(row), here(&[0])), at(0));
        }
        assert_eq!(trail.follow(at(4_000), here(&[0, 2_000, 3_000])), at(3_000));
        // What was passed before is forgotten: rows that come late never take the window back.
        assert_eq!(trail.follow(at(5_000), here(&[2_000, 3_000])), at(3_000));
        assert_eq!(trail.follow(at(5_000), here(&[3_000, 5_000])), at(5_000));
    }

    #[test]
    fn when_nothing_comes_the_place_is_drawn_as_it_is() {
        let mut trail = trail();
        trail.follow(at(1_000), |place| place.visible().start == 0);
        assert_eq!(trail.give_up(), at(1_000));
        assert_eq!(trail.give_up(), at(1_000));
    }

    #[test]
    fn another_view_is_not_held_back_by_the_rows_of_the_last() {
        let mut trail = trail();
        let fewer = at(0).with_rows(3);
        assert_eq!(trail.follow(fewer, |_| false), fewer);
        // The rows on show were taken away: holding on to them would show blanks as well.
        assert_eq!(trail.follow(fewer.moved_by(30.0), |_| false), fewer.moved_by(30.0));
    }

    #[test]
    fn a_long_wait_remembers_only_the_last_places() {
        let mut trail = trail();
        for row in 1..1_000 {
            trail.follow(at(row * 100), |place| place.visible().start == 0);
        }
        assert_eq!(trail.since.len(), MOST);
        assert_eq!(trail.give_up(), at(99_900));
    }
}
