use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::import::csv::CsvParser;
use crate::import::error::ImportError;
use crate::import::rows::{Note, RowTaker};

/// The parts that come of bytes in such slices.
fn parts(mut cutter: Cutter, bytes: &[u8], slice: usize) -> Vec<&[u8]> {
    let (mut parts, mut start, mut end) = (Vec::new(), 0, 0);
    for slice in bytes.chunks(slice) {
        let mut rest = slice;
        while let Some(at) = cutter.cut(rest) {
            rest = &rest[at..];
            let next = end + slice.len() - rest.len();
            parts.push(&bytes[start..next]);
            start = next;
        }
        end += slice.len();
    }
    parts.extend((start < bytes.len()).then_some(&bytes[start..]));
    parts
}

#[derive(Debug, Default, PartialEq)]
struct Rows(Vec<(u32, Vec<String>)>);

impl RowTaker for Rows {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        Ok(())
    }

    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        self.0.push((line, cells.iter().map(|cell| (*cell).to_owned()).collect()));
        Ok(())
    }

    fn reject(&mut self, line: u32, reason: String) {
        self.0.push((line, vec![reason]));
    }

    fn note(&mut self, _: Note) {}
}

#[test]
fn lines_are_counted_and_blank_ones_are_not() {
    let text = b"{}\n\r\n{}\n\n{}\n{}";
    for slice in 1..=text.len() {
        let expected: [&[u8]; 2] = [b"{}\n\r\n{}\n", b"\n{}\n{}"];
        assert_eq!(parts(Cutter::lines().with_rows(2), text, slice), expected, "{slice}");
    }
}

#[test]
fn the_first_part_has_the_header_besides() {
    let text = b"a,b\r\n1,2\r\n\r\n3,\"4\r\n\"\r\n5,6\r\n";
    for slice in 1..=text.len() {
        let parts = parts(Cutter::delimited(b',', 1).with_rows(2), text, slice);
        let expected: [&[u8]; 2] = [b"a,b\r\n1,2\r\n\r\n3,\"4\r\n\"\r\n", b"5,6\r\n"];
        assert_eq!(parts, expected, "{slice}");
    }
}

#[test]
fn a_part_of_long_records_ends_before_it_has_all_its_rows() {
    let record = format!("a,\"{}\r\n{}\"\r\n", "b".repeat(70), "c".repeat(70));
    let text = record.repeat(9);
    for slice in [1, 7, 64, 100, 151, text.len()] {
        let mut cutter = Cutter::delimited(b',', 0);
        cutter.part.most_bytes = 2 * record.len() + 5;
        let lengths: Vec<usize> =
            parts(cutter, text.as_bytes(), slice).iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [3 * record.len(); 3], "{slice}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn parts_hold_the_records_that_the_whole_holds(
        pieces in prop::collection::vec(select(&["a", "ü", ",", "\"", "\"\"", "\n", "\r\n", "\r", "x,y\n", "\"z\"", ",\"a\nb\"",
            "a text of more than half a block, so that blocks are full", "\n\n\n\n\n\n\n\n1\n2\n3\n4\n5"][..]), 0..60),
        slice in 1..400_usize,
        rows in 1..5_usize,
    ) {
        let text = pieces.concat();
        let read = |text: &str, line: u32, is_last: bool, rows: &mut Rows| {
            let mut parser = CsvParser::new("dump", b',');
            parser.go_to(line);
            parser.push(text.as_bytes(), rows).unwrap();
            if is_last {
                parser.finish(rows).unwrap();
            }
            parser.line()
        };
        let (mut whole, mut cut) = (Rows::default(), Rows::default());
        read(&text, 1, true, &mut whole);
        let mut line = 1;
        let parts = parts(Cutter::delimited(b',', 0).with_rows(rows), text.as_bytes(), slice);
        for (at, part) in parts.iter().enumerate() {
            let before = cut.0.len();
            line = read(std::str::from_utf8(part).unwrap(), line, at + 1 == parts.len(), &mut cut);
            let is_last = at + 1 == parts.len();
            prop_assert!(is_last || cut.0.len() - before <= rows, "no part has more rows than it may");
        }
        prop_assert_eq!(cut, whole);
    }
}
