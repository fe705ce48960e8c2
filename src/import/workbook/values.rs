//! What cells say in the sheet's own notation: references, numbers, serials of days.

use std::fmt::Write as _;

use chrono::{DateTime, Timelike as _};

use super::super::times;

/// Days between the epochs of 1900 and 1904.
const DAYS_TO_1904: f64 = 1_462.0;

/// The column of a reference such as `AB12`, from 0.
pub(super) fn column_of(reference: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in reference.bytes().take_while(u8::is_ascii_alphabetic).take(4) {
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    column.checked_sub(1)
}

/// Integers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number as people write it: long integers without exponent or fraction where that is exact.
pub(super) fn push_number(raw: &str, out: &mut String) {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        out.push_str(raw);
        return;
    }
    match raw.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() <= EXACT => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", value as i64);
        }
        Ok(value) if value.is_finite() && value.abs() < 1e15 && value.abs() >= 1e-5 => {
            let _ = write!(out, "{value}");
        }
        _ => out.push_str(raw),
    }
}

/// A number of a binary sheet, written as one of a sheet of text would be.
pub(super) fn written(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return format!("{}", value as i64);
    }
    if value != 0.0 && !(1e-5..1e15).contains(&value.abs()) {
        return format!("{value:E}").replace('E', "E+").replace("E+-", "E-");
    }
    format!("{value}")
}

/// A serial number as local date and time; a time of day where there is no day.
pub(super) fn push_date(raw: &str, epoch_1904: bool, out: &mut String) {
    let Ok(mut days) = raw.parse::<f64>() else {
        out.push_str(raw);
        return;
    };
    if epoch_1904 {
        days += DAYS_TO_1904;
    }
    let time = (0.0..3_000_000.0)
        .contains(&days)
        .then(|| DateTime::from_timestamp_millis(times::serial(days)))
        .flatten();
    let Some(time) = time else {
        out.push_str(raw);
        return;
    };
    let form = match (days < 1.0, time.nanosecond()) {
        (true, _) => "%H:%M:%S",
        (false, 0) => "%Y-%m-%dT%H:%M:%S",
        (false, _) => "%Y-%m-%dT%H:%M:%S%.3f",
    };
    let _ = write!(out, "{}", time.format(form));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_columns() {
        for (reference, column) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA1", Some(26)),
            ("XFD1", Some(16_383)),
            ("1", None),
        ] {
            assert_eq!(column_of(reference), column, "{reference}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (raw, shown) in [
            ("5637144576", "5637144576"),
            ("5.637144576E9", "5637144576"),
            ("5637144576.0", "5637144576"),
            ("-2147220970", "-2147220970"),
            ("0.1", "0.1"),
            ("1.2345678901234567E+17", "1.2345678901234567E+17"),
            ("12345678901234567890", "12345678901234567890"),
            ("nonsense", "nonsense"),
        ] {
            let mut out = String::new();
            push_number(raw, &mut out);
            assert_eq!(out, shown);
        }
    }

    #[test]
    fn numbers_of_binary_sheets_are_written_like_others() {
        for (value, shown) in [
            (5_637_144_576.0, "5637144576"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (46_082.333_333_333_336, "46082.333333333336"),
            (1_234_567_890_123_456.0, "1234567890123456"),
            (1.25e17, "1.25E+17"),
            (1e-7, "1E-7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(written(value), shown);
        }
    }

    #[test]
    fn serials_become_dates_in_both_epochs() {
        for (raw, epoch_1904, shown) in [
            ("46082.333333333336", false, "2026-03-01T08:00:00"),
            ("44620.333333333336", true, "2026-03-01T08:00:00"),
            ("46082.33333478009", false, "2026-03-01T08:00:00.125"),
            ("59", false, "1900-02-28T00:00:00"),
            ("61", false, "1900-03-01T00:00:00"),
            ("0.5", false, "12:00:00"),
            ("-5", false, "-5"),
            ("1e300", false, "1e300"),
        ] {
            let mut out = String::new();
            push_date(raw, epoch_1904, &mut out);
            assert_eq!(out, shown, "{raw}");
        }
    }
}
