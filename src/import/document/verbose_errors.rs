//! Verbose errors saved as a file: one object, a list of them, or one a line.
//!
//! Source: the sample in the live synchronisation troubleshooting article, whose inner quotes are not escaped; hence the
//! tolerant way. The trace inside holds payloads and is never kept.

use serde_json::Value;

use super::super::meaning::map_between;
use super::super::verbose::loose_member;
use super::{Errors, each, entity_of, items, plain, text_of};

pub(super) fn read(text: &str, errors: &mut Errors) -> serde_json::Result<()> {
    let mut strict = Errors::default();
    match each(text, &mut |value| add(value, &mut strict)) {
        Ok(()) => *errors = strict,
        Err(error) => {
            read_tolerantly(text, errors);
            if errors.rows.is_empty() {
                return Err(error);
            }
            errors.warn(
                "NotValidJson",
                "the file is not valid JSON, as some exports of verbose errors are; what could be told apart was read"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn add(value: &Value, errors: &mut Errors) {
    let mut found = 0;
    let finance = text_of(value, "entityName");
    let dataverse = text_of(value, "externalEntityName");
    let status = text_of(value, "executionStatus");
    let stage = text_of(value, "dualWriteProcessingStage");
    let trace = value.get("debugLogTrace").map_or("", |_| "[redacted]");
    let mut add = |time: &str, message: &str, verbose: &str| {
        if message.trim().is_empty() {
            return;
        }
        found += 1;
        errors.add(&[
            ("occurredAt", time),
            ("entity", entity_of(&finance, &dataverse, message)),
            ("map", &map_between(&finance, &dataverse)),
            ("message", message),
            ("verboseError", verbose),
            ("executionStatus", &status),
            ("dualWriteProcessingStage", &stage),
            ("debugLogTrace", trace),
        ]);
    };
    let records = items(value, "recordResponses");
    for record in records {
        let message = text_of(record, "errorMessage");
        let verbose = text_of(record, "verboseError");
        let message = if message.is_empty() { &verbose } else { &message };
        add(&text_of(record, "logDateTime"), message, &verbose);
    }
    let time = records.iter().map(|record| text_of(record, "logDateTime"));
    let time = time.into_iter().find(|time| !time.is_empty()).unwrap_or_default();
    let fields = items(value, "fieldResponses").iter().chain(value.get("fieldResponses"));
    for field in fields.chain([value]).filter_map(Value::as_object) {
        for (name, text) in field {
            if name.starts_with("RecordError")
                || (name == "errorMessage" && !std::ptr::eq(field, whole(value)))
            {
                add(&time, &plain(text), "");
            }
        }
    }
    if found == 0 {
        let entity = text_of(value, "entityName");
        errors.warn("NoError", format!("the verbose error of '{entity}' holds no message"));
    }
}

/// The members of the error itself; none where it is no object.
fn whole(value: &Value) -> *const serde_json::Map<String, Value> {
    value.as_object().map_or(std::ptr::null(), std::ptr::from_ref)
}

/// Every message, with the last entity named before it and the first time behind it. The text is gone through once,
/// whatever is in it.
fn read_tolerantly(text: &str, errors: &mut Errors) {
    const MESSAGE: &str = "\"errorMessage\"";
    let starts: Vec<usize> = text.match_indices(MESSAGE).map(|(at, _)| at).collect();
    let mut finance = LastNamed::new(text, "\"entityName\"");
    let mut dataverse = LastNamed::new(text, "\"externalEntityName\"");
    for (turn, &start) in starts.iter().enumerate() {
        let end = starts.get(turn + 1).copied().unwrap_or(text.len());
        let here = &text[start..end];
        let Some(message) = loose_member(here, MESSAGE) else { continue };
        let (finance, dataverse) = (finance.before(start), dataverse.before(start));
        errors.add(&[
            ("occurredAt", &loose_member(here, "\"logDateTime\"").unwrap_or_default()),
            ("entity", entity_of(finance, dataverse, &message)),
            ("map", &map_between(finance, dataverse)),
            ("message", &message),
        ]);
    }
}

/// The value of a member where it was named last.
struct LastNamed<'t> {
    text: &'t str,
    name: &'t str,
    /// Where it is named further on.
    ahead: std::iter::Peekable<std::str::MatchIndices<'t, &'t str>>,
    value: String,
}

impl<'t> LastNamed<'t> {
    fn new(text: &'t str, name: &'t str) -> Self {
        Self { text, name, ahead: text.match_indices(name).peekable(), value: String::new() }
    }

    /// The value before a place; places only grow.
    fn before(&mut self, place: usize) -> &str {
        let mut last = None;
        while let Some((at, _)) = self.ahead.next_if(|(at, _)| *at < place) {
            last = Some(at);
        }
        if let Some(at) = last {
            self.value = loose_member(&self.text[at..place], self.name).unwrap_or_default();
        }
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut errors = Errors::default();
        read(text, &mut errors).unwrap();
        errors.rows
    }

    #[test]
    fn each_response_is_an_error() {
        let found = rows(
            r#"[{"entityName":"A","externalEntityName":"as","recordResponses":[
                {"errorMessage":"one","logDateTime":"2020-12-08T00:14:28.2746686Z"},
                {"errorMessage":"","verboseError":"two"}],
               "debugLogTrace":["POST {payload}"]},
              {"entityName":"B","fieldResponses":{"RecordError0":"three"},"recordResponses":[]}]"#,
        );
        let messages: Vec<&str> = found
            .iter()
            .map(|row| {
                row.iter()
                    .find(|cell| ["one", "two", "three"].contains(&cell.as_str()))
                    .unwrap()
                    .as_str()
            })
            .collect();
        assert_eq!(messages, ["one", "two", "three"]);
        assert!(!format!("{found:?}").contains("payload"));
    }

    #[test]
    fn what_is_no_json_is_read_as_far_as_it_can_be_told_apart() {
        let found = rows(
            r#"{ "entityName":"U", "externalEntityName":"uoms", "recordResponses":[{"errorMessage":"Request "failed" once","logDateTime":"2020-12-08T00:14:28Z", "verboseError":"a "b" c"},{"errorMessage":"again"}]}"#,
        );
        assert_eq!(found[0], ["2020-12-08T00:14:28Z", "U", "U (uoms)", "Request \"failed\" once"]);
        assert_eq!(found[1], ["", "U", "U (uoms)", "again"]);
        assert!(read("{\"recordResponses\":[", &mut Errors::default()).is_err());
    }

    #[test]
    fn many_messages_without_an_entity_are_gone_through_once() {
        // To look back from each of them would take minutes.
        let many = "{\"errorMessage\":\"a\"},".repeat(100_000);
        assert_eq!(rows(&format!("{{\"recordResponses\":[{many}")).len(), 100_000);
        let open = "\"errorMessage\" \"entityName\":\"never closed ".repeat(50_000);
        assert!(read(&format!("{{\"recordResponses\":[{open}"), &mut Errors::default()).is_err());
    }
}
