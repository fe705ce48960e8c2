//! A long text that other threads read, part by part: who gets which bytes, and whose answer is next.
//!
//! Parts are handed out in turn, and their bytes as they come, some ahead of what is read, so that no reader waits. Answers are
//! taken in the order of the file, for only then is it known which record is a duplicate. Where one cannot be used, reading
//! goes on alone from the beginning of its part.
//!
//! Invariant: every byte of the file is in one part that was taken, or is read alone.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::engine::Workspace;
use super::importing::unreadable;
use super::ports::{Announcer, ByteSource, Clock, FromReader, Gateway, Readers, Store};
use super::reading::Reading;
use crate::import::{Cutter, ImportOptions, Importer, Part};
use crate::protocol::Problem;

/// Bytes that are given to each reader ahead: about as many as a part has, so that each has one while the others are served.
const AHEAD_BYTES: usize = 24 << 20;

/// How long is waited for a reader before it is seen whether somebody cancelled.
const LOOK_UP_MS: u32 = 250;

/// The parts of one file.
struct Parts<'a, R> {
    readers: &'a R,
    count: usize,
    cutter: Cutter,
    /// Bytes given and not read yet.
    ahead: usize,
    /// Where the next byte of the file is.
    place: u64,
    /// Parts that have begun; the last of them may be open.
    begun: usize,
    is_open: bool,
    /// Where the parts begin that were not taken yet.
    starts: VecDeque<u64>,
    taken: usize,
    /// Answers each reader gave, and those that wait for their turn.
    answered: Vec<usize>,
    waiting: BTreeMap<usize, Vec<u8>>,
}

impl<R: Readers> Parts<'_, R> {
    /// The reader of the part that is open.
    fn reader(&self) -> usize {
        (self.begun - 1) % self.count
    }

    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if !self.is_open {
                self.is_open = true;
                self.begun += 1;
                self.starts.push_back(self.place);
                self.readers.begin_part(self.reader(), self.begun == 1);
            }
            let end = self.cutter.cut(bytes);
            let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            if !part.is_empty() {
                self.readers.push(self.reader(), part);
            }
            self.ahead += part.len();
            self.place += part.len() as u64;
            bytes = rest;
            if end.is_some() {
                self.end_part(false);
            }
        }
    }

    fn end_part(&mut self, is_last: bool) {
        if self.is_open {
            self.is_open = false;
            self.readers.end_part(self.reader(), is_last);
        }
    }

    /// Where the part begins that is taken next.
    fn next(&self) -> u64 {
        self.starts.front().copied().unwrap_or(self.place)
    }

    /// How many bytes of the file the readers are through with.
    fn read_through(&self) -> u64 {
        self.place - self.ahead as u64
    }

    /// `false`: a reader ended.
    fn hear(&mut self, heard: FromReader) -> bool {
        match heard {
            FromReader::Read(bytes) => self.ahead = self.ahead.saturating_sub(bytes),
            FromReader::Part(reader, answer) => {
                let Some(turn) = self.answered.get_mut(reader) else { return false };
                self.waiting.insert(*turn * self.count + reader, answer);
                *turn += 1;
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
        let read = self.hand_out(reading, source, options, readers).await;
        readers.stop();
        if let Some(place) = read? {
            reading.go_to(place);
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
        let Some(found) = Importer::in_parts(&slice, options) else { return Ok(Some(0)) };
        let count = readers.start(&found.told);
        if count == 0 {
            return Ok(Some(0));
        }
        reading.importer = found.importer;
        let mut parts = Parts {
            readers,
            count,
            cutter: match readers.rows_of_a_part() {
                Some(rows) => found.cutter.with_rows(rows),
                None => found.cutter,
            },
            ahead: 0,
            place: found.mark_len as u64,
            begun: 0,
            is_open: false,
            starts: VecDeque::new(),
            taken: 0,
            answered: vec![0; count],
            waiting: BTreeMap::new(),
        };
        parts.push(&slice[found.mark_len..]);
        while has_more || parts.taken < parts.begun {
            let mut is_usable = true;
            if has_more && parts.ahead < count * AHEAD_BYTES {
                let more = {
                    let mut read = pin!(source.read(&mut slice));
                    // Answers are not kept waiting by a disk that is slow.
                    loop {
                        match select(read.as_mut(), pin!(readers.heard())).await {
                            Either::Left((more, _)) => break more,
                            Either::Right((heard, _)) => {
                                is_usable = self.take_heard(reading, &mut parts, heard).await?;
                            }
                        }
                        if !is_usable {
                            break read.await;
                        }
                    }
                };
                has_more = more.map_err(|why| unreadable(reading.name(), &why))?;
                match has_more {
                    true => parts.push(&slice),
                    false => parts.end_part(true),
                }
            } else {
                let heard = self.hear(reading.name(), readers).await?;
                is_usable = self.take_heard(reading, &mut parts, heard).await?;
            }
            while is_usable && let Some(heard) = readers.heard().now_or_never() {
                is_usable = self.take_heard(reading, &mut parts, heard).await?;
            }
            if !is_usable {
                return Ok(Some(parts.next()));
            }
            self.pause_reading(reading, parts.read_through()).await?;
        }
        Ok(None)
    }

    /// What a reader says next. Whoever cancels does not wait for it.
    async fn hear(&self, name: &str, readers: &impl Readers) -> Result<FromReader, Problem> {
        loop {
            match select(pin!(readers.heard()), pin!(self.clock.sleep(LOOK_UP_MS))).await {
                Either::Left((heard, _)) => return Ok(heard),
                Either::Right(_) => self.check_cancelled(name)?,
            }
        }
    }

    /// Takes what a reader says, and every answer whose turn has come. `false`: the next part is of no use.
    async fn take_heard<'a, R: Readers>(
        &'a self,
        reading: &mut Reading<'a>,
        parts: &mut Parts<'_, R>,
        heard: FromReader,
    ) -> Result<bool, Problem> {
        if !parts.hear(heard) {
            return Ok(false);
        }
        let before = parts.taken;
        while let Some(answer) = parts.waiting.remove(&parts.taken) {
            if !self.take_part(reading, &answer) {
                return Ok(false);
            }
            parts.taken += 1;
            parts.starts.pop_front();
            reading.go_to(parts.next());
            self.write_full(reading).await?;
        }
        if parts.taken > before {
            self.pause_reading(reading, parts.read_through()).await?;
        }
        Ok(true)
    }

    fn take_part(&self, reading: &mut Reading<'_>, answer: &[u8]) -> bool {
        let Some(part) = Part::read(answer) else { return false };
        let state = self.see();
        let mut session = reading.builder.session(&state.table, &state.ledger);
        reading.importer.take_part(part, &mut session)
    }
}
