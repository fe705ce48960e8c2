//! A desk over the store in memory, with a clock that is turned by hand and a gateway that can fail.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use error_desk::domain::{DatasetId, Filter, RecordOutcome, RecordState, RequestId, Timestamp};
use error_desk::gateway::Rehearsal;
use error_desk::import::{ImportOptions, ImportReport};
use error_desk::protocol::{ConfigureParams, Event, Problem};
use error_desk::store::MemoryStore;
use error_desk::workspace::ports::{
    Announcer, ByteSource, Clock, Gateway, GatewayError, Readers, RetryItem, Room, Store,
};
use error_desk::workspace::{Pause, Workspace};
use futures_util::FutureExt;

use crate::outside::{Bytes, turn_of_others};

/// Time goes on when someone waits, and others get their turn.
#[derive(Clone, Default)]
pub(crate) struct HandClock(Rc<Cell<i64>>);

impl HandClock {
    pub(crate) fn pass(&self, millis: i64) {
        self.0.set(self.0.get() + millis);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_770_000_000_000 + self.0.get()).expect("a moment of 2026")
    }

    async fn sleep(&self, millis: u32) {
        self.0.set(self.0.get() + i64::from(millis.max(1)));
        turn_of_others().await;
    }
}

/// The rehearsal behind a line that can be cut for single requests.
#[derive(Clone, Default)]
pub(crate) struct Line {
    pub(crate) cut: Rc<RefCell<Vec<RequestId>>>,
}

impl Gateway for Line {
    async fn retry(
        &self,
        request: RequestId,
        items: &[RetryItem],
    ) -> Result<Vec<RecordOutcome>, GatewayError> {
        if self.cut.borrow().contains(&request) {
            return Err(GatewayError::Unreachable("the line is cut".to_owned()));
        }
        Rehearsal.retry(request, items).await
    }

    fn is_rehearsal(&self) -> bool {
        true
    }
}

#[derive(Clone, Default)]
pub(crate) struct Heard(Rc<RefCell<Vec<Event>>>);

impl Announcer for Heard {
    fn announce(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

/// A file that comes in many slices.
pub(crate) fn file(bytes: &[u8]) -> Bytes<'_> {
    Bytes::new(bytes, 4_099)
}

pub(crate) struct Desk {
    workspace: Workspace<MemoryStore, Line, HandClock, Heard>,
    pub(crate) clock: HandClock,
    pub(crate) line: Line,
    heard: Heard,
}

impl Deref for Desk {
    type Target = Workspace<MemoryStore, Line, HandClock, Heard>;

    fn deref(&self) -> &Self::Target {
        &self.workspace
    }
}

impl Desk {
    /// Opens the store; dismissals do not wait unless a test says so.
    pub(crate) async fn open(store: &MemoryStore) -> Self {
        Self::try_open(store).await.expect("the store opens")
    }

    pub(crate) async fn try_open(store: &MemoryStore) -> Result<Self, Problem> {
        let desk = Self::open_lazily(store).await?;
        desk.load_rest().await;
        Ok(desk)
    }

    /// As a start leaves it: what records say in their own words is still in the store.
    pub(crate) async fn open_lazily(store: &MemoryStore) -> Result<Self, Problem> {
        let (clock, line, heard) = (HandClock::default(), Line::default(), Heard::default());
        let workspace =
            Workspace::open(store.clone(), line.clone(), clock.clone(), heard.clone()).await?;
        let desk = Self { workspace, clock, line, heard };
        if desk.settings().dismiss_hold_seconds != 0 {
            desk.configure(ConfigureParams {
                dismiss_hold_seconds: Some(0),
                ..ConfigureParams::default()
            })
            .await?;
        }
        Ok(desk)
    }

    pub(crate) async fn import(&self, name: &str, text: &str) -> Result<ImportReport, Problem> {
        let options = ImportOptions { name: name.to_owned(), ..ImportOptions::default() };
        self.import_with(options, text).await
    }

    pub(crate) async fn import_with(
        &self,
        options: ImportOptions,
        text: &str,
    ) -> Result<ImportReport, Problem> {
        self.import_into(options, text, Room::default()).await
    }

    pub(crate) async fn import_into(
        &self,
        options: ImportOptions,
        text: &str,
        room: Room,
    ) -> Result<ImportReport, Problem> {
        self.workspace.import(file(text.as_bytes()), options, false, room).await
    }

    pub(crate) async fn import_source(
        &self,
        source: impl ByteSource,
    ) -> Result<ImportReport, Problem> {
        let options = ImportOptions { name: "errors.csv".to_owned(), ..ImportOptions::default() };
        self.workspace.import(source, options, false, Room::default()).await
    }

    pub(crate) async fn import_in_parts(
        &self,
        source: impl ByteSource,
        readers: &impl Readers,
    ) -> Result<ImportReport, Problem> {
        let options = ImportOptions { name: "errors.csv".to_owned(), ..ImportOptions::default() };
        self.workspace.import_with(source, options, false, Room::default(), readers).await
    }

    /// Works until nothing may run.
    pub(crate) async fn finish(&self) {
        loop {
            match self.round().await {
                Pause::Step => {}
                // A store that fails for ever ends the work.
                Pause::Until(_) if matches!(self.idle(None).now_or_never(), Some(Err(_))) => return,
                Pause::Until(moment) => {
                    let left = moment.millis() - self.clock.now().millis();
                    self.clock.sleep(left.max(1) as u32).await;
                }
                Pause::Rest => return,
            }
        }
    }

    pub(crate) async fn erase(&self) {
        self.workspace.finish_erasure().await;
    }

    /// Whether the page was told to look at the settings again.
    pub(crate) fn told_of_settings(&self) -> bool {
        let heard = self.heard.0.borrow();
        heard.iter().any(|event| matches!(event, Event::QueueChanged { jobs } if jobs.is_empty()))
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let heard = self.heard.0.borrow();
        heard
            .iter()
            .filter_map(|event| match event {
                Event::Problem(problem) => Some(problem.clone()),
                _ => None,
            })
            .collect()
    }

    /// Datasets that the page was told came, went or changed.
    pub(crate) fn told_of_datasets(&self) -> Vec<DatasetId> {
        let heard = self.heard.0.borrow();
        let dataset = |event: &Event| match event {
            Event::DatasetChanged { dataset } => *dataset,
            _ => None,
        };
        heard.iter().filter_map(dataset).collect()
    }

    /// The rows of an import that were told last.
    pub(crate) fn rows_told(&self) -> u64 {
        let heard = self.heard.0.borrow();
        let rows = heard.iter().rev().find_map(|event| match event {
            Event::ImportProgress(progress) => Some(progress.rows_read),
            _ => None,
        });
        rows.unwrap_or(0)
    }

    /// Numbers of the requests that a kind of event was about, as the journal tells.
    pub(crate) async fn events(&self, event: &str) -> Vec<u64> {
        let page = self.journal(0, 10_000).await.expect("a journal");
        page.entries
            .iter()
            .filter(|entry| entry.event == event)
            .filter_map(|entry| entry.details["requestId"].as_u64())
            .collect()
    }

    /// Everything that can be seen.
    pub(crate) async fn picture(&self) -> String {
        let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        let rows = self.rows(all, None, 0, 10_000).expect("rows");
        format!(
            "{:?}",
            (
                rows,
                self.requests(None),
                self.jobs(),
                self.datasets(),
                self.settings(),
                self.journal(0, 10_000).await
            )
        )
    }

    /// What came of everything, without times, which a crash may shift.
    pub(crate) fn outcome(&self) -> String {
        let all = Filter { states: RecordState::ALL.to_vec(), ..Filter::default() };
        let rows = self.rows(all, None, 0, 10_000).expect("rows");
        let rows: Vec<_> =
            rows.rows.into_iter().map(|row| (row.id, row.state, row.source.row)).collect();
        let requests: Vec<_> = self
            .requests(None)
            .expect("requests")
            .into_iter()
            .map(|r| {
                (
                    r.id,
                    r.kind,
                    r.state,
                    r.records,
                    r.done,
                    r.cleared,
                    r.failed_again,
                    r.skipped,
                    r.dismissed,
                    r.digest,
                )
            })
            .collect();
        format!("{:?}", (rows, requests, self.jobs()))
    }
}

/// A dump of so many rows: two entities in turn, categories that differ.
pub(crate) fn csv(rows: usize) -> String {
    let rows: Vec<(String, &str, String)> = (0..rows)
        .map(|row| {
            let entity = if row % 2 == 0 { "Customers V3" } else { "Vendors V2" };
            let category =
                ["System", "Application", "System", "Application", "Concurrency"][row % 5];
            // The limits ask for many records that can be worked on.
            (entity.to_owned(), category, format!("Something failed, number {row}"))
        })
        .collect();
    let rows: Vec<(&str, &str, &str)> =
        rows.iter().map(|(a, b, c)| (a.as_str(), *b, c.as_str())).collect();
    csv_of(&rows)
}

/// A dump of rows of entity, category, message.
pub(crate) fn csv_of(rows: &[(&str, &str, &str)]) -> String {
    let mut text = String::from("id,occurred_at,entity,data_source,company,category,message\r\n");
    for (place, (entity, category, message)) in rows.iter().enumerate() {
        text.push_str(&format!(
            "{:08x}-0000-4000-8000-000000000000,2026-01-{:02}T08:{:02}:00Z,{entity},Dataverse,usmf,{category},\"{message}\"\r\n",
            place,
            place % 28 + 1,
            place % 60,
        ));
    }
    text
}

/// All bytes of all segments in the store.
pub(crate) async fn stored_bytes(store: &MemoryStore) -> Vec<u8> {
    let stored = store.load().await.expect("a store");
    let mut bytes = Vec::new();
    for manifest in stored.manifests {
        for index in 0..manifest.segments {
            bytes.extend(store.segment(manifest.dataset, index).await.expect("a segment"));
        }
    }
    bytes
}
