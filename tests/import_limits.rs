//! What has a limit: it is read up to there, and beyond it refused in words and numbers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "other tests use more of it")]
mod import_corpus_support;

use error_desk::import::{ImportOptions, ZoneRules};
use import_corpus_support::run;
use import_corpus_support::stored_zip::stored_zip;

fn options() -> ImportOptions {
    ImportOptions {
        name: "limits".into(),
        time_zone: Some(ZoneRules::utc()),
        ..ImportOptions::default()
    }
}

/// A workbook with this sheet.
fn book(sheet: String) -> Vec<u8> {
    let part = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    stored_zip(&[
            part("_rels/.rels", r#"<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned()),
            part("xl/_rels/workbook.xml.rels", r#"<Relationships><Relationship Id="r" Type="x/worksheet" Target="s.xml"/></Relationships>"#.to_owned()),
            part("xl/workbook.xml", r#"<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r"/></sheets></workbook>"#.to_owned()),
            part("xl/s.xml", sheet),
        ])
}

/// Sheets end with column XFD.
#[test]
fn a_sheet_is_read_to_its_last_column() {
    let sheet = |columns: usize| {
        let cells = |of: &dyn Fn(usize) -> String| -> String {
            let cell = |at| format!("<c t='str'><v>{}</v></c>", of(at));
            (0..columns).map(cell).collect()
        };
        let header = cells(&|at| match at {
            0 => "entity".to_owned(),
            1 => "message".to_owned(),
            _ => format!("c{at}"),
        });
        let row = cells(&|at| format!("v{at}"));
        book(format!(
            "<worksheet><sheetData><row>{header}</row><row>{row}</row></sheetData></worksheet>"
        ))
    };
    let file = sheet(16_384);
    let outcome = run(&file, file.len(), &options());
    let summary = outcome.summary.unwrap();
    assert_eq!((summary.loaded, summary.columns.len()), (1, 16_384));
    let record = &outcome.rows[0].record;
    assert_eq!(
        (record["message"].as_str(), record["extra"]["c16383"].as_str()),
        (Some("v1"), Some("v16383"))
    );
    let error = run(&sheet(16_385), 1 << 20, &options()).summary.unwrap_err().to_string();
    assert!(error.contains("beyond the last column"), "{error}");
}

#[test]
fn a_line_of_a_hundred_megabytes_costs_itself_alone() {
    let long = "x".repeat(100 << 20);
    let text = format!("entity,message\nA,before\nA,{long}\nA,behind\n");
    let outcome = run(text.as_bytes(), 1 << 20, &options());
    let summary = outcome.summary.unwrap();
    assert_eq!((summary.rows_read, summary.loaded, summary.rejected), (3, 2, 1));
    assert_eq!(summary.rejects[0].line, 3);
    assert!(summary.rejects[0].reason.contains("longer than 16 MiB"), "{:?}", summary.rejects);
    assert_eq!(outcome.rows[1].record["message"], "behind");
    // Nothing but such a line is no dump.
    let error = run(long.as_bytes(), 1 << 20, &options()).summary.unwrap_err();
    assert!(error.to_string().contains("no rows are found"), "{error}");
}

/// Exports of the product stop at round numbers, and do not say so.
#[test]
fn exactly_as_many_rows_as_an_export_has_at_most_are_warned_of() {
    for (rows, warned) in [(4_999, false), (5_000, true), (5_001, false), (10_000, true)] {
        let text: String = (0..rows).map(|row| format!("A,m{row}\n")).collect();
        let text = format!("entity,message\n{text}");
        let summary = run(text.as_bytes(), 1 << 20, &options()).summary.unwrap();
        let told = summary.warnings.iter().find(|warning| warning.code == "PossiblyTruncated");
        assert_eq!(told.is_some(), warned, "{rows} rows");
        if let Some(told) = told {
            assert!(told.message.contains(&format!("exactly {rows} rows")), "{}", told.message);
        }
    }
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
    // Counted in what they are.
    let told = error.to_string();
    assert!(told.contains("different columns") && !told.contains("bytes"), "{told}");
}

#[test]
fn archives_of_ever_more_files_are_refused_with_their_number() {
    let members: Vec<_> = (0..10_005).map(|number| (format!("{number}.csv"), b"")).collect();
    let error = run(&stored_zip(&members), 1 << 20, &options()).summary.unwrap_err();
    assert_eq!(error.code(), "TooLarge");
    assert!(error.to_string().contains("10005 files and the limit is 10000"), "{error}");
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
