//! Stable sorting of very many texts by as many of their next bytes as a number of 64 bits holds.
//!
//! Each byte goes into the number as its rank among the bytes that any of the texts has in its place. Keys of records are
//! digits, a few letters and the code of a company: they go in whole, and a few rounds of counting put them in order, where
//! comparing would take twenty rounds and fetch each text again and again.
//!
//! Everything that is done to all texts is done to some of them at a time: browsers run a function in a slower form until it is
//! called again after it proved to be busy.
//!
//! Deliberately absent: what follows the bytes that went in (`text_sort`).
//!
//! Invariant: the order is that of the bytes that went in; texts with the same ones stay as they were.

/// A number or a word of a text, and which text it is of.
pub(super) type Keyed = (u64, u32);

/// Bytes that are looked at.
const MOST: usize = 24;

/// Texts of one call.
pub(super) const AT_ONCE: usize = 4_096;

/// Bits that a round sorts by: its counts stay in the fastest memory.
const ROUND_BITS: u32 = 11;

/// How the next bytes of texts go into a number.
pub(super) struct Packing {
    places: Vec<Place>,
    /// Bits of all places from each on, and of none behind the last.
    bits_from: Vec<u32>,
}

/// What texts have in one place.
struct Place {
    /// By byte; where a text ends before, it has the rank 0.
    ranks: [u16; 256],
    bits: u32,
    /// Some texts end before.
    has_ends: bool,
}

impl Packing {
    /// How the bytes after `depth` of these texts can go in.
    pub(super) fn of<'a>(keyed: &[Keyed], text: &impl Fn(u32) -> &'a [u8], depth: usize) -> Self {
        let mut seen = Seen { bytes: [[false; 256]; MOST], shortest: usize::MAX };
        keyed.chunks(AT_ONCE).for_each(|some| seen.look_at(some, text, depth));
        let (mut places, mut all) = (Vec::new(), 0);
        for (at, bytes) in seen.bytes.iter().enumerate() {
            let has_ends = at >= seen.shortest;
            let count = bytes.iter().filter(|seen| **seen).count() + usize::from(has_ends);
            let bits = count.next_power_of_two().trailing_zeros();
            if all + bits > u64::BITS {
                break;
            }
            let mut place = Place { ranks: [0; 256], bits, has_ends };
            let seen = (0..).zip(bytes).filter(|(_, seen)| **seen);
            for (rank, (byte, _)) in (u16::from(has_ends)..).zip(seen) {
                let byte: usize = byte;
                place.ranks[byte] = rank;
            }
            places.push(place);
            all += bits;
        }
        let mut bits_from = vec![0; places.len() + 1];
        for at in (0..places.len()).rev() {
            bits_from[at] = bits_from[at + 1] + places[at].bits;
        }
        Self { places, bits_from }
    }

    /// How many bytes go in.
    pub(super) fn bytes(&self) -> usize {
        self.places.len()
    }

    /// Whether a text with this number may have more bytes than went in.
    pub(super) fn goes_on(&self, number: u64) -> bool {
        let Some(last) = self.places.last() else { return true };
        !last.has_ends || number & low(last.bits) != 0
    }

    /// Gives texts their numbers and sorts by these.
    pub(super) fn sort<'a>(
        &self,
        keyed: &mut [Keyed],
        text: &impl Fn(u32) -> &'a [u8],
        depth: usize,
    ) {
        keyed.chunks_mut(AT_ONCE).for_each(|some| self.pack(some, text, depth));
        let rounds = self.bits_from[0].div_ceil(ROUND_BITS);
        let mut other = keyed.to_vec();
        // From one memory to the other and back; an odd number of rounds begins in the other one.
        let (mut from, mut to) = match rounds % 2 {
            0 => (keyed, &mut other[..]),
            _ => (&mut other[..], keyed),
        };
        for round in 0..rounds {
            Round::of(from, round * ROUND_BITS).sort(from, to);
            std::mem::swap(&mut from, &mut to);
        }
    }

    #[inline(never)]
    fn pack<'a>(&self, keyed: &mut [Keyed], text: &impl Fn(u32) -> &'a [u8], depth: usize) {
        for (number, entry) in keyed {
            let rest = &text(*entry)[depth..];
            let with = |number: u64, (byte, place): (&u8, &Place)| {
                number << place.bits | u64::from(place.ranks[usize::from(*byte)])
            };
            let bytes = rest.iter().zip(&self.places).fold(0, with);
            let behind = self.bits_from[rest.len().min(self.places.len())];
            *number = bytes.checked_shl(behind).unwrap_or_default();
        }
    }
}

/// Which bytes texts have in each place, and where the shortest one ends.
struct Seen {
    bytes: [[bool; 256]; MOST],
    shortest: usize,
}

impl Seen {
    #[inline(never)]
    fn look_at<'a>(&mut self, keyed: &[Keyed], text: &impl Fn(u32) -> &'a [u8], depth: usize) {
        for (_, entry) in keyed {
            let rest = &text(*entry)[depth..];
            self.shortest = self.shortest.min(rest.len());
            for (byte, seen) in rest.iter().zip(&mut self.bytes) {
                seen[usize::from(*byte)] = true;
            }
        }
    }
}

/// A round of counting: where the next number of each digit goes.
struct Round {
    next: Vec<u32>,
    shift: u32,
}

impl Round {
    fn of(keyed: &[Keyed], shift: u32) -> Self {
        let mut round = Self { next: vec![0; 1 << ROUND_BITS], shift };
        keyed.chunks(AT_ONCE).for_each(|some| round.count(some));
        let mut first = 0;
        for place in &mut round.next {
            first += std::mem::replace(place, first);
        }
        round
    }

    fn sort(mut self, from: &[Keyed], to: &mut [Keyed]) {
        from.chunks(AT_ONCE).for_each(|some| self.put(some, to));
    }

    #[inline(never)]
    fn count(&mut self, keyed: &[Keyed]) {
        keyed.iter().for_each(|(number, _)| *self.place_of(*number) += 1);
    }

    #[inline(never)]
    fn put(&mut self, from: &[Keyed], to: &mut [Keyed]) {
        for keyed in from {
            let place = self.place_of(keyed.0);
            to[*place as usize] = *keyed;
            *place += 1;
        }
    }

    #[inline]
    fn place_of(&mut self, number: u64) -> &mut u32 {
        &mut self.next[(number >> self.shift & low(ROUND_BITS)) as usize]
    }
}

/// So many low bits.
fn low(bits: u32) -> u64 {
    u64::MAX.checked_shl(bits).map_or(u64::MAX, |high| !high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Sorts by the bytes after `depth` and holds the outcome against a plain stable sort; how many bytes went in.
    fn check(texts: &[Vec<u8>], depth: usize) -> usize {
        let text = |entry: u32| &texts[entry as usize][..];
        let mut keyed: Vec<Keyed> = (0..texts.len() as u32).rev().map(|at| (0, at)).collect();
        let packing = Packing::of(&keyed, &text, depth);
        let taken = |entry: u32| {
            let rest = &text(entry)[depth..];
            &rest[..rest.len().min(packing.bytes())]
        };
        let mut expected: Vec<u32> = keyed.iter().map(|(_, entry)| *entry).collect();
        expected.sort_by_key(|entry| taken(*entry));
        packing.sort(&mut keyed, &text, depth);
        assert_eq!(keyed.iter().map(|(_, entry)| *entry).collect::<Vec<_>>(), expected);
        for pair in keyed.windows(2) {
            let [(a, one), (b, other)] = [pair[0], pair[1]];
            assert_eq!(a == b, taken(one) == taken(other));
        }
        for (number, entry) in &keyed {
            let is_longer = text(*entry).len() - depth > packing.bytes();
            assert!(
                packing.goes_on(*number) || !is_longer,
                "what goes on is never taken for whole"
            );
        }
        packing.bytes()
    }

    #[test]
    fn keys_go_in_whole() {
        let companies = ["usmf", "demf", "frmf", "gbsi"];
        let keys = (0..20_000_usize).map(|at| {
            let prefix = ["C", "SO", "V"][at % 3];
            format!("{prefix}-{:07}|{}", at * 7_919 % 9_999_991, companies[at % 4]).into_bytes()
        });
        assert_eq!(check(&keys.collect::<Vec<_>>(), 0), MOST);
    }

    #[test]
    fn texts_of_many_letters_go_in_up_to_a_place() {
        let mut number = 1_u64;
        let mut next = || {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (number >> 56) as u8
        };
        let texts: Vec<Vec<u8>> = (0..5_000).map(|_| (0..20).map(|_| next()).collect()).collect();
        assert_eq!(check(&texts, 0), 8);
    }

    #[test]
    fn nothing_one_and_equal_texts_are_sorted() {
        check(&[], 0);
        check(&[b"abc".to_vec()], 3);
        check(&vec![b"same".to_vec(); 50], 1);
    }

    proptest! {
        #[test]
        fn as_a_stable_sort_would(
            texts in prop::collection::vec(
                prop::collection::vec(select(&b"\0\x01ab\xFF019|-"[..]), 0..40), 0..200),
            depth in 0..4_usize,
        ) {
            let longer: Vec<Vec<u8>> = texts.into_iter().map(|text| [&b"abcd"[..depth], &text].concat()).collect();
            check(&longer, depth);
        }
    }
}
