//! A row of the grid. Its elements stay while what they show changes: another row as the window moves, or news of the same,
//! which the focus survives.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::grid::GridState;
use super::marks::{Category, StateMark};
use crate::dataset::Record;
use crate::domain::{Column, RecordState};
use crate::presentation::columns::GridColumn;
use crate::presentation::visible::visible;
use crate::presentation::{dates, labels, numbers};
use crate::ui::actions::Pick;
use crate::ui::focus;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The row at an index of the view, which changes. Before its page is here it shows a skeleton.
#[component]
pub(super) fn GridRow(state: GridState, index: Signal<usize>) -> impl IntoView {
    let session = state.session;
    let record = Memo::new(move |_| {
        let index = index.get();
        session.rows.with(|rows| rows.row(index))
    });
    let is_selected = Memo::new(move |_| {
        record.with(|record| {
            record.as_ref().is_some_and(|record| {
                session.selection.with(|selection| selection.contains(&record.id))
            })
        })
    });
    let active = Memo::new(move |_| {
        let cell = session.active.get();
        (cell.row == index.get() && !cell.in_header).then_some(cell.column)
    });
    let on_click = move |event: MouseEvent| {
        let cell = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("[aria-colindex]").ok().flatten());
        let place = cell
            .and_then(|cell| cell.get_attribute("aria-colindex"))
            .and_then(|place| place.parse::<usize>().ok())
            .map_or(0, |place| place.saturating_sub(1));
        session.active.update(|cell| cell.column = place);
        let toggles = place == 0 || event.ctrl_key() || event.meta_key();
        let pick = match (event.shift_key(), toggles) {
            (true, _) => Pick::Range,
            (false, true) => Pick::Toggle,
            (false, false) => Pick::Only,
        };
        session.pick_row(index.get_untracked(), pick);
        focus::to_cell(session);
        if session.narrow.get_untracked() && pick == Pick::Only {
            session.detail_open.set(true);
        }
    };
    let cell = move |place: usize, column: GridColumn| {
        let name = column_class(column.column);
        view! {
            <div
                class=format!("cell {name}")
                role="gridcell"
                aria-colindex=focus::column_number(place)
                tabindex=move || if active.get() == Some(place) { "0" } else { "-1" }
            >
                {content(record, column.column)}
            </div>
        }
    };
    view! {
        <div
            class="grid-row"
            class:active=move || active.get().is_some()
            class:waiting=move || record.with(Option::is_none)
            data-testid="grid-row"
            data-record-id=move || record.with(|record| record.as_ref().map(|row| row.id.clone()))
            role="row"
            style:top=move || format!("{}px", state.place_of(index.get()))
            aria-rowindex=move || focus::row_number(index.get())
            aria-selected=move || is_selected.get().to_string()
            on:click=on_click
        >
            <div
                class="cell marker"
                role="gridcell"
                aria-colindex=focus::column_number(0)
                tabindex=move || if active.get() == Some(0) { "0" } else { "-1" }
            >
                <span
                    class="box"
                    role="checkbox"
                    aria-checked=move || is_selected.get().to_string()
                    aria-label="Select"
                >
                    <Icon glyph=Glyph::Check />
                </span>
            </div>
            {move || {
                state
                    .columns
                    .get()
                    .into_iter()
                    .map(|(place, column)| cell(place + 1, column))
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn column_class(column: Column) -> &'static str {
    match column {
        Column::OccurredAt => "time figures",
        Column::Category => "category",
        Column::Entity => "entity",
        Column::Message => "message-cell",
        Column::ErrorCode => "code figures",
        Column::State => "state",
        Column::RetryCount => "number figures",
        _ => "text",
    }
}

/// What a cell shows, which follows the record. Elements are made once: those of a row that waits are hidden by its class.
fn content(record: Memo<Option<Arc<Record>>>, column: Column) -> AnyView {
    match column {
        Column::Category => {
            let name = move || {
                record.with(|record| {
                    record.as_ref().map_or_else(String::new, |row| row.category.clone())
                })
            };
            view! { <Category name=Signal::derive(name) /> }.into_any()
        }
        Column::State => {
            let state = move || {
                record.with(|record| record.as_ref().map_or(RecordState::Open, |row| row.state))
            };
            view! { <StateMark state=Signal::derive(state) /> }.into_any()
        }
        _ => (move || {
            record
                .with(|record| record.as_ref().map_or_else(String::new, |row| text_of(row, column)))
        })
        .into_any(),
    }
}

fn text_of(record: &Record, column: Column) -> String {
    let plain = |text: &str| visible(text).into_owned();
    match column {
        Column::OccurredAt => {
            record.occurred_at.map_or_else(|| "\u{2013}".to_owned(), dates::date_time)
        }
        Column::RetryCount => {
            record.retry_count.map_or_else(String::new, |count| numbers::grouped(count.into()))
        }
        Column::Category => plain(&record.category),
        Column::State => labels::record_state(record.state).to_owned(),
        Column::Entity => plain(&record.entity),
        Column::DataSource => plain(&record.data_source),
        Column::Company => plain(&record.company),
        Column::Message => plain(&record.message),
        Column::ErrorCode => plain(&record.error_code),
        Column::RecordKey => plain(&record.record_key),
        Column::Job => plain(&record.job),
        Column::Map => plain(&record.map),
        Column::Direction => plain(&record.direction),
        Column::Cause => plain(&record.cause),
        Column::Id => plain(&record.id),
    }
}
