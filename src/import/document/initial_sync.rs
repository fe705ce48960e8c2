//! Execution details of an initial synchronisation: an error is in a leg, of a task, of an execution.
//!
//! Source: the structures of Microsoft's own automation helper. The log lists the first few errors of a leg only, so counts
//! are compared with what is listed.

use serde_json::Value;

use super::super::meaning::map_between;
use super::{Errors, TO_DATAVERSE, TO_FINANCE, entity_of, first_of, items, text_of};

/// The two sides of a leg, and what the details call its errors.
const PHASES: [(&str, &str, &[&str]); 2] = [
    ("export", "exportErrors", &["exportFinished", "exportStarted"]),
    ("import", "importErrors", &["importFinished", "importStarted"]),
];

pub(super) fn add(value: &Value, errors: &mut Errors) {
    let project = text_of(value, "projectName");
    let (mut listed, mut counted) = (0_u64, 0_u64);
    for execution in items(value, "projectExecutionResponses") {
        let count = execution.get("errorCount").and_then(Value::as_u64).unwrap_or(0);
        counted = counted.saturating_add(count);
        for task in items(execution, "taskExecutionStatuses") {
            for leg in items(task, "legs") {
                listed += add_leg(&project, execution, task, leg, errors);
            }
        }
    }
    if counted > listed {
        errors.warn(
            "FewerErrorsThanCounted",
            format!(
                "the executions count {counted} errors and list {listed} of them: the log of an initial synchronisation shows the first of each leg only"
            ),
        );
    }
}

fn add_leg(
    project: &str,
    execution: &Value,
    task: &Value,
    leg: &Value,
    errors: &mut Errors,
) -> u64 {
    let name = text_of(leg, "displayName");
    let sides = sides(&name);
    let (finance, dataverse, direction) = sides.unwrap_or((&name, "", ""));
    let mut listed = 0;
    for (phase, member, times) in PHASES {
        let time = first_of(leg, times);
        let of_execution = || first_of(execution, &["lastExecutionStatusChangeOn", "submittedOn"]);
        let time = if time.is_empty() { of_execution() } else { time };
        for error in items(leg, member) {
            let message = match error {
                Value::String(text) => text.clone(),
                other => first_of(other, &["errorMessage", "message", "error"]),
            };
            if message.trim().is_empty() {
                continue;
            }
            listed += 1;
            let record = text_of(error, "recordId");
            errors.add(&[
                ("occurredAt", &time),
                ("entity", entity_of(finance, dataverse, &message)),
                ("map", &map_between(finance, dataverse)),
                ("direction", direction),
                ("company", &first_of(execution, &["legalEntityId", "legalEntityName"])),
                // The log says so of records that have no id yet.
                ("recordKey", if record == "new record" { "" } else { &record }),
                ("message", message.trim()),
                ("sourceField", &text_of(error, "sourceField")),
                ("phase", phase),
                ("task", &text_of(task, "name")),
                ("execution", &text_of(execution, "displayName")),
                ("projectName", project),
            ]);
        }
    }
    listed
}

/// Both sides of a leg and its direction: `From AX Customers V3 to CRM accounts`.
fn sides(name: &str) -> Option<(&str, &str, &'static str)> {
    let (from, to) = name.strip_prefix("From ")?.split_once(" to ")?;
    match (from.split_once(' ')?, to.split_once(' ')?) {
        (("AX", finance), ("CRM", dataverse)) => Some((finance, dataverse, TO_DATAVERSE)),
        (("CRM", dataverse), ("AX", finance)) => Some((finance, dataverse, TO_FINANCE)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_of_both_phases_come_with_their_leg() {
        let value = json!({"projectName":"DWM-1","projectExecutionResponses":[{
        "legalEntityId":"usmf","submittedOn":"2024-03-01T00:00:00Z","errorCount":7,
        "taskExecutionStatuses":[{"name":"T","legs":[{
            "displayName":"From AX Customers V3 to CRM accounts",
            "exportErrors":["the job failed"],
            "importFinished":"2024-03-01T01:00:00Z",
            "importErrors":[{"recordId":"new record","sourceField":"f","errorMessage":"Couldn't resolve"},{"errorMessage":null}]
        }]}]}]});
        let mut errors = Errors::default();
        add(&value, &mut errors);
        assert_eq!(errors.rows.len(), 2);
        assert_eq!(
            errors.rows[0][..6],
            [
                "2024-03-01T00:00:00Z",
                "Customers V3",
                "Customers V3 (accounts)",
                TO_DATAVERSE,
                "usmf",
                "the job failed"
            ]
        );
        assert!(errors.rows[1].iter().any(|cell| cell == "2024-03-01T01:00:00Z"));
        assert!(!errors.rows[1].iter().any(|cell| cell == "new record"));
        assert!(errors.warnings[0].1.contains("7 errors and list 2"));
    }

    #[test]
    fn counts_beyond_every_number_are_told() {
        let execution = json!({"errorCount": u64::MAX, "taskExecutionStatuses": []});
        let value = json!({"projectExecutionResponses": [execution, execution]});
        let mut errors = Errors::default();
        add(&value, &mut errors);
        assert!(errors.warnings[0].1.contains("18446744073709551615 errors"));
    }

    #[test]
    fn legs_are_told_in_both_directions() {
        assert_eq!(
            sides("From CRM accounts to AX Customers V3"),
            Some(("Customers V3", "accounts", TO_FINANCE))
        );
        assert_eq!(sides("Customers V3"), None);
    }
}
