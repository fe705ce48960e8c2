//! The columns of few different values, held as codes of a dictionary. The state is not among them: it is no text.

use crate::domain::Column;

use super::RowInput;

/// How many there are.
pub(super) const DIMENSIONS: usize = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Job,
    Entity,
    Map,
    DataSource,
    Company,
    Direction,
    Category,
    ErrorCode,
    Cause,
}

impl Dimension {
    /// All of them, in the order of their arrays. Segments are written in this order: never change it.
    pub(super) const ALL: [Self; DIMENSIONS] = [
        Self::Job,
        Self::Entity,
        Self::Map,
        Self::DataSource,
        Self::Company,
        Self::Direction,
        Self::Category,
        Self::ErrorCode,
        Self::Cause,
    ];

    pub(super) fn of(column: Column) -> Option<Self> {
        Some(match column {
            Column::Job => Self::Job,
            Column::Entity => Self::Entity,
            Column::Map => Self::Map,
            Column::DataSource => Self::DataSource,
            Column::Company => Self::Company,
            Column::Direction => Self::Direction,
            Column::Category => Self::Category,
            Column::ErrorCode => Self::ErrorCode,
            Column::Cause => Self::Cause,
            _ => return None,
        })
    }

    pub(super) fn column(self) -> Column {
        match self {
            Self::Job => Column::Job,
            Self::Entity => Column::Entity,
            Self::Map => Column::Map,
            Self::DataSource => Column::DataSource,
            Self::Company => Column::Company,
            Self::Direction => Column::Direction,
            Self::Category => Column::Category,
            Self::ErrorCode => Column::ErrorCode,
            Self::Cause => Column::Cause,
        }
    }

    pub(super) fn text<'a>(self, row: &RowInput<'a>) -> &'a str {
        match self {
            Self::Job => row.job,
            Self::Entity => row.entity,
            Self::Map => row.map,
            Self::DataSource => row.data_source,
            Self::Company => row.company,
            Self::Direction => row.direction,
            Self::Category => row.category,
            Self::ErrorCode => row.error_code,
            Self::Cause => row.cause,
        }
    }

    /// Whether a wanted text names this value.
    pub(super) fn matches(self, value: &str, wanted: &str) -> bool {
        self.column().is_same(value, wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_of_the_domain_but_the_state_has_codes() {
        for column in Column::ALL {
            let coded = Dimension::of(column);
            assert_eq!(coded.is_some(), column.is_dimension() && column != Column::State);
            assert!(coded.is_none_or(|dimension| dimension.column() == column));
        }
        for (at, dimension) in Dimension::ALL.into_iter().enumerate() {
            assert_eq!(dimension as usize, at);
        }
    }
}
