//! How many rows have each of up to 256 codes.
//!
//! Invariant: rows beyond those given count nowhere.

use super::bits::Bits;

/// Four counters per value in turn: like values follow each other, and adding to one counter would wait for itself.
type Lanes = [[u32; 256]; 4];

fn add_all(codes: &[u8], lanes: &mut Lanes) {
    for codes in codes.chunks(4) {
        codes.iter().zip(&mut *lanes).for_each(|(code, lane)| lane[usize::from(*code)] += 1);
    }
}

fn sum_of(lanes: &Lanes, value: usize) -> u32 {
    lanes.iter().map(|lane| lane[value]).sum()
}

/// How many rows have each code. A function of its own, which a first question runs through once for each chunk: a loop within
/// a larger one would be run to its end as browsers compile it at first, many times slower.
#[inline(never)]
pub(super) fn counts_of(codes: &[u8]) -> Vec<u32> {
    let mut lanes = [[0; 256]; 4];
    add_all(codes, &mut lanes);
    (0..256).map(|value| sum_of(&lanes, value)).collect()
}

/// Adds how many of the rows given have each code.
pub(super) fn tally_bytes(codes: &[u8], rows: &Bits, counts: &mut [usize]) {
    let mut lanes = [[0; 256]; 4];
    for (word, codes) in rows.words().iter().zip(codes.chunks(64)) {
        if *word == u64::MAX {
            add_all(codes, &mut lanes);
            continue;
        }
        let (mut word, mut lane) = (*word, 0);
        while word != 0 {
            lanes[lane % 4][usize::from(codes[word.trailing_zeros() as usize])] += 1;
            lane += 1;
            word &= word - 1;
        }
    }
    for (value, count) in counts.iter_mut().enumerate().take(256) {
        *count += sum_of(&lanes, value) as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_and_some_rows_are_counted_as_one_by_one() {
        for len in [0_usize, 1, 3, 63, 64, 65, 130, 5_003] {
            let codes: Vec<u8> = (0..len).map(|row| (row * row / 7 % 251) as u8).collect();
            let mut plain = vec![0_u32; 256];
            codes.iter().for_each(|code| plain[usize::from(*code)] += 1);
            assert_eq!(counts_of(&codes), plain);
            let mut rows = Bits::none(len);
            (0..len).filter(|row| row % 97 != 5).for_each(|row| rows.set(row));
            let mut some = vec![7_usize; 256];
            tally_bytes(&codes, &rows, &mut some);
            let mut expected = vec![7_usize; 256];
            rows.ones().for_each(|row| expected[usize::from(codes[row])] += 1);
            assert_eq!(some, expected);
        }
    }
}
