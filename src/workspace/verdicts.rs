//! Whether retries can help: the facts that `domain::RetryVerdict` asks for, of records and of causes.
//!
//! What the catalogue says is asked once for each cause and error code, by the first record met: errors of one cause say the
//! same.

use hashbrown::HashMap;

use super::state::State;
use crate::domain::{Category, RecordId, Remedy, RetryVerdict, VerdictFacts, VerdictReason};
use crate::guidance::catalogue;

/// What the catalogue said, by the record's own cause.
#[derive(Default)]
pub(super) struct Remedies(HashMap<String, Remedy>);

impl State {
    /// The verdict on one record; `None` where it is dismissed or unknown. The details of all chunks must be there.
    pub(super) fn verdict(&self, record: RecordId) -> Option<(RetryVerdict, VerdictReason)> {
        let candidate = self.table.candidates([record]).next()?;
        Some(RetryVerdict::of(&VerdictFacts {
            category: candidate.category,
            remedy: self.remedy(record),
            cause_fixed: self.has_fixed_cause(record),
            has_newer: self.table.is_superseded(record),
        }))
    }

    /// The verdict on a cause, as far as no newer errors go before: by its category, one of its records, and its mark.
    pub(super) fn verdict_on_cause(
        &self,
        category: &str,
        example: RecordId,
        cause_fixed: bool,
    ) -> (RetryVerdict, VerdictReason) {
        let (category, remedy) = (Category::parse(category), self.remedy(example));
        let category = &category;
        RetryVerdict::of(&VerdictFacts { category, remedy, cause_fixed, has_newer: false })
    }

    /// Whether somebody marked the cause as fixed.
    pub(super) fn is_fixed(&self, cause: &str) -> bool {
        self.settings.fixed_causes.iter().any(|fixed| fixed == cause)
    }

    /// Whether somebody marked the record's cause as fixed.
    pub(super) fn has_fixed_cause(&self, record: RecordId) -> bool {
        self.table.cause(record).is_some_and(|cause| self.is_fixed(cause))
    }

    /// Whether it was asked already what the catalogue says of a cause.
    pub(super) fn knows_remedy(&self, cause: &str) -> bool {
        self.remedies.borrow().0.contains_key(cause)
    }

    /// What the catalogue says about a plain retry of the record; nothing while its message is still in the store.
    pub(super) fn remedy(&self, record: RecordId) -> Remedy {
        let Some(cause) = self.table.own_cause(record) else { return Remedy::Unknown };
        if let Some(known) = self.remedies.borrow().0.get(cause) {
            return *known;
        }
        let Some((message, error_code)) = self.table.message_and_code(record) else {
            return Remedy::Unknown;
        };
        let remedy = catalogue::remedy(&message, error_code);
        self.remedies.borrow_mut().0.insert(cause.to_owned(), remedy);
        remedy
    }
}
