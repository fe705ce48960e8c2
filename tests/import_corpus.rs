//! Every file under `tests/fixtures` against the answer beside it (`<file>.expected.json`).
//!
//! The answer holds the options, and either the summary and the first records or the error. `UPDATE_EXPECTED=1` writes the
//! answers anew (run that test alone); read the difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the other tests use more of it")]
mod import_corpus_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use error_desk::import::{ImportError, ImportOptions, preview};
use import_corpus_support::{Outcome, Recorder, options_of, run};
use serde_json::{Value, json};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    files.sort();
    files
}

fn expected_path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".expected.json");
    path.into()
}

fn read_expected(file: &Path) -> Value {
    fs::read_to_string(expected_path(file))
        .ok()
        .map_or_else(|| json!({}), |text| serde_json::from_str(&text).unwrap())
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_fixture_gives_its_expected_answer() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let files = fixtures();
    assert!(files.len() >= 120, "only {} fixtures", files.len());
    let hostile = files.iter().filter(|file| name_of(file).starts_with("hostile")).count();
    assert!(hostile >= 40, "only {hostile} hostile ones");
    for file in files {
        let expected = read_expected(&file);
        let options = options_of(&name_of(&file), &expected["options"]);
        let bytes = fs::read(&file).unwrap();
        let whole = run(&bytes, bytes.len().max(1), &options);
        let mut answer = whole.to_json();
        if !expected["options"].is_null() {
            answer["options"] = expected["options"].clone();
        }
        if update {
            let text = serde_json::to_string_pretty(&answer).unwrap();
            fs::write(expected_path(&file), text + "\n").unwrap();
        } else {
            assert_eq!(answer, expected, "{}", file.display());
        }
        for step in [1, 7, 1_000] {
            if step == 1 && bytes.len() > 40_000 {
                continue;
            }
            assert_eq!(run(&bytes, step, &options), whole, "{} by {step}", file.display());
        }
    }
}

#[test]
fn the_books_balance_for_every_fixture() {
    for file in fixtures() {
        let options = options_of(&name_of(&file), &read_expected(&file)["options"]);
        let Outcome { summary: Ok(summary), rows, .. } =
            run(&fs::read(&file).unwrap(), 4_096, &options)
        else {
            continue;
        };
        let settled =
            summary.loaded + summary.duplicates + summary.dismissed_earlier + summary.rejected;
        assert_eq!(summary.rows_read, settled, "{}", file.display());
        assert_eq!(summary.loaded as usize, rows.len(), "{}", file.display());
        assert_eq!(summary.rejected as usize, summary.rejects.len(), "{}", file.display());
        for reject in &summary.rejects {
            assert!(reject.line > 0 && reject.row > 0 && !reject.reason.is_empty());
        }
    }
}

/// What the writers of the fixtures put where credentials are.
const SECRETS: [&str; 4] = ["SECRET", "eyJ0eXAi", "sig=abcdefghij", "c2VjcmV0"];

#[test]
fn no_row_and_no_preview_holds_a_secret_of_its_file() {
    let (mut with_secrets, mut told) = (0, 0);
    for file in fixtures() {
        let bytes = fs::read(&file).unwrap();
        let plain = String::from_utf8_lossy(&bytes);
        with_secrets += usize::from(SECRETS.iter().any(|secret| plain.contains(secret)));
        let options = options_of(&name_of(&file), &read_expected(&file)["options"]);
        let Outcome { rows, .. } = run(&bytes, bytes.len().max(1), &options);
        let shown = preview(&bytes, &options).map(|preview| json!(preview).to_string());
        let texts = rows.iter().map(|row| row.record.to_string()).chain(shown);
        for text in texts {
            told += 1;
            for secret in SECRETS {
                assert!(!text.contains(secret), "{}: {text}", file.display());
            }
        }
    }
    assert!(with_secrets >= 4 && told > 200, "{with_secrets} files with secrets, {told} texts");
}

#[test]
fn a_preview_asks_exactly_what_the_import_would_refuse_for() {
    for file in fixtures() {
        let options = options_of(&name_of(&file), &read_expected(&file)["options"]);
        let bytes = fs::read(&file).unwrap();
        let outcome = run(&bytes, bytes.len().max(1), &options);
        match (preview(&bytes, &options), outcome.summary) {
            (Ok(preview), Ok(summary)) => {
                assert_eq!(preview.questions, [], "{}", file.display());
                assert_eq!(preview.format, summary.format);
                if summary.format == "zip" {
                    // One member is shown, all of them are imported.
                    continue;
                }
                assert_eq!(preview.dialect, summary.dialect);
                assert_eq!(preview.columns, summary.columns, "{}", file.display());
            }
            // What lies far behind the beginning is seen by the import alone.
            (Ok(_), Err(ImportError::Damaged { .. })) if name_of(&file).contains("bomb") => {}
            (Ok(preview), Err(error)) => {
                let codes: Vec<_> = preview.questions.iter().map(|q| q.code.as_str()).collect();
                assert!(codes.contains(&error.code()), "{}: {error}", file.display());
            }
            (Err(early), late) => assert_eq!(Err(early), late, "{}", file.display()),
        }
    }
}

/// The same three records in every format and dress are the same records, so that a dismissal holds for all of them.
#[test]
fn the_same_rows_have_the_same_identity_in_every_format() {
    let mut identities: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in fixtures() {
        let name = name_of(&file);
        let same = name.starts_with("full")
            || ["sep-line.csv", "array.json", "array-utf16.json", "lines.jsonl"]
                .contains(&name.as_str());
        if !same {
            continue;
        }
        // By id, and by content once the id is put aside.
        for without_id in [false, true] {
            let mut options = options_of(&name, &read_expected(&file)["options"]);
            if without_id {
                options.mapping.push(("id".to_owned(), None));
            }
            let rows = run(&fs::read(&file).unwrap(), 512, &options).rows;
            let found = rows.iter().map(|row| row.identity.to_string()).collect();
            identities.insert(format!("{without_id} {name}"), found);
        }
    }
    assert!(identities.len() >= 20);
    for (name, found) in &identities {
        let key = if name.starts_with("false") { "false full.csv" } else { "true full.csv" };
        assert_eq!(found.len(), 3, "{name}");
        assert_eq!(found, &identities[key], "{name}");
    }
    assert_ne!(identities["false full.csv"], identities["true full.csv"]);
}

/// No secret of any fixture reaches the sink, wherever it stood.
#[test]
fn secrets_are_never_handed_on() {
    for file in fixtures() {
        let options = options_of(&name_of(&file), &read_expected(&file)["options"]);
        let bytes = fs::read(&file).unwrap();
        let mut told = format!("{:?}", run(&bytes, 999, &options));
        if let Ok(preview) = preview(&bytes, &options) {
            told += &format!("{preview:?}");
        }
        for secret in [
            "eyJhbGci",
            "SharedAccessKey=abc",
            "sig=abc",
            "hunter2",
            "AccountKey=zzz",
            "creditlimit",
        ] {
            assert!(!told.contains(secret), "{secret} of {}", file.display());
        }
    }
}

#[test]
fn what_was_dismissed_stays_away_and_is_counted() {
    let bytes =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/full.csv")).unwrap();
    let options = ImportOptions { name: "full.csv".into(), ..ImportOptions::default() };
    let first = run(&bytes, 64, &options).rows[1].identity;
    let mut sink = Recorder { dismissed: vec![first], ..Recorder::default() };
    let summary = import_corpus_support::import(&bytes, 64, &options, &mut sink).unwrap();
    assert_eq!((summary.rows_read, summary.loaded, summary.dismissed_earlier), (3, 2, 1));
}

#[test]
fn after_an_error_nothing_more_is_read() {
    let options = ImportOptions { name: "x.json".into(), ..ImportOptions::default() };
    let mut importer = error_desk::import::Importer::new(options);
    let mut sink = Recorder::default();
    let mut head =
        b"[{\"entity\":\"A\",\"message\":\"m\"},{\"entity\":\"A\",\"message\":\"n\"}\n".to_vec();
    head.resize(300_000, b' ');
    importer.push(&head, &mut sink).unwrap();
    assert_eq!(importer.rows_read(), 2);
    let error = importer.push(b"{", &mut sink).unwrap_err();
    assert_eq!(importer.push(b"]", &mut sink), Err(error.clone()));
    assert!(matches!(importer.finish(&mut sink), Err(same) if same == error));
}
