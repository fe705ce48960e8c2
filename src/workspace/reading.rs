//! A dump from its first byte to its last: rows are made, segments written as they fill up.
//!
//! A long text is read in parts by other threads, if there are any (`reading_parts`), for as long as their answers are of use;
//! the rest, and everything else, is read here.
//!
//! Invariant: what has begun to be written has ended when this ends, so that whoever removes it finds all of it.

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use sha2::{Digest, Sha256};

use super::bundle::hex;
use super::engine::Workspace;
use super::importing::{Loaded, unreadable};
use super::loading::{details_of, head_of};
use super::ports::{Announcer, ByteSource, Clock, Gateway, Readers, Room, Store, StoreError};
use super::room::Taken;
use crate::dataset::{ChunkRef, DatasetBuilder, Sealed, Segment, frame_of};
use crate::domain::{DatasetId, Timestamp};
use crate::import::{ImportOptions, ImportSummary, Importer};
use crate::protocol::{Event, ImportProgress, Problem};

/// Segments that are written at the same time: one by the browser, one that waits for it.
const PUTS_AT_ONCE: usize = 2;

/// The same once all is read: whoever waits for one of them then has nothing else to do.
const LAST_PUTS_AT_ONCE: usize = 4;

/// A dump that is being read.
pub(super) struct Reading<'a> {
    pub(super) importer: Importer,
    pub(super) builder: DatasetBuilder,
    segments: Vec<Segment>,
    /// Over the frames of what was written: the journal tells by it which records an import brought.
    digest: Sha256,
    pub(super) puts: FuturesUnordered<LocalBoxFuture<'a, Result<(), Problem>>>,
    puts_at_once: usize,
    taken: Taken,
    room: Room,
    progress: ImportProgress,
    /// When it was told last.
    told_ms: Option<u64>,
    began: Timestamp,
}

impl Reading<'_> {
    /// The name of the dump.
    pub(super) fn name(&self) -> &str {
        &self.progress.name
    }

    /// What lies before that place of the file is in the builder.
    pub(super) fn go_to(&mut self, place: u64) {
        self.taken.bytes_read = place;
    }

    /// All of the file is read; what is left is to be taken and written.
    pub(super) fn only_writes(&mut self) {
        self.puts_at_once = LAST_PUTS_AT_ONCE;
    }

    /// There is more to be read, after all.
    pub(super) fn writes_meanwhile(&mut self) {
        self.puts_at_once = PUTS_AT_ONCE;
    }

    /// Whether more may be written while the browser is at what it was given.
    pub(super) async fn may_write(&mut self) -> Result<bool, Problem> {
        self.begin_puts().await?;
        Ok(self.puts.len() < self.puts_at_once)
    }

    /// Begins what has not begun yet, and takes the results of what is done.
    async fn begin_puts(&mut self) -> Result<(), Problem> {
        while let Some(Some(put)) = self.puts.next().now_or_never() {
            put?;
        }
        Ok(())
    }
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    pub(super) async fn read_dump(
        &self,
        source: &mut impl ByteSource,
        options: ImportOptions,
        dataset: DatasetId,
        room: Room,
        readers: &impl Readers,
    ) -> Result<Loaded, Problem> {
        let bytes_total = source.total().unwrap_or(0);
        let mut reading = Reading {
            importer: Importer::new(options.clone()),
            builder: DatasetBuilder::new(dataset),
            segments: Vec::new(),
            digest: Sha256::new(),
            puts: FuturesUnordered::new(),
            puts_at_once: PUTS_AT_ONCE,
            taken: Taken { bytes_total, ..Taken::default() },
            room,
            progress: ImportProgress {
                name: options.name.clone(),
                bytes_read: 0,
                bytes_total,
                rows_read: 0,
                elapsed_ms: 0,
            },
            told_ms: None,
            began: self.clock.now(),
        };
        let read = async {
            self.read_in_parts(&mut reading, source, &options, readers).boxed_local().await?;
            self.read_alone(&mut reading, source).boxed_local().await
        };
        let read = read.await;
        // What has begun ends before anybody removes its segments.
        while reading.puts.next().await.is_some() {}
        let seen_again = reading.builder.take_seen_again();
        let Reading { segments, digest, .. } = reading;
        let digest = hex(digest.finalize());
        read.map(|summary| Loaded { summary, segments, digest, seen_again })
    }

    /// Reads what the source still has.
    async fn read_alone<'a>(
        &'a self,
        reading: &mut Reading<'a>,
        source: &mut impl ByteSource,
    ) -> Result<ImportSummary, Problem> {
        let mut slice = Vec::new();
        let mut has_more = true;
        loop {
            if has_more {
                let read = source.read(&mut slice).await;
                // Whoever cancels may break the connection.
                self.check_cancelled(reading.name())?;
                has_more = read.map_err(|why| unreadable(reading.name(), &why))?;
                // What comes from elsewhere tells its size when it begins.
                let total = source.total().unwrap_or(0);
                (reading.progress.bytes_total, reading.taken.bytes_total) = (total, total);
            }
            let goes_on = {
                let state = self.see();
                let mut session = reading.builder.session(&state.table, &state.ledger);
                if has_more {
                    reading.importer.push(&slice, &mut session)?;
                    true
                } else {
                    // Archives are read when all of them is there.
                    reading.importer.go_on(&mut session)?
                }
            };
            if !goes_on {
                break;
            }
            if has_more {
                reading.taken.bytes_read += slice.len() as u64;
            }
            self.write_full(reading).await?;
            self.pause_reading(reading, reading.taken.bytes_read).await?;
        }
        let importer =
            std::mem::replace(&mut reading.importer, Importer::new(ImportOptions::default()));
        let summary = {
            let state = self.see();
            importer.finish(&mut reading.builder.session(&state.table, &state.ledger))?
        };
        let dataset = reading.builder.dataset();
        reading.taken.rows = reading.builder.loaded() as u64;
        for segment in reading.builder.take_rest() {
            self.check_cancelled(reading.name())?;
            self.write(reading, dataset, segment)?;
        }
        while let Some(put) = reading.puts.next().await {
            put?;
        }
        self.check_cancelled(reading.name())?;
        Ok(summary)
    }

    /// Writes the segments that are full.
    pub(super) async fn write_full<'a>(&'a self, reading: &mut Reading<'a>) -> Result<(), Problem> {
        reading.taken.rows = reading.builder.loaded() as u64;
        let dataset = reading.builder.dataset();
        while let Some(segment) = reading.builder.take_full() {
            // The browser writes while the next slices are read.
            while reading.puts.len() >= reading.puts_at_once {
                reading.puts.next().await.transpose()?;
            }
            self.write(reading, dataset, segment)?;
        }
        reading.begin_puts().await
    }

    fn write<'a>(
        &'a self,
        reading: &mut Reading<'a>,
        dataset: DatasetId,
        sealed: Sealed,
    ) -> Result<(), Problem> {
        let chunk = ChunkRef { dataset, chunk: reading.segments.len() as u32 };
        let (segment, parts) = sealed.store(chunk);
        parts.iter().for_each(|part| reading.digest.update(frame_of(part)));
        let stored = parts.iter().map(Vec::len).sum();
        reading.taken.add(segment.rows(), stored, segment.held_bytes());
        let put = self.write_chunk(chunk, parts);
        reading.puts.push(Box::pin(async move { Ok(put.await?) }));
        reading.segments.push(segment);
        reading.taken.fits(reading.room, self.see().table.held_bytes() as u64, reading.name())
    }

    /// Writes both parts of a chunk, or none.
    pub(super) async fn write_chunk(
        &self,
        ChunkRef { dataset, chunk }: ChunkRef,
        [head, details]: [Vec<u8>; 2],
    ) -> Result<(), StoreError> {
        let parts = vec![(head_of(chunk), head), (details_of(chunk), details)];
        self.store.put_segments(dataset, parts).await
    }

    /// Tells that so many bytes are read. Questions and the queue get their turn.
    pub(super) async fn pause_reading(
        &self,
        reading: &mut Reading<'_>,
        bytes_read: u64,
    ) -> Result<(), Problem> {
        self.tell_progress(reading, bytes_read, 0);
        self.give_turn(reading).await
    }

    /// Tells that so many bytes are read, if that was not told within so many milliseconds.
    pub(super) fn tell_progress(&self, reading: &mut Reading<'_>, bytes_read: u64, within_ms: u64) {
        let elapsed = self.clock.now().millis() - reading.began.millis();
        let elapsed_ms = elapsed.max(0) as u64;
        if reading.told_ms.is_some_and(|told| elapsed_ms.abs_diff(told) < within_ms) {
            return;
        }
        reading.told_ms = Some(elapsed_ms);
        reading.progress.bytes_read = bytes_read;
        reading.progress.rows_read = reading.importer.rows_read();
        reading.progress.elapsed_ms = elapsed_ms;
        self.announcer.announce(Event::ImportProgress(reading.progress.clone()));
    }

    /// Questions and the queue get their turn.
    pub(super) async fn give_turn(&self, reading: &Reading<'_>) -> Result<(), Problem> {
        self.clock.sleep(0).await;
        self.check_cancelled(reading.name())
    }
}
