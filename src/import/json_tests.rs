use super::*;

#[derive(Default, Debug, PartialEq)]
struct Seen {
    headers: Vec<String>,
    rows: Vec<(u32, Vec<String>)>,
    rejects: Vec<(u32, String)>,
    notes: Vec<Note>,
}

impl RowTaker for Seen {
    fn columns(&mut self, headers: &[String]) -> Result<(), ImportError> {
        self.headers = headers.to_vec();
        Ok(())
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

fn parse(shape: JsonShape, bytes: &[u8], step: usize) -> Result<Seen, ImportError> {
    let mut seen = Seen::default();
    let mut parser = JsonParser::new("test.json", shape);
    for chunk in bytes.chunks(step.max(1)) {
        parser.push(chunk, &mut seen)?;
    }
    parser.finish(&mut seen)?;
    Ok(seen)
}

/// Parses in several cuts, which must agree.
fn all(shape: JsonShape, text: &str) -> Result<Seen, ImportError> {
    let whole = parse(shape, text.as_bytes(), text.len());
    for step in [1, 2, 5] {
        assert_eq!(parse(shape, text.as_bytes(), step), whole, "{text} in steps of {step}");
    }
    whole
}

#[test]
fn members_become_columns_as_they_appear() {
    let seen = all(
        JsonShape::Array,
        "[ {\"a\": 1, \"b\":\"x \\\"y\\\" \\u00fc\\ud83d\\ude00\\n\"},\n{\"c\":{ \"d\" : [1, \"e f\"] },\"a\":null},{}\n]\n",
    )
    .unwrap();
    assert_eq!(seen.headers, ["a", "b", "c"]);
    assert_eq!(seen.rows[0], (1, vec!["1".into(), "x \"y\" ü😀\n".into()]));
    assert_eq!(seen.rows[1], (2, vec![String::new(), String::new(), "{\"d\":[1,\"e f\"]}".into()]));
    assert_eq!(seen.rows[2], (2, vec![String::new(); 3]));
}

#[test]
fn pages_of_odata_leave_annotations_out_and_tell_of_the_next_page() {
    let seen = all(
        JsonShape::ODataPage,
        r#"{"@odata.context":"x[{","value":[{"@odata.etag":"1","a":true,"b@OData.Community.Display.V1.FormattedValue":"B"}],
           "@odata.nextLink":"https://next"}{"value":[{"a":5637144576}]}"#,
    )
    .unwrap();
    assert_eq!(seen.headers, ["a", "b@OData.Community.Display.V1.FormattedValue"]);
    assert_eq!(seen.rows[0].1, ["true", "B"]);
    assert_eq!(seen.rows[1].1[0], "5637144576");
    assert_eq!(seen.notes, [Note::Page, Note::NextPage, Note::Page]);
}

#[test]
fn a_bad_line_of_json_lines_costs_itself_only() {
    let text = "{\"a\":1}\n{\"a\":\n\n[1]\r\n{\"a\":2}";
    let seen = all(JsonShape::Lines, text).unwrap();
    assert_eq!(seen.rows, [(1, vec!["1".to_owned()]), (5, vec!["2".to_owned()])]);
    assert_eq!(seen.rejects[0], (2, "not valid JSON at character 5".to_owned()));
    assert_eq!(seen.rejects[1], (4, "a row must be a JSON object".to_owned()));
}

#[test]
fn what_ends_early_or_breaks_the_rules_is_damaged() {
    for (shape, text, place) in [
        (JsonShape::Array, "[{\"a\":1},\n{\"a\"", "line 2"),
        (JsonShape::Array, "[{\"a\":1}", "line 1"),
        (JsonShape::Array, "[{\"a\":1}\n{\"a\":2}]", "line 2"),
        (JsonShape::ODataPage, "{\"value\":[", "line 1"),
        (JsonShape::Objects, "{\"a\":\n\"", "line 2"),
        (JsonShape::Objects, "{\"a\":1}\n,{\"a\":1}", "line 2"),
        (JsonShape::Objects, "{\"a\":1}]", "line 1"),
    ] {
        let error = all(shape, text).unwrap_err();
        assert!(error.to_string().contains(place), "{text}: {error}");
    }
    let seen = all(JsonShape::Array, "[1,{a:2},\"x\"]").unwrap();
    assert_eq!(seen.rejects.len(), 3);
    let deep = "[".repeat(100_000);
    assert!(all(JsonShape::Array, &deep).is_err());
    let closed = format!("[{}{}]", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(parse(JsonShape::Array, closed.as_bytes(), 1 << 20).unwrap().rejects.len(), 1);
}

#[test]
fn a_row_beyond_the_limit_is_rejected_in_bounded_memory() {
    let mut text = b"[{\"a\":\"".to_vec();
    text.resize(MAX_RECORD_BYTES + 10, b'x');
    text.extend_from_slice(b"\"},{\"a\":1}]");
    for shape in [JsonShape::Array, JsonShape::Lines] {
        let text = if shape == JsonShape::Lines {
            let mut lines = text[1..text.len() - 9].to_vec();
            lines.extend_from_slice(b"\n{\"a\":1}");
            lines
        } else {
            text.clone()
        };
        for step in [1 << 20, text.len()] {
            let seen = parse(shape, &text, step).unwrap();
            assert_eq!((seen.rejects.len(), seen.rows.len()), (1, 1));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn cuts_change_nothing(
        text in r#"(\{"a":1\}|\{"b":"x\\"y"\}|\[|\]|,|\n|\{|\}|"|ü|:|nul){0,25}"#,
        step in 1_usize..6,
        lines in proptest::bool::ANY,
    ) {
        let shape = if lines { JsonShape::Lines } else { JsonShape::Array };
        let text = if lines { text } else { format!("[{text}") };
        let (whole, cut) = (
            parse(shape, text.as_bytes(), text.len()),
            parse(shape, text.as_bytes(), step),
        );
        proptest::prop_assert_eq!(whole, cut);
    }
}

/// Rows of the usual form are read in one pass, which must take nothing else for one.
#[test]
fn plain_rows_are_read_as_the_closer_look_reads_them() {
    let first = r#"{"a":"x","b":1,"c":null,"d":"y"}"#;
    let mut lines = vec![];
    for plain in [
        r#"{"a":"x \"y\" \\ \n","b":12,"c":true,"d":""}"#,
        r#"{ "d" : "ü" , "a" : null, "a":0, "b":false }"#,
    ] {
        for (at, letter) in plain.char_indices() {
            for other in [
                "", "\"", "\\", "{", "}", "[", ",", ":", "0", ".5", "e1", "-", " ", "\t", "\u{1}",
                "n", "ü", "\\u00fc",
            ] {
                lines.push(format!("{}{other}{}", &plain[..at], &plain[at..]));
                lines.push(format!("{}{other}{}", &plain[..at], &plain[at + letter.len_utf8()..]));
            }
        }
    }
    for line in lines {
        let text = format!("{first}\n{line}\n{first}");
        let seen = parse(JsonShape::Lines, text.as_bytes(), text.len()).unwrap();
        // A tab between tokens is no plain form.
        let text = format!("{first}\n{}\n{first}", line.replacen('{', "{\t", 1));
        let closer = parse(JsonShape::Lines, text.as_bytes(), text.len()).unwrap();
        assert_eq!((&seen.headers, &seen.rows), (&closer.headers, &closer.rows), "{line}");
        assert_eq!(seen.rejects.len(), closer.rejects.len(), "{line}");
    }
}

#[test]
fn a_name_that_needs_escapes_is_known_in_its_written_form_alone() {
    // A quote would end the name, and a control must not be in it.
    for (name, written, bare) in
        [("a\"b", r#""a\"b""#, r#""a"b""#), ("a\tb", r#""a\tb""#, "\"a\tb\"")]
    {
        let text = format!("{{{written}:1}}\n{{{written}:2}}\n{{{bare}:3}}");
        let seen = parse(JsonShape::Lines, text.as_bytes(), text.len()).unwrap();
        assert_eq!(seen.headers, [name]);
        assert_eq!((seen.rows.len(), seen.rejects.len()), (2, 1), "{name}");
    }
    // With one backslash less it is another name.
    for (name, written, bare, other) in [
        ("a\\b", r#""a\\b""#, r#""a\b""#, "a\u{8}"),
        ("\\u00fc", r#""\\u00fc""#, r#""\u00fc""#, "ü"),
    ] {
        let text = format!("{{{written}:1}}\n{{{written}:2}}\n{{{bare}:3}}");
        let seen = parse(JsonShape::Lines, text.as_bytes(), text.len()).unwrap();
        assert_eq!(seen.headers, [name, other]);
        assert_eq!(seen.rejects.len(), 0);
    }
}
