//! The offline rehearsal: nothing is sent, and outcomes follow a stated model, so that an admin can try an order of work.
//!
//! The model, from what the dual-write async FAQ says of the categories: a *system* failure clears when retried; every
//! other failure clears only where its cause was marked as fixed, since the same data meet the same rule again; a
//! *concurrency* failure is never sent (the plan leaves it out), and should one arrive it is skipped.
//!
//! Deliberately absent: chance. The same records give the same outcomes, so a request that is interrupted and goes on
//! ends as if nothing had happened.

use crate::domain::{Category, RecordOutcome, RequestId};
use crate::workspace::ports::{Gateway, GatewayError, RetryItem};

/// Carries requests out without a server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rehearsal;

impl Gateway for Rehearsal {
    async fn retry(
        &self,
        _: RequestId,
        items: &[RetryItem],
    ) -> Result<Vec<RecordOutcome>, GatewayError> {
        Ok(items.iter().map(outcome).collect())
    }

    fn is_rehearsal(&self) -> bool {
        true
    }
}

fn outcome(item: &RetryItem) -> RecordOutcome {
    match item.category {
        Category::Concurrency => RecordOutcome::Skipped,
        Category::System => RecordOutcome::Cleared,
        _ if item.cause_fixed => RecordOutcome::Cleared,
        _ => RecordOutcome::FailedAgain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DatasetId, RecordId};

    #[test]
    fn outcomes_follow_the_stated_model() {
        let given = |category, cause_fixed| {
            outcome(&RetryItem { record: RecordId::new(DatasetId(1), 0), category, cause_fixed })
        };
        assert_eq!(given(Category::System, false), RecordOutcome::Cleared);
        assert_eq!(given(Category::Application, false), RecordOutcome::FailedAgain);
        assert_eq!(given(Category::Application, true), RecordOutcome::Cleared);
        assert_eq!(given(Category::Other("Transient".into()), false), RecordOutcome::FailedAgain);
        assert_eq!(given(Category::Concurrency, true), RecordOutcome::Skipped);
    }
}
