//! What spreadsheets made of cells: numbers that are rounded, texts that are cut off.

/// Letters that a cell holds at most.
const MOST_CHARS: usize = 32_767;

/// Whether a text ends where a cell ends.
pub(super) fn is_cut_off(text: &str) -> bool {
    text.len() >= MOST_CHARS && text.chars().count() == MOST_CHARS
}

/// A count, also as spreadsheets write whole numbers.
pub(super) fn read_count(text: &str) -> Option<u32> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

/// A long number as a spreadsheet shows it: `5.63714E+09`.
pub(super) fn is_rounded(id: &str) -> bool {
    let Some(plus) = memchr::memchr(b'+', id.as_bytes()) else { return false };
    let (Some(number), power) = (id[..plus].strip_suffix('E'), &id[plus + 1..]) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number(power) && number.split([',', '.']).all(is_number)
}
