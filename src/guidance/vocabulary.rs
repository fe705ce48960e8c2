//! The words the message scanner knows: names of tables and the few words that tell what the text after them is.
//!
//! One probe by word hash answers both, because the scanner asks for every word of a million messages.

use std::sync::OnceLock;

use super::alias_table::TABLES;
use super::aliases::table_of;
use super::fold::{NameHash, word_hash};

/// A word that steers the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    /// `the`, `a`, `an`: texts differ in them between editions of the product.
    Article,
    /// `at`, which begins a stack frame.
    At,
    /// `can`, kept apart because `can't` is not `ca` + `n't`.
    Can,
    /// `cannot` is `can not`.
    Cannot,
    /// `company`: a short word after it is a legal entity.
    Company,
    /// `End`, of `--- End of inner exception stack trace ---`.
    End,
    /// `for`, of `For information on troubleshooting see …`.
    For,
    /// `field`, `column`, `attribute`: what is quoted after it is a name of the schema; a bare name is a value.
    FieldNext,
    /// `found`: in `was not found: 000056` a value follows.
    Found,
    /// `am`, `pm`: the end of a time.
    HalfDay,
    /// `http`, `https`.
    Http,
    /// `in`, of `a record in <table>`.
    In,
    /// `currency`, `warehouse`, `to` …: a word in capitals after it is a key.
    KeyNext,
    /// `legal`, of `legal entity`.
    Legal,
    /// `look`, of `look up`.
    Look,
    /// `lookup`.
    Lookup,
    /// `table`, `entity` …: what is quoted after it is a name of the schema, not a value.
    NamesNext,
    /// `of`, `expected`: before `type` they announce a name of the schema.
    BeforeType,
    /// `party`, `customer`, `by`, `from` …: a name in capital letters after it is a party.
    PartyNext,
    /// `postal`, of `postal code`, which is no status.
    Postal,
    /// `record`, of `a record in <table>`.
    Record,
    /// `stack`, of `stack trace`; or `StackTrace` itself.
    Stack,
    /// `status`, `code`, `success`: a three-digit number after it is an HTTP status.
    Status,
    /// `type`.
    Type,
    /// `value`, `values`: what follows `with values` is a value.
    Values,
    /// `with`.
    With,
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("the", Keyword::Article),
    ("a", Keyword::Article),
    ("an", Keyword::Article),
    ("at", Keyword::At),
    ("can", Keyword::Can),
    ("cannot", Keyword::Cannot),
    ("company", Keyword::Company),
    ("dataareaid", Keyword::Company),
    ("end", Keyword::End),
    ("for", Keyword::For),
    ("found", Keyword::Found),
    ("am", Keyword::HalfDay),
    ("pm", Keyword::HalfDay),
    ("http", Keyword::Http),
    ("https", Keyword::Http),
    ("in", Keyword::In),
    ("look", Keyword::Look),
    ("lookup", Keyword::Lookup),
    ("field", Keyword::FieldNext),
    ("table", Keyword::NamesNext),
    ("entity", Keyword::NamesNext),
    ("source", Keyword::NamesNext),
    ("column", Keyword::FieldNext),
    ("attribute", Keyword::FieldNext),
    ("solution", Keyword::NamesNext),
    ("privilege", Keyword::NamesNext),
    ("currency", Keyword::KeyNext),
    ("currencies", Keyword::KeyNext),
    ("unit", Keyword::KeyNext),
    ("group", Keyword::KeyNext),
    ("item", Keyword::KeyNext),
    ("product", Keyword::KeyNext),
    ("variant", Keyword::KeyNext),
    ("warehouse", Keyword::KeyNext),
    ("site", Keyword::KeyNext),
    ("number", Keyword::KeyNext),
    ("key", Keyword::KeyNext),
    ("customer", Keyword::PartyNext),
    ("vendor", Keyword::PartyNext),
    ("account", Keyword::KeyNext),
    ("journal", Keyword::KeyNext),
    ("voucher", Keyword::KeyNext),
    ("order", Keyword::KeyNext),
    ("invoice", Keyword::KeyNext),
    ("batch", Keyword::KeyNext),
    ("country", Keyword::KeyNext),
    ("region", Keyword::KeyNext),
    ("location", Keyword::KeyNext),
    ("to", Keyword::KeyNext),
    ("between", Keyword::KeyNext),
    ("worker", Keyword::PartyNext),
    ("by", Keyword::PartyNext),
    ("from", Keyword::PartyNext),
    ("party", Keyword::PartyNext),
    ("supplier", Keyword::PartyNext),
    ("person", Keyword::PartyNext),
    ("employee", Keyword::PartyNext),
    ("contact", Keyword::PartyNext),
    ("legal", Keyword::Legal),
    ("postal", Keyword::Postal),
    ("zip", Keyword::Postal),
    ("of", Keyword::BeforeType),
    ("expected", Keyword::BeforeType),
    ("record", Keyword::Record),
    ("stack", Keyword::Stack),
    ("stacktrace", Keyword::Stack),
    ("status", Keyword::Status),
    ("code", Keyword::Status),
    ("success", Keyword::Status),
    ("type", Keyword::Type),
    ("value", Keyword::Values),
    ("values", Keyword::Values),
    ("with", Keyword::With),
];

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The table that the word alone names.
    pub(super) table: Option<u16>,
    /// Some table's name of several words begins with it.
    pub(super) starts_name: bool,
    /// What it says about the text after it.
    pub(super) keyword: Option<Keyword>,
}

/// What the word with this hash (of `fold::word_hash`) means.
pub(super) fn meaning(hash: u64) -> Meaning {
    static SLOTS: OnceLock<Vec<(u64, Meaning)>> = OnceLock::new();
    let slots = SLOTS.get_or_init(build);
    slots[slot_of(slots, hash)].1
}

/// Open addressing: at most a third of the slots are taken, so a probe nearly always ends at once.
const SLOT_COUNT: usize = 2_048;

fn build() -> Vec<(u64, Meaning)> {
    let mut slots = vec![(0, Meaning::default()); SLOT_COUNT];
    let mut enter = |word: &str, set: &dyn Fn(&mut Meaning)| {
        let hash = word_hash(word.as_bytes());
        let slot = slot_of(&slots, hash);
        slots[slot].0 = hash;
        set(&mut slots[slot].1);
    };
    for (word, keyword) in KEYWORDS {
        enter(word, &|meaning| meaning.keyword = Some(*keyword));
    }
    for name in
        TABLES.iter().flat_map(|table| std::iter::once(&table.canonical).chain(table.aliases))
    {
        match name.split_once(' ') {
            Some((first, _)) => enter(first, &|meaning| meaning.starts_name = true),
            None => enter(name, &|meaning| meaning.table = table_of(NameHash::of(name))),
        }
    }
    slots
}

fn slot_of(slots: &[(u64, Meaning)], hash: u64) -> usize {
    let mut slot = (hash >> 32) as usize % SLOT_COUNT;
    while slots[slot].0 != 0 && slots[slot].0 != hash {
        slot = (slot + 1) % SLOT_COUNT;
    }
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_and_steering_words_are_known() {
        let of = |word: &str| meaning(word_hash(word.as_bytes()));
        assert!(of("customers").starts_name);
        assert!(of("MSDYN_PARTIES").table.is_some());
        assert_eq!(of("accounts").table, of("CustCustomerV3Entity").table);
        assert_eq!(of("The").keyword, Some(Keyword::Article));
        assert_eq!(of("zebra"), Meaning::default());
    }
}
