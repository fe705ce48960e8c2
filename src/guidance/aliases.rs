//! One table, up to four names: finance and operations entity, its technical name, Dataverse entity set, logical name.
//!
//! How an ambiguous name is decided: a finance and operations name always wins over the Dataverse name beside it, so
//! `Customers V3 (contacts)` is `Customers V3`. A Dataverse name alone stands for the main map of that table, the first
//! in the list: `contacts` is `CDS Contacts V2`, `invoices` is `Sales invoice headers V2`, although `Customers V3` and
//! `Project invoice proposal V2` are mapped to them too.
//!
//! Deliberately absent: guessing. A name that is not listed comes back trimmed and otherwise untouched.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::alias_table::TABLES;
use super::fold::NameHash;

/// The finance and operations name of a table, from any of its names or from a map's name (`Customers V3 (accounts)`).
/// Letter case, blanks, underscores and hyphens do not matter.
pub fn canonical_entity(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if let Some(table) = find(name) {
        return Cow::Borrowed(table);
    }
    if let Some((internal, external)) = split_map_name(name) {
        // The outer name decides where it is known; an unknown one is believed only beside a known Dataverse table,
        // else the parentheses may be part of a name.
        if let Some(table) = find(internal) {
            return Cow::Borrowed(table);
        }
        if find(external).is_some() {
            return Cow::Borrowed(internal);
        }
    }
    Cow::Borrowed(name)
}

/// The other names of a table, its Dataverse entity set first where it has one of its own; none for unknown tables.
pub fn aliases_of(canonical: &str) -> &'static [&'static str] {
    index()
        .find(NameHash::of(canonical))
        .filter(|table| same_name(TABLES[*table].canonical, canonical))
        .map_or(&[], |table| TABLES[table].aliases)
}

/// The name of a table map: `Customers V3 (accounts)`. One side alone is its own name.
pub fn map_name(internal: &str, external: &str) -> String {
    let (internal, external) = (internal.trim(), external.trim());
    match (internal.is_empty(), external.is_empty()) {
        (false, false) if split_map_name(internal).is_none_or(|(_, inner)| inner != external) => {
            format!("{internal} ({external})")
        }
        (true, _) => external.to_owned(),
        _ => internal.to_owned(),
    }
}

/// The table with this normalised name.
pub(super) fn table_of(name: NameHash) -> Option<u16> {
    index().find(name).and_then(|table| u16::try_from(table).ok())
}

/// A number that stands for the table in fingerprints: it depends on the canonical name only, not on the table's place.
pub(super) fn table_fingerprint(table: u16) -> u64 {
    index().fingerprints[usize::from(table)]
}

/// The number that stands for an entity by any of its names: [`table_fingerprint`] for a known table, the like for others.
pub(super) fn entity_fingerprint(name: &str) -> u64 {
    match index().find(NameHash::of(name)) {
        Some(table) => index().fingerprints[table],
        None => NameHash::of(&canonical_entity(name)).value(),
    }
}

fn find(name: &str) -> Option<&'static str> {
    let table = &TABLES[index().find(NameHash::of(name))?];
    // A hash can lie; the names cannot.
    std::iter::once(&table.canonical)
        .chain(table.aliases)
        .any(|known| same_name(known, name))
        .then_some(table.canonical)
}

fn same_name(left: &str, right: &str) -> bool {
    NameHash::letters(left).eq(NameHash::letters(right))
}

/// `Customers V3 (accounts)` → both names; only where the parentheses close the text.
fn split_map_name(name: &str) -> Option<(&str, &str)> {
    let inner = name.strip_suffix(')')?;
    let open = inner.rfind('(')?;
    let (internal, external) = (inner[..open].trim_end(), inner[open + 1..].trim());
    (!internal.is_empty() && !external.is_empty()).then_some((internal, external))
}

/// Open addressing over hashes: built once, no text is kept.
struct Index {
    names: Vec<(u64, u16)>,
    fingerprints: Vec<u64>,
}

const SLOTS: usize = 2_048;

impl Index {
    fn build() -> Self {
        let mut index = Self {
            names: vec![(0, 0); SLOTS],
            fingerprints: TABLES.iter().map(|t| NameHash::of(t.canonical).value()).collect(),
        };
        // Canonical names first: no alias may take one away.
        for (number, table) in (0u16..).zip(TABLES) {
            index.add(table.canonical, number);
        }
        for (number, table) in (0u16..).zip(TABLES) {
            for alias in table.aliases {
                index.add(alias, number);
            }
        }
        index
    }

    fn add(&mut self, name: &str, table: u16) {
        let hash = NameHash::of(name).value();
        let slot = self.slot(hash);
        if self.names[slot].0 == 0 {
            self.names[slot] = (hash, table);
        }
    }

    fn find(&self, name: NameHash) -> Option<usize> {
        let (hash, table) = self.names[self.slot(name.value())];
        (hash != 0).then_some(usize::from(table))
    }

    fn slot(&self, hash: u64) -> usize {
        let mut slot = (hash >> 32) as usize % SLOTS;
        while self.names[slot].0 != 0 && self.names[slot].0 != hash {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(Index::build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_table_leads_to_it() {
        for name in [
            "Customers V3",
            "CustCustomerV3Entity",
            "accounts",
            "account",
            "Customers V3 (accounts)",
            " customers_v3 ",
            "CUSTOMERSV3",
            "Customers V3(accounts)",
            "Customers V3 (contacts)",
        ] {
            assert_eq!(canonical_entity(name), "Customers V3", "{name}");
        }
        assert_eq!(canonical_entity("msdyn parties"), "CDS Parties");
    }

    #[test]
    fn a_shared_dataverse_table_stands_for_its_main_map() {
        assert_eq!(canonical_entity("contacts"), "CDS Contacts V2");
        assert_eq!(canonical_entity("invoices"), "Sales invoice headers V2");
        assert_eq!(
            canonical_entity("Project invoice proposal V2 (invoices)"),
            "Project invoice proposal V2"
        );
    }

    #[test]
    fn unknown_names_come_back_trimmed() {
        assert_eq!(canonical_entity("  aaa_fundingsources "), "aaa_fundingsources");
        assert_eq!(canonical_entity("Bikes (red)"), "Bikes (red)");
        assert_eq!(canonical_entity("Fleet customers (accounts)"), "Fleet customers");
        assert_eq!(canonical_entity(""), "");
        assert_eq!(canonical_entity(")"), ")");
    }

    #[test]
    fn no_name_is_claimed_twice_and_each_leads_home() {
        let mut seen = std::collections::HashMap::new();
        for table in TABLES {
            for name in std::iter::once(&table.canonical).chain(table.aliases) {
                assert_eq!(canonical_entity(name), table.canonical, "{name}");
                let key: Vec<u8> = NameHash::letters(name).collect();
                let earlier = seen.insert(key, table.canonical);
                assert_eq!(earlier, None, "{name} is listed twice");
            }
        }
    }

    #[test]
    fn aliases_begin_with_the_dataverse_table() {
        assert_eq!(aliases_of("Customers V3")[0], "accounts");
        assert_eq!(aliases_of("accounts"), &[] as &[&str]);
        assert_eq!(aliases_of("zebra"), &[] as &[&str]);
    }

    #[test]
    fn a_map_is_named_by_both_sides() {
        assert_eq!(map_name("Customers V3", "accounts"), "Customers V3 (accounts)");
        assert_eq!(map_name("Customers V3 (accounts)", "accounts"), "Customers V3 (accounts)");
        assert_eq!(map_name("", "accounts"), "accounts");
        assert_eq!(map_name("Customers V3 ", ""), "Customers V3");
    }
}
