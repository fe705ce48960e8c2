//! Numbers as people read them: grouped, with their noun, as shares, as sizes.

/// `1204` → `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `grouped` for counts of the engine.
pub fn count(number: usize) -> String {
    grouped(number as u64)
}

/// `1 record`, `1,204 records`; the noun takes an `s`.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Whole percent of a whole, rounded down, so that 100 means done. A whole of nothing is 0.
pub fn percent(part: u64, whole: u64) -> u8 {
    if whole == 0 {
        return 0;
    }
    // The quotient is at most 100, so it fits.
    (u128::from(part.min(whole)) * 100 / u128::from(whole)) as u8
}

/// A share of 0 to 1 as `12.5 %`; what is not nothing is not shown as nothing.
pub fn share(rate: f64) -> String {
    if rate > 0.0 && rate < 0.001 { "< 0.1 %".to_owned() } else { format!("{:.1} %", rate * 100.0) }
}

/// `812 B`, `3.4 MB`: decimal units, as browsers and disks count.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if size < 1000 {
        return format!("{size} B");
    }
    let mut value = size as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Rows in a second; `None` before there is anything to divide by.
pub fn rate(rows: u64, elapsed_ms: u64) -> Option<u64> {
    (elapsed_ms > 0 && rows > 0).then(|| rows.saturating_mul(1000) / elapsed_ms)
}

/// Time left if the rest goes as the part did; `None` while too little is done to tell.
pub fn remaining_ms(done: u64, whole: u64, elapsed_ms: u64) -> Option<u64> {
    let is_begun = elapsed_ms >= 1_000 && done > 0 && done.saturating_mul(50) >= whole;
    let left = u128::from(whole.saturating_sub(done)) * u128::from(elapsed_ms);
    is_begun.then(|| u64::try_from(left / u128::from(done)).unwrap_or(u64::MAX))
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub fn duration(millis: u64) -> String {
    match millis {
        0..10_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        10_000..60_000 => format!("{} s", millis / 1000),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(0, "record"), "0 records");
        assert_eq!(counted(1_204, "record"), "1,204 records");
    }

    #[test]
    fn only_the_whole_is_a_hundred_percent() {
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(7, 0), 0);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }

    #[test]
    fn what_is_rare_is_not_nothing() {
        assert_eq!(
            [0.0, 0.0004, 0.001, 0.123, 0.256, 1.0].map(share),
            ["0.0 %", "< 0.1 %", "0.1 %", "12.3 %", "25.6 %", "100.0 %"]
        );
    }

    #[test]
    fn sizes_take_the_unit_that_fits() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(3_400_000), "3.4 MB");
        assert_eq!(bytes(999_960), "1.0 MB");
    }

    #[test]
    fn durations_and_rates() {
        assert_eq!(duration(430), "0.4 s");
        assert_eq!(duration(59_999), "59 s");
        assert_eq!(duration(200_000), "3 min 20 s");
        assert_eq!(rate(10_000, 500), Some(20_000));
        assert_eq!(rate(10_000, 0), None);
        assert_eq!(remaining_ms(25, 100, 2_000), Some(6_000));
        assert_eq!(remaining_ms(1, 100, 2_000), None);
        assert_eq!(remaining_ms(50, 100, 900), None);
        assert_eq!(remaining_ms(0, 0, 9_000), None);
        assert_eq!(remaining_ms(100, 100, 9_000), Some(0));
    }
}
