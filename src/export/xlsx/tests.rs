//! Workbooks, read back by other code than wrote them.

use std::collections::HashMap;
use std::io::Read as _;

use flate2::read::DeflateDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::export::samples;

fn workbook(records: &[Record]) -> Vec<u8> {
    let mut xlsx = XlsxWriter::begin(Vec::new()).unwrap();
    for record in records {
        xlsx.record(record).unwrap();
    }
    xlsx.finish().unwrap()
}

/// Unpacks by another ZIP implementation than the one that packed; checksums are checked.
fn unzip(bytes: &[u8]) -> HashMap<String, String> {
    let archive = rawzip::ZipArchive::from_slice(bytes).unwrap();
    let mut files = HashMap::new();
    for entry in archive.entries() {
        let entry = entry.unwrap();
        let name = entry.file_path().try_normalize().unwrap().as_ref().to_owned();
        let packed = archive.get_entry(entry.wayfinder()).unwrap();
        let mut content = String::new();
        packed
            .verifying_reader(DeflateDecoder::new(packed.data()))
            .read_to_string(&mut content)
            .unwrap();
        files.insert(name, content);
    }
    files
}

/// Cells by their reference: type and text.
fn cells_of(sheet: &str) -> HashMap<String, (String, String)> {
    let mut reader = Reader::from_str(sheet);
    let mut cells: HashMap<String, (String, String)> = HashMap::new();
    let mut at = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == "c" => {
                let attribute = |name: &str| {
                    tag.try_get_attribute(name).unwrap().map(|found| found.value.into_owned())
                };
                at = attribute("r").unwrap();
                let kind = attribute("t").or(attribute("s").map(|style| format!("s{style}")));
                cells.insert(at.clone(), (kind.unwrap_or_default(), String::new()));
            }
            Event::Text(text) if !at.is_empty() => {
                cells.get_mut(&at).unwrap().1.push_str(&text);
            }
            Event::GeneralRef(name) => {
                let letter = match name.as_ref() {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    other => panic!("{other:?}"),
                };
                cells.get_mut(&at).unwrap().1.push(letter);
            }
            Event::Eof => return cells,
            _ => {}
        }
    }
}

#[test]
fn a_workbook_unpacks_to_the_records() {
    let records = [
        samples::record("5637144576", "=SUM(1) <a> & \"b\"\r\nnext\u{1}_x0041_"),
        samples::bare("2"),
    ];
    let files = unzip(&workbook(&records));
    let mut names: Vec<_> = files.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "[Content_Types].xml",
            "_rels/.rels",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml"
        ]
    );
    let sheet = &files["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains("<autoFilter ref=\"A1:Q3\"/>") && sheet.contains("state=\"frozen\""));
    assert!(!sheet.contains("<f>"), "no formulas");
    let cells = cells_of(sheet);
    for (column, field) in FIELDS.into_iter().enumerate() {
        assert_eq!(cells[&format!("{}1", column_letter(column))].1, field);
    }
    let cell = |at: &str| (cells[at].0.as_str(), cells[at].1.as_str());
    assert_eq!(cell("A2"), ("inlineStr", "5637144576"));
    assert_eq!(cell("B2").0, "s1");
    assert_eq!(cell("J2"), ("b", "1"));
    assert_eq!(cell("M2"), ("inlineStr", "=SUM(1) <a> & \"b\"\nnext\u{FFFD}_x005F_x0041_"));
    assert_eq!(cell("N2"), ("", "3"));
    assert_eq!(cell("Q3"), ("inlineStr", "3:17"));
    assert!(!cells.contains_key("B3") && !cells.contains_key("M3") && !cells.contains_key("N3"));
    assert!(files["xl/workbook.xml"].contains("Errors!$A$1:$Q$3"));
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let records = [samples::record("1", "x")];
    assert_eq!(workbook(&records), workbook(&records));
}

#[test]
fn times_are_dates_where_excel_has_them() {
    let serial = |text: &str| serial_date(Timestamp::parse(text).unwrap());
    assert_eq!(serial("2026-01-01T12:00:00Z"), Some(46_023.5));
    assert_eq!(serial("1900-03-01T00:00:00Z"), Some(61.0));
    assert_eq!(serial("1900-01-01T00:00:00Z"), None);
    assert_eq!(serial("2154-12-31T23:59:59Z").map(f64::floor), Some(93_138.0));
    // A millisecond survives the way there and back.
    let time = Timestamp::parse("2026-03-01T08:15:30.251Z").unwrap();
    let days: f64 = serial_date(time).unwrap().to_string().parse().unwrap();
    assert_eq!(((days - 25_569.0) * 86_400_000.0).round() as i64, time.millis());
}

#[test]
fn a_long_text_is_cut_with_a_mark() {
    for (letter, units) in [("a", 1), ("ß", 1), ("🦀", 2)] {
        let fits = letter.repeat(CELL_LIMIT / units);
        assert_eq!(kept_len(&fits), fits.len());
        let long = letter.repeat(CELL_LIMIT / units + 1);
        let mut line = String::new();
        push_text_cell(&mut line, 12, 2, &long, 0);
        let text = line.split("preserve\">").nth(1).unwrap().split("</t>").next().unwrap();
        assert!(text.ends_with(CUT_MARK));
        let written = text.encode_utf16().count();
        assert!((CELL_LIMIT - 1..=CELL_LIMIT).contains(&written), "{written}");
    }
}

#[test]
fn a_full_sheet_refuses_with_the_limit() {
    let mut xlsx = XlsxWriter::begin(Vec::new()).unwrap();
    xlsx.rows = RECORD_LIMIT;
    let record = samples::bare("1");
    xlsx.record(&record).unwrap();
    let refused = xlsx.record(&record).unwrap_err();
    assert!(matches!(refused, ExportError::TooManyRecords { limit: 1_048_575 }));
    assert!(refused.to_string().contains("1048575"));
}
