//! Messages without anything around them. Which entity a message is about is read out of it.
//!
//! Source: `GetExecutionErrors` of the data management package API answers with a list of messages, itself a text inside
//! the OData answer.

use serde_json::Value;

use super::{Errors, entity_of, first_of, plain, text_of};

pub(super) fn add(value: &Value, errors: &mut Errors) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(list @ (Value::Array(_) | Value::Object(_))) => add(&list, errors),
            _ => add_message(text, "", errors),
        },
        Value::Array(list) => list.iter().for_each(|item| add(item, errors)),
        Value::Object(object) => match object.get("value") {
            Some(inner) => add(inner, errors),
            None => {
                let message = first_of(value, &["errorMessage", "message", "Message", "error"]);
                let message = if message.is_empty() { plain(value) } else { message };
                add_message(&message, &text_of(value, "recordId"), errors);
            }
        },
        _ => {}
    }
}

fn add_message(text: &str, record: &str, errors: &mut Errors) {
    if text.trim().is_empty() {
        return;
    }
    let entity = entity_of("", "", text);
    errors.add(&[("entity", entity), ("message", text.trim()), ("recordKey", record)]);
}

/// The entity that a message says it is about, by the stems of the documented messages.
pub(super) fn entity_in(message: &str) -> Option<&str> {
    const STEMS: [&str; 6] = [
        "write data to entity ",
        "Write failed for entity ",
        "Write failed for table row of type ",
        "failed to process entity ",
        "generate payload for entity ",
        "Writes to ",
    ];
    const ENDS: [&str; 9] = [" with ", " failed", ". ", ".", ",", ";", "'", "\"", " -"];
    let begin = STEMS.iter().find_map(|stem| Some(message.find(stem)? + stem.len()))?;
    let rest = message[begin..].trim_start_matches(['\'', '"']);
    let end = ENDS.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    let entity = rest[..end].trim();
    (!entity.is_empty() && entity.len() <= 200).then_some(entity)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::UNNAMED;
    use super::*;

    #[test]
    fn entities_are_read_out_of_the_documented_messages() {
        for (message, entity) in [
            ("Unable to write data to entity msdyn_vendors. Unable to lookup", "msdyn_vendors"),
            ("Write failed for entity Customers V3 with unknown exception - x", "Customers V3"),
            (
                "Write failed for table row of type 'CustCustomerV3Entity'. Infolog",
                "CustCustomerV3Entity",
            ),
            ("System.Exception: failed to process entity account - (A", "account"),
            ("Unable to generate payload for entity A", "A"),
        ] {
            assert_eq!(entity_in(message), Some(entity), "{message}");
        }
        assert_eq!(entity_in("The data value violates integrity constraints."), None);
    }

    #[test]
    fn a_list_is_found_inside_the_answer() {
        let mut errors = Errors::default();
        add(
            &json!({"@odata.context":"x","value":{"value":"[\"one\",\"Writes to A failed with\"]"}}),
            &mut errors,
        );
        add(&json!([{"recordId":"7","errorMessage":"three"}, null, 4, ""]), &mut errors);
        assert_eq!(errors.rows[0], [UNNAMED, "one"]);
        assert_eq!(errors.rows[1], ["A", "Writes to A failed with"]);
        assert_eq!(errors.rows[2], [UNNAMED, "three", "7"]);
        assert_eq!(errors.rows.len(), 3);
    }
}
