use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const GUIDS: [&str; 3] = [
    "01234567-89ab-cdef-ABCD-EF0123456789",
    "abcdefab-cdef-abcd-efab-cdefabcdef12",
    "99999999-9999-9999-9999-999999999999",
];

fn arena(texts: &[String]) -> TextArena {
    let mut arena = TextArena::default();
    texts.iter().for_each(|text| arena.push(text));
    arena
}

/// Held as templates whether that pays or not.
fn templates(texts: &[String]) -> Templates {
    Templates::of_any(&arena(texts)).unwrap()
}

fn read(templates: &Templates) -> Vec<String> {
    let text = |row| {
        let mut text = String::new();
        templates.read(row, &mut text);
        assert!(templates.room(row) >= text.len());
        assert_eq!(templates.is_empty(row), text.is_empty());
        text
    };
    (0..templates.rows()).map(text).collect()
}

/// Parts that meet each other in every way: literals, numbers, GUIDs, marks, letters of several bytes.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => select(&["Sync ", "a", "-", " ", "Bad {", "}", "é", "ſ", "K", "dead", "Ab-"][..]).prop_map(str::to_owned),
        3 => "[0-9]{1,4}",
        1 => select(&["007", "2025-01-06", "12345678"][..]).prop_map(str::to_owned),
        2 => select(&GUIDS[..]).prop_map(str::to_owned),
        1 => select(&GUIDS[..]).prop_map(str::to_uppercase),
        1 => select(&GUIDS[..]).prop_map(|guid| guid[1..].to_owned()),
        1 => "[\\x01\\x02\\x03]",
    ];
    prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
}

/// As the letters of a text compare where case does not matter.
fn folded(text: &str) -> String {
    text.chars().map(crate::dataset::needle::folded).collect()
}

fn check_search(texts: &[String], held: &Templates, wanted: &str) {
    let Some(needle) = Needle::new(wanted) else { return };
    let expected: Vec<usize> =
        (0..texts.len()).filter(|row| folded(&texts[*row]).contains(&folded(wanted))).collect();
    assert_eq!(held.search(&needle).ones().collect::<Vec<_>>(), expected, "{wanted:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn texts_come_back_and_are_found_by_any_part_of_them(
        texts in prop::collection::vec(text(), 1..12),
        cuts in prop::collection::vec((any::<Index>(), any::<Index>(), any::<Index>(), 0..3_u8), 24),
    ) {
        let held = templates(&texts);
        prop_assert_eq!(read(&held), &texts[..]);
        for (text, from, to, case) in cuts {
            let letters: Vec<char> = text.get(&texts).chars().collect();
            let (from, to) = (from.index(letters.len() + 1), to.index(letters.len() + 1));
            let part: String = letters[from.min(to)..from.max(to)].iter().collect();
            check_search(&texts, &held, &match case {
                0 => part,
                1 => part.to_ascii_uppercase(),
                _ => part.to_ascii_lowercase(),
            });
        }
    }

    #[test]
    fn what_no_text_has_is_not_found(
        texts in prop::collection::vec(text(), 1..12), others in prop::collection::vec(text(), 4),
    ) {
        let held = templates(&texts);
        others.iter().for_each(|wanted| check_search(&texts, &held, wanted));
    }

    #[test]
    fn rows_that_are_gone_leave_nothing(
        texts in prop::collection::vec(text(), 1..12), gone in any::<u16>(),
    ) {
        let mut rows = Bits::none(texts.len());
        (0..texts.len()).filter(|row| gone >> row & 1 == 1).for_each(|row| rows.set(row));
        let rest: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(row, text)| if rows.get(row) { String::new() } else { text.clone() })
            .collect();
        let held = templates(&texts).without(&rows);
        prop_assert_eq!(read(&held), &rest[..]);
        // Nothing is held that the rest by itself would not hold.
        let fresh = templates(&rest);
        let known = |text: &str| text.is_empty() || fresh.templates.iter().any(|other| other == text);
        prop_assert!(held.templates.iter().all(known));
        prop_assert_eq!(held.arguments, fresh.arguments);
    }
}

#[test]
fn messages_that_are_alike_take_less_room() {
    let like = |at: usize| {
        format!(
            "Unable to look up Customers V3 with values CUST-{:07}. RequestId: {}; attempt {}.",
            at * 7_919 % 1_000_000,
            GUIDS[at % 3],
            at % 10
        )
    };
    let texts: Vec<String> = (0..5_000).map(like).collect();
    let held = Templates::new(&arena(&texts)).unwrap();
    assert_eq!(held.parts().0.len(), 1);
    assert_eq!(read(&held), texts);
    for wanted in ["cust-0007919. r", "3 WITH", "; attempt 9.", "345678", "values", "CDEF12; A"] {
        check_search(&texts, &held, wanted);
    }
}

#[test]
fn texts_that_are_short_or_unlike_are_not_for_this_form() {
    let short: Vec<String> = (0..5_000).map(|at| format!("CUST-{at:07}|usmf")).collect();
    assert_eq!(Templates::new(&arena(&short)), None);
    let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
    let unlike = |at: usize| {
        let word: String = [at, at / 26, at / 676, at / 17_576].map(letter).iter().collect();
        format!("{word} is a name that no other message has, and this is row {at} of all rows")
    };
    let unlike: Vec<String> = (0..5_000).map(unlike).collect();
    assert_eq!(Templates::new(&arena(&unlike)), None);
}

#[test]
fn stored_parts_must_fit_together() {
    let texts =
        |texts: &[&str]| arena(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    let parts = |code, arguments: &[&str]| {
        Templates::from_parts(texts(&["a \u{1}"]), Packed::new(&[code, code]), texts(arguments))
    };
    assert_eq!(parts(1, &["1", "2"]), None);
    assert_eq!(parts(0, &["1"]), None);
    // Too few or too many arguments are no harm.
    assert_eq!(read(&parts(0, &["", "2 3"]).unwrap()), ["a ", "a 2"]);
}
