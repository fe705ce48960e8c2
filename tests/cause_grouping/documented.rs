//! The documented texts: each is a cause of its own, or rightly one with another; the fixture says which and why.

use std::collections::BTreeMap;

use error_desk::guidance::cause::{CauseId, cause_of, template};

const MESSAGES: &str = include_str!("../../src/guidance/documented_messages.tsv");
const CAUSES: &str = include_str!("documented_causes.tsv");

/// Number and text; where a number has several texts, letters tell them apart.
fn messages() -> Vec<(String, &'static str)> {
    let lines: Vec<Vec<&str>> =
        MESSAGES.lines().skip(1).map(|line| line.splitn(3, '\t').collect()).collect();
    let mut numbered = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let same = |others: &[Vec<&str>]| others.iter().filter(|other| other[0] == line[0]).count();
        let mut number = line[0].to_owned();
        if same(&lines) > 1 {
            number.push(char::from(b'a' + same(&lines[..at]) as u8));
        }
        numbered.push((number, line[2]));
    }
    numbered
}

#[test]
fn every_documented_text_has_the_cause_that_the_fixture_says() {
    let expected: Vec<Vec<&str>> =
        CAUSES.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let messages = messages();
    let numbers: Vec<&str> = messages.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(numbers, expected.iter().map(|line| line[0]).collect::<Vec<_>>());
    let mut first: BTreeMap<CauseId, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for ((number, message), line) in messages.iter().zip(&expected) {
        let cause = cause_of("", "", message);
        let with = *first.entry(cause).or_insert(number);
        let with = if with == number { "own" } else { with };
        assert!(!line[2].is_empty(), "{number} has no reason");
        if line[1] != with {
            wrong.push(format!("{number} is {with} and not {}: {}", line[1], template(message)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
