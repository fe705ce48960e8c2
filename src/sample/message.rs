//! Fills the templates in: keys, GUIDs, names and numbers, all from the random numbers given.

use super::causes::{Cause, TEMPLATES};
use super::random::Random;
use super::world::{CATEGORY_NAMES, GROUPS, MAPS, NAMES, UNIT_NAMES};

/// What a message is filled with besides random values.
pub(super) struct Filling<'a> {
    pub(super) cause: &'a Cause,
    pub(super) company: &'static str,
    /// The failing record's key.
    pub(super) key: &'a str,
    /// The key that is missing, where many rows miss the same.
    pub(super) reference: Option<&'static str>,
    /// Errors of the same moment carry the same time.
    pub(super) millis: i64,
}

/// Writes the message of a cause.
pub(super) fn write_message(out: &mut String, filling: &Filling<'_>, random: &mut Random) {
    let map = &MAPS[filling.cause.map];
    let mut reference = String::new();
    write_filled(TEMPLATES[filling.cause.template].text, out, &mut |word, out| match word {
        "fo" => out.push_str(map.internal),
        "ft" => out.push_str(map.technical),
        "dv" => out.push_str(map.external),
        "missing" => out.push_str(filling.cause.missing),
        "company" => out.push_str(filling.company),
        "key" => out.push_str(filling.key),
        "reference" => match filling.reference {
            Some(key) => out.push_str(key),
            None => {
                // One message names one key, however often.
                if reference.is_empty() {
                    write_value(reference_kind(filling.cause.missing), &mut reference, random);
                }
                out.push_str(&reference);
            }
        },
        "stamp" => push_number(out, filling.millis.unsigned_abs(), 0),
        value => write_value(value, out, random),
    });
}

/// Writes a key such as `%order%-%line%`.
pub(super) fn write_key(pattern: &str, out: &mut String, random: &mut Random) {
    write_filled(pattern, out, &mut |word, out| write_value(word, out, random));
}

fn write_filled(pattern: &str, out: &mut String, fill: &mut dyn FnMut(&str, &mut String)) {
    for (place, part) in pattern.split('%').enumerate() {
        if place % 2 == 0 {
            out.push_str(part);
        } else {
            fill(part, out);
        }
    }
}

fn reference_kind(table: &str) -> &'static str {
    match table {
        "msdyn_parties" => "party",
        "products" => "item",
        "uoms" => "unit",
        "msdyn_warehouses" => "warehouse",
        "msdyn_customergroups" => "group",
        "msdyn_taxgroups" => "tax",
        "msdyn_paymentterms" => "terms",
        "transactioncurrencies" => "currency",
        "msdyn_projects" => "project",
        "msdyn_actuals" => "guid",
        _ => "worker",
    }
}

fn write_value(kind: &str, out: &mut String, random: &mut Random) {
    let mut numbered = |prefix: &str, bound: u64, digits: usize| {
        out.push_str(prefix);
        push_number(out, random.below(bound), digits);
    };
    match kind {
        "party" => numbered("", 90_000, 9),
        "worker" => numbered("", 4_000, 6),
        "location" => numbered("LOC-", 400_000, 9),
        "order" => numbered("SO-", 900_000, 6),
        "purchase" => numbered("PO", 900_000, 8),
        "proposal" => numbered("PIP-", 90_000, 8),
        "project" => numbered("PRJ-", 9_000, 6),
        "warehouse" => numbered("WH-", 60, 2),
        "vendor" => numbered("V", 9_000, 5),
        "line" => numbered("", 400, 0),
        "digit" => numbered("", 9, 0),
        "number" => numbered("", 9_000_000, 0),
        "tax" => numbered("VAT", 28, 2),
        "terms" => numbered("Net", 90, 0),
        "customer" => {
            let prefix = *random.pick(&["US-", "DE-", "C", "", "CN-"]);
            out.push_str(prefix);
            push_number(out, random.below(60_000), 5);
        }
        "item" => {
            let prefix = *random.pick(&["D", "T", "L-", "1000-", ""]);
            out.push_str(prefix);
            push_number(out, random.below(20_000), 4);
        }
        "address" => {
            for place in 0..4 {
                out.push_str(if place == 0 { "" } else { "." });
                push_number(out, 1 + random.below(254), 0);
            }
            out.push_str(":443");
        }
        "currency" => {
            out.push_str(random.pick::<&str>(&["EUR", "USD", "GBP", "JPY", "CHF", "CNY"]))
        }
        "group" => out.push_str(random.pick::<&str>(&GROUPS)),
        "unit" => out.push_str(random.pick::<&str>(&UNIT_NAMES)),
        "category" => out.push_str(random.pick::<&str>(&CATEGORY_NAMES)),
        "name" => out.push_str(random.pick::<&str>(&NAMES)),
        "guid" => push_guid(out, random),
        // Every word of a template is listed; a test walks through all of them.
        other => out.push_str(other),
    }
}

pub(super) fn push_guid(out: &mut String, random: &mut Random) {
    let (high, low) = (random.next(), random.next());
    // Version 4, variant 1, as Dataverse makes them.
    let parts = [
        (high >> 32, 8),
        (high >> 16 & 0xFFFF, 4),
        (high & 0x0FFF | 0x4000, 4),
        (low >> 48 & 0x3FFF | 0x8000, 4),
        (low & 0xFFFF_FFFF_FFFF, 12),
    ];
    for (place, (value, digits)) in parts.into_iter().enumerate() {
        if place > 0 {
            out.push('-');
        }
        for digit in (0..digits).rev() {
            out.push(char::from(b"0123456789abcdef"[(value >> (4 * digit)) as usize & 15]));
        }
    }
}

/// A number with at least so many digits.
pub(super) fn push_number(out: &mut String, mut number: u64, digits: usize) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    while number > 0 || at == buffer.len() || buffer.len() - at < digits {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.push_str(str::from_utf8(&buffer[at..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::causes::all_causes;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let mut random = Random::new(3);
        for cause in all_causes() {
            let filling =
                Filling { cause: &cause, company: "usmf", key: "K-1", reference: None, millis: 1 };
            let mut message = String::new();
            write_message(&mut message, &filling, &mut random);
            assert!(!message.contains('%'), "{message}");
            let words = TEMPLATES[cause.template].text.split('%').skip(1).step_by(2);
            for word in words.filter(|word| {
                !["fo", "ft", "dv", "missing", "company", "key", "reference", "stamp"]
                    .contains(word)
            }) {
                let mut value = String::new();
                write_value(word, &mut value, &mut random);
                assert_ne!(value, word);
            }
        }
        for map in &MAPS {
            let mut key = String::new();
            write_key(map.key, &mut key, &mut random);
            assert!(!map.key.contains(&key), "{key}");
        }
    }

    #[test]
    fn numbers_are_padded() {
        let mut text = String::new();
        push_number(&mut text, 57, 4);
        push_number(&mut text, 0, 0);
        push_number(&mut text, u64::MAX, 3);
        assert_eq!(text, "0057018446744073709551615");
    }
}
