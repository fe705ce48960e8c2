//! The stored form: what is written comes back, what is damaged is refused, what was dismissed is not in it.

use error_desk::dataset::{ChunkRef, Sealed, Segment, SegmentDetails, SegmentError, SegmentHead};
use error_desk::domain::{Column, DatasetId, Filter, Identity, RecordId, Sort};
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

/// Where the parts of these tests lie.
const HERE: ChunkRef = ChunkRef { dataset: DatasetId(1), chunk: 0 };

fn nth(chunk: u32) -> ChunkRef {
    ChunkRef { chunk, ..HERE }
}

/// Bytes before the payload.
const HEADER: usize = 32;

/// The same bytes with a checksum that holds, as a faulty or hostile writer would make them.
fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(payload) = bytes.len().checked_sub(HEADER) {
        bytes[8..16].copy_from_slice(&(payload as u64).to_le_bytes());
        let sum = xxh3_64(&[&bytes[..24], &bytes[HEADER..]].concat());
        bytes[24..32].copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}

/// As the version before wrote it: without a place.
fn of_version_1(bytes: &[u8]) -> Vec<u8> {
    let start = [&bytes[..4], &1_u32.to_le_bytes(), &bytes[8..16]].concat();
    let sum = xxh3_64(&[&start, &bytes[HEADER..]].concat());
    [&start, &sum.to_le_bytes()[..], &bytes[HEADER..]].concat()
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
            let [head, details] = segment.encode(HERE);
            let back = Segment::decode(HERE, &head, &details);
            prop_assert_eq!(back.as_ref().map(|back| back.encode(HERE)), Ok([head, details]));
            prop_assert_eq!(back.as_ref(), Ok(&segment));
            // From wherever another thread has put it.
            let [head, details] = segment.encode(nth(7));
            let sealed = Sealed::decode(nth(7), &head, details).unwrap();
            let (back, parts) = sealed.store(HERE);
            prop_assert_eq!(parts, segment.encode(HERE));
            prop_assert_eq!(back, segment);
        }
    }

    #[test]
    fn any_changed_byte_is_noticed(
        rows in prop::collection::vec(row(), 1..12), at in any::<prop::sample::Index>(), flip in 1..=255_u8,
    ) {
        let parts = segments(&unlike(rows), 20)[0].encode(HERE);
        for part in 0..2 {
            let changed = |change: &dyn Fn(&mut Vec<u8>)| {
                let mut parts = parts.clone();
                change(&mut parts[part]);
                Segment::decode(HERE, &parts[0], &parts[1])
            };
            let at = at.index(parts[part].len());
            prop_assert!(changed(&|bytes| bytes[at] ^= flip).is_err());
            prop_assert!(changed(&|bytes| bytes.truncate(at)).is_err());
            prop_assert!(changed(&|bytes| bytes.push(0)).is_err());
        }
    }

    /// Also where the checksum holds, wrong lengths and numbers give an error or a segment that can be used.
    #[test]
    fn nonsense_with_a_right_checksum_does_no_harm(
        rows in prop::collection::vec(row(), 1..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        in_details in any::<bool>(),
    ) {
        let mut parts = segments(&unlike(rows), 20)[0].encode(HERE);
        let bytes = &mut parts[usize::from(in_details)];
        for (at, value) in changes {
            let at = HEADER + at.index(bytes.len() - HEADER);
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(HEADER + cut.index(bytes.len() - HEADER));
        }
        *bytes = with_checksum(std::mem::take(bytes));
        if let Ok(segment) = Segment::decode(HERE, &parts[0], &parts[1]) {
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
    let parts = segments(&[row], 1)[0].encode(HERE);
    for part in 0..2 {
        for at in 0..parts[part].len() {
            let mut damaged = parts.clone();
            damaged[part][at] = !damaged[part][at];
            let is_noticed =
                |parts: &[Vec<u8>; 2]| Segment::decode(HERE, &parts[0], &parts[1]).is_err();
            assert!(is_noticed(&damaged), "byte {at} of {part}");
            damaged[part].remove(at);
            assert!(is_noticed(&damaged), "no byte {at} of {part}");
        }
    }
}

/// Bytes that are whole and in the wrong place: of another dataset, another chunk, the other part.
#[test]
fn a_part_in_the_place_of_another_is_noticed() {
    let [head, details] = segments(&[RowData::default()], 1)[0].encode(HERE);
    let elsewhere = [nth(1), ChunkRef { dataset: DatasetId(2), chunk: 0 }];
    for place in elsewhere {
        let misplaced = SegmentError::Misplaced(1, 0);
        assert_eq!(SegmentHead::decode(place, &head), Err(misplaced.clone()));
        assert_eq!(SegmentDetails::decode(place, &details), Err(misplaced));
    }
    assert_eq!(SegmentHead::decode(HERE, &details), Err(SegmentError::NotASegment));
}

#[test]
fn two_bytes_that_changed_places_are_noticed() {
    let rows = [1, 2].map(|at| RowData { identity: Identity(at << 64), ..RowData::default() });
    for part in segments(&rows, 2)[0].encode(HERE) {
        for (one, other) in (0..part.len()).zip(1..part.len()) {
            let mut swapped = part.clone();
            swapped.swap(one, other);
            let read = SegmentHead::decode(HERE, &swapped).is_ok()
                || SegmentDetails::decode(HERE, &swapped).is_ok();
            assert_eq!(read, swapped == part, "bytes {one} and {other}");
        }
    }
}

#[test]
fn parts_of_the_version_before_are_read_wherever_they_lie() {
    let segment = &segments(&[RowData { message: "x".to_owned(), ..RowData::default() }], 1)[0];
    let old = segment.encode(HERE).map(|part| of_version_1(&part));
    assert_eq!(Segment::decode(nth(7), &old[0], &old[1]).as_ref(), Ok(segment));
    let sealed = Sealed::decode(nth(7), &old[0], old[1].clone()).unwrap();
    assert_eq!(sealed.store(HERE).1, segment.encode(HERE));
    for part in 0..2 {
        for at in 0..old[part].len() {
            let mut damaged = old.clone();
            damaged[part][at] = !damaged[part][at];
            assert!(
                Segment::decode(HERE, &damaged[0], &damaged[1]).is_err(),
                "byte {at} of {part}"
            );
        }
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let [head, details] = segments(&[RowData::default()], 1)[0].encode(HERE);
    assert_eq!(SegmentHead::decode(HERE, b"PK\x03\x04"), Err(SegmentError::NotASegment));
    assert_eq!(SegmentHead::decode(HERE, b""), Err(SegmentError::NotASegment));
    assert_eq!(Segment::decode(HERE, &details, &head), Err(SegmentError::NotASegment));
    let mut newer = head.clone();
    newer[4] = 9;
    assert_eq!(SegmentHead::decode(HERE, &newer), Err(SegmentError::Version(9)));
    let mut damaged = details.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let error = SegmentDetails::decode(HERE, &damaged).unwrap_err();
    assert_eq!(error, SegmentError::Damaged("checksum"));
    let [_, others] = segments(&unlike(vec![RowData::default(); 2]), 2)[0].encode(HERE);
    assert!(Segment::decode(HERE, &head, &others).is_err(), "parts of different segments");
}

#[test]
fn an_enormous_length_allocates_nothing() {
    let [mut bytes, _] = segments(&[RowData::default()], 1)[0].encode(HERE);
    // The number of entries of the first dictionary: after the rows and one word of dismissals.
    bytes[HEADER + 4 + 8..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(
        SegmentHead::decode(HERE, &with_checksum(bytes)),
        Err(SegmentError::Damaged("length"))
    );
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

    let [head, details] = segment.encode(HERE);
    let bytes = [&head[..], &details].concat();
    let within = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(within(b"Kept") && !within(b"secret"));
    assert!(!within(&1_234_567_890_123_i64.to_le_bytes()) && !within(&77_777_u32.to_le_bytes()));
    assert!(!format!("{:?}", table.record(gone[0])).contains("secret"));

    let mut back = error_desk::dataset::Table::new();
    back.append(DatasetId(1), Segment::decode(HERE, &head, &details).unwrap());
    back.append(DatasetId(1), table.erased_segment(DatasetId(1), 1).unwrap());
    assert_eq!(back.ids(&Filter::default(), None), before);
    assert_eq!((back.len(), back.chunks_to_erase()), (3, vec![]));
    assert!(!back.contains(Identity(2)));
    for id in before {
        assert_eq!(back.record(id), table.record(id));
    }
}

/// What must wait for the details, and what need not.
#[test]
fn heads_alone_answer_what_needs_no_text() {
    let rows: Vec<RowData> = (0..12)
        .map(|at| RowData {
            id: format!("0f8fad5b-d9cb-469f-a165-{at:012}"),
            message: format!("failed {at}"),
            names: std::array::from_fn(|_| ["A", "B"][at as usize % 2].to_owned()),
            identity: Identity(at + 1),
            ..RowData::default()
        })
        .collect();
    let whole = table(&rows, 4);
    let parts: Vec<[Vec<u8>; 2]> =
        segments(&rows, 4).iter().zip(0..).map(|(made, at)| made.encode(nth(at))).collect();
    let mut table = error_desk::dataset::Table::new();
    for ([head, _], at) in parts.iter().zip(0..) {
        table.append_head(DatasetId(1), SegmentHead::decode(nth(at), head).unwrap());
    }
    let chunk = |chunk| ChunkRef { dataset: DatasetId(1), chunk };
    let (all, a) =
        (Filter::default(), Filter { entities: vec!["A".to_owned()], ..Filter::default() });
    let text = Filter { text: Some("failed".to_owned()), ..Filter::default() };
    assert_eq!((table.count(&all), table.count(&a)), (12, 6));
    assert_eq!(table.lacking_to_count(&a), []);
    assert_eq!(table.lacking_to_count(&text), [0, 1, 2].map(chunk));
    assert_eq!(table.lacking_to_list(&a, None, 3, 2), [chunk(1), chunk(2)]);
    let by_message = Some(Sort { column: Column::Message, descending: false });
    assert_eq!(table.lacking_to_list(&a, by_message, 0, 1), [0, 1, 2].map(chunk));

    // One chunk is enough for its own rows; records can be found only when all are there.
    let details = |at: u32| SegmentDetails::decode(nth(at), &parts[at as usize][1]).unwrap();
    assert!(table.complete(chunk(1), details(1)));
    assert_eq!(table.lacking_to_list(&all, None, 4, 4), []);
    assert_eq!(table.rows(&all, None, 4, 4), whole.rows(&all, None, 4, 4));
    assert!(!table.complete(chunk(7), details(0)), "there is no such chunk");
    assert!(table.complete(chunk(2), details(2)) && table.complete(chunk(0), details(0)));
    assert_eq!(table.find(&rows[9].id), whole.find(&rows[9].id));
    assert_eq!(table.count(&text), 12);
    assert!(table.is_to_be_indexed(), "who asks for rows does not wait for an index");
    while table.index_next() {}
    assert_eq!(table.find(&rows[9].id), whole.find(&rows[9].id));
}

#[test]
fn where_ids_may_meet_all_of_them_are_needed() {
    let rows: Vec<RowData> = (0..8)
        .map(|at| RowData {
            id: "5637144576".to_owned(),
            identity: Identity(at + 1),
            ..RowData::default()
        })
        .collect();
    let mut table = error_desk::dataset::Table::new();
    for segment in segments(&rows, 4) {
        table.append_head(
            DatasetId(1),
            SegmentHead::decode(HERE, &segment.encode(HERE)[0]).unwrap(),
        );
    }
    assert_eq!(table.lacking_to_list(&Filter::default(), None, 0, 1).len(), 2);
}
