//! The stored form: what is written comes back, what is damaged is refused, what was dismissed is not in it.

use error_desk::dataset::{Segment, SegmentError};
use error_desk::domain::{DatasetId, Filter, Identity, RecordId};
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::rows::{RowData, in_like_words, row, segments, table};

/// Rows that are all new, some of them in words that make their columns be held in other forms.
fn unlike(rows: Vec<RowData>) -> Vec<RowData> {
    let identities = (1..).map(Identity);
    let alike = rows.first().is_some_and(|row| row.inferred);
    let new = |(row, identity)| RowData { identity, ..row };
    let rows = rows.into_iter().zip(identities).map(new);
    rows.map(|row| if alike { in_like_words(row) } else { row }).collect()
}

#[test]
fn rows_in_like_words_are_held_in_other_forms() {
    let rows =
        (1..13).map(|at| in_like_words(RowData { identity: Identity(at), ..RowData::default() }));
    let rows: Vec<RowData> = rows.filter(|row| !row.id.is_empty()).collect();
    let held = format!("{:?}", segments(&rows, 20));
    assert!(held.contains("ids: Guids(") && held.contains("messages: Templates("), "{held}");
}

/// The same bytes with a checksum that holds, as a faulty or hostile writer would make them.
fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(payload) = bytes.len().checked_sub(24) {
        bytes[8..16].copy_from_slice(&(payload as u64).to_le_bytes());
        let sum = xxh3_64(&[&bytes[..16], &bytes[24..]].concat());
        bytes[16..24].copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_was_written_comes_back(
        rows in prop::collection::vec(row(), 0..40),
        chunk_rows in 1..50_usize,
    ) {
        let rows = unlike(rows);
        let segments = segments(&rows, chunk_rows);
        prop_assert_eq!(segments.iter().map(Segment::rows).sum::<usize>(), rows.len());
        for segment in &segments[..segments.len().saturating_sub(1)] {
            prop_assert_eq!(segment.rows(), chunk_rows);
        }
        for segment in segments {
            let bytes = segment.encode();
            let back = Segment::decode(&bytes);
            prop_assert_eq!(back.as_ref().map(Segment::encode), Ok(bytes));
            prop_assert_eq!(back, Ok(segment));
        }
    }

    #[test]
    fn any_changed_byte_is_noticed(
        rows in prop::collection::vec(row(), 1..12), at in any::<prop::sample::Index>(), flip in 1..=255_u8,
    ) {
        let mut bytes = segments(&unlike(rows), 20)[0].encode();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(Segment::decode(&bytes).is_err());
        bytes[at] ^= flip;
        prop_assert!(Segment::decode(&bytes[..at]).is_err());
        bytes.push(0);
        prop_assert!(Segment::decode(&bytes).is_err());
    }

    /// Also where the checksum holds, wrong lengths and numbers give an error or a segment that can be used.
    #[test]
    fn nonsense_with_a_right_checksum_does_no_harm(
        rows in prop::collection::vec(row(), 1..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = segments(&unlike(rows), 20)[0].encode();
        for (at, value) in changes {
            let at = 24 + at.index(bytes.len() - 24);
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(24 + cut.index(bytes.len() - 24));
        }
        if let Ok(segment) = Segment::decode(&with_checksum(bytes)) {
            let rows = segment.rows() - segment.dismissed();
            let mut table = error_desk::dataset::Table::new();
            table.append(DatasetId(1), segment);
            prop_assert_eq!(table.rows(&Filter::default(), None, 0, 99).rows.len(), rows);
            for id in table.ids(&Filter::default(), None) {
                prop_assert!(table.record(id).is_some());
            }
        }
    }
}

#[test]
fn every_single_changed_byte_is_noticed() {
    let row = RowData { message: "x".to_owned(), ..RowData::default() };
    let bytes = segments(&[row], 1)[0].encode();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] = !damaged[at];
        assert!(Segment::decode(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let bytes = segments(&[RowData::default()], 1)[0].encode();
    assert_eq!(Segment::decode(b"PK\x03\x04"), Err(SegmentError::NotASegment));
    assert_eq!(Segment::decode(b""), Err(SegmentError::NotASegment));
    let mut newer = bytes.clone();
    newer[4] = 9;
    assert_eq!(Segment::decode(&newer), Err(SegmentError::Version(9)));
    let mut damaged = bytes;
    *damaged.last_mut().unwrap() ^= 1;
    let error = Segment::decode(&damaged).unwrap_err();
    assert!(error.to_string().contains("import the dump again"), "{error}");
}

#[test]
fn an_enormous_length_allocates_nothing() {
    let mut bytes = segments(&[RowData::default()], 1)[0].encode();
    // The number of entries of the first dictionary: after the rows and one word of dismissals.
    bytes[24 + 4 + 8..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(Segment::decode(&with_checksum(bytes)), Err(SegmentError::Damaged("length")));
}

#[test]
fn an_erased_segment_holds_nothing_of_dismissed_rows() {
    let secret = |at: u128| RowData {
        identity: Identity(at),
        id: format!("secret id {at}"),
        time: Some(1_234_567_890_123),
        names: std::array::from_fn(|name| format!("secret name {name} of {at}")),
        inferred: true,
        key: format!("secret key {at}"),
        message: format!("secret message {at}"),
        retries: Some(77_777),
        extra: vec![format!("secret note {at}")],
    };
    let open = |at: u128| RowData {
        identity: Identity(at),
        id: format!("E-{at}"),
        names: std::array::from_fn(|name| format!("name {name}")),
        message: "Kept".to_owned(),
        ..RowData::default()
    };
    let rows = [open(1), secret(2), open(3), secret(4), open(5)];
    let mut table = table(&rows, 4);
    let gone = [1, 3].map(|row| RecordId::new(DatasetId(1), row));
    assert_eq!(table.dismiss(&gone), 2);
    let [waiting] = table.chunks_to_erase()[..] else { panic!("one chunk waits") };
    assert_eq!((waiting.dataset, waiting.chunk), (DatasetId(1), 0));
    let before = table.ids(&Filter::default(), None);
    let segment = table.erased_segment(DatasetId(1), 0).unwrap();
    table.erase(DatasetId(1), 0);
    assert_eq!(table.erased_segment(DatasetId(1), 2), None);
    assert_eq!(table.chunks_to_erase(), []);
    assert_eq!((segment.rows(), segment.dismissed()), (4, 2));

    let bytes = segment.encode();
    let within = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(within(b"Kept") && !within(b"secret"));
    assert!(!within(&1_234_567_890_123_i64.to_le_bytes()) && !within(&77_777_u32.to_le_bytes()));
    assert!(!format!("{:?}", table.record(gone[0])).contains("secret"));

    let mut back = error_desk::dataset::Table::new();
    back.append(DatasetId(1), Segment::decode(&bytes).unwrap());
    back.append(DatasetId(1), table.erased_segment(DatasetId(1), 1).unwrap());
    assert_eq!(back.ids(&Filter::default(), None), before);
    assert_eq!((back.len(), back.chunks_to_erase()), (3, vec![]));
    assert!(!back.contains(Identity(2)));
    for id in before {
        assert_eq!(back.record(id), table.record(id));
    }
}
