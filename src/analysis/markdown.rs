//! A run sheet as Markdown: to print, to copy into a ticket, to tick off.
//!
//! Invariant: no text of a dump can end a cell, a line or a heading.

use std::fmt::Write;

use crate::domain::{RequestKind, Timestamp};

use super::run_sheet::{GRAIN_MILLIS, Gap, Group, RunSheet, Step};

/// The whole sheet. `what` says what was chosen, in words; `chosen` how many records that are.
pub fn markdown(
    kind: RequestKind,
    what: &str,
    chosen: usize,
    groups: &[Group],
    sheet: &RunSheet,
) -> String {
    let mut text = String::new();
    let hits: usize = sheet.steps.iter().map(|step| step.hits).sum();
    let bystanders: usize = sheet.steps.iter().map(|step| step.bystanders).sum();
    let steps = sheet.steps.len();
    line(&mut text, format_args!("# Run sheet: {kind} of {}", counted(chosen, "record")));
    line(&mut text, format_args!(""));
    line(&mut text, format_args!("Chosen: {}.", cell(what)));
    let reach = format_args!(
        "{} hit {} in all: {} chosen, {}.",
        counted(steps, "step"),
        counted(hits, "record"),
        hits - bystanders,
        counted(bystanders, "bystander")
    );
    line(&mut text, reach);
    line(&mut text, format_args!(""));
    let verb = match kind {
        RequestKind::Retry => "retried",
        RequestKind::Dismiss => "dismissed for ever",
    };
    let notes = [
        "Open the integration job in finance and operations, tab Synch errors, while its status is Active."
            .to_owned(),
        format!(
            "Enter the three conditions of a step, compare the count with *Hits*, then press {kind}. A count that differs \
             means that the tab holds other records than the dump: make a new dump and a new sheet."
        ),
        "Times are UTC; enter them in the time zone of your user. *To* is the first second that is not meant.".to_owned(),
        format!("Bystanders are records of the same job that the conditions hit as well: they are {verb} with the others."),
        "Steps of one round may wait in the queue together. Begin the next round when those of the job are finished."
            .to_owned(),
    ];
    for note in notes {
        line(&mut text, format_args!("- {note}"));
    }
    for (gap, count) in &sheet.unreached {
        line(
            &mut text,
            format_args!("- **Out of reach: {}.** {}", counted(*count, "record"), why(*gap)),
        );
    }
    let place = |step: &Step| (groups[step.group].job.as_str(), step.round);
    let mut before = None;
    for (number, step) in sheet.steps.iter().enumerate() {
        if before.replace(place(step)) != Some(place(step)) {
            let (job, round) = place(step);
            line(&mut text, format_args!("\n## {}, round {round}\n", cell(job)));
            line(
                &mut text,
                format_args!(
                    "| Done | Step | Action | Entity | Data source | From | To | Hits | Bystanders |"
                ),
            );
            line(&mut text, format_args!("|:---:|---:|---|---|---|---|---|---:|---:|"));
        }
        let group = &groups[step.group];
        let row = format_args!(
            "| ☐ | {} | {kind} | {} | {} | {} | {} | {} | {} |",
            number + 1,
            condition(&group.entity),
            condition(&group.data_source),
            moment(step.from),
            moment(step.to),
            step.hits,
            step.bystanders
        );
        line(&mut text, row);
    }
    text
}

/// Why records cannot be reached, with the way out.
pub(super) fn why(gap: Gap) -> &'static str {
    match gap {
        Gap::CrowdedSecond => {
            "More records than a request may hold stand in the same second, and the tab cannot tell them apart. Retry them \
             where the product offers it by map, or have the limit of records per request looked at."
        }
        Gap::NoTime => {
            "The dump gives them no time, and without one only all records of their entity and data source can be chosen, \
             which are more than a request may hold. Export the dump with its date column."
        }
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{what}");
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// What is typed for a value; finance and operations writes an empty one as two quotes.
fn condition(value: &str) -> String {
    if value.is_empty() { "`\"\"` (empty)".to_owned() } else { cell(value) }
}

fn moment(millis: Option<i64>) -> String {
    let time = millis.and_then(Timestamp::from_millis);
    time.map_or_else(
        || "(leave empty)".to_owned(),
        |time| time.to_string().replace('T', " ").replace(".000Z", ""),
    )
}

/// A text as the content of a cell.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']' => safe.extend(['\\', letter]),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

const _: () = assert!(GRAIN_MILLIS == 1_000, "moments are written to the second");
