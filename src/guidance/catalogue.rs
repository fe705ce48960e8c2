//! What is known of errors: what a message means, how its cause is removed, by whom, and whether a plain retry can help.
//!
//! The entries are data (`catalogue.tsv`), in our own words; each names the kind of document that knows the error. An entry
//! is matched by error codes, or by stems: pieces of text that the message grammar reads as it reads messages, so that the
//! wordings of all editions and all names of a table match. `&` stands between stems that must all occur, `|` between
//! alternatives.
//!
//! Deliberately absent: certainty about a single record. Several entries may match; the most particular comes first.

use std::sync::OnceLock;

use hashbrown::HashMap;

use super::cause::read_numbers;
use super::code::error_code;
use super::context::Context;
use crate::domain::Remedy;

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name in the catalogue.
    pub id: &'static str,
    /// The error in a few words.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What is to be done.
    pub fix: &'static str,
    /// Who can do it.
    pub role: &'static str,
    /// Whether a plain retry can work.
    pub remedy: Remedy,
    /// The document, or the kind of report, that the entry rests on.
    pub source: &'static str,
}

/// The entries that a message and an error code (either may be empty) match, the most particular first.
pub fn matching(message: &str, error_code: &str) -> Vec<Card> {
    let catalogue = Catalogue::get();
    catalogue.matching(message, error_code).into_iter().map(|at| catalogue.cards[at]).collect()
}

/// What the most particular of the entries says about a plain retry.
pub fn remedy(message: &str, error_code: &str) -> Remedy {
    let catalogue = Catalogue::get();
    let found = catalogue.matching(message, error_code);
    let remedies = found.into_iter().map(|at| catalogue.cards[at].remedy);
    remedies.into_iter().find(|remedy| *remedy != Remedy::Unknown).unwrap_or_default()
}

struct Catalogue {
    cards: Vec<Card>,
    by_code: HashMap<&'static str, Vec<usize>>,
    /// Alternatives, each with its card and the stems that must all occur.
    alternatives: Vec<(usize, Vec<Stem>)>,
    /// The numbers that any stem begins with, with the stem's alternative and its place in it.
    beginnings: HashMap<u64, Vec<(usize, usize)>>,
}

/// Numbers of a text, as causes are made of them.
type Stem = Vec<u64>;

impl Catalogue {
    fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self::read(include_str!("catalogue.tsv")))
    }

    fn read(text: &'static str) -> Self {
        let mut catalogue = Self {
            cards: Vec::new(),
            by_code: HashMap::new(),
            alternatives: Vec::new(),
            beginnings: HashMap::new(),
        };
        for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (id, codes, stems, retry, role) = (cell(), cell(), cell(), cell(), cell());
            let (title, meaning, fix, source) = (cell(), cell(), cell(), cell());
            let remedy = match retry {
                "yes" => Remedy::PlainRetry,
                "fix" => Remedy::FixFirst,
                "no" => Remedy::Hopeless,
                _ => Remedy::Unknown,
            };
            let at = catalogue.cards.len();
            catalogue.cards.push(Card { id, title, meaning, fix, role, remedy, source });
            for code in codes.split_whitespace() {
                catalogue.by_code.entry(code).or_default().push(at);
            }
            for all in stems.split('|').filter(|all| !all.trim().is_empty()) {
                let stems: Vec<Stem> = all.split('&').map(stem).collect();
                for (place, stem) in stems.iter().enumerate() {
                    if let Some(first) = stem.first() {
                        let whose = (catalogue.alternatives.len(), place);
                        catalogue.beginnings.entry(*first).or_default().push(whose);
                    }
                }
                catalogue.alternatives.push((at, stems));
            }
        }
        catalogue
    }

    fn matching(&self, message: &str, code: &str) -> Vec<usize> {
        let mut numbers = Vec::new();
        read_numbers(Context::default(), message, &mut numbers);
        // Of each alternative, which stems were found.
        let mut met: HashMap<usize, u64> = HashMap::new();
        for (at, number) in numbers.iter().enumerate() {
            for (alternative, place) in self.beginnings.get(number).into_iter().flatten() {
                if numbers[at..].starts_with(&self.alternatives[*alternative].1[*place]) {
                    *met.entry(*alternative).or_default() |= 1 << place;
                }
            }
        }
        // Cards with how much of the message they explain.
        let mut found: HashMap<usize, usize> = HashMap::new();
        for (alternative, places) in met {
            let (card, stems) = &self.alternatives[alternative];
            if places == (1 << stems.len()) - 1 {
                let words: usize = stems.iter().map(Vec::len).sum();
                let so_far = found.entry(*card).or_default();
                *so_far = words.max(*so_far);
            }
        }
        let given = code.trim();
        let code = error_code(if given.is_empty() { message } else { given });
        let code = code.as_deref().unwrap_or(given).replace(' ', "_");
        for card in self.by_code.get(code.as_str()).into_iter().flatten() {
            // A code says exactly what happened, but less than a sentence about it.
            *found.entry(*card).or_default() += CODE_WORDS;
        }
        let mut found: Vec<(usize, usize)> = found.into_iter().collect();
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        found.into_iter().map(|(card, _)| card).collect()
    }
}

/// How many words of a stem an error code is worth.
const CODE_WORDS: usize = 4;

fn stem(text: &str) -> Stem {
    let mut numbers = Vec::new();
    read_numbers(Context::default(), text.trim(), &mut numbers);
    numbers
}

#[cfg(test)]
mod tests {
    use super::super::documented;
    use super::*;

    #[test]
    fn every_entry_is_complete_and_can_be_met() {
        let catalogue = Catalogue::get();
        for (at, card) in catalogue.cards.iter().enumerate() {
            for text in [card.id, card.title, card.meaning, card.fix, card.role, card.source] {
                assert!(!text.is_empty(), "{card:?}");
            }
            assert_eq!(catalogue.cards.iter().filter(|one| one.id == card.id).count(), 1);
            let by_stem = catalogue.alternatives.iter().any(|(card, _)| *card == at);
            let by_code = catalogue.by_code.values().flatten().any(|card| *card == at);
            assert!(by_stem || by_code, "{}", card.id);
        }
        for (card, stems) in &catalogue.alternatives {
            for stem in stems {
                assert!(!stem.is_empty() && stems.len() < 64, "{}", catalogue.cards[*card].id);
            }
        }
    }

    #[test]
    fn every_documented_message_has_guidance() {
        for (number, message) in documented::messages() {
            let found = matching(message, "");
            // The code of a validation stands apart from its text.
            assert!(!found.is_empty(), "{number}: {message}");
        }
    }

    #[test]
    fn the_most_particular_entry_comes_first_and_several_may_match() {
        let first = |message: &str, code: &str| matching(message, code)[0].id;
        let message = "Unable to write data to entity aaa_fundingsources.Unable to lookup aaa_fundingsources with values {1}";
        assert!(matching(message, "").len() > 1);
        assert_eq!(first("A record with matching key values already exists.", ""), "duplicate-key");
        assert_eq!(first("", "HTTP 503"), "gateway");
        assert_eq!(first("", "-2147220970"), "too-large");
        assert_eq!(first("Unable to look up units with values {9}", ""), "missing-lookup");
        assert_eq!(remedy("Unable to look up msdyn_actuals with values X", ""), Remedy::Hopeless);
        assert_eq!(remedy("Number of requests exceeded the limit of 6000", ""), Remedy::PlainRetry);
        assert_eq!(remedy("Something else", ""), Remedy::Unknown);
    }
}
