//! The trail: what was done, in a chain that shows whether anybody changed it since.
//!
//! Invariant: lines are read in their order; a line that cannot be read is the first that is broken, never left out.

use super::engine::Workspace;
use super::ports::{Announcer, Clock, Gateway, Store, StoreError};
use crate::domain::{BrokenLine, ChainCheck, JournalEnd, JournalEntry};
use crate::protocol::{JournalCheck, JournalPage, Problem};

/// Lines read at once, and most lines of an answer.
const WINDOW: usize = 10_000;

impl<S: Store, G: Gateway, C: Clock, A: Announcer> Workspace<S, G, C, A> {
    /// A window of the trail, oldest first.
    pub async fn journal(&self, offset: usize, limit: usize) -> Result<JournalPage, Problem> {
        self.write_notes().await;
        let (total, entries) = self.journal_window(offset, limit.min(WINDOW)).await?;
        Ok(JournalPage { total, entries, end: self.see().journal_end })
    }

    /// Goes along the whole trail and names the first line that is not as it was written. `noted` is an end that was
    /// written down elsewhere, for example from an exported trail: the line of that number must have that hash.
    pub async fn verify_journal(&self, noted: Option<JournalEnd>) -> Result<JournalCheck, Problem> {
        self.write_notes().await;
        let mut check = ChainCheck::default();
        let broken = loop {
            // In its turn, so that no line is in the store already and not yet known here.
            let turn = self.turn.lock().await;
            let known = self.see().journal_end;
            let offset = check.end().id as usize;
            let entries = match self.store.journal(offset, WINDOW).await {
                Ok((_, entries)) => entries,
                Err(StoreError::Damaged(_)) => self.readable(offset).await?,
                Err(error) => return Err(error.into()),
            };
            drop(turn);
            if entries.is_empty() {
                break self.unreadable(offset).await?.or_else(|| check.finish(known).err());
            }
            if let Err(broken) =
                entries.iter().try_for_each(|entry| checked(&mut check, entry, noted))
            {
                break Some(broken);
            }
            self.clock.sleep(0).await;
        };
        let broken = broken.or_else(|| {
            let noted = noted.filter(|noted| noted.id > check.end().id)?;
            let why = format!(
                "the trail ends with line {}, and line {} was noted",
                check.end().id,
                noted.id
            );
            Some(BrokenLine { id: check.end().id + 1, why })
        });
        Ok(JournalCheck {
            lines: check.end().id,
            end: check.end(),
            chained: check.is_chained(),
            broken,
        })
    }

    /// The whole trail as JSON lines, each with its hash. What cannot be read ends it with an error.
    pub async fn export_journal(&self) -> Result<Vec<u8>, Problem> {
        self.note("exported", serde_json::json!({ "format": "journal" }));
        self.write_notes().await;
        let mut bytes = Vec::new();
        let mut offset = 0;
        loop {
            let (_, entries) = self.store.journal(offset, WINDOW).await?;
            if entries.is_empty() {
                return Ok(bytes);
            }
            offset += entries.len();
            for entry in entries {
                let line = serde_json::to_string(&entry)
                    .map_err(|error| Problem::invalid(format!("Line {}: {error}", entry.id)))?;
                bytes.extend_from_slice(line.as_bytes());
                bytes.push(b'\n');
            }
            self.clock.sleep(0).await;
        }
    }

    /// The lines of a window before the first that cannot be read.
    async fn readable(&self, offset: usize) -> Result<Vec<JournalEntry>, Problem> {
        let mut entries = Vec::new();
        for at in offset..offset + WINDOW {
            match self.store.journal(at, 1).await {
                Ok((_, one)) if !one.is_empty() => entries.extend(one),
                Ok(_) | Err(StoreError::Damaged(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(entries)
    }

    /// The line at this place, if it is there and cannot be read.
    async fn unreadable(&self, offset: usize) -> Result<Option<BrokenLine>, Problem> {
        match self.store.journal(offset, 1).await {
            Ok(_) => Ok(None),
            Err(StoreError::Damaged(why)) => Ok(Some(BrokenLine { id: offset as u64 + 1, why })),
            Err(error) => Err(error.into()),
        }
    }
}

fn checked(
    check: &mut ChainCheck,
    entry: &JournalEntry,
    noted: Option<JournalEnd>,
) -> Result<(), BrokenLine> {
    check.check(entry)?;
    let is_as_noted = noted.is_none_or(|noted| noted.id != entry.id || noted == check.end());
    if is_as_noted {
        return Ok(());
    }
    Err(BrokenLine { id: entry.id, why: "another hash was noted for this line".to_owned() })
}
