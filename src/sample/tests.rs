//! What a sample promises.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::domain::Category;
use crate::guidance::category::infer;
use crate::guidance::cause::{CauseId, cause_of, template};

fn whole(rows: u32, seed: u64) -> Vec<u8> {
    let mut dump = SampleDump::new(rows, seed);
    let mut out = Vec::new();
    while dump.next_chunk(&mut out) {}
    out
}

/// A CSV reader of its own, so that the sample is not judged by its writer.
fn read(csv: &[u8]) -> Vec<Vec<String>> {
    let text = str::from_utf8(csv).unwrap();
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    assert!(row.is_empty() && field.is_empty() && !quoted);
    rows
}

struct Sample {
    rows: Vec<Vec<String>>,
    truth: Vec<Truth>,
}

fn sample(rows: u32, seed: u64) -> Sample {
    let mut dump = SampleDump::new(rows, seed);
    let (mut out, mut truth) = (Vec::new(), Vec::new());
    while let Some(planted) = dump.next_row(&mut out) {
        truth.push(planted);
    }
    let mut rows = read(&out);
    assert_eq!(rows.remove(0).join(","), HEADER);
    assert_eq!(rows.len(), truth.len());
    Sample { rows, truth }
}

impl Sample {
    fn column(&self, header: &str) -> impl Iterator<Item = &str> {
        let place = HEADER.split(',').position(|name| name == header).unwrap();
        self.rows.iter().map(move |row| row[place].as_str())
    }

    fn counts(&self, header: &str) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for value in self.column(header) {
            *counts.entry(value).or_insert(0) += 1;
        }
        counts
    }
}

#[test]
fn bytes_depend_on_rows_and_seed_alone() {
    let chunked = whole(3_000, 42);
    let mut dump = SampleDump::new(3_000, 42);
    let mut by_row = Vec::new();
    let mut part = Vec::new();
    while dump.next_row(&mut part).is_some() {
        by_row.append(&mut part);
    }
    assert_eq!(chunked, by_row);
    assert_ne!(chunked, whole(3_000, 43));
    assert!(chunked.len() > CHUNK_BYTES, "more than one chunk was compared");
}

#[test]
fn a_dump_has_exactly_its_rows() {
    for (asked, given) in [(0, 100), (100, 100), (101, 101), (2_345, 2_345)] {
        let rows = read(&whole(asked, 7));
        assert_eq!(rows.len(), given + 1);
        assert!(rows.iter().all(|row| row.len() == HEADER.split(',').count()));
    }
    assert_eq!(SampleDump::new(u32::MAX, 1).rows(), 1_000_000);
}

#[test]
fn ids_are_unique_and_times_span_ninety_days() {
    let sample = sample(10_000, 5);
    let ids: HashSet<_> = sample.column("RecId").collect();
    assert_eq!(ids.len(), 10_000);
    let times: Vec<_> =
        sample.column("CreatedDateTime").map(|t| Timestamp::parse(t).unwrap()).collect();
    let span = times.iter().max().unwrap().millis() - times.iter().min().unwrap().millis();
    assert!((85..=90).contains(&(span / 86_400_000)));
    // Roughly in order: about every tenth row is late.
    let mut newest = times[0];
    let late = times
        .iter()
        .filter(|time| {
            let is_late = newest.millis() - time.millis() > HOUR_MILLIS as i64 / 2;
            newest = newest.max(**time);
            is_late
        })
        .count();
    assert!((700..1_300).contains(&late), "{late}");
    assert!(sample.column("CreatedDateTime").all(|time| time.len() == 24 && time.ends_with('Z')));
}

#[test]
fn ten_thousand_rows_show_everything() {
    let sample = sample(10_000, 5);
    let categories = sample.counts("Category");
    for (category, at_least) in [
        ("Application", 4_000),
        ("System", 800),
        ("Concurrency", 300),
        ("Configuration", 50),
        ("Conflict", 20),
        ("", 200),
    ] {
        let count = categories.get(category).copied().unwrap_or(0);
        assert!(count >= at_least, "{category}: {count}");
    }
    assert_eq!(sample.counts("IntegrationJob").len(), JOBS.len());
    assert!(sample.counts("DataAreaId").len() >= 12);
    assert_eq!(sample.counts("ExternalEntityName").len(), MAPS.len());
    assert!(sample.counts("InternalEntityName").len() > MAPS.len(), "aliases occur");
    assert_eq!(sample.counts("DataSource").len(), 4);
    assert_eq!(sample.counts("ProjectName").len(), MAPS.len());
    let messages: Vec<_> = sample.column("DetailedErrorMessage").collect();
    let broken = messages.iter().filter(|message| message.contains('\n')).count();
    assert!((100..350).contains(&broken), "{broken}");
    assert!(messages.iter().any(|message| message.contains("株式会社")));
    assert!(messages.iter().any(|message| message.contains("Contoso \"Retail\" Ltd")));
    let records = sample.counts("RecordIdentifier");
    assert!(records.values().filter(|count| **count >= 2).count() > 300, "records fail again");
}

#[test]
fn an_incident_dominates_its_hours() {
    let sample = sample(20_000, 11);
    for incident in 0..INCIDENT_COUNT as u8 {
        let places: Vec<_> =
            (0..20_000).filter(|at| sample.truth[*at].incident == Some(incident)).collect();
        let (first, last) = (places[0], places[places.len() - 1]);
        assert!(places.len() >= 150, "incident {incident} has {} rows", places.len());
        assert!(places.len() * 10 > (last - first + 1) * 6, "incident {incident} is spread out");
        let causes: HashSet<_> = places.iter().map(|at| sample.truth[*at].cause).collect();
        assert_eq!(causes.len(), 1);
    }
}

#[test]
fn rows_of_a_group_miss_the_same_key() {
    let sample = sample(10_000, 3);
    let mut sizes = [0; MISSING_GROUPS.len()];
    for (planted, message) in sample.truth.iter().zip(sample.column("DetailedErrorMessage")) {
        if let Some(group) = planted.missing_group {
            let (_, _, table, key, _) = MISSING_GROUPS[usize::from(group)];
            assert!(message.contains(key) && message.contains(table), "{message}");
            sizes[usize::from(group)] += 1;
        }
    }
    for (size, group) in sizes.into_iter().zip(&MISSING_GROUPS) {
        let expected = group.4 as usize * 10;
        assert!(size > expected / 2 && size < expected * 2, "{size} of {expected}");
    }
}

#[test]
fn the_desk_finds_the_planted_causes() {
    let sample = sample(12_000, 8);
    let mut id_of: HashMap<u32, HashMap<CauseId, String>> = HashMap::new();
    let mut cause_by_id: HashMap<CauseId, u32> = HashMap::new();
    for (planted, row) in sample.truth.iter().zip(&sample.rows) {
        let (entity, code, message) = (&row[3], &row[9], &row[11]);
        let id = cause_of(entity, code, message);
        id_of.entry(planted.cause).or_default().entry(id).or_insert_with(|| template(message));
        let earlier = *cause_by_id.entry(id).or_insert(planted.cause);
        assert_eq!(earlier, planted.cause, "two causes in one: {message}");
        if row[8].is_empty() {
            let known = Category::parse(
                TEMPLATES[SampleDump::new(100, 1).causes[planted.cause as usize].template].category,
            );
            assert_eq!(infer(message, code), Some(known), "{message}");
        }
    }
    let split: Vec<_> = id_of.values().filter(|ids| ids.len() > 1).collect();
    assert!(split.is_empty(), "{split:#?}");
}

#[test]
fn incidents_and_groups_name_planted_causes() {
    let dump = SampleDump::new(100, 1);
    for (at, (template, map)) in dump.incident_causes.iter().zip(INCIDENTS) {
        let cause = dump.causes[*at as usize];
        assert_eq!((cause.template, cause.map, cause.missing), (template, map, ""));
    }
    for (at, group) in dump.group_causes.iter().zip(&MISSING_GROUPS) {
        let cause = dump.causes[*at as usize];
        assert_eq!((cause.template, cause.map, cause.missing), (group.0, group.1, group.2));
    }
}
