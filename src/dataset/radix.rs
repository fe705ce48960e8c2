//! Sorting of words by some of their bits, in passes over all of them: how they lay before does not matter much, which
//! for times that are nearly but not quite in order is what a comparing sort makes least of.
//!
//! Invariant: stable; words that are equal in those bits keep their order.

/// Bits sorted by in one pass; counters for all their values stay near the processor.
const STEP: u32 = 12;

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

#[cfg(test)]
mod tests {
    use super::*;

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
