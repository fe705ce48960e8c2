//! The documented messages against everything that reads messages.
//!
//! `documented_messages.tsv` holds the texts that Microsoft's articles and public projects quote, with the group they
//! belong to: A references, B validation, C duplicates, D permissions, E formats, F platform, G concurrency, H link,
//! I map. Runs of boilerplate are cut with `…` there.

use std::collections::HashMap;

use super::category::infer;
use super::cause::{CauseId, cause_of, template};
use super::code::error_code;
use crate::domain::Category;

struct Documented {
    number: &'static str,
    group: &'static str,
    message: &'static str,
}

fn documented() -> Vec<Documented> {
    include_str!("documented_messages.tsv")
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.splitn(3, '\t');
            let mut cell = || cells.next().unwrap();
            Documented { number: cell(), group: cell(), message: cell() }
        })
        .collect()
}

/// Number and text of every documented message.
pub(super) fn messages() -> impl Iterator<Item = (&'static str, &'static str)> {
    documented().into_iter().map(|known| (known.number, known.message))
}

fn category_of(group: &str) -> Category {
    match group {
        "A" | "B" | "C" | "D" | "E" => Category::Application,
        "F" => Category::System,
        "G" => Category::Concurrency,
        "H" | "I" => Category::Configuration,
        other => panic!("no group {other}"),
    }
}

#[test]
fn every_documented_message_gives_the_category_of_its_group() {
    let messages = documented();
    assert!(messages.len() >= 88, "{}", messages.len());
    let wrong: Vec<_> = messages
        .iter()
        .filter(|known| infer(known.message, "") != Some(category_of(known.group)))
        .map(|known| (known.number, infer(known.message, ""), known.message))
        .collect();
    // No exceptions: each group is told by its texts.
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn documented_messages_of_different_kinds_are_different_causes() {
    // Where two entries are one text with other values, they are one cause, and that is right.
    let one_cause = [("8", "12"), ("9", "12"), ("39", "40")];
    let mut seen: HashMap<CauseId, Documented> = HashMap::new();
    for known in documented() {
        let id = cause_of("", "", known.message);
        if let Some(earlier) = seen.get(&id) {
            assert!(
                one_cause.contains(&(earlier.number, known.number)),
                "{} and {} are one cause: {}",
                earlier.number,
                known.number,
                template(known.message),
            );
        } else {
            seen.insert(id, known);
        }
    }
}

#[test]
fn templates_have_no_values_left() {
    for known in documented() {
        let template = template(known.message);
        for value in [
            "PC000000212",
            "000006057",
            "LOC-000001004",
            "2040663",
            "L-10780-02",
            "V24-1",
            "1206-1",
            "CN-001",
            "'Local'",
            "2154",
        ] {
            assert!(!template.contains(value), "{}: {template}", known.number);
        }
    }
}

#[test]
fn a_template_has_the_cause_of_its_message() {
    for known in documented() {
        let masked = template(known.message);
        let code = error_code(known.message).unwrap_or("none".into());
        assert_eq!(
            cause_of("", &code, known.message),
            cause_of("", &code, &masked),
            "{}: {masked}",
            known.number
        );
    }
}
