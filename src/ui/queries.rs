//! What the screen asks the engine for on its own account: the rows around the screen, counts, bars, the queue.
//!
//! Deliberately absent: anything that changes something (`actions`). Each question has at most one flight at a time
//! (rows: two); a question that comes up meanwhile is asked once more when the flight is back, so that a storm of events
//! costs a few questions, not one each.
//!
//! Invariant: an answer that belongs to an earlier filter or order is dropped.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::dataset::Page;
use crate::domain::{Column, Filter, RecordState};
use crate::platform::clock::sleep;
use crate::platform::task::detach;
use crate::presentation::gathering::Gathering;
use crate::presentation::row_cache::PAGE_ROWS;
use crate::presentation::{numbers, url_state};
use crate::protocol::{
    Bucket, Call, Code, DatasetView, Facets, FacetsParams, HistogramParams, JobParams, JobView,
    Problem, RequestView, RowsParams, SettingsView, StorageView,
};

use super::focus;
use super::latest::Latest;
use super::news::News;
use super::session::{ActiveCell, KnownRecord, Overall, Session};

/// Bars of the time axis.
const BARS: usize = 48;
/// The shortest time between two questions that events bring up.
const PAUSE_MS: u32 = 200;
/// Pages that may be on their way at once.
const PAGE_FLIGHTS: usize = 2;

/// The dimensions that the filter pane shows.
const FACETS: [Column; 7] = [
    Column::Entity,
    Column::DataSource,
    Column::Company,
    Column::Category,
    Column::Job,
    Column::Direction,
    Column::State,
];

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flight {
    under_way: bool,
    wanted_again: bool,
}

/// What is on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    /// Rises with every change of filter or order.
    generation: u64,
    pages: BTreeSet<usize>,
    /// The edition of the rows that the total on show belongs to.
    total_edition: Option<u64>,
    summary: Flight,
    queue: Flight,
    /// Events to come that tell nothing new.
    pub(super) first_words: u8,
    /// What events said is outdated, and nobody asked for yet.
    pub(super) news: Option<(Gathering, News)>,
}

type WhichFlight = fn(&mut Flights) -> &mut Flight;

impl Session {
    /// Asks for everything, at the beginning and after a restart of the engine.
    pub(super) fn load_everything(self) {
        self.refresh_datasets();
        self.refresh_queue();
        self.refresh_settings();
    }

    /// Follows filter and order: forgets the rows of the earlier view and asks anew.
    pub(super) fn follow_view(self) {
        Effect::new(move |earlier: Option<Filter>| {
            let (filter, sort) = (self.filter.get(), self.sort.get());
            write_address(&url_state::write(&filter, sort));
            if earlier.as_ref().is_some_and(|earlier| *earlier != filter) {
                // What was selected under another filter must not be acted on under this one.
                self.drop_selection();
                self.close_plan();
            }
            self.flights.update_value(|flights| {
                flights.generation += 1;
                flights.pages.clear();
                flights.total_edition = None;
            });
            self.counting.set(true);
            self.rows.update(|rows| rows.clear());
            self.visible.update(|visible| *visible = 0..visible.len().max(1));
            self.active.update(|cell| *cell = ActiveCell { row: 0, ..*cell });
            self.epoch.update(|epoch| *epoch += 1);
            if self.datasets.with_untracked(Option::is_some) {
                self.fetch_rows();
                self.refresh_summary();
            }
            filter
        });
        Effect::new(move |_| {
            self.visible.track();
            self.fetch_rows();
        });
        // The record on show follows the active row and the state of its data.
        let record = Latest::new();
        let active_id = Memo::new(move |_| {
            let row = self.active.get().row;
            self.rows.with(|rows| rows.row(row).map(|record| (record.id.clone(), rows.edition())))
        });
        Effect::new(move |_| {
            let wanted = active_id.get();
            let open = self.detail_open.get();
            if open {
                self.fetch_record(record, wanted.map(|(id, _)| id));
            }
        });
    }

    fn drop_selection(self) {
        let count = self.selection.with_untracked(|picked| picked.count(0));
        let everything = self.selection.with_untracked(|picked| picked.is_everything());
        if everything || count > 0 {
            self.selection.update(|selection| selection.clear());
            self.announce("The filter changed, so nothing is selected now");
        }
    }

    /// The data changed under the same view: what is shown is asked for again.
    pub(super) fn refresh_view(self) {
        self.rows.update(|rows| rows.outdate());
        self.fetch_rows();
        self.refresh_summary();
    }

    /// Asks for the next page that the screen lacks, if any; goes on by itself until none is lacking.
    pub(super) fn fetch_rows(self) {
        if self.datasets.with_untracked(|list| list.as_ref().is_none_or(Vec::is_empty)) {
            return;
        }
        let mut visible = self.visible.get_untracked();
        let edition = self.rows.with_untracked(|rows| rows.edition());
        let flights = self.flights.get_value();
        if flights.pages.len() >= PAGE_FLIGHTS {
            return;
        }
        let total = if flights.total_edition == Some(edition) {
            self.total.get_untracked().unwrap_or(0)
        } else {
            // Nothing certain is known, so the screen's own page is asked for, also where no row was on it: its answer
            // carries the total.
            visible.end = visible.end.max(visible.start + 1);
            visible.end
        };
        let next = self.rows.with_untracked(|rows| {
            rows.next_page(visible, total, |page| flights.pages.contains(&page))
        });
        let Some(page) = next else { return };
        self.flights.update_value(|flights| {
            flights.pages.insert(page);
        });
        let params = RowsParams {
            filter: self.filter.get_untracked(),
            sort: self.sort.get_untracked(),
            offset: page * PAGE_ROWS,
            limit: PAGE_ROWS,
        };
        detach(async move {
            let answer: Result<Page, Problem> = self.ask(Call::Rows(params)).await;
            if self.flights.with_value(|now| now.generation) != flights.generation {
                return;
            }
            self.flights.update_value(|flights| {
                flights.pages.remove(&page);
            });
            match answer {
                Ok(answer) => {
                    self.take_rows(page, answer, edition);
                    self.fetch_rows();
                }
                // Asking again at once would fail again; the next event or scroll asks.
                Err(problem) => self.fail(&problem),
            }
        });
    }

    fn take_rows(self, page: usize, answer: Page, edition: u64) {
        let newest = self.flights.with_value(|flights| flights.total_edition.unwrap_or(0));
        self.rows.update(|rows| rows.insert(page, answer.rows, edition));
        if edition < newest {
            return;
        }
        self.flights.update_value(|flights| flights.total_edition = Some(edition));
        if self.total.get_untracked() != Some(answer.total) {
            self.total.set(Some(answer.total));
            self.announce(numbers::counted(answer.total, "matching error"));
            let last = answer.total.saturating_sub(1);
            if self.active.with_untracked(|cell| cell.row > last) {
                // The active row is gone; the nearest one takes its place.
                self.active.update(|cell| cell.row = last);
                focus::restore_cell(self);
            }
        }
        if self.counting.get_untracked() {
            self.counting.set(false);
        }
    }

    fn begin(self, which: WhichFlight) -> bool {
        let mut starts = false;
        self.flights.update_value(|flights| {
            let flight = which(flights);
            starts = !flight.under_way;
            flight.wanted_again = flight.under_way;
            flight.under_way = true;
        });
        starts
    }

    fn lands(self, which: WhichFlight) -> bool {
        let mut done = true;
        self.flights.update_value(|flights| {
            let flight = which(flights);
            done = !flight.wanted_again;
            flight.wanted_again = false;
            flight.under_way = !done;
        });
        done
    }

    /// Counts, facets and bars.
    pub(super) fn refresh_summary(self) {
        const WHICH: WhichFlight = |flights| &mut flights.summary;
        if !self.begin(WHICH) {
            return;
        }
        detach(async move {
            loop {
                let generation = self.flights.with_value(|flights| flights.generation);
                if let Err(problem) = self.ask_summary(generation).await {
                    self.fail(&problem);
                }
                let is_same = self.flights.with_value(|now| now.generation) == generation;
                if self.lands(WHICH) {
                    break;
                }
                if is_same {
                    sleep(PAUSE_MS).await;
                }
            }
        });
    }

    async fn ask_summary(self, generation: u64) -> Result<(), Problem> {
        let filter = self.filter.get_untracked();
        let is_late = || self.flights.with_value(|now| now.generation) != generation;
        let params =
            FacetsParams { filter: filter.clone(), dimensions: FACETS.map(Into::into).to_vec() };
        let facets: Facets = self.ask(Call::Facets(params)).await?;
        if is_late() {
            return Ok(());
        }
        self.facets.set(facets);
        let is_empty_range =
            matches!((filter.from, filter.to), (Some(from), Some(to)) if from >= to);
        let bars: Vec<Bucket> = if is_empty_range {
            Vec::new()
        } else {
            self.ask(Call::Histogram(HistogramParams { filter, buckets: BARS })).await?
        };
        if is_late() {
            return Ok(());
        }
        self.histogram.set(bars);
        let in_states = |states: &[RecordState]| {
            Call::Count(Filter { states: states.to_vec(), ..Filter::default() })
        };
        let all: usize = self.ask(in_states(&RecordState::ALL)).await?;
        let cleared: usize = self.ask(in_states(&[RecordState::Cleared])).await?;
        self.overall.set(Overall { all, cleared });
        Ok(())
    }

    /// Jobs and requests.
    pub(super) fn refresh_queue(self) {
        const WHICH: WhichFlight = |flights| &mut flights.queue;
        if !self.begin(WHICH) {
            return;
        }
        detach(async move {
            loop {
                match self.ask_queue().await {
                    Ok((jobs, requests)) => {
                        self.jobs.set(jobs);
                        self.requests.set(requests);
                    }
                    Err(problem) => self.fail(&problem),
                }
                if self.lands(WHICH) {
                    break;
                }
                sleep(PAUSE_MS).await;
            }
        });
    }

    async fn ask_queue(self) -> Result<(Vec<JobView>, Vec<RequestView>), Problem> {
        let jobs = self.ask(Call::Jobs).await?;
        let requests = self.ask(Call::Requests(JobParams::default())).await?;
        Ok((jobs, requests))
    }

    /// The loaded dumps, and with them whether there is anything to show.
    pub(super) fn refresh_datasets(self) {
        detach(async move {
            let answer: Result<Vec<DatasetView>, Problem> = self.ask(Call::Datasets).await;
            match answer {
                Ok(list) => {
                    let was = self.datasets.with_untracked(Option::clone);
                    self.notice_what_vanished(was.is_none(), list.is_empty());
                    if was.as_ref() != Some(&list) {
                        if list.is_empty() {
                            self.total.set(Some(0));
                            self.record.set(None);
                            self.selection.update(|selection| selection.clear());
                        } else if was.as_ref().is_some_and(Vec::is_empty) {
                            // Nothing matches where nothing was; of what came it is not known yet.
                            self.counting.set(true);
                        }
                        self.datasets.set(Some(list));
                        self.tell_of_change();
                        self.refresh_view();
                        if was.is_some() {
                            self.refresh_queue();
                        }
                        self.refresh_regressions();
                    }
                }
                Err(problem) => {
                    if self.datasets.with_untracked(Option::is_none) {
                        self.datasets.set(Some(Vec::new()));
                    }
                    self.fail(&problem);
                }
            }
        });
    }

    /// Settings and storage.
    pub(super) fn refresh_settings(self) {
        detach(async move {
            let settings: Result<SettingsView, Problem> = self.ask(Call::Settings).await;
            if let Ok(settings) = settings {
                self.settings.set(Some(settings));
            }
            let storage: Result<StorageView, Problem> = self.ask(Call::Storage).await;
            if let Ok(storage) = storage {
                self.storage.set(Some(storage));
            }
        });
    }

    /// The record in full; `None` shows none.
    fn fetch_record(self, latest: Latest, id: Option<String>) {
        let is_outdated = latest.begin();
        let Some(id) = id else { return };
        detach(async move {
            // Whoever runs down the rows with a key held is not asked for each of them.
            sleep(60).await;
            if is_outdated() {
                return;
            }
            latest.ask_text(self, Call::Record(id), move |answer| {
                match answer.and_then(|text| KnownRecord::read(&text)) {
                    Ok(record) => self.record.set(record),
                    Err(problem) if problem.code == Code::EngineStopped => {}
                    Err(problem) => self.fail(&problem),
                }
            });
        });
    }
}

/// Puts the view into the address without a new entry in the history.
fn write_address(hash: &str) {
    let now = window().location().hash().unwrap_or_default();
    if now.trim_start_matches('#') == hash {
        return;
    }
    let url = if hash.is_empty() {
        window().location().pathname().unwrap_or_default()
    } else {
        format!("#{hash}")
    };
    if let Ok(history) = window().history() {
        // An address that cannot be written costs a link, nothing else.
        let _written = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url));
    }
}
