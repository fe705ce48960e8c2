//! Random histories of loading, state changes, dismissals, removals and restarts; after every step all questions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use error_desk::dataset::{
    ChunkRef, DatasetBuilder, Pushed, RowSink, Sealed, Segment, SegmentDetails, SegmentHead, Table,
};
use error_desk::domain::{
    Category, Column, DatasetId, DismissalLedger, Filter, RecordId, RecordState, Sort, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::oracle::{Oracle, Row, folded};
use super::rows::{RowData, filter, in_like_words, push, row};

#[derive(Clone, Debug)]
enum Step {
    /// Loads a dump in chunks of a size, headers told before a row, segments appended one by one or at the end. Its
    /// messages and ids may be alike, so that they are held in other forms.
    Load {
        rows: Vec<RowData>,
        chunk_rows: usize,
        late_headers_at: usize,
        at_once: bool,
    },
    SetState(Vec<Index>, RecordState),
    Dismiss(Vec<Index>),
    Remove(Index),
    /// Erases what is dismissed from the stored segments.
    Erase,
    /// Reads everything back from the stored segments.
    Restart,
    /// A stored segment cannot be read any more; found out at once or at the next restart.
    Lose(Index, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let some = || prop::collection::vec(any::<Index>(), 0..6);
    let rows = (prop::collection::vec(row(), 0..30), any::<bool>()).prop_map(|(rows, alike)| {
        if alike { rows.into_iter().map(in_like_words).collect() } else { rows }
    });
    let load = (rows, 1..9_usize, 0..30_usize, any::<bool>());
    prop_oneof![
        5 => load.prop_map(|(rows, chunk_rows, late_headers_at, at_once)| Step::Load {
            rows, chunk_rows, late_headers_at, at_once,
        }),
        4 => (some(), select(&RecordState::ALL[..])).prop_map(|(at, to)| Step::SetState(at, to)),
        3 => some().prop_map(Step::Dismiss),
        1 => any::<Index>().prop_map(Step::Remove),
        1 => Just(Step::Erase),
        1 => Just(Step::Restart),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(at, now)| Step::Lose(at, now)),
    ]
}

/// The table, the oracle, and what a workspace would have stored.
#[derive(Default)]
struct Desk {
    table: Table,
    oracle: Oracle,
    ledger: DismissalLedger,
    stored: BTreeMap<(DatasetId, u32), [Vec<u8>; 2]>,
    /// Rows of chunks that are lost, and where they began.
    lost: BTreeMap<(DatasetId, u32), usize>,
    loads: usize,
}

impl Desk {
    fn take(&mut self, step: Step) {
        match step {
            Step::Load { rows, chunk_rows, late_headers_at, at_once } => {
                self.load(&rows, chunk_rows, late_headers_at, at_once);
            }
            Step::SetState(at, state) => {
                let ids = self.pick(&at);
                self.table.set_state(&ids, state);
                self.each(&ids, |row| row.state = row.state.map(|_| state));
            }
            Step::Dismiss(at) => {
                let ids = self.pick(&at);
                let identities = ids.iter().filter_map(|id| self.table.identity(*id));
                self.ledger.extend(identities.collect::<Vec<_>>());
                self.table.dismiss(&ids);
                self.each(&ids, |row| row.state = None);
            }
            Step::Remove(at) => {
                let datasets = self.table.datasets();
                if !datasets.is_empty() {
                    let (dataset, _) = datasets[at.index(datasets.len())];
                    assert!(self.table.remove_dataset(dataset));
                    self.oracle.remove(dataset);
                    self.stored.retain(|(of, _), _| *of != dataset);
                    self.lost.retain(|(of, _), _| *of != dataset);
                }
            }
            Step::Erase => {
                for waiting in self.table.chunks_to_erase() {
                    let segment =
                        self.table.erased_segment(waiting.dataset, waiting.chunk).unwrap();
                    self.table.erase(waiting.dataset, waiting.chunk);
                    let bytes = segment.encode(waiting);
                    self.stored.insert((waiting.dataset, waiting.chunk), bytes);
                }
                assert_eq!(self.table.chunks_to_erase(), []);
            }
            Step::Restart => {
                self.restart();
            }
            Step::Lose(at, now) => {
                let chunks: Vec<(DatasetId, u32)> = self.stored.keys().copied().collect();
                if chunks.is_empty() {
                    return;
                }
                let (dataset, number) = chunks[at.index(chunks.len())];
                self.lose(dataset, number);
                if !now {
                    self.restart();
                }
            }
        }
    }

    fn lose(&mut self, dataset: DatasetId, number: u32) {
        let place = (dataset, number);
        let chunk = ChunkRef { dataset, chunk: number };
        let rows = |(&(dataset, chunk), parts): (&(DatasetId, u32), &[Vec<u8>; 2])| {
            SegmentHead::decode(ChunkRef { dataset, chunk }, &parts[0]).unwrap().rows()
        };
        let stored = self.stored.range((dataset, 0)..place).map(rows);
        let first: usize =
            stored.chain(self.lost.range((dataset, 0)..place).map(|(_, r)| *r)).sum();
        let parts = self.stored.remove(&place).unwrap();
        let rows = rows((&place, &parts));
        self.lost.insert(place, rows);
        let gone = first as u32..(first + rows) as u32;
        let lost = self.table.lose(chunk).unwrap();
        assert_eq!((lost.rows, self.table.lose(chunk)), (rows, None));
        self.oracle.rows.retain(|row| row.id.dataset() != dataset || !gone.contains(&row.id.row()));
    }

    fn restart(&mut self) {
        self.table = Table::new();
        let places: BTreeMap<_, _> = (self.stored.keys().map(|place| (*place, None)))
            .chain(self.lost.iter().map(|(place, rows)| (*place, Some(*rows))))
            .collect();
        for ((dataset, chunk), lost) in places {
            if let Some(rows) = lost {
                self.table.skip(dataset, rows);
                continue;
            }
            let head = &self.stored[&(dataset, chunk)][0];
            let chunk = ChunkRef { dataset, chunk };
            self.table.append_head(dataset, SegmentHead::decode(chunk, head).unwrap());
        }
        // The last first: the order in which details come must not matter.
        for ((dataset, chunk), [_, details]) in self.stored.iter().rev() {
            let chunk = ChunkRef { dataset: *dataset, chunk: *chunk };
            assert!(self.table.lacking().contains(&chunk));
            let details = SegmentDetails::decode(chunk, details).unwrap();
            assert!(self.table.complete(chunk, details));
            let gone = self.table.dismissed_in(chunk, &self.ledger);
            assert_eq!(self.table.dismiss(&gone), gone.len());
        }
        assert_eq!(self.table.lacking(), []);
        self.oracle.rename_after_restart(&self.table);
        for row in self.oracle.rows.clone() {
            if let Some(state) = row.state {
                self.table.set_state(&[row.id], state);
            }
        }
    }

    fn load(&mut self, rows: &[RowData], chunk_rows: usize, late_at: usize, at_once: bool) {
        // Datasets do not always come in ascending order.
        let dataset =
            DatasetId([3, 1, 4, 2, 9, 6, 7, 8][self.loads % 8] + self.loads as u32 / 8 * 9);
        self.loads += 1;
        let headers = ["Note", "Batch", "Note"].map(str::to_owned);
        let mut builder = DatasetBuilder::with_chunk_rows(dataset, chunk_rows);
        let (mut loaded, mut segments): (Vec<Row>, Vec<Segment>) = (Vec::new(), Vec::new());
        for (at, data) in rows.iter().enumerate() {
            let told = if at < late_at { 1 } else { 3 };
            let mut session = builder.session(&self.table, &self.ledger);
            session.extra_columns(&headers[..told]);
            let pushed = push(&mut session, data, at as u32 + 1);
            let known = self.oracle.of_identity(data.identity);
            let repeated = loaded.iter().any(|row| row.data.identity == data.identity);
            let expected = if self.ledger.contains(data.identity) {
                Pushed::DismissedEarlier
            } else if known.is_some() || repeated {
                Pushed::Duplicate
            } else {
                Pushed::Loaded
            };
            assert_eq!(pushed, expected);
            if pushed == Pushed::Loaded {
                loaded.push(Row {
                    id: RecordId::new(dataset, loaded.len() as u32),
                    shown_id: String::new(),
                    data: data.clone(),
                    headers: headers[..told].to_vec(),
                    source_row: at as u32 + 1,
                    state: Some(RecordState::Open),
                });
            }
            while let Some(segment) = builder.take_full().map(Sealed::into_segment) {
                if at_once {
                    segments.push(segment);
                } else {
                    self.append(dataset, segment);
                }
            }
        }
        assert_eq!(builder.loaded(), loaded.len());
        segments.extend(builder.finish());
        segments.into_iter().for_each(|segment| self.append(dataset, segment));
        self.oracle.append(loaded);
    }

    fn append(&mut self, dataset: DatasetId, segment: Segment) {
        let number = self.stored.keys().filter(|(of, _)| *of == dataset).count() as u32;
        let chunk = ChunkRef { dataset, chunk: number };
        let bytes = segment.encode(chunk);
        assert_eq!(Segment::decode(chunk, &bytes[0], &bytes[1]).as_ref(), Ok(&segment));
        self.stored.insert((dataset, number), bytes);
        self.table.append(dataset, segment);
    }

    /// Some records, dismissed ones and one unknown among them.
    fn pick(&self, at: &[Index]) -> Vec<RecordId> {
        let mut ids: Vec<RecordId> = self.oracle.rows.iter().map(|row| row.id).collect();
        ids.push(RecordId::new(DatasetId(3), 1_000));
        at.iter().map(|at| ids[at.index(ids.len())]).collect()
    }

    fn each(&mut self, ids: &[RecordId], mut to: impl FnMut(&mut Row)) {
        self.oracle.rows.iter_mut().filter(|row| ids.contains(&row.id)).for_each(&mut to);
    }

    fn compare(&self, filter: &Filter, sort: Sort, offset: usize, limit: usize) {
        let (table, oracle) = (&self.table, &self.oracle);
        assert_eq!(table.len(), oracle.live().count());
        assert_eq!(table.is_empty(), oracle.live().next().is_none());
        let span = table.span().map(|(first, last)| (first.millis(), last.millis()));
        assert_eq!(span, oracle.span());
        assert_eq!(table.count(filter), oracle.passing(filter, None).len());

        // The window is asked for first, when nothing is kept yet.
        self.compare_window(filter, Some(sort), offset, limit);
        self.compare_window(filter, None, offset, limit);
        for column in Column::ALL {
            for descending in [false, true] {
                let sort = Some(Sort { column, descending });
                let expected: Vec<RecordId> =
                    oracle.passing(filter, sort).iter().map(|row| row.id).collect();
                assert_eq!(table.ids(filter, sort), expected, "{sort:?}");
            }
        }
        for sort in [None, Some(sort)] {
            let expected = oracle.passing(filter, sort);
            for row in &oracle.rows {
                let place = expected.iter().position(|other| other.id == row.id);
                assert_eq!(table.position(filter, sort, row.id), place);
            }
        }
        let dimensions = Column::ALL.map(|c| c.is_dimension().then_some(c));
        let dimensions: Vec<Column> = dimensions.into_iter().flatten().collect();
        for mut facet in table.facets(filter, &dimensions) {
            let is_first = |value: &String| {
                let all = facet.values.iter().filter(|other| other.value == *value);
                all.count() == 1
            };
            assert!(facet.values.iter().map(|value| &value.value).all(is_first));
            for value in &mut facet.values {
                value.value = folded(facet.column, &value.value);
            }
            facet.values.sort_by_key(|value| (Reverse(value.count), value.value.clone()));
            assert_eq!(facet, oracle.facet(filter, facet.column));
        }
        assert_eq!(table.template_groups(filter), oracle.template_groups(filter));
        for buckets in [1, 3, 60] {
            assert_eq!(table.histogram(filter, buckets), oracle.histogram(filter, buckets));
        }
    }

    fn compare_window(&self, filter: &Filter, sort: Option<Sort>, offset: usize, limit: usize) {
        let passing = self.oracle.passing(filter, sort);
        let window: Vec<&&Row> = passing.iter().skip(offset).take(limit).collect();
        let page = self.table.rows(filter, sort, offset, limit);
        assert_eq!(page.total, passing.len());
        let records: Vec<_> = window.iter().map(|row| row.record(false)).collect();
        let lines = serde_json::to_string(&self.table.lines(filter, sort, offset, limit));
        assert_eq!(lines.expect("lines"), serde_json::to_string(&page).expect("rows"));
        assert_eq!(page.rows, records);
        let ids: Vec<RecordId> = window.iter().map(|row| row.id).collect();
        assert_eq!(self.table.window_ids(filter, sort, offset, limit), ids);
        assert_eq!(self.table.summaries(&ids), records);
    }

    fn compare_records(&self) {
        let (table, oracle) = (&self.table, &self.oracle);
        let all: Vec<RecordId> = oracle.rows.iter().map(|row| row.id).collect();
        let mut candidates = table.candidates(all.iter().copied());
        for row in &oracle.rows {
            let identity = row.data.identity;
            let live = row.state.is_some();
            assert_eq!(table.record(row.id), live.then(|| row.record(true)));
            assert_eq!(table.identity(row.id), live.then_some(identity));
            assert_eq!(table.state(row.id), row.state);
            assert_eq!(table.contains(identity), live);
            assert_eq!(table.ids_of(&[identity]), Vec::from_iter(live.then_some(row.id)));
            if !live {
                continue;
            }
            assert_eq!(table.find(&row.shown_id), Some(row.id));
            let candidate = candidates.next().unwrap();
            assert_eq!((candidate.id, candidate.job), (row.id, row.text(Column::Job)));
            assert_eq!(*candidate.category, Category::parse(row.text(Column::Category)));
            assert_eq!(Some(candidate.state), row.state);
        }
        assert!(candidates.next().is_none());
        for text in ["A", "B", "a", "", "Zoë", "A~01000000"] {
            assert_eq!(table.find(text), oracle.find(text).map(|row| row.id));
        }
        let mut datasets: Vec<DatasetId> = all.iter().map(|id| id.dataset()).collect();
        datasets.dedup();
        let live = |of| oracle.live().filter(|row| row.id.dataset() == of).count();
        let expected: Vec<_> = datasets.into_iter().map(|of| (of, live(of))).collect();
        assert_eq!(table.datasets(), expected);
    }
}

impl Oracle {
    /// After a restart names are given anew, in the order of loading. Rows dismissed but not yet erased take part, so
    /// which of two like names is the plain one is not known here; only that names are still made from the same ids.
    fn rename_after_restart(&mut self, table: &Table) {
        for row in self.rows.iter_mut().filter(|row| row.state.is_some()) {
            let shown = table.record(row.id).expect("a stored record").id;
            let digits = row.data.identity.to_string();
            let base = if row.data.id.is_empty() { &digits } else { &row.data.id };
            let tail = shown.strip_prefix(base.as_str()).expect("the same base");
            assert!(tail.is_empty() || tail.starts_with(&format!("~{}", &digits[..8])));
            row.shown_id = shown;
        }
    }
}

fn sort() -> impl Strategy<Value = Sort> {
    (select(&Column::ALL[..]), any::<bool>())
        .prop_map(|(column, descending)| Sort { column, descending })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_question_has_the_oracles_answer(
        steps in prop::collection::vec((step(), filter(), sort(), 0..12_usize, 0..12_usize), 1..9),
    ) {
        let mut desk = Desk::default();
        for (step, filter, sort, offset, limit) in steps {
            desk.take(step);
            desk.compare(&filter, sort, offset, limit);
            desk.compare(&Filter::default(), sort, offset, limit);
            desk.compare_records();
        }
    }
}

#[test]
fn kept_answers_give_way_to_new_facts() {
    let rows: Vec<RowData> = (0..20)
        .map(|at| RowData {
            identity: error_desk::domain::Identity(at),
            time: Some(1_700_000_000_000 + at as i64),
            message: format!("message {at}"),
            ..RowData::default()
        })
        .collect();
    let mut desk = Desk::default();
    desk.load(&rows[..12], 5, 0, true);
    let recent = Sort { column: Column::OccurredAt, descending: true };
    let by_state = Sort { column: Column::State, descending: false };
    let filter = Filter { text: Some("MESSAGE".to_owned()), ..Filter::default() };
    let moved = Filter { to: Timestamp::from_millis(1_700_000_000_009), ..filter.clone() };
    let check = |desk: &Desk| {
        for (filter, sort) in [(&filter, recent), (&filter, by_state), (&moved, recent)] {
            desk.compare(filter, sort, 3, 4);
        }
    };
    check(&desk);
    let id = |row| RecordId::new(DatasetId(3), row);
    desk.table.set_state(&[id(4), id(7)], RecordState::Cleared);
    desk.each(&[id(4), id(7)], |row| row.state = Some(RecordState::Cleared));
    check(&desk);
    desk.table.dismiss(&[id(11), id(0)]);
    desk.each(&[id(11), id(0)], |row| row.state = None);
    check(&desk);
    desk.load(&rows[12..], 5, 0, false);
    check(&desk);
    assert!(desk.table.remove_dataset(DatasetId(3)));
    desk.oracle.remove(DatasetId(3));
    check(&desk);
}
