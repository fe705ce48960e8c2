//! The state of the view, and the one way to the engine.
//!
//! Invariant: everything here can be lost without losing anything that is true; the worker owns that.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Range;

use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use web_sys::{Blob, File};

use crate::dataset::Record;
use crate::domain::{Column, Filter, RetryVerdict, Sort};
use crate::import::ImportReport;
use crate::platform::preferences;
use crate::presentation::questions::Question;
use crate::presentation::row_cache::RowCache;
use crate::presentation::selection::Selection;
use crate::presentation::url_state;
use crate::protocol::{
    Bucket, Call, Code, DatasetView, Event, Facets, ImportParams, ImportProgress, JobView,
    PlanView, Problem, RecordInsight, Regression, RequestView, RunSheetParams, SettingsView,
    StorageView, UrlParams, read_answer,
};
use crate::worker::{Client, Subscription};

use super::latest::Latest;
use super::queries::Flights;
use super::widgets::messages::{Message, MessageKind};

/// The cell that keys move from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ActiveCell {
    /// Row of the view, 0-based.
    pub(super) row: usize,
    /// Column of the grid, 0-based.
    pub(super) column: usize,
    /// The header is meant, not a row.
    pub(super) in_header: bool,
}

/// How many records there are beside the filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Overall {
    /// In every state.
    pub(super) all: usize,
    /// Cleared by retries.
    pub(super) cleared: usize,
}

/// What the user chose of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PlanChoices {
    /// Percentage that must clear before the next step of a ramp goes; `None` without a ramp.
    pub(super) ramp: Option<u8>,
    /// Records of these verdicts are left out.
    pub(super) leave_out: Vec<RetryVerdict>,
}

/// A plan on show, and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlanOnShow {
    /// What the engine planned.
    pub(super) plan: PlanView,
    /// The filter in force when it was made.
    pub(super) filter: Filter,
    /// It was made from single picks, not from the filter.
    pub(super) picked: bool,
    /// The records picked, by id.
    pub(super) ids: Vec<String>,
    /// What is chosen of it.
    pub(super) choices: PlanChoices,
    /// What was chosen when it was made; other than `choices` only while it is made anew.
    pub(super) made_with: PlanChoices,
    /// What the submission was refused for.
    pub(super) refusal: Option<Problem>,
    /// The submission is on its way.
    pub(super) busy: bool,
}

/// What is imported.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dump {
    /// A file, with the text of the `model.json` that was opened beside it.
    File(File, Option<String>),
    /// What is at an address, which was found to be one that may be asked.
    Address {
        /// In full.
        url: String,
        /// What it is called.
        name: String,
    },
}

impl Dump {
    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(file, _) => file.name(),
            Self::Address { name, .. } => name.clone(),
        }
    }
}

/// Where an import stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum ImportStage {
    /// None is at work.
    #[default]
    Idle,
    /// One is at work.
    Running {
        /// The file's name.
        name: String,
        /// How far it is, once known.
        progress: Option<ImportProgress>,
    },
    /// It needs an answer first; nothing was stored.
    Asking {
        /// What is imported.
        dump: Dump,
        /// The options so far.
        params: ImportParams,
        /// What it has to know.
        question: Question,
        /// The engine's words for it.
        message: String,
        /// What stands for files with the same columns.
        source: Option<String>,
    },
}

/// What the middle of the screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// The grid.
    #[default]
    Errors,
    /// What is wrong, by cause.
    Causes,
    /// What is missing.
    Missing,
}

/// A record with what the engine knows of it. Its answer has the fields of both beside each other, and is read twice:
/// reading both at once would take a program of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct KnownRecord {
    pub(super) record: Record,
    pub(super) insight: RecordInsight,
}

impl KnownRecord {
    /// Of an answer to `Call::Record`.
    pub(super) fn read(text: &str) -> Result<Option<Self>, Problem> {
        let (record, insight) = (read_answer::<Option<_>>(text)?, read_answer::<Option<_>>(text)?);
        Ok(record.zip(insight).map(|(record, insight)| Self { record, insight }))
    }
}

/// A dialog that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialog {
    /// Shortcuts.
    Help,
    /// Loaded dumps.
    Datasets,
    /// What was done.
    Journal,
    /// Settings and storage.
    Settings,
    /// Opens what is at an address.
    Address,
    /// Two dumps held against each other.
    Compare,
    /// What sets the records of the filter apart.
    Differences,
}

/// Handles to everything the screen shows. Copies are handles to the same.
#[derive(Clone, Copy)]
pub(super) struct Session {
    client: StoredValue<Client, LocalStorage>,
    subscription: StoredValue<Option<Subscription>, LocalStorage>,
    pub(super) flights: StoredValue<Flights>,
    /// The frame in which the focus moves to the active cell.
    pub(super) focusing: StoredValue<Option<AnimationFrameRequestHandle>>,
    pub(super) datasets: RwSignal<Option<Vec<DatasetView>>>,
    pub(super) filter: RwSignal<Filter>,
    pub(super) sort: RwSignal<Option<Sort>>,
    pub(super) total: RwSignal<Option<usize>>,
    /// The total belongs to an earlier filter; the answer is on its way.
    pub(super) counting: RwSignal<bool>,
    pub(super) overall: RwSignal<Overall>,
    /// Rises whenever the engine may answer the same question otherwise than before.
    pub(super) told: RwSignal<u64>,
    pub(super) rows: RwSignal<RowCache>,
    pub(super) visible: RwSignal<Range<usize>>,
    pub(super) facets: RwSignal<Facets>,
    pub(super) histogram: RwSignal<Vec<Bucket>>,
    pub(super) selection: RwSignal<Selection>,
    pub(super) active: RwSignal<ActiveCell>,
    /// Rises when the view is another one, so that the grid goes to its top.
    pub(super) epoch: RwSignal<u64>,
    /// A row that the grid is to scroll to, asked for from outside of it.
    pub(super) reveal: RwSignal<Option<usize>>,
    pub(super) record: RwSignal<Option<KnownRecord>>,
    pub(super) view: RwSignal<View>,
    /// The cause whose pane is open in the view of causes.
    pub(super) chosen_cause: RwSignal<Option<String>>,
    /// Notes on causes that were written and are not kept yet, by cause.
    pub(super) drafts: RwSignal<BTreeMap<String, String>>,
    pub(super) jobs: RwSignal<Vec<JobView>>,
    pub(super) requests: RwSignal<Vec<RequestView>>,
    pub(super) settings: RwSignal<Option<SettingsView>>,
    pub(super) storage: RwSignal<Option<StorageView>>,
    /// The engine of this tab works on the store, not that of another tab.
    pub(super) leads: RwSignal<bool>,
    pub(super) messages: RwSignal<Vec<Message>>,
    /// What keeps the engine from the stored data, where they cannot be used at all.
    pub(super) rescue: RwSignal<Option<Problem>>,
    pub(super) announcement: RwSignal<String>,
    pub(super) planning: RwSignal<bool>,
    pub(super) plan: RwSignal<Option<PlanOnShow>>,
    /// Plans that were asked for.
    pub(super) plans: Latest,
    /// What the run sheet on show is made of.
    pub(super) run_sheet: RwSignal<Option<RunSheetParams>>,
    /// Causes that were marked as fixed and came back.
    pub(super) regressions: RwSignal<Vec<Regression>>,
    pub(super) import: RwSignal<ImportStage, LocalStorage>,
    pub(super) waiting_files: RwSignal<Vec<Dump>, LocalStorage>,
    pub(super) report: RwSignal<Option<ImportReport>>,
    pub(super) reports: RwSignal<Vec<ImportReport>>,
    pub(super) dialog: RwSignal<Option<Dialog>>,
    pub(super) narrow: RwSignal<bool>,
    pub(super) filter_open: RwSignal<bool>,
    pub(super) detail_open: RwSignal<bool>,
    pub(super) queue_open: RwSignal<bool>,
}

/// The session that this component is shown in.
pub(super) fn session() -> Session {
    expect_context::<Session>()
}

/// Below this width the panes are sheets over the grid.
pub(super) const NARROW_BELOW: f64 = 900.0;

impl Session {
    /// Reads the address and asks the engine for what is there.
    pub(super) fn start(client: Client) -> Self {
        let (filter, sort) = url_state::read(&window().location().hash().unwrap_or_default());
        let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1280.0);
        let narrow = width < NARROW_BELOW;
        let kept = |name: &str| preferences::read(name).is_none_or(|word| word == "open");
        let session = Self {
            client: StoredValue::new_local(client),
            subscription: StoredValue::new_local(None),
            flights: StoredValue::new(Flights::default()),
            focusing: StoredValue::new(None),
            datasets: RwSignal::new(None),
            filter: RwSignal::new(filter),
            sort: RwSignal::new(sort),
            total: RwSignal::new(None),
            counting: RwSignal::new(true),
            overall: RwSignal::default(),
            told: RwSignal::default(),
            rows: RwSignal::default(),
            visible: RwSignal::new(0..1),
            facets: RwSignal::default(),
            histogram: RwSignal::default(),
            selection: RwSignal::default(),
            active: RwSignal::default(),
            epoch: RwSignal::new(0),
            reveal: RwSignal::new(None),
            record: RwSignal::new(None),
            view: RwSignal::default(),
            chosen_cause: RwSignal::default(),
            drafts: RwSignal::default(),
            jobs: RwSignal::default(),
            requests: RwSignal::default(),
            settings: RwSignal::new(None),
            storage: RwSignal::new(None),
            leads: RwSignal::new(true),
            messages: RwSignal::default(),
            rescue: RwSignal::new(None),
            announcement: RwSignal::default(),
            planning: RwSignal::new(false),
            plan: RwSignal::new(None),
            plans: Latest::new(),
            run_sheet: RwSignal::new(None),
            regressions: RwSignal::default(),
            import: RwSignal::new_local(ImportStage::default()),
            waiting_files: RwSignal::new_local(Vec::new()),
            report: RwSignal::new(None),
            reports: RwSignal::default(),
            dialog: RwSignal::new(None),
            narrow: RwSignal::new(narrow),
            filter_open: RwSignal::new(!narrow && kept("filterPane")),
            detail_open: RwSignal::new(!narrow && kept("detailPane")),
            queue_open: RwSignal::new(!narrow && kept("queuePanel")),
        };
        session.listen();
        session.follow_view();
        session.load_everything();
        session
    }

    /// Asks the engine; the answer's type stands with the call.
    pub(super) fn ask<T: DeserializeOwned>(
        self,
        call: Call,
    ) -> impl Future<Output = Result<T, Problem>> + use<T> {
        self.client.with_value(|client| client.ask(&call))
    }

    /// Asks the engine, and hands the answer on as it arrives, as JSON text.
    pub(super) fn ask_text(self, call: &Call) -> LocalBoxFuture<'static, Result<String, Problem>> {
        self.client.with_value(|client| client.ask_text(call, None))
    }

    /// Asks with a file.
    pub(super) fn ask_with_file<T: DeserializeOwned>(
        self,
        call: Call,
        file: &File,
    ) -> impl Future<Output = Result<T, Problem>> + use<T> {
        self.client.with_value(|client| client.ask_with_file(&call, file))
    }

    /// The address of a dump in full, or why this page may not ask it.
    pub(super) fn checked_address(self, params: UrlParams) -> Result<UrlParams, Problem> {
        self.client.get_value().checked(params)
    }

    /// Asks for a file.
    pub(super) fn ask_blob(self, call: Call) -> LocalBoxFuture<'static, Result<Blob, Problem>> {
        self.client.with_value(|client| client.ask_blob(&call))
    }

    /// Starts a fresh engine over the same store.
    pub(super) fn restart_engine(self) {
        self.client.get_value().restart();
        self.messages.update(|messages| messages.retain(|message| !message.restarts));
        self.load_everything();
    }

    fn listen(self) {
        let client = self.client.get_value();
        let subscription = client.on_event(move |event| match event {
            Event::ImportProgress(progress) => {
                let progress = progress.clone();
                self.import.update(|stage| {
                    if let ImportStage::Running { progress: shown, .. } = stage {
                        *shown = Some(progress);
                    }
                });
            }
            // No job's queue but what steers them all.
            Event::QueueChanged { jobs } if jobs.is_empty() => {
                if self.is_first_word() {
                    return;
                }
                self.outdated(|news| (news.settings, news.queue) = (true, true));
            }
            Event::QueueChanged { .. } => self.outdated(|news| news.queue = true),
            // Someone waits to see a dump that was opened, or gone.
            Event::DatasetChanged { dataset: Some(dataset) } => {
                self.notice_what_came(*dataset);
                self.refresh_datasets();
                self.refresh_view();
            }
            Event::DatasetChanged { dataset: None } => {
                if self.is_first_word() {
                    return;
                }
                // Should they still be beyond use, that is told next.
                self.rescue.set(None);
                let shows_none =
                    || self.datasets.with_untracked(|list| list.as_ref().is_none_or(Vec::is_empty));
                if shows_none() {
                    // The engine has come to the data only now, for example from another tab.
                    self.load_everything();
                }
                self.outdated(|news| news.rows = true);
            }
            Event::Leading(leads) => {
                self.leads.set(*leads);
                self.expect_first_words();
                self.messages.update(|messages| {
                    messages.retain(|message| message.code != Some(Code::NotLeader));
                });
            }
            Event::Problem(problem) => self.fail(problem),
        });
        self.subscription.set_value(Some(subscription));
    }

    /// Shows a failure: stored data beyond use have a screen of their own, all else is told.
    pub(super) fn fail(self, problem: &Problem) {
        if problem.is_beyond_use() {
            self.rescue.set(Some(problem.clone()));
        } else {
            self.tell_failure(problem);
        }
    }

    /// Tells of a failure, assertively. The same failure again is counted, not repeated.
    pub(super) fn tell_failure(self, problem: &Problem) {
        self.tell(Message {
            kind: MessageKind::Failure,
            text: problem.message.clone(),
            hint: problem.hint.clone(),
            times: 1,
            code: Some(problem.code),
            restarts: problem.code == Code::EngineStopped && !self.client.get_value().is_alive(),
        });
    }

    /// Shows a result; it stays until it is read.
    pub(super) fn succeed(self, text: impl Into<String>) {
        self.tell(Message {
            kind: MessageKind::Result,
            text: text.into(),
            hint: String::new(),
            times: 1,
            code: None,
            restarts: false,
        });
    }

    /// Shows something to beware of.
    pub(super) fn warn(self, text: impl Into<String>, hint: impl Into<String>) {
        self.tell(Message {
            kind: MessageKind::Warning,
            text: text.into(),
            hint: hint.into(),
            times: 1,
            code: None,
            restarts: false,
        });
    }

    fn tell(self, message: Message) {
        self.messages.update(|messages| Message::add(messages, message));
    }

    /// Says something to screen readers only, when they have time.
    pub(super) fn announce(self, text: impl Into<String>) {
        self.announcement.set(text.into());
    }

    /// Whether any dump is loaded; `false` while that is unknown.
    pub(super) fn has_data(self) -> bool {
        self.datasets.with(|datasets| datasets.as_ref().is_some_and(|list| !list.is_empty()))
    }

    /// Whether a part of a loaded dump cannot be read.
    pub(super) fn has_damage(self) -> bool {
        let damaged =
            |list: &Vec<DatasetView>| list.iter().any(|dataset| !dataset.damaged.is_empty());
        self.datasets.with(|datasets| datasets.as_ref().is_some_and(damaged))
    }

    /// Opens or closes a pane and remembers it.
    pub(super) fn set_pane(self, pane: RwSignal<bool>, name: &str, open: bool) {
        pane.set(open);
        if !self.narrow.get_untracked() {
            preferences::write(name, if open { "open" } else { "closed" });
        }
    }

    /// Changes the filter.
    pub(super) fn change_filter(self, change: impl FnOnce(&mut Filter)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        if filter != self.filter.get_untracked() {
            self.filter.set(filter);
        }
    }

    /// Sorts by a column: up, down, and back to the order of the dump.
    pub(super) fn press_header(self, column: Column) {
        let next = crate::presentation::columns::next_sort(self.sort.get_untracked(), column);
        self.sort.set(next);
    }
}
