//! Offsets of IANA time zones, from the browser's own tables, so that none are shipped.

use chrono::{NaiveDate, NaiveTime};
use js_sys::{Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The years that errors may be of.
const FROM_YEAR: i32 = 2000;
const TO_YEAR: i32 = 2040;

const HOUR_MS: i64 = 3_600_000;
const STEP_MS: i64 = 7 * 24 * HOUR_MS;

/// Changes of the zone's offset: `(moment in UTC milliseconds, offset from then on in seconds)`, ascending, the first
/// entry being the offset at the beginning. `None` where the browser does not know the zone.
pub fn transitions(zone: &str) -> Option<Vec<(i64, i32)>> {
    let format = formatter(zone)?;
    let new_year = |year| {
        Some(
            NaiveDate::from_ymd_opt(year, 1, 1)?
                .and_time(NaiveTime::MIN)
                .and_utc()
                .timestamp_millis(),
        )
    };
    let (begin, end) = (new_year(FROM_YEAR)?, new_year(TO_YEAR)?);
    let mut offset = offset_at(&format, begin)?;
    let mut changes = vec![(begin, offset)];
    let mut moment = begin;
    while moment < end {
        let next = moment + STEP_MS;
        let offset_then = offset_at(&format, next)?;
        if offset_then != offset {
            changes.push((first_with(&format, moment, next, offset_then)?, offset_then));
            offset = offset_then;
        }
        moment = next;
    }
    Some(changes)
}

/// The minute between the two moments at which the offset becomes `wanted`.
fn first_with(format: &Function, mut before: i64, mut after: i64, wanted: i32) -> Option<i64> {
    while after - before > 60_000 {
        let middle = before + (after - before) / 2 / 60_000 * 60_000;
        if offset_at(format, middle)? == wanted { after = middle } else { before = middle }
    }
    Some(after)
}

fn formatter(zone: &str) -> Option<Function> {
    let options = Object::new();
    for (key, value) in [
        ("timeZone", zone),
        ("calendar", "gregory"),
        ("numberingSystem", "latn"),
        ("hourCycle", "h23"),
        ("year", "numeric"),
        ("month", "numeric"),
        ("day", "numeric"),
        ("hour", "numeric"),
        ("minute", "numeric"),
        ("second", "numeric"),
    ] {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    // The constructor throws on a zone it does not know; called through `Reflect`, that comes back as an error.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function =
        Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let arguments = js_sys::Array::of2(&"en-US".into(), &options);
    let made = Reflect::construct(&constructor, &arguments).ok()?;
    Some(made.unchecked_into::<Intl::DateTimeFormat>().format())
}

/// Seconds that the zone's wall clock is ahead of UTC.
fn offset_at(format: &Function, moment: i64) -> Option<i32> {
    // "3/31/2024, 02:00:00"
    let text =
        format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(moment as f64)).ok()?.as_string()?;
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(str::parse::<u32>);
    let mut next = || numbers.next()?.ok();
    let (month, day, year, hour, minute, second) =
        (next()?, next()?, next()?, next()?, next()?, next()?);
    let wall =
        NaiveDate::from_ymd_opt(year as i32, month, day)?.and_hms_opt(hour, minute, second)?;
    Some(((wall.and_utc().timestamp_millis() - moment) / 1000) as i32)
}

/// The zone the browser is set to.
pub fn local_name() -> Option<String> {
    let format = Intl::DateTimeFormat::default();
    Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}
