//! Rows in the order of a column.
//!
//! Texts compare by their bytes, numbers and times by value. What is missing (no time, no retry count, an empty text)
//! comes last in both directions, and ties keep the dump's order in both directions; so a descending order is not the
//! ascending one reversed, but its groups of equal rows taken from the end.
//!
//! Invariant: an order has every row of the table once, also those that a filter leaves out.

use std::ops::ControlFlow;
use std::rc::Rc;

use crate::domain::Column;

use super::Table;
use super::bits::Bits;
use super::columns::NO_TIME;
use super::dimension::Dimension;
use super::index::{Slot, slot};
use super::radix::sort_from_bit;
use super::text_order::by_text;

/// Numbers that lie in a range as small as this are counted rather than sorted.
const COUNTED: u64 = 4_096;

#[derive(Debug)]
pub(super) struct Order {
    /// Ascending; the rows that miss the value follow in the dump's order.
    slots: Vec<Slot>,
    /// Where in `slots` a value different from the one before begins; one bit for every row that has a value.
    starts: Bits,
}

impl Order {
    /// From rows in ascending order, the places where values begin, and the rows without a value.
    pub(super) fn new(mut slots: Vec<Slot>, starts: Bits, missing: Vec<Slot>) -> Self {
        debug_assert_eq!(slots.len(), starts.len());
        slots.extend(missing);
        Self { slots, starts }
    }

    #[cfg(test)]
    pub(super) fn parts(&self) -> (&[Slot], &Bits) {
        (&self.slots, &self.starts)
    }

    /// Calls `each` with every row in order until it breaks.
    pub(super) fn walk(&self, descending: bool, mut each: impl FnMut(Slot) -> ControlFlow<()>) {
        let mut visit = |slots: &[Slot]| slots.iter().try_for_each(|slot| each(*slot));
        if !descending {
            let _ = visit(&self.slots);
            return;
        }
        let mut end = self.starts.len();
        let (present, missing) = self.slots.split_at(end);
        while end > 0 {
            let mut start = end - 1;
            while start > 0 && !self.starts.get(start) {
                start -= 1;
            }
            if visit(&present[start..end]).is_break() {
                return;
            }
            end = start;
        }
        let _ = visit(missing);
    }

    /// From one number per row in the dump's order, `None` where it is missing.
    fn by_number<I: Iterator<Item = (Slot, Option<i64>)>>(rows: impl Fn() -> I) -> Self {
        let (mut least, mut most, mut last, mut count) = (i64::MAX, i64::MIN, 0, 0);
        rows().for_each(|(slot, number)| {
            if let Some(number) = number {
                least = least.min(number);
                most = most.max(number);
                last = slot;
                count += 1;
            }
        });
        let range = most.wrapping_sub(least) as u64;
        if count > 0 && range < COUNTED {
            let ranks = range as usize + 1;
            let rank = |number: Option<i64>| number.map_or(ranks, |n| (n - least) as usize);
            let ranked = |each: &mut dyn FnMut(Slot, usize)| {
                rows().for_each(|(slot, number)| each(slot, rank(number)));
            };
            return Self::by_rank(ranked, ranks);
        }
        let mut missing = Vec::new();
        // Number and slot mostly fit in one word, which sorts several times faster. Rows come in ascending order of
        // slots, so only the numbers need sorting.
        let slot_bits = u32::BITS - last.leading_zeros();
        if range.leading_zeros() >= slot_bits {
            let mut words: Vec<u64> = Vec::with_capacity(count);
            rows().for_each(|(slot, number)| match number {
                Some(number) => {
                    let above = number.wrapping_sub(least) as u64;
                    words.push(above << slot_bits | u64::from(slot));
                }
                None => missing.push(slot),
            });
            sort_from_bit(&mut words, slot_bits);
            let starts = starts(&words, |word| word >> slot_bits);
            let mask = (1 << slot_bits) - 1;
            let slots = words.into_iter().map(|word| (word & mask) as Slot).collect();
            return Self::new(slots, starts, missing);
        }
        let mut present = Vec::with_capacity(count);
        rows().for_each(|(slot, number)| match number {
            Some(number) => present.push((number, slot)),
            None => missing.push(slot),
        });
        present.sort();
        let starts = starts(&present, |(number, _)| *number);
        Self::new(present.into_iter().map(|(_, slot)| slot).collect(), starts, missing)
    }

    /// From one rank per row in the dump's order; rows of the rank `ranks` miss the value.
    fn by_rank(rows: impl Fn(&mut dyn FnMut(Slot, usize)), ranks: usize) -> Self {
        let mut places = vec![0_usize; ranks + 2];
        rows(&mut |_, rank| places[rank + 1] += 1);
        for rank in 0..=ranks {
            places[rank + 1] += places[rank];
        }
        let mut starts = Bits::none(places[ranks]);
        places[..ranks].iter().filter(|at| **at < places[ranks]).for_each(|at| starts.set(*at));
        let mut slots = vec![0; places[ranks + 1]];
        rows(&mut |slot, rank| {
            slots[places[rank]] = slot;
            places[rank] += 1;
        });
        Self { slots, starts }
    }
}

fn starts<T, K: PartialEq>(sorted: &[T], key: impl Fn(&T) -> K) -> Bits {
    let mut starts = Bits::none(sorted.len());
    for (at, value) in sorted.iter().enumerate() {
        if at == 0 || key(&sorted[at - 1]) != key(value) {
            starts.set(at);
        }
    }
    starts
}

impl Table {
    /// The order of a column; the state has none that lasts, see [`Table::listing`].
    pub(super) fn order(&self, column: Column) -> Rc<Order> {
        if let Some(known) = self.caches.borrow_mut().orders.get(&column) {
            return known;
        }
        let made = Rc::new(self.make_order(column));
        self.caches.borrow_mut().orders.put(column, Rc::clone(&made));
        made
    }

    fn make_order(&self, column: Column) -> Order {
        if let Some(dimension) = Dimension::of(column) {
            return self.dimension_order(dimension);
        }
        match column {
            Column::RecordKey => {
                by_text(self.chunks.iter().map(|c| (&c.details().record_keys).into()))
            }
            Column::Message => by_text(self.chunks.iter().map(|c| (&c.details().messages).into())),
            Column::Id => by_text(self.chunks.iter().map(|chunk| chunk.id_texts())),
            Column::RetryCount => Order::by_number(|| {
                self.all_rows().map(|(slot, chunk, row)| {
                    (slot, self.chunks[chunk].columns.retry_count(row).map(i64::from))
                })
            }),
            _ => Order::by_number(|| {
                self.all_rows().map(|(slot, chunk, row)| {
                    let time = self.chunks[chunk].columns.times[row];
                    (slot, (time != NO_TIME).then_some(time))
                })
            }),
        }
    }

    fn dimension_order(&self, dimension: Dimension) -> Order {
        let dictionary = self.dictionary(dimension);
        let mut by_text: Vec<u32> = (0..dictionary.len() as u32).collect();
        by_text
            .sort_unstable_by_key(|code| (dictionary.get(*code).is_empty(), dictionary.get(*code)));
        let mut ranks = vec![0; by_text.len()];
        by_text.iter().enumerate().for_each(|(rank, code)| ranks[*code as usize] = rank);
        // The empty text, if there is one, is last: its rank is the number of the others.
        let filled = dictionary.iter().filter(|text| !text.is_empty()).count();
        let rows = |each: &mut dyn FnMut(Slot, usize)| {
            for (at, chunk) in self.chunks.iter().enumerate() {
                let mut row = 0;
                chunk.codes[dimension as usize].for_each(|code| {
                    each(slot(at, row), ranks[code as usize]);
                    row += 1;
                });
            }
        };
        Order::by_rank(rows, filled)
    }

    fn all_rows(&self) -> impl Iterator<Item = (Slot, usize, usize)> + '_ {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(|(at, chunk)| (0..chunk.rows()).map(move |row| (slot(at, row), at, row)))
    }
}
