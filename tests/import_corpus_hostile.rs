//! Odd and hostile input: nothing panics, the books balance, and the cut of the input never matters.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the corpus test uses more of it")]
mod import_corpus_support;

use std::fs;
use std::path::Path;

use error_desk::import::{ImportOptions, ZoneRules, preview};
use import_corpus_support::run;
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
