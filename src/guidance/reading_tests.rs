//! The memo against the functions it stands for, on everything that is known to be said and on what is made of it.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::guidance::cause::cause_of;
use crate::guidance::code::error_code;

fn corpus() -> Vec<&'static str> {
    let documented = include_str!("documented_messages.tsv");
    let documented = documented.lines().skip(1).filter_map(|line| line.splitn(3, '\t').nth(2));
    documented.chain(SAYINGS.iter().copied()).collect()
}

/// Where digits may decide: behind announcements, in parentheses, within names and codes, beside letters and hyphens.
const SAYINGS: &[&str] = &[
    "Unable to look up Customers V 3 with values (12) for the record. Then more",
    "Cannot create a record in Vendors V-2. Key: 0042|usmf. The record already exists in I_17IDX",
    "Transaction (Process ID 61) was deadlocked; status code 404, then (403) Forbidden and HTTP 5",
    "Row 17 of CUST-0042 at V3 DIPV_12 DIPV1002 DW_9003 code -2147220970 - 21 error 0x80040265 0x_1",
    "company 1234, company us12 and dataareaid 12 at 10.5 pm on 2026-01-31T08:00:00Z, 5,000.25 EUR",
    "was not found: 000056; field 'Name 12' of type '3', value '12' \"13\" {14} see http://a.b/5?id=7.Next",
    "at Sync.Runtime.Pipeline.Execute(Batch 5) in Runtime.cs:line 12\nat Sync.Worker.Run() trace 7",
    "already been added \u{201c}12\u{201d} Größe12 12\u{e9} x_1 _2 3_ abcdefgh_12 abcdefgh12 RecordError0 v1 v22",
];

const PIECES: &[&str] = &[
    " ",
    "(",
    ")",
    "_",
    "-",
    ".",
    ",",
    ":",
    "'",
    "\"",
    "{",
    "}",
    "|",
    "/",
    "x",
    "v",
    "V ",
    "D",
    "a",
    "é",
    "=",
    "\n",
    "12",
    "404",
    "500",
    "(7)",
    " (12345) ",
    "I_",
    "IDX",
    "with values ",
    "status code ",
    "the ",
    "success: ",
    "HTTP ",
    "0x",
    "-21",
    "Customers ",
    "Customers V",
    "Released products ",
    "entity ",
    "company ",
    "been added",
    "bad gateway",
    "[bad request]",
    " gateway",
    "not found: ",
    "@a.com",
    ".com",
    ". ",
    ". T",
    ". The record ",
    ", Inc",
    "“",
    "---",
    "for ",
    "USD",
    "$filter=x eq ",
    "http://a.b/c?",
    "\u{a0}{",
    "\"errorMessage\":\"",
    " for information on troubleshooting see ",
    "DIPV",
    "DW",
    "abcdefg",
    "at Sync.Run",
    "ae7fd1fc-e1a2-4cbf-ac1d-b9b9d0354ac9",
    "ADDED123-e1a2-4cbf-ac1d-b9b9d0354bad",
    "00000000-0000-0000-0000-000000000000",
];

/// A text with the piece in it, at a border of characters near the place.
fn with_piece(text: &str, place: usize, piece: &str) -> String {
    let at = text.floor_char_boundary(place % (text.len() + 1));
    format!("{}{piece}{}", &text[..at], &text[at..])
}

/// The same text with other digits in each run of them, of other lengths now and then, and other GUIDs.
fn with_other_digits(text: &str, seed: u64) -> String {
    let mut state = seed;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let looks_like_guid = rest.get(..36).is_some_and(|guid| {
            guid.bytes().zip(0..).all(|(byte, at)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        });
        let used = if looks_like_guid && next() % 2 == 0 {
            let nibble = |at: usize| {
                if [8, 13, 18, 23].contains(&at) { '-' } else { HEX[next() as usize % 22] }
            };
            out.extend((0..36).map(nibble));
            36
        } else if digits > 0 {
            match next() % 4 {
                0 => out.push_str(&rest[..digits]),
                1 => out.push_str(&(400 + next() % 200).to_string()),
                2 => out.extend((0..digits).map(|_| char::from(b'0' + (next() % 10) as u8))),
                _ => out.extend((0..=next() % 12).map(|_| char::from(b'0' + (next() % 10) as u8))),
            }
            digits
        } else {
            out.push(letter);
            letter.len_utf8()
        };
        rest = &rest[used..];
    }
    out
}

const HEX: [char; 22] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C',
    'D', 'E', 'F',
];

#[track_caller]
fn check(reader: &mut Reader, entity: &str, code: &str, message: &str) {
    for wants_category in [true, false] {
        let given = (!code.is_empty()).then(|| (code, CodePrint::of(code)));
        let entity_print = EntityPrint::of(entity);
        let (_, found) = reader.read(entity_print, given, message, wants_category, &NoSecrets);
        let expected = if code.is_empty() { error_code(message) } else { Some(code.into()) };
        let expected = expected.as_deref().unwrap_or_default();
        assert_eq!(found.error_code, expected, "{message}");
        assert_eq!(found.cause, cause_of(entity, expected, message), "{message}");
        if wants_category {
            assert_eq!(found.category, category::infer(message, expected), "{message}");
        }
    }
}

#[test]
fn documented_messages_with_other_numbers_read_as_if_alone() {
    let mut reader = Reader::default();
    for message in corpus() {
        for seed in 0..40 {
            for (entity, code) in [("Customers V3", ""), ("accounts", "E4711"), ("x", "0x80060882")]
            {
                check(&mut reader, entity, code, &with_other_digits(message, seed));
            }
        }
    }
    assert!(reader.hits > 10_000, "{}", reader.hits);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn mutated_messages_read_as_if_alone(
        base in select(corpus()),
        cut in 0..300_usize,
        pieces in prop::collection::vec((0..400_usize, select(PIECES)), 0..9),
        glued in prop::collection::vec(select(PIECES), 0..9),
        seeds in prop::collection::vec(any::<u64>(), 12),
    ) {
        let start = base.floor_char_boundary(base.len().min(cut));
        let end = base.floor_char_boundary(base.len().min(start + 220));
        let mut text = format!("{}{}", glued.concat(), &base[start..end]);
        for (place, piece) in pieces {
            text = with_piece(&text, place, piece);
        }
        let mut reader = Reader::default();
        for seed in seeds {
            let message = with_other_digits(&text, seed);
            check(&mut reader, "Vendors V2", "", &message);
            check(&mut reader, "Vendors V2", "E4000", &message);
        }
    }
}

/// Sentences whose end may count for what follows: announced values and keys, what is opened and not closed, what is said
/// again, names that end with a dot, and traces.
const SENTENCES: &[&str] = &[
    "Unable to look up Customers V3 with values {17, usmf}.",
    "Unable to look up Customers V3 with values {17, usmf.",
    "Cannot create a record in Vendors V2. Key: 0042.",
    "Cannot create a record in Vendors V2 (DW17). Key: A.",
    "Cannot create a record in Customers V3: key.",
    "The lookup was for Fabrikam, Inc.",
    "Record of Litware \"Home.",
    "The value 'Blue Yonder.",
    "It is “open.",
    "He said \"this\" and 'that'.",
    "A record of field.",
    "Not found in.",
    "was not found: 17.",
    "a record of USD.",
    "The price is for USD.",
    "It {17} the.",
    "Zebra horse.",
    "That is what it says ---.",
    "ALL OF IT SHOUTS.",
    "12.",
    "403.",
    "Status code.",
    "HTTP.",
    "Unauthorized (403).",
    "bad gateway.",
    "code 0X8004023E.",
    "code 0x80040265.",
    "DW9003.",
    "It ends --- .",
    "at Sync.Runtime.Pipeline.Execute(Batch 5) in it.",
    "--- End of inner exception stack trace ---.",
    "company.",
    "with values.",
    "stack trace.",
    "See http://a.b/c?$filter=x eq 'y.",
    "For information on troubleshooting see http://a.b/c.",
    "x.",
    ".",
    "….",
    "\u{a0}{\"b\": 1.",
    "Sent to for information on troubleshooting see http://a.b/c?id=ae7fd1fc-e1a2-4cbf-ac1d-b9b9d0354ac9.",
    "Sent to for information on troubleshooting see http://a.b/c?id=AE7FD1FC-E1A2-4CBF-AC1D-B9B9D0354AC9.",
    "Sent to for information on troubleshooting see http://a.b/(ae7fd1fc-e1a2-4cbf-ac1d-b9b9d0354ac9&1=2.",
    "Sent to for information on troubleshooting see http://a.b/(AE7FD1FC-E1A2-4CBF-AC1D-B9B9D0354AC9&1=2.",
    "(.",
    ":.",
    "Fehler: Größe.",
    "Customers V.",
    "can't.",
    "The Blue Yonder & Co.",
    "mail a@b.com.",
    "sb.contoso.com.",
];

const FOLLOWING: &[&str] = &[
    "",
    " Activity 7, attempt 12.",
    " USD and EUR are missing.",
    " Fabrikam, Inc. is on hold.",
    " The record already exists.",
    " B. The record already exists.",
    " EUR is one.",
    " End of it.",
    " Then \"errorMessage\":\"Unable to lookup x\"}",
    " Contoso.com is down.",
    " The record is of Fabrikam, Inc.",
    " End of inner exception stack trace ---.",
    " Unable to look up Customers V3 with values {99, demf}.",
    " Usmf (usmf) and so on",
    " 17 more.",
    " more.",
    " V3 and others.",
    " Key\" and 'more' } of it.",
    " Payload: {\"id\":\"12\",\"key\":\"C-17\",\"revision\":3}.",
    " A",
    " Http://a.b/c?id=7.Next",
    " Type 'x' of \"y\".",
    " Forbidden (404).",
    " Timed out, 0x80040265.",
    " DW9003 and HTTP 500.",
    " Not found: 000056.",
    " ABCDEF01-e1a2-4cbf-ac1d-b9b9d0354ac9 is missing.",
    " 1BCDEF01-e1a2-4cbf-ac1d-b9b9d0354ac9 is missing.",
    " At Sync.Runtime.Pipeline.Execute(Batch 5)",
    " Größe.",
    " Blue\" is it.",
    " Closed” it is.",
    "\n   at Sync.Runtime.Pipeline.Execute(Batch 5)",
];

#[test]
fn sentences_and_what_follows_them_read_as_if_together() {
    let mut reader = Reader::default();
    // What one message has taught counts for the others, so each is read after all others, too.
    for round in 0..3 {
        for sentence in SENTENCES {
            for following in FOLLOWING {
                for code in ["", "E4711"] {
                    let message = format!("{sentence}{following}");
                    check(&mut reader, "Customers V3", code, &message);
                    check(&mut reader, "x", code, &with_other_digits(&message, round));
                }
            }
        }
    }
}

#[test]
fn of_many_short_tokens_as_many_count_as_in_one_text() {
    let mut reader = Reader::default();
    for (tokens, more) in [(60, 35), (30, 60), (20, 20)] {
        let message = format!("{}. {}", "a{}".repeat(tokens), "B{}".repeat(more));
        assert!(message.len() <= crate::guidance::skeleton::LONGEST);
        check(&mut reader, "x", "E1", &message);
    }
}

#[test]
fn what_follows_a_sentence_is_kept_once() {
    let mut reader = Reader::default();
    let (entity, given) = (EntityPrint::of("x"), Some(("E1", CodePrint::of("E1"))));
    for word in ["alpha", "beta", "gamma", "delta"] {
        for following in ["", " Activity 7, attempt 12.", " The batch goes on", " Then what?"] {
            let message = format!("Nothing is known of {word}.{following}");
            reader.read(entity, given, &message, false, &NoSecrets);
        }
    }
    assert_eq!(reader.memo.len(), 4 + 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn mutated_sentences_read_as_if_together(
        sentences in prop::collection::vec((select(corpus()), 0..300_usize, 0..300_usize, prop::collection::vec((0..400_usize, select(PIECES)), 0..3)), 1..6),
        following in prop::collection::vec((select(FOLLOWING), prop::collection::vec((0..400_usize, select(PIECES)), 0..3)), 1..6),
        seeds in prop::collection::vec(any::<u64>(), 3),
    ) {
        let mutated = |text: &str, pieces: &[(usize, &str)]| {
            pieces.iter().fold(text.to_owned(), |text, (place, piece)| with_piece(&text, *place, piece))
        };
        let sentences: Vec<String> = sentences
            .iter()
            .map(|(text, from, to, pieces)| {
                let from = text.floor_char_boundary(*from.min(&text.len()));
                let to = text.floor_char_boundary(text.len().min(from + to));
                mutated(text[from..to].trim_end_matches('.'), pieces) + "."
            })
            .collect();
        let mut reader = Reader::default();
        for seed in seeds {
            for sentence in &sentences {
                for (text, pieces) in &following {
                    let message = with_other_digits(&format!("{sentence}{}", mutated(text, pieces)), seed);
                    check(&mut reader, "Vendors V2", "", &message);
                    check(&mut reader, "Vendors V2", "E4000", &message);
                }
            }
        }
    }
}

#[test]
fn a_full_memo_begins_anew_and_rests_where_nothing_repeats() {
    let mut reader = Reader::default();
    let word = |mut number: usize| {
        let mut word = String::from("w");
        while number > 0 {
            word.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        word
    };
    let mut number = 0;
    while reader.pause == 0 {
        reader.read(EntityPrint::of("x"), None, &word(number), false, &NoSecrets);
        number += 1;
    }
    assert!((MOST - 3..=MOST).contains(&number), "{number}");
    assert_eq!((reader.memo.len(), reader.pause), (1, PAUSE));
    check(&mut reader, "x", "", "Unable to lookup msdyn_parties with values {1}.");
}
