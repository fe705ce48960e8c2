//! Tables of Synapse Link with the `model.json` that describes them: which file is described by which model, and which
//! states of a row belong together.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "other tests use more of it")]
mod import_corpus_support;

use std::rc::Rc;

use error_desk::import::{ImportOptions, Importer, TableModel};
use import_corpus_support::stored_zip::stored_zip;
use import_corpus_support::{Outcome, Recorder, run};
use serde_json::json;

const COLUMNS: [&str; 7] = [
    "Id",
    "SinkCreatedOn",
    "SinkModifiedOn",
    "internalentityname",
    "detailederrormessage",
    "versionnumber",
    "IsDelete",
];

fn model(tables: &[(&str, &[&str])]) -> String {
    let entities: Vec<_> = tables
        .iter()
        .map(|(name, columns)| {
            let attributes: Vec<_> = columns.iter().map(|name| json!({ "name": name })).collect();
            json!({ "$type": "LocalEntity", "name": name, "attributes": attributes, "partitions": [] })
        })
        .collect();
    json!({ "name": "cdm", "version": "1.0", "entities": entities }).to_string()
}

/// A state of the row with this number.
fn state(number: u32, changed: &str, message: &str, version: u32, deleted: bool) -> String {
    let deleted = if deleted { "True" } else { "False" };
    format!(
        "0f8fad5b-d9cb-469f-a165-{number:012},2024-03-01T08:00:00,{changed},Customers V3,{message},{version},{deleted}\n"
    )
}

fn described(text: &str) -> ImportOptions {
    let model = Some(Rc::new(TableModel::read(text).unwrap()));
    ImportOptions { name: "dump.csv".to_owned(), model, ..ImportOptions::default() }
}

fn texts<'a>(outcome: &'a Outcome, name: &str) -> Vec<&'a str> {
    outcome.rows.iter().map(|row| row.record[name].as_str().unwrap()).collect()
}

fn packed(members: &[(&str, String)]) -> Outcome {
    let file = stored_zip(members);
    let options = ImportOptions { name: "export.zip".to_owned(), ..ImportOptions::default() };
    let whole = run(&file, file.len(), &options);
    assert_eq!(run(&file, 100, &options), whole);
    whole
}

#[test]
fn a_dump_with_a_header_beside_a_model_keeps_its_own_columns() {
    let text = "Entity,Message,Time,Company\nCustomers V3,failed,2026-03-01T08:00:00Z,usmf\n\
                Customers V3,failed again,2026-03-01T09:00:00Z,usmf\n";
    // The only table of that width is another one.
    let options = described(&model(&[("account", &["Id", "SinkCreatedOn", "internalname", "x"])]));
    let outcome = run(text.as_bytes(), 10, &options);
    assert_eq!(texts(&outcome, "message"), ["failed", "failed again"]);
    assert_eq!(texts(&outcome, "company"), ["usmf", "usmf"]);
    // The table's own columns, in another order and other letters.
    let mut columns = COLUMNS.map(str::to_uppercase);
    columns.swap(3, 4);
    let row = "0f8fad5b-d9cb-469f-a165-000000000001,2024-03-01T08:00:00,2024-03-01T08:00:00,failed,Customers V3,1,False";
    let text = format!("{}\n{row}\n", columns.join(","));
    let options = ImportOptions {
        time_zone: Some(error_desk::import::ZoneRules::utc()),
        ..described(&model(&[("dualwriteerrorlog", &COLUMNS)]))
    };
    let outcome = run(text.as_bytes(), 10, &options);
    assert_eq!(
        (texts(&outcome, "message"), texts(&outcome, "entity")),
        (vec!["failed"], vec!["Customers V3"])
    );
    assert_eq!(outcome.summary.unwrap().rows_read, 1);
}

#[test]
fn times_of_a_described_table_are_in_utc_also_where_it_keeps_no_states() {
    let columns = ["Id", "CreatedOn", "internalentityname", "detailederrormessage"];
    let text = "0f8fad5b-d9cb-469f-a165-000000000001,2024-03-01T08:00:00,Customers V3,failed\n\
                0f8fad5b-d9cb-469f-a165-000000000002,2024-03-01T09:00:00,Customers V3,failed\n";
    let options = described(&model(&[("dualwriteerrorlog", &columns)]));
    let outcome = run(text.as_bytes(), 50, &options);
    assert_eq!(
        texts(&outcome, "occurredAt"),
        ["2024-03-01T08:00:00.000Z", "2024-03-01T09:00:00.000Z"]
    );
    assert_eq!(outcome.summary.unwrap().time_zone.as_deref(), Some("UTC"));
}

#[test]
fn a_header_that_is_repeated_among_states_costs_no_row() {
    let header = COLUMNS.join(",");
    let (first, newest) = (
        state(1, "2024-03-01T08:00:00Z", "first", 1, false),
        state(1, "2024-03-02T08:00:00Z", "newest", 2, false),
    );
    let other = state(2, "2024-03-01T08:00:00Z", "other", 1, false);
    let text = format!("{header}\n{other}{first}{header}\n{newest}{header}\n");
    let options = ImportOptions {
        name: "states.csv".to_owned(),
        time_zone: Some(error_desk::import::ZoneRules::utc()),
        ..ImportOptions::default()
    };
    let outcome = run(text.as_bytes(), 20, &options);
    assert_eq!(texts(&outcome, "message"), ["other", "newest"]);
    let summary = outcome.summary.unwrap();
    assert_eq!(
        (summary.rows_read, summary.loaded, summary.duplicates, summary.rejected),
        (5, 2, 1, 2)
    );
    let lines: Vec<_> = summary.rejects.iter().map(|reject| reject.line).collect();
    assert_eq!(lines, [4, 6]);
    assert!(summary.rejects[0].reason.contains("header"), "{:?}", summary.rejects);
}

#[test]
fn a_model_describes_the_files_of_its_own_folder() {
    let other: Vec<&str> =
        [&COLUMNS[..3], &["detailederrormessage", "internalentityname"], &COLUMNS[5..]].concat();
    let old = "0f8fad5b-d9cb-469f-a165-000000000001,2024-03-01T08:00:00,2024-03-01T08:00:00,of a,Customers V3,1,False\n";
    let outcome = packed(&[
        ("a/model.json", model(&[("dualwriteerrorlog", &other)])),
        ("a/dualwriteerrorlog/2024-03.csv", old.to_owned()),
        ("b/model.json", model(&[("dualwriteerrorlog", &COLUMNS)])),
        ("b/dualwriteerrorlog/2024-03.csv", state(2, "2024-03-01T08:00:00", "of b", 1, false)),
    ]);
    assert_eq!(texts(&outcome, "message"), ["of a", "of b"]);
    assert_eq!(texts(&outcome, "entity"), ["Customers V3", "Customers V3"]);
    // A folder without one is not described by its neighbour's.
    let outcome = packed(&[
        ("a/dualwriteerrorlog/2024-03.csv", state(1, "2024-03-01T08:00:00", "of a", 1, false)),
        ("b/model.json", model(&[("dualwriteerrorlog", &COLUMNS)])),
        ("b/dualwriteerrorlog/2024-03.csv", state(2, "2024-03-01T08:00:00", "of b", 1, false)),
    ]);
    assert_eq!(texts(&outcome, "message"), ["of b"]);
    let warnings = outcome.summary.unwrap().warnings;
    assert!(
        warnings
            .iter()
            .any(|it| it.code == "MemberNotRead" && it.message.contains("a/dualwriteerrorlog"))
    );
}

#[test]
fn a_description_that_is_cut_off_is_named_and_costs_no_dump() {
    let mut cut = model(&[("dualwriteerrorlog", &COLUMNS), ("account", &["Id"])]);
    cut.truncate(cut.len() - 20);
    let dump = "entity,message\nCustomers V3,failed\n".to_owned();
    let outcome = packed(&[("org/model.json", cut), ("org/errors.csv", dump)]);
    assert_eq!(texts(&outcome, "message"), ["failed"]);
    let warnings = outcome.summary.unwrap().warnings;
    let told = warnings.iter().find(|warning| warning.code == "MemberNotRead").unwrap();
    assert!(
        told.message.contains("'org/model.json'") && told.message.contains("cut off"),
        "{told:?}"
    );
}

#[test]
fn where_a_description_cannot_be_read_the_one_around_it_counts() {
    let whole = model(&[("dualwriteerrorlog", &COLUMNS)]);
    let cut = whole[..whole.len() - 20].to_owned();
    let outcome = packed(&[
        ("org/model.json", whole),
        ("org/2024-03/model.json", cut),
        (
            "org/2024-03/dualwriteerrorlog/1.csv",
            state(1, "2024-03-01T08:00:00", "described", 1, false),
        ),
        (
            "org/2024-03/dualwriteerrorlog/2.csv",
            state(2, "2024-03-01T08:00:00", "described as well", 1, false),
        ),
    ]);
    assert_eq!(texts(&outcome, "message"), ["described", "described as well"]);
    let warnings = outcome.summary.unwrap().warnings;
    let told = warnings.iter().filter(|warning| warning.code == "MemberNotRead");
    assert_eq!(told.count(), 1);
}

#[test]
fn states_of_a_table_are_settled_over_all_its_files() {
    let model = model(&[("dualwriteerrorlog", &COLUMNS)]);
    let outcome = packed(&[
        ("org/model.json", model.clone()),
        (
            "org/dualwriteerrorlog/2024-02.csv",
            state(1, "2024-02-01T08:00:00", "first of 1", 1, false)
                + &state(2, "2024-02-01T08:00:00", "first of 2", 1, false)
                + &state(3, "2024-05-01T08:00:00", "newest of 3", 7, false),
        ),
        (
            "org/dualwriteerrorlog/2024-03.csv",
            state(1, "2024-03-01T08:00:00", "newest of 1", 2, false)
                + &state(2, "2024-03-01T08:00:00", "deleted", 2, true)
                + &state(3, "2024-03-01T08:00:00", "older of 3", 2, false),
        ),
    ]);
    assert_eq!(texts(&outcome, "message"), ["newest of 3", "newest of 1"]);
    let summary = outcome.summary.unwrap();
    assert_eq!(
        (summary.rows_read, summary.loaded, summary.duplicates, summary.rejected),
        (6, 2, 3, 1)
    );
    // Folders of a time each, with a model of their own.
    let outcome = packed(&[
        ("2024-02-01T08.00.00Z/model.json", model.clone()),
        (
            "2024-02-01T08.00.00Z/dualwriteerrorlog/2024.csv",
            state(1, "2024-02-01T08:00:00", "first", 1, false),
        ),
        ("2024-02-01T09.00.00Z/model.json", model.clone()),
        (
            "2024-02-01T09.00.00Z/dualwriteerrorlog/2024.csv",
            state(1, "2024-02-01T09:00:00", "newest", 2, false),
        ),
    ]);
    assert_eq!(texts(&outcome, "message"), ["newest"]);
    // Two environments have nothing to do with each other: here the first of equal records counts, as between files.
    let outcome = packed(&[
        ("one/model.json", model.clone()),
        ("one/dualwriteerrorlog/2024.csv", state(1, "2024-02-01T08:00:00", "of one", 1, false)),
        ("two/model.json", model),
        (
            "two/dualwriteerrorlog/2024.csv",
            state(1, "2024-02-01T09:00:00", "deleted in two", 2, true),
        ),
    ]);
    assert_eq!(texts(&outcome, "message"), ["of one"]);
}

#[test]
fn a_long_table_is_settled_a_little_at_a_time() {
    let mut text = String::new();
    for number in 0..40_000 {
        text += &state(
            number % 10_000,
            "2024-03-01T08:00:00",
            "failed once more and so on",
            number,
            false,
        );
    }
    let options = described(&model(&[("dualwriteerrorlog", &COLUMNS)]));
    let (mut importer, mut sink) = (Importer::new(options.clone()), Recorder::default());
    importer.push(text.as_bytes(), &mut sink).unwrap();
    let (mut steps, mut seen) = (0, Vec::new());
    while importer.go_on(&mut sink).unwrap() {
        steps += 1;
        seen.push(importer.rows_read());
    }
    assert!(steps >= 4, "{steps} steps for {} bytes", text.len());
    assert!(seen.iter().any(|&rows| rows > 0 && rows < 40_000), "{seen:?}");
    let summary = importer.finish(&mut sink).unwrap();
    assert_eq!((summary.rows_read, summary.loaded, summary.duplicates), (40_000, 10_000, 30_000));
    assert_eq!(run(text.as_bytes(), 1 << 20, &options).summary.unwrap(), summary);
}

/// Thousands of descriptions of hundreds of megabytes would be read before anything else is.
#[test]
fn descriptions_have_a_limit_and_it_is_told() {
    let columns: Vec<String> = (0..20_000).map(|at| format!("c{at}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let wide = model(&[("t", &columns)]);
    let told = TableModel::read(&wide).unwrap_err().to_string();
    assert!(told.contains("16384") && told.contains("columns"), "{told}");
    let outcome = packed(&[
        ("model.json", wide),
        ("dualwriteerrorlog/2024.csv", state(1, "2024-02-01T08:00:00", "failed", 1, false)),
    ]);
    let error = outcome.summary.unwrap_err();
    assert_eq!(error.code(), "TooLarge");
    assert!(error.to_string().contains("columns"), "{error}");
}
