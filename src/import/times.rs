//! The ways dumps write a point in time.
//!
//! Deliberately absent: zones (`zone`) and what to do with a time that cannot be read (`loader`): this module only says what
//! a text means.
//!
//! Invariant: a text is read the same in every row; nothing is guessed from its neighbours.

use super::options::DateOrder;
use super::zone::parse_offset;

/// What a text says about a moment. Milliseconds count from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeText {
    /// A moment: the text carries its zone or counts from an epoch.
    Instant(i64),
    /// A time on some clock.
    Local(i64),
    /// Nothing, or the date that finance and operations stores for nothing (1900-01-01).
    Empty,
    /// A date that the given order does not fit (month 13).
    Contradicts,
    /// A date of digits only, and no order is given.
    OrderNeeded,
    /// No time at all.
    Unread,
}

const DAY_MS: i64 = 86_400_000;
const EMPTY_DAY: i64 = -25_567;

/// Reads a time; blanks around it do not matter.
pub(super) fn read(text: &str, order: Option<DateOrder>) -> TimeText {
    if let Some(millis) = read_plain(text.as_bytes()) {
        return millis;
    }
    let text = text.trim();
    if text.is_empty() {
        return TimeText::Empty;
    }
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        // The offset behind the number is for display only.
        let digits = inner.find(['+', '-']).filter(|&at| at > 0).map_or(inner, |at| &inner[..at]);
        return digits.parse().map_or(TimeText::Unread, TimeText::Instant);
    }
    match split_date(text) {
        Some((numbers, rest)) => read_date(&numbers, rest, order),
        None => read_number(text),
    }
}

/// Whether the moment says all that the text of a time that was read does: in UTC, to the millisecond at most.
pub(super) fn is_whole(text: &str) -> bool {
    matches!(text.len(), 20 | 24) && text.ends_with('Z') && text.as_bytes()[10] == b'T'
}

/// The one form that nearly all dumps write, `2026-01-31T08:00:00.000Z`, its milliseconds or not; `None` for everything
/// that needs a closer look.
fn read_plain(text: &[u8]) -> Option<TimeText> {
    let (shape, text) = match text.len() {
        24 => (*b"0000-00-00T00:00:00.000Z", <[u8; 24]>::try_from(text).ok()?),
        20 => {
            let mut with_millis = *b"0000-00-00T00:00:00.000Z";
            with_millis[..19].copy_from_slice(&text[..19]);
            with_millis[23] = text[19];
            (*b"0000-00-00T00:00:00.000Z", with_millis)
        }
        _ => return None,
    };
    let fits = text.iter().zip(shape).fold(true, |fits, (&byte, form)| {
        let digit = byte.wrapping_sub(b'0') < 10;
        fits & if form == b'0' { digit } else { byte == form }
    });
    let number = |at: usize, len: usize| {
        text[at..at + len].iter().fold(0, |number, &digit| number * 10 + u32::from(digit & 15))
    };
    let (hours, minutes, seconds) = (number(11, 2), number(14, 2), number(17, 2));
    if !fits || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let day = days_from_civil(number(0, 4), number(5, 2), number(8, 2))?;
    let time_s = i64::from(hours * 3_600 + minutes * 60 + seconds);
    let time_ms = time_s * 1_000 + i64::from(number(20, 3));
    (day != EMPTY_DAY).then_some(TimeText::Instant(day * DAY_MS + time_ms))
}

/// The orders in which a date of digits could be read; `None` where the text is no such date or its order is plain.
pub(super) fn possible_orders(text: &str) -> Option<[bool; 3]> {
    let (numbers, _) = split_date(text.trim())?;
    if numbers.settled_order().is_some() {
        return None;
    }
    Some([DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd].map(|order| numbers.day(order).is_some()))
}

/// Three numbers with how many digits they have, and whether the middle one was a month's name.
struct DateNumbers {
    values: [u32; 3],
    digits: [usize; 3],
    separator: u8,
    named_month: bool,
}

impl DateNumbers {
    /// The order that the text itself tells.
    fn settled_order(&self) -> Option<DateOrder> {
        if self.digits[0] == 4 {
            Some(DateOrder::Ymd)
        } else if self.named_month || self.separator == b'.' {
            // Dots are written between day, month and year only.
            Some(DateOrder::Dmy)
        } else {
            None
        }
    }

    /// Days since 1970 in this order, if that is a date.
    fn day(&self, order: DateOrder) -> Option<i64> {
        let [a, b, c] = self.values;
        let ((year, year_digits), month, day) = match order {
            DateOrder::Ymd => ((a, self.digits[0]), b, c),
            DateOrder::Dmy => ((c, self.digits[2]), b, a),
            DateOrder::Mdy => ((c, self.digits[2]), a, b),
        };
        let year = match year_digits {
            4 => year,
            2 if year < 70 => 2_000 + year,
            2 => 1_900 + year,
            _ => return None,
        };
        if order != DateOrder::Ymd && self.digits[0] > 2 {
            return None;
        }
        days_from_civil(year, month, day)
    }
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days_from_civil(year: u32, month: u32, day: u32) -> Option<i64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > last {
        return None;
    }
    // Years that begin in March put the leap day last (H. Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = i64::from(year) - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Takes a date off the front.
fn split_date(text: &str) -> Option<(DateNumbers, &str)> {
    let bytes = text.as_bytes();
    let (first, at) = number(bytes, 0)?;
    let separator = *bytes.get(at)?;
    if !matches!(separator, b'-' | b'/' | b'.' | b' ') {
        return None;
    }
    if let Some((month, after)) = month_name(text, at + 1) {
        let blank = usize::from(bytes.get(after) == Some(&separator));
        let (year, end) = number(bytes, after + blank)?;
        let numbers = DateNumbers {
            values: [first, month, year],
            digits: [at, 2, end - after - blank],
            separator,
            named_month: true,
        };
        return Some((numbers, &text[end..]));
    }
    if separator == b' ' {
        return None;
    }
    let (second, after) = number(bytes, at + 1)?;
    if bytes.get(after) != Some(&separator) {
        return None;
    }
    let (third, end) = number(bytes, after + 1)?;
    let numbers = DateNumbers {
        values: [first, second, third],
        digits: [at, after - at - 1, end - after - 1],
        separator,
        named_month: false,
    };
    Some((numbers, &text[end..]))
}

/// At most four digits.
fn number(bytes: &[u8], start: usize) -> Option<(u32, usize)> {
    let mut at = start;
    let mut value = 0;
    while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
        if at - start == 4 {
            return None;
        }
        value = value * 10 + u32::from(digit - b'0');
        at += 1;
    }
    (at > start).then_some((value, at))
}

/// An English month by its first three letters or its whole name.
fn month_name(text: &str, start: usize) -> Option<(u32, usize)> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let rest = text.get(start..)?;
    let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &rest[..length];
    let at = MONTHS.iter().position(|month| {
        word.eq_ignore_ascii_case(&month[..3]) || word.eq_ignore_ascii_case(month)
    })?;
    Some((u32::try_from(at).ok()? + 1, start + length))
}

fn read_date(numbers: &DateNumbers, rest: &str, order: Option<DateOrder>) -> TimeText {
    let Some((time_ms, offset_s)) = read_clock(rest) else { return TimeText::Unread };
    let order = match numbers.settled_order() {
        Some(order) => order,
        None => match order {
            Some(order) => order,
            None if possible(numbers) => return TimeText::OrderNeeded,
            None => return TimeText::Unread,
        },
    };
    let Some(day) = numbers.day(order) else {
        let other = numbers.settled_order().is_none() && possible(numbers);
        return if other { TimeText::Contradicts } else { TimeText::Unread };
    };
    if day == EMPTY_DAY {
        return TimeText::Empty;
    }
    let local = day * DAY_MS + time_ms;
    match offset_s {
        Some(offset_s) => TimeText::Instant(local - i64::from(offset_s) * 1_000),
        None => TimeText::Local(local),
    }
}

fn possible(numbers: &DateNumbers) -> bool {
    [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd]
        .iter()
        .any(|&order| numbers.day(order).is_some())
}

/// The time of day in milliseconds, and the offset in seconds if there is one. Nothing is midnight.
fn read_clock(text: &str) -> Option<(i64, Option<i32>)> {
    let text = text.strip_prefix('T').or_else(|| text.strip_prefix('t')).unwrap_or(text);
    let text = text.trim_start_matches([' ', ',', '\u{A0}', '\u{202F}']);
    if text.is_empty() {
        return Some((0, None));
    }
    let bytes = text.as_bytes();
    let (mut hours, at) = two_digits(bytes, 0)?;
    let separator = *bytes.get(at)?;
    if separator != b':' && separator != b'.' {
        return None;
    }
    let (minutes, mut at) = two_digits(bytes, at + 1)?;
    let mut seconds = 0;
    let mut millis = 0;
    if bytes.get(at) == Some(&separator) {
        (seconds, at) = two_digits(bytes, at + 1)?;
        if matches!(bytes.get(at), Some(b'.' | b',')) {
            let fraction = &bytes[at + 1..];
            let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            // Digits beyond the millisecond are dropped, as everywhere in the desk.
            let digits = fraction[..length].iter().map(|digit| i64::from(digit - b'0'));
            millis = digits.chain([0, 0, 0]).take(3).fold(0, |millis, digit| millis * 10 + digit);
            at += 1 + length;
        }
    }
    let mut rest = text[at..].trim_start_matches([' ', '\u{A0}', '\u{202F}']);
    if let Some((afternoon, after)) = half_of_day(rest) {
        if hours == 0 || hours > 12 {
            return None;
        }
        hours = hours % 12 + if afternoon { 12 } else { 0 };
        rest = after.trim_start();
    }
    let offset_s = match rest {
        "" => None,
        "Z" | "z" | "UTC" | "GMT" | "(UTC)" => Some(0),
        _ => {
            let offset = rest.strip_prefix("UTC").or_else(|| rest.strip_prefix("GMT"));
            Some(parse_offset(offset.unwrap_or(rest))?)
        }
    };
    // A leap second is the last one of its minute.
    let seconds = if seconds == 60 { 59 } else { seconds };
    let midnight_ends = hours == 24 && minutes == 0 && seconds == 0;
    if (hours > 23 && !midnight_ends) || minutes > 59 || seconds > 59 {
        return None;
    }
    Some((i64::from(hours * 3_600 + minutes * 60 + seconds) * 1_000 + millis, offset_s))
}

fn two_digits(bytes: &[u8], start: usize) -> Option<(u32, usize)> {
    number(bytes, start).filter(|&(_, end)| end - start <= 2)
}

/// AM or PM in front: whether it is PM, and the rest.
fn half_of_day(text: &str) -> Option<(bool, &str)> {
    for (word, afternoon) in [("AM", false), ("PM", true), ("a.m.", false), ("p.m.", true)] {
        if text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return Some((afternoon, &text[word.len()..]));
        }
    }
    None
}

/// Epoch seconds, milliseconds or microseconds, an Excel serial, or a date written without separators.
fn read_number(text: &str) -> TimeText {
    let whole_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let fraction_ok = text[whole_digits..]
        .strip_prefix('.')
        .map_or(text.len() == whole_digits, |rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if !fraction_ok || whole_digits == 0 {
        return TimeText::Unread;
    }
    let Ok(value) = text.parse::<f64>() else { return TimeText::Unread };
    let whole = text[..whole_digits].parse::<i64>();
    match (whole_digits, whole) {
        (1, Ok(0)) => TimeText::Empty,
        (5, _) if (20_000.0..80_000.0).contains(&value) => TimeText::Local(serial(value)),
        (8, Ok(whole)) => compact_date(whole, 0),
        (14, Ok(whole)) => {
            let clock = whole % 1_000_000;
            let (hours, minutes, seconds) = (clock / 10_000, clock / 100 % 100, clock % 100);
            if hours > 23 || minutes > 59 || seconds > 59 {
                return TimeText::Unread;
            }
            let time_ms = (hours * 3_600 + minutes * 60 + seconds) * 1_000;
            compact_date(whole / 1_000_000, time_ms)
        }
        (9 | 10, _) => TimeText::Instant((value * 1_000.0).floor() as i64),
        (12 | 13, Ok(whole)) => TimeText::Instant(whole),
        (16, Ok(whole)) => TimeText::Instant(whole / 1_000),
        _ => TimeText::Unread,
    }
}

fn compact_date(date: i64, time_ms: i64) -> TimeText {
    let part = |value: i64| u32::try_from(value).unwrap_or(0);
    let (year, month, day) = (part(date / 10_000), part(date / 100 % 100), part(date % 100));
    match days_from_civil(year, month, day) {
        Some(EMPTY_DAY) => TimeText::Empty,
        Some(day) if (1_900..2_200).contains(&year) => TimeText::Local(day * DAY_MS + time_ms),
        _ => TimeText::Unread,
    }
}

/// Milliseconds on the local clock of an Excel serial of the 1900 calendar, to the nearest one.
pub(super) fn serial(days: f64) -> i64 {
    // Excel counts a 29 February 1900 that never was.
    let before_1900 = if days < 60.0 { 25_568.0 } else { 25_569.0 };
    ((days - before_1900) * DAY_MS as f64).round() as i64
}

#[cfg(test)]
#[path = "times_tests.rs"]
mod tests;
