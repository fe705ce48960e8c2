//! Everything into one file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Footer, Header, KIND, SegmentLine, VERSION, hex};
use crate::domain::{BrokenLine, ChainCheck, DatasetId};
use crate::protocol::{Code, Problem};
use crate::workspace::Workspace;
use crate::workspace::loading::stored_segments;
use crate::workspace::ports::{Announcer, Clock, Commit, Gateway, Store};

/// Lines of the journal that are read at once.
const WINDOW: usize = 10_000;

/// Bytes that are handed on at once.
const PIECE: usize = 1 << 20;

/// Hands lines on, and remembers what they were.
struct Sink<F> {
    take: F,
    piece: Vec<u8>,
    hash: Sha256,
}

impl<F: FnMut(&[u8]) -> Result<(), Problem>> Sink<F> {
    fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.piece.extend_from_slice(text.as_bytes());
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Problem> {
        self.hash.update(&self.piece);
        (self.take)(&self.piece)?;
        self.piece.clear();
        Ok(())
    }

    fn json(&mut self, line: &impl Serialize) -> Result<(), Problem> {
        let text = serde_json::to_string(line).map_err(|error| {
            Problem::new(Code::Internal, format!("The bundle cannot be written: {error}"), "")
        })?;
        self.line(&text)
    }
}

fn broken_journal(broken: &BrokenLine) -> Problem {
    Problem::new(
        Code::StorageUnavailable,
        format!("Line {} of the journal is not as it was written: {}", broken.id, broken.why),
        "No desk would take a bundle of it. Look at it with Journal, Verify; dumps can be exported",
    )
}

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// Everything this desk holds, as the bytes of a bundle, piece by piece: records, jobs, requests with their outcomes,
    /// what was dismissed, settings, journal. Who cannot take a piece ends it. The journal tells of the hand-over, in the bundle as well.
    pub async fn export_bundle(
        &self,
        take: impl FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.note("exported", json!({ "format": "bundle" }));
        self.write_notes().await;
        // Nobody removes a dump or rewrites a segment until all of them are in the bundle, as the values tell of them.
        let _all_stay = self.importing.lock().await;
        let rewriting = self.rewriting.lock().await;
        // What was dismissed is gone: from the bundle as well.
        self.erase().await;
        if !self.see().table.chunks_to_erase().is_empty() {
            return Err(Problem::new(
                Code::StorageFull,
                "Texts of dismissed records are still stored, since they could not be erased",
                "Make room in the browser's storage and make the bundle again",
            ));
        }
        let mut sink = Sink { take, piece: Vec::new(), hash: Sha256::new() };
        let segments = {
            // In its turn: the values belong together.
            let _turn = self.turn.lock().await;
            self.see().check_whole()?;
            let commit = self.everything().await?;
            let segments: Vec<_> = stored_segments(&commit.manifests).collect();
            sink.json(&Header {
                bundle: KIND.to_owned(),
                version: VERSION,
                made_at: self.clock.now(),
                end: self.see().journal_end,
                datasets: commit.manifests.len(),
                requests: commit.requests.len(),
                segments: segments.len(),
            })?;
            for line in self.store.write_lines(&commit)? {
                sink.line(&line)?;
            }
            segments
        };
        for (dataset, index) in segments {
            let bytes = self.store.segment(dataset, index).await?;
            let bytes = STANDARD.encode(bytes).into();
            sink.json(&SegmentLine { segment: (dataset.0, index), bytes })?;
            // Questions and the queue get their turn.
            self.clock.sleep(0).await;
        }
        drop(rewriting);
        // What was dismissed meanwhile waits to be erased.
        self.signals.wake();
        sink.flush()?;
        let sha256 = hex(sink.hash.clone().finalize());
        sink.json(&Footer { sha256 })?;
        sink.flush()
    }

    /// All that is stored, as one commit that would make it.
    async fn everything(&self) -> Result<Commit, Problem> {
        let (mut journal, mut check) = (Vec::new(), ChainCheck::default());
        loop {
            let (_, entries) = self.store.journal(journal.len(), WINDOW).await?;
            if entries.is_empty() {
                break;
            }
            let broken = entries.iter().try_for_each(|line| check.check(line));
            broken.map_err(|broken| broken_journal(&broken))?;
            journal.extend(entries);
        }
        let state = self.see();
        check.finish(state.journal_end).map_err(|broken| broken_journal(&broken))?;
        let given = (1..state.next_dataset).map(DatasetId);
        Ok(Commit {
            manifests: state.manifests.values().cloned().collect(),
            removed: given.filter(|id| !state.manifests.contains_key(id)).collect(),
            jobs: state.queue.jobs().cloned().collect(),
            requests: state.queue.requests().cloned().collect(),
            dismissals: state.ledger.identities(),
            settings: Some(state.settings.clone()),
            journal,
        })
    }
}
