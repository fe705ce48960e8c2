//! A long text that other threads read, part by part: who gets which bytes, and whose answer is next.
//!
//! Parts go to whoever has fewest, and their bytes as they come, some ahead of what is read, so that no reader waits. Whoever hands
//! them out takes one as well when nothing else is to be done. Answers are taken in the order of the file, for only then is it
//! known which record is a duplicate. Where one cannot be used, reading goes on alone from the beginning of its part.
//!
//! Invariant: every byte of the file is in one part that was taken, or is read alone.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::pin::{Pin, pin};

use futures_util::{FutureExt, StreamExt, select_biased};

use super::engine::Workspace;
use super::importing::unreadable;
use super::own_part::OwnPart;
use super::ports::{Announcer, ByteSource, Clock, Fetch, FromReader, Gateway, Readers, Store};
use super::reading::Reading;
use crate::import::{Cutter, ImportOptions, Importer, Part};
use crate::protocol::Problem;

/// How long is waited before it is seen whether somebody cancelled.
const LOOK_UP_MS: u32 = 250;

/// How long is waited for bytes before something else is done: files come faster.
const SLOW_MS: u32 = 20;

/// How often progress is told at most: nobody sees more, and each time wakes other threads.
const PROGRESS_MS: u64 = 50;

/// Why work on parts stands still.
enum Next {
    /// The source was read, and may have no more.
    Slice(Result<bool, String>),
    /// All parts are taken.
    End,
    /// The next part is of no use, or a reader ended.
    Spoilt,
}

/// Who reads a part.
#[derive(Clone, Copy)]
enum Whose {
    Reader(usize),
    Own,
}

/// The parts of one file.
struct Parts<'a, R> {
    readers: &'a R,
    cutter: Cutter,
    total: u64,
    /// Bytes that readers are given ahead at most, and those that they were given and have not read yet.
    most_ahead: usize,
    ahead: usize,
    /// Where the next byte of the file is.
    place: u64,
    /// Parts that have begun, and whose the last of them is while it is open.
    begun: usize,
    open: Option<Whose>,
    /// Where the parts begin that were not taken yet.
    starts: VecDeque<u64>,
    taken: usize,
    /// The parts that each reader has.
    given: Vec<VecDeque<usize>>,
    own: OwnPart,
    /// There was nothing to do since the last part began.
    was_idle: bool,
    /// Parts that wait for their turn.
    waiting: BTreeMap<usize, Waiting>,
}

/// A part that was read.
enum Waiting {
    /// As a reader made it, and where the reader left it.
    Elsewhere(Fetch),
    Own(Part),
}

impl<R: Readers> Parts<'_, R> {
    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let whose = match self.open {
                Some(whose) => whose,
                None => self.begin(),
            };
            let end = self.cutter.cut(bytes);
            let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            match whose {
                Whose::Own => self.own.push(part),
                Whose::Reader(_) if part.is_empty() => {}
                Whose::Reader(reader) => {
                    self.readers.push(reader, part);
                    self.ahead += part.len();
                }
            }
            self.place += part.len() as u64;
            bytes = rest;
            if end.is_some() {
                self.end_part(false);
            }
        }
    }

    fn begin(&mut self) -> Whose {
        let number = self.begun;
        let is_free = self.was_idle && self.own.number().is_none();
        let whose = if is_free && self.is_sooner_here() && self.own.begin(number) {
            Whose::Own
        } else {
            // There is one at least.
            let reader = (0..self.given.len()).min_by_key(|at| self.given[*at].len()).unwrap_or(0);
            self.given[reader].push_back(number);
            self.readers.begin_part(reader, number == 0);
            Whose::Reader(reader)
        };
        self.was_idle = false;
        self.begun += 1;
        self.starts.push_back(self.place);
        self.open = Some(whose);
        whose
    }

    /// Whether the part that begins is read sooner here than behind what a reader has to read before it. Here it takes a third
    /// longer, as parts are taken and written meanwhile. The first part of a long file is: readers are still coming up.
    fn is_sooner_here(&self) -> bool {
        let left = self.total.saturating_sub(self.place);
        if self.begun == 0 {
            return left > (self.most_ahead as u64).saturating_mul(2);
        }
        let is_any_idle = self.given.iter().any(VecDeque::is_empty);
        let part = left.min(self.place / self.begun as u64);
        !is_any_idle && part / 3 <= (self.ahead / self.given.len()) as u64
    }

    fn end_part(&mut self, is_last: bool) {
        match self.open.take() {
            Some(Whose::Own) => self.own.end(is_last),
            Some(Whose::Reader(reader)) => self.readers.end_part(reader, is_last),
            None => {}
        }
    }

    /// Whether more is to be handed out: not while many parts wait for one that is read here, or to be written, nor while there
    /// is much to be read here.
    fn are_hungry(&self) -> bool {
        self.ahead < self.most_ahead
            && self.waiting.len() <= self.given.len()
            && !self.own.is_full()
    }

    /// Reads on in the part that is read here. `false`: there is nothing to read.
    fn read_own(&mut self) -> bool {
        let number = self.own.number();
        let Some(step) = self.own.step() else { return false };
        self.waiting.extend(number.zip(step.map(Waiting::Own)));
        true
    }

    /// Where the part begins that is taken next.
    fn next(&self) -> u64 {
        self.starts.front().copied().unwrap_or(self.place)
    }

    /// How many bytes of the file are read.
    fn read_through(&self) -> u64 {
        self.place - (self.ahead + self.own.unread()) as u64
    }

    /// `false`: a reader ended.
    fn hear(&mut self, heard: FromReader) -> bool {
        match heard {
            FromReader::Read(bytes) => self.ahead = self.ahead.saturating_sub(bytes),
            FromReader::Part(reader, fetch) => {
                let number = self.given.get_mut(reader).and_then(VecDeque::pop_front);
                let Some(number) = number else { return false };
                self.waiting.insert(number, Waiting::Elsewhere(fetch));
            }
            FromReader::Ended(_) => return false,
        }
        true
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Reads as much of the file as others can; the source stands at what is left.
    pub(super) async fn read_in_parts<'a>(
        &'a self,
        reading: &mut Reading<'a>,
        source: &mut impl ByteSource,
        options: &ImportOptions,
        readers: &impl Readers,
    ) -> Result<(), Problem> {
        if source.total().is_none_or(|bytes| bytes < readers.least_bytes()) || !source.go_to(0) {
            return Ok(());
        }
        readers.prepare();
        let read = self.hand_out(reading, source, options, readers).await;
        readers.stop();
        if let Some(place) = read? {
            reading.go_to(place);
            reading.writes_meanwhile();
            source.go_to(place);
        }
        Ok(())
    }

    /// The place from which on reading goes on alone; `None` where all is read.
    async fn hand_out<'a>(
        &'a self,
        reading: &mut Reading<'a>,
        source: &mut impl ByteSource,
        options: &ImportOptions,
        readers: &impl Readers,
    ) -> Result<Option<u64>, Problem> {
        let mut slice = Vec::new();
        let mut has_more =
            source.read(&mut slice).await.map_err(|why| unreadable(reading.name(), &why))?;
        let Some(told) = Importer::told_to_readers(&slice, options) else { return Ok(Some(0)) };
        let count = readers.tell(&told);
        if count == 0 {
            return Ok(Some(0));
        }
        let Some(found) = Importer::in_parts(&slice, options) else { return Ok(Some(0)) };
        reading.importer = found.importer;
        let mut parts = Parts {
            readers,
            cutter: match readers.rows_of_a_part() {
                Some(rows) => found.cutter.with_rows(rows),
                None => found.cutter,
            },
            total: source.total().unwrap_or(0),
            most_ahead: readers.ahead_bytes(count),
            ahead: 0,
            place: found.mark_len as u64,
            begun: 0,
            open: None,
            starts: VecDeque::new(),
            taken: 0,
            given: vec![VecDeque::new(); count],
            own: OwnPart::new(told),
            // Readers are not there yet.
            was_idle: true,
            waiting: BTreeMap::new(),
        };
        parts.push(&slice[found.mark_len..]);
        loop {
            let next = {
                let read = pin!(source.read(&mut slice));
                // Erased, which keeps it apart from this function: it is what runs often.
                self.work_until(reading, &mut parts, read, has_more).boxed_local().await?
            };
            has_more = match next {
                Next::Slice(more) => more.map_err(|why| unreadable(reading.name(), &why))?,
                Next::Spoilt => return Ok(Some(parts.next())),
                Next::End => return Ok(None),
            };
            match has_more {
                true => parts.push(&slice),
                false => parts.end_part(true),
            }
        }
    }

    /// Does what is to be done until the next slice is there and wanted, or all parts are taken.
    async fn work_until<'a, R: Readers>(
        &'a self,
        reading: &mut Reading<'a>,
        parts: &mut Parts<'_, R>,
        mut read: Pin<&mut impl Future<Output = Result<bool, String>>>,
        has_more: bool,
    ) -> Result<Next, Problem> {
        loop {
            while let Some(heard) = parts.readers.heard().now_or_never() {
                if !parts.hear(heard) {
                    return Ok(Next::Spoilt);
                }
            }
            if !self.take_waiting(reading, parts).await? {
                return Ok(Next::Spoilt);
            }
            if !has_more && parts.taken == parts.begun {
                self.tell_progress(reading, parts.read_through(), 0);
                return Ok(Next::End);
            }
            if !has_more && parts.read_through() == parts.place {
                reading.only_writes();
            }
            self.tell_progress(reading, parts.read_through(), PROGRESS_MS);
            self.give_turn(reading).await?;
            // Bytes come first, unless they are slow: what is read here is read in the time that is left.
            let is_hungry = has_more && parts.are_hungry();
            if !is_hungry && parts.read_own() {
                continue;
            }
            parts.was_idle |= !is_hungry;
            let patience_ms = if parts.own.unread() > 0 { SLOW_MS } else { LOOK_UP_MS };
            let slice = async {
                match is_hungry {
                    true => read.as_mut().await,
                    false => pending().await,
                }
            };
            let put = async {
                match reading.puts.next().await {
                    Some(put) => put,
                    None => pending().await,
                }
            };
            select_biased! {
                heard = pin!(parts.readers.heard().fuse()) => if !parts.hear(heard) {
                    return Ok(Next::Spoilt);
                },
                put = pin!(put.fuse()) => put?,
                more = pin!(slice.fuse()) => return Ok(Next::Slice(more)),
                () = pin!(self.clock.sleep(patience_ms).fuse()) => {
                    parts.read_own();
                }
            }
        }
    }

    /// Takes every part whose turn has come, as long as what was taken before is being written. `false`: the next one is of no
    /// use.
    async fn take_waiting<'a, R: Readers>(
        &'a self,
        reading: &mut Reading<'a>,
        parts: &mut Parts<'_, R>,
    ) -> Result<bool, Problem> {
        while reading.may_write().await?
            && let Some(part) = parts.waiting.remove(&parts.taken)
        {
            if !self.take_part(reading, part) {
                return Ok(false);
            }
            parts.taken += 1;
            parts.starts.pop_front();
            reading.go_to(parts.next());
            self.write_full(reading).await?;
        }
        Ok(true)
    }

    fn take_part(&self, reading: &mut Reading<'_>, part: Waiting) -> bool {
        let part = match part {
            Waiting::Own(part) => part,
            Waiting::Elsewhere(fetch) => Part::read(fetch()).unwrap_or_default(),
        };
        let state = self.see();
        let mut session = reading.builder.session(&state.table, &state.ledger);
        reading.importer.take_part(part, &mut session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::own_part::tests::long_text;
    use crate::workspace::ports::NoReaders;

    const MB: u64 = 1 << 20;

    /// Of a file of so many megabytes in parts of 24 each, of which `begun` have begun. Readers have so many parts, and together so
    /// many megabytes to read.
    fn is_sooner_here(begun: usize, total: u64, given: &[usize], ahead: usize) -> bool {
        let text = long_text();
        let options = ImportOptions::default();
        let told = Importer::told_to_readers(text.as_bytes(), &options).expect("enough to decide");
        let found = Importer::in_parts(text.as_bytes(), &options).expect("a file in parts");
        let parts = Parts {
            readers: &NoReaders,
            cutter: found.cutter,
            total: total * MB,
            most_ahead: NoReaders.ahead_bytes(given.len()),
            ahead: ahead << 20,
            place: begun as u64 * 24 * MB,
            begun,
            open: None,
            starts: VecDeque::new(),
            taken: 0,
            given: given.iter().map(|parts| (0..*parts).collect()).collect(),
            own: OwnPart::new(told),
            was_idle: true,
            waiting: BTreeMap::new(),
        };
        parts.is_sooner_here()
    }

    #[test]
    fn a_part_goes_to_whoever_has_read_it_first() {
        // While a reader comes up, unless the file is short.
        assert!(is_sooner_here(0, 400, &[0], 0));
        assert!(!is_sooner_here(0, 30, &[0], 0));
        // In the midst of the file a reader has most of a part before it, or it has waited.
        assert!(is_sooner_here(8, 400, &[1], 15));
        assert!(!is_sooner_here(8, 400, &[1], 5));
        // Of what is left at the end less needs to be before it.
        assert!(is_sooner_here(16, 390, &[1], 5));
        assert!(!is_sooner_here(16, 400, &[1], 4));
        // No reader stands idle.
        assert!(is_sooner_here(8, 400, &[1, 2, 1], 60));
        assert!(!is_sooner_here(8, 400, &[1, 2, 0], 60));
    }
}
