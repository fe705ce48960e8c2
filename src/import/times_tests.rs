//! Times as dumps write them.

use super::*;
use crate::domain::Timestamp;

#[track_caller]
fn check(text: &str, order: Option<DateOrder>, expected: &str) {
    let shown = |millis| Timestamp::from_millis(millis).unwrap().to_string();
    let found = match read(text, order) {
        TimeText::Instant(millis) => shown(millis),
        TimeText::Local(millis) => shown(millis).replace('Z', " local"),
        other => format!("{other:?}"),
    };
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn iso_in_all_its_dresses() {
    check("2026-01-31T08:00:00Z", None, "2026-01-31T08:00:00.000Z");
    check(" 2020-12-08T00:14:28.2746686Z ", None, "2020-12-08T00:14:28.274Z");
    check("2026-01-31 08:00:00.5+02:00", None, "2026-01-31T06:00:00.500Z");
    check("2026-01-31 08:00:00 -0530", None, "2026-01-31T13:30:00.000Z");
    check("2026-01-31 08:00", None, "2026-01-31T08:00:00.000 local");
    check("2026/01/31 8:05:09", None, "2026-01-31T08:05:09.000 local");
    check("2024-02-29", None, "2024-02-29T00:00:00.000 local");
    check("2026-01-31T24:00:00Z", None, "2026-02-01T00:00:00.000Z");
    check("2026-01-31 08:00:00 UTC", None, "2026-01-31T08:00:00.000Z");
}

#[test]
fn local_forms_need_their_order() {
    check("1/31/2026 8:05 PM", Some(DateOrder::Mdy), "2026-01-31T20:05:00.000 local");
    check("1/31/2026 12:05:00 AM", Some(DateOrder::Mdy), "2026-01-31T00:05:00.000 local");
    check("1/31/2026, 12:05:00\u{202F}PM", Some(DateOrder::Mdy), "2026-01-31T12:05:00.000 local");
    check("31/01/2026 20:05", Some(DateOrder::Dmy), "2026-01-31T20:05:00.000 local");
    check("26/01/31 20:05", Some(DateOrder::Ymd), "2026-01-31T20:05:00.000 local");
    check("31.01.2026 20:05", None, "2026-01-31T20:05:00.000 local");
    check("31-Jan-2026 20.05.09", None, "2026-01-31T20:05:09.000 local");
    check("1 February 2026", None, "2026-02-01T00:00:00.000 local");
    check("01/02/2026", None, "OrderNeeded");
    check("31/01/2026", None, "OrderNeeded");
    check("31/01/2026", Some(DateOrder::Mdy), "Contradicts");
    assert_eq!(possible_orders("31/01/2026 08:00"), Some([true, false, false]));
    assert_eq!(possible_orders("01/02/2026"), Some([true, true, false]));
    assert_eq!(possible_orders("01/02/26"), Some([true, true, true]));
    assert_eq!(possible_orders("31.01.2026"), None);
    assert_eq!(possible_orders("2026-01-02"), None);
}

#[test]
fn numbers_count_from_their_epoch() {
    check("1772352000", None, "2026-03-01T08:00:00.000Z");
    check("1772352000.25", None, "2026-03-01T08:00:00.250Z");
    check("1772352000123", None, "2026-03-01T08:00:00.123Z");
    check("/Date(1772352000000+0100)/", None, "2026-03-01T08:00:00.000Z");
    check("/Date(-1)/", None, "1969-12-31T23:59:59.999Z");
    check("46082.333333333336", None, "2026-03-01T08:00:00.000 local");
    check("20260301", None, "2026-03-01T00:00:00.000 local");
    check("20260301080910", None, "2026-03-01T08:09:10.000 local");
}

#[test]
fn nothing_and_nonsense() {
    check("", None, "Empty");
    check("1900-01-01T00:00:00Z", None, "Empty");
    check("1/1/1900 12:00:00 AM", Some(DateOrder::Mdy), "Empty");
    check("2020-12-08T18:5152.5843124Z", None, "Unread");
    for text in ["yesterday", "2026-13-01", "2026-02-30", "31.02.2026", "8:00", "12", "1e9"] {
        check(text, None, "Unread");
    }
    check("2026-01-31T25:00:00", None, "Unread");
    check("99/99/2026", None, "Unread");
    check("ü/1/2026", None, "Unread");
}

#[test]
fn the_plain_form_is_read_as_the_closer_look_reads_it() {
    let mut texts: Vec<String> =
        ["2024-02-29T23:59:59.999Z", "2023-02-29T00:00:00Z", "1900-01-01T00:00:00.000Z"]
            .map(str::to_owned)
            .to_vec();
    // Each place of both lengths with each kind of byte.
    for plain in ["2026-01-31T08:00:00.123Z", "2026-01-31T08:00:00Z"] {
        for at in 0..plain.len() {
            for other in ["0", "2", "3", "6", "9", "-", "T", "t", ":", ".", ",", "Z", "z", " ", "é"]
            {
                texts.push(format!("{}{other}{}", &plain[..at], &plain[at + 1..]));
            }
        }
    }
    for text in texts {
        assert_eq!(read(&text, None), read(&format!(" {text}"), None), "{text}");
    }
}
