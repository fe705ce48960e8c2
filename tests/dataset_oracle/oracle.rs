//! The table as one would write it without any thought of speed: a list of rows, read from top to bottom.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use error_desk::dataset::{Bucket, Facet, FacetValue, Record, Source, TemplateGroup};
use error_desk::domain::{
    Column, DatasetId, Filter, Identity, RecordId, RecordState, Sort, Timestamp,
};
use serde_json::{Map, Value};

use super::rows::{NAMED, RowData};

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: RecordId,
    pub(crate) shown_id: String,
    pub(crate) data: RowData,
    pub(crate) headers: Vec<String>,
    pub(crate) source_row: u32,
    /// `None` once dismissed.
    pub(crate) state: Option<RecordState>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    /// In the dump's order.
    pub(crate) rows: Vec<Row>,
}

impl Row {
    pub(crate) fn text(&self, column: Column) -> &str {
        match column {
            Column::Id => &self.shown_id,
            Column::RecordKey => &self.data.key,
            Column::Message => &self.data.message,
            _ => {
                let at = NAMED.iter().position(|named| *named == column).expect("a named column");
                &self.data.names[at]
            }
        }
    }

    fn passes(&self, filter: &Filter, ignored: Option<Column>) -> bool {
        let Some(state) = self.state else { return false };
        let time = |passes: &dyn Fn(i64) -> bool| self.data.time.is_some_and(passes);
        (ignored == Some(Column::State) || filter.accepts_state(state))
            && filter.from.is_none_or(|from| time(&|time| time >= from.millis()))
            && filter.to.is_none_or(|to| time(&|time| time < to.millis()))
            && filter
                .text
                .as_ref()
                .is_none_or(|text| self.data.message.to_lowercase().contains(&text.to_lowercase()))
            && NAMED.into_iter().filter(|column| ignored != Some(*column)).all(|column| {
                let wanted = filter.values(column).unwrap_or_default();
                wanted.is_empty() || wanted.iter().any(|w| same(column, w, self.text(column)))
            })
    }

    pub(crate) fn record(&self, with_extra: bool) -> Record {
        let [job, entity, map, data_source, company, direction, category, error_code, cause] =
            self.data.names.clone();
        let mut extra = Map::new();
        for (header, value) in self.headers.iter().zip(&self.data.extra) {
            if !value.is_empty() {
                let key = if extra.contains_key(header) {
                    format!("{header} (2)")
                } else {
                    header.clone()
                };
                extra.insert(key, Value::String(value.clone()));
            }
        }
        Record {
            id: self.shown_id.clone(),
            occurred_at: self.data.time.and_then(Timestamp::from_millis),
            job,
            entity,
            map,
            data_source,
            company,
            direction,
            category,
            category_inferred: self.data.inferred,
            error_code,
            record_key: self.data.key.clone(),
            message: self.data.message.clone(),
            retry_count: self.data.retries,
            cause,
            state: self.state.expect("not dismissed"),
            source: Source { dataset: self.id.dataset(), row: self.source_row },
            extra: with_extra.then_some(extra),
        }
    }

    fn compare(&self, other: &Self, sort: Sort) -> Ordering {
        match sort.column {
            Column::OccurredAt => directed(self.data.time, other.data.time, sort),
            Column::RetryCount => directed(self.data.retries, other.data.retries, sort),
            Column::State => directed(self.state, other.state, sort),
            column => {
                let text = |row: &Self| Some(row.text(column).to_owned()).filter(|t| !t.is_empty());
                directed(text(self), text(other), sort)
            }
        }
    }
}

/// First all GUIDs from left to right, then what is left of digits.
fn template(message: &str) -> String {
    let (mut without_guids, mut rest) = (String::new(), message);
    while let Some(letter) = rest.chars().next() {
        let is_guid = rest.len() >= 36
            && rest.bytes().take(36).enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if is_guid {
            without_guids.push_str("{guid}");
            rest = &rest[36..];
        } else {
            without_guids.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    let mut template = String::new();
    for letter in without_guids.chars() {
        if !letter.is_ascii_digit() {
            template.push(letter);
        } else if !template.ends_with('\u{0}') {
            template.push('\u{0}');
        }
    }
    template.replace('\u{0}', "#")
}

/// The same for all texts that are one value.
pub(crate) fn folded(column: Column, value: &str) -> String {
    if matches!(column, Column::Cause | Column::State) {
        value.to_owned()
    } else {
        value.to_ascii_lowercase()
    }
}

fn same(column: Column, wanted: &str, value: &str) -> bool {
    if column == Column::Cause { wanted == value } else { wanted.eq_ignore_ascii_case(value) }
}

fn directed<T: Ord>(a: Option<T>, b: Option<T>, sort: Sort) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if sort.descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

impl Oracle {
    pub(crate) fn append(&mut self, rows: Vec<Row>) {
        for mut row in rows {
            row.shown_id = self.free_id(&row.data);
            self.rows.push(row);
        }
        self.rows.sort_by_key(|row| row.id);
    }

    fn free_id(&self, data: &RowData) -> String {
        let digits = data.identity.to_string();
        let base = if data.id.is_empty() { digits.clone() } else { data.id.clone() };
        let mut candidates =
            vec![base.clone(), format!("{base}~{}", &digits[..8]), format!("{base}~{digits}")];
        candidates.extend((3..9).map(|more| format!("{base}~{digits}~{more}")));
        candidates.into_iter().find(|id| self.find(id).is_none()).expect("a free id")
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.state.is_some())
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Row> {
        self.live().find(|row| row.shown_id == id)
    }

    pub(crate) fn of_identity(&self, identity: Identity) -> Option<&Row> {
        self.rows.iter().find(|row| row.data.identity == identity)
    }

    pub(crate) fn remove(&mut self, dataset: DatasetId) {
        self.rows.retain(|row| row.id.dataset() != dataset);
    }

    pub(crate) fn passing(&self, filter: &Filter, sort: Option<Sort>) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.passes(filter, None)).collect();
        if let Some(sort) = sort {
            rows.sort_by(|a, b| a.compare(b, sort));
        }
        rows
    }

    pub(crate) fn template_groups(&self, filter: &Filter) -> Vec<TemplateGroup> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in self.passing(filter, None) {
            *counts.entry(template(&row.data.message)).or_default() += 1;
        }
        let group = |(template, count)| TemplateGroup { template, count };
        let mut groups: Vec<TemplateGroup> = counts.into_iter().map(group).collect();
        groups.sort_by_key(|group| Reverse(group.count));
        groups
    }

    /// What a filter takes for one value is one, here by its small letters.
    pub(crate) fn facet(&self, filter: &Filter, column: Column) -> Facet {
        let state =
            |state: RecordState| serde_json::to_value(state).unwrap().as_str().unwrap().to_owned();
        let value = |row: &Row| match column {
            Column::State => state(row.state.unwrap()),
            _ => folded(column, row.text(column)),
        };
        let mut values: Vec<FacetValue> = Vec::new();
        for row in self.rows.iter().filter(|row| row.passes(filter, Some(column))) {
            match values.iter_mut().find(|known| known.value == value(row)) {
                Some(known) => known.count += 1,
                None => values.push(FacetValue { value: value(row), count: 1 }),
            }
        }
        let wanted: Vec<String> = match column {
            Column::State => filter.states.iter().map(|s| state(*s)).collect(),
            _ => filter
                .values(column)
                .unwrap_or_default()
                .iter()
                .map(|value| folded(column, value))
                .collect(),
        };
        for wanted in wanted {
            if !values.iter().any(|known| wanted == known.value) {
                values.push(FacetValue { value: wanted, count: 0 });
            }
        }
        values.sort_by_key(|value| (std::cmp::Reverse(value.count), value.value.clone()));
        Facet { column, values }
    }

    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let times = || self.live().filter_map(|row| row.data.time);
        Some((times().min()?, times().max()?))
    }

    pub(crate) fn histogram(&self, filter: &Filter, buckets: usize) -> Vec<Bucket> {
        let from = filter.from.map(Timestamp::millis).or(self.span().map(|span| span.0));
        let to = filter.to.map(Timestamp::millis).or(self.span().map(|span| span.1 + 1));
        let (Some(from), Some(to)) = (from, to) else { return vec![] };
        if from >= to {
            return vec![];
        }
        let passing = self.passing(filter, None);
        let border = |at: usize| from + (to - from) * at as i64 / buckets as i64;
        (0..buckets)
            .map(|at| {
                let (from, to) = (border(at), border(at + 1));
                let within =
                    |row: &&&Row| row.data.time.is_some_and(|time| time >= from && time < to);
                Bucket {
                    from: Timestamp::from_millis(from).unwrap(),
                    to: Timestamp::from_millis(to).unwrap(),
                    count: passing.iter().filter(within).count(),
                }
            })
            .collect()
    }
}
