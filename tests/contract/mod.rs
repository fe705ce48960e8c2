//! The contract that every store passes. One list of cases, run natively on the store in memory and in a browser's
//! worker on IndexedDB.
//!
//! A case gets a [`Harness`] whose store is new. It opens the data as often as it likes; each opening stands for a
//! restart.

mod failures;
mod segments;
pub(crate) mod things;
mod values;

pub(crate) use failures::*;
pub(crate) use segments::*;
pub(crate) use values::*;

use error_desk::store::Part;
use error_desk::workspace::ports::Store;

/// What a case needs besides the store itself.
pub(crate) trait Harness {
    /// The store under test.
    type S: Store;

    /// Opens the data, as a restart does.
    async fn open(&self) -> Self::S;

    /// Lets the next writing call make `changes` of its changes, then meet a full disk.
    fn fill_disk_after(&self, store: &Self::S, changes: usize);

    /// Overwrites a stored value with something that means nothing.
    async fn damage(&self, part: &Part);
}

/// Calls the macro with the names of all cases.
macro_rules! for_each_case {
    ($run:ident) => {
        $run! {
            a_new_store_is_empty,
            everything_comes_back,
            large_requests_come_back,
            extreme_values_come_back,
            a_value_replaces_the_one_with_its_id,
            dismissals_only_grow,
            the_journal_is_read_in_windows,
            wipe_leaves_a_new_store,
            a_replacement_leaves_nothing_of_before_but_segments,
            an_empty_commit_changes_nothing,
            commits_in_flight_keep_their_order,
            a_segment_is_kept_as_it_is_and_can_be_replaced,
            segments_without_a_manifest_go_at_load,
            a_missing_segment_is_named,
            a_removed_dataset_takes_its_segments_and_its_id_along,
            an_import_can_be_discarded,
            a_complete_dataset_cannot_be_discarded,
            a_full_disk_at_any_change_of_a_commit_leaves_nothing,
            a_full_disk_keeps_the_segments_that_were_there,
            a_damaged_value_is_named_and_left,
            a_damaged_journal_entry_spoils_only_its_windows,
            a_damaged_store_can_be_wiped,
        }
    };
}
pub(crate) use for_each_case;
