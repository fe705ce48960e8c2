//! Which records a dump showed again, as the bytes beside its manifest: small, since they may be a million.
//!
//! All numbers are written in groups of seven bits, the lowest first. A form (1); datasets: their number, then for each its
//! id, its number of runs, and for each run the distance from the end of the one before and its length; causes that changed:
//! their number, then for each the dataset's id, its row, length and text.
//!
//! Invariant: nothing is written where there are none, and bytes that are not of this form are damage.

use std::collections::BTreeMap;

use crate::domain::{DatasetId, RecordId, Run, SeenAgain};
use crate::workspace::ports::StoreError;

use super::Place;

const FORM: u64 = 1;

pub(super) fn write(seen: &SeenAgain) -> Vec<u8> {
    let mut bytes = Vec::new();
    if seen.is_empty() {
        return bytes;
    }
    let mut put = |mut number: u64| {
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
    };
    put(FORM);
    put(seen.runs().len() as u64);
    for (dataset, runs) in seen.runs() {
        put(dataset.0.into());
        put(runs.len() as u64);
        let mut end = 0;
        for run in runs {
            put((run.first - end).into());
            put(run.count.into());
            end = run.first + run.count;
        }
    }
    put(seen.causes().len() as u64);
    for (record, cause) in seen.causes() {
        put(record.dataset().0.into());
        put(record.row().into());
        put(cause.len() as u64);
        cause.bytes().for_each(|byte| put(byte.into()));
    }
    bytes
}

pub(super) fn read(place: &Place, bytes: &[u8]) -> Result<SeenAgain, StoreError> {
    if bytes.is_empty() {
        return Ok(SeenAgain::default());
    }
    let damaged = || place.damaged("what it showed again cannot be read");
    parse(&mut bytes.iter().copied()).ok_or_else(damaged)
}

fn parse(bytes: &mut impl Iterator<Item = u8>) -> Option<SeenAgain> {
    if number(bytes)? != FORM {
        return None;
    }
    let mut all = BTreeMap::new();
    for _ in 0..number(bytes)? {
        let dataset = DatasetId(small(bytes)?);
        let mut runs = Vec::new();
        let mut end = 0_u32;
        for _ in 0..number(bytes)? {
            let (first, count) = (end.checked_add(small(bytes)?)?, small(bytes)?);
            end = first.checked_add(count)?;
            runs.push(Run { first, count });
        }
        all.insert(dataset, runs);
    }
    let mut causes = BTreeMap::new();
    for _ in 0..number(bytes)? {
        let record = RecordId::new(DatasetId(small(bytes)?), small(bytes)?);
        let mut text = Vec::new();
        for _ in 0..number(bytes)? {
            text.push(u8::try_from(number(bytes)?).ok()?);
        }
        causes.insert(record, String::from_utf8(text).ok()?);
    }
    let seen = SeenAgain::restored(all, causes)?;
    bytes.next().is_none().then_some(seen)
}

fn small(bytes: &mut impl Iterator<Item = u8>) -> Option<u32> {
    u32::try_from(number(bytes)?).ok()
}

fn number(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = bytes.next()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
