//! Table maps with their last request, as the page of dual-write asks for them. A map whose last request did not fail is no
//! error and no row.

use serde_json::Value;

use super::super::meaning::map_between;
use super::{Errors, entity_of, first_of, text_of};

/// State of a request that failed.
const FAILED: &str = "3";

pub(super) fn add(map: &Value, errors: &mut Errors) {
    let side = |member: &str| match map.get(member) {
        Some(Value::Object(_)) => {
            first_of(&map[member], &["displayName", "name", "entityName", "logicalName"])
        }
        _ => text_of(map, member),
    };
    let none = Value::Null;
    let detail = map.get("detail").unwrap_or(map);
    let request = detail.get("lastRequest").unwrap_or(&none);
    let message = text_of(request, "errorMessage");
    let action = text_of(request, "action");
    let message = if message.is_empty() && text_of(request, "state") == FAILED {
        format!("The last request (action {action}) failed and says no reason")
    } else {
        message
    };
    if message.is_empty() {
        const SENTENCE: &str = "maps whose last request did not fail were passed over";
        match errors.warnings.iter_mut().find(|(code, _)| *code == "NoError") {
            Some((_, told)) => {
                let count = told.split(' ').next().and_then(|count| count.parse().ok());
                *told = format!("{} {SENTENCE}", count.unwrap_or(0_u64) + 1);
            }
            None => errors.warn("NoError", format!("1 {SENTENCE}")),
        }
        return;
    }
    let (finance, dataverse) = (side("leftEntity"), side("rightEntity"));
    errors.add(&[
        ("id", &text_of(request, "requestId")),
        ("occurredAt", &first_of(request, &["modifiedOn", "createdOn"])),
        ("entity", entity_of(&finance, &dataverse, &message)),
        ("map", &map_between(&finance, &dataverse)),
        ("message", &message),
        ("action", &action),
        ("requestState", &text_of(request, "state")),
        ("rootActivityId", &text_of(request, "rootActivityId")),
        ("errorUri", &text_of(request, "errorUri")),
    ]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_failed_requests_are_errors() {
        let mut errors = Errors::default();
        let map = |state, message: Option<&str>| {
            json!({"leftEntity":"Customers V3","rightEntity":{"name":"accounts"},
                   "detail":{"lastRequest":{"requestId":"r","state":state,"errorMessage":message}}})
        };
        add(&map(2, None), &mut errors);
        add(&map(3, Some("Project validation failed.")), &mut errors);
        add(&map(3, None), &mut errors);
        add(&json!(7), &mut errors);
        assert_eq!(
            errors.rows[0][..4],
            ["r", "Customers V3", "Customers V3 (accounts)", "Project validation failed."]
        );
        assert!(errors.rows[1][3].contains("says no reason"));
        assert_eq!(
            errors.warnings,
            [("NoError", "2 maps whose last request did not fail were passed over".to_owned())]
        );
    }
}
