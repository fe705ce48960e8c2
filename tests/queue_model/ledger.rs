//! The ledger of dismissals: it knows exactly what was put in, for ever.

use error_desk::domain::{DismissalLedger, Identity};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_ledger_only_grows_and_never_forgets(
        rounds in prop::collection::vec(prop::collection::vec(0_u128..50, 0..12), 0..8),
    ) {
        let mut ledger = DismissalLedger::default();
        let mut known: Vec<u128> = vec![];
        for round in rounds {
            let before = ledger.len();
            ledger.extend(round.iter().map(|identity| Identity(*identity)));
            for identity in round {
                if !known.contains(&identity) {
                    known.push(identity);
                }
            }
            prop_assert!(ledger.len() >= before);
            prop_assert_eq!(ledger.len(), known.len());
            prop_assert_eq!(ledger.is_empty(), known.is_empty());
            for identity in 0..50 {
                prop_assert_eq!(ledger.contains(Identity(identity)), known.contains(&identity));
            }
        }
    }
}
