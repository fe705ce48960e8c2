//! Lines of the journal as sentences. An event of a later version is shown by its own word.

use serde_json::Value;

use super::{labels, numbers};
use crate::domain::{JournalEntry, RequestKind};

/// What happened, in a sentence.
pub fn sentence(entry: &JournalEntry) -> String {
    let details = &entry.details;
    let request = || format!("Request {}", number(details, "requestId"));
    match entry.event.as_str() {
        "imported" => imported(details),
        "removed" => format!("Dump '{}' was removed", text(details, "name")),
        "planned" => format!(
            "Plan to {} {} of {} matched: {}",
            kind(details),
            numbers::counted(number(details, "eligible"), "record"),
            numbers::count(number(details, "matched")),
            text(details, "filter")
        ),
        "submitted" => {
            let reason = match text(details, "reason") {
                "" => String::new(),
                reason => format!(". Reason: {reason}"),
            };
            let shelved = match (details["shelved"].as_bool(), number(details, "after")) {
                (Some(true), 0) => ", on the shelf".to_owned(),
                (Some(true), after) => format!(", on the shelf behind request {after}"),
                _ => String::new(),
            };
            format!(
                "{} submitted for {}{shelved}: {} {}, {}{reason}",
                request(),
                text(details, "jobId"),
                kind(details),
                numbers::counted(number(details, "records"), "record"),
                text(details, "filter")
            )
        }
        "movedUp" => format!("{} moved up from the shelf to a place", request()),
        "released" => {
            let share = &details["share"];
            let measured = match number(share, "retried") {
                0 => "nothing was measured".to_owned(),
                retried => format!(
                    "{} of {} had cleared",
                    numbers::count(number(share, "cleared")),
                    numbers::count(retried)
                ),
            };
            let (after, threshold) = (number(details, "after"), number(details, "threshold"));
            format!(
                "{} was released by a user: of request {after} {measured}, {threshold} % were asked for",
                request()
            )
        }
        "started" => format!("{} started", request()),
        "returned" => {
            format!("{} went back to its place: {}", request(), text(details, "why"))
        }
        "finished" => {
            format!("{} finished: {}", request(), outcomes(&details["outcomes"]))
        }
        "withdrawn" => format!(
            "{} withdrawn after {}",
            request(),
            numbers::counted(number(details, "done"), "record")
        ),
        "jobStatus" => format!(
            "Integration job {} set from {} to {}",
            text(details, "jobId"),
            text(details, "from"),
            text(details, "to")
        ),
        "markedFixed" => {
            let is_fixed = details["fixed"].as_bool().unwrap_or_default();
            let word = if is_fixed { "fixed" } else { "not fixed" };
            format!("A cause was marked as {word}")
        }
        "configured" => "Settings were changed".to_owned(),
        "exported" => match (text(details, "format"), details["records"].as_u64()) {
            (format, Some(records)) => format!(
                "{} exported as {format}: {}",
                numbers::counted(records as usize, "record"),
                text(details, "filter")
            ),
            (what, None) => format!("The {what} was exported"),
        },
        other => other.to_owned(),
    }
}

fn imported(details: &Value) -> String {
    let mut parts = vec![format!("{} loaded", numbers::count(number(details, "loaded")))];
    let others = [
        ("duplicates", "already there"),
        ("dismissedEarlier", "dismissed earlier"),
        ("rejected", "rejected"),
    ];
    for (field, words) in others {
        match number(details, field) {
            0 => {}
            count => parts.push(format!("{} {words}", numbers::count(count))),
        }
    }
    format!(
        "Dump '{}' opened: {} read, {}",
        text(details, "name"),
        numbers::counted(number(details, "rowsRead"), "row"),
        parts.join(", ")
    )
}

fn outcomes(tally: &Value) -> String {
    let words = [
        ("cleared", "cleared"),
        ("failedAgain", "failed again"),
        ("dismissed", "dismissed"),
        ("skipped", "skipped"),
    ];
    let parts = words.into_iter().filter_map(|(field, words)| match number(tally, field) {
        0 => None,
        count => Some(format!("{} {words}", numbers::count(count))),
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "nothing was left to do".to_owned() } else { parts.join(", ") }
}

fn kind(details: &Value) -> String {
    match text(details, "kind") {
        "retry" => RequestKind::Retry.to_string().to_lowercase(),
        "dismiss" => RequestKind::Dismiss.to_string().to_lowercase(),
        other => labels::value(other).into_owned(),
    }
}

fn text<'a>(details: &'a Value, field: &str) -> &'a str {
    details[field].as_str().unwrap_or_default()
}

fn number(details: &Value, field: &str) -> usize {
    details[field].as_u64().unwrap_or_default() as usize
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{JournalEnd, Timestamp};

    fn words(event: &str, details: Value) -> String {
        sentence(&JournalEnd::default().next(Timestamp::EPOCH, event, details))
    }

    #[test]
    fn lines_read_as_sentences() {
        let imported = json!({
            "dataset": 1, "name": "log.csv", "rowsRead": 1200, "loaded": 1000, "duplicates": 200, "dismissedEarlier": 0, "rejected": 0,
        });
        assert_eq!(
            words("imported", imported),
            "Dump 'log.csv' opened: 1,200 rows read, 1,000 loaded, 200 already there"
        );
        let submitted = json!({
            "requestId": 7, "jobId": "Sales", "kind": "dismiss", "records": 1, "filter": "all records", "reason": "old",
        });
        assert_eq!(
            words("submitted", submitted),
            "Request 7 submitted for Sales: dismiss 1 record, all records. Reason: old"
        );
        let shelved = json!({
            "requestId": 8, "jobId": "Sales", "kind": "retry", "records": 10, "filter": "all records", "shelved": true, "after": 7,
        });
        assert_eq!(
            words("submitted", shelved),
            "Request 8 submitted for Sales, on the shelf behind request 7: retry 10 records, all records"
        );
        let released = json!({ "requestId": 8, "after": 7, "threshold": 80, "share": { "cleared": 7, "retried": 10 } });
        assert_eq!(
            words("released", released),
            "Request 8 was released by a user: of request 7 7 of 10 had cleared, 80 % were asked for"
        );
        let finished = json!({ "requestId": 7, "outcomes": { "cleared": 0, "failedAgain": 2, "dismissed": 1, "skipped": 0 } });
        assert_eq!(words("finished", finished), "Request 7 finished: 2 failed again, 1 dismissed");
        assert_eq!(words("exported", json!({ "format": "journal" })), "The journal was exported");
    }

    #[test]
    fn what_is_not_known_is_shown_by_its_word_and_nothing_panics() {
        assert_eq!(words("teleported", json!(null)), "teleported");
        for event in ["imported", "removed", "planned", "submitted", "finished", "jobStatus"] {
            assert!(!words(event, json!([1, "x"])).is_empty());
        }
    }
}
