//! The same answers by plain code: a list of rows, the standard sort, nothing shared with the engine.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use error_desk::dataset::{Bar, Facet, FacetValue, Pushed, Record, Source};
use error_desk::domain::{
    Column, DatasetId, Filter, Identity, RecordId, RecordState, Sort, Timestamp,
};

const CODED: [Column; 9] = [
    Column::Job,
    Column::Entity,
    Column::Map,
    Column::DataSource,
    Column::Company,
    Column::Direction,
    Column::Category,
    Column::ErrorCode,
    Column::Cause,
];

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) dataset: DatasetId,
    pub(crate) place: u32,
    pub(crate) source_row: u32,
    pub(crate) identity: Identity,
    pub(crate) own_id: String,
    pub(crate) shared: bool,
    pub(crate) time: Option<i64>,
    pub(crate) coded: [String; 9],
    pub(crate) inferred: bool,
    pub(crate) record_key: String,
    pub(crate) message: String,
    pub(crate) retry_count: Option<u32>,
    pub(crate) state: RecordState,
    pub(crate) dismissed: bool,
}

impl Row {
    pub(crate) fn id(&self) -> RecordId {
        RecordId::new(self.dataset, self.place)
    }

    pub(crate) fn shown_id(&self) -> String {
        match (self.own_id.is_empty(), self.shared) {
            (true, _) => format!("{:032x}", self.identity.0),
            (false, true) => {
                format!("{}~{}", self.own_id, &format!("{:032x}", self.identity.0)[..8])
            }
            (false, false) => self.own_id.clone(),
        }
    }

    pub(crate) fn coded(&self, column: Column) -> &str {
        &self.coded
            [CODED.iter().position(|candidate| *candidate == column).expect("a coded column")]
    }

    pub(crate) fn record(&self) -> Record {
        let coded = |column| self.coded(column).to_owned();
        Record {
            id: self.shown_id(),
            occurred_at: self.time.and_then(Timestamp::from_millis),
            job: coded(Column::Job),
            entity: coded(Column::Entity),
            map: coded(Column::Map),
            data_source: coded(Column::DataSource),
            company: coded(Column::Company),
            direction: coded(Column::Direction),
            category: coded(Column::Category),
            category_inferred: self.inferred,
            error_code: coded(Column::ErrorCode),
            record_key: self.record_key.clone(),
            message: self.message.clone(),
            retry_count: self.retry_count,
            cause: coded(Column::Cause),
            state: self.state,
            source: Source { dataset: self.dataset, row: self.source_row },
            extra: None,
        }
    }
}

#[derive(Default)]
pub(crate) struct Oracle {
    pub(crate) rows: Vec<Row>,
    /// Every row ever loaded: a value that a filter names is listed even after its last row is gone.
    seen: Vec<Row>,
}

pub(crate) fn sorts() -> impl Iterator<Item = Option<Sort>> {
    let each = Column::ALL
        .into_iter()
        .flat_map(|column| [false, true].map(|descending| Some(Sort { column, descending })));
    std::iter::once(None).chain(each)
}

impl Oracle {
    pub(crate) fn push(&mut self, mut row: Row) -> Pushed {
        if self.rows.iter().any(|other| other.identity == row.identity) {
            return Pushed::Duplicate;
        }
        row.place = self.rows.iter().filter(|other| other.dataset == row.dataset).count() as u32;
        row.shared =
            !row.own_id.is_empty() && self.rows.iter().any(|other| other.own_id == row.own_id);
        self.seen.push(row.clone());
        self.rows.push(row);
        Pushed::Loaded
    }

    pub(crate) fn each(&mut self, ids: &[RecordId], change: impl Fn(&mut Row)) {
        self.rows.iter_mut().filter(|row| ids.contains(&row.id())).for_each(change);
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.dismissed)
    }

    pub(crate) fn matching(&self, filter: &Filter) -> Vec<&Row> {
        self.live().filter(|row| matches(row, filter)).collect()
    }

    pub(crate) fn ordered(&self, filter: &Filter, sort: Option<Sort>) -> Vec<&Row> {
        let mut rows = self.matching(filter);
        if let Some(Sort { column, descending }) = sort {
            rows.sort_by(|a, b| compare(a, b, column, descending));
        }
        rows
    }

    pub(crate) fn facets(&self, filter: &Filter) -> Vec<Facet> {
        let dimensions = Column::ALL.into_iter().filter(|column| column.is_dimension());
        dimensions
            .map(|column| {
                let mut others = filter.clone();
                let mut counts: BTreeMap<String, usize> = BTreeMap::new();
                if column == Column::State {
                    others.states = RecordState::ALL.to_vec();
                    for state in &filter.states {
                        counts.insert(state.code().to_owned(), 0);
                    }
                } else if let Some(chosen) = filter.values(column) {
                    for row in &self.seen {
                        if chosen.iter().any(|value| value.eq_ignore_ascii_case(row.coded(column)))
                        {
                            counts.insert(row.coded(column).to_owned(), 0);
                        }
                    }
                    others.values_mut(column).expect("the same column").clear();
                }
                for row in self.matching(&others) {
                    let value =
                        if column == Column::State { row.state.code() } else { row.coded(column) };
                    *counts.entry(value.to_owned()).or_default() += 1;
                }
                let mut values: Vec<FacetValue> =
                    counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect();
                values.sort_by_key(|value| std::cmp::Reverse(value.count));
                Facet { column, values }
            })
            .collect()
    }

    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let times: Vec<i64> = self.live().filter_map(|row| row.time).collect();
        let (first, last) = (times.iter().min()?, times.iter().max()?);
        Timestamp::from_millis(*first).zip(Timestamp::from_millis(*last))
    }

    pub(crate) fn histogram(&self, filter: &Filter, buckets: usize) -> Vec<Bar> {
        let Some((first, last)) = self.span() else { return vec![] };
        let from = filter.from.map_or(first.millis(), Timestamp::millis);
        let to = filter.to.map_or(last.millis() + 1, Timestamp::millis);
        if from >= to {
            return vec![];
        }
        let edge = |bar: usize| from + (to - from) * bar as i64 / buckets as i64;
        (0..buckets)
            .map(|bar| {
                let own = edge(bar)..edge(bar + 1);
                Bar {
                    from: Timestamp::from_millis(own.start).expect("a small number"),
                    to: Timestamp::from_millis(own.end).expect("a small number"),
                    count: self
                        .matching(filter)
                        .iter()
                        .filter(|row| row.time.is_some_and(|time| own.contains(&time)))
                        .count(),
                }
            })
            .collect()
    }
}

fn matches(row: &Row, filter: &Filter) -> bool {
    let timed = filter.from.is_some() || filter.to.is_some();
    let in_time = row.time.map_or(!timed, |time| {
        filter.from.is_none_or(|from| from.millis() <= time)
            && filter.to.is_none_or(|to| time < to.millis())
    });
    let coded = CODED.iter().all(|column| {
        let wanted = filter.values(*column).unwrap_or_default();
        wanted.is_empty()
            || wanted.iter().any(|value| value.eq_ignore_ascii_case(row.coded(*column)))
    });
    let text = filter.text.as_ref().is_none_or(|text| fold(&row.message).contains(&fold(text)));
    let state = if filter.states.is_empty() {
        row.state != RecordState::Cleared
    } else {
        filter.states.contains(&row.state)
    };
    in_time && coded && text && state
}

/// Lower case, but no letter beyond ASCII becomes one of ASCII.
fn fold(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            'A'..='Z' => letter.to_ascii_lowercase().to_string(),
            '\u{212a}' => letter.to_string(),
            _ => letter.to_lowercase().to_string(),
        })
        .collect()
}

fn compare(a: &Row, b: &Row, column: Column, descending: bool) -> Ordering {
    fn present<T: Ord>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if descending => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
    let text = |text: &str| Some(text.as_bytes().to_vec()).filter(|text| !text.is_empty());
    match column {
        Column::OccurredAt => present(a.time, b.time, descending),
        Column::RetryCount => present(a.retry_count, b.retry_count, descending),
        Column::State => present(Some(a.state), Some(b.state), descending),
        Column::Id => present(text(&a.shown_id()), text(&b.shown_id()), descending),
        Column::RecordKey => present(text(&a.record_key), text(&b.record_key), descending),
        Column::Message => present(text(&a.message), text(&b.message), descending),
        coded => present(text(a.coded(coded)), text(b.coded(coded)), descending),
    }
}
