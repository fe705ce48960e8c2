//! Where the keyboard is: into the grid's cells, to the panes, and back after an action.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::session::{ActiveCell, Session};

/// Id of the element that scrolls the grid.
pub(super) const GRID: &str = "grid-scroller";

/// Id of a header cell's element. Cells of rows have none: their elements are those of other rows before and after.
pub(super) fn head_id(column: usize) -> String {
    format!("head-{column}")
}

/// The number of a row for those who hear the grid: the header is the first.
pub(super) fn row_number(row: usize) -> String {
    (row + 2).to_string()
}

/// The number of a column for those who hear the grid.
pub(super) fn column_number(column: usize) -> String {
    (column + 1).to_string()
}

/// Focuses an element by its id; without effect where there is none.
pub(super) fn to_id(id: &str) -> bool {
    html_element(document().get_element_by_id(id)).is_some_and(|element| to_element(&element))
}

fn html_element(element: Option<Element>) -> Option<HtmlElement> {
    element.and_then(|element| element.dyn_into().ok())
}

/// Focuses an element, and scrolls nothing.
pub(super) fn to_element(element: &HtmlElement) -> bool {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take the focus leaves it where it is.
    element.focus_with_options(&options).is_ok()
}

/// Focuses the first control inside an element, or the element itself.
pub(super) fn into(id: &str) {
    let Some(region) = document().get_element_by_id(id) else { return };
    const CONTROLS: &str =
        "button:not([disabled]), input:not([disabled]), select:not([disabled]), [tabindex='0']";
    let first: Option<HtmlElement> =
        region.query_selector(CONTROLS).ok().flatten().and_then(|found| found.dyn_into().ok());
    if let Some(control) = first {
        // A control that is not shown leaves the focus where it is.
        let _focused = control.focus();
    } else {
        to_id(id);
    }
}

/// The element that has the focus.
pub(super) fn current() -> Option<Element> {
    document().active_element()
}

/// Whether the focus is inside the grid.
pub(super) fn is_in_grid() -> bool {
    current().is_some_and(|element| element.closest(&format!("#{GRID}")).ok().flatten().is_some())
}

/// Whether keys belong to a text field.
pub(super) fn is_in_text() -> bool {
    current().is_some_and(|element| {
        let tag = element.tag_name();
        let kind = element.get_attribute("type").unwrap_or_default();
        tag == "TEXTAREA"
            || tag == "SELECT"
            || (tag == "INPUT" && !matches!(kind.as_str(), "checkbox" | "radio" | "button"))
    })
}

fn element_of(cell: ActiveCell) -> Option<Element> {
    if cell.in_header {
        return document().get_element_by_id(&head_id(cell.column));
    }
    let (row, column) = (row_number(cell.row), column_number(cell.column));
    let place = format!("#{GRID} [aria-rowindex='{row}'] > [aria-colindex='{column}']");
    document().query_selector(&place).ok().flatten()
}

/// Focuses the active cell once it is drawn, or the grid where the cell is not on the screen. Asked several times before
/// a frame, the last time counts: what is drawn for it was asked of the frame before that.
pub(super) fn to_cell(session: Session) {
    let asked = request_animation_frame_with_handle(move || {
        session.focusing.try_set_value(None);
        let found = html_element(element_of(session.active.get_untracked()));
        if !found.is_some_and(|cell| to_element(&cell)) {
            to_id(GRID);
        }
    });
    if let Some(earlier) = session.focusing.try_get_value().flatten() {
        earlier.cancel();
    }
    session.focusing.try_set_value(asked.ok());
}

/// Takes a focus that stayed with an element, while that came to show another row, to the active cell.
pub(super) fn follow_row(session: Session) {
    let active = session.active.get_untracked();
    let row = current().and_then(|element| element.closest(".grid-row").ok().flatten());
    let Some(row) = row else { return };
    if active.in_header || row.get_attribute("aria-rowindex") != Some(row_number(active.row)) {
        to_cell(session);
    }
}

/// Focuses the active cell once it is drawn, if the focus is in the grid now.
pub(super) fn restore_cell(session: Session) {
    if is_in_grid() {
        to_cell(session);
    }
}
