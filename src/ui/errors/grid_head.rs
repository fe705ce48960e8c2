//! The headers of the grid: titles, order, widths.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, PointerEvent};

use super::grid::GridState;
use crate::domain::Column;
use crate::presentation::columns::{self, GridColumn};
use crate::presentation::labels;
use crate::ui::focus;
use crate::ui::widgets::icon::{Glyph, Icon};

/// The row of headers.
#[component]
pub(super) fn GridHead(state: GridState) -> impl IntoView {
    let session = state.session;
    let select_all = move || {
        if session.selection.with_untracked(|selection| selection.is_everything()) {
            session.select_nothing();
        } else {
            session.select_everything();
        }
    };
    let marked = move || {
        session.selection.with(|selection| {
            if selection.is_everything() {
                "true"
            } else if selection.is_empty() {
                "false"
            } else {
                "mixed"
            }
        })
    };
    view! {
        <div class="grid-head" role="row" aria-rowindex="1">
            <div
                class="cell marker"
                role="columnheader"
                aria-colindex="1"
                id=focus::head_id(0)
                tabindex=move || tab_index(state, 0)
                on:click=move |_| {
                    make_active(state, 0);
                    select_all();
                }
            >
                <span class="box" role="checkbox" aria-checked=marked aria-label="Select all that match">
                    <Icon glyph=Glyph::Check />
                </span>
            </div>
            {move || {
                state
                    .columns
                    .get()
                    .into_iter()
                    .map(|(index, column)| view! { <Header state=state index=index column=column /> })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn make_active(state: GridState, column: usize) {
    state.session.active.update(|cell| {
        cell.column = column;
        cell.in_header = true;
    });
}

fn tab_index(state: GridState, column: usize) -> &'static str {
    let active = state.session.active.get();
    if active.in_header && active.column == column { "0" } else { "-1" }
}

#[component]
fn Header(state: GridState, index: usize, column: GridColumn) -> impl IntoView {
    let session = state.session;
    let order = move || columns::aria_sort(session.sort.get(), column.column);
    // The active cell counts the marker as its first column.
    let place = index + 1;
    view! {
        <div
            class="cell header"
            class:number=column.column == Column::RetryCount
            role="columnheader"
            aria-colindex=(index + 2).to_string()
            aria-sort=order
            id=focus::head_id(place)
            tabindex=move || tab_index(state, place)
            on:click=move |_| {
                make_active(state, place);
                session.press_header(column.column);
            }
        >
            <span class="ellipsis">{labels::column(column.column)}</span>
            {(column.column == Column::OccurredAt)
                .then(|| view! { <span class="quiet-text">" UTC"</span> })}
            {move || match order() {
                "ascending" => Some(view! { <Icon glyph=Glyph::Up /> }),
                "descending" => Some(view! { <Icon glyph=Glyph::Down /> }),
                _ => None,
            }}
            <span
                class="resizer"
                aria-hidden="true"
                on:click=|event| event.stop_propagation()
                on:pointerdown=move |event| begin_resize(&event)
                on:pointermove=move |event| resize(state, index, &event)
            ></span>
        </div>
    }
}

fn begin_resize(event: &PointerEvent) {
    event.prevent_default();
    event.stop_propagation();
    if let Some(handle) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        // Without the capture the drag ends where the pointer leaves the handle; nothing breaks.
        let _captured = handle.set_pointer_capture(event.pointer_id());
    }
}

fn resize(state: GridState, index: usize, event: &PointerEvent) {
    let handle = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(handle) = handle.filter(|handle| handle.has_pointer_capture(event.pointer_id()))
    else {
        return;
    };
    let Some(header) = handle.parent_element() else { return };
    let left = header.get_bounding_client_rect().left();
    let width = columns::width(f64::from(event.client_x()) - left);
    state.widths.update(|widths| widths[index] = width);
}
