//! What tests of a whole desk put in the place of the outside: a file, and a wait that only lets others have their turn.

use std::future::poll_fn;
use std::task::Poll;

use error_desk::workspace::ports::ByteSource;

/// A file in memory, read in slices of one size, better an odd one.
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    slice: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8], slice: usize) -> Self {
        Self { rest: bytes, slice }
    }
}

impl ByteSource for Bytes<'_> {
    fn total(&self) -> Option<u64> {
        Some(self.rest.len() as u64)
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, String> {
        let (slice, rest) = self.rest.split_at(self.rest.len().min(self.slice));
        self.rest = rest;
        buffer.clear();
        buffer.extend_from_slice(slice);
        Ok(!slice.is_empty())
    }
}

/// Goes on when everybody else had a turn.
pub(crate) async fn turn_of_others() {
    let mut waited = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
