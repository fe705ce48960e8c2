//! Whether rows that were planted with one cause are grouped as one, and rows of different causes are not.
//!
//! Precision and recall are counted over pairs of rows: of all pairs that the desk puts together, how many were planted
//! together; of all pairs planted together, how many the desk puts together.

mod documented;
mod generated;
mod planted;

use std::collections::HashMap;
use std::hash::Hash;

/// A row with the cause that it was planted with.
pub(crate) struct Row {
    pub(crate) truth: String,
    pub(crate) entity: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Numbers below one another, to be multiplied later.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Precision and recall over pairs of rows.
pub(crate) fn over_pairs(rows: &[Row]) -> (f64, f64) {
    let cause =
        |row: &Row| error_desk::guidance::cause::cause_of(&row.entity, &row.code, &row.message).0;
    let found: Vec<u64> = rows.iter().map(cause).collect();
    let planted: Vec<&str> = rows.iter().map(|row| row.truth.as_str()).collect();
    let both: Vec<(u64, &str)> = found.iter().copied().zip(planted.iter().copied()).collect();
    let (both, found, planted) = (pairs(&both), pairs(&found), pairs(&planted));
    (both / found, both / planted)
}

/// Pairs of equal values.
fn pairs<T: Hash + Eq>(values: &[T]) -> f64 {
    let mut counts: HashMap<&T, f64> = HashMap::new();
    values.iter().for_each(|value| *counts.entry(value).or_default() += 1.0);
    counts.values().map(|count| count * (count - 1.0) / 2.0).sum()
}

/// What is wrong, for whoever reads a failed test: a planted cause that was split, with templates of its groups, and a group
/// that joins planted causes.
pub(crate) fn complaint(rows: &[Row]) -> String {
    let mut by_truth: HashMap<&str, HashMap<String, (usize, String)>> = HashMap::new();
    let mut by_cause: HashMap<u64, HashMap<&str, &str>> = HashMap::new();
    for row in rows {
        let cause = error_desk::guidance::cause::cause_of(&row.entity, &row.code, &row.message);
        let template = error_desk::guidance::cause::template(&row.message);
        let groups = by_truth.entry(&row.truth).or_default();
        groups.entry(cause.to_string()).or_insert((0, template)).0 += 1;
        by_cause.entry(cause.0).or_default().insert(&row.truth, &row.message);
    }
    let mut lines = Vec::new();
    let mut split: Vec<_> = by_truth.iter().filter(|(_, groups)| groups.len() > 1).collect();
    split.sort_by_key(|(truth, groups)| (usize::MAX - groups.len(), **truth));
    for (truth, groups) in split.into_iter().take(8) {
        lines.push(format!("split into {}: {truth}", groups.len()));
        lines.extend(groups.values().take(4).map(|(count, text)| format!("    {count} × {text}")));
    }
    let joined = by_cause.values().filter(|truths| truths.len() > 1);
    for truths in joined.take(8) {
        lines.push(format!("joined {}:", truths.len()));
        lines.extend(truths.iter().take(3).map(|(truth, text)| format!("    {truth}: {text}")));
    }
    lines.join("\n")
}

#[track_caller]
pub(crate) fn check(rows: &[Row]) {
    let (precision, recall) = over_pairs(rows);
    assert!(
        precision >= 0.98 && recall >= 0.98,
        "precision {precision:.4}, recall {recall:.4}\n{}",
        complaint(rows)
    );
}
