//! The order of rows whose texts all are GUIDs: that of their digits, since the hyphens stand in the same places.

use super::bits::Bits;
use super::guids::Guids;
use super::index::{Slot, slot};

/// All rows in order, and where GUIDs begin that are not equal to the one before. `None` where any row has another
/// text.
pub(super) fn sort(columns: &[&Guids]) -> Option<(Vec<Slot>, Bits)> {
    if columns.iter().any(|guids| guids.any_other()) {
        return None;
    }
    let number = |at: Slot| {
        let (chunk, row) = super::index::place(at);
        columns[chunk].parts().0[row]
    };
    let rows = columns.iter().enumerate().flat_map(|(chunk, guids)| {
        let numbers = guids.parts().0.iter().enumerate();
        numbers.map(move |(row, number)| ((number >> 64) as u64, slot(chunk, row)))
    });
    // Half of the digits mostly decide.
    let mut keyed: Vec<(u64, Slot)> = rows.collect();
    keyed.sort_unstable();
    for like in keyed.chunk_by_mut(|(a, _), (b, _)| a == b).filter(|like| like.len() > 1) {
        like.sort_unstable_by_key(|(_, slot)| (number(*slot), *slot));
    }
    let mut starts = Bits::default();
    for (at, (high, slot)) in keyed.iter().enumerate() {
        let same = at > 0 && {
            let (before, other) = keyed[at - 1];
            before == *high && number(other) == number(*slot)
        };
        starts.push(!same);
    }
    Some((keyed.into_iter().map(|(_, slot)| slot).collect(), starts))
}
