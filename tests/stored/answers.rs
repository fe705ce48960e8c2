//! What a frozen database is asked, natively and in the browser.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use error_desk::domain::{Filter, RecordState};
use error_desk::protocol::CausesParams;
use error_desk::workspace::Workspace;
use error_desk::workspace::ports::{Announcer, Clock, Gateway, Store};
use serde_json::{Value, json};

/// Everything that can be seen.
pub(crate) async fn answers<S: Store, G: Gateway, C: Clock, A: Announcer>(
    desk: &Workspace<S, G, C, A>,
) -> Value {
    let all = || Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
    let rows = desk.rows(all(), None, 0, 1_000).unwrap();
    let records: Vec<_> = rows.rows.iter().map(|row| desk.record(&row.id)).collect();
    json!({
        "datasets": desk.datasets(),
        "rows": rows,
        "records": records,
        "open": desk.count(Filter::default()),
        "numberThree": desk.count(Filter { text: Some("NUMBER 3".to_owned()), ..all() }),
        "bars": desk.histogram(all(), 5).unwrap(),
        "jobs": desk.jobs(),
        "requests": desk.requests(None).unwrap(),
        "settings": desk.settings(),
        "causes": desk.causes(CausesParams::default()).unwrap(),
        "rules": desk.cause_rules(),
        "journal": desk.journal(0, 1_000).await.unwrap(),
    })
}

/// Whether everything that was said is said; where not, what differs. An answer may say more than it did.
pub(crate) fn differs(was: &Value, is: &Value) -> Option<String> {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => was.iter().find_map(|(key, was)| {
            let is = is.get(key).unwrap_or(&Value::Null);
            differs(was, is).map(|why| format!("{key}: {why}"))
        }),
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            let mut pairs = was.iter().zip(is).enumerate();
            pairs.find_map(|(at, (was, is))| differs(was, is).map(|why| format!("{at}: {why}")))
        }
        _ if was == is => None,
        _ => Some(format!("{was} became {is}")),
    }
}
