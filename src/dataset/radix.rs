//! Sorting of words by some of their bits, in passes over all of them: how they lay before does not matter much, which
//! for times that are nearly but not quite in order is what a comparing sort makes least of.
//!
//! Invariant: stable; words that are equal in those bits keep their order.

/// Bits sorted by in one pass; counters for all their values stay near the processor.
const STEP: u32 = 12;

/// The same for pairs: they are larger, and fewer places to write to at a time stay at hand.
const PAIR_STEP: u32 = 10;

/// Fewer words than these are not worth the counters.
const FEW: usize = 8_192;

/// Sorts by the bits from `low` up.
pub(super) fn sort_from_bit(words: &mut Vec<u64>, low: u32) {
    if words.is_sorted_by_key(|word| word >> low) {
        return;
    }
    if words.len() < FEW {
        words.sort_by_key(|word| word >> low);
        return;
    }
    let all = words.iter().fold(0, |all, word| all | word);
    let end = u64::BITS - all.leading_zeros();
    let mut sorted = vec![0; words.len()];
    let mut from = low;
    while from < end {
        let digit = |word: u64| (word >> from) as usize & ((1 << STEP) - 1);
        let mut places = vec![0_u32; 1 << STEP];
        words.iter().for_each(|word| places[digit(*word)] += 1);
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for word in words.iter() {
            let place = &mut places[digit(*word)];
            sorted[*place as usize] = *word;
            *place += 1;
        }
        std::mem::swap(words, &mut sorted);
        from += STEP;
    }
}

/// Sorts pairs by their words, in passes over those bits alone in which the words differ: texts of digits differ in four
/// bits of eight.
pub(super) fn sort_pairs(pairs: &mut [(u64, u32)]) {
    if pairs.is_sorted_by_key(|(word, _)| *word) {
        return;
    }
    if pairs.len() < FEW {
        pairs.sort_by_key(|(word, _)| *word);
        return;
    }
    let first = pairs[0].0;
    let differing = pairs.iter().fold(0, |all, (word, _)| all | (word ^ first));
    let mut sorted = vec![(0, 0); pairs.len()];
    let passes = passes(differing);
    for (at, pass) in passes.iter().enumerate() {
        let digit = |word: u64| {
            pass.iter().fold(0, |digit, part| {
                digit | ((word >> part.from) as usize & part.mask) << part.to
            })
        };
        let (read, write) =
            if at % 2 == 0 { (&*pairs, &mut sorted[..]) } else { (&*sorted, &mut pairs[..]) };
        let mut places = vec![0_u32; 1 << PAIR_STEP];
        read.iter().for_each(|(word, _)| places[digit(*word)] += 1);
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for pair in read {
            let place = &mut places[digit(pair.0)];
            write[*place as usize] = *pair;
            *place += 1;
        }
    }
    if passes.len() % 2 == 1 {
        pairs.copy_from_slice(&sorted);
    }
}

/// Neighbouring bits of a word, and where they stand in a digit.
#[derive(Debug)]
struct Part {
    from: u32,
    mask: usize,
    to: u32,
}

/// The digits of a word that has these bits, the least first.
fn passes(mut bits: u64) -> Vec<Vec<Part>> {
    let mut passes: Vec<Vec<Part>> = Vec::new();
    let mut used = PAIR_STEP;
    while bits != 0 {
        if used == PAIR_STEP {
            passes.push(Vec::new());
            used = 0;
        }
        let from = bits.trailing_zeros();
        let len = (bits >> from).trailing_ones().min(PAIR_STEP - used);
        let mask = (1 << len) - 1;
        if let Some(pass) = passes.last_mut() {
            pass.push(Part { from, mask, to: used });
        }
        used += len;
        bits &= !((mask as u64) << from);
    }
    passes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_as_a_stable_sort_would_whatever_bits_differ() {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            state ^ (state >> 29)
        };
        for bits in [0, 1, 0x0f0f_0f0f_0f00_0000, u64::MAX, 0x8000_0000_0000_0001, 0x5555 << 20] {
            for len in [0, 1, 100, 20_000] {
                let pairs: Vec<(u64, u32)> =
                    (0..len).map(|at| (random() & bits | 0x3030_3030 & !bits, at)).collect();
                let (mut sorted, mut expected) = (pairs.clone(), pairs);
                sort_pairs(&mut sorted);
                expected.sort_by_key(|(word, _)| *word);
                assert_eq!(sorted, expected, "{len} pairs that differ in {bits:x}");
            }
        }
    }

    #[test]
    fn as_a_stable_sort_would_for_any_number_of_bits() {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            state >> 5
        };
        for (len, used) in [(0, 64), (100, 20), (10_000, 59), (10_000, 36), (20_000, 13)] {
            let words: Vec<u64> = (0..len).map(|_| random() & (u64::MAX >> (64 - used))).collect();
            for low in [0, 5, 20, 40] {
                let (mut sorted, mut expected) = (words.clone(), words.clone());
                sort_from_bit(&mut sorted, low);
                expected.sort_by_key(|word| word >> low);
                assert_eq!(sorted, expected, "{len} words, bits {low} to {used}");
            }
        }
    }
}
