//! Dismissals: gone for ever from reporting and retry, also when the same record is imported again.

use std::fmt;

use hashbrown::HashSet;

/// What makes two rows of dumps the same record, as 128 bits of digest. It holds no content of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub u128);

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Every identity ever dismissed. It only grows: there is no way to take an entry out.
#[derive(Clone, Debug, Default)]
pub struct DismissalLedger(HashSet<Identity>);

impl DismissalLedger {
    /// Whether the record was dismissed at any time.
    pub fn contains(&self, identity: Identity) -> bool {
        self.0.contains(&identity)
    }

    /// Adds identities; those already there change nothing.
    pub fn extend(&mut self, identities: impl IntoIterator<Item = Identity>) {
        self.0.extend(identities);
    }

    /// All of them, in order.
    pub fn identities(&self) -> Vec<Identity> {
        let mut all: Vec<Identity> = self.0.iter().copied().collect();
        all.sort_unstable();
        all
    }

    /// How many records were dismissed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was ever dismissed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
