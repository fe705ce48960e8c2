//! A request: what people may want to read as JSON, its records and outcomes as bytes.
//!
//! The bytes are the record ids in the order of work, each as the difference to the one before in LEB128 (10,000 neighbours
//! take 10 kB instead of 80), followed by one byte per outcome. Progress rewrites the whole request, so its size counts.
//! Where the order is not ascending, differences go both ways and are written in zigzag, and `order` says so.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Gate, JobId, RecordBatch, RecordId, RecordOutcome, Request, RequestId, RequestKind,
    RequestState,
};
use crate::workspace::ports::{DamagedThing, StoreError};

use super::{LARGEST_NUMBER, Place, Value, number, read_text, time, write_text};

/// Its key is the request's id. Times are epoch milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredRequest {
    job: String,
    kind: StoredKind,
    state: StoredState,
    records: u64,
    /// Fingerprint of the records: what was submitted is what is found.
    digest: String,
    outcomes: u64,
    filter_text: String,
    reason: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    rehearsal: bool,
    /// Its turn in the queue, where that is not its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gate: Option<StoredGate>,
    /// How the records are ordered, where not ascending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<StoredOrder>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredGate {
    after: u64,
    threshold: u8,
    released: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredOrder {
    Given,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredKind {
    Retry,
    Dismiss,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredState {
    Shelved,
    Queued,
    Running,
    Finished,
    Withdrawn,
}

pub(super) fn write(request: &Request) -> Result<Value, StoreError> {
    let is_ascending = request.batch.records().is_sorted();
    let order = (!is_ascending).then_some(StoredOrder::Given);
    let text = write_text(&StoredRequest {
        job: request.job.0.clone(),
        kind: match request.kind {
            RequestKind::Retry => StoredKind::Retry,
            RequestKind::Dismiss => StoredKind::Dismiss,
        },
        state: match request.state {
            RequestState::Shelved => StoredState::Shelved,
            RequestState::Queued => StoredState::Queued,
            RequestState::Running => StoredState::Running,
            RequestState::Finished => StoredState::Finished,
            RequestState::Withdrawn => StoredState::Withdrawn,
        },
        records: request.batch.len() as u64,
        digest: request.batch.digest().to_string(),
        outcomes: request.outcomes.len() as u64,
        filter_text: request.filter_text.clone(),
        reason: request.reason.clone(),
        created_at: request.created_at.millis(),
        started_at: request.started_at.map(|time| time.millis()),
        finished_at: request.finished_at.map(|time| time.millis()),
        rehearsal: request.rehearsal,
        turn: (request.turn != request.id.0).then_some(request.turn),
        gate: request.gate.map(|gate| StoredGate {
            after: gate.after.0,
            threshold: gate.threshold,
            released: gate.released,
        }),
        order,
    })?
    .text;
    let mut bytes = Vec::with_capacity(request.batch.len() * 2 + request.outcomes.len());
    write_records(request.batch.records(), order, &mut bytes);
    bytes.extend(request.outcomes.iter().map(|outcome| outcome_byte(*outcome)));
    Ok(Value { text, bytes })
}

pub(super) fn read(place: &Place, value: &Value) -> Result<Request, StoreError> {
    let stored: StoredRequest = read_text(place, value)?;
    let mut rest = value.bytes.as_slice();
    let records = read_records(stored.records, stored.order, &mut rest)
        .ok_or_else(|| place.damaged("its records cannot be read"))?;
    let batch = RecordBatch::restored(records)
        .filter(|batch| batch.digest().to_string() == stored.digest)
        .ok_or_else(|| place.damaged("its records are not those that were submitted"))?;
    if stored.outcomes != rest.len() as u64 || rest.len() > batch.len() {
        let (found, told) = (rest.len(), stored.outcomes);
        return Err(place.damaged(format_args!("{found} outcomes where there should be {told}")));
    }
    let outcomes = rest.iter().map(|byte| outcome(*byte)).collect::<Option<_>>();
    let optional = |millis: Option<i64>| millis.map(|millis| time(place, millis)).transpose();
    let id = number(place)?;
    let turn = stored.turn.unwrap_or(id);
    if !(id..=LARGEST_NUMBER).contains(&turn) {
        return Err(place.damaged(format_args!("its turn is {turn}")));
    }
    Ok(Request {
        id: RequestId(id),
        job: JobId(stored.job),
        kind: match stored.kind {
            StoredKind::Retry => RequestKind::Retry,
            StoredKind::Dismiss => RequestKind::Dismiss,
        },
        batch,
        outcomes: outcomes.ok_or_else(|| place.damaged("an outcome is unknown"))?,
        state: match stored.state {
            StoredState::Shelved => RequestState::Shelved,
            StoredState::Queued => RequestState::Queued,
            StoredState::Running => RequestState::Running,
            StoredState::Finished => RequestState::Finished,
            StoredState::Withdrawn => RequestState::Withdrawn,
        },
        turn,
        gate: stored.gate.map(|gate| Gate {
            after: RequestId(gate.after),
            threshold: gate.threshold,
            released: gate.released,
        }),
        filter_text: stored.filter_text,
        reason: stored.reason,
        created_at: time(place, stored.created_at)?,
        started_at: optional(stored.started_at)?,
        finished_at: optional(stored.finished_at)?,
        rehearsal: stored.rehearsal,
    })
}

/// What a request that cannot be read is: closed only where its text still says so.
pub(super) fn damaged_thing(value: &Value) -> DamagedThing {
    let text: Option<serde_json::Value> = serde_json::from_str(&value.text).ok();
    match text.as_ref().and_then(|text| text["state"].as_str()) {
        Some("finished" | "withdrawn") => DamagedThing::ClosedRequest,
        _ => DamagedThing::Request,
    }
}

/// 0 is no outcome, so that a zeroed value is found out.
fn outcome_byte(outcome: RecordOutcome) -> u8 {
    match outcome {
        RecordOutcome::Cleared => 1,
        RecordOutcome::FailedAgain => 2,
        RecordOutcome::Skipped => 3,
        RecordOutcome::Dismissed => 4,
    }
}

fn outcome(byte: u8) -> Option<RecordOutcome> {
    Some(match byte {
        1 => RecordOutcome::Cleared,
        2 => RecordOutcome::FailedAgain,
        3 => RecordOutcome::Skipped,
        4 => RecordOutcome::Dismissed,
        _ => return None,
    })
}

fn write_records(records: &[RecordId], order: Option<StoredOrder>, bytes: &mut Vec<u8>) {
    let mut before = 0;
    for record in records {
        let difference = record.to_bits().wrapping_sub(before);
        before = record.to_bits();
        let mut step = match order {
            None => difference,
            Some(StoredOrder::Given) => difference << 1 ^ ((difference as i64) >> 63) as u64,
        };
        while step >= 0x80 {
            bytes.push(step as u8 | 0x80);
            step >>= 7;
        }
        bytes.push(step as u8);
    }
}

/// Takes `count` ids off the front; `None` where the bytes end early or say what no id can be.
fn read_records(
    count: u64,
    order: Option<StoredOrder>,
    bytes: &mut &[u8],
) -> Option<Vec<RecordId>> {
    // Each id takes a byte at least, so a damaged count cannot ask for more memory than there are bytes.
    let mut records = Vec::with_capacity(usize::try_from(count).ok()?.min(bytes.len()));
    let mut before = 0_u64;
    for _ in 0..count {
        let step = read_step(bytes)?;
        before = match order {
            None => before.checked_add(step)?,
            Some(StoredOrder::Given) => before.wrapping_add(step >> 1 ^ (step & 1).wrapping_neg()),
        };
        records.push(RecordId::from_bits(before));
    }
    Some(records)
}

fn read_step(bytes: &mut &[u8]) -> Option<u64> {
    let mut step = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            return None;
        }
        step |= part << shift;
        if byte & 0x80 == 0 {
            return Some(step);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Shelf;
    use super::*;
    use crate::domain::{DatasetId, Timestamp};

    fn place() -> Place {
        Place::number(Shelf::Requests, 7)
    }

    fn request() -> Request {
        let record = |row| RecordId::new(DatasetId(1), row);
        Request {
            id: RequestId(7),
            job: JobId("Sales".to_owned()),
            kind: RequestKind::Retry,
            batch: RecordBatch::restored(vec![record(0), record(1), record(300)]).unwrap(),
            outcomes: vec![RecordOutcome::Cleared, RecordOutcome::FailedAgain],
            state: RequestState::Running,
            turn: 7,
            gate: None,
            filter_text: "Entity is Customers".to_owned(),
            reason: None,
            created_at: Timestamp::from_millis(1_000).unwrap(),
            started_at: Timestamp::from_millis(2_000),
            finished_at: None,
            rehearsal: true,
        }
    }

    #[test]
    fn the_stored_form_does_not_change() {
        let value = write(&request()).unwrap();
        assert_eq!(
            value.text,
            r#"{"job":"Sales","kind":"retry","state":"running","records":3,"#.to_owned()
                + r#""digest":"ea0e477e38e5cc068b540e8f2337f55b","outcomes":2,"#
                + r#""filterText":"Entity is Customers","reason":null,"createdAt":1000,"startedAt":2000,"#
                + r#""finishedAt":null,"rehearsal":true}"#
        );
        assert_eq!(value.bytes, [0x80, 0x80, 0x80, 0x80, 0x10, 1, 0xab, 2, 1, 2]);
        assert_eq!(read(&place(), &value).unwrap(), request());
    }

    #[test]
    fn the_stored_form_of_what_waits_on_the_shelf_does_not_change() {
        let record = |row| RecordId::new(DatasetId(1), row);
        let shelved = Request {
            batch: RecordBatch::restored(vec![record(300), record(0), record(1)]).unwrap(),
            outcomes: vec![],
            state: RequestState::Shelved,
            turn: 9,
            gate: Some(Gate { after: RequestId(6), threshold: 80, released: false }),
            started_at: None,
            ..request()
        };
        let value = write(&shelved).unwrap();
        assert_eq!(
            value.text,
            r#"{"job":"Sales","kind":"retry","state":"shelved","records":3,"#.to_owned()
                + r#""digest":"ea0e477e38e5cc068b540e8f2337f55b","outcomes":0,"#
                + r#""filterText":"Entity is Customers","reason":null,"createdAt":1000,"startedAt":null,"#
                + r#""finishedAt":null,"rehearsal":true,"turn":9,"#
                + r#""gate":{"after":6,"threshold":80,"released":false},"order":"given"}"#
        );
        assert_eq!(value.bytes, [0xd8, 0x84, 0x80, 0x80, 0x20, 0xd7, 4, 2]);
        assert_eq!(read(&place(), &value).unwrap(), shelved);
    }

    #[test]
    fn ten_thousand_neighbours_are_small() {
        let records = (0..10_000).map(|row| RecordId::new(DatasetId(3), row)).collect();
        let batch = RecordBatch::restored(records).unwrap();
        let outcomes = vec![RecordOutcome::Dismissed; 10_000];
        let large = Request { batch, outcomes, ..request() };
        let value = write(&large).unwrap();
        assert!(value.bytes.len() < 20_100, "{}", value.bytes.len());
        assert_eq!(read(&place(), &value).unwrap(), large);
    }

    #[test]
    fn each_damage_is_told_apart() {
        let good = write(&request()).unwrap();
        let told = |damage: &dyn Fn(&mut Value)| {
            let mut value = good.clone();
            damage(&mut value);
            match read(&place(), &value).unwrap_err() {
                StoreError::Damaged(why) => why,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(told(&|value| value.bytes.truncate(3)), "request 7: its records cannot be read");
        assert_eq!(
            told(&|value| value.bytes[5] = 9),
            "request 7: its records are not those that were submitted"
        );
        assert_eq!(
            told(&|value| value.bytes.truncate(9)),
            "request 7: 1 outcomes where there should be 2"
        );
        assert_eq!(told(&|value| value.bytes[9] = 0), "request 7: an outcome is unknown");
        assert!(told(&|value| value.text.truncate(20)).starts_with("request 7: "));
        // An id beyond 64 bits: ten bytes whose last has more than the one bit that is left.
        assert_eq!(
            told(&|value| value.bytes = vec![0xff; 9].into_iter().chain([2]).collect()),
            "request 7: its records cannot be read"
        );
        assert_eq!(
            told(&|value| {
                value.text =
                    value.text.replace(r#""records":3"#, r#""records":18446744073709551615"#);
            }),
            "request 7: its records cannot be read"
        );
        for turn in ["6", "9007199254740992"] {
            let turned = format!(r#""rehearsal":true,"turn":{turn}"#);
            assert_eq!(
                told(&|value| value.text = value.text.replace(r#""rehearsal":true"#, &turned)),
                format!("request 7: its turn is {turn}")
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_ids_come_back_in_their_order(ids in proptest::collection::vec(any::<u64>(), 1..200)) {
            let batch = RecordBatch::restored(ids.into_iter().map(RecordId::from_bits).collect());
            let given = Request { batch: batch.unwrap(), outcomes: vec![], ..request() };
            prop_assert_eq!(read(&place(), &write(&given).unwrap()).unwrap(), given.clone());
            let batch = RecordBatch::restored(given.batch.ascending().to_vec()).unwrap();
            let ascending = Request { batch, ..given };
            prop_assert_eq!(read(&place(), &write(&ascending).unwrap()).unwrap(), ascending);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..40), count in 0_u64..20
        ) {
            let mut value = write(&request()).unwrap();
            value.text = value.text.replace(r#""records":3"#, &format!(r#""records":{count}"#));
            value.bytes = bytes;
            // No panic, and nothing but what was submitted passes.
            if let Ok(found) = read(&place(), &value) {
                prop_assert_eq!(found.batch, request().batch);
            }
        }
    }
}
