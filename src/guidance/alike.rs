//! Names that look alike and are not the same: a letter of another script in the place of a Latin one, or an unseen letter.
//!
//! Source of the pairs: the confusables of Unicode Technical Standard 39, as far as Cyrillic, Greek, Armenian and
//! full-width letters look like Latin ones in common fonts. Deliberately absent: pairs within one script (`rn` and `m`,
//! `0` and `O`), which honest names have too; and the crate `unicode-security`, whose tables of all scripts are 236 kB of
//! the program, 71 kB of what is loaded, for pairs that names of jobs, maps and entities hardly meet.

use std::collections::BTreeMap;

/// Names that look alike, two or more each, in order.
#[inline(never)]
pub fn alike<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut by_look: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let group = by_look.entry(look(name)).or_default();
        if !group.contains(&name) {
            group.push(name);
        }
    }
    let is_deceptive = |group: &Vec<&str>| {
        // Names that differ in letter case only are another matter.
        let plain = |name: &str| name.to_lowercase();
        group.len() > 1 && group.iter().any(|name| plain(name) != plain(group[0]))
    };
    by_look.into_values().filter(is_deceptive).collect()
}

/// The letters of a name that look like others: `U+0421`.
pub fn odd_letters(name: &str) -> Vec<String> {
    let odd = name.chars().filter(|letter| latin(*letter) != Some(*letter));
    odd.map(|letter| format!("U+{:04X}", u32::from(letter))).collect()
}

/// Letters, and below each the Latin one that it looks like.
const PAIRS: [(&str, &str); 4] = [
    // Cyrillic
    ("АВЕЅІЈКМНОРСТУХԁҮԌԜаеѕіјорсухԛԝһ", "ABESIJKMHOPCTYXdYGWaesijopcyxqwh"),
    // Greek
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοινρυ", "ABEZHIKMNOPTYXaoivpu"),
    // Armenian
    ("օոսհքցգ", "ounhpgq"),
    // Small letters of Latin that look like plain ones
    ("ıɑɡ", "iag"),
];

/// What a name looks like, in small letters.
fn look(name: &str) -> String {
    name.chars().filter_map(latin).flat_map(char::to_lowercase).collect()
}

/// The Latin letter that a letter looks like, itself where it looks like none, `None` where it is not seen.
fn latin(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(letter);
    }
    if matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}') {
        return None;
    }
    if let code @ 0xff01..=0xff5e = u32::from(letter) {
        return char::from_u32(code - 0xfee0);
    }
    if matches!(letter, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}') {
        return Some(' ');
    }
    let found = PAIRS.iter().find_map(|(those, these)| {
        those.chars().zip(these.chars()).find(|(that, _)| *that == letter).map(|(_, this)| this)
    });
    found.or(Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_scripts_are_found_out() {
        let names = ["Customers V3", "\u{421}ustomers V3", "Vendors V2", "Vend\u{43e}rs V2", "Tax"];
        assert_eq!(
            alike(names),
            [vec!["Customers V3", "\u{421}ustomers V3"], vec!["Vendors V2", "Vend\u{43e}rs V2"]]
        );
        assert_eq!(alike(["Ledger", "Led\u{200b}ger"]).len(), 1);
        assert_eq!(alike(["Ledger", "Ｌedger"]).len(), 1);
        assert_eq!(odd_letters("\u{421}ustomers\u{200b}"), ["U+0421", "U+200B"]);
    }

    #[test]
    fn honest_names_are_left_in_peace() {
        assert!(
            alike(["Customers V3", "customers v3", "Kunden", "Клиенты", "Größe", "Grosse"])
                .is_empty()
        );
        assert!(alike(["Tax", "Tax"]).is_empty());
    }

    #[test]
    fn pairs_are_pairs() {
        for (those, these) in PAIRS {
            assert_eq!(those.chars().count(), these.chars().count());
        }
        for (that, this) in [('С', 'C'), ('һ', 'h'), ('у', 'y'), ('Χ', 'X'), ('ο', 'o'), ('գ', 'q')]
        {
            assert_eq!(latin(that), Some(this), "{that}");
        }
    }
}
