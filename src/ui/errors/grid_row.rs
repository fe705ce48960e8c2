//! A row of the grid. Its cells stay while their contents change, so the focus in them survives news.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::grid::GridState;
use super::marks::{Category, StateMark};
use crate::dataset::Record;
use crate::domain::Column;
use crate::presentation::columns::GridColumn;
use crate::presentation::visible::visible;
use crate::presentation::{dates, numbers};
use crate::ui::actions::Pick;
use crate::ui::focus;
use crate::ui::session::ActiveCell;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The row at an index of the view. Before its page is here it shows a skeleton.
#[component]
pub(super) fn GridRow(state: GridState, index: usize) -> impl IntoView {
    let session = state.session;
    let record = Memo::new(move |_| session.rows.with(|rows| rows.row(index)));
    let is_selected = Memo::new(move |_| {
        record.with(|record| {
            record.as_ref().is_some_and(|record| {
                session.selection.with(|selection| selection.contains(&record.id))
            })
        })
    });
    let active = Memo::new(move |_| {
        let cell = session.active.get();
        (cell.row == index && !cell.in_header).then_some(cell.column)
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
        session.pick_row(index, pick);
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
                aria-colindex=(place + 1).to_string()
                id=focus::cell_id(ActiveCell { row: index, column: place, in_header: false })
                tabindex=move || if active.get() == Some(place) { "0" } else { "-1" }
            >
                {move || record.with(|record| content(record.as_ref(), column.column))}
            </div>
        }
    };
    view! {
        <div
            class="grid-row"
            class:odd=index % 2 == 1
            class:active=move || active.get().is_some()
            data-testid="grid-row"
            data-record-id=move || record.with(|record| record.as_ref().map(|row| row.id.clone()))
            role="row"
            style:top=move || format!("{}px", state.place_of(index))
            aria-rowindex=(index + 2).to_string()
            aria-selected=move || is_selected.get().to_string()
            on:click=on_click
        >
            <div
                class="cell marker"
                role="gridcell"
                aria-colindex="1"
                id=focus::cell_id(ActiveCell { row: index, column: 0, in_header: false })
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

fn content(record: Option<&Arc<Record>>, column: Column) -> AnyView {
    let Some(record) = record else {
        return view! { <span class="skeleton"></span> }.into_any();
    };
    let plain = |text: &str| visible(text).into_owned().into_any();
    match column {
        Column::OccurredAt => {
            plain(&record.occurred_at.map_or_else(|| "\u{2013}".to_owned(), dates::date_time))
        }
        Column::Category => view! { <Category name=record.category.clone() /> }.into_any(),
        Column::State => view! { <StateMark state=record.state /> }.into_any(),
        Column::RetryCount => plain(
            &record.retry_count.map_or_else(String::new, |count| numbers::grouped(count.into())),
        ),
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
