use super::*;

#[derive(Default, Debug, PartialEq)]
struct Seen {
    rows: Vec<(u32, Vec<String>)>,
    rejects: Vec<(u32, String)>,
    notes: Vec<Note>,
}

impl RowTaker for Seen {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        unreachable!("a table tells its header as a row")
    }
    fn row(&mut self, line: u32, cells: &[&str]) -> Result<(), ImportError> {
        self.rows.push((line, cells.iter().map(|&cell| cell.to_owned()).collect()));
        Ok(())
    }
    fn reject(&mut self, line: u32, reason: String) {
        self.rejects.push((line, reason));
    }
    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }
}

fn parse(bytes: &[u8], step: usize) -> Seen {
    let mut seen = Seen::default();
    let mut parser = CsvParser::new("test.csv", b',');
    for chunk in bytes.chunks(step.max(1)) {
        parser.push(chunk, &mut seen).unwrap();
    }
    parser.finish(&mut seen).unwrap();
    seen
}

/// Parses in several cuts, which must agree.
fn check(text: &str, expected: &[(u32, &[&str])]) {
    let expected: Vec<(u32, Vec<String>)> = expected
        .iter()
        .map(|(line, cells)| (*line, cells.iter().map(|&cell| cell.to_owned()).collect()))
        .collect();
    for step in [1, 2, 3, 7, text.len()] {
        let seen = parse(text.as_bytes(), step);
        assert_eq!(seen.rows, expected, "{text:?} in steps of {step}");
        assert_eq!(seen.rejects, [], "{text:?}");
    }
}

#[test]
fn line_ends_of_all_kinds_are_read_and_blank_records_passed_over() {
    check(
        "a,b\r\nc,d\ne,f\rg,h",
        &[(1, &["a", "b"]), (2, &["c", "d"]), (3, &["e", "f"]), (4, &["g", "h"])],
    );
    check("\n\r\na\n,,\n\"\"\r\rb\n", &[(3, &["a"]), (7, &["b"])]);
}

#[test]
fn quotes_hold_delimiters_line_ends_and_quotes() {
    check("\"a,\r\nb\",\"\"\"x\"\"\"\nnext\n", &[(1, &["a,\r\nb", "\"x\""]), (3, &["next"])]);
    check(
        "a,b\nx,\"1\n2\",\"3\r\n4\"\ry,z,\"\n\"\r\nnext\n",
        &[(1, &["a", "b"]), (2, &["x", "1\n2", "3\r\n4"]), (5, &["y", "z", "\n"]), (7, &["next"])],
    );
    check("a\"b,\"c\"d\"e,f\n", &[(1, &["a\"b", "cd\"e", "f"])]);
    check("\"\",x,\n", &[(1, &["", "x", ""])]);
    check("\"end\"", &[(1, &["end"])]);
    check("x,\"\"\"\"", &[(1, &["x", "\""])]);
}

#[test]
fn an_open_quote_costs_its_line_only() {
    for step in [1, 4, 100] {
        let seen = parse(b"a,b\n\"x\ny\",\"open\nc,d\ne,f", step);
        assert_eq!(seen.rejects, [(2, "the quote opened on line 3 is never closed".to_owned())]);
        let rows: Vec<_> = seen.rows.iter().map(|(line, cells)| (*line, cells.join("|"))).collect();
        assert_eq!(rows, [(1, "a|b".into()), (4, "c|d".into()), (5, "e|f".into())]);
    }
}

#[test]
fn fields_that_are_no_utf8_are_read_as_windows_1252() {
    let seen = parse(b"gr\xC3\xBC\xC3\x9Fe,gr\xFC\xDFe\nclean\n", 5);
    assert_eq!(seen.rows[0].1, ["grüße", "grüße"]);
    assert_eq!(seen.notes, [Note::Mended { line: 1 }]);
}

#[test]
fn a_record_beyond_the_limit_is_rejected_in_bounded_memory() {
    let mut text = b"a,b\n\"".to_vec();
    text.resize(MAX_RECORD_BYTES + 100, b'x');
    text.extend_from_slice(b"\n\"\nlast,row\n");
    for step in [1 << 20, text.len()] {
        let seen = parse(&text, step);
        assert_eq!(seen.rejects, [(2, TOO_LONG.to_owned())]);
        assert_eq!(seen.rows.last().unwrap(), &(4, vec!["last".to_owned(), "row".to_owned()]));
    }
    let mut seen = Seen::default();
    let mut parser = CsvParser::new("test.csv", b',');
    parser.push(&text[..MAX_RECORD_BYTES + 50], &mut seen).unwrap();
    assert!(parser.carry.capacity() == 0);
    let damaged = parser.finish(&mut seen).unwrap_err();
    assert!(damaged.to_string().contains("line 2"), "{damaged}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(300))]

    #[test]
    fn cuts_change_nothing(
        text in "([a-c,\"]|\r|\n|\r\n|\"\"|,\"|ü){0,60}",
        cuts in proptest::collection::vec(1_usize..9, 1..8),
    ) {
        let whole = parse(text.as_bytes(), text.len());
        let mut seen = Seen::default();
        let mut parser = CsvParser::new("test.csv", b',');
        let (mut at, mut turn) = (0, 0);
        while at < text.len() {
            let end = text.len().min(at + cuts[turn % cuts.len()]);
            parser.push(&text.as_bytes()[at..end], &mut seen).unwrap();
            (at, turn) = (end, turn + 1);
        }
        parser.finish(&mut seen).unwrap();
        proptest::prop_assert_eq!(seen, whole);
    }
}
