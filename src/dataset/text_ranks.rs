//! What stands before the first argument of a text, ranked so that texts of different ranks are in order whatever
//! their arguments are.
//!
//! An argument begins with a digit and what stands before it never ends with one, so beginnings mostly compare by
//! themselves. Only a GUID may begin with a letter that another text goes on with; there both are cut where the GUID
//! begins and share a rank.
//!
//! Invariant: of two texts with different ranks the one with the lower rank is the lesser, and texts of one rank are
//! equal up to its depth.

use hashbrown::HashMap;

/// More different beginnings than these are not ranked: texts that differ that much are told apart by their letters.
const MOST: usize = 1 << 17;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Beginning<'a> {
    /// Without digits.
    pub(super) text: &'a [u8],
    pub(super) then: Then,
}

/// What follows a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Then {
    Guid,
    Nothing,
    Digit,
}

/// The texts of a rank, and up to where they are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) rank: u32,
    pub(super) depth: u32,
}

impl<'a> Beginning<'a> {
    /// Of a text of which nothing else is known.
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        match bytes.iter().position(u8::is_ascii_digit) {
            Some(digit) => Self { text: &bytes[..digit], then: Then::Digit },
            None => Self { text: bytes, then: Then::Nothing },
        }
    }
}

/// Different beginnings, numbered as they came.
#[derive(Debug, Default)]
pub(super) struct Beginnings<'a> {
    numbers: HashMap<Beginning<'a>, u32>,
}

impl<'a> Beginnings<'a> {
    pub(super) fn number(&mut self, beginning: Beginning<'a>) -> u32 {
        let next = self.numbers.len() as u32;
        if next as usize > MOST { 0 } else { *self.numbers.entry(beginning).or_insert(next) }
    }

    /// The rank of each number, and how many ranks there are.
    pub(super) fn ranks(self) -> (Vec<Rank>, usize) {
        let count = self.numbers.len();
        if count > MOST {
            return (vec![Rank::default(); count], 1);
        }
        let mut sorted: Vec<(Beginning<'_>, u32)> = self.numbers.into_iter().collect();
        sorted.sort_unstable();
        // What is left of each.
        let mut cut: Vec<Option<usize>> = vec![None; count];
        for at in 0..count {
            let (guid, _) = sorted[at];
            if guid.then != Then::Guid || cut[at].is_some() {
                continue;
            }
            let len = guid.text.len();
            cut[at] = Some(len);
            let beyond = at + 1..count;
            for other in beyond.take_while(|other| sorted[*other].0.text.starts_with(guid.text)) {
                let (longer, _) = sorted[other];
                let meets = match longer.text.get(len) {
                    Some(letter) => (b'0'..=b'f').contains(letter),
                    None => longer.then == Then::Digit,
                };
                if meets && cut[other].is_none() {
                    cut[other] = Some(len);
                }
            }
        }
        // With a digit in the place of whatever argument follows.
        let key = |at: usize| {
            let (beginning, _) = sorted[at];
            let end = cut[at].is_none() && beginning.then == Then::Nothing;
            let text = &beginning.text[..cut[at].unwrap_or(beginning.text.len())];
            ([text, if end { b"" } else { b"0" }].concat(), end)
        };
        let mut keyed: Vec<((Vec<u8>, bool), usize)> = (0..count).map(|at| (key(at), at)).collect();
        keyed.sort_unstable();
        let mut ranks = vec![Rank::default(); count];
        let mut count = 0;
        for same in keyed.chunk_by(|(a, _), (b, _)| a == b) {
            for ((key, end), at) in same {
                let depth = (key.len() - usize::from(!end)) as u32;
                ranks[sorted[*at].1 as usize] = Rank { rank: count, depth };
            }
            count += 1;
        }
        (ranks, count as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(beginnings: &[(&'static str, Then)]) -> Vec<(u32, u32)> {
        let mut known = Beginnings::default();
        for (number, (text, then)) in (0..).zip(beginnings) {
            assert_eq!(known.number(Beginning { text: text.as_bytes(), then: *then }), number);
        }
        known.ranks().0.into_iter().map(|rank| (rank.rank, rank.depth)).collect()
    }

    #[test]
    fn beginnings_that_no_argument_can_reorder_have_ranks_of_their_own() {
        let found = ranks(&[
            ("Row ", Then::Digit),
            ("Row !", Then::Nothing),
            ("Row ", Then::Nothing),
            ("Row x", Then::Guid),
            ("Access", Then::Digit),
        ]);
        assert_eq!(found, [(3, 4), (2, 5), (1, 4), (4, 5), (0, 6)]);
    }

    #[test]
    fn what_a_guid_may_come_before_or_after_shares_its_rank() {
        let found = ranks(&[
            ("Map ", Then::Guid),
            ("Map ", Then::Digit),
            ("Map every", Then::Nothing),
            ("Map none", Then::Nothing),
            ("Map ", Then::Nothing),
            ("Map a", Then::Guid),
        ]);
        assert_eq!(found, [(1, 4), (1, 4), (1, 4), (2, 8), (0, 4), (1, 4)]);
    }
}
