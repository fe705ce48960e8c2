//! The columns of the grid: which, how wide, and what sorting by them does next.

use crate::domain::{Column, Sort};

/// A column of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridColumn {
    /// What it shows.
    pub column: Column,
    /// Width in pixels, before anyone changes it.
    pub width: u32,
    /// Shown on narrow screens too.
    pub narrow: bool,
}

const fn wide(column: Column, width: u32) -> GridColumn {
    GridColumn { column, width, narrow: false }
}

const fn everywhere(column: Column, width: u32) -> GridColumn {
    GridColumn { column, width, narrow: true }
}

/// All of them, in their order.
pub const GRID: [GridColumn; 10] = [
    everywhere(Column::OccurredAt, 170),
    everywhere(Column::Category, 122),
    everywhere(Column::Entity, 156),
    everywhere(Column::Message, 420),
    everywhere(Column::State, 112),
    wide(Column::DataSource, 130),
    wide(Column::Company, 90),
    wide(Column::ErrorCode, 110),
    wide(Column::RecordKey, 150),
    wide(Column::RetryCount, 76),
];

/// The narrowest and the widest that a column may be made.
const WIDTHS: std::ops::RangeInclusive<u32> = 56..=1200;

/// A width that was asked for, kept within reason.
pub fn width(asked: f64) -> u32 {
    (asked.max(0.0) as u32).clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// What a press on the header means: ascending, then descending, then the dump's order again.
pub fn next_sort(current: Option<Sort>, column: Column) -> Option<Sort> {
    match current {
        Some(sort) if sort.column == column && sort.descending => None,
        Some(sort) if sort.column == column => Some(Sort { column, descending: true }),
        _ => Some(Sort { column, descending: false }),
    }
}

/// The value of `aria-sort`.
pub fn aria_sort(current: Option<Sort>, column: Column) -> &'static str {
    match current {
        Some(sort) if sort.column == column && sort.descending => "descending",
        Some(sort) if sort.column == column => "ascending",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_press_restores_the_order_of_the_dump() {
        let first = next_sort(None, Column::Entity);
        assert_eq!(aria_sort(first, Column::Entity), "ascending");
        let second = next_sort(first, Column::Entity);
        assert_eq!(aria_sort(second, Column::Entity), "descending");
        assert_eq!(next_sort(second, Column::Entity), None);
        assert_eq!(aria_sort(next_sort(second, Column::Job), Column::Job), "ascending");
    }

    #[test]
    fn widths_stay_within_reason() {
        assert_eq!((width(-4.0), width(300.7), width(1e9)), (56, 300, 1200));
    }
}
