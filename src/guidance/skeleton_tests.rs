//! What is masked, where a message is cut, and what the rules take for granted about names and phrases.

use std::collections::HashSet;

use super::*;
use crate::guidance::alias_table::TABLES;
use crate::guidance::category::PHRASES;

fn skeleton(message: &str) -> Option<String> {
    let mut skeleton = Skeleton::default();
    // Nothing of an earlier text may show.
    skeleton.read(&"7-".repeat(LONGEST / 2), 0, false);
    let shown = |byte: &u8| match *byte {
        NUMBER => '#',
        STATUS => '?',
        GUID => '*',
        other => char::from(other),
    };
    if !skeleton.read(message, 1, false) {
        return None;
    }
    Some(skeleton.whole()[1..].iter().map(shown).collect())
}

#[test]
fn numbers_and_guids_are_masked_and_names_and_codes_are_not() {
    let guid = "ae7fd1fc-e1a2-4cbf-ac1d-b9b9d0354ac9";
    for (message, expected) in [
        ("", ""),
        ("1", "#"),
        ("Row 17 of CUST-0042|usmf (403), I_3IDX", "Row # of CUST-#|usmf (?), I_#IDX"),
        (
            "Customers V3 0x80040265 DIPV1002 -2147220970 -21",
            "Customers V3 0x80040265 DIPV1002 -2147220970 -#",
        ),
        (&format!("trace {guid}."), "trace *."),
        (&format!("{guid} {guid}"), "* *"),
        (&format!("(\"id\":\"{guid}\",3)"), "(\"id\":\"*\",#)"),
        (&format!("5.{guid}"), &format!("#.{}", "ae7fd1fc-e1a2-#cbf-ac1d-b9b9d0354ac9")),
        (&format!("{guid}-1"), "ae7fd1fc-e1a2-#cbf-ac1d-b9b9d0354ac9-#"),
        ("been added000-0000-4000-8000-000000000000", "been added000-#-#-#-#"),
        ("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
    ] {
        assert_eq!(skeleton(message).unwrap(), expected, "{message}");
    }
    assert_eq!(skeleton(" {\"a\":1}"), None);
    assert_eq!(skeleton(&"1".repeat(LONGEST)).unwrap(), "#");
    assert_eq!(skeleton(&"1".repeat(LONGEST + 1)), None);
}

#[test]
fn a_message_is_cut_behind_its_first_sentence() {
    let mut skeleton = Skeleton::default();
    for (message, sentence, rest) in [
        ("Row 17. It is", Some("Row #."), Some(" It is")),
        ("At a.b. c. Then 7 are", Some("At a.b. c."), Some(" Then # are")),
        ("Row 17.", Some("Row #."), None),
        ("Row 17. 4 more", None, None),
        ("Row 17.  Two", None, None),
        ("Row 17. 4 more.", Some("Row #. # more."), None),
        ("x. ABCDEF01-e1a2-4cbf-ac1d-b9b9d0354ac9 it", Some("x."), Some(" # it")),
        ("", None, None),
    ] {
        skeleton.read(message, 1, false);
        let text = |key: &[u8]| String::from_utf8_lossy(key).replace('\u{FFFD}', "#");
        let found = skeleton.sentence().map(|(key, len)| (key.to_vec(), len));
        let (key, len) = found.unzip();
        assert_eq!(key.map(|key| text(&key[1..])).as_deref(), sentence, "{message}");
        if let Some(len) = len {
            assert!(message[..len].ends_with('.'), "{message}");
        }
        let key = skeleton.rest(*b"abc").map(<[u8]>::to_vec);
        assert_eq!(key.map(|key| text(&key[4..])).as_deref(), rest, "{message}");
    }
    // What is asked of a text, which part of a message it is and what was before it make different keys.
    skeleton.read("a. B", 1, false);
    let whole = skeleton.whole().to_vec();
    let sentence = skeleton.sentence().unwrap().0.to_vec();
    let rest = [*b"abc", *b"abd"].map(|context| skeleton.rest(context).unwrap().to_vec());
    skeleton.read("a.", 1, false);
    assert_ne!(skeleton.whole(), sentence);
    assert_ne!(whole[0], rest[0][0]);
    assert_ne!(rest[0], rest[1]);
    let keys = |skeleton: &mut Skeleton| {
        let sentence = skeleton.sentence().unwrap().0.to_vec();
        let rest = skeleton.rest(*b"abc").unwrap().to_vec();
        [skeleton.whole().to_vec(), sentence, rest]
    };
    let all: HashSet<_> = (0..1 << KIND_BITS)
        .flat_map(|kind| {
            skeleton.read("a. B", kind, false);
            keys(&mut skeleton)
        })
        .collect();
    assert_eq!(all.len(), 3 << KIND_BITS);
}

#[test]
fn the_bytes_of_a_block_are_told_as_one_would_be() {
    for byte in 0..=255_u8 {
        for neighbour in [0, b'5', b'-', b'.', 0xFF] {
            let mut block = [neighbour; 64];
            (block[1], block[31], block[40], block[63]) = (byte, byte, byte, byte);
            let expected = |is: fn(u8) -> bool| {
                (0..64).fold(0, |bits, at| bits | u64::from(is(block[at])) << at)
            };
            let is: [fn(u8) -> bool; 3] =
                [|byte| byte.is_ascii_digit(), |byte| byte == b'-', |byte| byte == b'.'];
            assert_eq!(marks_of(&block), is.map(expected), "{byte}");
        }
    }
}

/// What `Tokens::reads_digits` and the mask of GUIDs take for granted about names.
#[test]
fn digits_of_names_follow_a_letter_v_and_no_name_holds_the_beginning_of_a_guid() {
    for name in
        TABLES.iter().flat_map(|table| std::iter::once(&table.canonical).chain(table.aliases))
    {
        let letters: Vec<u8> =
            name.to_ascii_lowercase().bytes().filter(|byte| !b" _-".contains(byte)).collect();
        for [before, byte] in letters.array_windows() {
            assert!(!byte.is_ascii_digit() || matches!(before, b'v' | b'0'..=b'9'), "{name}");
        }
        assert!(!letters[0].is_ascii_digit(), "{name}");
        assert!(!letters.windows(8).any(|eight| eight.iter().all(u8::is_ascii_hexdigit)), "{name}");
        assert!(
            !name.as_bytes().array_windows().any(|[a, b]| *a == b'_' && b.is_ascii_digit()),
            "{name}"
        );
    }
}

/// What the mask of GUIDs takes for granted about telling phrases.
#[test]
fn phrases_begin_and_end_like_a_guid_only_where_that_is_known() {
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let [(beginning, _), (end, _)] = BORDERING;
    for (phrase, ..) in PHRASES {
        assert!(!phrase.bytes().any(|byte| byte.is_ascii_digit()), "{phrase}");
        let words: Vec<&str> = phrase.split(|letter: char| !letter.is_alphanumeric()).collect();
        let (first, last) = (words[0], words[words.len() - 1]);
        // A bracket in front belongs to the phrase and to no GUID.
        assert!(first.is_empty() || first == end || !is_hexadecimal(first), "{phrase}");
        let known = words.len() == 1 || last.is_empty() || last == beginning;
        assert!(known || !is_hexadecimal(last), "{phrase}");
    }
}
