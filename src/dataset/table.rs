//! All records of all loaded dumps, and what is asked of them one by one. The questions over many stand in `filter`,
//! `order`, `facets` and `histogram`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::chunk::Chunk;
use super::columns::{self, CODED_COUNT, ID, MESSAGE};
use super::dictionary::Dictionary;
use super::index::{self, Index, RowPlace};
use super::order::Orders;
use super::record::{Record, Source};
use super::segment::Segment;
use super::{CHUNK_ROWS, filter};
use crate::domain::{Column, DatasetId, Identity, RecordId, RecordState, Timestamp};

/// The records. Questions take `&self`; answers that cost much are kept until the records change.
pub struct Table {
    chunk_rows: usize,
    pub(super) chunks: Vec<Chunk>,
    pub(super) dictionaries: [Dictionary; CODED_COUNT],
    index: Index,
    /// Chunks of each dataset, in the order of its rows.
    datasets: BTreeMap<DatasetId, Vec<usize>>,
    pub(super) orders: RefCell<Orders>,
    pub(super) matches: RefCell<filter::Matches>,
}

/// What rules and runs ask of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFacts<'a> {
    /// Its integration job.
    pub job: &'a str,
    /// Its category's name.
    pub category: &'a str,
    /// Its cause.
    pub cause: &'a str,
    /// Its state.
    pub state: RecordState,
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// No records.
    pub fn new() -> Self {
        Self::with_chunk_rows(CHUNK_ROWS)
    }

    /// With smaller chunks, for tests that want many of them.
    pub fn with_chunk_rows(chunk_rows: usize) -> Self {
        assert!((1..=CHUNK_ROWS).contains(&chunk_rows), "a row's place in its chunk fits 16 bits");
        Self {
            chunk_rows,
            chunks: Vec::new(),
            dictionaries: Default::default(),
            index: Index::default(),
            datasets: BTreeMap::new(),
            orders: RefCell::default(),
            matches: RefCell::default(),
        }
    }

    /// Takes the next segment of a dataset; all but its last are full. Gives the ids of its records.
    pub fn append(
        &mut self,
        dataset: DatasetId,
        segment: Segment,
    ) -> impl Iterator<Item = RecordId> + use<> {
        let own = self.datasets.entry(dataset).or_default();
        let first = (own.len() * self.chunk_rows) as u32;
        let rows = segment.len() as u32;
        own.push(self.chunks.len());
        self.chunks.push(Chunk::new(dataset, first, segment, &mut self.dictionaries));
        self.index.add(&self.chunks);
        self.records_changed();
        (first..first + rows).map(move |row| RecordId::new(dataset, row))
    }

    /// Forgets a dataset.
    pub fn remove_dataset(&mut self, dataset: DatasetId) {
        let Some(chunks) = self.datasets.remove(&dataset) else { return };
        self.index.retain(|at| !chunks.contains(&index::parts(at).0));
        for chunk in chunks {
            // The place stays, so that the places of all other rows stay; what it held goes.
            let empty = super::DatasetBuilder::new(dataset).empty();
            self.chunks[chunk] = Chunk::new(dataset, 0, empty, &mut self.dictionaries);
        }
        while self.chunks.last().is_some_and(|chunk| chunk.len() == 0)
            && !self.is_used(self.chunks.len() - 1)
        {
            self.chunks.pop();
        }
        self.records_changed();
    }

    fn is_used(&self, chunk: usize) -> bool {
        self.datasets.values().any(|chunks| chunks.contains(&chunk))
    }

    /// Records that are not dismissed.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len() - chunk.dismissed.count()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a record with this identity is here, dismissed or not.
    pub fn contains(&self, identity: Identity) -> bool {
        self.index.find_identity(&self.chunks, identity).is_some()
    }

    /// Records with these identities.
    pub fn ids_of(&self, identities: &[Identity]) -> Vec<RecordId> {
        identities
            .iter()
            .filter_map(|identity| self.index.find_identity(&self.chunks, *identity))
            .map(|at| self.id_at(at))
            .collect()
    }

    /// The identity of a record.
    pub fn identity(&self, record: RecordId) -> Option<Identity> {
        self.at(record).map(|(chunk, row)| Identity(chunk.identities[row]))
    }

    /// Whether the record is dismissed. One that is not here is not.
    pub fn is_dismissed(&self, record: RecordId) -> bool {
        self.at(record).is_some_and(|(chunk, row)| chunk.dismissed.get(row))
    }

    /// The record that an id names.
    pub fn find(&self, id: &str) -> Option<RecordId> {
        let at = self.place_of(id)?;
        let (chunk, row) = index::parts(at);
        let chunk = &self.chunks[chunk];
        (!chunk.dismissed.get(row)).then(|| chunk.record_id(row))
    }

    fn place_of(&self, id: &str) -> Option<RowPlace> {
        if let Some(at) = self.index.find_id(&self.chunks, id) {
            return Some(at);
        }
        if id.len() == 32
            && let Ok(identity) = u128::from_str_radix(id, 16)
            && let Some(at) = self.index.find_identity(&self.chunks, Identity(identity))
        {
            let (chunk, row) = index::parts(at);
            return self.chunks[chunk].columns[ID].get(row).is_empty().then_some(at);
        }
        self.index.shared().find(|at| {
            let (chunk, row) = index::parts(*at);
            self.id_of(chunk, row) == id
        })
    }

    /// The id shown: the dump's, else the identity's digits; a second record of the same id says whose it is.
    pub(super) fn id_of(&self, chunk: usize, row: usize) -> String {
        let identity = Identity(self.chunks[chunk].identities[row]);
        let text = self.chunks[chunk].columns[ID].get(row);
        if text.is_empty() {
            identity.to_string()
        } else if self.index.is_shared(&self.chunks, index::place(chunk, row)) {
            format!("{text}~{:08x}", identity.0 >> 96)
        } else {
            text.to_owned()
        }
    }

    /// The id shown of a record that is not dismissed.
    pub fn id_text(&self, record: RecordId) -> Option<String> {
        self.live(record).map(|(chunk, row)| self.id_of(chunk, row))
    }

    /// A record with everything known of it.
    pub fn record(&self, record: RecordId) -> Option<Record> {
        let (number, row) = self.live(record)?;
        let chunk = &self.chunks[number];
        let extra: Map<String, Value> = chunk
            .extras
            .iter()
            .filter(|extra| !extra.values.get(row).is_empty())
            .map(|extra| (extra.header.clone(), Value::from(extra.values.get(row))))
            .collect();
        Some(Record { extra: Some(extra), ..self.row(number, row) })
    }

    /// A record without the columns that no field took.
    pub fn summary(&self, record: RecordId) -> Option<Record> {
        self.live(record).map(|(chunk, row)| self.row(chunk, row))
    }

    /// What rules ask of a record that is not dismissed.
    pub fn candidate(&self, record: RecordId) -> Option<RowFacts<'_>> {
        let (number, row) = self.live(record)?;
        Some(RowFacts {
            job: self.coded(number, row, Column::Job),
            category: self.coded(number, row, Column::Category),
            cause: self.coded(number, row, Column::Cause),
            state: self.chunks[number].state(row),
        })
    }

    /// How many of the records have each value of a dimension.
    pub fn tally(&self, records: &[RecordId], column: Column) -> Vec<(String, usize)> {
        let Some(place) = columns::coded(column) else { return Vec::new() };
        let mut counts = vec![0; self.dictionaries[place].len()];
        for (chunk, row) in records.iter().filter_map(|record| self.live(*record)) {
            counts[self.chunks[chunk].codes[place].get(row) as usize] += 1;
        }
        let named = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        named
            .map(|(code, count)| (self.dictionaries[place].get(code as u32).to_owned(), count))
            .collect()
    }

    /// First and last known time of the records.
    pub fn span_of(&self, records: &[RecordId]) -> Option<(Timestamp, Timestamp)> {
        let times = records
            .iter()
            .filter_map(|record| self.live(*record))
            .filter_map(|(chunk, row)| self.chunks[chunk].time(row));
        let (first, last) = times.fold(None, |span: Option<(i64, i64)>, time| {
            Some(span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))))
        })?;
        Timestamp::from_millis(first).zip(Timestamp::from_millis(last))
    }

    /// Sets the state of records.
    pub fn set_state(&mut self, records: &[RecordId], state: RecordState) {
        let code =
            RecordState::ALL.iter().position(|candidate| *candidate == state).unwrap_or_default()
                as u8;
        for record in records {
            if let Some((chunk, row)) = self.place(*record) {
                self.chunks[chunk].states[row] = code;
            }
        }
        if !records.is_empty() {
            self.states_changed();
        }
    }

    /// Makes records gone for ever.
    pub fn dismiss(&mut self, records: &[RecordId]) {
        for record in records {
            if let Some((chunk, row)) = self.place(*record) {
                self.chunks[chunk].dismissed.set(row, true);
            }
        }
        if !records.is_empty() {
            self.states_changed();
        }
    }

    /// A segment to store in the place of an older one, without the texts of dismissed records. `None` where the segment
    /// is not here.
    pub fn erased_segment(&self, dataset: DatasetId, segment: u32) -> Option<Segment> {
        let chunk = *self.datasets.get(&dataset)?.get(segment as usize)?;
        Some(self.chunks[chunk].erased(&self.dictionaries))
    }

    /// Bytes that the columns take.
    pub fn heap_bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::heap_bytes).sum()
    }

    /// The record's chunk and row.
    pub(super) fn place(&self, record: RecordId) -> Option<(usize, usize)> {
        let row = record.row() as usize;
        let chunk = *self.datasets.get(&record.dataset())?.get(row / self.chunk_rows)?;
        let row = row % self.chunk_rows;
        (row < self.chunks[chunk].len()).then_some((chunk, row))
    }

    fn at(&self, record: RecordId) -> Option<(&Chunk, usize)> {
        self.place(record).map(|(chunk, row)| (&self.chunks[chunk], row))
    }

    fn live(&self, record: RecordId) -> Option<(usize, usize)> {
        self.place(record).filter(|(chunk, row)| !self.chunks[*chunk].dismissed.get(*row))
    }

    pub(super) fn id_at(&self, at: RowPlace) -> RecordId {
        let (chunk, row) = index::parts(at);
        self.chunks[chunk].record_id(row)
    }

    pub(super) fn row_at(&self, at: RowPlace) -> Record {
        let (chunk, row) = index::parts(at);
        self.row(chunk, row)
    }

    fn coded(&self, chunk: usize, row: usize, column: Column) -> &str {
        let place = columns::coded(column).unwrap_or_default();
        self.dictionaries[place].get(self.chunks[chunk].codes[place].get(row))
    }

    fn row(&self, number: usize, row: usize) -> Record {
        let chunk = &self.chunks[number];
        let coded = |column| self.coded(number, row, column).to_owned();
        Record {
            id: self.id_of(number, row),
            occurred_at: chunk.time(row).and_then(Timestamp::from_millis),
            job: coded(Column::Job),
            entity: coded(Column::Entity),
            map: coded(Column::Map),
            data_source: coded(Column::DataSource),
            company: coded(Column::Company),
            direction: coded(Column::Direction),
            category: coded(Column::Category),
            category_inferred: chunk.inferred.get(row),
            error_code: coded(Column::ErrorCode),
            record_key: chunk.columns[1].get(row).to_owned(),
            message: chunk.columns[MESSAGE].get(row).to_owned(),
            retry_count: chunk.retry_count(row),
            cause: coded(Column::Cause),
            state: chunk.state(row),
            source: Source { dataset: chunk.dataset, row: chunk.source_rows[row] },
            extra: None,
        }
    }

    fn records_changed(&mut self) {
        self.orders.get_mut().clear();
        self.matches.get_mut().clear();
    }

    fn states_changed(&mut self) {
        self.orders.get_mut().forget_states();
        self.matches.get_mut().clear();
    }
}
