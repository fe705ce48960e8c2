//! Where the rows of a tall grid stand.
//!
//! Browsers cap the height of an element (17 to 33 million pixels), so above [`SPACER_CAP`] the scroll bar is scaled: it
//! says which part of the rows is shown, while wheel and keys move by true pixels and rows. The *top* is therefore kept
//! here in true pixels; the scroll bar's position is derived from it.
//!
//! Invariant: every row can be shown whole, and a shown row has exactly one place.

use std::ops::Range;

/// The tallest spacer that is laid out, in pixels; every browser takes it.
pub const SPACER_CAP: f64 = 8_000_000.0;

/// A window onto rows of equal height. Lengths are CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    rows: usize,
    row_height: f64,
    height: f64,
    top: f64,
}

impl Viewport {
    /// At the top of `rows` rows. `row_height` must be positive.
    pub fn new(rows: usize, row_height: f64, height: f64) -> Self {
        Self { rows, row_height, height: height.max(0.0), top: 0.0 }
    }

    /// With another number of rows, the same place as far as it still exists.
    pub fn with_rows(self, rows: usize) -> Self {
        Self { rows, ..self }.at(self.top)
    }

    /// With another height of the window.
    pub fn with_height(self, height: f64) -> Self {
        Self { height: height.max(0.0), ..self }.at(self.top)
    }

    /// With another height of the rows; the first row shown stays the first.
    pub fn with_row_height(self, row_height: f64) -> Self {
        let top = self.top / self.row_height * row_height;
        Self { row_height, ..self }.at(top)
    }

    /// Rows in all.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether the other differs at most in its place.
    pub fn is_alike(&self, other: &Self) -> bool {
        Self { top: 0.0, ..*self } == Self { top: 0.0, ..*other }
    }

    /// Height of the window.
    pub fn height(&self) -> f64 {
        self.height
    }

    fn full_height(&self) -> f64 {
        self.rows as f64 * self.row_height
    }

    fn max_top(&self) -> f64 {
        (self.full_height() - self.height).max(0.0)
    }

    fn max_scroll(&self) -> f64 {
        (self.spacer() - self.height).max(0.0)
    }

    fn at(self, top: f64) -> Self {
        Self { top: top.clamp(0.0, self.max_top()), ..self }
    }

    /// Height to lay out behind the rows.
    pub fn spacer(&self) -> f64 {
        self.full_height().min(SPACER_CAP.max(self.height))
    }

    /// Whether a pixel of the scroll bar is more than a pixel of the rows.
    pub fn is_scaled(&self) -> bool {
        self.full_height() > self.spacer()
    }

    /// Where the scroll bar belongs.
    pub fn scroll_top(&self) -> f64 {
        if self.max_top() == 0.0 { 0.0 } else { self.top * (self.max_scroll() / self.max_top()) }
    }

    /// The scroll bar was moved. Where that only echoes our own position, rounded by the browser, nothing changes.
    pub fn scrolled_to(self, scroll_top: f64) -> Self {
        let rounding = if self.is_scaled() { 1.0 } else { 0.5 };
        if (scroll_top - self.scroll_top()).abs() <= rounding || self.max_scroll() == 0.0 {
            return self;
        }
        self.at(scroll_top * (self.max_top() / self.max_scroll()))
    }

    /// Moved by true pixels, as a wheel does.
    pub fn moved_by(self, pixels: f64) -> Self {
        self.at(self.top + pixels)
    }

    /// Moved as little as needed to show the row whole.
    pub fn revealing(self, row: usize) -> Self {
        let begin = row.min(self.rows.saturating_sub(1)) as f64 * self.row_height;
        let end = begin + self.row_height;
        if begin < self.top || self.height < self.row_height {
            self.at(begin)
        } else if end > self.top + self.height {
            self.at(end - self.height)
        } else {
            self
        }
    }

    /// Rows of which at least a part is shown.
    pub fn visible(&self) -> Range<usize> {
        // A millionth of a row is nobody's row, only what divisions leave behind.
        let first = (self.top / self.row_height + 1e-6).floor() as usize;
        let end = ((self.top + self.height) / self.row_height - 1e-6).ceil() as usize;
        first.min(self.rows)..end.min(self.rows)
    }

    /// The visible rows and at least `overscan` more on both sides, as far as there are so many: the same number at every
    /// place.
    pub fn rendered(&self, overscan: usize) -> Range<usize> {
        // At most places a part of a row is shown at each end.
        let most = (self.height / self.row_height).ceil() as usize + 1 + 2 * overscan;
        let count = most.min(self.rows);
        let start = self.visible().start.saturating_sub(overscan).min(self.rows - count);
        start..start + count
    }

    /// Where the row begins, counted from the window's upper edge; negative above it.
    pub fn offset_of(&self, row: usize) -> f64 {
        row as f64 * self.row_height - self.top
    }

    /// Rows that fit whole: what a page key moves by; at least 1.
    pub fn rows_per_page(&self) -> usize {
        ((self.height / self.row_height).floor() as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_viewport() -> impl Strategy<Value = Viewport> {
        (0usize..3_000_000, 20u32..60, 60u32..1_400, 0.0f64..1.0).prop_map(
            |(rows, row_height, height, place)| {
                let view = Viewport::new(rows, f64::from(row_height), f64::from(height));
                view.at(view.max_top() * place)
            },
        )
    }

    fn shows_whole(view: &Viewport, row: usize) -> bool {
        let offset = view.offset_of(row);
        offset >= -1e-3 && offset + view.row_height <= view.height + 1e-3
    }

    proptest! {
        #[test]
        fn every_row_is_reachable(view in any_viewport(), share in 0.0f64..1.0) {
            prop_assume!(view.rows > 0);
            let row = ((view.rows - 1) as f64 * share) as usize;
            let there = view.revealing(row);
            prop_assert!(shows_whole(&there, row), "{there:?} row {row}");
            prop_assert!(there.visible().contains(&row));
            prop_assert_eq!(there.revealing(row), there);
        }

        #[test]
        fn as_many_rows_are_drawn_at_every_place(view in any_viewport(), place in 0.0f64..1.0, overscan in 0usize..4) {
            let drawn = view.rendered(overscan);
            let visible = view.visible();
            prop_assert!(drawn.start <= visible.start.saturating_sub(overscan));
            prop_assert!(drawn.end >= (visible.end + overscan).min(view.rows));
            prop_assert!(drawn.end <= view.rows);
            prop_assert_eq!(drawn.len(), view.at(view.max_top() * place).rendered(overscan).len());
        }

        #[test]
        fn the_scroll_bar_echoes_without_a_move(view in any_viewport(), rounding in -0.9f64..0.9) {
            prop_assume!(view.is_scaled());
            prop_assert_eq!(view.scrolled_to(view.scroll_top() + rounding), view);
        }

        #[test]
        fn the_scroll_bar_stays_in_its_spacer(view in any_viewport()) {
            prop_assert!(view.spacer() <= SPACER_CAP);
            prop_assert!(view.scroll_top() >= 0.0);
            prop_assert!(view.scroll_top() <= view.max_scroll() + 1e-6);
        }

        #[test]
        fn a_row_of_wheel_is_a_row(view in any_viewport()) {
            let down = view.moved_by(view.row_height);
            prop_assume!(down.top < view.max_top());
            prop_assert_eq!(down.visible().start, view.visible().start + 1);
            // The browser answers our own position, rounded; the row must not slip back.
            prop_assert_eq!(down.scrolled_to(down.scroll_top().round()).visible().start, down.visible().start);
        }

        #[test]
        fn both_ends_of_the_bar_are_both_ends_of_the_rows(view in any_viewport()) {
            prop_assume!(view.rows > 0);
            prop_assert!(view.scrolled_to(0.0).moved_by(0.0).visible().start <= 1 + (view.full_height() / SPACER_CAP) as usize);
            let end = view.scrolled_to(view.max_scroll());
            prop_assert!(end.visible().end + 1 + (view.full_height() / SPACER_CAP) as usize >= view.rows);
        }

        #[test]
        fn fewer_rows_never_leave_the_window_outside(view in any_viewport(), rows in 0usize..1000) {
            let fewer = view.with_rows(rows);
            prop_assert!(fewer.visible().end <= rows);
            prop_assert!(rows == 0 || !fewer.visible().is_empty());
        }
    }

    #[test]
    fn a_million_rows_fit_the_cap_and_small_sets_are_not_scaled() {
        let tall = Viewport::new(1_000_000, 28.0, 600.0);
        assert!(tall.is_scaled());
        assert_eq!(tall.spacer(), SPACER_CAP);
        assert_eq!(tall.revealing(999_999).visible().end, 1_000_000);
        let small = Viewport::new(10_000, 28.0, 600.0);
        assert!(!small.is_scaled());
        assert_eq!(small.scrolled_to(280.0).visible().start, 10);
        assert_eq!(small.rows_per_page(), 21);
    }
}
