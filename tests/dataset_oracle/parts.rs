//! Rows that come as segments of parts make what the same rows make one by one.

use error_desk::dataset::{
    ChunkRef, DatasetBuilder, PartBuilder, PartTaken, Pushed, RowSink, Sealed, Segment, Table,
};
use error_desk::domain::{DatasetId, DismissalLedger, Identity};
use proptest::prelude::*;

use crate::rows::{RowData, identity, push, row, segments};

/// The segment as it comes from the thread that made it.
fn sent(segment: Segment) -> Sealed {
    let place = ChunkRef { dataset: DatasetId(0), chunk: 3 };
    let [head, details] = segment.encode(place);
    Sealed::decode(place, &head, details).expect("what was written")
}

/// Rows of parts of these lengths, and what the judge of all rows has said.
fn by_parts(
    rows: &[RowData],
    lengths: &[usize],
    mut builder: DatasetBuilder,
    (table, ledger): (&Table, &DismissalLedger),
) -> (Vec<Segment>, PartTaken) {
    let mut part = PartBuilder::default();
    let (mut rest, mut earlier, mut all, mut full) = (rows, 0, PartTaken::default(), Vec::new());
    for length in lengths.iter().copied().chain([rows.len()]) {
        let (rows, left) = rest.split_at(length.min(rest.len()));
        part.extra_columns(&["Note".to_owned()]);
        for (row, number) in rows.iter().zip(1..) {
            assert_eq!(push(&mut part, row, number), Pushed::Loaded);
        }
        for segment in part.take() {
            let taken = builder.session(table, ledger).take_part(sent(segment), earlier);
            all.loaded += taken.loaded;
            all.duplicates += taken.duplicates;
            all.dismissed_earlier += taken.dismissed_earlier;
        }
        (earlier, rest) = (earlier + rows.len() as u32, left);
        full.extend(std::iter::from_fn(|| builder.take_full()).map(Sealed::into_segment));
    }
    full.extend(builder.finish());
    (full, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn parts_make_what_rows_make(
        rows in prop::collection::vec(row(), 0..60),
        there in prop::collection::vec(row(), 0..4),
        dismissed in prop::collection::vec(identity(), 0..4),
        lengths in prop::collection::vec(0..12_usize, 0..10),
        chunk_rows in 1..14_usize,
    ) {
        let (mut table, mut ledger) = (Table::new(), DismissalLedger::default());
        let mut known: Vec<Identity> = Vec::new();
        let there: Vec<RowData> = there.into_iter().filter(|row| {
            let is_new = !known.contains(&row.identity);
            known.push(row.identity);
            is_new
        }).collect();
        segments(&there, 100).into_iter().for_each(|segment| table.append(DatasetId(1), segment));
        ledger.extend(dismissed.iter().copied());
        let builder = || DatasetBuilder::with_chunk_rows(DatasetId(2), chunk_rows);

        let mut one_by_one = builder();
        let mut expected = PartTaken::default();
        let mut session = one_by_one.session(&table, &ledger);
        session.extra_columns(&["Note".to_owned()]);
        for (row, number) in rows.iter().zip(1..) {
            match push(&mut session, row, number) {
                Pushed::Loaded => expected.loaded += 1,
                Pushed::Duplicate => expected.duplicates += 1,
                Pushed::DismissedEarlier => expected.dismissed_earlier += 1,
            }
        }
        let (made, taken) = by_parts(&rows, &lengths, builder(), (&table, &ledger));
        prop_assert_eq!(taken, expected);
        prop_assert_eq!(made, one_by_one.finish());
    }
}
