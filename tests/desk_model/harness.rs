//! A desk over the store in memory, with a clock that only a command turns and a line to the gateway that can be cut or
//! held, so that other commands come in between.
//!
//! Deliberately absent: the harness of `tests/desk`, whose clock goes on by itself; here every moment is foreseen.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use error_desk::domain::{JobStatus, RecordOutcome, Request, RequestId, RequestState, Timestamp};
use error_desk::gateway::Rehearsal;
use error_desk::import::{ImportOptions, ImportReport};
use error_desk::protocol::{Event, Problem};
use error_desk::store::MemoryStore;
use error_desk::workspace::Workspace;
use error_desk::workspace::ports::{
    Announcer, Clock, Gateway, GatewayError, RetryItem, Room, Store,
};

use crate::outside::{Bytes, turn_of_others};
use crate::universe::dump;

/// The moment at which every sequence begins.
pub(crate) const BEGIN: i64 = 1_770_000_000_000;

/// Records of a paced step: few, so that small requests take several.
pub(crate) const STEP: usize = 2;

/// A desk as tests drive it.
pub(crate) type Desk = Workspace<MemoryStore, Line, TurnedClock, Nobody>;

/// What stays when a desk dies: the store, the time, the line.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    pub(crate) store: MemoryStore,
    pub(crate) clock: TurnedClock,
    pub(crate) line: Line,
}

/// Stands still until it is turned.
#[derive(Clone, Default)]
pub(crate) struct TurnedClock(pub(crate) Rc<Cell<i64>>);

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGIN + self.0.get()).expect("a moment of 2026")
    }

    async fn sleep(&self, _: u32) {
        turn_of_others().await;
    }
}

/// Whether the next question waits for a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gate {
    #[default]
    Open,
    /// The next question will wait.
    Armed,
    /// It waits.
    Holding,
}

/// The rehearsal behind a line that can be cut and held. It looks at the store whenever it is asked.
#[derive(Clone, Default)]
pub(crate) struct Line {
    pub(crate) cut: Rc<Cell<bool>>,
    pub(crate) gate: Rc<Cell<Gate>>,
    /// The store to hold questions against; none while a dead desk asks.
    pub(crate) witness: Rc<RefCell<Option<MemoryStore>>>,
}

impl Line {
    /// What is asked about is durable, due and not yet answered: then asking again after a crash does nothing twice.
    async fn check(&self, id: RequestId, items: &[RetryItem]) {
        // A process that has died in the midst of a round asks nobody, though its code runs on here.
        let witness = self.witness.borrow().clone().filter(|store| !store.is_crashed());
        let Some(store) = witness else { return };
        let stored = store.reopen().load().await.expect("a store");
        let request = stored.requests.iter().find(|request| request.id == id);
        let request: &Request = request.expect("a request is stored before anybody is asked");
        assert_eq!(request.state, RequestState::Running, "request {id} is asked about");
        let job = stored.jobs.iter().find(|job| job.id == request.job).expect("its job");
        assert_eq!(job.status, JobStatus::Active, "request {id} is asked about");
        let asked: Vec<_> = items.iter().map(|item| item.record).collect();
        assert!(request.pending().starts_with(&asked), "request {id}: {asked:?} is not next");
    }
}

impl Gateway for Line {
    async fn retry(
        &self,
        request: RequestId,
        items: &[RetryItem],
    ) -> Result<Vec<RecordOutcome>, GatewayError> {
        self.check(request, items).await;
        if self.gate.get() == Gate::Armed {
            self.gate.set(Gate::Holding);
            poll_fn(
                |_| if self.gate.get() == Gate::Open { Poll::Ready(()) } else { Poll::Pending },
            )
            .await;
        }
        if self.cut.get() {
            return Err(GatewayError::Unreachable("the line is cut".to_owned()));
        }
        Rehearsal.retry(request, items).await
    }

    fn is_rehearsal(&self) -> bool {
        true
    }

    fn step_records(&self) -> usize {
        STEP
    }
}

/// Listens to nothing.
#[derive(Clone, Copy)]
pub(crate) struct Nobody;

impl Announcer for Nobody {
    fn announce(&self, _: Event) {}
}

/// Opens the store, as a start leaves it: details of records are still unread.
pub(crate) async fn open(outside: &Outside) -> Desk {
    let Outside { store, clock, line } = outside.clone();
    Workspace::open(store, line, clock, Nobody).await.expect("the store opens")
}

pub(crate) async fn import(desk: &Desk, things: &[usize]) -> Result<ImportReport, Problem> {
    let options = ImportOptions { name: "errors.csv".to_owned(), ..ImportOptions::default() };
    let dump = dump(things);
    desk.import(Bytes::new(dump.as_bytes(), 199), options, false, Room::default()).await
}
