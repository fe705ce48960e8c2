//! Odd and hostile input: nothing panics, the books balance, and the cut of the input never matters.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the corpus test uses more of it")]
mod import_corpus_support;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::rc::Rc;

use error_desk::import::{ImportOptions, TableModel, ZoneRules, preview};
use import_corpus_support::run;
use import_corpus_support::stored_zip::stored_zip;
use proptest::prelude::*;

fn options() -> ImportOptions {
    ImportOptions {
        name: "hostile".into(),
        time_zone: Some(ZoneRules::utc()),
        ..ImportOptions::default()
    }
}

/// Imports whole and in pieces, which must agree, and checks the books.
fn check(bytes: &[u8], step: usize) {
    let whole = run(bytes, bytes.len().max(1), &options());
    assert_eq!(run(bytes, step.max(1), &options()), whole, "in pieces of {step}");
    if let Ok(summary) = &whole.summary {
        let settled =
            summary.loaded + summary.duplicates + summary.dismissed_earlier + summary.rejected;
        assert_eq!(summary.rows_read, settled);
    }
    // Whatever it says, it must not panic.
    let _ = preview(bytes, &options());
}

/// A small generator of its own: fixtures are damaged the same way in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Damaged forms of each fixture: a few in every run, and as many as `DWED_FUZZ` says where somebody has time.
fn turns() -> usize {
    std::env::var("DWED_FUZZ").ok().and_then(|turns| turns.parse().ok()).unwrap_or(6)
}

#[test]
fn damaged_fixtures_never_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ turns() as u64);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if path.to_string_lossy().ends_with(".expected.json") || bytes.len() > 20_000 {
            continue;
        }
        count += 1;
        for turn in 0..turns() {
            let mut damaged = bytes.clone();
            for _ in 0..=turn % 12 {
                let at = dice.roll(damaged.len());
                match dice.roll(4) {
                    _ if damaged.is_empty() => {}
                    0 => damaged.truncate(at),
                    1 => damaged[at] = dice.roll(256) as u8,
                    2 => damaged.insert(at, [b'"', b'{', b'\r', 0, 0xFF, b','][dice.roll(6)]),
                    _ => drop(damaged.drain(at..(at + dice.roll(9)).min(damaged.len()))),
                }
            }
            check(&damaged, 1 + dice.roll(700));
        }
    }
    assert!(count > 100);
}

#[test]
fn a_hundred_thousand_columns_are_read() {
    let header: Vec<String> = (0..100_000).map(|at| format!("c{at}")).collect();
    let cells = vec!["x"; 100_000].join(",");
    let text = format!("entity,message,{}\nA,m,{cells}\n", header.join(","));
    let summary = run(text.as_bytes(), 50_000, &options()).summary.unwrap();
    assert_eq!((summary.loaded, summary.columns.len()), (1, 100_002));
}

/// To look for a free name from the first number on, for each column, would take hours.
#[test]
fn a_hundred_thousand_columns_of_one_name_are_read() {
    let header = vec!["x"; 100_000].join(",");
    let cells = vec!["y"; 100_000].join(",");
    let text = format!("entity,message,{header}\nA,m,{cells}\n");
    let summary = run(text.as_bytes(), 50_000, &options()).summary.unwrap();
    assert_eq!((summary.loaded, summary.columns.len()), (1, 100_002));
    assert_eq!(summary.columns[100_001].header, "x (100000)");
}

/// Members that have no column in common: each row would have a place for all of them.
#[test]
fn archives_of_ever_new_columns_are_refused() {
    let member = |number: usize| {
        let header: Vec<String> = (0..900).map(|at| format!("c{number}_{at}")).collect();
        let row = vec!["x"; 900].join(",");
        let text = format!("entity,message,{}\nA,m{number},{row}\n", header.join(","));
        (format!("{number}.csv"), text.into_bytes())
    };
    let few: Vec<_> = (0..3).map(member).collect();
    let summary = run(&stored_zip(&few), 10_000, &options()).summary.unwrap();
    assert_eq!((summary.loaded, summary.columns.len()), (3, 2_702));
    let many: Vec<_> = (0..30).map(member).collect();
    let error = run(&stored_zip(&many), 1 << 20, &options()).summary.unwrap_err();
    assert_eq!(error.code(), "TooLarge", "{error}");
}

/// A report is read by people.
#[test]
fn remarks_on_very_many_files_are_counted_rather_than_listed() {
    let mut members = vec![("0.csv".to_owned(), b"entity,message\nA,m\n".to_vec())];
    members
        .extend((0..400).map(|number| (format!("n{number}.txt"), b"\x89PNG\r\n\x1a\n".to_vec())));
    let summary = run(&stored_zip(&members), 1 << 20, &options()).summary.unwrap();
    assert_eq!((summary.loaded, summary.warnings.len()), (1, 201));
    assert!(summary.warnings[200].message.starts_with("200 more"), "{:?}", summary.warnings[200]);
}

/// What has no end within a workbook or a document: each would fill the memory, or be gone through for ever.
#[test]
fn what_has_no_end_is_refused() {
    let book = |sheet: String| {
        let part = |name: &str, text: String| (name.to_owned(), text.into_bytes());
        stored_zip(&[
            part("_rels/.rels", r#"<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned()),
            part("xl/_rels/workbook.xml.rels", r#"<Relationships><Relationship Id="r" Type="x/worksheet" Target="s.xml"/></Relationships>"#.to_owned()),
            part("xl/workbook.xml", r#"<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r"/></sheets></workbook>"#.to_owned()),
            part("xl/s.xml", sheet),
        ])
    };
    let told = |file: Vec<u8>| run(&file, 1 << 20, &options()).summary.unwrap_err().to_string();
    let good = "<worksheet><sheetData><row r='1'><c t='inlineStr'><is><t>entity</t></is></c><c t='inlineStr'><is><t>message</t></is></c></row><row r='2'><c t='str'><v>A</v></c><c t='str'><v>m</v></c></row>";
    assert_eq!(
        run(&book(format!("{good}</sheetData></worksheet>")), 4_000, &options()).rows.len(),
        1
    );
    // One text of many runs; one row of many cells in one place; elements within elements.
    let run_of = format!("<r><t>{}</t></r>", "x".repeat(1 << 20));
    let text = told(book(format!(
        "{good}<row r='3'><c t='inlineStr'><is>{}</is></c></row>",
        run_of.repeat(18)
    )));
    assert!(text.contains("a text is longer than 16 MiB"), "{text}");
    let cell = format!("<c r='A3' t='str'><v>{}</v></c>", "x".repeat(4 << 20));
    let text = told(book(format!("{good}<row r='3'>{}</row>", cell.repeat(18))));
    assert!(text.contains("a row is longer than 64 MiB"), "{text}");
    let text = told(book(format!("{good}{}", "<a>".repeat(2_000))));
    assert!(text.contains("more than 1000 deep"), "{text}");
}

#[test]
fn objects_that_invent_members_stay_bounded() {
    let mut text = String::new();
    for row in 0..300 {
        text += "{\"entity\":\"A\",\"message\":\"m\"";
        for member in 0..20 {
            text += &format!(",\"k{row}_{member}\":1");
        }
        text += "}\n";
    }
    let summary = run(text.as_bytes(), 10_000, &options()).summary.unwrap();
    assert_eq!(summary.rows_read, 300);
    assert!(summary.columns.len() <= 4_096);
    assert!(summary.warnings.iter().any(|warning| warning.code == "TooManyColumns"));
}

#[test]
fn a_question_that_comes_late_still_refuses_the_file() {
    let mut text = String::from("occurred_at,entity,message\n");
    for row in 0..8_000 {
        text += &format!("2026-03-01T08:00:00Z,Customers V3,message number {row}\n");
    }
    assert!(text.len() > 300_000);
    let zone_missing = format!("{text}2026-03-01 08:00,Customers V3,late\n");
    let without_zone = ImportOptions { time_zone: None, ..options() };
    let error = run(zone_missing.as_bytes(), 65_536, &without_zone).summary.unwrap_err();
    assert_eq!(error.code(), "TimeZoneNeeded");
    assert!(error.to_string().contains("line 8002"), "{error}");
    let order_missing = format!("{text}01/02/2026 08:00,Customers V3,late\n");
    let error = run(order_missing.as_bytes(), 65_536, &options()).summary.unwrap_err();
    assert_eq!(error.code(), "DateOrderNeeded");
    assert_eq!(run(text.as_bytes(), 65_536, &without_zone).rows.len(), 8_000);
}

/// Rows enough to go beyond the sample, so that its seam is crossed too.
fn long_dump(json: bool, rows: usize) -> String {
    let mut text = if json { String::new() } else { "id;time;entity;message;note\r\n".to_owned() };
    for row in 0..rows {
        let minute = row % 60;
        text += &if json {
            format!(
                "{{\"id\":{row},\"time\":\"2026-03-01T08:{minute:02}:00Z\",\"entity\":\"Größe {}\",\"message\":\"a \\\"b\\\" {row}\\n\"}}\n",
                row % 7
            )
        } else {
            format!(
                "{row};2026-03-01T08:{minute:02}:00Z;Größe {};\"a \"\"b\"\";\r\n{row}\";n{}\r\n",
                row % 7,
                ";".repeat(row % 3)
            )
        };
    }
    text
}

#[test]
fn the_seam_of_the_sample_does_not_show() {
    for json in [false, true] {
        let text = long_dump(json, 6_000);
        assert!(text.len() > 256 << 10);
        let whole = run(text.as_bytes(), text.len(), &options());
        assert_eq!(whole.summary.as_ref().unwrap().loaded, 6_000);
        for step in [4_093, 262_145] {
            assert!(run(text.as_bytes(), step, &options()) == whole, "in pieces of {step}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..40) {
        check(&bytes, step);
    }

    #[test]
    fn any_text_is_survived(text in "(entity|message|time|\\PC|[,;\"\\[\\]{}:\\\\]|\r|\n|\t| |1/2/26){0,40}", step in 1_usize..20) {
        check(text.as_bytes(), step);
        check(format!("entity,message,time\n{text}").as_bytes(), step);
        check(format!("{{\"entity\":\"A\",\"message\":\"m\"}}\n{text}").as_bytes(), step);
    }

    #[test]
    fn rows_do_not_depend_on_the_cut(rows in 1_usize..40, json in any::<bool>(), step in 1_usize..300) {
        check(long_dump(json, rows).as_bytes(), step);
    }
}

/// The members of a zip file, unpacked; none where it is not to be read.
fn members_of(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(archive) = rawzip::ZipArchive::from_slice(file) else { return Vec::new() };
    let read = |entry: rawzip::ZipFileHeaderRecord<'_>| {
        let path = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        let found = archive.get_entry(entry.wayfinder()).ok()?;
        let mut bytes = Vec::new();
        match entry.compression_method() {
            rawzip::CompressionMethod::Store => bytes.extend_from_slice(found.data()),
            _ => {
                let unpacking = flate2::read::DeflateDecoder::new(found.data());
                unpacking.take(1 << 20).read_to_end(&mut bytes).ok()?;
            }
        }
        Some((path, bytes))
    };
    archive.entries().filter_map(Result::ok).filter_map(read).collect()
}

/// What is packed is damaged before it is packed: checksums would hide the parsers within.
#[test]
fn damaged_parts_never_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut dice = Dice(0xD1B5_4A32_D192_ED03 ^ turns() as u64);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let members = members_of(&bytes);
        if members.iter().all(|(_, bytes)| bytes.is_empty()) || bytes.len() > 20_000 {
            continue;
        }
        count += 1;
        for turn in 0..turns() {
            let mut damaged = members.clone();
            for _ in 0..=turn % 5 {
                let which = dice.roll(damaged.len());
                let part = &mut damaged[which].1;
                let at = dice.roll(part.len());
                match dice.roll(5) {
                    _ if part.is_empty() => {}
                    0 => part.truncate(at),
                    1 => part[at] = dice.roll(256) as u8,
                    2 => part.insert(at, [b'"', b'<', b'&', b'>', b'9', 0][dice.roll(6)]),
                    // Repeated numbers and names are what formats make loops of.
                    3 => {
                        let end = (at + dice.roll(40)).min(part.len());
                        let again = part[at..end].to_vec();
                        part.splice(at..at, again);
                    }
                    _ => drop(part.drain(at..(at + dice.roll(30)).min(part.len()))),
                }
            }
            check(&stored_zip(&damaged), 1 + dice.roll(3_000));
        }
    }
    assert!(count > 20, "{count}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_time_is_survived(times in proptest::collection::vec("[0-9/.:TZ APMapm,+()DateGMUC-]{0,30}|[0-9]{1,4}[-/.][0-9]{1,4}[-/.][0-9]{1,4}[ T][0-9:.]{0,20}", 1..20)) {
        let rows: String = times.iter().map(|time| format!("A,\"{time}\",m\n")).collect();
        check(format!("entity,occurredAt,message\n{rows}").as_bytes(), 7);
    }

    #[test]
    fn any_mapping_is_survived(
        headers in proptest::collection::vec("entity|message|Id|(Do Not Modify) x|CDSPayload|\\PC{0,6}", 1..6),
        wanted in proptest::collection::vec(("entity|message|Id|Column 1|\\PC{0,4}", proptest::option::of("entity|message|occurredAt|id|nonsense")), 0..4),
        model in proptest::option::of("\\{\"entities\":\\[\\{\"name\":\"t\",\"attributes\":\\[(\\{\"name\":\"(Id|message|entity|IsDelete)\"\\},){0,3}\\{\"name\":\"message\"\\}\\]\\}\\]\\}"),
    ) {
        let text = format!("{}\n0f8fad5b-d9cb-469f-a165-70867728950e,b,c\n", headers.join(","));
        let model = model.and_then(|text| TableModel::read(&text)).map(Rc::new);
        let options = ImportOptions { mapping: wanted, model, ..options() };
        let whole = run(text.as_bytes(), text.len(), &options);
        prop_assert_eq!(run(text.as_bytes(), 3, &options), whole);
        let _ = preview(text.as_bytes(), &options);
    }
}
