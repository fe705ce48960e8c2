//! A file in memory, and readers that work when someone listens: what stands for a browser's files and threads.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use error_desk::import::PartReader;
use error_desk::workspace::ports::{ByteSource, FromReader, Readers};

use crate::outside::turn_of_others;

/// A file in memory that can be read again.
pub(super) struct Rewound<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) place: usize,
    pub(super) slice: usize,
    /// Nothing comes from behind this place.
    pub(super) stalls_at: usize,
}

/// That comes to its end, in slices of so many bytes.
pub(super) fn whole(text: &str, slice: usize) -> Rewound<'_> {
    Rewound { bytes: text.as_bytes(), place: 0, slice, stalls_at: usize::MAX }
}

impl ByteSource for Rewound<'_> {
    fn total(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        if self.place > self.stalls_at {
            std::future::pending::<()>().await;
        }
        // The first slice shows what the file is.
        let slice = if self.place == 0 { 300_000 } else { self.slice };
        let end = (self.place + slice).min(self.bytes.len());
        buffer.clear();
        buffer.extend_from_slice(&self.bytes[self.place..end]);
        self.place = end;
        Ok(!buffer.is_empty())
    }

    fn go_to(&mut self, place: u64) -> bool {
        self.place = place as usize;
        true
    }
}

/// What a reader was given and has not looked at.
pub(super) enum Given {
    Begin(bool),
    Bytes(Vec<u8>),
    /// The number of the part among all that readers got, and whether it is the last one.
    End(usize, bool),
}

/// Readers that work when someone listens, the last one first, so that answers overtake each other.
#[derive(Default)]
pub(super) struct InTurns {
    pub(super) count: usize,
    pub(super) rows: usize,
    /// Bytes that they are given ahead.
    pub(super) ahead: usize,
    pub(super) readers: RefCell<Vec<(Option<PartReader>, VecDeque<Given>)>>,
    /// Answers until one of them ends.
    pub(super) lives: Cell<usize>,
    pub(super) parts: Cell<usize>,
    pub(super) begun: Cell<usize>,
    /// Parts whose answers were fetched.
    pub(super) fetched: Rc<RefCell<Vec<usize>>>,
    /// They take everything and say nothing, as threads do that never start.
    pub(super) silent: Cell<bool>,
    /// They say nothing at once, as threads do that work beside.
    pub(super) slow: bool,
    /// They were told to come up, and were ended, so many times.
    pub(super) prepared: Cell<usize>,
    pub(super) stopped: Cell<usize>,
}

impl InTurns {
    pub(super) fn of(count: usize, rows: usize) -> Self {
        Self { count, rows, ahead: usize::MAX, lives: Cell::new(usize::MAX), ..Self::default() }
    }

    fn work(&self) -> Option<FromReader> {
        let mut readers = self.readers.borrow_mut();
        let busy = readers.iter_mut().enumerate().rev().find(|(_, (_, given))| !given.is_empty());
        let (at, (reader, given)) = busy?;
        let reader = reader.as_mut().expect("what it is told");
        loop {
            return Some(match given.pop_front()? {
                Given::Begin(is_first) => {
                    reader.begin(is_first);
                    continue;
                }
                Given::Bytes(bytes) => {
                    reader.push(&bytes);
                    FromReader::Read(bytes.len())
                }
                Given::End(..) if self.lives.get() == 0 => FromReader::Ended("killed".to_owned()),
                Given::End(number, is_last) => {
                    self.lives.set(self.lives.get() - 1);
                    self.parts.set(self.parts.get() + 1);
                    let (part, fetched) = (reader.finish(is_last).write(), self.fetched.clone());
                    let fetch = move || {
                        fetched.borrow_mut().push(number);
                        part
                    };
                    FromReader::Part(at, Box::new(fetch))
                }
            });
        }
    }

    fn give(&self, reader: usize, given: Given) {
        self.readers.borrow_mut()[reader].1.push_back(given);
    }
}

impl Readers for InTurns {
    fn least_bytes(&self) -> u64 {
        0
    }

    fn rows_of_a_part(&self) -> Option<usize> {
        Some(self.rows)
    }

    fn ahead_bytes(&self, _: usize) -> usize {
        self.ahead
    }

    fn prepare(&self) {
        self.prepared.set(self.prepared.get() + 1);
    }

    fn tell(&self, told: &[u8]) -> usize {
        assert_eq!(self.prepared.get(), 1, "they come up before they are told what they read");
        let reader = || (PartReader::new(told), VecDeque::new());
        *self.readers.borrow_mut() = (0..self.count).map(|_| reader()).collect();
        self.count
    }

    fn begin_part(&self, reader: usize, is_first: bool) {
        self.begun.set(self.begun.get() + 1);
        self.give(reader, Given::Begin(is_first));
    }

    fn push(&self, reader: usize, bytes: &[u8]) {
        self.give(reader, Given::Bytes(bytes.to_vec()));
    }

    fn end_part(&self, reader: usize, is_last: bool) {
        // The part that began last: one is given after the other.
        self.give(reader, Given::End(self.begun.get(), is_last));
    }

    async fn heard(&self) -> FromReader {
        if self.slow {
            turn_of_others().await;
        }
        loop {
            if let Some(said) = Some(self).filter(|it| !it.silent.get()).and_then(Self::work) {
                return said;
            }
            turn_of_others().await;
        }
    }

    fn stop(&self) {
        self.readers.borrow_mut().clear();
        self.stopped.set(self.stopped.get() + 1);
    }
}
