//! The references that a message says are missing: the entity that lacks a record, and the record's key.
//!
//! Source: the documented messages on lookups and their wordings in earlier editions.
//!
//! | Message | Entity | Key |
//! |---|---|---|
//! | `Unable to lookup X with values {K}` (also `look up`, and without braces) | X | K, several joined by commas |
//! | `resolve the guid for the field: A.B. The lookup [value] was not found: K[. Try this URL…]` | the entity set of the address, else the field | K, parts joined by pipes |
//! | `The value 'K' in field 'F' is not found in the related table 'X'` | X | K |
//!
//! Deliberately absent: whether the record is really missing. The message says so of the moment when it failed.

use super::aliases::canonical_entity;

/// Longest name of an entity or field that is believed.
const LONGEST_NAME: usize = 120;

/// Longest key that is believed.
const LONGEST_KEY: usize = 500;

/// Calls `each` with canonical entity and key of every missing reference, in the message's order. The same one may come
/// twice.
pub fn missing_references(message: &str, each: &mut dyn FnMut(&str, &str)) {
    missing_tables(message, &mut |entity, key| {
        if !key.is_empty() && key.len() <= LONGEST_KEY {
            each(entity, key);
        }
    });
}

/// Whether a message could name a missing reference. It may also be asked of what is left of messages without their numbers
/// and GUIDs.
pub fn could_name_missing(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"ook")
        .any(|at| bytes[at + 3..].starts_with(b"up ") || bytes[at + 3..].starts_with(b" up "))
        || memchr::memmem::find(bytes, b"ound in the related table").is_some()
}

/// Calls `each` with the canonical entity of every record that a message says is missing, and its key, which is empty or
/// longer than is believed where the message does not tell it.
pub fn missing_tables(message: &str, each: &mut dyn FnMut(&str, &str)) {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&message.as_bytes()[from..], b"ook") {
        let at = from + found;
        let rest = &message[at..];
        from = at + 3;
        if let Some(rest) = ["ookup ", "ook up "].iter().find_map(|stem| rest.strip_prefix(stem)) {
            looked_up(message, at, rest, each);
        }
    }
    if message.contains("is not found in the related table")
        || message.contains("isn't found in the related table")
    {
        related(message, each);
    }
}

/// `Unable to lookup X with values {K}`; `The lookup value was not found: K`.
fn looked_up(message: &str, at: usize, rest: &str, each: &mut dyn FnMut(&str, &str)) {
    let not_found = rest.strip_prefix("value ").unwrap_or(rest);
    let not_found =
        ["was not found", "wasn't found"].iter().find_map(|s| not_found.strip_prefix(s));
    if let Some(key) = not_found {
        let Some(key) = key.trim_start().strip_prefix(':') else { return };
        let (key, after) = bare_key(key);
        if let Some(entity) = entity_of_address(after).or_else(|| field_before(&message[..at])) {
            tell(entity, key, each);
        }
        return;
    }
    let Some(end) = rest.find(" with value") else { return };
    let entity = &rest[..end];
    let values = rest[end + " with value".len()..].trim_start_matches('s').trim_start();
    let values = values.strip_prefix(':').unwrap_or(values).trim_start();
    let key = match values.strip_prefix('{') {
        Some(braced) => braced_key(braced),
        None => Some(bare_key(values).0),
    };
    tell(entity, key.unwrap_or_default(), each);
}

fn tell(entity: &str, key: &str, each: &mut dyn FnMut(&str, &str)) {
    let (entity, key) = (entity.trim().trim_matches(['\'', '"']), key.trim());
    // A name that looks like a reference could not be told from one.
    let is_name = !entity.is_empty() && !entity.contains('\n') && !entity.contains(" = ");
    if is_name && entity.len() <= LONGEST_NAME {
        each(&canonical_entity(entity), key);
    }
}

/// Up to the brace that closes.
fn braced_key(rest: &str) -> Option<&str> {
    let mut depth = 1;
    let end = rest.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&rest[..end])
}

/// A key without braces, to the end of its sentence, and what follows.
fn bare_key(rest: &str) -> (&str, &str) {
    let bytes = rest.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\n' | b'\r' | b';' => true,
        b'"' => matches!(bytes.get(at + 1), None | Some(b',' | b'}' | b']')),
        b'.' => match bytes.get(at + 1) {
            None | Some(b'.') => true,
            Some(next) => next.is_ascii_whitespace() || next.is_ascii_uppercase(),
        },
        _ => false,
    };
    let end = (0..bytes.len()).find(ends).unwrap_or(bytes.len());
    (rest[..end].trim(), &rest[end..])
}

/// The entity set in `…/api/data/v9.0/contacts?$select=…`.
fn entity_of_address(rest: &str) -> Option<&str> {
    let rest = &rest[..rest.floor_char_boundary(rest.len().min(400))];
    let set = rest.split_once("/data/v")?.1.split_once('/')?.1;
    let end = set.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    Some(&set[..end.unwrap_or(set.len())]).filter(|set| !set.is_empty())
}

/// The path after `for the field:` in the sentence before.
fn field_before(before: &str) -> Option<&str> {
    let at = before.rfind("field:")?;
    let sentence = before[at + "field:".len()..].trim_start();
    let end = sentence.find([' ', '\n']).unwrap_or(sentence.len());
    Some(sentence[..end].trim_end_matches('.')).filter(|path| !path.is_empty())
}

/// `The value 'K' in field 'F' is not found in the related table 'X'`, as often as it stands there.
fn related(message: &str, each: &mut dyn FnMut(&str, &str)) {
    let mut from = 0;
    while let Some(found) = message[from..].find("found in the related table '") {
        let at = from + found;
        let entity = &message[at + "found in the related table '".len()..];
        from = message.len() - entity.len();
        let Some(end) = entity.find('\'') else { return };
        let before = &message[..at];
        let value = before.rfind(" in field '").and_then(|field| {
            let value = before[..field].strip_suffix('\'')?;
            let begin = value.rfind("value '")? + "value '".len();
            Some(&value[begin..])
        });
        if let Some(value) = value {
            tell(&entity[..end], value, each);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(message: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        missing_references(message, &mut |entity, key| all.push((entity.into(), key.into())));
        all
    }

    #[test]
    fn every_documented_form_is_read() {
        let expected: &[(&str, &[(&str, &str)])] = &[
            (
                "Unable to write data to entity msdyn_contactforparties. Unable to lookup msdyn_parties with values {000006057}. \
                 Unable to lookup cdm_workers with values {000020}.",
                &[("CDS Parties", "000006057"), ("Worker", "000020")],
            ),
            (
                "Unable to lookup ebecsfs_contracts with values {PC000000212,0f8fad5b-d9cb-469f-a165-70867728950e}.Unable to lookup",
                &[("ebecsfs_contracts", "PC000000212,0f8fad5b-d9cb-469f-a165-70867728950e")],
            ),
            (
                "Unable to look up msdyn_actuals with values X",
                &[("Project Operations integration actuals", "X")],
            ),
            (
                "Couldn't resolve the guid for the field: msdyn_vendorprimarycontactperson.msdyn_contactpersonid. The lookup was \
                 not found: 000056. Try this URL(s) to check if the reference data exists: \
                 https://x.y/api/data/v9.0/contacts?$select=a&$filter=msdyn_contactpersonid eq '000056'",
                &[("CDS Contacts V2", "000056")],
            ),
            (
                "Couldn't resolve the guid for the field: msdyn_billingaccount.accountnumber. The lookup value was not found: 1206-1.",
                &[("msdyn_billingaccount.accountnumber", "1206-1")],
            ),
            (
                "field: msdyn_hierarchy,msdyn_parentproductcategory.msdyn_name. The lookup value was not found: \
                 Channel navigation hierarchy|Weight Benches.",
                &[(
                    "msdyn_hierarchy,msdyn_parentproductcategory.msdyn_name",
                    "Channel navigation hierarchy|Weight Benches",
                )],
            ),
            (
                "Infolog: Warning: The value 'Local' in field 'Customer group' is not found in the related table 'Customer groups'.; \
                 Warning: validateField failed",
                &[("Customer groups", "Local")],
            ),
            ("Party record not found for party type 'Organization'", &[]),
            ("Writes to uoms failed; look at the lookup {1}", &[]),
            ("Unable to lookup uoms with values {}", &[]),
        ];
        for (message, expected) in expected {
            let expected: Vec<_> =
                expected.iter().map(|(e, k)| ((*e).to_owned(), (*k).to_owned())).collect();
            assert_eq!(found(message), expected, "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,200}", at in 0..40_usize) {
            let at = text.floor_char_boundary(at.min(text.len()));
            for stem in ["lookup x with values {", "lookup was not found:", "value 'a' in field 'b' is not found in the related table '"] {
                let _ = found(&format!("{}{stem}{}", &text[..at], &text[at..]));
            }
        }
    }
}
