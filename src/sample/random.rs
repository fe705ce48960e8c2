//! A small generator of random numbers (SplitMix64): the same numbers for the same seed on every platform.
//!
//! Integers only: floating-point powers and logarithms may differ by a bit between platforms.

#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_F42D_4C95_7F2D)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True `part` times in `whole`.
    pub(super) fn chance(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }

    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }
}

/// Choices of different weight.
#[derive(Clone, Debug)]
pub(super) struct Weighted(Vec<u64>);

impl Weighted {
    /// One choice per weight, in their order.
    pub(super) fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut sum = 0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// Zipf's law: the n-th choice has a share of 1/n.
    pub(super) fn zipf(choices: usize) -> Self {
        Self::new((1..=choices as u64).map(|rank| 1_000_000 / rank))
    }

    pub(super) fn pick(&self, random: &mut Random) -> usize {
        let point = random.below(self.0.last().copied().unwrap_or(0));
        self.0.partition_point(|sum| *sum <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut random = Random::new(1);
        assert_eq!([random.next(), random.next()], GOLDEN);
        assert_eq!(Random::new(2).below(0), 0);
    }

    const GOLDEN: [u64; 2] = [13_957_987_245_808_512_451, 18_200_408_164_192_772_652];

    #[test]
    fn weights_are_shares() {
        let weighted = Weighted::new([0, 3, 1]);
        let mut random = Random::new(7);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[weighted.pick(&mut random)] += 1;
        }
        assert_eq!(counts[0], 0);
        assert!((7_200..7_800).contains(&counts[1]), "{counts:?}");
    }
}
