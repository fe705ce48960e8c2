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
        let model = model.and_then(|text| TableModel::read(&text).ok()).map(Rc::new);
        let options = ImportOptions { mapping: wanted, model, ..options() };
        let whole = run(text.as_bytes(), text.len(), &options);
        prop_assert_eq!(run(text.as_bytes(), 3, &options), whole);
        let _ = preview(text.as_bytes(), &options);
    }
}
