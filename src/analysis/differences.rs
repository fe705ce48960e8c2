//! What sets some records apart from the rest: values that are more, or less, frequent among them than chance would have it.
//!
//! Each value is tested by Fisher's exact test: how probable is it that so many of the records that have it, or more, fall
//! into a selection of this size that was drawn blindly? It holds for rare values too, where approximations do not. With
//! many values some look odd by chance, so the level is divided by their number (Bonferroni).
//!
//! Invariant: a finding is improbable by chance and large enough to matter; findings come by the size of the difference.

/// How probable it may be that anything at all is found where there is nothing to find.
pub const LEVEL: f64 = 0.001;

/// The smallest difference of shares that is told of, unless one share is a multiple of the other.
pub const SMALLEST_DIFFERENCE: f64 = 0.01;

/// The multiple from which a smaller difference is told of as well.
pub const SMALLEST_RATIO: f64 = 2.0;

/// How many records have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of the selection.
    pub selected: usize,
    /// Of the selection and the rest.
    pub all: usize,
}

/// A value whose share differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Place of its field.
    pub field: usize,
    /// Place of the value in the field.
    pub value: usize,
    /// Its share of the selection, 0 to 1.
    pub rate: f64,
    /// Its share of the rest.
    pub rest_rate: f64,
    /// How probable so large a difference of this value is by chance, either way, before the number of values counts.
    pub probability: f64,
}

impl Difference {
    /// Share of the selection less share of the rest.
    pub fn size(&self) -> f64 {
        self.rate - self.rest_rate
    }
}

/// The differences between `total.selected` records and the other ones of `total.all`, the largest first. Of a field with
/// two values only the more frequent one is told: the other one says the same.
pub fn differences(total: Share, fields: &[Vec<Share>]) -> Vec<Difference> {
    let rest = total.all - total.selected;
    if total.selected == 0 || rest == 0 {
        return Vec::new();
    }
    let values = fields.iter().flatten().filter(|share| share.all > 0).count();
    let level = LEVEL.ln() - (values.max(1) as f64).ln();
    let mut found = Vec::new();
    for (field, shares) in fields.iter().enumerate() {
        let is_pair = shares.iter().filter(|share| share.all > 0).count() == 2;
        for (value, share) in shares.iter().enumerate() {
            let rate = share.selected as f64 / total.selected as f64;
            let rest_rate = (share.all - share.selected) as f64 / rest as f64;
            if !matters(rate, rest_rate) || (is_pair && rate < rest_rate) {
                continue;
            }
            let logarithm = ln_probability(total, *share);
            if logarithm < level {
                let probability = logarithm.exp();
                found.push(Difference { field, value, rate, rest_rate, probability });
            }
        }
    }
    found.sort_by(|a, b| {
        let (more, fewer) = (b.size(), a.size());
        let by_size = more.abs().total_cmp(&fewer.abs());
        by_size.then(more.total_cmp(&fewer)).then((a.field, a.value).cmp(&(b.field, b.value)))
    });
    found
}

fn matters(rate: f64, rest_rate: f64) -> bool {
    let (low, high) = if rate < rest_rate { (rate, rest_rate) } else { (rest_rate, rate) };
    high - low >= SMALLEST_DIFFERENCE || (high > 0.0 && high >= low * SMALLEST_RATIO)
}

/// The logarithm of the probability that a blind draw differs as much on the same side, doubled for both sides.
fn ln_probability(total: Share, share: Share) -> f64 {
    let [all, drawn, having, both] =
        [total.all, total.selected, share.all, share.selected].map(|count| count as f64);
    let ln_choose = |n: f64, k: f64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let at =
        ln_choose(having, both) + ln_choose(all - having, drawn - both) - ln_choose(all, drawn);
    // From the value found away from the expected one, each term from the one before.
    let is_more = both * all > having * drawn;
    let (mut sum, mut term, mut place) = (1.0, 1.0, both);
    loop {
        term *= if is_more {
            (having - place) * (drawn - place)
                / ((place + 1.0) * (all - having - drawn + place + 1.0))
        } else {
            place * (all - having - drawn + place)
                / ((having - place + 1.0) * (drawn - place + 1.0))
        };
        place += if is_more { 1.0 } else { -1.0 };
        if term.is_nan() || term <= sum * 1e-12 {
            break;
        }
        sum += term;
    }
    (at + sum.ln() + std::f64::consts::LN_2).min(0.0)
}

/// By Stirling's series, exact to some 12 digits; small ones by multiplication.
fn ln_factorial(n: f64) -> f64 {
    if n < 16.0 {
        let factors = (2..=n as u32).map(f64::from);
        return factors.product::<f64>().ln();
    }
    let series = 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3)) + 1.0 / (1260.0 * n.powi(5));
    n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same probability by adding up every draw, in whole numbers.
    fn by_hand(total: Share, share: Share) -> f64 {
        let choose = |n: usize, k: usize| -> f64 {
            if k > n { 0.0 } else { (0..k).map(|at| (n - at) as f64 / (at + 1) as f64).product() }
        };
        let ways = |both: usize| {
            choose(share.all, both) * choose(total.all - share.all, total.selected - both)
        };
        let is_more = share.selected * total.all > share.all * total.selected;
        let side =
            |both: &usize| if is_more { *both >= share.selected } else { *both <= share.selected };
        let most = share.all.min(total.selected);
        let tail: f64 = (0..=most).filter(side).map(ways).sum();
        (2.0 * tail / choose(total.all, total.selected)).min(1.0)
    }

    #[test]
    fn probabilities_are_those_of_counting_every_draw() {
        let mut told = 0;
        for all in [2, 7, 24, 40] {
            for selected in 1..all {
                let total = Share { selected, all };
                for having in 1..=all {
                    let least = (having + selected).saturating_sub(all);
                    for both in least..=having.min(selected) {
                        let share = Share { selected: both, all: having };
                        let (found, counted) =
                            (ln_probability(total, share).exp(), by_hand(total, share));
                        assert!(
                            (found - counted).abs() <= 1e-9 * counted,
                            "{total:?} {share:?}: {found} {counted}"
                        );
                        told += 1;
                    }
                }
            }
        }
        assert!(told > 10_000);
    }

    #[test]
    fn a_million_records_are_no_trouble() {
        let total = Share { selected: 400_000, all: 1_000_000 };
        let equal = Share { selected: 40_000, all: 100_000 };
        let planted = Share { selected: 60_000, all: 100_000 };
        let found =
            differences(total, &[vec![equal, planted, Share { selected: 300_000, all: 800_000 }]]);
        assert_eq!(found.iter().map(|one| one.value).collect::<Vec<_>>(), [2, 1]);
        assert!(found[0].size() < 0.0 && found[1].size() > 0.08);
        assert!((ln_probability(total, equal).exp() - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_rare_value_is_told_of_where_chance_does_not_explain_it() {
        let total = Share { selected: 1_000, all: 100_000 };
        let only_here = Share { selected: 6, all: 6 };
        let one_of_them = Share { selected: 1, all: 1 };
        let rest = Share { selected: 993, all: 99_993 };
        let found = differences(total, &[vec![only_here, one_of_them, rest]]);
        assert_eq!(found.iter().map(|one| one.value).collect::<Vec<_>>(), [0]);
        assert_eq!((found[0].rate, found[0].rest_rate), (0.006, 0.0));
    }

    #[test]
    fn of_two_values_one_is_told_of_and_nothing_differs_from_nothing() {
        let pair = [Share { selected: 90, all: 100 }, Share { selected: 10, all: 100 }];
        let found = differences(Share { selected: 100, all: 200 }, &[pair.to_vec()]);
        assert_eq!(found.iter().map(|one| one.value).collect::<Vec<_>>(), [0]);
        for selected in [0, 200] {
            let whole = pair.map(|share| Share { selected: share.all * selected / 200, ..share });
            assert!(differences(Share { selected, all: 200 }, &[whole.to_vec()]).is_empty());
        }
    }
}
